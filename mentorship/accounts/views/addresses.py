"""Changing one's own email address, and having that undone from the old one."""

from flask import current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mentorship.accounts import addresses, forms
from mentorship.accounts.sign_in import fresh
from mentorship.accounts.views import bp
from mentorship.accounts.views.signing_in import NO_REFERRER
from mentorship.foundation import clock, rates
from mentorship.foundation.errors import Refusal
from mentorship.web.forms import Form
from mentorship.web.labels import open_to, signed_in
from mentorship.web.limits import limited


@bp.route("/account/address", methods=["GET", "POST"])
@signed_in
@fresh
@limited(rates.ADDRESSES)
def change_address() -> ResponseReturnValue:
    form = forms.NewAddress()
    if form.validate_on_submit():
        try:
            addresses.ask(current_user.user_id, email=form.email.data, now=clock.now())
        except Refusal as refusal:
            form.refuse(refusal, "email")
        else:
            flash(f"If {form.email.data} can be yours, a link is on its way there.", "good")
            return redirect(url_for(".account"), 303)
    return render_template("accounts/change_address.html", form=form), form.status


@bp.route("/account/address/<token>", methods=["GET", "POST"])
@signed_in
def take_address(token: str) -> ResponseReturnValue:
    """The link to the new address. One button, and nothing happens before it is pressed."""
    form, me, secrets, now = Form(), current_user.user_id, _secrets(), clock.now()
    email = ""
    try:
        if form.validate_on_submit():
            email = addresses.change(token, by=me, secrets=secrets, now=now)
            flash(f"You sign in with {email} from now on.", "good")
            return redirect(url_for(".account"), 303)
        email = addresses.look(token, by=me, secrets=secrets, now=now)
    except Refusal as refusal:
        form.refuse(refusal)
    page = render_template("accounts/take_address.html", form=form, token=token, email=email)
    return page, 422 if form.errors else 200, NO_REFERRER


@bp.route("/sign-in/undo/<token>", methods=["GET", "POST"])
@open_to("whoever has the link from the mail to the old address, for a week")
@limited(rates.MAIL_KEYS)
def undo_address(token: str) -> ResponseReturnValue:
    """The link to the old address. One button, and nothing happens before it is pressed."""
    form, secrets, now = Form(), _secrets(), clock.now()
    email = ""
    try:
        if form.validate_on_submit():
            email = addresses.undo(token, secrets=secrets, now=now)
            words = f"Your account has {email} again, and everybody was signed out of it."
            flash(words, "good")
            return redirect(url_for(".sign_in"), 303)
        email = addresses.look_back(token, secrets=secrets, now=now)
    except Refusal as refusal:
        form.refuse(refusal)
    page = render_template("accounts/undo_address.html", form=form, token=token, email=email)
    return page, 422 if form.errors else 200, NO_REFERRER


def _secrets() -> tuple[str, ...]:
    return current_app.config["SETTINGS"].secrets
