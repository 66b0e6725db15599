"""A road map: the chapter's steps of a stage with their days, and what a student made of them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from mentorship.audit import trail
from mentorship.foundation import clock, scope
from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours, Refusal
from mentorship.profiles.models import MenteeProfile
from mentorship.profiles.road.models import ChapterRoad, Mark, RoadDeed, RoadMark
from mentorship.relationships import action_items
from mentorship.relationships.goals import goals
from mentorship.relationships.goals.models import Goal
from mentorship.relationships.models import UNDER_WAY, ActionItem, Pairing
from mentorship.tenancy.members import Member
from mentorship.tenancy.models import Membership
from mentorship.tenancy.queries import card
from mentorship.vocabulary import cycles, road_map
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.road_map import Step
from mentorship.vocabulary.stages import MENTEE_STAGES, Stage

#: How many steps a stage has at most, and how long each of its words may be, in characters.
MOST = 20
LONGEST = 200
#: How far from its day a step may be moved, in weeks.
WEEKS = range(-26, 27)

_STAGE = select(MenteeProfile.stage).where(MenteeProfile.member_id == bindparam("member_id"))
_OWN = select(ChapterRoad.steps).where(ChapterRoad.stage == bindparam("stage"))
_EVERY_OWN = select(ChapterRoad.stage, ChapterRoad.steps)
_WITH = (
    select(Pairing.id, Pairing.kind, Membership.name)
    .join(Membership, Membership.id == Pairing.mentor_id)
    .where(Pairing.mentee_id == bindparam("member_id"), Pairing.state.in_(UNDER_WAY))
    .order_by(Membership.name, Pairing.kind, Pairing.id)
)
_MARKS = select(RoadMark.step, RoadMark.mark).where(
    RoadMark.member_id == bindparam("member_id"), RoadMark.cycle == bindparam("cycle")
)


class Empty(Refusal):
    sentence = "Keep at least one step. To begin anew, go back to the usual ones."


class Unfit(Refusal):
    sentence = f"Each step has 1 to {LONGEST} characters, and a day that the page offers."


class TooMany(Refusal):
    sentence = f"A stage has {MOST} steps at most."


class TakenOn(Refusal):
    sentence = "You have taken this step on already."


@dataclass(frozen=True)
class Stop:
    """A step as one student sees it."""

    step: Step
    on: date | None
    about: bool
    """Whether the day is only about right: the application service has not published it yet."""
    mark: Mark | None
    past: bool

    @property
    def hidden(self) -> bool:
        return self.mark is Mark.HIDDEN

    @property
    def taken_on(self) -> bool:
        return self.mark in (Mark.GOAL, Mark.ITEM)


@dataclass(frozen=True)
class With:
    """A pairing under way, in which a step can be taken on."""

    pairing_id: UUID
    name: str
    kind: Kind


@dataclass(frozen=True)
class Road:
    """The road of one stage in one cycle."""

    stage: Stage | None
    """The reader's own stage, which they may not have said."""
    shown: Stage
    cycle: cycles.Cycle
    stops: list[Stop]


def of(member: Member, *, now: datetime, stage: Stage | None = None) -> Road:
    """The member's road, by day; of their own stage, unless another is named.

    Days are the calendar's. Which cycle is current, and what has passed, is told by the day where
    the member is.
    """
    own = db.session.scalar(_STAGE, {"member_id": member.id})
    mine = Stage(own) if own else None
    shown = stage or (mine if mine in MENTEE_STAGES else None) or Stage.M1
    today = clock.day(now, member.zone)
    cycle = cycles.current(today)
    marks = _marks(member, cycle)
    stops = [_stop(step, cycle, marks, today=today) for step in of_chapter(shown)]
    stops.sort(key=lambda stop: stop.on or date.max)  # stable: the file's order within a day
    return Road(mine, shown, cycle, stops)


def find(key: str, *, member: Member, now: datetime) -> Stop:
    """One step of any stage, as the member sees it.

    :raises NotYours: this chapter has no such step.
    """
    today = clock.day(now, member.zone)
    cycle = cycles.current(today)
    written = {stage: _read(own) for stage, own in db.session.execute(_EVERY_OWN)}
    for stage in MENTEE_STAGES:
        for step in written.get(stage, road_map.usual(stage)):
            if step.key == key:
                return _stop(step, cycle, _marks(member, cycle), today=today)
    raise NotYours


def mentors_of(member: Member) -> list[With]:
    """With whom the member can take a step on."""
    rows = db.session.execute(_WITH, {"member_id": member.id})
    return [With(row.id, row.name, Kind(row.kind)) for row in rows]


def of_chapter(stage: Stage) -> tuple[Step, ...]:
    """What this chapter has its students do at a stage."""
    own = db.session.scalar(_OWN, {"stage": stage})
    return road_map.usual(stage) if own is None else _read(own)


def change(stage: Stage, *, steps: Sequence[Step], by: Member, now: datetime) -> None:
    """Have this chapter's road of a stage be these steps. The same again changes nothing.

    A step without a key is new and gets one; one with a key stays the step that students marked.

    :raises Empty, TooMany, Unfit: these are not the steps of a road.
    """
    if not steps:
        raise Empty
    if len(steps) > MOST:
        raise TooMany
    known = {step.key for step in (*of_chapter(stage), *road_map.usual(stage))}
    wanted: list[Step] = []
    for step in steps:
        taken = {one.key for one in wanted}
        key = step.key if step.key in known - taken else uuid4().hex[:12]
        wanted.append(_fitting(step, key))
    written = [asdict(step) for step in wanted]
    if db.session.scalar(_OWN, {"stage": stage}) == written:
        return
    own = insert(ChapterRoad).values(chapter_id=scope.here(), stage=stage, steps=written)
    db.session.execute(
        own.on_conflict_do_update(index_elements=["chapter_id", "stage"], set_={"steps": written})
    )
    trail.record(RoadDeed.CHANGED, card(), by=by, now=now, stage=stage)


def reset(stage: Stage, *, by: Member, now: datetime) -> None:
    """Go back to the usual steps of a stage."""
    gone = db.session.execute(
        delete(ChapterRoad)
        .where(ChapterRoad.stage == stage)
        .returning(ChapterRoad.stage)
        .execution_options(synchronize_session=False)
    ).first()
    if gone:
        trail.record(RoadDeed.RESET, card(), by=by, now=now, stage=stage)


def hide(key: str, *, by: Member, now: datetime) -> None:
    """Put a step out of sight, for this cycle. Once is enough.

    :raises NotYours: there is no such step.
    :raises TakenOn: it was taken on.
    """
    stop = find(key, member=by, now=now)
    if stop.taken_on:
        raise TakenOn
    if not stop.hidden:
        _mark(key, Mark.HIDDEN, by=by, now=now)


def bring_back(key: str, *, by: Member, now: datetime) -> None:
    """Have a step on the road again as if nothing had been done with it.

    :raises NotYours: there is no such step.
    """
    find(key, member=by, now=now)
    gone = db.session.execute(
        delete(RoadMark)
        .where(
            RoadMark.member_id == by.id,
            RoadMark.cycle == cycles.current(clock.day(now, by.zone)).key,
            RoadMark.step == key,
        )
        .returning(RoadMark.step)
        .execution_options(synchronize_session=False)
    ).first()
    if gone:
        trail.record(RoadDeed.MARKED, by, by=by, now=now, step=key, mark="none")


def adopt_as_goal(
    key: str, *, what: str, how_known: str, due_on: date, by: Member, now: datetime
) -> Goal:
    """Take a step on as a goal, in one's own words.

    :raises NotYours: there is no such step.
    :raises TakenOn: it was taken on already.
    :raises Refusal: as `goals.begin` does.
    """
    _mark(key, Mark.GOAL, by=by, now=now)
    return goals.begin(what=what, how_known=how_known, due_on=due_on, by=by, now=now)


def adopt_as_item(
    key: str, *, pairing_id: UUID, what: str, due_on: date | None, by: Member, now: datetime
) -> ActionItem:
    """Take a step on as an action item with a mentor, who sees it.

    :raises NotYours: there is no such step, or no such pairing.
    :raises TakenOn: it was taken on already.
    :raises Refusal: as `action_items.take_on` does.
    """
    _mark(key, Mark.ITEM, by=by, now=now)
    return action_items.take_on(
        pairing_id=pairing_id, owner=by, what=what, due_on=due_on, by=by, now=now
    )


def _mark(key: str, mark: Mark, *, by: Member, now: datetime) -> None:
    """Mark a step, when it is there and was not taken on; of two at once, one comes first."""
    find(key, member=by, now=now)
    cycle = cycles.current(clock.day(now, by.zone)).key
    row = insert(RoadMark).values(
        chapter_id=scope.here(), member_id=by.id, cycle=cycle, step=key, mark=mark, at=now
    )
    marked = db.session.execute(
        row.on_conflict_do_update(
            index_elements=["chapter_id", "member_id", "cycle", "step"],
            set_={"mark": mark, "at": now},
            where=RoadMark.mark == Mark.HIDDEN,
        ).returning(RoadMark.step)
    ).first()
    if marked is None:
        raise TakenOn
    trail.record(RoadDeed.MARKED, by, by=by, now=now, step=key, mark=mark)


def _marks(member: Member, cycle: cycles.Cycle) -> dict[str, Mark]:
    rows = db.session.execute(_MARKS, {"member_id": member.id, "cycle": cycle.key})
    return {row.step: Mark(row.mark) for row in rows}


def _stop(step: Step, cycle: cycles.Cycle, marks: dict[str, Mark], *, today: date) -> Stop:
    due = road_map.when(step, cycle)
    on = due.on if due else None
    past = on is not None and on < today
    return Stop(step, on, bool(due and due.about), marks.get(step.key), past)


def _read(steps: list[dict]) -> tuple[Step, ...]:
    return tuple(Step(**one) for one in steps)


def _fitting(step: Step, key: str) -> Step:
    what, why = " ".join(step.what.split()), " ".join(step.why.split())
    fits = 1 <= len(what) <= LONGEST and len(why) <= LONGEST
    if not fits or not road_map.is_day(step.day) or step.weeks not in WEEKS:
        raise Unfit
    return Step(key, what, why, step.day, step.weeks)
