"""Who is served how well, group by group, and how evenly mentors carry it.

A group is held against the best there could be for it: what it would get if it alone were
matched. Groups of fewer than five are hidden, and never told by subtraction: where the hidden
ones of one question could be reckoned from the others and the whole, the smallest shown is hidden
with them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mentorship.matching.engine.changes import Only
from mentorship.matching.engine.market import Edges, Market, Yes
from mentorship.matching.engine.solution import Solution

#: Groups of fewer people are hidden.
FEWEST = 5

Solve = Callable[[Market], Solution]


@dataclass(frozen=True)
class Served:
    """How a group fares, in whole numbers; percents round down, so 100 means everyone."""

    mentees: int
    #: Those with at least one mentor, from before or new.
    with_a_mentor: int
    wanted: int
    filled: int
    #: Of all their new pairs together.
    worth: int

    @property
    def coverage(self) -> int | None:
        """Percent of what they asked for; None where they asked for nothing."""
        return 100 * self.filled // self.wanted if self.wanted else None

    @property
    def mean_worth(self) -> int | None:
        """Of a new pair; None where there is none."""
        return self.worth // self.filled if self.filled else None


@dataclass(frozen=True)
class Group:
    """The answer to one question that several gave, and how they fare."""

    name: str
    served: Served
    #: What they would get if they alone were matched; None where it was not asked for.
    best: Served | None = None


@dataclass(frozen=True)
class Question:
    """One way to tell people apart, such as by stage: the groups that may be shown."""

    name: str
    #: By name, those of at least five.
    groups: tuple[Group, ...]
    #: How many groups are not shown.
    hidden: int

    @property
    def spread(self) -> int:
        """Points of coverage between the best and the worst served of the groups shown."""
        shown = [g.served.coverage for g in self.groups if g.served.coverage is not None]
        return max(shown) - min(shown) if shown else 0


@dataclass(frozen=True)
class Spread:
    """How evenly the mentors who take part carry their mentees, those of before included."""

    mentors: int
    #: Nobody to look after, and no place left.
    idle: int
    full: int
    #: Mean and standard deviation of how full each is, in percent.
    mean: float
    deviation: float
    #: 0 where all are equally full, toward 1 where a few carry everyone.
    gini: float


@dataclass(frozen=True)
class Fairness:
    """A solution as the groups of a chapter see it."""

    everyone: Served
    questions: tuple[Question, ...]
    load: Spread


def fairness(
    market: Market,
    solution: Solution,
    answers: Mapping[str, Sequence[Sequence[str]]],
    *,
    solve: Solve | None = None,
    fewest: int = FEWEST,
) -> Fairness:
    """Hold groups against each other and, with `solve`, each against its own best.

    `answers` has for each question the answers of each mentee, in the market's order: one as
    for a stage, several as for affinity groups, or none by whoever would not say.
    """
    return Fairness(
        everyone=_served(market, solution.chosen, np.ones(len(market.wants), bool)),
        questions=tuple(
            _question(name, market, solution, given, solve, fewest)
            for name, given in answers.items()
        ),
        load=spread(market, solution.chosen),
    )


def spread(market: Market, chosen: Edges) -> Spread:
    """How evenly mentors with any place are filled."""
    taken = np.bincount(chosen.mentor, minlength=len(market.places))
    after, places = market.load + taken, market.load + market.places.clip(0)
    here = places > 0
    if not here.any():
        return Spread(0, 0, 0, 0.0, 0.0, 0.0)
    after, places = after[here], places[here]
    percent = 100 * after / places
    return Spread(
        mentors=len(percent),
        idle=int((after == 0).sum()),
        full=int((after >= places).sum()),
        mean=round(float(percent.mean()), 1),
        deviation=round(float(percent.std()), 1),
        gini=round(_gini(percent), 3),
    )


def _gini(values: np.ndarray) -> float:
    """Half the mean difference between two of them, in parts of their mean."""
    total = float(values.sum())
    if total == 0:
        return 0.0
    count = len(values)
    rank = np.arange(1, count + 1)
    return float(2 * (rank * np.sort(values)).sum() / (count * total) - (count + 1) / count)


def _question(
    name: str,
    market: Market,
    solution: Solution,
    given: Sequence[Sequence[str]],
    solve: Solve | None,
    fewest: int,
) -> Question:
    takes_part = market.wants.any(axis=1) | (market.held > 0)
    takes_part[solution.chosen.mentee] = True
    members = {
        answer: np.array([answer in answers for answers in given], bool) & takes_part
        for answer in sorted({answer for answers in given for answer in answers})
    }
    members = {answer: who for answer, who in members.items() if who.any()}
    shown = _shown(members, takes_part, fewest)
    groups = (
        Group(
            answer,
            _served(market, solution.chosen, members[answer]),
            _best(market, members[answer], solve),
        )
        for answer in shown
    )
    return Question(name, tuple(groups), hidden=len(members) - len(shown))


def _shown(members: Mapping[str, Yes], everyone: Yes, fewest: int) -> list[str]:
    """The answers whose groups may be told without telling of fewer than `fewest`.

    Everyone's number is known, and so is that of each group shown. Whoever is in none of those
    is then a group of its own: it may be nobody, but not a few. The same holds for the rest
    beside one group, where answers overlap.
    """
    shown = sorted(
        (answer for answer, who in members.items() if who.sum() >= fewest),
        key=lambda answer: (-int(members[answer].sum()), answer),
    )
    while shown:
        rests = [everyone & ~members[answer] for answer in shown]
        rests.append(everyone & ~np.any([members[answer] for answer in shown], axis=0))
        if all(not 0 < rest.sum() < fewest for rest in rests):
            break
        # One group that leaves only a few outside goes itself; else the smallest goes with them.
        few = [
            answer
            for answer, rest in zip(shown, rests[:-1], strict=True)
            if 0 < rest.sum() < fewest
        ]
        shown.remove(few[0] if few else shown[-1])
    return sorted(shown)


def _best(market: Market, who: Yes, solve: Solve | None) -> Served | None:
    if solve is None:
        return None
    alone = Only(who).made(market)
    return _served(alone, solve(alone).chosen, who)


def _served(market: Market, chosen: Edges, who: Yes) -> Served:
    theirs = chosen[who[chosen.mentee]]
    having = market.held + np.bincount(chosen.mentee, minlength=len(who))
    asked = market.wants.copy()
    # A pin may serve somebody who did not ask.
    asked[theirs.mentee, theirs.kind] = True
    takes_part = asked.any(axis=1) | (market.held > 0)
    return Served(
        mentees=int((who & takes_part).sum()),
        with_a_mentor=int((who & (having > 0)).sum()),
        wanted=int(asked[who].sum()),
        filled=len(theirs),
        worth=int(theirs.worth.sum()),
    )
