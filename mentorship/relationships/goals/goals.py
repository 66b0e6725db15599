"""What can be done with a goal and its steps. Each verb is the owner's alone.

A goal is taken from `queries.my_goal(..., for_update=True)`: whoever changes it has it alone.
"""

from collections.abc import Collection
from datetime import date, datetime
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from sqlalchemy import bindparam, delete, func, select

from mentorship.audit import trail
from mentorship.foundation import clock
from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours, Refusal
from mentorship.relationships.goals import queries
from mentorship.relationships.goals.models import (
    Goal,
    GoalDeed,
    GoalItem,
    GoalShare,
    GoalState,
    GoalStep,
)
from mentorship.relationships.models import ActionItem, Pairing
from mentorship.tenancy import roles
from mentorship.tenancy.members import Member
from mentorship.tenancy.roles import Permission

#: The longest a goal, how it is known, a step or a word may be, in characters.
LONGEST = 300
#: How many goals somebody works toward at once, and how many steps one has: more is no plan.
MOST = 12
MOST_STEPS = 12

_ACTIVE = (
    select(Goal)
    .where(Goal.member_id == bindparam("member_id"), Goal.state == GoalState.ACTIVE)
    .order_by(Goal.position, Goal.id)
    .with_for_update()
)
_STEPS = (
    select(GoalStep)
    .where(GoalStep.goal_id == bindparam("goal_id"))
    .order_by(GoalStep.position, GoalStep.id)
)
_LAST = select(func.max(Goal.position)).where(Goal.member_id == bindparam("member_id"))
_LINK = select(GoalItem).where(GoalItem.item_id == bindparam("item_id"))
_MENTEE = select(Pairing.mentee_id).where(Pairing.id == bindparam("pairing_id"))
_SHARES = select(GoalShare.mentor_id).where(GoalShare.goal_id == bindparam("goal_id"))


_Row = TypeVar("_Row", Goal, GoalStep)


class Direction(StrEnum):
    UP = "up"
    DOWN = "down"


class NotSaid(Refusal):
    sentence = f"Say what you want to reach, in 1 to {LONGEST} characters."


class NotKnown(Refusal):
    sentence = f"Say how you will know that you are there, in 1 to {LONGEST} characters."


class NoDay(Refusal):
    sentence = "A goal has a day. Choose by when."


class DueInThePast(Refusal):
    sentence = "Choose a day from today on."


class TooMany(Refusal):
    sentence = f"You work toward {MOST} goals already. Reach one, or let one go, and add this."


class NoStep(Refusal):
    sentence = f"Say what the step is, in 1 to {LONGEST} characters."


class TooManySteps(Refusal):
    sentence = f"A goal has {MOST_STEPS} steps at most. Two goals may be clearer."


class Gone(Refusal):
    sentence = "That step is no longer there."


class NotYourMentor(Refusal):
    sentence = "A goal is shared with mentors of yours. One you have chosen is none at the moment."


class TooLong(Refusal):
    sentence = f"Keep it within {LONGEST} characters."


class Settled(Refusal):
    sentence = "This goal is settled. Take it up again first."


class NotSettled(Refusal):
    sentence = "You are still working toward this goal."


class NotForThisItem(Refusal):
    sentence = "An action item serves an open goal of the student it is between."


def begin(*, what: str, how_known: str, due_on: date, by: Member, now: datetime) -> Goal:
    """Set a goal: what, how one will know, and by which day on the calendar of `by`.

    It is private until it is shared.

    :raises NotSaid, NotKnown: there are no words, or too many.
    :raises DueInThePast: the day has passed where `by` is.
    :raises TooMany: they work toward many goals already.
    """
    what, how_known = _fitting(what, NotSaid), _fitting(how_known, NotKnown)
    _insist_on_ahead(due_on, by=by, now=now)
    if len(db.session.scalars(_ACTIVE, {"member_id": by.id}).all()) >= MOST:
        raise TooMany
    goal = Goal(
        member_id=by.id,
        position=(db.session.scalar(_LAST, {"member_id": by.id}) or 0) + 1,
        what=what,
        how_known=how_known,
        due_on=due_on,
        state=GoalState.ACTIVE,
        word="",
        with_all=False,
        created_at=now,
    )
    db.session.add(goal)
    db.session.flush()
    trail.record(GoalDeed.BEGUN, goal, by=by, now=now)
    return goal


def change(
    goal: Goal, *, what: str, how_known: str, due_on: date, by: Member, now: datetime
) -> None:
    """Say it better, or give it another day. A day that has passed may stay as it is.

    :raises Settled: it was reached or let go.
    :raises Refusal: as `begin` does.
    """
    _insist_on_active(goal, by)
    what, how_known = _fitting(what, NotSaid), _fitting(how_known, NotKnown)
    if due_on != goal.due_on:
        _insist_on_ahead(due_on, by=by, now=now)
    if (goal.what, goal.how_known, goal.due_on) == (what, how_known, due_on):
        return
    goal.what, goal.how_known, goal.due_on = what, how_known, due_on
    _record("said", goal, by=by, now=now)


def share(
    goal: Goal, *, with_all: bool, mentor_ids: Collection[UUID], by: Member, now: datetime
) -> None:
    """Let every mentor of theirs see it, or those who are named, or nobody.

    :raises NotYourMentor: somebody named is not their mentor now.
    """
    roles.insist(Permission.GOAL_SET, goal, by=by)
    wanted = set() if with_all else set(mentor_ids)
    if not wanted <= {mentor.id for mentor in queries.mentors_of(by)}:
        raise NotYourMentor
    known = set(db.session.scalars(_SHARES, {"goal_id": goal.id}))
    if (goal.with_all, known) == (with_all, wanted):
        return
    goal.with_all = with_all
    db.session.execute(
        delete(GoalShare)
        .where(GoalShare.goal_id == goal.id)
        .execution_options(synchronize_session=False)
    )
    db.session.add_all(GoalShare(goal_id=goal.id, mentor_id=mentor_id) for mentor_id in wanted)
    trail.record(GoalDeed.SHARED, goal, by=by, now=now, with_all=with_all, mentors=len(wanted))


def reach(goal: Goal, *, word: str = "", by: Member, now: datetime) -> None:
    """It is reached.

    :raises TooLong: there is more than a word.
    :raises Settled: it was settled already.
    """
    _settle(goal, GoalState.REACHED, word, GoalDeed.REACHED, by=by, now=now)


def let_go(goal: Goal, *, word: str = "", by: Member, now: datetime) -> None:
    """It is let go, with a word on why if they like.

    :raises Refusal: as `reach` does.
    """
    _settle(goal, GoalState.LET_GO, word, GoalDeed.LET_GO, by=by, now=now)


def take_up(goal: Goal, *, by: Member, now: datetime) -> None:
    """Work toward it again. Its day stays, and can be changed.

    :raises NotSettled: they still do.
    :raises TooMany: they work toward many goals already.
    """
    roles.insist(Permission.GOAL_TAKE_UP, goal, by=by)
    roles.insist_on_state(Permission.GOAL_TAKE_UP, goal, NotSettled)
    if len(db.session.scalars(_ACTIVE, {"member_id": by.id}).all()) >= MOST:
        raise TooMany
    goal.state, goal.settled_at, goal.word = GoalState.ACTIVE, None, ""
    trail.record(GoalDeed.TAKEN_UP, goal, by=by, now=now)


def move(goal: Goal, *, direction: Direction, by: Member, now: datetime) -> None:
    """Let an open goal change places with its neighbor. At either end it stays where it is.

    :raises Settled: it was reached or let go.
    """
    _insist_on_active(goal, by)
    every = list(db.session.scalars(_ACTIVE, {"member_id": by.id}))
    if _swap(goal, every, direction):
        _record("moved", goal, by=by, now=now)


def add_step(goal: Goal, *, what: str, by: Member, now: datetime) -> GoalStep:
    """Put a step at the end.

    :raises NoStep: there are no words, or too many.
    :raises TooManySteps: there are many already.
    :raises Settled: the goal was reached or let go.
    """
    _insist_on_active(goal, by)
    steps = _steps(goal)
    if len(steps) >= MOST_STEPS:
        raise TooManySteps
    position = steps[-1].position + 1 if steps else 1
    step = GoalStep(goal_id=goal.id, position=position, what=_fitting(what, NoStep))
    db.session.add(step)
    db.session.flush()
    _record("step added", goal, by=by, now=now)
    return step


def tick_step(step_id: UUID, *, goal: Goal, done: bool, by: Member, now: datetime) -> None:
    """It is done, or not after all. The same again changes nothing.

    :raises Gone: it is no step of this goal.
    :raises Settled: the goal was reached or let go.
    """
    _insist_on_active(goal, by)
    step = _find(step_id, _steps(goal))
    if done != (step.done_at is not None):
        step.done_at = now if done else None
        _record("step done" if done else "step reopened", goal, by=by, now=now)


def move_step(
    step_id: UUID, *, goal: Goal, direction: Direction, by: Member, now: datetime
) -> None:
    """Let a step change places with its neighbor. At either end it stays where it is.

    :raises Refusal: as `tick_step` does.
    """
    _insist_on_active(goal, by)
    steps = _steps(goal)
    if _swap(_find(step_id, steps), steps, direction):
        _record("step moved", goal, by=by, now=now)


def remove_step(step_id: UUID, *, goal: Goal, by: Member, now: datetime) -> str:
    """Take a step off, and hand back its words.

    :raises Refusal: as `tick_step` does.
    """
    _insist_on_active(goal, by)
    step = _find(step_id, _steps(goal))
    db.session.delete(step)
    _record("step removed", goal, by=by, now=now)
    return step.what


def serve(item: ActionItem, goal_id: UUID | None, *, by: Member, now: datetime) -> None:
    """Let an action item serve a goal that `by` can see; or no goal anymore.

    A goal that `by` cannot see is not theirs to take away: with none, it stays.

    :raises NotForThisItem: the goal is settled, or not the mentee's of the item's pairing.
    :raises NotYours: `by` cannot see the goal.
    """
    link = db.session.scalars(_LINK, {"item_id": item.id}).one_or_none()
    served_id = link.goal_id if link else None
    if goal_id == served_id:
        return
    if goal_id is None:
        if link and queries.goal_i_see(link.goal_id, member=by):
            db.session.delete(link)
        return
    goal = queries.goal_i_see(goal_id, member=by)
    if goal is None:
        raise NotYours
    mentee_id = db.session.scalar(_MENTEE, {"pairing_id": item.pairing_id})
    if goal.state != GoalState.ACTIVE or mentee_id != goal.member_id:
        raise NotForThisItem
    if link:
        link.goal_id = goal.id
    else:
        db.session.add(GoalItem(item_id=item.id, goal_id=goal.id))
    trail.record(GoalDeed.CHANGED, goal, by=by, now=now, how="item linked", item_id=item.id)


def _settle(
    goal: Goal, state: GoalState, word: str, deed: GoalDeed, *, by: Member, now: datetime
) -> None:
    _insist_on_active(goal, by)
    word = word.strip()
    if len(word) > LONGEST:
        raise TooLong
    goal.state, goal.settled_at, goal.word = state, now, word
    trail.record(deed, goal, by=by, now=now)


def _swap(row: _Row, rows: list[_Row], direction: Direction) -> bool:
    """Have a row change places with its neighbor; whether there was one."""
    at = rows.index(row)
    to = at - 1 if direction is Direction.UP else at + 1
    if not 0 <= to < len(rows):
        return False
    rows[at], rows[to] = rows[to], rows[at]
    for position, each in enumerate(rows, 1):
        each.position = position
    return True


def _steps(goal: Goal) -> list[GoalStep]:
    return list(db.session.scalars(_STEPS, {"goal_id": goal.id}))


def _find(step_id: UUID, steps: list[GoalStep]) -> GoalStep:
    for step in steps:
        if step.id == step_id:
            return step
    raise Gone


def _insist_on_active(goal: Goal, by: Member) -> None:
    roles.insist(Permission.GOAL_WORK, goal, by=by)
    roles.insist_on_state(Permission.GOAL_WORK, goal, Settled)


def _insist_on_ahead(due_on: date, *, by: Member, now: datetime) -> None:
    if due_on < clock.day(now, by.zone):
        raise DueInThePast


def _fitting(words: str, refusal: type[Refusal]) -> str:
    words = " ".join(words.split())
    if not 1 <= len(words) <= LONGEST:
        raise refusal
    return words


def _record(how: str, goal: Goal, *, by: Member, now: datetime) -> None:
    trail.record(GoalDeed.CHANGED, goal, by=by, now=now, how=how)
