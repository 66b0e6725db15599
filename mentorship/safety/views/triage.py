"""What those who look into a concern do about it. Each is one button or one small form."""

from collections.abc import Callable
from uuid import UUID

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from mentorship.foundation import clock
from mentorship.foundation.errors import Refusal
from mentorship.safety import concerns, forms, queries
from mentorship.safety.models import Outcome
from mentorship.safety.queries import Found
from mentorship.safety.views import bp
from mentorship.safety.views.concerns import show
from mentorship.tenancy.access import current_member, requires
from mentorship.tenancy.roles import Permission, insist


@bp.post("/concerns/<uuid:concern_id>/look")
@requires(Permission.CONCERN_LOOK)
def look(concern_id: UUID) -> ResponseReturnValue:
    return _done(concern_id, concerns.look, "Whoever reported it now sees that it was looked at.")


@bp.post("/concerns/<uuid:concern_id>/take")
@requires(Permission.CONCERN_TAKE)
def take(concern_id: UUID) -> ResponseReturnValue:
    return _done(concern_id, concerns.take, "It is in hand.")


@bp.post("/concerns/<uuid:concern_id>/reopen")
@requires(Permission.CONCERN_REOPEN)
def reopen(concern_id: UUID) -> ResponseReturnValue:
    return _done(concern_id, concerns.reopen, "It is open again.")


@bp.post("/concerns/<uuid:concern_id>/apart")
@requires(Permission.CONCERN_WORK)
def keep_apart(concern_id: UUID) -> ResponseReturnValue:
    return _done(
        concern_id, concerns.keep_apart, "The two are kept apart. Neither is told by whom."
    )


@bp.post("/concerns/<uuid:concern_id>/together")
@requires(Permission.CONCERN_WORK)
def let_together(concern_id: UUID) -> ResponseReturnValue:
    said = "You no longer keep the two apart. A block that one of them has set stays."
    return _done(concern_id, concerns.let_together, said)


@bp.post("/concerns/<uuid:concern_id>/pass-on")
@requires(Permission.CONCERN_CLOSE)
def pass_on(concern_id: UUID) -> ResponseReturnValue:
    concerns.pass_on(_found(concern_id), by=current_member, now=clock.now())
    flash("Passed on. Somebody else looks into it from now on, and you no longer see it.", "good")
    return redirect(url_for(".concerns"), 303)


@bp.post("/concerns/<uuid:concern_id>/notes")
@requires(Permission.CONCERN_WORK)
def add_note(concern_id: UUID) -> ResponseReturnValue:
    found, form = _found(concern_id), forms.NoteForm()
    insist(Permission.CONCERN_WORK, found, by=current_member)
    if form.validate_on_submit():
        try:
            concerns.note(found, words=form.words.data or "", by=current_member, now=clock.now())
        except (concerns.NothingSaid, concerns.TooLong) as refusal:
            form.refuse(refusal, "words")
        else:
            return _back(found, "Note added.")
    return show(found, note=form)


@bp.post("/concerns/<uuid:concern_id>/close")
@requires(Permission.CONCERN_CLOSE)
def close(concern_id: UUID) -> ResponseReturnValue:
    found, form = _found(concern_id), forms.CloseForm()
    insist(Permission.CONCERN_CLOSE, found, by=current_member)
    if form.validate_on_submit():
        outcome = Outcome(form.outcome.data)
        try:
            concerns.close(found, outcome=outcome, by=current_member, now=clock.now())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return _back(found, "Closed. Whoever reported it sees what came of it.")
    return show(found, close=form)


def _found(concern_id: UUID) -> Found:
    return queries.concern(concern_id, member=current_member, for_update=True)


def _done(concern_id: UUID, verb: Callable[..., None], said: str) -> ResponseReturnValue:
    found = _found(concern_id)
    verb(found, by=current_member, now=clock.now())
    return _back(found, said)


def _back(found: Found, said: str) -> ResponseReturnValue:
    flash(said, "good")
    return redirect(url_for(".concern", concern_id=found.concern.id), 303)
