"""Where a pairing stands, changed by one of the two: a pause, an end, and both taken back."""

from uuid import UUID

from flask import flash, request
from flask.typing import ResponseReturnValue

from mentorship.foundation import clock
from mentorship.foundation.errors import Refusal
from mentorship.relationships import forms, partings, pauses, rematch
from mentorship.relationships.models import OPEN, UNDER_WAY, PairingState, Why
from mentorship.relationships.views import bp
from mentorship.relationships.views.found import called_here, mine, other_of, page, to
from mentorship.tenancy.access import current_member, requires
from mentorship.tenancy.roles import Permission
from mentorship.web.filters import long_day


@bp.route("/pairings/<uuid:pairing_id>/pause", methods=["GET", "POST"])
@requires(Permission.PAIRING_PAUSE)
def pause(pairing_id: UUID) -> ResponseReturnValue:
    pairing = mine(pairing_id)
    other = other_of(pairing)
    if request.method == "GET" and pairing.state not in UNDER_WAY:
        return to(pairing)
    form = forms.PauseForm()
    if form.validate_on_submit():
        until = form.until.data
        try:
            pauses.pause(
                pairing, why=form.why.data or "", until=until, by=current_member, now=clock.now()
            )
        except pauses.NotThatDay as refusal:
            form.refuse(refusal, "until")
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            back = f"until {long_day(until)}" if until else "until one of you resumes it"
            flash(f"Paused {back}. {called_here(pairing, other)} is told.", "good")
            return to(pairing)
    return page("pause", form, pairing, other)


@bp.post("/pairings/<uuid:pairing_id>/resume")
@requires(Permission.PAIRING_RESUME)
def resume(pairing_id: UUID) -> ResponseReturnValue:
    pairing = mine(pairing_id)
    try:
        pauses.resume(pairing, by=current_member, now=clock.now())
    except Refusal as refusal:
        flash(str(refusal), "warn")
    else:
        flash(f"Welcome back. {called_here(pairing, other_of(pairing))} is told.", "good")
    return to(pairing)


@bp.route("/pairings/<uuid:pairing_id>/end", methods=["GET", "POST"])
@requires(Permission.PAIRING_END)
def end(pairing_id: UUID) -> ResponseReturnValue:
    pairing = mine(pairing_id)
    other = other_of(pairing)
    if pairing.state not in OPEN and request.method == "GET":
        return to(pairing)
    form = forms.EndForm()
    if form.validate_on_submit():
        try:
            partings.finish(
                pairing,
                state=PairingState(form.state.data),
                words=form.words.data or "",
                why=Why(form.why.data) if form.why.data else None,
                in_private=form.in_private.data or "",
                tell=form.tell.data,
                another=form.another.data,
                by=current_member,
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(f"The pairing with {called_here(pairing, other)} has ended.", "good")
            return to(pairing)
    return page("end", form, pairing, other)


@bp.post("/pairings/<uuid:pairing_id>/reopen")
@requires(Permission.PAIRING_REOPEN)
def reopen(pairing_id: UUID) -> ResponseReturnValue:
    """Take back an ending of one's own."""
    pairing = mine(pairing_id)
    try:
        partings.reopen(pairing, by=current_member, now=clock.now())
    except Refusal as refusal:
        flash(str(refusal), "warn")
    else:
        flash(f"Open again. {called_here(pairing, other_of(pairing))} is told.", "good")
    return to(pairing)


@bp.post("/pairings/<uuid:pairing_id>/rematch")
@requires(Permission.REMATCH_WISH)
def wish_for_another(pairing_id: UUID) -> ResponseReturnValue:
    """Ask for another mentor; sent with `withdraw`, ask no more."""
    pairing = mine(pairing_id)
    withdraw = bool(request.form.get("withdraw"))
    try:
        verb = rematch.withdraw if withdraw else rematch.wish
        verb(pairing, by=current_member, now=clock.now())
    except Refusal as refusal:
        flash(str(refusal), "warn")
    else:
        said = "Taken back." if withdraw else "Noted. Your coordinators and the next run see it."
        flash(said, "good")
    return to(pairing)
