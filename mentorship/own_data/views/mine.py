"""“Your data”: what it is used for, a copy of everything, and deleting the account."""

from collections.abc import Iterator
from uuid import UUID

from flask import Response, flash, redirect, render_template, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mentorship.accounts.sign_in import fresh
from mentorship.foundation import clock, rates
from mentorship.foundation.database import transaction
from mentorship.foundation.errors import Refusal
from mentorship.own_data import agreeing, erasure, exports, forms
from mentorship.own_data.register import REGISTER, Fate
from mentorship.own_data.views import account
from mentorship.vocabulary.purposes import PURPOSES
from mentorship.web.forms import Form
from mentorship.web.labels import signed_in
from mentorship.web.limits import limited

#: A download is no page: it may not run, frame or load anything, whatever a browser takes it for.
NOTHING = "default-src 'none'; frame-ancestors 'none'; sandbox"


@account.get("/account/data")
@signed_in
def show() -> str:
    return _page()


@account.post("/account/data/copy")
@signed_in
@fresh
@limited(rates.EXPORTS)
def ask_for_copy() -> ResponseReturnValue:
    try:
        exports.ask(current_user.user_id, now=clock.now())
    except Refusal as refusal:
        form = Form(formdata=None)
        form.refuse(refusal)
        return _page(form), 422
    flash("Your copy is being made. We mail you when it can be fetched.", "good")
    return redirect(url_for(".show", _anchor="copy"), 303)


@account.get("/account/data/copy/<uuid:export_id>")
@signed_in
@fresh
def fetch_copy(export_id: UUID) -> ResponseReturnValue:
    """The archive itself. That it was fetched is noted before the first byte is sent."""
    now = clock.now()
    with transaction():
        size, parts = exports.fetch(current_user.user_id, export_id, now=now)
    return attachment(parts, size=size, name=f"curbside-{now:%Y-%m-%d}.zip")


@account.route("/account/data/groups", methods=["GET", "POST"])
@signed_in
def groups() -> ResponseReturnValue:
    """Take a yes back, in every chapter; the next matching run knows nothing of it."""
    form, now = Form(), clock.now()
    if form.validate_on_submit():
        agreeing.take_back(current_user.user_id, now=now)
        flash("Your groups are deleted. No matching run counts them from now on.", "good")
        return redirect(url_for(".show"), 303)
    return render_template("own_data/groups.html", form=form), form.status


@account.route("/account/data/delete", methods=["GET", "POST"])
@signed_in
@fresh
def delete() -> ResponseReturnValue:
    form, now = forms.DeleteAccountForm(), clock.now()
    if form.validate_on_submit():
        try:
            erasure.ask(current_user.user_id, typed=form.email.data or "", now=now)
        except erasure.NotYourAddress as refusal:
            form.refuse(refusal, "email")
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return redirect(url_for(".show"), 303)
    told = {
        fate: [one.title for one in REGISTER if one.exported and one.fate is fate] for fate in Fate
    }
    page = render_template("own_data/delete.html", form=form, told=told)
    return page, form.status


@account.post("/account/data/keep")
@signed_in
def keep() -> ResponseReturnValue:
    if erasure.call_off(current_user.user_id, now=clock.now()):
        flash("Your account stays as it is.", "good")
    return redirect(url_for(".show"), 303)


def attachment(parts: Iterator[bytes], *, size: int, name: str) -> Response:
    """An archive to be saved, never shown and never kept on the way."""
    answer = Response(stream_with_context(parts), mimetype="application/zip")
    answer.content_length = size
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Content-Security-Policy"] = NOTHING
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _page(form: Form | None = None) -> str:
    user_id = current_user.user_id
    agreed = agreeing.agreed_in(user_id)
    return render_template(
        "own_data/mine.html",
        form=form,
        purposes=PURPOSES,
        agreed=agreed,
        copy=exports.newest(user_id),
        now=clock.now(),
        erasure=erasure.asked(user_id),
    )
