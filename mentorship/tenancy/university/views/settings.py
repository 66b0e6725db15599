"""Where a coordinator sets sign-in through the university up, tries it, and switches it on."""

from flask import current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from mentorship.accounts.sign_in import fresh
from mentorship.foundation import clock, rates, sealing
from mentorship.foundation.errors import Refusal
from mentorship.tenancy.access import current_chapter, current_member, only_looking, requires
from mentorship.tenancy.roles import Permission
from mentorship.tenancy.university import arrivals, checking, intents, providers, relying
from mentorship.tenancy.university.checking import Checked
from mentorship.tenancy.university.forms import ProviderForm
from mentorship.tenancy.university.intents import Intent
from mentorship.tenancy.university.models import Provider
from mentorship.tenancy.university.views import bp
from mentorship.tenancy.university.views.at_the_door import TRIED
from mentorship.web.forms import Form
from mentorship.web.limits import limited


@bp.route("/settings/sign-in", methods=["GET", "POST"])
@requires(Permission.UNIVERSITY_SET)
@fresh
def set_up() -> ResponseReturnValue:
    form, provider = ProviderForm(), providers.here()
    if form.validate_on_submit():
        try:
            providers.save(
                form.choices(),
                by=current_member,
                settings=current_app.config["SETTINGS"],
                now=clock.now(),
            )
        except providers.BadDomain as refusal:
            form.refuse(refusal, "domains")
        except Refusal as refusal:
            form.refuse(refusal, _field_of(refusal))
        else:
            flash("Saved. Nobody is let in by it before it is switched on.", "good")
            return redirect(url_for(".set_up"), 303)
    elif not form.is_submitted() and provider is not None:
        form.show(provider)
    return _page(form, provider), form.status


@bp.post("/settings/sign-in/check")
@requires(Permission.UNIVERSITY_SET)
@fresh
@limited(rates.UNIVERSITY_CHECKS)
def check() -> ResponseReturnValue:
    """Try the connection, and show every step of it."""
    provider = _provider()
    form = ProviderForm(formdata=None)
    form.show(provider)
    settings = current_app.config["SETTINGS"]
    try:
        client = providers.client(provider, settings=settings)
    except sealing.Sealed:
        steps = [Checked("Its secret", "It cannot be opened anymore. Type it once more.")]
    else:
        only_looking()
        try:
            with relying.room():
                steps = checking.check(client, redirect_uri=_redirect_uri())
        except relying.Refused as no:
            steps = [Checked("Its server", no.reason.sentence)]
    return _page(form, provider, steps=steps)


@bp.post("/settings/sign-in/try")
@requires(Permission.UNIVERSITY_SET)
@fresh
def try_out() -> ResponseReturnValue:
    """Sign in as a test: the whole way there and back."""
    _provider()
    return _to_the_university(Intent.TRY)


@bp.post("/settings/sign-in/on")
@requires(Permission.UNIVERSITY_SET)
@fresh
def switch_on() -> ResponseReturnValue:
    providers.switch_on(by=current_member, now=clock.now())
    flash("People can sign in through your university now. Links by mail go on working.", "good")
    return redirect(url_for(".set_up"), 303)


@bp.post("/settings/sign-in/off")
@requires(Permission.UNIVERSITY_SET)
@fresh
def switch_off() -> ResponseReturnValue:
    providers.switch_off(by=current_member, now=clock.now())
    flash("Nobody signs in through your university for now.", "good")
    return redirect(url_for(".set_up"), 303)


@bp.route("/settings/sign-in/remove", methods=["GET", "POST"])
@requires(Permission.UNIVERSITY_SET)
@fresh
def remove() -> ResponseReturnValue:
    form, provider = Form(), providers.here()
    if provider is None:
        return redirect(url_for(".set_up"), 303)
    if form.validate_on_submit():
        providers.remove(by=current_member, now=clock.now())
        flash("It is forgotten. People sign in by mail or with a passkey.", "good")
        return redirect(url_for(".set_up"), 303)
    page = render_template("tenancy/university/remove.html", form=form, provider=provider)
    return page, form.status


@bp.post("/university/connect")
@requires(Permission.CHAPTER_SEE)
@fresh
def connect() -> ResponseReturnValue:
    """Connect one's account with the one at the university."""
    return _to_the_university(Intent.CONNECT)


@bp.post("/university/disconnect")
@requires(Permission.CHAPTER_SEE)
@fresh
def disconnect() -> ResponseReturnValue:
    arrivals.disconnect(by=current_member, now=clock.now())
    flash("Your university cannot sign you in anymore.", "good")
    return redirect(url_for("accounts.account"), 303)


@bp.post("/university/again")
@requires(Permission.CHAPTER_SEE)
def again() -> ResponseReturnValue:
    """Prove once more who one is, at the university."""
    return _to_the_university(Intent.AGAIN)


def _to_the_university(intent: Intent) -> ResponseReturnValue:
    word = intents.sign(
        intent,
        user_id=current_member.user_id,
        secret=current_app.config["SECRET_KEY"],
        now=clock.now(),
    )
    way_on = request.form.get("next") or None
    slug = current_chapter.slug
    there = url_for("university_doors.begin", chapter_slug=slug, next=way_on, meant=word)
    return redirect(there, 303)


def _page(
    form: ProviderForm, provider: Provider | None, *, steps: list[Checked] | None = None
) -> str:
    return render_template(
        "tenancy/university/set_up.html",
        form=form,
        provider=provider,
        steps=steps or [],
        tried=session.pop(TRIED, None),
        redirect_uri=_redirect_uri(),
        signed_out_uri=url_for(
            "university_doors.signed_out", chapter_slug=current_chapter.slug, _external=True
        ),
        today=clock.day(clock.now(), current_chapter.zone),
    )


def _provider() -> Provider:
    provider = providers.here()
    if provider is None:
        raise providers.NotSetUp
    return provider


def _redirect_uri() -> str:
    slug = current_chapter.slug
    return url_for("university_doors.callback", chapter_slug=slug, _external=True)


def _field_of(refusal: Refusal) -> str:
    return next((name for kind, name in _FIELDS.items() if isinstance(refusal, kind)), "")


_FIELDS: dict[type[Refusal], str] = {
    providers.NoName: "name",
    providers.BadIssuer: "issuer",
    providers.NotOneTenant: "issuer",
    providers.NoClient: "client_id",
    providers.NoSecret: "secret",
    providers.SecretOfAnother: "secret",
    providers.NoDomain: "domains",
    providers.NoClaim: "claim_name",
}
