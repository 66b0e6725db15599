"""Possible pairs that are written down one by one, with a worth that was given."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mentorship.matching.engine.market import Better, Edges, Index, Whole, Yes


@dataclass(frozen=True, eq=False)
class Listed:
    """A market's possible pairs, where only some few of all pairs are possible.

    `pairs` are sorted by mentee, kind and mentor, and none is there twice; `shape` counts
    mentees, kinds and mentors.

    :raises ValueError: the pairs are not in that order.
    """

    pairs: Edges
    shape: tuple[int, int, int]

    def __post_init__(self) -> None:
        if np.any(np.diff(self._keys) <= 0):
            raise ValueError("the pairs are not sorted, or one is there twice")

    def count(self) -> int:
        return len(self.pairs)

    def every(self) -> Edges:
        return self.pairs

    def top(self) -> int:
        return int(self.pairs.worth.max(initial=0))

    def shortlist(self, *, of_a_want: int) -> Edges:
        pairs = self.pairs
        return pairs[_best(pairs.worth, (pairs.mentee, pairs.kind), of_a_want)]

    def near(
        self, offer: Whole, *, of_a_want: int, of_an_offer: int, only: Yes | None = None
    ) -> Edges:
        pairs = self.pairs if only is None else self.pairs[only[self.pairs.mentee]]
        beside = pairs.worth - offer[pairs.mentor, pairs.kind]
        of_wants = _best(beside, (pairs.mentee, pairs.kind), of_a_want)
        own = np.zeros(self.shape[:2], np.int64)
        np.maximum.at(own, (pairs.mentee, pairs.kind), beside)
        lost = own[pairs.mentee, pairs.kind] - beside
        return pairs[of_wants | _best(-lost, (pairs.mentor, pairs.kind), of_an_offer)]

    def better(self, want: Whole, offer: Whole, *, most: int) -> Better:
        pairs = self.pairs
        over = pairs.worth - want[pairs.mentee, pairs.kind] - offer[pairs.mentor, pairs.kind]
        worthwhile = np.flatnonzero(over > 0)
        pairs, over = pairs[worthwhile], over[worthwhile]
        # Best first within each want, and the earlier mentor first where two are as good.
        order = np.lexsort((pairs.mentor, -over, pairs.kind, pairs.mentee))
        pairs, over = pairs[order], over[order]
        place = _place((pairs.mentee, pairs.kind))
        excess = np.zeros_like(want)
        excess[pairs.mentee[place == 0], pairs.kind[place == 0]] = over[place == 0]
        return Better(pairs[place < most], excess)

    def worths(self, mentee: Index, kind: Index, mentor: Index) -> Whole:
        asked = self._key(mentee, kind, mentor)
        if not len(self.pairs):
            return np.full(len(asked), -1, np.int64)
        place = np.minimum(np.searchsorted(self._keys, asked), len(self.pairs) - 1)
        return np.where(self._keys[place] == asked, self.pairs.worth[place], -1)

    @cached_property
    def _keys(self) -> Whole:
        return self._key(self.pairs.mentee, self.pairs.kind, self.pairs.mentor)

    def _key(self, mentee: Index, kind: Index, mentor: Index) -> Whole:
        """One number for each pair, in the order of the pairs."""
        _, kinds, mentors = self.shape
        return (np.asarray(mentee, np.int64) * kinds + kind) * mentors + mentor


def _best(worth: Whole, of: Sequence[Index], most: int) -> NDArray[np.bool_]:
    """Where a pair is among so many best of its want, or of its mentor's kind."""
    order = np.lexsort((-worth, *reversed(of)))
    chosen = np.zeros(len(worth), bool)
    chosen[order] = _place([column[order] for column in of]) < most
    return chosen


def _place(of: Sequence[Index]) -> Index:
    """Which one of its group each row is, from 0; rows of a group stand together."""
    count = len(of[0])
    if not count:
        return np.zeros(0, np.int64)
    begins = np.ones(count, bool)
    begins[1:] = np.any([np.diff(column) != 0 for column in of], axis=0)
    first = np.flatnonzero(begins)
    return np.arange(count) - np.repeat(first, np.diff(np.append(first, count)))
