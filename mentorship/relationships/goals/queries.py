"""Questions about goals. To whom a goal is neither theirs nor shared, it does not exist."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, bindparam, exists, func, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from mentorship.foundation import clock
from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours
from mentorship.relationships.goals.models import Goal, GoalItem, GoalShare, GoalState, GoalStep
from mentorship.relationships.models import UNDER_WAY, ActionItem, Pairing
from mentorship.tenancy.members import Member
from mentorship.tenancy.models import Membership

#: How many settled goals a list shows, the newest first.
LISTED = 30


@dataclass(frozen=True)
class Step:
    id: UUID
    what: str
    done: bool


@dataclass(frozen=True)
class Task:
    """An action item that serves a goal."""

    what: str
    due_on: date | None
    done: bool
    pairing_id: UUID


@dataclass(frozen=True)
class Card:
    """A goal as its owner sees it."""

    id: UUID
    what: str
    how_known: str
    due_on: date
    state: GoalState
    word: str
    settled_at: datetime | None
    with_all: bool
    mentor_ids: frozenset[UUID]
    """With whom it is shared, by name."""
    steps: tuple[Step, ...]
    tasks: tuple[Task, ...]
    overdue: bool

    @property
    def active(self) -> bool:
        return self.state is GoalState.ACTIVE

    @property
    def done(self) -> int:
        return sum(step.done for step in self.steps)


@dataclass(frozen=True)
class Mentor:
    """Somebody with whom a goal can be shared."""

    id: UUID
    name: str
    kinds: tuple[str, ...]


def seen_by_mentor_of(pairing: Any) -> Any:
    """The condition under which a goal is the mentee's of a pairing, and its mentor sees it."""
    # Said outright, since where this stands deeper it would else mean any pairing at all.
    shared = (
        select(GoalShare.goal_id)
        .where(GoalShare.goal_id == Goal.id, GoalShare.mentor_id == pairing.mentor_id)
        .correlate(Goal, pairing)
        .exists()
    )
    return (Goal.member_id == pairing.mentee_id) & or_(Goal.with_all, shared)


def _rows(*facts: Any, order: Any, where: Any) -> Any:
    """What another table keeps of a goal, as one list of lists."""
    rows = func.json_agg(aggregate_order_by(func.json_build_array(*facts), *order))
    return select(rows).where(where).correlate(Goal).scalar_subquery()


_GOALS = (
    select(
        Goal.id,
        Goal.what,
        Goal.how_known,
        Goal.due_on,
        Goal.state,
        Goal.word,
        Goal.settled_at,
        Goal.with_all,
        select(func.array_agg(GoalShare.mentor_id))
        .where(GoalShare.goal_id == Goal.id)
        .correlate(Goal)
        .scalar_subquery()
        .label("mentor_ids"),
        _rows(
            *(GoalStep.id, GoalStep.what, GoalStep.done_at.is_not(None)),
            order=(GoalStep.position, GoalStep.id),
            where=GoalStep.goal_id == Goal.id,
        ).label("steps"),
        _rows(
            *(ActionItem.what, ActionItem.due_on),
            *(ActionItem.done_at.is_not(None), ActionItem.pairing_id),
            order=(ActionItem.due_on.asc().nulls_last(), ActionItem.id),
            where=and_(
                GoalItem.goal_id == Goal.id,
                ActionItem.id == GoalItem.item_id,
                ActionItem.dropped_at.is_(None),
            ),
        ).label("tasks"),
    )
    .where(Goal.member_id == bindparam("member_id"))
    .order_by(Goal.position, Goal.id)
)
_MINE = select(Goal).where(
    Goal.id == bindparam("goal_id"), Goal.member_id == bindparam("member_id")
)
_ONE = _GOALS.where(Goal.id == bindparam("goal_id"))
_OPEN = _GOALS.where(Goal.state == GoalState.ACTIVE)
_of_settled = (
    select(Goal.id)
    .where(Goal.member_id == bindparam("member_id"), Goal.state != GoalState.ACTIVE)
    .order_by(Goal.settled_at.desc(), Goal.id)
    .limit(LISTED)
)
_WITH_SETTLED = _GOALS.where(or_(Goal.state == GoalState.ACTIVE, Goal.id.in_(_of_settled)))
_MENTORS = (
    select(Membership.id, Membership.name, func.array_agg(Pairing.kind).label("kinds"))
    .join(Pairing, Pairing.mentor_id == Membership.id)
    .where(
        Pairing.mentee_id == bindparam("member_id"),
        Pairing.state.in_(UNDER_WAY),
        Membership.left_at.is_(None),
    )
    .group_by(Membership.id, Membership.name)
    .order_by(Membership.name, Membership.id)
)
_I_SEE = select(Goal).where(
    Goal.id == bindparam("goal_id"),
    or_(
        Goal.member_id == bindparam("member_id"),
        exists(
            select(Pairing.id).where(
                Pairing.mentor_id == bindparam("member_id"),
                Pairing.state.in_(UNDER_WAY),
                seen_by_mentor_of(Pairing),
            )
        ),
    ),
)
#: The open goals that an item of a pairing can serve, and that the reader sees.
_FOR_ITEM = (
    select(Goal.id, Goal.what)
    .join(Pairing, Pairing.mentee_id == Goal.member_id)
    .where(
        Pairing.id == bindparam("pairing_id"),
        Pairing.state.in_(UNDER_WAY),
        Goal.state == GoalState.ACTIVE,
        or_(
            Goal.member_id == bindparam("member_id"),
            and_(Pairing.mentor_id == bindparam("member_id"), seen_by_mentor_of(Pairing)),
        ),
    )
    .order_by(Goal.position, Goal.id)
)
_SERVED = select(GoalItem.goal_id).where(GoalItem.item_id == bindparam("item_id"))


def my_goal(goal_id: UUID, *, member: Member, for_update: bool = False) -> Goal:
    """A goal of this member, as an entity that verbs may change.

    :raises NotYours: it is somebody else's, though they may have shared it.
    """
    wanted = _MINE.with_for_update() if for_update else _MINE
    found = db.session.scalars(wanted, {"goal_id": goal_id, "member_id": member.id}).one_or_none()
    if found is None:
        raise NotYours
    return found


def my_card(goal_id: UUID, *, member: Member, now: datetime) -> Card:
    """One goal of the member with its steps.

    :raises NotYours: there is none.
    """
    found = _cards(_ONE, member, now=now, goal_id=goal_id)
    if not found:
        raise NotYours
    return found[0]


def open_goals(member: Member, *, now: datetime) -> list[Card]:
    """What the member works toward, in the order they gave it."""
    return _cards(_OPEN, member, now=now)


def my_goals(member: Member, *, now: datetime) -> list[Card]:
    """What the member works toward, and the newest of what is settled."""
    return _cards(_WITH_SETTLED, member, now=now)


def mentors_of(member: Member) -> list[Mentor]:
    """With whom the member can share a goal: mentors of a pairing under way."""
    rows = db.session.execute(_MENTORS, {"member_id": member.id})
    return [Mentor(row.id, row.name, tuple(sorted(row.kinds))) for row in rows]


def goal_i_see(goal_id: UUID, *, member: Member) -> Goal | None:
    """A goal that is the member's, or that a mentee of theirs shares with them."""
    facts = {"goal_id": goal_id, "member_id": member.id}
    return db.session.scalars(_I_SEE, facts).one_or_none()


def for_item(pairing_id: UUID, *, member: Member) -> list[tuple[UUID, str]]:
    """The goals that an action item of this pairing can serve, as the member sees them."""
    rows = db.session.execute(_FOR_ITEM, {"pairing_id": pairing_id, "member_id": member.id})
    return [(row.id, row.what) for row in rows]


def served_by(item_id: UUID) -> UUID | None:
    """The goal that an action item serves."""
    return db.session.scalar(_SERVED, {"item_id": item_id})


def _cards(statement: Select, member: Member, *, now: datetime, **facts: Any) -> list[Card]:
    today = clock.day(now, member.zone)
    return [
        Card(
            id=row.id,
            what=row.what,
            how_known=row.how_known,
            due_on=row.due_on,
            state=GoalState(row.state),
            word=row.word,
            settled_at=row.settled_at,
            with_all=row.with_all,
            mentor_ids=frozenset(row.mentor_ids or ()),
            steps=tuple(Step(UUID(id_), what, done) for id_, what, done in row.steps or ()),
            tasks=tuple(
                Task(what, date.fromisoformat(due) if due else None, done, UUID(pairing_id))
                for what, due, done, pairing_id in row.tasks or ()
            ),
            overdue=row.state == GoalState.ACTIVE and row.due_on < today,
        )
        for row in db.session.execute(statement, facts | {"member_id": member.id})
    ]
