"""Passkeys: signing in with one, proving with one who you are, and looking after them.

The script (static/passkeys.js) asks here what its device has to sign, and sends the answer as a
form. Without the script, or on a device that knows no passkeys, no page offers them.
"""

from uuid import UUID

from flask import Response, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mentorship.accounts import devices, forms, place
from mentorship.accounts import sign_in as door
from mentorship.accounts.passkeys import ceremonies, challenges, keys
from mentorship.accounts.passkeys.ceremonies import Site
from mentorship.accounts.passkeys.challenges import Act
from mentorship.accounts.passkeys.keys import PasskeyCard
from mentorship.accounts.place import WayIn
from mentorship.accounts.sessions import Way
from mentorship.accounts.sign_in import fresh
from mentorship.accounts.views import bp
from mentorship.accounts.views.signing_in import ours, sign_in_page
from mentorship.foundation import clock, rates
from mentorship.foundation.errors import NotYours, Refusal
from mentorship.web.labels import open_to, signed_in
from mentorship.web.limits import limited

_KEPT = "passkey_challenge"


@bp.get("/sign-in/passkey/options")
@open_to("anybody: a random number to sign, the same for everybody")
def ask_passkey() -> ResponseReturnValue:
    return _json(ceremonies.ask_to_prove(_site(), challenge=_challenge(Act.SIGN_IN)))


@bp.route("/sign-in/passkey", methods=["GET", "POST"])
@open_to("whoever's device holds a passkey")
@limited(rates.PASSKEY_TRIES)
def use_passkey() -> ResponseReturnValue:
    if request.method == "GET":  # somebody who reloads the page that said no
        return redirect(url_for(".sign_in"))
    form, now = forms.Passkey(), clock.now()
    try:
        user_id = keys.prove(
            form.credential.data or "", challenge=_spent(Act.SIGN_IN), site=_site(), now=now
        )
    except Refusal as refusal:
        again = forms.AskForLink(formdata=None)
        again.next.data = ours(form.next.data)
        again.refuse(refusal)
        return sign_in_page(again), 422
    door.admit(user_id, way=Way.PASSKEY, now=now)
    return redirect(ours(form.next.data) or url_for("tenancy.choose_chapter"), 303)


@bp.get("/account/confirm/passkey/options")
@signed_in
def ask_passkey_again() -> ResponseReturnValue:
    held = keys.held_by(current_user.user_id)
    return _json(ceremonies.ask_to_prove(_site(), challenge=_challenge(Act.CONFIRM), among=held))


@bp.post("/account/confirm/passkey")
@signed_in
@limited(rates.PASSKEY_TRIES)
def confirm_by_passkey() -> ResponseReturnValue:
    form, now = forms.Passkey(), clock.now()
    way_on = ours(form.next.data)
    try:
        keys.prove(
            form.credential.data or "",
            challenge=_spent(Act.CONFIRM),
            site=_site(),
            now=now,
            by=current_user.user_id,
        )
    except Refusal as refusal:
        flash(str(refusal), "bad")
        return redirect(url_for(".confirm", next=way_on or None), 303)
    door.prove_again(way=Way.PASSKEY, now=now)
    return redirect(way_on or url_for(".account"), 303)


@bp.get("/account/passkeys/options")
@signed_in
@fresh
def ask_new_passkey() -> ResponseReturnValue:
    have = keys.held_by(current_user.user_id)
    return _json(
        ceremonies.ask_to_add(
            _site(),
            challenge=_challenge(Act.ADD),
            user_id=current_user.user_id,
            email=current_user.email,
            have=have,
        )
    )


@bp.route("/account/passkeys/add", methods=["GET", "POST"])
@signed_in
@fresh
def add_passkey() -> ResponseReturnValue:
    form = forms.AddPasskey(name=devices.named(request.user_agent.string))
    if form.validate_on_submit():
        now = clock.now()
        try:
            keys.add(
                form.credential.data or "",
                name=form.name.data,
                challenge=_spent(Act.ADD),
                site=_site(),
                by=current_user.user_id,
                now=now,
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(f"{form.name.data} can sign you in from now on.")
            return redirect(url_for(".account"), 303)
    return render_template("accounts/passkeys/add.html", form=form), form.status


@bp.route("/account/passkeys/<uuid:passkey_id>", methods=["GET", "POST"])
@signed_in
@fresh
def change_passkey(passkey_id: UUID) -> ResponseReturnValue:
    passkey = keys.find(passkey_id, by=current_user.user_id)
    form = forms.NamePasskey(name=passkey.name)
    if form.validate_on_submit():
        keys.rename(passkey, name=form.name.data, by=current_user.user_id, now=clock.now())
        flash(f"That passkey is called {form.name.data} now.")
        return redirect(url_for(".account"), 303)
    page = render_template("accounts/passkeys/change.html", form=form, passkey=passkey)
    return page, form.status


@bp.post("/account/passkeys/<uuid:passkey_id>/remove")
@signed_in
@fresh
def remove_passkey(passkey_id: UUID) -> ResponseReturnValue:
    passkey = keys.find(passkey_id, by=current_user.user_id)
    keys.remove(passkey, by=current_user.user_id, now=clock.now())
    flash(f"{passkey.name} signs nobody in anymore. You may delete it from your device, too.")
    return redirect(url_for(".account"), 303)


def _held(user_id: UUID) -> list[PasskeyCard] | None:
    """A person's passkeys; None where passkeys do not work at all."""
    site = ceremonies.site(current_app.config["SETTINGS"])
    return keys.mine(user_id) if site else None


place.also(WayIn("accounts/passkeys/listed.html", "accounts/passkeys/confirms.html", _held))


def _site() -> Site:
    """:raises NotYours: passkeys do not work where this product is served."""
    site = ceremonies.site(current_app.config["SETTINGS"])
    if site is None:
        raise NotYours
    return site


def _challenge(act: Act) -> bytes:
    """A fresh challenge, kept for this browser; the one before it is forgotten."""
    challenge = challenges.make(act, now=clock.now())
    session[_KEPT] = challenge.kept()
    return challenge.value


def _spent(act: Act) -> bytes:
    """:raises Expired: this browser has none for this act, or it was used."""
    return challenges.spend(session.pop(_KEPT, None), act, now=clock.now())


def _json(options: str) -> Response:
    return Response(options, mimetype="application/json")
