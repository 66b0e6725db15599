"""Questions about who runs a chapter, until when, and who has left it."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import aliased

from mentorship.accounts.models import User
from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours
from mentorship.tenancy import terms
from mentorship.tenancy.memberships import REGRET
from mentorship.tenancy.models import Handover, Membership, SupportVisit
from mentorship.tenancy.roles import Role
from mentorship.tenancy.terms import OFFICES, Term

#: More than a chapter has officers, and of whom a successor is chosen among.
MOST = 500


class Office(NamedTuple):
    """That somebody holds an office, in force or still to come."""

    member_id: UUID
    name: str
    role: Role
    term: Term


class HeldRole(NamedTuple):
    role: Role
    term: Term

    def stands(self, now: datetime) -> str:
        """Whether it counts, is still to come, or is over."""
        if self.term.is_over(now):
            return "over"
        return "now" if self.term.counts(now) else "to come"


class Card(NamedTuple):
    """A member as those who run the chapter see them, also one who has left."""

    id: UUID
    name: str
    email: str
    joined_at: datetime
    left_at: datetime | None
    roles: tuple[HeldRole, ...]
    is_support: bool

    @property
    def is_mentor(self) -> bool:
        return any(held.role is Role.MENTOR for held in self.roles)

    def may_come_back(self, now: datetime) -> bool:
        return self.left_at is not None and now - self.left_at <= REGRET


class HandedOver(NamedTuple):
    """What somebody was given to know when they were named."""

    id: UUID
    role: Role
    from_name: str
    to_name: str
    to_id: UUID
    from_id: UUID
    starts_at: datetime
    words: str


_OFFICES = (
    select(Membership.id, Membership.name, Membership.held, Membership.terms)
    .where(Membership.left_at.is_(None), Membership.held.overlap([*OFFICES]))
    .order_by(Membership.name, Membership.id)
    .limit(MOST)
)
_LEFT = (
    select(Membership.id, Membership.name, Membership.left_at)
    .where(Membership.left_at > bindparam("since"), Membership.held != [])
    .order_by(Membership.left_at.desc(), Membership.id)
    .limit(MOST)
)
_ONE = (
    select(
        Membership.id,
        Membership.name,
        User.email,
        Membership.joined_at,
        Membership.left_at,
        Membership.held,
        Membership.terms,
        select(SupportVisit.id)
        .where(SupportVisit.member_id == Membership.id)
        .correlate(Membership)
        .exists()
        .label("is_support"),
    )
    .join(User, User.id == Membership.user_id)
    .where(Membership.id == bindparam("member_id"))
)
_PEOPLE = (
    select(Membership.id, Membership.name)
    .where(
        Membership.left_at.is_(None),
        Membership.id != bindparam("member_id"),
        Membership.held != [],
    )
    .order_by(Membership.name, Membership.id)
    .limit(MOST)
)
_RUNNERS = select(Membership.id).where(
    Membership.left_at.is_(None), Membership.roles.overlap([*terms.RUN_IT])
)

_from, _to = aliased(Membership), aliased(Membership)
_HANDOVER = (
    select(
        Handover.id,
        Handover.role,
        _from.name.label("from_name"),
        _to.name.label("to_name"),
        Handover.to_id,
        Handover.from_id,
        Handover.starts_at,
        Handover.words,
    )
    .join(_from, _from.id == Handover.from_id)
    .join(_to, _to.id == Handover.to_id)
    .where(Handover.id == bindparam("handover_id"))
)


def offices(*, now: datetime) -> list[Office]:
    """Who holds an office, by role and name, without those whose term is over. One statement."""
    found = [
        Office(row.id, row.name, role, terms.read(row.terms, role))
        for row in db.session.execute(_OFFICES)
        for role in OFFICES
        if role in row.held
    ]
    alive = [office for office in found if not office.term.is_over(now)]
    return sorted(alive, key=lambda office: OFFICES.index(office.role), reverse=True)


def left_lately(*, now: datetime) -> list:
    """Who left within the time in which they can be brought back: id, name, left_at."""
    return list(db.session.execute(_LEFT, {"since": now - REGRET}))


def card(member_id: UUID) -> Card:
    """A member of this chapter, whether they are still here or not. One statement.

    :raises NotYours: there is none of that id.
    """
    row = db.session.execute(_ONE, {"member_id": member_id}).one_or_none()
    if row is None:
        raise NotYours
    held = tuple(HeldRole(role, terms.read(row.terms, role)) for role in Role if role in row.held)
    return Card(
        *(row.id, row.name, row.email, row.joined_at, row.left_at),
        *(held, row.is_support and not held),
    )


def others(member_id: UUID) -> list:
    """Everybody else who could follow somebody, by name: id and name."""
    return list(db.session.execute(_PEOPLE, {"member_id": member_id}))


def runners() -> list[UUID]:
    """Whoever runs the chapter today."""
    return list(db.session.scalars(_RUNNERS))


def handover(handover_id: UUID) -> HandedOver:
    """One handover of this chapter.

    :raises NotYours: there is none of that id.
    """
    row = db.session.execute(_HANDOVER, {"handover_id": handover_id}).one_or_none()
    if row is None:
        raise NotYours
    return HandedOver(**row._asdict() | {"role": Role(row.role)})
