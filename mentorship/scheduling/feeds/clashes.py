"""What a calendar newly takes of the time of meetings that are booked already.

It is noticed in the transaction that keeps a reading, over all chapters and without saying which
meeting it is; each chapter then looks behind its own wall. Nothing is cancelled: both people are
told, once for each part of a meeting's time that is taken, and the mentor decides. Of a group
session, and of a shift during meet-ups at a conference, the mentor alone is told, and decides too.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    DateTime,
    Exists,
    Select,
    Uuid,
    bindparam,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from mentorship.audit import trail
from mentorship.foundation import scope
from mentorship.foundation.database import count_touched, db, transaction
from mentorship.foundation.queue import defer_each
from mentorship.scheduling.conference.models import ConferenceBlock, ConferenceDeed
from mentorship.scheduling.feeds.kinds import Blocks
from mentorship.scheduling.feeds.models import (
    BlockClash,
    FeedClash,
    FeedDeed,
    FeedTime,
    SessionClash,
)
from mentorship.scheduling.feeds.queries import COUNTS
from mentorship.scheduling.groups.models import GroupSession, SessionDeed, SessionState
from mentorship.scheduling.models import LIVE, Meeting
from mentorship.scheduling.slots import Span
from mentorship.tenancy import queries as tenancy
from mentorship.tenancy import roles
from mentorship.tenancy.members import Member
from mentorship.tenancy.roles import Permission

#: Further ahead nothing can be booked.
_AHEAD = timedelta(days=366)

_held = func.busy_times_of(
    bindparam("persons", type_=ARRAY(Uuid)),
    bindparam("since", type_=DateTime(timezone=True)),
    bindparam("until", type_=DateTime(timezone=True)),
).table_valued("user_id", "starts_at", "ends_at")
_OVERLAPS = (
    select(
        _held.c.starts_at,
        _held.c.ends_at,
        func.min(func.greatest(_held.c.starts_at, FeedTime.starts_at)),
        func.max(func.least(_held.c.ends_at, FeedTime.ends_at)),
    )
    .join(
        FeedTime,
        (FeedTime.user_id == _held.c.user_id)
        & (FeedTime.starts_at < _held.c.ends_at)
        & (FeedTime.ends_at > _held.c.starts_at),
    )
    .where(COUNTS, _held.c.starts_at > bindparam("since"))
    .group_by(_held.c.starts_at, _held.c.ends_at)
)
#: What a calendar can come to lie on.
Held = Meeting | GroupSession | ConferenceBlock


class _Sort(NamedTuple):
    """Where the clashes of one sort of what is held are kept, and its deeds."""

    clash: type[FeedClash] | type[SessionClash] | type[BlockClash]
    held_id: Any
    """The column that names what is held."""
    found: StrEnum
    kept: StrEnum


_SORTS: dict[type[Held], _Sort] = {
    Meeting: _Sort(FeedClash, FeedClash.meeting_id, FeedDeed.CLASHED, FeedDeed.CLASH_KEPT),
    GroupSession: _Sort(
        SessionClash, SessionClash.session_id, SessionDeed.CLASHED, SessionDeed.CLASH_KEPT
    ),
    ConferenceBlock: _Sort(
        BlockClash, BlockClash.block_id, ConferenceDeed.CLASHED, ConferenceDeed.CLASH_KEPT
    ),
}


def _is_open(held: type[Held], *counts: ColumnElement[bool]) -> Exists:
    """Whether a calendar takes time of it now, that was told, and nobody said to keep it."""
    clash, held_id, *_ = _SORTS[held]
    taken = select(FeedTime.user_id).where(
        FeedTime.user_id == held.mentor_user_id,
        FeedTime.starts_at < clash.taken_until,
        FeedTime.ends_at > clash.taken_from,
        COUNTS,
        *counts,
    )
    return (
        select(clash.starts_at)
        .where(
            held_id == held.id,
            clash.starts_at == held.starts_at,
            clash.kept_at.is_(None),
            taken.correlate(held, clash).exists(),
        )
        .correlate(held)
        .exists()
    )


#: Only a shift keeps somebody from a conference: anything else there may be the conference.
_IS_SHIFT = FeedTime.blocks == Blocks.SHIFT
OPEN, OPEN_OF_SESSION = _is_open(Meeting), _is_open(GroupSession)
OPEN_OF_BLOCK = _is_open(ConferenceBlock, _IS_SHIFT)


def _held_at(one: type[Held], *where: ColumnElement[bool]) -> Select:
    """What holds a mentor's time, and lies ahead. Locked."""
    return (
        select(one)
        .where(
            one.mentor_user_id == bindparam("user_id"),
            one.starts_at == bindparam("starts_at"),
            one.ends_at == bindparam("ends_at"),
            one.starts_at > bindparam("now"),
            *where,
        )
        .with_for_update()
    )


_HELD = (
    _held_at(Meeting, Meeting.state.in_(LIVE)),
    _held_at(GroupSession, GroupSession.state == SessionState.OPEN),
    _held_at(
        ConferenceBlock,
        ConferenceBlock.closed_at.is_(None),
        select(FeedTime.user_id)
        .where(
            FeedTime.user_id == ConferenceBlock.mentor_user_id,
            FeedTime.starts_at < ConferenceBlock.ends_at,
            FeedTime.ends_at > ConferenceBlock.starts_at,
            _IS_SHIFT,
            COUNTS,
        )
        .correlate(ConferenceBlock)
        .exists(),
    ),
)


class Clash(NamedTuple):
    """A meeting's time, and from when to when a calendar takes of it."""

    meeting: Span
    part: Span


def of(user_id: UUID, *, now: datetime) -> list[Clash]:
    """Which meetings ahead of somebody lie on what their calendars take. One statement."""
    facts = {"persons": [user_id], "since": now, "until": now + _AHEAD}
    return [
        Clash(Span(starts_at, ends_at), Span(taken_from, taken_until))
        for starts_at, ends_at, taken_from, taken_until in db.session.execute(_OVERLAPS, facts)
    ]


def defer_new(user_id: UUID, before: Iterable[Clash], *, now: datetime) -> None:
    """Have those told of it whose meetings are taken now, and were not `before`."""
    known = {clash.meeting: clash.part for clash in before}
    new = [
        clash
        for clash in of(user_id, now=now)
        if not (clash.meeting in known and known[clash.meeting].covers(clash.part))
    ]
    jobs = [
        {
            "user_id": str(user_id),
            "starts_at": clash.meeting.starts_at.isoformat(),
            "ends_at": clash.meeting.ends_at.isoformat(),
            "taken_from": clash.part.starts_at.isoformat(),
            "taken_until": clash.part.ends_at.isoformat(),
        }
        for clash in new
    ]
    if jobs:
        defer_each("tell_of_clash", jobs)


def tell(user_id: UUID, clash: Clash, *, now: datetime) -> None:
    """Have both people of a mentor's meeting told, in whichever of their chapters it is. Once.

    Enters each chapter in turn: the meeting is seen behind its own wall only.
    """
    for chapter_id in tenancy.chapters_of(user_id):
        with scope.chapter(chapter_id), transaction():
            _tell(user_id, clash, now=now)


def keep(held: Held, *, by: Member, now: datetime) -> None:
    """Say that it stays where it is, whatever the mentor's calendars say.

    :raises NotYours: `by` is not its mentor.
    """
    roles.insist(Permission.CLASH_KEEP, held, by=by)
    sort = _SORTS[type(held)]
    kept = count_touched(
        update(sort.clash)
        .where(
            sort.held_id == held.id,
            sort.clash.starts_at == held.starts_at,
            sort.clash.kept_at.is_(None),
        )
        .values(kept_at=now)
        .execution_options(synchronize_session=False)
    )
    if kept:
        trail.record(sort.kept, held, by=by, now=now, sequence=held.sequence)


def _tell(user_id: UUID, clash: Clash, *, now: datetime) -> None:
    """Have whoever is to know told, if what lies there is of this chapter and still ahead. Once."""
    starts_at, ends_at = clash.meeting
    facts = {"user_id": user_id, "now": now, "starts_at": starts_at, "ends_at": ends_at}
    for one in _HELD:
        held = db.session.scalars(one, facts).one_or_none()
        if held is not None and _is_new(held, clash.part, now=now):
            said = {"starts_at": held.starts_at, "sequence": held.sequence}
            trail.record(_SORTS[type(held)].found, held, by=None, now=now, **said)


def _is_new(held: Held, part: Span, *, now: datetime) -> bool:
    """Note that this part of its time is taken. Says whether that was not told before."""
    sort = _SORTS[type(held)]
    new = insert(sort.clash).values(
        {
            "chapter_id": scope.here(),
            sort.held_id.key: held.id,
            "starts_at": held.starts_at,
            "taken_from": part.starts_at,
            "taken_until": part.ends_at,
            "found_at": now,
        }
    )
    made = db.session.execute(new.on_conflict_do_nothing().returning(sort.held_id))
    return made.first() is not None
