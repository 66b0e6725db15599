"""Standing meetings: proposing one, answering, and stopping it, on one page for each pairing."""

from datetime import datetime
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from mentorship.foundation import clock, rates
from mentorship.foundation.errors import NotYours, Refusal
from mentorship.scheduling import picker
from mentorship.scheduling import queries as scheduling
from mentorship.scheduling.forms.standing import StandingForm, StopForm, WordForm
from mentorship.scheduling.holds import StudentBusy
from mentorship.scheduling.queries import Bookable
from mentorship.scheduling.standing import queries, series
from mentorship.scheduling.standing.models import StandingMeeting
from mentorship.scheduling.standing.queries import Opened
from mentorship.scheduling.views import bp
from mentorship.scheduling.views.booking import BESIDE, looks, week_of
from mentorship.tenancy.access import current_member, only_looking, requires
from mentorship.tenancy.roles import Permission
from mentorship.web.filters import when
from mentorship.web.forms import Form
from mentorship.web.limits import limited

#: Beside which field a refusal is shown; any other stands above the form.
_FIELD: dict[type[Refusal], str] = BESIDE | {
    StudentBusy: "slot",
    series.FirstNotFree: "slot",
    series.NoSuchInterval: "every",
    series.NoSuchEnd: "until",
}


@bp.route("/pairings/<uuid:pairing_id>/standing", methods=["GET", "POST"])
@requires(Permission.STANDING_PROPOSE)
@limited(*rates.TO_OTHERS)
def standing(pairing_id: UUID) -> ResponseReturnValue:
    looking = looks()
    if looking:
        only_looking()
    shown = queries.opened(pairing_id, member=current_member)
    form = StandingForm()
    if form.is_submitted():
        _offer(form, queries.mentor_of(shown), shown)
    if looking:
        return _page(shown, form, status=200)
    if form.validate_on_submit() and form.starts_at:
        try:
            series.propose(
                pairing=shown.pairing,
                starts_at=form.starts_at,
                minutes=form.minutes.data,
                every=int(form.every.data),
                until=form.last_day,
                times=form.count,
                purpose=form.purpose.data or "",
                by=current_member,
                now=clock.now(),
            )
        except Refusal as refusal:
            field = _FIELD.get(type(refusal), "")
            form.refuse(refusal, "at" if field == "slot" and form.types else field)
        else:
            flash(
                f"Proposed. {shown.called} is asked, once for all dates, and the first is held.",
                "good",
            )
            return _back(pairing_id)
    return _page(shown, form)


@bp.post("/pairings/<uuid:pairing_id>/standing/agree")
@requires(Permission.STANDING_ANSWER)
def agree_to_standing(pairing_id: UUID) -> ResponseReturnValue:
    shown = queries.opened(pairing_id, member=current_member)
    form = Form()
    if form.validate_on_submit():
        try:
            series.agree(_of(shown), by=current_member, now=clock.now())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash("Agreed. The invitations to the first dates are on their way.", "good")
            return _back(pairing_id)
    return _page(shown, form)


@bp.post("/pairings/<uuid:pairing_id>/standing/close")
@requires(Permission.STANDING_ANSWER)
def close_standing(pairing_id: UUID) -> ResponseReturnValue:
    """The no to a proposal, or taking it back."""
    shown = queries.opened(pairing_id, member=current_member)
    form = WordForm()
    if form.validate_on_submit():
        try:
            series.close(_of(shown), word=form.word.data or "", by=current_member, now=clock.now())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(f"{shown.called} is told. The two of you stay paired.")
            return _back(pairing_id)
    return _page(shown, form)


@bp.post("/pairings/<uuid:pairing_id>/standing/stop")
@requires(Permission.STANDING_STOP)
def stop_standing(pairing_id: UUID) -> ResponseReturnValue:
    shown = queries.opened(pairing_id, member=current_member)
    form = StopForm()
    _offer_dates(form, shown)
    if form.validate_on_submit():
        try:
            series.stop(
                _of(shown),
                word=form.word.data or "",
                since=form.starts_at,
                by=current_member,
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(f"Stopped. {shown.called} is told, and the dates leave both calendars.")
            return _back(pairing_id)
    return _page(shown, form)


def _page(shown: Opened, sent: Form, *, status: int = 0) -> ResponseReturnValue:
    """The standing meeting of a pairing, or the form for one. `sent` keeps what was typed."""
    now = clock.now()
    form, mentor, dates, picking = None, None, [], {}
    if shown.under_way and not shown.agreed:
        mentor = queries.mentor_of(shown)
    if shown.standing and shown.waits and mentor:
        dates = queries.preview(shown.standing, mentor, now=now)
    elif shown.standing and shown.agreed:
        dates = queries.dates(shown.standing, now=now)
    elif mentor and mentor.lengths:
        form = sent if isinstance(sent, StandingForm) else StandingForm(formdata=None)
        _offer(form, mentor, shown)
        picking = _picking(form, mentor, shown, now=now)
    # Once it is agreed on, what came back may be the no to a proposal, and the page stops dates.
    wanted = StopForm if shown.agreed else WordForm
    word_form = sent if isinstance(sent, wanted) else StopForm(formdata=None)
    if isinstance(word_form, StopForm):
        word_form.offer([(one.starts_at, _when(one)) for one in dates if one.is_set])
    page = render_template(
        "scheduling/standing.html",
        shown=shown,
        dates=dates,
        form=form,
        word_form=word_form,
        sent=sent,
        mentor=mentor,
        **picking,
    )
    return page, status or sent.status


def _offer(form: StandingForm, mentor: Bookable, shown: Opened) -> None:
    form.offer(mentor, zone=clock.zone(current_member.zone), may_type=shown.i_mentor)


def _picking(
    form: StandingForm, mentor: Bookable, shown: Opened, *, now: datetime
) -> dict[str, object]:
    """The length that times are shown for, and a week of those that are free for the two."""
    minutes = form.length(mentor.lengths, wanted=request.args.get("minutes", 0, type=int))
    free = scheduling.free_starts(
        mentor, with_user_id=shown.mentee.user_id, minutes=minutes, now=now
    )
    # Of a time that comes twice, as the mentor's clocks go back, it is the first.
    starts = [at for at in free if not at.astimezone(mentor.zone).fold]
    week = week_of(
        starts,
        mentor,
        minutes=minutes,
        other=picker.Other(shown.called, clock.zone(shown.other.zone)),
        chosen=None if form.types else form.starts_at,
        now=now,
    )
    return {"minutes": minutes, "week": week}


def _offer_dates(form: StopForm, shown: Opened) -> None:
    if shown.standing and shown.agreed:
        dates = queries.dates(shown.standing, now=clock.now())
        form.offer([(one.starts_at, _when(one)) for one in dates if one.is_set])


def _when(date: queries.DateLine) -> str:
    return when(date.starts_at, current_member.zone)


def _of(shown: Opened) -> StandingMeeting:
    if shown.standing is None:
        raise NotYours
    return shown.standing


def _back(pairing_id: UUID) -> ResponseReturnValue:
    return redirect(url_for(".standing", pairing_id=pairing_id), 303)
