"""Signing in by a mailed link, and signing out."""

from uuid import UUID

from flask import (
    abort,
    current_app,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mentorship.accounts import forms, links
from mentorship.accounts import sign_in as door
from mentorship.accounts.sessions import Way
from mentorship.accounts.views import bp
from mentorship.foundation import clock
from mentorship.foundation.errors import Refusal

#: The longest address that somebody is led on to after signing in, in characters.
LONGEST_WAY_ON = 1000


@bp.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> ResponseReturnValue:
    if current_user.is_authenticated and request.method == "GET":
        return redirect(url_for("tenancy.choose_chapter"))
    form = forms.AskForLink()
    if form.validate_on_submit():
        _insist_on_moderation()
        links.ask(email=form.email.data, next_path=_ours(form.next.data))
        session["asked_for_link"] = form.email.data
        return redirect(url_for(".look_for_mail"), 303)
    if not form.is_submitted():
        form.next.data = _ours(request.args.get("next", ""))
    return render_template("accounts/sign_in.html", form=form), form.status


@bp.get("/sign-in/sent")
def look_for_mail() -> ResponseReturnValue:
    return render_template("accounts/look_for_mail.html", email=session.get("asked_for_link", ""))


@bp.get("/sign-in/<token>")
def show_link(token: str) -> ResponseReturnValue:
    """One button, and nothing happens before it is pressed: mail scanners follow links too."""
    page = render_template("accounts/use_link.html", form=forms.UseLink(), token=token)
    return page, {"Referrer-Policy": "no-referrer"}


@bp.post("/sign-in/<token>")
def use_link(token: str) -> ResponseReturnValue:
    try:
        user_id, next_path = links.redeem(
            token, secret=current_app.config["SECRET_KEY"], now=clock.now()
        )
    except Refusal as refusal:
        form = forms.AskForLink(formdata=None)
        form.refuse(refusal)
        return render_template("accounts/sign_in.html", form=form), 422
    _let_in(user_id)
    return redirect(next_path or url_for("tenancy.choose_chapter"), 303)


@bp.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    door.leave(now=clock.now())
    return redirect(url_for(".sign_in"), 303)


def _let_in(user_id: UUID) -> None:
    """Sign them in; if that is who is signed in here already, they have proven it once more."""
    now = clock.now()
    if current_user.is_authenticated and current_user.user_id == user_id:
        door.prove_again(way=Way.LINK, now=now)
    else:
        door.admit(user_id, way=Way.LINK, now=now)


def _insist_on_moderation() -> None:
    """:raises TooManyRequests: this place on the network asks for links all the time."""
    secret = current_app.config["SECRET_KEY"]
    if not links.may_ask(address=request.remote_addr or "", secret=secret, now=clock.now()):
        abort(429)


def _ours(path: str | None) -> str:
    """The path, if it is a place in this product; nothing if it leads anywhere else.

    It is kept with the link and sent on in a header, so it is a plain address of a fair length.
    """
    path = path or ""
    safe = len(path) <= LONGEST_WAY_ON and path.startswith(("/c/", "/account"))
    return path if safe and path.isprintable() and "\\" not in path else ""
