"""The shapes that marks come in: for two people one by one, and for everyone at once.

Each keeps what a factor needs to know of every mentee and mentor, so that a pair can be marked
when it is looked at, and so that all pairs can be summed up as products of matrices.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from mentorship.matching.engine.fit import SLOTS_OF_WEEK
from mentorship.matching.engine.market import Index, Whole

#: Marks of what could not be better.
FULL_MARKS = 10_000
#: Shared free half hours a week beyond which more make no difference.
ENOUGH_SLOTS = 8

Block = NDArray[np.float32]
One = TypeVar("One")
Other = TypeVar("Other")


class Feature(Protocol):
    """What a factor marks, from 0 to FULL_MARKS, for any mentee and mentor."""

    def at(self, mentee: Index, mentor: Index) -> Whole:
        """One by one."""


@dataclass(frozen=True, eq=False)
class Classes:
    """Depends on which of a few classes each of the two is in."""

    #: A row a class of mentees, a column a class of mentors.
    table: Whole
    ours: Index
    theirs: Index

    def at(self, mentee: Index, mentor: Index) -> Whole:
        return self.table[self.ours[mentee], self.theirs[mentor]]

    def vectors(self, weight: int) -> tuple[Block, Block]:
        """A row each, of whole numbers whose inner products are the weighted table."""
        table = (self.table * weight).astype(np.float32)
        if len(table) <= table.shape[1]:
            return np.eye(len(table), dtype=np.float32)[self.ours], table.T[self.theirs]
        return table[self.ours], np.eye(table.shape[1], dtype=np.float32)[self.theirs]


@dataclass(frozen=True, eq=False)
class Shared:
    """Sums up what the things are worth that both have, up to FULL_MARKS."""

    #: A row a person, a column a thing; inner products are the sums. Whole numbers.
    ours: Block
    theirs: Block

    def at(self, mentee: Index, mentor: Index) -> Whole:
        sums = np.empty(len(mentee), np.int64)
        for start in range(0, len(mentee), 2**16):
            part = slice(start, start + 2**16)
            ours, theirs = self.ours[mentee[part]], self.theirs[mentor[part]]
            sums[part] = np.einsum("pt,pt->p", ours, theirs)
        return np.minimum(sums, FULL_MARKS)


@dataclass(frozen=True, eq=False)
class Hours:
    """Counts the free half hours that both have, up to ENOUGH_SLOTS."""

    ours: Block
    theirs: Block
    #: Who states their free time at all.
    ours_stated: NDArray[np.bool_]
    theirs_stated: NDArray[np.bool_]

    def at(self, mentee: Index, mentor: Index) -> Whole:
        return np.minimum(self.slots(mentee, mentor) * (FULL_MARKS // ENOUGH_SLOTS), FULL_MARKS)

    def slots(self, mentee: Index, mentor: Index) -> Whole:
        both = np.empty(len(mentee), np.int64)
        # Word by word, and few enough at once to stay near: four times as fast.
        for start in range(0, len(mentee), 2**14):
            part = slice(start, start + 2**14)
            us, them = mentee[part], mentor[part]
            shared = np.zeros(len(us), np.uint16)
            for ours, theirs in zip(*self._words, strict=True):
                shared += np.bitwise_count(ours.take(us) & theirs.take(them))
            both[part] = shared
        return both

    def never(self, mentee: Index, mentor: Index) -> NDArray[np.bool_]:
        """Where both state their free time and share none."""
        stated = self.ours_stated[mentee] & self.theirs_stated[mentor]
        stated[stated] = self.slots(mentee[stated], mentor[stated]) == 0
        return stated

    @cached_property
    def _words(self) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
        return _in_words(self.ours), _in_words(self.theirs)


def _in_words(side: Block) -> NDArray[np.uint64]:
    """A bit a half hour, filled up to whole words of 64: a row a word, a column a person."""
    bits = np.zeros((len(side), SLOTS_OF_WEEK + -SLOTS_OF_WEEK % 64), bool)
    bits[:, :SLOTS_OF_WEEK] = side > 0
    return np.ascontiguousarray(np.packbits(bits, axis=1).view(np.uint64).T)


@dataclass(frozen=True, eq=False)
class Pairs:
    """Is written down for some few pairs, and 0 for all others. Sorted by mentee and mentor."""

    mentee: Index
    mentor: Index
    adds: Whole
    mentors: int

    def at(self, mentee: Index, mentor: Index) -> Whole:
        asked = np.asarray(mentee, np.int64) * self.mentors + mentor
        return looked_up(self._keys, self.adds, asked)

    @cached_property
    def _keys(self) -> Index:
        return self.mentee * self.mentors + self.mentor


def looked_up(keys: Index, values: NDArray, asked: Index) -> NDArray:
    """What stands under each of these keys, and 0 where nothing does. `keys` are sorted."""
    if not len(keys):
        return np.zeros(len(asked), values.dtype)
    place = np.minimum(np.searchsorted(keys, asked), len(keys) - 1)
    return np.where(keys[place] == asked, values[place], values.dtype.type(0))


def incidence(named: Sequence[Collection], things: Iterable) -> Block:
    """A row a person, a column a thing, 1 where they named it."""
    places = {thing: place for place, thing in enumerate(things)}
    table = np.zeros((len(named), len(places)), np.float32)
    rows = np.repeat(np.arange(len(named)), [len(some) for some in named])
    columns = [places[thing] for some in named for thing in some]
    table[rows, np.array(columns, int)] = 1
    return table


def _classes(of: Sequence[One]) -> tuple[list[One], Index]:
    """The different values, and which of them each one is."""
    places: dict[One, int] = {}
    which = [places.setdefault(one, len(places)) for one in of]
    return list(places), np.array(which, np.int64)


def tabulated(
    ours: Sequence[One], theirs: Sequence[Other], adds: Callable[[One, Other], int]
) -> Classes:
    """`adds` for each two that differ from those before."""
    one_side, our_class = _classes(ours)
    other_side, their_class = _classes(theirs)
    table = [[adds(one, other) for other in other_side] for one in one_side]
    shape = len(one_side), len(other_side)
    return Classes(np.array(table, np.int64).reshape(shape), our_class, their_class)
