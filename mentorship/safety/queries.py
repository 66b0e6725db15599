"""Questions about concerns. Each is asked on a member's behalf, and knows who must never read one.

Whoever a concern is about is behind its wall: not even an advisor, nor a network admin, reads it
then. It goes to the other advisors; when none is left, to network admins who belong to the
chapter. Officers and coordinators read none.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Uuid, and_, bindparam, case, func, or_, select, true
from sqlalchemy.orm import aliased

from mentorship.accounts.models import User
from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours
from mentorship.relationships.models import Block, Pairing, Separation
from mentorship.safety.models import (
    Concern,
    ConcernDeed,
    ConcernState,
    ConcernStep,
    ConcernWall,
    Outcome,
)
from mentorship.scheduling.models import Meeting
from mentorship.tenancy.members import Member
from mentorship.tenancy.models import Membership
from mentorship.tenancy.roles import Role

#: How many are listed, open ones first.
SHOWN = 100
#: Roles by which somebody may be named in a report without being known to whoever writes it.
RUNNING = (Role.ADVISOR, Role.COORDINATOR, Role.OFFICER)

_reader, _user, _advisor = aliased(Membership), aliased(User), aliased(Membership)
_by, _about = aliased(Membership), aliased(Membership)
_me = bindparam("member_id", type_=Uuid)


def _walled(who: type[Membership]) -> ColumnElement[bool]:
    wall = select(ConcernWall.member_id).where(
        ConcernWall.concern_id == Concern.id, ConcernWall.member_id == who.id
    )
    return wall.correlate(Concern, who).exists()


_an_advisor_may = (
    select(_advisor.id)
    .where(
        _advisor.left_at.is_(None),
        _advisor.roles.contains([Role.ADVISOR.value]),
        ~_walled(_advisor),
    )
    .correlate(Concern)
    .exists()
)
_TRIAGES = and_(
    _reader.left_at.is_(None),
    ~_walled(_reader),
    or_(
        _reader.roles.contains([Role.ADVISOR.value]),
        # Whoever helps by the chapter's consent has no role in it, and hears of no concern.
        and_(_user.is_network_admin, func.cardinality(_reader.roles) > 0, ~_an_advisor_may),
    ),
)
_CARDS = (
    select(
        Concern.id,
        Concern.at,
        Concern.state,
        Concern.outcome,
        Concern.seen_at,
        Concern.closed_at,
        Concern.look_by,
        _about.name.label("about_name"),
    )
    .select_from(Concern)
    .outerjoin(_about, _about.id == Concern.about_id)
    .order_by(case((Concern.state == ConcernState.CLOSED, 1), else_=0), Concern.at.desc())
    .limit(SHOWN)
)
_MINE = _CARDS.where(Concern.by_id == _me)
_FOR_ME = (
    _CARDS.join(_reader, _reader.id == _me).join(_user, _user.id == _reader.user_id).where(_TRIAGES)
)
_ONE = (
    select(Concern, _TRIAGES.label("triages"), _by.name, _about.name)
    .select_from(Concern)
    .join(_reader, _reader.id == _me)
    .join(_user, _user.id == _reader.user_id)
    .join(_by, _by.id == Concern.by_id)
    .outerjoin(_about, _about.id == Concern.about_id)
    .where(Concern.id == bindparam("concern_id"), or_(_TRIAGES, Concern.by_id == _me))
)
_TRIAGERS = (
    select(_reader.id, _reader.name)
    .select_from(Concern)
    .join(_reader, true())
    .join(_user, _user.id == _reader.user_id)
    .where(Concern.id == bindparam("concern_id"), _TRIAGES)
    .order_by(_reader.name, _reader.id)
)
_STEPS = (
    select(ConcernStep.at, ConcernStep.deed, ConcernStep.words, _by.name.label("by_name"))
    .join(_by, _by.id == ConcernStep.by_id)
    .where(ConcernStep.concern_id == bindparam("concern_id"))
    .order_by(ConcernStep.at, ConcernStep.id)
)
_KNOWN = (
    select(Membership.id, Membership.name)
    .where(
        Membership.id != _me,
        Membership.left_at.is_(None),
        or_(
            Membership.roles.overlap([role.value for role in RUNNING]),
            select(Pairing.id)
            .where(
                or_(
                    and_(Pairing.mentee_id == _me, Pairing.mentor_id == Membership.id),
                    and_(Pairing.mentor_id == _me, Pairing.mentee_id == Membership.id),
                )
            )
            .exists(),
            Membership.id == bindparam("also_id"),
        ),
    )
    .order_by(Membership.name, Membership.id)
    .limit(300)
)
_ADVISORS = (
    select(Membership.name)
    .where(Membership.left_at.is_(None), Membership.roles.contains([Role.ADVISOR.value]))
    .order_by(Membership.name, Membership.id)
)
_OTHER_THAN_ME = case((Pairing.mentee_id == _me, Pairing.mentor_id), else_=Pairing.mentee_id)
_OF_TWO = select(Pairing.id, _OTHER_THAN_ME.label("other_id")).where(
    or_(Pairing.mentee_id == _me, Pairing.mentor_id == _me)
)
_BY_PAIRING = _OF_TWO.where(Pairing.id == bindparam("pairing_id"))
_BY_MEETING = _OF_TWO.join(Meeting, Meeting.pairing_id == Pairing.id).where(
    Meeting.id == bindparam("meeting_id")
)
_MY_BLOCKS = (
    select(Membership.id, Membership.name, Block.created_at)
    .join(Block, Block.other_id == Membership.id)
    .where(Block.member_id == _me)
    .order_by(Membership.name, Membership.id)
    .limit(SHOWN)
)
_I_BLOCK = select(Block.created_at).where(
    Block.member_id == _me, Block.other_id == bindparam("other_id")
)
_I_SEPARATE = select(Separation.created_at).where(
    Separation.set_by_id == _me,
    Separation.one_id == bindparam("one_id"),
    Separation.other_id == bindparam("other_id"),
)


class Card(NamedTuple):
    """A concern in a list: that there is one, and how far it has come."""

    id: UUID
    at: datetime
    state: ConcernState
    outcome: Outcome | None
    seen_at: datetime | None
    closed_at: datetime | None
    look_by: datetime
    about_name: str | None


@dataclass(frozen=True)
class Found:
    """A concern for somebody who may read it."""

    concern: Concern
    triages: bool
    """Whether they look into it; otherwise they reported it, and see how far it has come."""
    by_name: str
    about_name: str | None

    @property
    def state(self) -> ConcernState:
        return ConcernState(self.concern.state)


class Step(NamedTuple):
    at: datetime
    deed: ConcernDeed
    words: str
    by_name: str


class Somebody(NamedTuple):
    id: UUID
    name: str


class Occasion(NamedTuple):
    """The pairing that a report is about, and the other of the two."""

    pairing_id: UUID
    other_id: UUID


class MyBlock(NamedTuple):
    id: UUID
    name: str
    since: datetime


def mine(member: Member) -> list[Card]:
    """What this member has reported, open ones first."""
    return _cards(db.session.execute(_MINE, {"member_id": member.id}))


def to_look_into(member: Member) -> list[Card]:
    """What this member may look into, open ones first; nothing for nearly everybody."""
    return _cards(db.session.execute(_FOR_ME, {"member_id": member.id}))


def concern(concern_id: UUID, *, member: Member, for_update: bool = False) -> Found:
    """A concern that this member reported or may look into.

    With `for_update` nobody else changes it until this change is kept or dropped.

    :raises NotYours: neither; then it does not exist for them.
    """
    wanted = _ONE.with_for_update(of=Concern) if for_update else _ONE
    facts = {"concern_id": concern_id, "member_id": member.id}
    row = db.session.execute(wanted, facts).one_or_none()
    if row is None:
        raise NotYours
    found, triages, by_name, about_name = row
    return Found(found, triages, by_name, about_name)


def triagers(concern_id: UUID) -> list[Somebody]:
    """Who may look into a concern as things are now; nobody, when all are behind its wall."""
    rows = db.session.execute(_TRIAGERS, {"concern_id": concern_id})
    return [Somebody(*row) for row in rows]


def steps(concern_id: UUID) -> list[Step]:
    """What was done about a concern, in order, with notes. For those who look into it alone."""
    rows = db.session.execute(_STEPS, {"concern_id": concern_id})
    return [Step(row.at, ConcernDeed(row.deed), row.words, row.by_name) for row in rows]


def people_to_name(member: Member, *, also: UUID | None = None) -> list[Somebody]:
    """Whom this member may name in a report: their pairings, who runs the chapter, and `also`."""
    rows = db.session.execute(_KNOWN, {"member_id": member.id, "also_id": also})
    return [Somebody(*row) for row in rows]


def advisors() -> list[str]:
    """The names of the chapter's faculty advisors."""
    return list(db.session.scalars(_ADVISORS))


def occasion(
    member: Member, *, pairing_id: UUID | None = None, meeting_id: UUID | None = None
) -> Occasion | None:
    """The pairing of this member that is meant, by itself or by one of its meetings."""
    facts = {"member_id": member.id, "pairing_id": pairing_id, "meeting_id": meeting_id}
    if pairing_id:
        row = db.session.execute(_BY_PAIRING, facts).one_or_none()
    elif meeting_id:
        row = db.session.execute(_BY_MEETING, facts).one_or_none()
    else:
        row = None
    return None if row is None else Occasion(*row)


def my_blocks(member: Member) -> list[MyBlock]:
    """Whom this member has blocked. Nobody else is ever told."""
    rows = db.session.execute(_MY_BLOCKS, {"member_id": member.id})
    return [MyBlock(*row) for row in rows]


def blocked_since(other_id: UUID, *, member: Member) -> datetime | None:
    """Since when this member has blocked another, if they have."""
    return db.session.scalar(_I_BLOCK, {"member_id": member.id, "other_id": other_id})


def separated_since(one_id: UUID, other_id: UUID, *, by: Member) -> datetime | None:
    """Since when `by` keeps the two apart, if they do."""
    facts = {"member_id": by.id, "one_id": one_id, "other_id": other_id}
    return db.session.scalar(_I_SEPARATE, facts)


def _cards(rows: Iterable[Row]) -> list[Card]:
    return [
        Card(
            **row._asdict()
            | {
                "state": ConcernState(row.state),
                "outcome": Outcome(row.outcome) if row.outcome else None,
            }
        )
        for row in rows
    ]
