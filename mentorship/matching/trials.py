"""What a run would come to if something were otherwise: worked out while somebody waits.

Nothing is kept, published or told by trying.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from statistics import fmean, pstdev
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select

from mentorship.foundation.database import db
from mentorship.foundation.errors import Refusal
from mentorship.matching import drafts, problems, reports
from mentorship.matching.engine import solve, what_if
from mentorship.matching.engine.fit import Coverage, Factor, Mentor, Offer, Problem
from mentorship.matching.engine.settings import Policy
from mentorship.matching.engine.what_if import Difference
from mentorship.matching.models import Draft
from mentorship.matching.preferences import Preferences
from mentorship.matching.queries import Run
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import Standing

#: Students times mentors times kinds that are worked out while somebody waits: 300 by 100 people
#: take about half a second.
MOST = 250_000
#: Drafts that can be compared, newest first.
DRAFTS = 12
#: Places that a mentor who is not known yet is counted with, as is usual for faculty.
EACH = 3


class TooLarge(Refusal):
    sentence = (
        "This run is too large to be tried while you wait. Change its settings and run it again:"
        " the draft you have now stays to compare with."
    )


class TakesNoPart(Refusal):
    sentence = "This mentor offers nothing at the moment, so takes no part in the run."


# Two outcomes side by side.


@dataclass(frozen=True)
class Summary:
    """An outcome in short."""

    name: str
    preferences: Preferences
    facts: Mapping[str, Any]
    #: Pairs of people who would both rather have each other.
    blocking: int
    #: By mentee, mentor and kind, the points of the fit.
    pairs: Mapping[tuple[str, str, str], int]

    @property
    def points(self) -> int:
        return sum(self.pairs.values())

    @property
    def coverage(self) -> int:
        """Percent of what was asked for; rounded down, so 100 is all of it."""
        return 100 * self.facts["pairs"] // self.facts["wanted"] if self.facts["wanted"] else 100

    @property
    def load(self) -> tuple[int, int]:
        """How full mentors are on average, and how far they stray from it, in percent."""
        full = [100 * after / places for _, _, after, places in self.facts["loads"] if places]
        return (round(fmean(full)), round(pstdev(full))) if full else (0, 0)


_DRAFTS = (
    select(Draft.number, Draft.settings, Draft.facts, Draft.report, Draft.pairs)
    .where(Draft.run_id == bindparam("run_id"))
    .order_by(Draft.number.desc())
    .limit(DRAFTS)
)


def kept(run_id: UUID) -> dict[int, Summary]:
    """The latest drafts of a run by their numbers, newest first."""
    return {
        row.number: Summary(
            name=f"Draft {row.number}",
            preferences=Preferences.read(row.settings),
            facts=row.facts,
            blocking=row.report["blocking"]["count"],
            pairs={tuple(pair): points for *pair, points in row.pairs},
        )
        for row in db.session.execute(_DRAFTS, {"run_id": run_id})
    }


def under(run: Run, policy: Policy, *, now: datetime) -> Summary:
    """What the run would come to under this policy, as the chapter is now.

    :raises TooLarge: it would take too long.
    """
    problem = _problem(run, now=now)
    preferences = replace(run.preferences, policy=policy)
    decided = solve.decided(problem, seed=run.number, settings=preferences.engine)
    outcome = decided.outcome
    return Summary(
        name=f"{POLICIES[policy]}, tried now",
        preferences=preferences,
        facts=drafts.facts(problem, outcome),
        blocking=reports.rather(decided),
        pairs={
            (str(pair.fit.mentee), str(pair.fit.mentor), pair.fit.kind.value): pair.fit.points
            for pair in outcome.pairs
        },
    )


#: What each policy is called.
POLICIES = {Policy.BEST: "Best for all together", Policy.STABLE: "Pairs nobody would swap"}


# One change.


@dataclass(frozen=True)
class Trial:
    """What changes, and the coverage of each kind before and after it."""

    difference: Difference
    coverage: tuple[tuple[Coverage, Coverage], ...]
    #: What people are called who are only imagined.
    called: Mapping[UUID, str]


def places(run: Run, mentor_id: UUID, capacity: int, *, now: datetime) -> Trial:
    """A mentor takes so many people in all, those of now counted.

    :raises TooLarge: it would take too long.
    :raises TakesNoPart: the mentor offers nothing.
    """
    problem = _problem(run, now=now)
    try:
        return _trial(run, problem, what_if.with_capacity(problem, mentor_id, capacity))
    except KeyError:
        raise TakesNoPart from None


def newcomers(run: Run, kind: Kind, topic: str, count: int, *, now: datetime) -> Trial:
    """So many more mentors of one kind come, faculty with the usual places; `topic` "" is any.

    :raises TooLarge: it would take too long.
    """
    problem = _problem(run, now=now)
    offer = Offer(kind, frozenset({topic} - {""}), any_topic=not topic)
    new = tuple(
        Mentor(
            id=UUID(int=number),
            standing=Standing.FACULTY,
            offers=(offer,),
            places=EACH,
            recent_cycle=True,
        )
        for number in range(1, count + 1)
    )
    changed = replace(problem, mentors=(*problem.mentors, *new))
    called = {one.id: f"new mentor {number}" for number, one in enumerate(new, 1)}
    return _trial(run, problem, changed, called)


def without(run: Run, factor: Factor, *, now: datetime) -> Trial:
    """Something no longer counts for how well two people fit.

    :raises TooLarge: it would take too long.
    """
    problem = _problem(run, now=now)
    changed = run.preferences.without(factor)
    return _trial(run, problem, problem, preferences=changed)


def _problem(run: Run, *, now: datetime) -> Problem:
    problem = problems.of_run(run.id, run.kinds, now=now)
    if len(problem.mentees) * len(problem.mentors) * len(problem.kinds) > MOST:
        raise TooLarge
    return problem


def _trial(
    run: Run,
    problem: Problem,
    changed: Problem,
    called: Mapping[UUID, str] | None = None,
    *,
    preferences: Preferences | None = None,
) -> Trial:
    """Both are worked out now, so that only the change itself tells them apart."""
    drafted = drafts.pairs_before(run.id, run.draft + 1)
    settings = run.preferences.engine
    before = solve.pair(problem, seed=run.number, settings=settings, before=drafted)
    after = solve.pair(
        changed,
        seed=run.number,
        settings=(preferences or run.preferences).engine,
        before=[pair.triple for pair in before.pairs],
    )
    return Trial(
        difference=what_if.difference(before, after),
        coverage=tuple(zip(before.coverage, after.coverage, strict=True)),
        called=called or {},
    )
