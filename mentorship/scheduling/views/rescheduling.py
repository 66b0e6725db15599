"""Moving an agreed meeting: proposing other times, and the answer to them."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from mentorship.foundation import clock, rates
from mentorship.foundation.errors import Refusal
from mentorship.scheduling import queries, requests, reschedules
from mentorship.scheduling.forms.booking import AgreeForm, RescheduleForm
from mentorship.scheduling.views import bp
from mentorship.scheduling.views.answering import free_week, why_not_now
from mentorship.scheduling.views.booking import looks
from mentorship.scheduling.views.meetings import refused
from mentorship.tenancy.access import current_member, only_looking, requires
from mentorship.tenancy.roles import Permission
from mentorship.web.filters import when
from mentorship.web.forms import Form
from mentorship.web.limits import limited


@bp.route("/meetings/<uuid:meeting_id>/reschedule", methods=["GET", "POST"])
@requires(Permission.MEETING_MOVE)
@limited(*rates.TO_OTHERS)
def reschedule(meeting_id: UUID) -> ResponseReturnValue:
    now = clock.now()
    asked = requests.one(meeting_id, member=current_member)
    form = RescheduleForm()
    form.between(zone=clock.zone(current_member.zone), may_type=asked.i_mentor)
    looking = looks()
    status = 200 if looking else form.status
    if looking:
        only_looking()
    elif form.validate_on_submit():
        try:
            reschedules.propose(
                queries.my_meeting(meeting_id, member=current_member),
                starts=list(form.starts.values()),
                word=form.word.data or "",
                by=current_member,
                now=now,
            )
        except reschedules.NotThen as refusal:
            where = next(name for name, at in form.starts.items() if at == refusal.starts_at)
            form.refuse(refusal, where)
        except Refusal as refusal:
            form.refuse(refusal)
            status = 409
        else:
            flash(f"Proposed. {asked.called} is asked. Until then the time stays as it is.", "good")
            return redirect(url_for(".meeting", meeting_id=meeting_id), 303)
    closed = why_not_now(asked, now=now)
    page = render_template(
        "scheduling/reschedule.html",
        form=form,
        asked=asked,
        closed=closed,
        week=None if closed else free_week(asked, form, now=now),
        moves_left=None if closed else reschedules.moves_left(meeting_id),
    )
    return page, status


@bp.post("/meetings/<uuid:meeting_id>/new-time")
@requires(Permission.MEETING_MOVE)
def agree_to_time(meeting_id: UUID) -> ResponseReturnValue:
    """The yes to one of the proposed times."""
    meeting = queries.my_meeting(meeting_id, member=current_member)
    form = AgreeForm()
    if not form.validate_on_submit() or form.at is None:
        return refused(meeting_id, Refusal("Choose one of the times."))
    try:
        reschedules.agree(meeting, starts_at=form.at, by=current_member, now=clock.now())
    except Refusal as refusal:
        return refused(meeting_id, refusal)
    at = when(meeting.starts_at, current_member.zone)
    flash(f"Moved: {at}. Both calendars are told.", "good")
    return _back(meeting_id)


@bp.post("/meetings/<uuid:meeting_id>/keep-time")
@requires(Permission.MEETING_MOVE)
def keep_time(meeting_id: UUID) -> ResponseReturnValue:
    """The meeting stays where it is."""
    meeting = queries.my_meeting(meeting_id, member=current_member)
    if Form().validate_on_submit():
        try:
            reschedules.keep(meeting, by=current_member, now=clock.now())
        except Refusal as refusal:
            return refused(meeting_id, refusal)
        at = when(meeting.starts_at, current_member.zone)
        flash(f"It stays: {at}.", "good")
    return _back(meeting_id)


def _back(meeting_id: UUID) -> ResponseReturnValue:
    return redirect(url_for(".meeting", meeting_id=meeting_id), 303)
