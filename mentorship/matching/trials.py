"""What a run would come to if something were otherwise: worked out while somebody waits.

Nothing is published or told by trying. What takes longer, `attempts` has a job do.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from statistics import fmean, pstdev
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select

from mentorship.foundation.database import db
from mentorship.foundation.errors import Refusal
from mentorship.matching import rematching
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
#: What newcomers are called who are only imagined, by the text of the ids they are given.
IMAGINED = {str(UUID(int=number)): f"new mentor {number}" for number in range(1, 100)}


class TooLarge(Refusal):
    sentence = "This run is too large to be tried while you wait. Have it worked out below."


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


@dataclass(frozen=True)
class Changed:
    """A problem and preferences with one thing otherwise."""

    problem: Problem
    preferences: Preferences
    #: What people are called who are only imagined.
    called: Mapping[UUID, str] = field(default_factory=dict)


def changed(change: Mapping[str, Any], problem: Problem, preferences: Preferences) -> Changed:
    """Make one change, which is kept as JSON. Its `what` says which:

    - policy: what is sought, `policy`;
    - places: a `mentor` takes so many people in all, those of now counted, `places`;
    - newcomers: so many mentors of one kind come, `count`, `kind`, `topic` ("" is any);
    - without: a `factor` no longer counts.

    :raises TakesNoPart: the mentor offers nothing.
    """
    match change["what"]:
        case "policy":
            return Changed(problem, replace(preferences, policy=Policy(change["policy"])))
        case "places":
            try:
                mentor_id = UUID(change["mentor"])
                return Changed(
                    what_if.with_capacity(problem, mentor_id, change["places"]), preferences
                )
            except KeyError:
                raise TakesNoPart from None
        case "newcomers":
            kind, topic, count = Kind(change["kind"]), change["topic"], change["count"]
            return _with_newcomers(problem, preferences, kind, topic, count)
        case _:
            return Changed(problem, preferences.without(Factor(change["factor"])))


def _with_newcomers(
    problem: Problem, preferences: Preferences, kind: Kind, topic: str, count: int
) -> Changed:
    """So many more mentors, faculty with the usual places."""
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
    called = {one.id: IMAGINED[str(one.id)] for one in new}
    everyone = replace(problem, mentors=(*problem.mentors, *new))
    return Changed(everyone, preferences, called)


def trial(run: Run, change: Mapping[str, Any], *, now: datetime) -> Trial:
    """Work out at once what a change would come to.

    Both are worked out now, so that only the change itself tells them apart.

    :raises TooLarge: it would take too long.
    :raises TakesNoPart: the mentor offers nothing.
    """
    asked = rematching.asked(run.id, run.kinds, run.preferences, draft=run.draft + 1, now=now)
    problem = asked.problem
    if len(problem.mentees) * len(problem.mentors) * len(problem.kinds) > MOST:
        raise TooLarge
    other = changed(change, problem, run.preferences)
    settings = asked.settings if run.preferences.moves else other.preferences.engine
    before = solve.pair(problem, seed=run.number, settings=asked.settings, before=asked.before)
    kept = asked.before if run.preferences.moves else [pair.triple for pair in before.pairs]
    after = solve.pair(other.problem, seed=run.number, settings=settings, before=kept)
    return Trial(
        difference=what_if.difference(before, after),
        coverage=tuple(zip(before.coverage, after.coverage, strict=True)),
        called=other.called,
    )
