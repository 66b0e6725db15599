"""Answering: a mentor's inbox, and the short pages for each answer there is."""

from datetime import datetime
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from mentorship.foundation import clock, rates
from mentorship.foundation.errors import NotYours, Refusal
from mentorship.scheduling import meetings, picker, queries, requests, rules
from mentorship.scheduling.forms import booking as forms
from mentorship.scheduling.holds import AlreadyBusy, TimeTaken
from mentorship.scheduling.models import LIVE, MeetingState
from mentorship.scheduling.picker import Week
from mentorship.scheduling.requests import Asked
from mentorship.scheduling.views import bp
from mentorship.scheduling.views.booking import looks, week_of
from mentorship.tenancy import queries as people
from mentorship.tenancy.access import current_member, only_looking, requires
from mentorship.tenancy.members import Member
from mentorship.tenancy.roles import Permission, insist
from mentorship.web.filters import when
from mentorship.web.forms import Form
from mentorship.web.limits import limited

#: Refusals of a proposed time that are about the time, and stand beside it.
_ABOUT_TIME = (
    rules.SameTime,
    rules.TooSoon,
    rules.TooFar,
    rules.OutsideHours,
    rules.DayFull,
    rules.WeekFull,
    rules.MonthFull,
    rules.CalendarBusy,
    rules.CalendarUnread,
    rules.NotOnTheGrid,
    TimeTaken,
    AlreadyBusy,
)


@bp.get("/inbox")
@requires(Permission.INBOX_SEE)
def inbox() -> ResponseReturnValue:
    return _inbox(done=request.args.get("done", type=UUID))


@bp.route("/meetings/<uuid:meeting_id>/accept", methods=["GET", "POST"])
@requires(Permission.MEETING_ANSWER)
def accept(meeting_id: UUID) -> ResponseReturnValue:
    """The yes. It comes from a card of the inbox, from the meeting, or from its own page."""
    form = Form()
    status = form.status
    from_inbox = request.form.get("back") == "inbox" and current_member.is_mentor
    if form.validate_on_submit():
        meeting = queries.my_meeting(meeting_id, member=current_member)
        try:
            meetings.accept(
                meeting,
                by=current_member,
                now=clock.now(),
                seen=request.form.get("seen", type=int),
            )
        except Refusal as refusal:
            if from_inbox:
                return _inbox(done=meeting_id, refused=refusal), 409
            form.refuse(refusal)
            status = 409
        else:
            at = when(meeting.starts_at, current_member.zone)
            flash(f"Accepted: {at}. Both of you get an invitation for your calendars.", "good")
            if from_inbox:
                return redirect(url_for(".inbox", done=meeting_id), 303)
            return redirect(url_for(".meeting", meeting_id=meeting_id), 303)
    asked = requests.one(meeting_id, member=current_member)
    return render_template("scheduling/accept.html", form=form, asked=asked), status


@bp.route("/meetings/<uuid:meeting_id>/propose", methods=["GET", "POST"])
@requires(Permission.MEETING_ANSWER)
@limited(*rates.TO_OTHERS)
def propose(meeting_id: UUID) -> ResponseReturnValue:
    now = clock.now()
    asked = requests.one(meeting_id, member=current_member)
    form = forms.ProposeForm()
    form.between(zone=clock.zone(current_member.zone), may_type=asked.i_mentor)
    looking = looks()
    status = 200 if looking else form.status
    if looking:
        only_looking()
    elif form.validate_on_submit() and form.starts_at:
        try:
            meetings.propose_other_time(
                queries.my_meeting(meeting_id, member=current_member),
                starts_at=form.starts_at,
                by=current_member,
                now=now,
            )
        except _ABOUT_TIME as refusal:
            form.refuse(refusal, "at" if form.types else "slot")
            status = 409 if isinstance(refusal, TimeTaken) else 422
        except Refusal as refusal:
            form.refuse(refusal)
            status = 409
        else:
            flash(f"Proposed. {asked.called} is asked, and the new time is held.", "good")
            return _after(asked)
    closed = _why_not(asked, now=now)
    page = render_template(
        "scheduling/propose.html",
        form=form,
        asked=asked,
        closed=closed,
        week=None if closed else free_week(asked, form, now=now),
        moves_left=rules.MOVES - asked.sequence,
    )
    return page, status


@bp.route("/meetings/<uuid:meeting_id>/decline", methods=["GET", "POST"])
@requires(Permission.MEETING_DECLINE)
def decline(meeting_id: UUID) -> ResponseReturnValue:
    now = clock.now()
    asked = requests.one(meeting_id, member=current_member)
    insist(Permission.MEETING_DECLINE, asked, by=current_member)
    form = forms.DeclineForm()
    form.suggest(requests.colleagues(asked, now=now))
    status = form.status
    if form.validate_on_submit():
        try:
            meetings.decline(
                queries.my_meeting(meeting_id, member=current_member),
                by=current_member,
                now=now,
                word=form.word,
                referred_to=_colleague(form.colleague.data or ""),
            )
        except rules.NoSuchColleague as refusal:
            form.refuse(refusal, "colleague")
        except Refusal as refusal:
            form.refuse(refusal)
            status = 409
        else:
            flash(f"Declined. {asked.called} is told, and the time is yours again.", "good")
            return redirect(url_for(".inbox", done=meeting_id), 303)
    closed = "" if asked.state is MeetingState.REQUESTED else rules.became_of(asked.state)
    page = render_template("scheduling/decline.html", form=form, asked=asked, closed=closed)
    return page, status


@bp.route("/meetings/<uuid:meeting_id>/withdraw", methods=["GET", "POST"])
@requires(Permission.MEETING_WITHDRAW)
def withdraw(meeting_id: UUID) -> ResponseReturnValue:
    asked = requests.one(meeting_id, member=current_member)
    insist(Permission.MEETING_WITHDRAW, asked, by=current_member)
    form = Form()
    status = form.status
    if form.validate_on_submit():
        meeting = queries.my_meeting(meeting_id, member=current_member)
        try:
            meetings.withdraw(meeting, by=current_member, now=clock.now())
        except Refusal as refusal:
            form.refuse(refusal)
            status = 409
        else:
            flash(f"Withdrawn. {asked.called} is told, and the time is free again.", "good")
            return redirect(url_for(".meeting", meeting_id=meeting_id), 303)
    closed = "" if asked.state is MeetingState.REQUESTED else rules.became_of(asked.state)
    page = render_template("scheduling/withdraw.html", form=form, asked=asked, closed=closed)
    return page, status


@bp.route("/meetings/<uuid:meeting_id>/cancel", methods=["GET", "POST"])
@requires(Permission.MEETING_CANCEL)
def cancel(meeting_id: UUID) -> ResponseReturnValue:
    now = clock.now()
    asked = requests.one(meeting_id, member=current_member)
    form = forms.CancelForm()
    status = form.status
    if form.validate_on_submit():
        meeting = queries.my_meeting(meeting_id, member=current_member)
        try:
            meetings.cancel(
                meeting,
                by=current_member,
                now=now,
                word=form.word.data or "",
                emergency=form.emergency.data,
            )
        except Refusal as refusal:
            form.refuse(refusal)
            status = 409
        else:
            flash(f"Called off. {asked.called} is told, and both calendars too.", "good")
            return redirect(url_for(".meeting", meeting_id=meeting_id), 303)
    page = render_template(
        "scheduling/cancel.html",
        form=form,
        asked=asked,
        closed=why_not_now(asked, now=now),
        late=asked.starts_at - now < rules.LATE,
    )
    return page, status


def _inbox(*, done: UUID | None = None, refused: Refusal | None = None) -> str:
    now = clock.now()
    waiting = requests.awaiting(current_member, now=now, after=_after_key())
    lately = requests.answered(current_member, now=now, first=done)
    return render_template(
        "scheduling/inbox.html",
        waiting=waiting.asked,
        more=waiting.after,
        lately=lately,
        moving=requests.to_move(current_member, now=now),
        done=done,
        refused=refused,
    )


def _after_key() -> tuple[datetime, UUID] | None:
    """Where the page before ended; an address that was tampered with begins anew."""
    at, _, last = request.args.get("after", "").partition("~")
    try:
        read = datetime.fromisoformat(at)
        return (read, UUID(last)) if read.tzinfo else None
    except ValueError:
        return None


def _after(asked: Asked) -> ResponseReturnValue:
    """Where somebody goes who has proposed: a mentor to the next request, a student to theirs."""
    if asked.i_mentor:
        return redirect(url_for(".inbox", done=asked.id), 303)
    return redirect(url_for(".meeting", meeting_id=asked.id), 303)


def _why_not(asked: Asked, *, now: datetime) -> str:
    """Why another time cannot be proposed here (anymore); nothing where it can."""
    if asked.state is not MeetingState.REQUESTED:
        return rules.became_of(asked.state)
    if asked.answer_by is None or now >= asked.answer_by:
        return rules.became_of(MeetingState.LAPSED)
    if not asked.awaits_me:
        return rules.NotYourTurn.sentence
    return rules.TooManyMoves.sentence if asked.sequence >= rules.MOVES else ""


def why_not_now(asked: Asked, *, now: datetime) -> str:
    if asked.state is MeetingState.REQUESTED:
        return "This meeting is not accepted yet."
    if asked.state not in LIVE:
        return rules.became_of(asked.state)
    return rules.HasBegun.sentence if now >= asked.starts_at else ""


def free_week(asked: Asked, form: forms.ProposeForm, *, now: datetime) -> Week | None:
    meeting = queries.my_meeting(asked.id, member=current_member)
    mentor = queries.bookable(asked.mentor_id, member=current_member)
    starts = [
        at
        for at in queries.free_starts(
            mentor,
            with_user_id=meeting.mentee_user_id,
            minutes=meeting.minutes,
            now=now,
            but=meeting,
        )
        if at != meeting.starts_at
    ]
    return week_of(
        starts,
        mentor,
        minutes=meeting.minutes,
        other=picker.Other(asked.called, clock.zone(asked.other_zone)),
        chosen=None if form.types else form.starts_at,
        now=now,
    )


def _colleague(posted: str) -> Member | None:
    """Who is named, if anybody is.

    :raises rules.NoSuchColleague: it is nobody of this chapter.
    """
    if not posted:
        return None
    try:
        return people.member(UUID(posted))
    except (ValueError, NotYours) as error:
        raise rules.NoSuchColleague from error
