"""What a solve decides upon, as arrays: who wants what, who has places, which pairs may be.

People and kinds are indices here: `M` mentees, `N` mentors, `K` kinds. Whoever builds a market has
put people in an order that owes nothing to when they signed up. Everything is a whole number, so
that sums are exact and the same on every machine.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

#: The worth of a perfect pair. A hundredth of it is what people see as one point.
SCALE = 1_000_000

Index = NDArray[np.int64]
Whole = NDArray[np.int64]
Yes = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Edges:
    """Pairs, one a row: the indices of mentee, kind and mentor, and what the pair is worth."""

    mentee: Index
    kind: Index
    mentor: Index
    #: 0 to SCALE where the engine computed it; any non-negative whole number where it was given.
    worth: Whole

    def __len__(self) -> int:
        return len(self.mentee)

    def __getitem__(self, which: NDArray) -> "Edges":
        """The rows at these places, or where this mask is true."""
        return Edges(*(getattr(self, column.name)[which] for column in fields(self)))

    def in_order(self) -> "Edges":
        """The same, sorted by mentee, kind and mentor."""
        return self[np.lexsort((self.mentor, self.kind, self.mentee))]

    @staticmethod
    def joined(several: Sequence["Edges"]) -> "Edges":
        return Edges(
            *(
                np.concatenate([getattr(edges, column.name) for edges in several])
                if several
                else np.zeros(0, np.int64)
                for column in fields(Edges)
            )
        )


@dataclass(frozen=True, eq=False)
class Better:
    """What a look at every pair found that a solution leaves on the table."""

    #: The pairs worth more than the two prices they would have to pay, best first by want.
    edges: Edges
    #: (M, K): by how much the best pair of each want exceeds its prices, 0 if none does.
    excess: Whole


class Possible(Protocol):
    """Every pair that breaks no rule, and its worth. How they are kept is their own affair."""

    def count(self) -> int:
        """How many there are, or a number not below it that costs little to say."""

    def every(self) -> Edges:
        """All of them, sorted by mentee, kind and mentor."""

    def top(self) -> int:
        """None of them is worth more."""

    def shortlist(self, *, of_a_want: int) -> Edges:
        """The best of each want; sorted, none twice."""

    def near(
        self, offer: Whole, *, of_a_want: int, of_an_offer: int, only: Yes | None = None
    ) -> Edges:
        """About the best of each want beside what seats cost, and for each mentor's kind those
        who would lose least by it; sorted, none twice.

        `offer` is (N, K), what a seat costs beside others, up to half of `top` either way. `only`
        these mentees are looked at, where given (M,).
        """

    def better(self, want: Whole, offer: Whole, *, most: int) -> Better:
        """Look at every pair: which are worth more than `want[i, k] + offer[j, k]`?

        `want` is (M, K) and `offer` (N, K). At most `most` pairs a want are returned.
        """

    def worths(self, mentee: Index, kind: Index, mentor: Index) -> Whole:
        """What each of these is worth, one a row; -1 where such a pair is not possible."""


@dataclass(frozen=True, eq=False)
class Quotas:
    """How many students of other schools a mentor takes, where fewer than there are places.

    Who states no school is of no mentor's own.
    """

    #: (M,): the same number for the same school, -1 where it is not known.
    school: Index
    #: (N,): the school whose students are the mentor's own, -1 where there is no quota.
    home: Index
    #: (N,): places still open for students of other schools.
    places: Whole

    def outside(self, mentee: Index, mentor: Index) -> Yes:
        """Which of these pairs take a place for other schools."""
        home = self.home[mentor]
        found: Yes = (home >= 0) & (self.school[mentee] != home)
        return found

    def left(self, given: Edges) -> Whole:
        """(N,): places for other schools that these pairs leave, where there is a quota."""
        left = self.places.copy()
        outside = self.outside(given.mentee, given.mentor)
        np.subtract.at(left, given.mentor[outside], 1)
        return left


@dataclass(frozen=True, eq=False)
class Market:
    """Wants, places and possible pairs. Current pairings count as mentors already held."""

    #: (M, K): what is asked for and not held already.
    wants: Yes
    #: (M,): how many mentors they have already.
    held: Whole
    #: (M,): left out last time.
    waited: Yes
    #: (M,): whose further mentors come first, by stage: the greater, the sooner; from 0 up, a
    #: handful of values.
    priority: Whole
    #: (N,): places still open, over all kinds and chapters.
    places: Whole
    #: (N, K): places still open for each kind; never binding where it equals `places`.
    places_by_kind: Whole
    #: (N,): mentees carried already, over all kinds and chapters.
    load: Whole
    #: (N,): the same number for the same institution, -1 where it is not known.
    institution: Index
    possible: Possible
    #: Pairs that have to be; each counts against the places above. Their worth counts too.
    pins: Edges
    #: Pairs of before that are better kept than not, all else equal.
    before: Edges
    #: (M, number of institutions): mentors of each that a mentee has already.
    held_from: Whole | None = None
    one_kind_per_mentor: bool = True
    #: How many mentors of one mentee may come from one institution, counting those held.
    most_from_one_institution: int | None = None
    #: None where nobody has a quota.
    quotas: Quotas | None = None

    def key(self, pairs: Edges) -> Index:
        """One number a pair, in the order of pairs."""
        mentors, kinds = self.places_by_kind.shape
        return (pairs.mentee * kinds + pairs.kind) * mentors + pairs.mentor

    def meeting(self, pairs: Edges) -> Index:
        """One number for the two people of each pair."""
        return pairs.mentee * len(self.places) + pairs.mentor

    def among(self, pairs: Edges, others: Edges) -> Yes:
        """Which of these pairs are among the others, whatever they are worth."""
        return among(self.key(pairs), np.sort(self.key(others)))

    def from_institutions(self) -> Whole:
        """(M, institutions): mentors of each that a mentee has, and will have by a pin."""
        count = int(self.institution.max(initial=-1)) + 1
        having = np.zeros((len(self.wants), count), np.int64)
        if self.held_from is not None:
            having[:, : self.held_from.shape[1]] += self.held_from[:, :count]
        pins = self.pins[self.institution[self.pins.mentor] >= 0]
        np.add.at(having, (pins.mentee, self.institution[pins.mentor]), 1)
        return having


def among(keys: Index, known: Index) -> Yes:
    """Which of these numbers are among the known ones, which are sorted.

    Faster than `np.isin` where those are few.
    """
    if not len(known):
        return np.zeros(len(keys), bool)
    found: Yes = known[np.minimum(np.searchsorted(known, keys), len(known) - 1)] == keys
    return found
