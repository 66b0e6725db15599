"""What a calendar newly takes of the time of meetings that are booked already.

It is noticed in the transaction that keeps a reading, over all chapters and without saying which
meeting it is; each chapter then looks behind its own wall. Nothing is cancelled: both people are
told, once for each part of a meeting's time that is taken, and the mentor decides. Of a group
session, and of a shift during meet-ups at a conference, the mentor alone is told.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, Select, Uuid, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert

from mentorship.audit import trail
from mentorship.audit.models import AuditEvent
from mentorship.foundation import scope
from mentorship.foundation.database import count_touched, db, transaction
from mentorship.foundation.queue import defer_each
from mentorship.scheduling.conference.models import ConferenceBlock, ConferenceDeed
from mentorship.scheduling.feeds.kinds import Blocks
from mentorship.scheduling.feeds.models import FeedClash, FeedDeed, FeedTime
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
#: Whether a calendar takes time of a meeting now, and both were told, and nobody said to keep it.
OPEN = (
    select(FeedClash.meeting_id)
    .where(
        FeedClash.meeting_id == Meeting.id,
        FeedClash.starts_at == Meeting.starts_at,
        FeedClash.kept_at.is_(None),
        select(FeedTime.user_id)
        .where(
            FeedTime.user_id == Meeting.mentor_user_id,
            FeedTime.starts_at < FeedClash.taken_until,
            FeedTime.ends_at > FeedClash.taken_from,
            COUNTS,
        )
        .correlate(Meeting, FeedClash)
        .exists(),
    )
    .correlate(Meeting)
    .exists()
)


def _held_at(one: type[GroupSession] | type[ConferenceBlock]) -> Select:
    """The session, or the block at a conference, that holds a mentor's time. Locked."""
    return (
        select(one)
        .where(
            one.mentor_user_id == bindparam("user_id"),
            one.starts_at == bindparam("starts_at"),
            one.ends_at == bindparam("ends_at"),
            one.starts_at > bindparam("now"),
        )
        .with_for_update()
    )


_SESSION = _held_at(GroupSession).where(GroupSession.state == SessionState.OPEN)
#: Only a shift keeps somebody from a conference: anything else there may be the conference.
_BLOCK = _held_at(ConferenceBlock).where(
    ConferenceBlock.closed_at.is_(None),
    select(FeedTime.user_id)
    .where(
        FeedTime.user_id == ConferenceBlock.mentor_user_id,
        FeedTime.blocks == Blocks.SHIFT,
        FeedTime.starts_at < ConferenceBlock.ends_at,
        FeedTime.ends_at > ConferenceBlock.starts_at,
        COUNTS,
    )
    .correlate(ConferenceBlock)
    .exists(),
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


def keep(meeting: Meeting, *, by: Member, now: datetime) -> None:
    """Say that a meeting stays where it is, whatever the mentor's calendars say.

    :raises NotYours: `by` is not its mentor.
    """
    roles.insist(Permission.CLASH_KEEP, meeting, by=by)
    kept = count_touched(
        update(FeedClash)
        .where(
            FeedClash.meeting_id == meeting.id,
            FeedClash.starts_at == meeting.starts_at,
            FeedClash.kept_at.is_(None),
        )
        .values(kept_at=now)
        .execution_options(synchronize_session=False)
    )
    if kept:
        trail.record(FeedDeed.CLASH_KEPT, meeting, by=by, now=now, sequence=meeting.sequence)


def _tell(user_id: UUID, clash: Clash, *, now: datetime) -> None:
    """Have whoever is to know told, if what lies there is of this chapter and still ahead."""
    _tell_of_meeting(user_id, clash, now=now)
    for many, deed in ((_SESSION, SessionDeed.CLASHED), (_BLOCK, ConferenceDeed.CLASHED)):
        starts_at, ends_at = clash.meeting
        facts = {"user_id": user_id, "now": now, "starts_at": starts_at, "ends_at": ends_at}
        if held := db.session.scalars(many, facts).one_or_none():
            _tell_once(held, deed, clash.part, now=now)


def _tell_once(
    held: GroupSession | ConferenceBlock, deed: StrEnum, part: Span, *, now: datetime
) -> None:
    """Have the mentor told who meets many there; they hear of it once the mentor decides."""
    told = select(AuditEvent.facts).where(AuditEvent.subject_id == held.id, AuditEvent.deed == deed)
    facts = {
        "starts_at": held.starts_at.isoformat(),
        "taken_from": part.starts_at.isoformat(),
        "taken_until": part.ends_at.isoformat(),
    }
    if facts not in db.session.scalars(told).all():
        trail.record(deed, held, by=None, now=now, **facts)


def _tell_of_meeting(user_id: UUID, clash: Clash, *, now: datetime) -> None:
    meeting = db.session.scalars(
        select(Meeting)
        .where(
            Meeting.mentor_user_id == user_id,
            Meeting.starts_at == clash.meeting.starts_at,
            Meeting.ends_at == clash.meeting.ends_at,
            Meeting.starts_at > now,
            Meeting.state.in_(LIVE),
        )
        .with_for_update()
    ).one_or_none()
    if meeting is None:
        return
    new = insert(FeedClash).values(
        chapter_id=scope.here(),
        meeting_id=meeting.id,
        starts_at=meeting.starts_at,
        taken_from=clash.part.starts_at,
        taken_until=clash.part.ends_at,
        found_at=now,
    )
    made = db.session.execute(new.on_conflict_do_nothing().returning(FeedClash.meeting_id)).first()
    if made is not None:
        trail.record(FeedDeed.CLASHED, meeting, by=None, now=now, sequence=meeting.sequence)
