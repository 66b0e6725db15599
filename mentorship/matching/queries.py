"""Questions about runs: how they stand, what speaks for one, and who is told of it."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import BindParameter, and_, bindparam, func, literal, or_, select, union_all
from sqlalchemy.orm import aliased

from mentorship.accounts.models import User
from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours
from mentorship.matching.engine import explain
from mentorship.matching.models import (
    UNDER_WAY,
    LeftOut,
    MatchingRun,
    Proposal,
    RunState,
)
from mentorship.matching.preferences import Preferences
from mentorship.profiles.models import MentorProfile, Offer, Want
from mentorship.relationships.models import OPEN, Pairing
from mentorship.tenancy.models import Membership
from mentorship.tenancy.roles import Role
from mentorship.vocabulary import interests
from mentorship.vocabulary.cycles import cycles
from mentorship.vocabulary.kinds import Kind

#: So many runs the list shows at once.
RUNS = 20

_mentee, _mentor = aliased(Membership), aliased(Membership)


@dataclass(frozen=True)
class Run:
    """A matching run as its pages show it."""

    id: UUID
    number: int
    cycle: str
    kinds: tuple[Kind, ...]
    state: RunState
    draft: int
    step: str
    done: int
    facts: dict[str, Any]
    settings: dict[str, Any]
    report: dict[str, Any]
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    published_at: datetime | None

    @property
    def cycle_name(self) -> str:
        """The cycle's name, or its key once its file is gone."""
        known = cycles().get(self.cycle)
        return known.name if known else self.cycle

    @property
    def preferences(self) -> Preferences:
        return Preferences.read(self.settings)

    @property
    def at_work(self) -> bool:
        """Whether its draft is still to come."""
        return self.state in (RunState.QUEUED, RunState.RUNNING)

    @property
    def in_review(self) -> bool:
        return self.state is RunState.REVIEW


_RUN_COLUMNS = (
    *(MatchingRun.id, MatchingRun.number, MatchingRun.cycle, MatchingRun.kinds),
    *(MatchingRun.state, MatchingRun.draft, MatchingRun.step, MatchingRun.done),
    *(MatchingRun.facts, MatchingRun.settings, MatchingRun.report),
    *(MatchingRun.created_at, MatchingRun.started_at),
    *(MatchingRun.finished_at, MatchingRun.published_at),
)
_RUN = select(*_RUN_COLUMNS).where(MatchingRun.id == bindparam("run_id"))
_RUNS = (
    select(*_RUN_COLUMNS)
    .where(MatchingRun.number < bindparam("before"))
    .order_by(MatchingRun.number.desc())
    .limit(RUNS + 1)
)
_UNDER_WAY = select(*_RUN_COLUMNS).where(MatchingRun.state.in_(UNDER_WAY)).limit(1)
_ABOVE_ALL = 2**31 - 1


def runs(*, before: int | None = None) -> tuple[list[Run], bool]:
    """The chapter's runs, newest first, from below a number; and whether there are more."""
    found = db.session.execute(_RUNS, {"before": min(before or _ABOVE_ALL, _ABOVE_ALL)}).all()
    return [_run(row) for row in found[:RUNS]], len(found) > RUNS


def run(run_id: UUID) -> Run:
    """A run of this chapter.

    :raises NotYours: there is none with this id.
    """
    row = db.session.execute(_RUN, {"run_id": run_id}).one_or_none()
    if row is None:
        raise NotYours
    return _run(row)


def run_under_way() -> Run | None:
    """The run that has to be finished or discarded before another can begin."""
    row = db.session.execute(_UNDER_WAY).one_or_none()
    return None if row is None else _run(row)


def run_record(run_id: UUID) -> MatchingRun:
    """The record of a run, for a verb.

    :raises NotYours: there is none with this id.
    """
    found = db.session.scalars(select(MatchingRun).where(MatchingRun.id == run_id)).one_or_none()
    if found is None:
        raise NotYours
    return found


_LAST_SETTINGS = select(MatchingRun.settings).order_by(MatchingRun.number.desc()).limit(1)


def last_preferences() -> Preferences:
    """What the chapter's last run sought: the next one begins from there."""
    kept = db.session.execute(_LAST_SETTINGS).scalar_one_or_none() or {}
    return replace(Preferences.read(kept), rematch=False, moves=False)


def _run(row: Any) -> Run:
    facts = row._asdict()
    return Run(**facts | {"kinds": tuple(map(Kind, row.kinds)), "state": RunState(row.state)})


# Before a run.


class Sides(NamedTuple):
    """How many look for a kind, how many offer it, and how many places those have open."""

    looking: int = 0
    offering: int = 0
    places: int = 0


_held = select(Pairing.id).where(
    Pairing.mentee_id == Want.member_id, Pairing.kind == Want.kind, Pairing.state.in_(OPEN)
)
_mentors_here = select(func.array_agg(Membership.user_id)).where(
    Membership.roles.contains([Role.MENTOR]), Membership.left_at.is_(None)
)
_taken = (
    func.places_taken_by(_mentors_here.scalar_subquery())
    .table_valued("user_id", "taken")
    .render_derived()
)
_open = func.greatest(func.coalesce(User.places, 0) - func.coalesce(_taken.c.taken, 0), 0)
_SIDES = union_all(
    select(Want.kind, func.count().label("looking"), literal(0), literal(0))
    .join(Membership, Membership.id == Want.member_id)
    .where(Membership.roles.contains([Role.STUDENT]), Membership.left_at.is_(None), ~_held.exists())
    .group_by(Want.kind),
    select(Offer.kind, literal(0), func.count(), func.sum(_open))
    .join(Membership, Membership.id == Offer.member_id)
    .join(MentorProfile, MentorProfile.member_id == Offer.member_id)
    .join(User, User.id == Membership.user_id)
    .outerjoin(_taken, _taken.c.user_id == Membership.user_id)
    .where(
        *(Membership.roles.contains([Role.MENTOR]), Membership.left_at.is_(None)),
        MentorProfile.paused_at.is_(None),
    )
    .group_by(Offer.kind),
)


def sides() -> dict[Kind, Sides]:
    """Both sides of a run, kind by kind, as the chapter stands now."""
    found = {kind: Sides() for kind in Kind}
    for kind, *more in db.session.execute(_SIDES):
        before = found[Kind(kind)]
        found[Kind(kind)] = Sides(*(int(a + b) for a, b in zip(before, more, strict=True)))
    return found


# Who is told, once a run is published.

_published = (
    select(MatchingRun.id)
    .where(MatchingRun.id == bindparam("run_id"), MatchingRun.state == RunState.PUBLISHED)
    .scalar_subquery()
)
_TOLD_PAIRS = (
    select(
        *(Proposal.mentee_id, Proposal.mentor_id, Proposal.kind, Proposal.topic),
        *(_mentee.name.label("mentee"), _mentor.name.label("mentor")),
    )
    .join(_mentee, and_(_mentee.id == Proposal.mentee_id, _mentee.left_at.is_(None)))
    .join(_mentor, and_(_mentor.id == Proposal.mentor_id, _mentor.left_at.is_(None)))
    .where(Proposal.run_id == _published)
    .order_by(_mentor.name, _mentee.name, Proposal.kind)
)
_TOLD_LEFT = (
    select(LeftOut.mentee_id, LeftOut.kind, LeftOut.words)
    .join(_mentee, and_(_mentee.id == LeftOut.mentee_id, _mentee.left_at.is_(None)))
    .where(LeftOut.run_id == _published)
    .order_by(LeftOut.kind)
)
_one: BindParameter[UUID] = bindparam("member_id")
_ITS_PAIRS = _TOLD_PAIRS.where(or_(Proposal.mentee_id == _one, Proposal.mentor_id == _one))
_ITS_LEFT = _TOLD_LEFT.where(LeftOut.mentee_id == _one)


def told_by_run(run_id: UUID, *, only: UUID | None = None) -> dict[UUID, dict[str, list]]:
    """What each person is told once a run is published; nothing before. `only` asks for one.

    `pairings` names the other one of each new pair, `left` says why a kind is still open.
    """
    facts = {"run_id": run_id, "member_id": only}
    whole = only is None
    pairs = db.session.execute(_TOLD_PAIRS if whole else _ITS_PAIRS, facts)
    told: dict[UUID, dict[str, list]] = defaultdict(lambda: {"pairings": [], "left": []})
    labels = interests.labels()
    for row in pairs:
        about = {"kind": row.kind, "topic": labels.get(row.topic, row.topic)}
        told[row.mentee_id]["pairings"].append({"name": row.mentor} | about)
        told[row.mentor_id]["pairings"].append({"name": row.mentee} | about)
    for mentee_id, kind, words in db.session.execute(_TOLD_LEFT if whole else _ITS_LEFT, facts):
        told[mentee_id]["left"].append({"kind": kind, "words": explain.to_them(words)})
    return {who: words for who, words in told.items() if only in (None, who)}
