"""Holding people's time: nobody is in two places at once, in whichever chapters they meet.

Every verb that touches time first locks both people (`accounts.users.lock`), then looks, then
writes. The look gives a kind answer; that the time is free is for the database to say.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Insert, Update, bindparam, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from mentorship.foundation import scope
from mentorship.foundation.database import db
from mentorship.foundation.errors import Refusal
from mentorship.scheduling.models import BusyTime, Meeting
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
    bindparam("persons"), bindparam("since"), bindparam("until")
).table_valued("user_id", "starts_at", "ends_at")
_BUSY = select(_busy.c.user_id, _busy.c.starts_at, _busy.c.ends_at)


def busy_times(
    user_ids: Iterable[UUID], *, since: datetime, until: datetime, but: Meeting | None = None
) -> list[Busy]:
    """When these people are held between two instants, over all chapters.

    `but` is a meeting whose own hold does not count, because it is about to move.
    """
    facts = {"persons": list(user_ids), "since": since, "until": until}
    found = [
        Busy(user_id, Span(starts_at, ends_at))
        for user_id, starts_at, ends_at in db.session.execute(_BUSY, facts)
    ]
    if but is None:
        return found
    # Only one hold of a person can lie there.
    own = Span(but.starts_at, but.ends_at)
    return [
        each
        for each in found
        if each.span != own or each.user_id not in (but.mentor_user_id, but.mentee_user_id)
    ]


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
    """Hold both people's time for a meeting.

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


def release(meeting: Meeting) -> None:
    """Let go of both people's time."""
    db.session.execute(
        delete(BusyTime)
        .where(
            BusyTime.user_id.in_([meeting.mentor_user_id, meeting.mentee_user_id]),
            BusyTime.meeting_id == meeting.id,
        )
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
