"""Holding people's time: nobody is in two places at once, in whichever chapters they meet.

Every verb that touches time first locks both people (`accounts.users.lock`), then looks, then
writes. The look gives a kind answer; that the time is free is for the database to say.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID, uuid5

from sqlalchemy import (
    ARRAY,
    BigInteger,
    DateTime,
    Insert,
    Update,
    Uuid,
    bindparam,
    delete,
    func,
    insert,
    literal,
    select,
    union_all,
    update,
)
from sqlalchemy.exc import IntegrityError

from mentorship.foundation import scope
from mentorship.foundation.database import db
from mentorship.foundation.errors import Refusal
from mentorship.scheduling import slots
from mentorship.scheduling.feeds.queries import BLOCKED, Blocked
from mentorship.scheduling.models import MOST_TIMES, BusyTime, Meeting, Proposed
from mentorship.scheduling.slots import Span

#: What PostgreSQL answers where an exclusion constraint says no. Its name is not to be relied
#: on: a sharded server leaves it out.
EXCLUDED = "23P01"


class TimeTaken(Refusal):
    sentence = "Someone else has just taken that time. Please choose another."


class StudentBusy(TimeTaken):
    sentence = "The student is not free then. Please choose another."


class AlreadyBusy(Refusal):
    sentence = "You have another meeting at that time. Please choose another."


class Busy(NamedTuple):
    """That one person's time is held, and not by what."""

    user_id: UUID
    span: Span


_busy = func.busy_times_of(
    bindparam("persons", type_=ARRAY(Uuid)),
    bindparam("since", type_=DateTime(timezone=True)),
    bindparam("until", type_=DateTime(timezone=True)),
).table_valued("user_id", "starts_at", "ends_at")
_BUSY = select(_busy.c.user_id, _busy.c.starts_at, _busy.c.ends_at)
#: Why time is taken that a meeting holds.
MEETING = "meeting"
_TAKEN = union_all(_BUSY.add_columns(literal(MEETING)), BLOCKED)
#: How many requests of a person wait for an answer, over all chapters.
WAITING = func.requests_waiting_of(bindparam("user_id", type_=Uuid), type_=BigInteger)
_WAITING = select(WAITING)


def busy_times(
    user_ids: Iterable[UUID], *, since: datetime, until: datetime, but: Meeting | None = None
) -> list[Busy]:
    """When these people are held between two instants, over all chapters.

    `but` is a meeting whose own hold does not count, because it is about to move.
    """
    facts = {"persons": list(user_ids), "since": since, "until": until}
    return [
        Busy(user_id, span)
        for user_id, *ends in db.session.execute(_BUSY, facts)
        if not _is_of(but, user_id, span := Span(*ends))
    ]


def taken(
    user_ids: Iterable[UUID],
    *,
    since: datetime,
    until: datetime,
    now: datetime,
    but: Meeting | None = None,
) -> list[Blocked]:
    """What takes these people's time between two instants, and why. One statement.

    Meetings of any chapter (`MEETING`), and what their calendars say, as `busy_of` does. `but` is
    a meeting whose own hold does not count, because it is about to move.
    """
    facts = {"persons": list(user_ids), "since": since, "until": until, "now": now}
    return [
        Blocked(user_id, span, why)
        for user_id, starts_at, ends_at, why in db.session.execute(_TAKEN, facts)
        if not (_is_of(but, user_id, span := Span(starts_at, ends_at)) and why == MEETING)
    ]


def _is_of(meeting: Meeting | None, user_id: UUID, span: Span) -> bool:
    """Whether this is a meeting's own hold: only one hold of a person can lie there."""
    return (
        meeting is not None
        and user_id in (meeting.mentor_user_id, meeting.mentee_user_id)
        and span == Span(meeting.starts_at, meeting.ends_at)
    )


def requests_waiting(user_id: UUID) -> int:
    """How many requests of this person wait for an answer, over all chapters."""
    return db.session.execute(_WAITING, {"user_id": user_id}).scalar_one()


def insist_on_free(
    span: Span,
    *,
    mentor_user_id: UUID,
    mentee_user_id: UUID,
    by_user_id: UUID,
    buffer: timedelta,
    but: Meeting | None = None,
) -> None:
    """Check that neither of the two has anything at that time, or too close to it.

    :raises TimeTaken, StudentBusy: the other person has.
    :raises AlreadyBusy: who asks has.
    """
    since, until = span.starts_at - buffer, span.ends_at + buffer
    taken = busy_times({mentor_user_id, mentee_user_id}, since=since, until=until, but=but)
    if not taken:
        return
    if all(each.user_id == by_user_id for each in taken):
        raise AlreadyBusy
    raise StudentBusy if by_user_id == mentor_user_id else TimeTaken


def place(meeting: Meeting, *, by_user_id: UUID) -> None:
    """Hold both people's time for a meeting that the mentee asks for.

    :raises TimeTaken: something holds the other person's time.
    :raises AlreadyBusy: something holds the time of who asks.
    """
    for user_id in (meeting.mentor_user_id, meeting.mentee_user_id):
        _or_refuse(
            insert(BusyTime).values(
                user_id=user_id,
                meeting_id=meeting.id,
                chapter_id=scope.here(),
                starts_at=meeting.starts_at,
                ends_at=meeting.ends_at,
                asked=user_id == meeting.mentee_user_id,
            ),
            own=user_id == by_user_id,
        )


def move(meeting: Meeting, *, by_user_id: UUID) -> None:
    """Let both holds follow a meeting to its new time.

    :raises TimeTaken: something holds the other person's time.
    :raises AlreadyBusy: something holds the time of who asks.
    """
    for user_id in (meeting.mentor_user_id, meeting.mentee_user_id):
        _or_refuse(
            update(BusyTime)
            .where(BusyTime.user_id == user_id, BusyTime.meeting_id == meeting.id)
            .values(starts_at=meeting.starts_at, ends_at=meeting.ends_at)
            .execution_options(synchronize_session=False),
            own=user_id == by_user_id,
        )


def keep(meeting: Meeting) -> None:
    """Hold the time of a request that was accepted: it counts among the requests no more."""
    db.session.execute(
        update(BusyTime)
        .where(BusyTime.user_id == meeting.mentee_user_id, BusyTime.meeting_id == meeting.id)
        .values(asked=False)
        .execution_options(synchronize_session=False)
    )


def release(meeting: Meeting) -> None:
    """Let go of both people's time, because they do not meet then. Those who met keep it.

    What was held for them besides, because another time is proposed, goes with it.
    """
    still = select(Proposed.id).where(Proposed.meeting_id == meeting.id, Proposed.outcome.is_(None))
    for proposed_id in db.session.scalars(still).all():
        let_go_of_proposed(proposed_id, meeting)
    db.session.execute(
        delete(BusyTime)
        .where(
            BusyTime.user_id.in_([meeting.mentor_user_id, meeting.mentee_user_id]),
            BusyTime.meeting_id == meeting.id,
        )
        .execution_options(synchronize_session=False)
    )


def hold(what_id: UUID, user_id: UUID, span: Span, *, own: bool) -> None:
    """Hold one person's time for something that is no meeting, under its id.

    :raises AlreadyBusy, TimeTaken: something holds it, and it is `own` time or somebody else's.
    """
    held = insert(BusyTime).values(
        user_id=user_id,
        meeting_id=what_id,
        chapter_id=scope.here(),
        starts_at=span.starts_at,
        ends_at=span.ends_at,
    )
    _or_refuse(held, own=own)


def hold_anew(what_id: UUID, user_id: UUID, span: Span) -> None:
    """Hold one's own time elsewhere instead. Where it is refused, the time before is held still.

    :raises AlreadyBusy: something else holds it.
    """
    with db.session.begin_nested():
        let_go(what_id, [user_id])
        hold(what_id, user_id, span, own=True)


def hold_proposed(proposed: Proposed, meeting: Meeting, *, by_user_id: UUID) -> None:
    """Hold the times that are proposed for a meeting, for both, as long as they are.

    Times that overlap are held as one, and without what the meeting itself holds.

    :raises TimeTaken, AlreadyBusy: something holds one of them.
    """
    length = meeting.ends_at - meeting.starts_at
    wanted = slots.merged(Span(at, at + length) for at in proposed.starts)
    parts = [
        part
        for span in wanted
        for part in slots.without(span, Span(meeting.starts_at, meeting.ends_at))
    ]
    for what_id, part in zip(_ids_of(proposed.id), parts, strict=False):
        for user_id in (meeting.mentor_user_id, meeting.mentee_user_id):
            hold(what_id, user_id, part, own=user_id == by_user_id)


def let_go_of_proposed(proposed_id: UUID, meeting: Meeting) -> None:
    """Let go of the times that were proposed, because they are no more."""
    for what_id in _ids_of(proposed_id):
        let_go(what_id, (meeting.mentor_user_id, meeting.mentee_user_id))


def _ids_of(proposed_id: UUID) -> list[UUID]:
    """What proposed times are held under: a meeting amid them cuts one more piece."""
    return [uuid5(proposed_id, str(number)) for number in range(MOST_TIMES + 1)]


def let_go(what_id: UUID, user_ids: Iterable[UUID]) -> None:
    """Let go of the time of these people that is held under an id."""
    db.session.execute(
        delete(BusyTime)
        .where(BusyTime.user_id.in_(list(user_ids)), BusyTime.meeting_id == what_id)
        .execution_options(synchronize_session=False)
    )


def _or_refuse(statement: Insert | Update, *, own: bool) -> None:
    try:
        with db.session.begin_nested():
            db.session.execute(statement)
    except IntegrityError as clash:
        if getattr(clash.orig, "sqlstate", "") != EXCLUDED:
            raise
        raise (AlreadyBusy if own else TimeTaken) from clash
