"""How well people fit, for two of them or for everyone at once.

What a pair is worth is the sum over the factors of marks times weight (see `features`), a whole
number from 0 to SCALE; its reasons add up to it exactly. A run of any size is looked at in blocks
of mentees against all mentors, as products of matrices: small whole numbers throughout, so
float32 is exact and the answer the same on every machine. Nothing keeps a number for every pair.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from mentorship.matching.engine import rules
from mentorship.matching.engine.blocks import (
    Table,
    best_of_rows,
    nth,
    of_own_best,
    table,
)
from mentorship.matching.engine.features import Features, features, named_topics, teaches, topics
from mentorship.matching.engine.fit import (
    Factor,
    Fit,
    Mentee,
    Mentor,
    Problem,
    Reason,
    Rule,
    Triple,
)
from mentorship.matching.engine.market import SCALE, Better, Edges, Index, Whole, Yes
from mentorship.matching.engine.near import near
from mentorship.matching.engine.rules import Bits, Rules
from mentorship.matching.engine.settings import Settings
from mentorship.matching.engine.shapes import Block
from mentorship.matching.engine.weights import UNSHOWN, weights
from mentorship.matching.engine.wording import listed, series, words
from mentorship.vocabulary.kinds import Kind

__all__ = [
    "Fits",
    "fits",
    "listed",
    "named_topics",
    "series",
    "teaches",
    "topics",
]

#: What one shown point is in units of worth.
POINT = SCALE // 100
#: Mentees and mentors of the kind in this place, and their worth as a market sees it.
_Some = tuple[int, Index, Index, Whole]
#: No worth that is computed needs more.
_WORTH_BITS = 21
#: Up to so many pairs are counted one by one; beyond, the number not below them is said.
_COUNTED = 2**21
_NOWHERE = np.zeros(0, np.int64)


@dataclass(frozen=True, eq=False)
class Fits:
    """Every mentee against every mentor: a row a mentee, a column a mentor, both in order of id.

    It is a market's `Possible`: indices are rows, columns, and places in `kinds`. Worth there is
    the percent of the mentee's own best of that kind, in units of SCALE / 100, where `own_best`
    says so (see `blocks.of_own_best`): who states little can reach few points, and would lose
    every contested place.
    """

    problem: Problem
    mentees: tuple[Mentee, ...]
    mentors: tuple[Mentor, ...]
    features: Features
    rules: Rules
    weights: Mapping[Kind, Mapping[Factor, int]]
    own_best: bool
    #: (M, K): the most that each want can be worth in plain worth; -1 where nobody has looked.
    _best: Whole = field(repr=False)

    @cached_property
    def kinds(self) -> tuple[Kind, ...]:
        return tuple(kind for kind in Kind if kind in self.problem.kinds)

    @cached_property
    def rows(self) -> dict[UUID, int]:
        return {mentee.id: row for row, mentee in enumerate(self.mentees)}

    @cached_property
    def columns(self) -> dict[UUID, int]:
        return {mentor.id: column for column, mentor in enumerate(self.mentors)}

    @property
    def rarity(self) -> Mapping[str, int]:
        return self.features.rarity

    # Two people.

    def against(self, triple: Triple) -> tuple[Rule, ...]:
        """Every rule that stands against this pairing.

        :raises KeyError: one of the two people takes no part.
        """
        row, column = self.rows[triple[0]], self.columns[triple[1]]
        if triple[2] not in self.kinds:
            return (Rule.NOT_IN_RUN,)
        bits = int(self.rules.at(triple[2], np.array([row]), np.array([column]))[0])
        return tuple(rule for rule in Rule if bits & rules.BIT[rule])

    def fit(self, triple: Triple) -> Fit:
        """The fit of these two with its reasons, whether or not a rule stands against it.

        :raises KeyError: one of the two people, or the kind, takes no part.
        """
        return next(iter(self.fits([triple])))

    def fits(self, triples: Sequence[Triple]) -> Iterator[Fit]:
        """The fits of many, in their order, with the sums worked out for all at once.

        :raises KeyError: one of these people, or a kind, takes no part.
        """
        mentee = np.array([self.rows[one] for one, _, _ in triples], np.int64)
        mentor = np.array([self.columns[other] for _, other, _ in triples], np.int64)
        places = {kind: place for place, kind in enumerate(self.kinds)}
        adds = self.summands(mentee, np.array([places[of] for *_, of in triples], int), mentor)
        for at, (one, other, kind) in enumerate(triples):
            of_pair = {factor: int(adds[factor][at]) for factor in self.weights[kind]}
            two = self.mentees[self.rows[one]], self.mentors[self.columns[other]]
            yield self._told(*two, kind, of_pair)

    def summands(self, mentee: Index, kind: Index, mentor: Index) -> dict[Factor, Whole]:
        """What each factor adds to the worth of each of these pairs, of whatever kind.

        Zero where a factor is none of the kind's.
        """
        factors = dict.fromkeys(factor for of_kind in self.weights.values() for factor in of_kind)
        adds = {}
        for factor in factors:
            weight = np.array([self.weights[one].get(factor, 0) for one in self.kinds], np.int64)
            # Many kinds look at a factor in the same way, and then all pairs are taken at once.
            ways = [self.features.of(one, factor) for one in self.kinds]
            if all(way is ways[0] for way in ways):
                marks = ways[0].at(mentee, mentor)
            else:
                marks = np.zeros(len(mentee), np.int64)
                for place, way in enumerate(ways):
                    here = kind == place
                    marks[here] = way.at(mentee[here], mentor[here])
            adds[factor] = weight[kind] * marks
        return adds

    def contributions(self, kind: Kind, mentee: Index, mentor: Index) -> dict[Factor, Whole]:
        """What each factor adds to the worth of each of these pairs, whatever stands against it."""
        return {
            factor: weight * self.features.of(kind, factor).at(mentee, mentor)
            for factor, weight in self.weights[kind].items()
        }

    def _told(self, mentee: Mentee, mentor: Mentor, kind: Kind, adds: Mapping[Factor, int]) -> Fit:
        shown = {factor: worth for factor, worth in adds.items() if factor not in UNSHOWN}
        whole = sum(shown.values())
        points = _rounded(list(shown.values()), (whole + POINT // 2) // POINT)
        shared = topics(mentee) & teaches(mentor) if kind is Kind.CONTENT else frozenset()
        return Fit(
            mentee=mentee.id,
            mentor=mentor.id,
            kind=kind,
            topic=min(shared, key=lambda topic: (-self.rarity[topic], topic), default=None),
            reasons=tuple(
                Reason(
                    factor=factor.value,
                    points=given,
                    of=self.weights[kind][factor],
                    words=words(factor, self.problem, kind, mentee, mentor),
                    worth=worth,
                )
                for given, (factor, worth) in zip(points, shown.items(), strict=True)
            ),
            cautions=rules.cautions(kind, mentee, mentor),
            unshown=sum(adds.values()) - whole,
        )

    # Everyone at once, where a chapter is small enough for it.

    @cached_property
    def broken(self) -> dict[Kind, Bits]:
        """Every rule that stands against each pair, as a bit field."""
        row, column = self._everyone
        shape = len(self.mentees), len(self.mentors)
        return {kind: self.rules.at(kind, row, column).reshape(shape) for kind in self.kinds}

    @cached_property
    def points(self) -> dict[Kind, Whole]:
        """The shown points of every pair, whether or not a rule stands against it."""
        row, column = self._everyone
        shape = len(self.mentees), len(self.mentors)
        found = {}
        for kind in self.kinds:
            worth = np.zeros(len(row), np.int64)
            for factor, adds in self.contributions(kind, row, column).items():
                if factor not in UNSHOWN:
                    worth += adds
            found[kind] = ((worth + POINT // 2) // POINT).reshape(shape)
        return found

    @property
    def _everyone(self) -> tuple[Index, Index]:
        rows, columns = len(self.mentees), len(self.mentors)
        return np.repeat(np.arange(rows), columns), np.tile(np.arange(columns), rows)

    def offered(self, kind: Kind) -> NDArray[np.bool_]:
        """Where no rule stands against a pairing of this kind."""
        return self.broken[kind] == 0

    # What a pair is worth, one by one.

    def plain(self, mentee: Index, kind: Index, mentor: Index) -> Whole:
        """The worth of these pairs as their reasons add up, whatever stands against them."""
        worth = np.zeros(len(mentee), np.int64)
        for place, one in enumerate(self.kinds):
            of_kind = np.flatnonzero(kind == place)
            worth[of_kind] = self._plain(one, mentee[of_kind], mentor[of_kind])
        return worth

    def _plain(self, kind: Kind, mentee: Index, mentor: Index) -> Whole:
        worth = np.zeros(len(mentee), np.int64)
        for factor, weight in self.weights[kind].items():
            worth += weight * self.features.of(kind, factor).at(mentee, mentor)
        return worth

    def sought(self, mentee: Index, kind: Index, mentor: Index) -> Whole:
        """The worth of these pairs as a market sees it, whatever stands against them: for pins."""
        return self._sought(mentee, kind, self.plain(mentee, kind, mentor))

    def _sought(self, mentee: Index, kind: Index, plain: Whole) -> Whole:
        if not self.own_best:
            return plain
        # A pin may be better than all that is possible; more than the best it cannot count.
        return of_own_best(plain, np.maximum(plain, self.best[mentee, kind]))

    def worths(self, mentee: Index, kind: Index, mentor: Index) -> Whole:
        worth = self.sought(mentee, kind, mentor)
        for place, one in enumerate(self.kinds):
            of_kind = np.flatnonzero(kind == place)
            bits = self.rules.at(one, mentee[of_kind], mentor[of_kind])
            worth[of_kind[bits != 0]] = -1
        return worth

    @property
    def best(self) -> Whole:
        """(M, K): the most that each want can be worth, in plain worth; 0 where nobody is there."""
        for place, kind in enumerate(self.kinds):
            if (self._best[:, place] < 0).any():
                for _ in self._look(kind):
                    pass
        return self._best

    # All that is possible, block by block.

    def count(self) -> int:
        most = sum(
            len(self.rules.rows(kind)) * len(self.rules.columns(kind)) for kind in self.kinds
        )
        return len(self.every()) if most <= _COUNTED else most

    def every(self) -> Edges:
        return self._every

    @cached_property
    def _every(self) -> Edges:
        def found() -> Iterator[_Some]:
            for place, kind in enumerate(self.kinds):
                for of_kind, first, worth in self._look(kind):
                    row, column = np.divmod(np.flatnonzero(worth >= 0), worth.shape[1])
                    yield self._some(place, of_kind, first, worth, row, column)

        return self._edges(found())

    def top(self) -> int:
        return SCALE

    def shortlist(self, *, of_a_want: int) -> Edges:
        def found() -> Iterator[_Some]:
            for place, kind in enumerate(self.kinds):
                for of_kind, first, worth in self._look(kind):
                    row, column = best_of_rows(worth, of_a_want, first=first)
                    yield self._some(place, of_kind, first, worth, row, column)

        return self._edges(found())

    def near(
        self, offer: Whole, *, of_a_want: int, of_an_offer: int, only: Yes | None = None
    ) -> Edges:
        def found() -> Iterator[_Some]:
            for place, kind in enumerate(self.kinds):
                of_kind = self._table(kind) if only is None else self._laid_out(kind, only)
                best = self.best[:, place] if self.own_best else None
                for mentee, mentor, plain in near(
                    of_kind, offer[:, place], best, of_a_want=of_a_want, of_an_offer=of_an_offer
                ):
                    worth = self._sought(mentee, np.full(len(mentee), place), plain)
                    yield place, mentee, mentor, worth

        return self._edges(found())

    def _some(
        self, place: int, of_kind: Table, first: int, worth: Block, row: Index, column: Index
    ) -> _Some:
        """These pairs of a block, with their worth as a market sees it."""
        mentee, plain = of_kind.rows[first + row], worth[row, column].astype(np.int64)
        if self.own_best:
            plain = of_own_best(plain, self._best[mentee, place])
        return place, mentee, of_kind.columns[column], plain

    def _edges(self, found: Iterable[_Some]) -> Edges:
        """Edges in order, none twice."""
        kinds, mentors = max(1, len(self.kinds)), max(1, len(self.mentors))
        keys = [
            ((row * kinds + place) * mentors + column) << _WORTH_BITS | worth
            for place, row, column, worth in found
        ]
        # Sorted by hand: NumPy's own `unique` hashes first, and takes ten times as long on these.
        key = np.sort(np.concatenate(keys)) if keys else _NOWHERE
        worth = key & (2**_WORTH_BITS - 1)
        key >>= _WORTH_BITS
        fresh = np.diff(key, prepend=-1) != 0
        want, mentor = np.divmod(key[fresh], mentors)
        mentee, kind = np.divmod(want, kinds)
        return Edges(mentee, kind, mentor, worth[fresh])

    def better(self, want: Whole, offer: Whole, *, most: int) -> Better:
        excess = np.zeros((len(self.mentees), len(self.kinds)), np.int64)
        found = []
        for place, kind in enumerate(self.kinds):
            prices = want[:, place], offer[:, place]
            limit = self.best[:, place] if self.own_best else None
            for row, column in self._table(kind).promising(*prices, limit):
                of = np.full(len(row), place)
                worth = self._sought(row, of, self._plain(kind, row, column))
                over = worth - prices[0][row] - prices[1][column]
                # Prices first: most of what looked promising already falls short by them.
                kept = np.flatnonzero(over > 0)
                kept = kept[self.rules.at(kind, row[kept], column[kept]) == 0]
                kept = kept[np.lexsort((column[kept], -over[kept], row[kept]))]
                place_of = nth(row[kept])
                first = kept[place_of == 0]
                excess[row[first], place] = over[first]
                kept = kept[place_of < most]
                found.append((row[kept], of[kept], column[kept], worth[kept], over[kept]))
        if not found:
            return Better(Edges.joined([]), excess)
        mentee, of, mentor, worth, over = map(np.concatenate, zip(*found, strict=True))
        order = np.lexsort((mentor, -over, of, mentee))
        return Better(Edges(mentee, of, mentor, worth)[order], excess)

    def _look(self, kind: Kind) -> Iterator[tuple[Table, int, Block]]:
        """The plain worth of every pair of this kind, below zero where it is not possible.

        A block of the table's rows after the other, with the place of its first. What is yielded
        is written over by the next block.
        """
        place = self.kinds.index(kind)
        self._best[:, place] = 0
        of_kind = self._table(kind)
        for first, worth in of_kind.blocks():
            self._best[of_kind.rows[first : first + len(worth)], place] = np.maximum(
                worth.max(axis=1), 0
            )
            yield of_kind, first, worth

    def _table(self, kind: Kind) -> Table:
        return self._tables[kind]

    @cached_property
    def _tables(self) -> dict[Kind, Table]:
        return {kind: self._laid_out(kind) for kind in self.kinds}

    def _laid_out(self, kind: Kind, only: Yes | None = None) -> Table:
        of_kind, mentors = self.weights[kind], len(self.mentors)
        return table(self.features, self.rules, kind, of_kind, mentors, only=only)


def fits(problem: Problem, settings: Settings | None = None) -> Fits:
    """Hold every mentee of a problem against every mentor, for each of its kinds.

    :raises ValueError: the settings' weights are no weights, see `features.weights`.
    """
    settings = settings or Settings()
    mentees = tuple(sorted(problem.mentees, key=lambda mentee: mentee.id))
    mentors = tuple(sorted(problem.mentors, key=lambda mentor: mentor.id))
    looked_at = features(problem, mentees, mentors)
    return Fits(
        problem=problem,
        mentees=mentees,
        mentors=mentors,
        features=looked_at,
        rules=rules.rules(problem, looked_at, mentees, mentors),
        weights=weights(settings.weights, problem.factors),
        own_best=settings.own_best,
        _best=np.full((len(mentees), len(problem.kinds)), -1, np.int64),
    )


def _rounded(worths: Sequence[int], points: int) -> list[int]:
    """Whole points that add up to `points`, each within one of its worth: largest remainder."""
    given = [worth // POINT for worth in worths]
    nearest = sorted(range(len(worths)), key=lambda at: -(worths[at] % POINT))
    for at in nearest[: points - sum(given)]:
        given[at] += 1
    return given
