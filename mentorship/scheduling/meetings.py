"""What can be done with a meeting. Each verb changes the world once and leaves one deed.

Every verb locks the two people first and the meeting after them, and sees it as it is then: of
two that come at once, the second finds what the first has done. What must hold before a verb
does its work stands in `rules.py`, with the refusals.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from mentorship.accounts import users
from mentorship.audit import trail
from mentorship.foundation import clock, scope
from mentorship.foundation.database import db
from mentorship.foundation.queue import defer
from mentorship.relationships import conflicts, fit_checks, pairings
from mentorship.relationships.models import Pairing, PairingState
from mentorship.scheduling import holds, queries, rules
from mentorship.scheduling.models import (
    LIVE,
    AgendaItem,
    Meeting,
    MeetingDeed,
    MeetingState,
    Part,
)
from mentorship.scheduling.queries import Bookable
from mentorship.scheduling.slots import Span
from mentorship.tenancy import queries as tenancy
from mentorship.tenancy import roles
from mentorship.tenancy.members import Member
from mentorship.tenancy.roles import Permission
from mentorship.vocabulary.kinds import Kind

#: How long a request holds the time, and how much of that has passed when it is recalled:
#: 72 hours, and 48 of them. A meeting that begins sooner is answered before it begins.
ANSWER = timedelta(hours=72)
REMIND_AFTER = 2 / 3


def request(
    *,
    mentor: Member,
    kind: Kind,
    starts_at: datetime,
    minutes: int,
    purpose: str,
    by: Member,
    now: datetime,
    topic: str | None = None,
    questions: Iterable[str] = (),
) -> Meeting:
    """Ask a mentor for a meeting, and hold both people's time until it is answered.

    It belongs to the pairing that the two have, whatever its kind; without one, a pairing of
    `kind` (and `topic`, if it is one with topics) is proposed along with it. The questions
    become its agenda.

    :raises KindNotOffered, TopicNotOffered, LengthNotOffered, Paused, Yourself: not with this
        mentor, or not now.
    :raises TooManyRequests, AlreadyAsked: others wait for an answer first.
    :raises TooSoon, TooFar, OutsideHours, NotOnTheGrid: the time cannot be booked.
    :raises TimeTaken: somebody else was first.
    :raises AlreadyBusy: `by` has another meeting then, in whichever chapter.
    :raises Refusal: as `pairings.begin` does.
    """
    users.lock(mentor.user_id, by.user_id)
    card = queries.bookable(mentor.id, member=by)
    rules.insist_on_offered(card, kind=kind, topic=topic, minutes=minutes, by=by)
    rules.insist_on_room_to_ask(by)
    span = Span(starts_at, starts_at + timedelta(minutes=minutes))
    rules.insist_on_bookable(card, span, mentee_user_id=by.user_id, by=by, now=now)
    with db.session.begin_nested():  # a refusal leaves nothing behind
        meeting = Meeting(
            pairing_id=_join(card, kind=kind, topic=topic, by=by, now=now),
            mentee_id=by.id,
            mentor_id=mentor.id,
            mentee_user_id=by.user_id,
            mentor_user_id=mentor.user_id,
            starts_at=span.starts_at,
            ends_at=span.ends_at,
            state=MeetingState.REQUESTED,
            purpose=purpose,
            place=card.place,
        )
        _await_answer(meeting, of=Part.MENTOR, now=now)
        db.session.add(meeting)
        db.session.flush()
        holds.place(meeting, by_user_id=by.user_id)
    _plan_reminders(meeting)
    _put_down(questions, meeting, by=by)
    record(MeetingDeed.REQUESTED, meeting, by=by, now=now)
    return meeting


def accept(meeting: Meeting, *, by: Member, now: datetime, seen: int | None = None) -> None:
    """Say yes to the time that is proposed. Saying it twice changes nothing.

    `seen` is the meeting's sequence as it was shown to the person, to tell when the time has
    changed since.

    :raises Settled: it was declined, withdrawn or cancelled meanwhile, or has lapsed.
    :raises NotYourTurn: the other person is the one who is asked.
    :raises Moved: the time is not the one they saw.
    :raises Refusal: the two may not be paired (anymore).
    """
    part = take(meeting, Permission.MEETING_ANSWER, by=by)
    if meeting.state == MeetingState.ACCEPTED:
        return
    rules.insist_on_awaited(meeting, part, now=now)
    if seen is not None and seen != meeting.sequence:
        raise rules.Moved
    pairing = pairing_of(meeting)
    rules.insist_on_allowed(meeting, pairing, now=now)
    _settle(meeting, MeetingState.ACCEPTED, now=now)
    holds.keep(meeting)
    pairings.accept(pairing, by=by, now=now)
    record(MeetingDeed.ACCEPTED, meeting, by=by, now=now)


def propose_other_time(meeting: Meeting, *, starts_at: datetime, by: Member, now: datetime) -> None:
    """Answer with another time. The hold moves there, and the other person is asked.

    A mentor may name a time outside the weekly hours, a mentee may not.

    :raises Settled, NotYourTurn: there is nothing for `by` to answer.
    :raises SameTime, TooManyMoves: it is the same time, or was changed too often.
    :raises TooSoon, TooFar, OutsideHours, NotOnTheGrid, TimeTaken, AlreadyBusy: as in `request`.
    """
    part = take(meeting, Permission.MEETING_ANSWER, by=by)
    rules.insist_on_awaited(meeting, part, now=now)
    if starts_at == meeting.starts_at:
        raise rules.SameTime
    if meeting.sequence >= rules.MOVES:
        raise rules.TooManyMoves
    span = Span(starts_at, starts_at + (meeting.ends_at - meeting.starts_at))
    rules.insist_on_bookable(
        queries.bookable(meeting.mentor_id, member=by),
        span,
        mentee_user_id=meeting.mentee_user_id,
        by=by,
        now=now,
        but=meeting,
    )
    before = meeting.starts_at
    with db.session.begin_nested():
        meeting.starts_at, meeting.ends_at = span.starts_at, span.ends_at
        db.session.flush()
        holds.move(meeting, by_user_id=by.user_id)
    meeting.sequence += 1
    _await_answer(meeting, of=Part.MENTEE if part is Part.MENTOR else Part.MENTOR, now=now)
    _plan_reminders(meeting)
    record(MeetingDeed.MOVED, meeting, by=by, now=now, before=before)


def decline(
    meeting: Meeting,
    *,
    by: Member,
    now: datetime,
    word: str = "",
    referred_to: Member | None = None,
) -> None:
    """The mentor says no, best with a better contact. Twice changes nothing.

    The time is free again, and a pairing that was only proposed ends with it.

    :raises NotYours: `by` is not the mentor.
    :raises Settled: it is not waiting anymore.
    :raises NoSuchColleague: who is named does not offer this kind here.
    """
    take(meeting, Permission.MEETING_DECLINE, by=by)
    if meeting.state == MeetingState.DECLINED:
        return
    rules.insist_on_state(Permission.MEETING_DECLINE, meeting)
    pairing = pairing_of(meeting)
    if referred_to is not None:
        kind = Kind(pairing.kind)
        rules.insist_on_colleague(referred_to, meeting, kind=kind, now=now)
        meeting.referred_to_id = referred_to.id
    meeting.word = word
    _close_request(meeting, pairing, MeetingState.DECLINED, by=by, now=now)
    referred_to_id = referred_to.id if referred_to else None
    record(MeetingDeed.DECLINED, meeting, by=by, now=now, referred_to=referred_to_id)


def withdraw(meeting: Meeting, *, by: Member, now: datetime) -> None:
    """The student takes the request back. Twice changes nothing.

    :raises NotYours: `by` did not ask.
    :raises Settled: it is not waiting anymore.
    """
    take(meeting, Permission.MEETING_WITHDRAW, by=by)
    if meeting.state == MeetingState.WITHDRAWN:
        return
    rules.insist_on_state(Permission.MEETING_WITHDRAW, meeting)
    _close_request(meeting, pairing_of(meeting), MeetingState.WITHDRAWN, by=by, now=now)
    record(MeetingDeed.WITHDRAWN, meeting, by=by, now=now)


def remind(meeting_id: UUID, *, now: datetime) -> None:
    """Recall a request that still waits. Does nothing when it is too early, or was done before."""
    one = select(Meeting).where(Meeting.id == meeting_id)
    meeting = db.session.scalars(one.with_for_update()).one_or_none()
    if meeting is None or meeting.state != MeetingState.REQUESTED or meeting.reminded_at:
        return
    if _remind_at(meeting) <= now < meeting.awaited_until:
        meeting.reminded_at = now
        record(MeetingDeed.REMINDED, meeting, by=None, now=now)


def lapse(meeting_id: UUID, *, now: datetime) -> None:
    """Let go of a request that nobody answered in time. Does nothing when it is too early.

    The time is free again, and a pairing that was only proposed ends with it.
    """
    meeting = db.session.scalars(select(Meeting).where(Meeting.id == meeting_id)).one_or_none()
    if meeting is None:
        return
    lock(meeting)
    if meeting.state != MeetingState.REQUESTED or now < meeting.awaited_until:
        return
    _close_request(meeting, pairing_of(meeting), MeetingState.LAPSED, by=None, now=now)
    record(MeetingDeed.LAPSED, meeting, by=None, now=now)


def cancel(
    meeting: Meeting, *, by: Member, now: datetime, word: str = "", emergency: bool = False
) -> None:
    """Call off a meeting that was accepted; the pairing stays. Twice changes nothing.

    Within `rules.LATE` of its start that is late, which counts unless it was an emergency.

    :raises Settled: it is not an accepted meeting.
    :raises HasBegun: it is too late for that.
    """
    part = take(meeting, Permission.MEETING_CANCEL, by=by)
    if meeting.state == MeetingState.CANCELLED:
        return
    rules.insist_on_state(Permission.MEETING_CANCEL, meeting)
    if now >= meeting.starts_at:
        raise rules.HasBegun
    meeting.word = word
    meeting.sequence += 1
    meeting.state = MeetingState.CANCELLED
    meeting.called_off_by, meeting.emergency = part, emergency
    meeting.late = meeting.starts_at - now < rules.LATE
    holds.release(meeting)
    record(MeetingDeed.CANCELLED, meeting, by=by, now=now, late=meeting.late)


def call_off_for_both(meeting: Meeting, *, by: Member | None, now: datetime) -> None:
    """Call off a meeting, or the request for one, that neither of the two has called off.

    It counts for neither of them. One that has begun, or is settled, is left as it is.
    """
    lock(meeting)
    if meeting.state not in LIVE or now >= meeting.starts_at:
        return
    _settle(meeting, MeetingState.CANCELLED, now=now)
    meeting.sequence += 1
    holds.release(meeting)
    record(MeetingDeed.CANCELLED, meeting, by=by, now=now, late=False)


def held(meeting: Meeting, *, by: Member, now: datetime) -> None:
    """They have met: the pairing is active, as of that day. Saying it twice changes nothing.

    :raises NotYet: it has not begun.
    :raises Settled: it was cancelled, or recorded as one that did not happen.
    """
    take(meeting, Permission.MEETING_HOLD, by=by)
    if meeting.state == MeetingState.HELD:
        return
    rules.insist_on_state(Permission.MEETING_HOLD, meeting)
    if now < meeting.starts_at:
        raise rules.NotYet("The meeting has not begun yet. Say it once you have met.")
    meeting.state = MeetingState.HELD
    day = clock.day(meeting.starts_at, tenancy.card().zone)
    pairing = pairing_of(meeting)
    first = pairing.first_met_at is None
    pairings.met(pairing, on=day, now=now)
    record(MeetingDeed.HELD, meeting, by=by, now=now)
    if first:
        fit_checks.ask(pairing, now=now)


def not_held(meeting: Meeting, *, by: Member, absent: Part, now: datetime) -> None:
    """One of the two did not come. Saying it twice changes nothing.

    :raises NotYet: they may still come.
    :raises Settled: it was cancelled, or they have met.
    """
    take(meeting, Permission.MEETING_HOLD, by=by)
    if meeting.state == MeetingState.NO_SHOW:
        return
    rules.insist_on_state(Permission.MEETING_HOLD, meeting)
    if now < meeting.starts_at + rules.NO_SHOW_AFTER:
        raise rules.NotYet("Give it ten minutes from the start, then say so.")
    meeting.state, meeting.absent = MeetingState.NO_SHOW, absent
    record(MeetingDeed.NOT_HELD, meeting, by=by, now=now, absent=absent)


def excuse(meeting: Meeting, *, by: Member, now: datetime) -> None:
    """It was an emergency: the late cancelling or the absence counts no more. Twice is once.

    Either of the two may say so, and nobody has to prove it.

    :raises NothingToExcuse: it was neither called off late nor missed.
    """
    take(meeting, Permission.MEETING_EXCUSE, by=by)
    roles.insist_on_state(Permission.MEETING_EXCUSE, meeting, rules.NothingToExcuse)
    if meeting.state == MeetingState.CANCELLED and not meeting.late:
        raise rules.NothingToExcuse
    if not meeting.emergency:
        meeting.emergency = True
        record(MeetingDeed.EXCUSED, meeting, by=by, now=now)


def take(meeting: Meeting, permission: Permission, *, by: Member) -> Part:
    """Lock the meeting and its people, and say which of the two `by` is.

    :raises NotYours: neither, or not the one whom the permission names.
    """
    roles.insist(permission, meeting, by=by)
    lock(meeting)
    return Part.MENTEE if by.id == meeting.mentee_id else Part.MENTOR


def lock(meeting: Meeting) -> None:
    """Have the two people's time and the meeting to oneself, as it is now."""
    users.lock(meeting.mentor_user_id, meeting.mentee_user_id)
    db.session.refresh(meeting, with_for_update=True)


def pairing_of(meeting: Meeting) -> Pairing:
    """The pairing it belongs to, locked, as it is now."""
    one = select(Pairing).where(Pairing.id == meeting.pairing_id).with_for_update()
    return db.session.scalars(one.execution_options(populate_existing=True)).one()


def _join(mentor: Bookable, *, kind: Kind, topic: str | None, by: Member, now: datetime) -> UUID:
    """The pairing that a meeting belongs to: the one that is there, or a proposed one."""
    paired = mentor.pairing_for(kind)
    if paired is None:
        return pairings.begin(
            mentee=by,
            mentor=mentor.member,
            kind=kind,
            topic=topic,
            state=PairingState.PROPOSED,
            by=by,
            now=now,
        ).id
    conflicts.insist_on_none(mentee=by, mentor=mentor.member, kind=paired.kind, now=now)
    return paired.id


def _put_down(questions: Iterable[str], meeting: Meeting, *, by: Member) -> None:
    """Let the agenda begin with these questions, in their order."""
    wanted = [line for question in questions if (line := question.strip())]
    db.session.add_all(
        AgendaItem(meeting_id=meeting.id, by_id=by.id, position=position, what=what)
        for position, what in enumerate(wanted, 1)
    )


def _await_answer(meeting: Meeting, *, of: Part, now: datetime) -> None:
    meeting.awaiting = of
    meeting.asked_at = now
    meeting.answer_by = min(now + ANSWER, meeting.starts_at)
    meeting.reminded_at = None


def _remind_at(meeting: Meeting) -> datetime:
    return meeting.asked_at + (meeting.awaited_until - meeting.asked_at) * REMIND_AFTER


def _plan_reminders(meeting: Meeting) -> None:
    facts = {"chapter_id": str(scope.here()), "meeting_id": str(meeting.id)}
    defer("remind_of_request", at=_remind_at(meeting), **facts)
    defer("lapse_request", at=meeting.awaited_until, **facts)


def _settle(meeting: Meeting, state: MeetingState, *, now: datetime) -> None:
    meeting.state = state
    meeting.awaiting = meeting.answer_by = None
    meeting.settled_at = now


def _close_request(
    meeting: Meeting, pairing: Pairing, state: MeetingState, *, by: Member | None, now: datetime
) -> None:
    """End a request without a meeting: the time is free, and so is a place that was only asked."""
    _settle(meeting, state, now=now)
    holds.release(meeting)
    if pairing.state == PairingState.PROPOSED:
        pairings.end(pairing, by=by, now=now)
    if state != MeetingState.WITHDRAWN:
        # In a transaction of its own: it locks somebody else, and locks go in one order.
        defer("ask_next_mentor", chapter_id=str(scope.here()), meeting_id=str(meeting.id))


def record(
    deed: MeetingDeed, meeting: Meeting, *, by: Member | None, now: datetime, **more: Any
) -> None:
    """Leave the deed, with the meeting as it stands: its time, and whose answer is awaited."""
    db.session.flush()
    trail.record(
        deed,
        meeting,
        by=by,
        now=now,
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        minutes=meeting.minutes,
        sequence=meeting.sequence,
        awaiting=meeting.awaiting,
        **more,
    )
