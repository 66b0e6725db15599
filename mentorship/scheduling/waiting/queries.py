"""Questions about who waits for a place: one's own wait, how many there are, and who is next."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, and_, bindparam, func, or_, select
from sqlalchemy.orm import aliased

from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours
from mentorship.profiles.models import MentorProfile, Offer
from mentorship.relationships import conflicts
from mentorship.relationships.models import OPEN, Pairing
from mentorship.scheduling.waiting.models import ON_THE_LIST, Wait, WaitState
from mentorship.tenancy.members import Member
from mentorship.tenancy.models import Membership
from mentorship.tenancy.roles import Role
from mentorship.vocabulary.kinds import Kind

#: How many names a coordinator is shown.
SHOWN = 50


class Place(NamedTuple):
    """Where somebody stands in the fair order: the least is next. Equal in no two waits."""

    has_a_mentor: bool
    joined_at: datetime
    wait_id: UUID


@dataclass(frozen=True)
class MyWait:
    """A student's own wait for one mentor."""

    id: UUID
    kind: Kind
    why: str
    state: WaitState
    joined_at: datetime
    offered_until: datetime | None
    ahead: int
    """How many are before them, in this chapter."""

    @property
    def place(self) -> str:
        """Where they stand, in words: a number would make it a race."""
        if self.ahead == 0:
            return "You are next when a place opens."
        if self.ahead <= 2:
            return "You are among the first. One or two people come before you."
        return "Several people come before you."


class Waiting(NamedTuple):
    """One who waits, as the coordinator sees it."""

    name: str
    kind: Kind
    joined_at: datetime
    offered: bool


class WhoWaits(NamedTuple):
    """Who waits for a mentor: how many there are, and those who may be named."""

    many: int
    named: tuple[Waiting, ...]


_mentee, _mentor = aliased(Membership), aliased(Membership)
#: Paired with the mentor meanwhile, for instance by a matching run: there is nothing to wait for.
_PAIRED = (
    select(Pairing.id)
    .where(
        Pairing.mentee_id == Wait.mentee_id,
        Pairing.mentor_id == Wait.mentor_id,
        Pairing.state.in_(OPEN),
    )
    .correlate(Wait)
    .exists()
)
_WELCOME = and_(
    _mentee.left_at.is_(None),
    _mentee.roles.contains([Role.STUDENT]),
    _mentor.left_at.is_(None),
    _mentor.roles.contains([Role.MENTOR]),
    MentorProfile.paused_at.is_(None),
    select(Offer.kind)
    .where(Offer.member_id == Wait.mentor_id, Offer.kind == Wait.kind)
    .correlate(Wait)
    .exists(),
    ~conflicts.kept_apart(Wait.mentor_id, Wait.mentee_id),
    or_(
        Wait.kind != Kind.WELLNESS,
        ~conflicts.judging(Wait.mentor_id, Wait.mentee_id, now=conflicts.NOW),
    ),
    ~_PAIRED,
)


def _has_a_mentor(wait: type[Wait]) -> ColumnElement[bool]:
    """Whether one who waits is paired with anybody of this chapter."""
    paired = select(Pairing.id).where(Pairing.mentee_id == wait.mentee_id, Pairing.state.in_(OPEN))
    return paired.correlate(wait).exists()


_PLACES = (
    select(_has_a_mentor(Wait), Wait.joined_at, Wait.id)
    .join(_mentee, _mentee.id == Wait.mentee_id)
    .join(_mentor, _mentor.id == Wait.mentor_id)
    .join(MentorProfile, MentorProfile.member_id == Wait.mentor_id)
    .where(Wait.state == WaitState.WAITING, _WELCOME)
)
_NEXT = (
    _PLACES.where(Wait.mentor_user_id == bindparam("user_id", type_=Uuid))
    .order_by(_has_a_mentor(Wait), Wait.joined_at, Wait.id)
    .limit(1)
)
_STILL_WELCOME = _PLACES.where(Wait.id == bindparam("wait_id", type_=Uuid))
_OPEN_BETWEEN = select(Wait).where(
    Wait.mentor_id == bindparam("mentor_id", type_=Uuid),
    Wait.mentee_id == bindparam("member_id", type_=Uuid),
    Wait.state.in_(ON_THE_LIST),
)
_other = aliased(Wait)
_first = func.row(_has_a_mentor(_other), _other.joined_at, _other.id)
_AHEAD = (
    select(func.count(_other.id))
    .where(
        _other.mentor_id == Wait.mentor_id,
        _other.state.in_(ON_THE_LIST),
        _first < func.row(_has_a_mentor(Wait), Wait.joined_at, Wait.id),
    )
    .correlate(Wait)
    .scalar_subquery()
)
_MINE = select(
    Wait.id, Wait.kind, Wait.why, Wait.state, Wait.joined_at, Wait.offered_until, _AHEAD
).where(
    Wait.mentor_id == bindparam("mentor_id", type_=Uuid),
    Wait.mentee_id == bindparam("member_id", type_=Uuid),
    Wait.state.in_(ON_THE_LIST),
)
_ONE = select(Wait).where(
    Wait.id == bindparam("wait_id", type_=Uuid), Wait.mentee_id == bindparam("member_id")
)
_ON_THE_LIST = (
    select(func.count().over().label("many"), _mentee.name, Wait.kind, Wait.joined_at, Wait.state)
    .join(_mentee, _mentee.id == Wait.mentee_id)
    .where(
        Wait.mentor_id == bindparam("mentor_id", type_=Uuid),
        Wait.state.in_(ON_THE_LIST),
        _mentee.left_at.is_(None),
        ~_PAIRED,
    )
    .order_by(_has_a_mentor(Wait), Wait.joined_at, Wait.id)
    .limit(SHOWN)
)


def next_for(mentor_user_id: UUID, *, now: datetime) -> Place | None:
    """Who of this chapter the next place of this person is for. One statement."""
    facts = {"user_id": mentor_user_id, "now": now}
    row = db.session.execute(_NEXT, facts).one_or_none()
    return Place(*row) if row else None


def may_have_it(wait: Wait, *, now: datetime) -> bool:
    """Whether one who waits may be paired with the mentor as things stand. One statement."""
    facts = {"wait_id": wait.id, "now": now}
    return db.session.execute(_STILL_WELCOME, facts).first() is not None


def open_between(mentor_id: UUID, *, member: Member) -> Wait | None:
    """The member's wait for this mentor, as an entity that verbs may change."""
    facts = {"mentor_id": mentor_id, "member_id": member.id}
    return db.session.scalars(_OPEN_BETWEEN, facts).one_or_none()


def mine(mentor_id: UUID, *, member: Member) -> MyWait | None:
    """The member's wait for this mentor, and where they stand. One statement."""
    facts = {"mentor_id": mentor_id, "member_id": member.id}
    row = db.session.execute(_MINE, facts).one_or_none()
    if row is None:
        return None
    id_, kind, why, state, joined_at, offered_until, ahead = row
    return MyWait(id_, Kind(kind), why, WaitState(state), joined_at, offered_until, ahead)


def my_wait(wait_id: UUID, *, member: Member) -> Wait:
    """A wait of this member, in whatever state, as an entity that verbs may change.

    :raises NotYours: it is not theirs.
    """
    facts = {"wait_id": wait_id, "member_id": member.id}
    found = db.session.scalars(_ONE, facts).one_or_none()
    if found is None:
        raise NotYours
    return found


def who_waits(mentor_id: UUID) -> WhoWaits:
    """Who waits for a mentor of this chapter, in the fair order. One statement.

    That somebody looks for wellness mentoring is theirs: they are counted and not named.
    """
    rows = db.session.execute(_ON_THE_LIST, {"mentor_id": mentor_id}).all()
    named = tuple(
        Waiting(row.name, Kind(row.kind), row.joined_at, row.state == WaitState.OFFERED)
        for row in rows
        if row.kind != Kind.WELLNESS
    )
    return WhoWaits(rows[0].many if rows else 0, named)
