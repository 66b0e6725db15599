"""Rules over several pairs at once, which no flow can keep.

No two kinds from one person, where that person limits kinds too; no more mentors of one mentee
from one institution than so many; no more students of other schools with one mentor than their
quota. Few relaxed answers break them, and those that do are settled here: exactly up to the size
of a large chapter, beyond it with a proven bound.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mentorship.matching.engine import program
from mentorship.matching.engine.market import Edges, Index, Market, Whole, Yes
from mentorship.matching.engine.network import Layout, counted_out
from mentorship.matching.engine.program import Program, matrix

#: Pairs of each want, and of each mentor's kind, that an exact solve looks at first.
_FIRST = 6
#: One kind from one person, so many of one institution, so many students of other schools.
MEETING, INSTITUTION, OUTSIDE = "meeting", "institution", "outside"


@dataclass(frozen=True, eq=False)
class Rule:
    """Groups of pairs of which only so many may be chosen."""

    name: str
    #: For each pair its group, -1 where the rule says nothing of it.
    group: Index
    most: Whole

    def kept(self, chosen: Yes) -> bool:
        return bool((self.used(chosen) <= self.most).all())

    def used(self, chosen: Yes) -> Whole:
        """By group, how many are chosen."""
        return np.bincount(self.group[chosen & (self.group >= 0)], minlength=len(self.most))


def rules(market: Market, edges: Edges) -> tuple[Rule, ...]:
    """The portfolio rules over these pairs, in a market whose pins are made."""
    found = []
    if market.one_kind_per_mentor:
        found.append(_rule(MEETING, market.meeting(edges), np.ones_like))
    if (most := market.most_from_one_institution) is not None:
        left, home = most - market.from_institutions(), market.institution[edges.mentor]
        key = np.where(home >= 0, edges.mentee * left.shape[1] + home, -1)
        found.append(_rule(INSTITUTION, key, left.ravel().__getitem__))
    if (quotas := market.quotas) is not None:
        key = np.where(quotas.outside(edges.mentee, edges.mentor), edges.mentor, -1)
        found.append(_rule(OUTSIDE, key, quotas.places.__getitem__))
    return tuple(found)


def stands(market: Market, chosen: Edges) -> bool:
    """Whether these pairs keep the rules, in a market whose pins are made.

    A best answer without the rules that keeps them is the best with them.
    """
    everyone = np.ones(len(chosen), bool)
    return all(rule.kept(everyone) for rule in rules(market, chosen))


def _rule(name: str, key: Index, most: Callable[[Index], Whole]) -> Rule:
    """At most so many of each key; a key below 0 is left alone."""
    keys, group = np.unique(key, return_inverse=True)
    if len(keys) and keys[0] < 0:
        keys, group = keys[1:], group - 1
    return Rule(name, group, np.maximum(most(keys), 0))


@dataclass(frozen=True, eq=False)
class Settled:
    """The pairs chosen under every rule, and how far each good may still be from its best."""

    chosen: Edges
    #: By good, in the order of goods; 0 where it is proven.
    short: Mapping[str, int]

    @property
    def proven(self) -> bool:
        return not any(self.short.values())


@dataclass(frozen=True, eq=False)
class Near:
    """Pairs that keep the rules, and what a bound says of all that are no worse.

    Whatever reaches as much in coverage and worth together has no pair, nor further mentor of
    anyone, that is worth less than its prices by more than the gap, and every one that is worth
    more by as much.
    """

    chosen: Edges
    gap: int
    #: What each pair that may be chosen is worth beside its prices and tolls.
    beside: Whole
    #: The same for each further mentor that someone may get.
    beside_asked: Whole

    def narrowed(self, program: Program) -> Program:
        """The program without what cannot be in a better answer."""
        beside = np.concatenate([self.beside, self.beside_asked])
        lower, upper = program.lower.copy(), program.upper.copy()
        lower[: len(beside)][beside > self.gap] = 1
        upper[: len(beside)][beside < -self.gap] = 0
        return replace(program, lower=lower, upper=upper)


def exact(
    layout: Layout,
    goods: Sequence[str],
    edges: Edges,
    relaxed: Edges,
    beside: Whole,
    near: Near | None = None,
) -> Settled:
    """The best there is under every rule, in one good after the other, coverage first.

    `edges` are all pairs that may be chosen, and `beside` what each is worth beside the prices
    of the relaxed solve: it says where to look first, and changes no answer. `relaxed` is what
    is best without the portfolio rules. `near` speaks of the same pairs; it saves most of the
    search, and has to be as good as can be in every good that comes before worth.
    """
    model = _model(layout, edges, relaxed, beside)
    start = np.zeros(len(model.program.lower), np.int64)
    if near is not None:
        start = model.column(near.chosen)
        model = replace(model, program=near.narrowed(model.program))
    left, column, short = _covered(model, relaxed, start)
    told = {"coverage": short}
    for good in goods:
        if good != "coverage":
            goal = model.goal(good)
            found = program.best(left, goal, column)
            left, column = program.frozen(left, goal, found), found.column
            told[good] = found.bound - found.value
    return Settled(edges[column[: len(edges)] > 0], told)


def tolls(
    layout: Layout, edges: Edges, chosen: Edges, beside: Whole, step: int
) -> tuple[Whole, ...]:
    """By rule and group, what one pair more would bring, a step of coverage being worth `step`.

    `chosen` are pairs that keep the rules, and `beside` says which pairs to look at first.
    """
    model = _model(layout, edges, chosen, beside)
    goal = model.counting(layout.asked[1])
    covered = program.best(model.program, goal, model.column(chosen))
    left = program.frozen(model.program, goal, covered)
    worth, _ = program.relaxed(left, model.goal("worth"), covered.column)
    steps = covered.proof.multiplier / covered.proof.scale * step
    toll = steps + worth.multiplier[: len(steps)] / worth.scale
    return tuple(
        np.where(row < 0, 0, np.rint(toll[row])).astype(np.int64).clip(0) for row in model.of_rule
    )


@dataclass(frozen=True, eq=False)
class _Model:
    """The market as a program: pairs, then each mentee's further mentors, then places."""

    layout: Layout
    edges: Edges
    #: Of each further mentor, how many its mentee has before it.
    rank: Whole
    #: Of each place: whose it is, how many they have before it, how full it makes them in percent.
    mentor: Index
    place: Whole
    fullness: Whole
    #: By rule, the row of each group, -1 where there is none.
    of_rule: tuple[Index, ...]
    program: Program

    def goal(self, good: str) -> Whole:
        """What each column brings to a good; the greatest sum is the best."""
        if good == "fullness":
            return self._over(places=-self.fullness)
        if good == "worth":
            return self._over(pairs=self.layout.value(self.edges))
        if good == "kept":
            return self._over(pairs=self.layout.kept(self.edges).astype(np.int64))
        below = self.edges.worth < int(good.removeprefix("below "))
        return self._over(pairs=-below.astype(np.int64))

    def column(self, chosen: Edges) -> Whole:
        """These pairs, and what counts them."""
        market = self.layout.market
        pairs = self.layout.market.among(self.edges, chosen)
        mentee, _ = self.layout.asked
        given = np.bincount(chosen.mentee, minlength=len(market.held))
        taken = np.bincount(chosen.mentor, minlength=len(market.places))
        return np.concatenate(
            [
                pairs,
                self.rank - market.held[mentee] < given[mentee],
                self.place < taken[self.mentor],
            ]
        ).astype(np.int64)

    def counting(self, mentors: Whole) -> Whole:
        """A goal that counts mentees' further mentors."""
        return self._over(mentors=mentors)

    def _over(
        self, pairs: Whole | None = None, mentors: Whole | None = None, places: Whole | None = None
    ) -> Whole:
        sizes = (len(self.edges), len(self.rank), len(self.fullness))
        parts = zip((pairs, mentors, places), sizes, strict=True)
        return np.concatenate(
            [np.zeros(size, np.int64) if part is None else part for part, size in parts]
        )


def _model(layout: Layout, edges: Edges, relaxed: Edges, beside: Whole) -> _Model:
    market = layout.market
    (mentees, kinds), mentors = market.wants.shape, len(market.places)
    want, offer = edges.mentee * kinds + edges.kind, edges.mentor * kinds + edges.kind
    mentee, nth = counted_out(market.wants.sum(axis=1))
    reach = np.bincount(edges.mentor, minlength=mentors)
    mentor, place = counted_out(np.minimum(market.places.clip(0), reach))
    full = market.load[mentor] + market.places[mentor]
    rows = _Rows(len(edges), len(mentee), len(mentor))
    rows.at_most(want, np.ones(mentees * kinds, np.int64))
    rows.at_most(offer, market.places_by_kind.ravel().clip(0))
    rows.as_many(edges.mentee, len(edges), mentee, mentees)
    rows.as_many(edges.mentor, len(edges) + len(mentee), mentor, mentors)
    of_rule = tuple(rows.at_most(rule.group, rule.most) for rule in rules(market, edges))
    first = _among_best(beside, want) | _among_best(beside, offer)
    return _Model(
        layout=layout,
        edges=edges,
        rank=market.held[mentee] + nth,
        mentor=mentor,
        place=place,
        fullness=100 * (market.load[mentor] + place + 1) // full,
        of_rule=of_rule,
        program=rows.program(first | layout.market.among(edges, relaxed)),
    )


class _Rows:
    """Rows of a program as they are added, over pairs and columns that count them."""

    def __init__(self, pairs: int, *counting: int) -> None:
        self._pairs, self._columns = pairs, pairs + sum(counting)
        self._rows = 0
        self._entries: list[tuple[Index, Index, Whole]] = []
        self._limits: list[tuple[Whole, Yes]] = []

    def at_most(self, group: Index, most: Whole) -> Index:
        """Of each group's pairs so many. Gives their rows, -1 for those that cannot bind."""
        within = np.flatnonzero(group >= 0)
        binds = np.bincount(group[within], minlength=len(most)) > most
        place = np.cumsum(binds) - 1
        within = within[binds[group[within]]]
        self._enter(place[group[within]], within, 1)
        row = np.where(binds, self._rows + place, -1)
        self._close(most[binds], equal=False)
        return row

    def as_many(self, person: Index, first: int, of_column: Index, people: int) -> None:
        """For each person as many pairs as columns that count them, from the first on."""
        self._enter(person, np.arange(self._pairs), 1)
        self._enter(of_column, first + np.arange(len(of_column)), -1)
        self._close(np.zeros(people, np.int64), equal=True)

    def program(self, first: Yes) -> Program:
        """`first` are the pairs to look at first; what counts them always is."""
        row, column, entry = (np.concatenate(part) for part in zip(*self._entries, strict=True))
        limit, equal = (np.concatenate(part) for part in zip(*self._limits, strict=True))
        return Program(
            matrix=matrix(row, column, entry, shape=(self._rows, self._columns)),
            limit=limit,
            equal=equal,
            lower=np.zeros(self._columns, np.int64),
            upper=np.ones(self._columns, np.int64),
            first=np.append(first, np.ones(self._columns - self._pairs, bool)),
        )

    def _enter(self, row: Index, column: Index, entry: int) -> None:
        self._entries.append((self._rows + row, column, np.full(len(row), entry)))

    def _close(self, limit: Whole, *, equal: bool) -> None:
        self._limits.append((limit, np.full(len(limit), equal)))
        self._rows += len(limit)


def _covered(model: _Model, relaxed: Edges, start: Whole) -> tuple[Program, Whole, int]:
    """Coverage settled: what it leaves of the program, columns that reach it, and what is open.

    Without the portfolio rules one sum of gains decides all of coverage at once, and nothing can
    exceed it; so that is tried first. Only where it is out of reach are ranks settled in turn.
    """
    goal, without = model.counting(model.layout.asked[1]), model.column(relaxed)
    most = int(goal @ without)
    if int(goal @ start) == most:
        return program.at_least(model.program, goal, most), start, 0
    found = program.best(model.program, goal, start)
    if found.value == most:
        return program.frozen(model.program, goal, found), found.column, 0
    left, column, short, as_without = model.program, found.column, 0, True
    for counted in _coverage_in_turn(model):
        goal = model.counting(counted.astype(np.int64))
        value = int(goal @ column)
        as_without &= value == int(goal @ without)
        if as_without:
            # As much as without the rules, after the same before it: that is the most there is.
            left = program.at_least(left, goal, value)
            continue
        found = program.best(left, goal, column)
        left, column = program.frozen(left, goal, found), found.column
        short += found.bound - found.value
    return left, column, short


def _coverage_in_turn(model: _Model) -> Iterator[Yes]:
    """What counts, rank by rank: all, then those who waited and the stages that come first."""
    market, (mentee, _) = model.layout.market, model.layout.asked
    waited, priority = market.waited[mentee], market.priority[mentee]
    for rank in np.unique(model.rank):
        here = model.rank == rank
        stages = [here & (priority == stage) for stage in np.unique(priority)[::-1]]
        yield here
        yield from [here & waited, *stages] if rank == 0 else [*stages, here & waited]


def _among_best(worth: Whole, group: Index) -> Yes:
    """Where a pair is one of the best few of its group."""
    order = np.lexsort((-worth, group))
    best = np.zeros(len(worth), bool)
    best[order] = counted_out(np.unique(group, return_counts=True)[1])[1] < _FIRST
    return best
