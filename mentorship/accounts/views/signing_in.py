"""Signing in by a mailed link, and signing out."""

from flask import current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mentorship.accounts import asking, elsewhere, forms, links
from mentorship.accounts import sign_in as door
from mentorship.accounts.links import Waiting
from mentorship.accounts.passkeys import ceremonies
from mentorship.accounts.sessions import Way
from mentorship.accounts.views import bp
from mentorship.foundation import clock
from mentorship.foundation.errors import Refusal
from mentorship.web.forms import Form
from mentorship.web.labels import open_to

#: The longest address that somebody is led on to after signing in, in characters.
LONGEST_WAY_ON = 1000
#: A link is a key: no page that it leads to tells others where it was.
NO_REFERRER = {"Referrer-Policy": "no-referrer"}


@bp.route("/sign-in", methods=["GET", "POST"])
@open_to("anybody: it lets nobody in, and answers alike for every address")
def sign_in() -> ResponseReturnValue:
    if current_user.is_authenticated and request.method == "GET":
        return redirect(url_for("tenancy.choose_chapter"))
    form = forms.AskForLink()
    if form.validate_on_submit():
        asking.ask(form.email.data, next_path=ours(form.next.data))
        return redirect(url_for(".look_for_mail"), 303)
    if not form.is_submitted():
        form.next.data = ours(request.args.get("next", ""))
    return sign_in_page(form), form.status


@bp.get("/sign-in/sent")
@open_to("anybody: it shows what this browser has typed")
def look_for_mail() -> ResponseReturnValue:
    return _look_for_mail(forms.UseCode())


@bp.post("/sign-in/sent")
@open_to("the browser that asked for a link, with the code that the link shows")
def use_code() -> ResponseReturnValue:
    """Sign in by the code of the link that this browser has asked for."""
    form = forms.UseCode()
    if not (link_id := asking.asked()):
        return redirect(url_for(".sign_in"), 303)
    if form.validate_on_submit():
        try:
            link = links.redeem_code(link_id, form.code.data, secrets=_secrets(), now=clock.now())
        except Refusal as refusal:
            form.refuse(refusal, "code")
        else:
            return _let_in(link)
    return _look_for_mail(form), form.status


@bp.get("/sign-in/<token>")
@open_to("whoever has the link from the mail: it lets nobody in")
def show_link(token: str) -> ResponseReturnValue:
    """One button, and nothing happens before it is pressed: mail scanners follow links too."""
    try:
        link = links.find(token, secrets=_secrets(), now=clock.now())
    except Refusal as refusal:
        if current_user.is_authenticated:  # the mail was opened again, after it had done its work
            return redirect(url_for("tenancy.choose_chapter"))
        return _not_anymore(refusal), 410, NO_REFERRER
    return _link_page(link, token, forms.UseLink()), NO_REFERRER


@bp.post("/sign-in/<token>")
@open_to("whoever has the link from the mail, in the browser that asked or with the address")
def use_link(token: str) -> ResponseReturnValue:
    form, now = forms.UseLink(), clock.now()
    try:
        link = links.find(token, secrets=_secrets(), now=now)
        links.redeem(link, asked=asking.asked(), email=form.email.data or "", now=now)
    except links.AskedElsewhere as refusal:
        form.refuse(refusal, "email")
        return _link_page(link, token, form), 422, NO_REFERRER
    except Refusal as refusal:
        return _not_anymore(refusal), 422, NO_REFERRER
    return _let_in(link)


@bp.post("/sign-out")
@open_to("anybody: it ends what the browser itself holds")
def sign_out() -> ResponseReturnValue:
    onward = elsewhere.on_leaving(*door.begun_elsewhere())
    door.leave(now=clock.now())
    if onward is None:
        return redirect(url_for(".sign_in"), 303)
    # No redirect: a form's answer may not lead to another site by one (form-action).
    page = render_template("accounts/signing_out.html", name=onward.name, address=onward.address)
    return page, {"Refresh": f"0; url={onward.address}", **NO_REFERRER}


def sign_in_page(form: Form) -> str:
    """The page with every way in, and the form of the mailed link as it is."""
    passkeys = ceremonies.site(current_app.config["SETTINGS"]) is not None
    offers = elsewhere.at_the_door(next_path=form.next.data or "")
    return render_template("accounts/sign_in.html", form=form, passkeys=passkeys, offers=offers)


def ours(path: str | None) -> str:
    """The path, if it is a place in this product; nothing if it leads anywhere else.

    It is kept with the link and sent on in a header, so it is a plain address of a fair length.
    """
    path = path or ""
    safe = len(path) <= LONGEST_WAY_ON and path.startswith(("/c/", "/account"))
    return path if safe and path.isprintable() and "\\" not in path else ""


def _look_for_mail(form: forms.UseCode) -> str:
    email = asking.asked_by()
    offers = elsewhere.at_the_door(email=email)
    return render_template("accounts/look_for_mail.html", form=form, email=email, offers=offers)


def _link_page(link: Waiting, token: str, form: forms.UseLink) -> str:
    if not link.is_bound or link.id == asking.asked():
        return render_template("accounts/use_link.html", form=form, token=token)
    settings, ago = current_app.config["SETTINGS"], clock.now() - link.asked_at
    return render_template(
        "accounts/asked_elsewhere.html",
        form=form,
        token=token,
        code=links.code(link.id, secret=settings.secret_key),
        asked_from=link.asked_from,
        minutes=int(ago.total_seconds() // 60),
        host=settings.host_name,
    )


def _not_anymore(refusal: Refusal) -> str:
    form = forms.AskForLink(formdata=None)
    form.refuse(refusal)
    return sign_in_page(form)


def _let_in(link: Waiting) -> ResponseReturnValue:
    """Sign them in; if that is who is signed in here already, they have proven it once more."""
    now = clock.now()
    if current_user.is_authenticated and current_user.user_id == link.user_id:
        door.prove_again(way=Way.LINK, now=now)
        asking.forget()
    else:
        door.admit(link.user_id, way=Way.LINK, now=now)
    return redirect(link.next_path or url_for("tenancy.choose_chapter"), 303)


def _secrets() -> tuple[str, ...]:
    return current_app.config["SETTINGS"].secrets
