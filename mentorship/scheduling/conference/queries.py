"""Questions about conference meet-ups, each on a member's behalf."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import DateTime, Row, Uuid, bindparam, func, or_, select
from sqlalchemy.orm import aliased

from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours
from mentorship.relationships import conflicts
from mentorship.scheduling.conference import meetups
from mentorship.scheduling.conference.models import ConferenceBlock, MeetUp, MeetUpState
from mentorship.scheduling.feeds import clashes
from mentorship.tenancy.members import Member
from mentorship.tenancy.models import Membership

#: How many blocks the list shows.
SHOWN = 50


@dataclass(frozen=True)
class Block:
    """Where a mentor can be met, as a member of the chapter sees it."""

    id: UUID
    mentor_id: UUID
    mentor_name: str
    conference: str
    session: str
    place: str
    zone: str
    starts_at: datetime
    ends_at: datetime
    minutes: int
    closed_at: datetime | None
    taken: int
    mine_at: datetime | None
    """When the member has a time here."""
    clashes: bool = False
    """Whether a shift of the mentor's now takes of it, and the mentor has not kept it."""

    @property
    def starts(self) -> list[datetime]:
        return list(meetups.starts(self.starts_at, self.ends_at, self.minutes))

    @property
    def free(self) -> int:
        """How many of its times nobody has taken, whether or not they are over."""
        return len(self.starts) - self.taken


class Taken(NamedTuple):
    """A time that somebody has, as the mentor sees it; a student sees only their own."""

    id: UUID
    starts_at: datetime
    mentee_id: UUID
    name: str
    question: str


_me = bindparam("member_id", type_=Uuid)
_now = bindparam("now", type_=DateTime(timezone=True))
_mentor, _mentee = aliased(Membership), aliased(Membership)
_TAKEN = (
    select(func.count(MeetUp.id))
    .where(MeetUp.block_id == ConferenceBlock.id, MeetUp.state == MeetUpState.TAKEN)
    .correlate(ConferenceBlock)
    .scalar_subquery()
)
_MINE_AT = (
    select(MeetUp.starts_at)
    .where(
        MeetUp.block_id == ConferenceBlock.id,
        MeetUp.state == MeetUpState.TAKEN,
        MeetUp.mentee_id == _me,
    )
    .correlate(ConferenceBlock)
    .scalar_subquery()
)
_BLOCKS = (
    select(
        ConferenceBlock.id,
        ConferenceBlock.mentor_id,
        _mentor.name.label("mentor_name"),
        ConferenceBlock.conference,
        ConferenceBlock.session,
        ConferenceBlock.place,
        ConferenceBlock.zone,
        ConferenceBlock.starts_at,
        ConferenceBlock.ends_at,
        ConferenceBlock.minutes,
        ConferenceBlock.closed_at,
        _TAKEN.label("taken"),
        _MINE_AT.label("mine_at"),
    )
    .join(_mentor, _mentor.id == ConferenceBlock.mentor_id)
    .where(
        # Nobody is told who set a block between two people: it is simply not there.
        ~conflicts.kept_apart(ConferenceBlock.mentor_id, _me)
    )
)
_AHEAD = (
    _BLOCKS.where(
        ConferenceBlock.closed_at.is_(None),
        ConferenceBlock.ends_at > _now,
        _mentor.left_at.is_(None),
    )
    .order_by(ConferenceBlock.starts_at, ConferenceBlock.id)
    .limit(SHOWN)
)
_block_id = bindparam("block_id", type_=Uuid)
_ONE = _BLOCKS.add_columns(clashes.OPEN_OF_BLOCK.label("clashes")).where(
    ConferenceBlock.id == _block_id
)
_ENTITY = select(ConferenceBlock).where(
    ConferenceBlock.id == _block_id, ~conflicts.kept_apart(ConferenceBlock.mentor_id, _me)
)
_TIMES = (
    select(MeetUp.id, MeetUp.starts_at, MeetUp.mentee_id, _mentee.name, MeetUp.question)
    .join(_mentee, _mentee.id == MeetUp.mentee_id)
    .join(ConferenceBlock, ConferenceBlock.id == MeetUp.block_id)
    .where(MeetUp.block_id == _block_id, MeetUp.state == MeetUpState.TAKEN)
    .order_by(MeetUp.starts_at)
)
_MINE = select(MeetUp).where(
    MeetUp.block_id == _block_id, MeetUp.mentee_id == _me, MeetUp.state == MeetUpState.TAKEN
)
_me_there = aliased(Membership)
_IN_CALENDAR = (
    select(
        MeetUp.id,
        MeetUp.block_id,
        MeetUp.starts_at,
        MeetUp.ends_at,
        MeetUp.state,
        MeetUp.taken_at,
        MeetUp.ended_at,
        ConferenceBlock.place,
        ConferenceBlock.conference,
        ConferenceBlock.changes,
        _mentee.name.label("mentee"),
        _mentor.name.label("mentor"),
    )
    .join(ConferenceBlock, ConferenceBlock.id == MeetUp.block_id)
    .join(
        _me_there, or_(_me_there.id == MeetUp.mentee_id, _me_there.id == ConferenceBlock.mentor_id)
    )
    .join(_mentee, _mentee.id == MeetUp.mentee_id)
    .join(_mentor, _mentor.id == ConferenceBlock.mentor_id)
    .where(
        _me_there.user_id == bindparam("user_id", type_=Uuid),
        _me_there.left_at.is_(None),
        MeetUp.starts_at > bindparam("since", type_=DateTime(timezone=True)),
    )
    .order_by(MeetUp.starts_at, MeetUp.id)
    .limit(bindparam("most"))
)


def ahead(member: Member, *, now: datetime) -> list[Block]:
    """Blocks of the chapter that are not over, the soonest first. One statement."""
    facts = {"member_id": member.id, "now": now}
    return [Block(**row._mapping) for row in db.session.execute(_AHEAD, facts)]


def one(block_id: UUID, *, member: Member) -> Block:
    """A block of the chapter, in whatever state. One statement.

    :raises NotYours: there is none for this member.
    """
    row = db.session.execute(_ONE, {"block_id": block_id, "member_id": member.id}).one_or_none()
    if row is None:
        raise NotYours
    return Block(**row._mapping)


def times(block_id: UUID) -> list[Taken]:
    """The times of a block that are taken. One statement."""
    return [Taken(*row) for row in db.session.execute(_TIMES, {"block_id": block_id})]


def block(block_id: UUID, *, member: Member) -> ConferenceBlock:
    """A block of the chapter, as an entity that verbs may change.

    :raises NotYours: there is none for this member.
    """
    facts = {"block_id": block_id, "member_id": member.id}
    found = db.session.scalars(_ENTITY, facts).one_or_none()
    if found is None:
        raise NotYours
    return found


def mine(block_id: UUID, *, member: Member) -> MeetUp:
    """The member's own time in a block, as an entity that verbs may change.

    :raises NotYours: they have none.
    """
    facts = {"block_id": block_id, "member_id": member.id}
    found = db.session.scalars(_MINE, facts).one_or_none()
    if found is None:
        raise NotYours
    return found


def in_calendar(user_id: UUID, *, since: datetime, most: int) -> list[Row]:
    """This person's meet-ups of the chapter that was entered, on either side. One statement."""
    facts = {"user_id": user_id, "since": since, "most": most}
    return list(db.session.execute(_IN_CALENDAR, facts))
