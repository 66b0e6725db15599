"""Moving a meeting that is agreed: one proposes other times, and the other takes one or none.

The meeting stays where it is, and holds its time, until the other has agreed. The proposed times
are held for both as well, until one is taken or none: nobody else can be first.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import takewhile
from uuid import UUID

from sqlalchemy import func, select

from mentorship.foundation import scope
from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours, Refusal
from mentorship.foundation.queue import defer
from mentorship.scheduling import holds, meetings, queries, rules
from mentorship.scheduling.models import (
    MOST_TIMES,
    Meeting,
    MeetingDeed,
    MeetingState,
    Outcome,
    Part,
    Proposed,
)
from mentorship.scheduling.slots import Span
from mentorship.tenancy.members import Member
from mentorship.tenancy.roles import Permission

#: How often other times may be proposed before one of them is taken: counter-proposals end.
ROUNDS = 3


class NoTimes(Refusal):
    sentence = f"Propose one to {MOST_TIMES} other times."


class NotThen(Refusal):
    """One of the proposed times is no time to meet; `starts_at` says which, its cause says why."""

    def __init__(self, sentence: str, *, starts_at: datetime) -> None:
        super().__init__(sentence)
        self.starts_at = starts_at


class MeetsThen(Refusal):
    sentence = "That is when you meet already. Choose another time."


class MovedEnough(Refusal):
    sentence = (
        f"This meeting has moved {rules.MOVES} times already. Keep the time, or call it off and"
        " book anew."
    )


class TalkedEnough(Refusal):
    sentence = (
        f"The two of you have proposed other times {ROUNDS} times now. Take one of them, keep the"
        " time, or call it off and write to each other."
    )


class NothingProposed(Refusal):
    sentence = "No other time is proposed anymore. The meeting stays where it is."


class NotAmongThem(Refusal):
    sentence = "The proposed times have changed meanwhile. Look at the new ones, and answer those."


class ShiftThen(Refusal):
    sentence = "Your own calendar has something then by now. Choose another time, or keep it."


def propose(
    meeting: Meeting, *, starts: Sequence[datetime], by: Member, now: datetime, word: str = ""
) -> Proposed:
    """Propose one or more other times for an agreed meeting; whoever was asked may counter.

    A mentor may name times outside the weekly hours, a mentee may not.

    :raises Settled, HasBegun: it is not a meeting that lies ahead.
    :raises NotYourTurn: `by` has proposed some already, and the other one answers first.
    :raises MovedEnough, TalkedEnough: it has moved, or was talked about, too often.
    :raises NoTimes: there is nothing to choose from.
    :raises NotThen: one of them is the time as it is, or cannot be booked, as in
        `meetings.request`.
    """
    part = _take(meeting, by=by, now=now)
    before = _open(meeting)
    if before is not None and before.part == part and now < before.answer_by:
        raise rules.NotYourTurn
    _insist_on_more(meeting)
    wanted = sorted(set(starts))
    if not 1 <= len(wanted) <= MOST_TIMES:
        raise NoTimes
    with db.session.begin_nested():  # a refusal leaves what is proposed as it is
        if before is not None:
            outcome = Outcome.COUNTERED if now < before.answer_by else Outcome.LAPSED
            _settle(before, outcome, meeting, now=now)
        for starts_at in wanted:
            _insist_on_possible(meeting, starts_at, by=by, now=now)
        proposed = Proposed(
            meeting_id=meeting.id,
            part=part,
            starts=wanted,
            word=word,
            asked_at=now,
            answer_by=min(now + meetings.ANSWER, meeting.starts_at, wanted[-1]),
        )
        db.session.add(proposed)
        db.session.flush()
        holds.hold_proposed(proposed, meeting, by_user_id=by.user_id)
    defer(
        "lapse_proposed_times",
        at=proposed.answer_by,
        chapter_id=str(scope.here()),
        meeting_id=str(meeting.id),
    )
    meetings.record(
        MeetingDeed.OTHER_TIMES, meeting, by=by, now=now, proposed_id=proposed.id, part=part
    )
    return proposed


def agree(meeting: Meeting, *, starts_at: datetime, by: Member, now: datetime) -> None:
    """Take one of the proposed times: the meeting moves there. Saying it twice changes nothing.

    :raises Settled, HasBegun: it is not a meeting that lies ahead.
    :raises NothingProposed, NotAmongThem: that time is not proposed (anymore).
    :raises NotYourTurn: `by` has proposed it.
    :raises TimeTaken, StudentBusy, AlreadyBusy: something else lies too close to it by now.
    :raises ShiftThen: the mentor who agrees is busy then, by their own calendar.
    :raises Refusal: the two may not be paired (anymore).
    """
    part = _take(meeting, by=by, now=now)
    proposed = _open(meeting)
    if proposed is None and meeting.starts_at == starts_at:
        return
    if proposed is None or now >= proposed.answer_by or now >= starts_at:
        raise NothingProposed
    if proposed.part == part:
        raise rules.NotYourTurn
    if starts_at not in proposed.starts:
        raise NotAmongThem
    rules.insist_on_allowed(meeting, meetings.pairing_of(meeting), now=now)
    mentor = queries.bookable(meeting.mentor_id, member=by)
    span = _span(meeting, starts_at)
    before = meeting.starts_at
    with db.session.begin_nested():  # a refusal leaves the times held
        _settle(proposed, Outcome.AGREED, meeting, now=now)
        holds.insist_on_free(
            span,
            mentor_user_id=meeting.mentor_user_id,
            mentee_user_id=meeting.mentee_user_id,
            by_user_id=by.user_id,
            buffer=mentor.limits.buffer,
            but=meeting,
        )
        # A time that the mentor has named may lie against their own calendar: they knew that.
        if part is Part.MENTOR:
            try:
                rules.insist_on_calendar(mentor, span, now=now)
            except (rules.CalendarBusy, rules.CalendarUnread) as busy:
                raise ShiftThen from busy
        meeting.starts_at, meeting.ends_at = span.starts_at, span.ends_at
        db.session.flush()
        holds.move(meeting, by_user_id=by.user_id)
    meeting.sequence += 1
    meetings.record(MeetingDeed.RESCHEDULED, meeting, by=by, now=now, before=before)


def keep(meeting: Meeting, *, by: Member, now: datetime) -> None:
    """Leave the meeting where it is, whoever has proposed. Saying it twice changes nothing.

    :raises Settled, HasBegun: it is not a meeting that lies ahead.
    """
    _take(meeting, by=by, now=now)
    proposed = _open(meeting)
    if proposed is not None:
        _settle(proposed, Outcome.KEPT, meeting, now=now)
        meetings.record(MeetingDeed.TIME_KEPT, meeting, by=by, now=now, part=proposed.part)


def lapse(meeting_id: UUID, *, now: datetime) -> None:
    """Leave a meeting where it is, because nobody answered. Does nothing when it is too early."""
    meeting = db.session.scalars(select(Meeting).where(Meeting.id == meeting_id)).one_or_none()
    if meeting is None:
        return
    meetings.lock(meeting)
    proposed = _open(meeting)
    if proposed is None or now < proposed.answer_by or meeting.state != MeetingState.ACCEPTED:
        return
    _settle(proposed, Outcome.LAPSED, meeting, now=now)
    meetings.record(MeetingDeed.TIME_KEPT, meeting, by=None, now=now, part=proposed.part)


def waiting(proposed_id: UUID, *, member: Member) -> tuple[Meeting, Proposed]:
    """Other times that wait for this member's answer, with their meeting.

    :raises NotYours: there are none (anymore), or they are not for `member` to answer.
    """
    one = select(Proposed).where(Proposed.id == proposed_id, Proposed.outcome.is_(None))
    proposed = db.session.scalars(one).one_or_none()
    if proposed is None:
        raise NotYours
    meeting = queries.my_meeting(proposed.meeting_id, member=member)
    i_mentor = member.id == meeting.mentor_id
    if meeting.state != MeetingState.ACCEPTED or i_mentor == (proposed.part == Part.MENTOR):
        raise NotYours
    return meeting, proposed


def is_open(meeting: Meeting) -> bool:
    """Whether other times are proposed that wait for an answer."""
    return _open(meeting) is not None


def moves_left(meeting_id: UUID) -> int:
    """How often a meeting may still move. One statement."""
    return rules.MOVES - _agreed(meeting_id)


def _take(meeting: Meeting, *, by: Member, now: datetime) -> Part:
    part = meetings.take(meeting, Permission.MEETING_MOVE, by=by)
    rules.insist_on_state(Permission.MEETING_MOVE, meeting)
    if now >= meeting.starts_at:
        raise rules.HasBegun
    return part


def _open(meeting: Meeting) -> Proposed | None:
    one = select(Proposed).where(Proposed.meeting_id == meeting.id, Proposed.outcome.is_(None))
    return db.session.scalars(one.execution_options(populate_existing=True)).one_or_none()


def _agreed(meeting_id: UUID) -> int:
    agreed = select(func.count()).select_from(Proposed)
    agreed = agreed.where(Proposed.meeting_id == meeting_id, Proposed.outcome == Outcome.AGREED)
    return db.session.execute(agreed).scalar_one()


def _insist_on_more(meeting: Meeting) -> None:
    """Check that the two have not moved it, or talked about moving it, too often."""
    outcomes = select(Proposed.outcome).where(Proposed.meeting_id == meeting.id)
    said = db.session.scalars(outcomes.order_by(Proposed.asked_at, Proposed.id)).all()
    if said.count(Outcome.AGREED) >= rules.MOVES:
        raise MovedEnough
    since_it_moved = list(takewhile(lambda one: one != Outcome.AGREED, reversed(said)))
    if len(since_it_moved) >= ROUNDS:
        raise TalkedEnough


def _insist_on_possible(
    meeting: Meeting, starts_at: datetime, *, by: Member, now: datetime
) -> None:
    try:
        if starts_at == meeting.starts_at:
            raise MeetsThen
        rules.insist_on_bookable(
            queries.bookable(meeting.mentor_id, member=by),
            _span(meeting, starts_at),
            mentee_user_id=meeting.mentee_user_id,
            by=by,
            now=now,
            but=meeting,
        )
    except Refusal as refusal:
        raise NotThen(str(refusal), starts_at=starts_at) from refusal


def _span(meeting: Meeting, starts_at: datetime) -> Span:
    return Span(starts_at, starts_at + timedelta(minutes=meeting.minutes))


def _settle(proposed: Proposed, outcome: Outcome, meeting: Meeting, *, now: datetime) -> None:
    proposed.outcome, proposed.settled_at = outcome, now
    db.session.flush()
    holds.let_go_of_proposed(proposed.id, meeting)
