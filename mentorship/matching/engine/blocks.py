"""What all pairs of a kind are worth, as products of matrices, a block of mentees at a time."""

from collections.abc import Iterator, Mapping, Sized
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mentorship.matching.engine.features import Features
from mentorship.matching.engine.fit import Factor
from mentorship.matching.engine.market import SCALE, Index, Whole, Yes
from mentorship.matching.engine.rules import Rules
from mentorship.matching.engine.shapes import (
    ENOUGH_SLOTS,
    FULL_MARKS,
    Block,
    Classes,
    Pairs,
    Shared,
)
from mentorship.vocabulary.kinds import Kind

#: So many pairs are looked at in one block.
_BLOCK = 2**19
#: Float32 keeps the numbers of a quick look, none of them beyond 2 ** 24, within this much;
#: whatever is nearer is looked at exactly.
_SLACK = 256
#: Prices this far apart are met by no worth.
_REACH = 4 * SCALE
#: What plain worth is divided by, to tell apart what is equal in percent of the own best.
_FINER = 1_000
_NOWHERE = np.zeros(0, np.int64)
#: In place of the worth of what is not possible; stays below zero whatever is added to it.
_NEVER = np.float32(-(2**25))


@dataclass(frozen=True, eq=False)
class Table:
    """The possible mentees of a kind by the possible mentors, never written out whole."""

    features: Features
    rules: Rules
    #: Mentees by place in this table; mixed, so that no order of people is favored among equals.
    rows: Index
    columns: Index
    #: (rows, d) and (d, columns): all that depends on classes, weighted.
    ours: Block
    theirs: Block
    #: Sums with a limit, weighted: mentees', mentors', and the limit.
    limited: tuple[tuple[Block, Block, float], ...]
    #: Shared topics, where they are asked for.
    topical: tuple[Block, Block] | None
    #: Shared half hours, where both sides state any.
    hours: tuple[Block, Block] | None
    #: Pairs that add something, or are impossible: row and column in this table, sorted by row.
    added: tuple[tuple[Index, Index, NDArray], ...]
    never: tuple[Index, Index, NDArray]
    topic_weight: int
    time_weight: int

    @property
    def _height(self) -> int:
        return max(16, _BLOCK // max(1, len(self.columns)))

    def _parts(self) -> Iterator[slice]:
        if len(self.columns):
            for first in range(0, len(self.rows), self._height):
                yield slice(first, min(first + self._height, len(self.rows)))

    def blocks(self, *, hours: bool = True) -> Iterator[tuple[int, Block]]:
        """From which row on, and the worth of each pair there; below zero if it is not possible.

        Without `hours`, shared free time neither adds anything nor keeps two people apart, and it
        takes less than half the time.
        """
        shape = min(self._height, len(self.rows)), len(self.columns)
        whole, one = np.empty(shape, np.float32), np.empty(shape, np.float32)
        for part in self._parts():
            worth = self._block(part, whole, one, hours=hours)
            yield part.start, worth

    def _block(self, part: slice, whole: Block, spare: Block, *, hours: bool) -> Block:
        worth, one = whole[: part.stop - part.start], spare[: part.stop - part.start]
        self._sum(part, worth, one)
        if hours and self.hours is not None:
            np.matmul(self.hours[0][part], self.hours[1], out=one)
            apart = one == 0
            ours, theirs = self._stated(part)
            if not (ours.all() and theirs.all()):
                apart &= ours[:, None] & theirs
            np.minimum(one, ENOUGH_SLOTS, out=one)
            one *= self._most_for_time / ENOUGH_SLOTS
            worth += one
            np.copyto(worth, _NEVER, where=apart)
        row, column, _ = _within(part, *self.never)
        worth[row, column] = _NEVER
        return worth

    def _sum(self, part: slice, worth: Block, one: Block) -> None:
        """All but shared free time, and rules that are about some few pairs."""
        np.matmul(self.ours[part], self.theirs, out=worth)
        for ours, theirs, limit in self.limited:
            np.matmul(ours[part], theirs, out=one)
            np.minimum(one, limit, out=one)
            worth += one
        for row, column, adds in self.added:
            row, column, more = _within(part, row, column, adds)
            worth[row, column] += more
        if self.topical is not None:
            np.matmul(self.topical[0][part], self.topical[1], out=one)
            apart = one == 0
            our_any, their_any = self.features.any_topic
            if our_any.any() or their_any.any():
                apart &= ~(our_any[self.rows[part]][:, None] | their_any[self.columns])
            np.minimum(one, FULL_MARKS, out=one)
            one *= self.topic_weight
            worth += one
            np.copyto(worth, _NEVER, where=apart)
        rules = self.rules
        if rules.limited:
            table = rules.limits[rules.our_limit[self.rows[part]]] != 0
            np.copyto(worth, _NEVER, where=table[:, rules.their_limit[self.columns]])

    def _stated(self, part: slice) -> tuple[Yes, Yes]:
        hours = self.features.hours
        return hours.ours_stated[self.rows[part]], hours.theirs_stated[self.columns]

    @property
    def _most_for_time(self) -> int:
        return FULL_MARKS * self.time_weight

    def promising(
        self, want: Whole, offer: Whole, best: Whole | None
    ) -> Iterator[tuple[Index, Index]]:
        """Mentees and mentors of pairs that may be worth more than their prices.

        `want` are the prices of all mentees, `offer` those of all mentors; `best` is what plain
        worth is a part of, None where it counts as it is. One product says what each pair could be
        worth beside its prices at most; where that is anything, shared free time is counted. Rules
        about some few pairs are not looked at.
        """
        rows, columns = self.rows, self.columns
        ours, theirs = want[rows], offer[columns]
        unit = np.ones(len(rows)) if best is None else 1 / times(best[rows])
        stated = self.features.hours.ours_stated[rows], self.features.hours.theirs_stated[columns]
        time = self._most_for_time if self.hours is not None else 0
        most_ours, most_theirs = self._most
        price, free = np.ones((2, len(columns))), time * stated[1]
        height = self._height
        spare = np.empty((min(height, len(rows)), len(columns)), np.float32)
        # Steps of coverage take prices far beyond float32, up on one side as down on the other.
        levels = ours // _REACH * _REACH
        for level in np.unique(levels):
            at_level = np.flatnonzero(levels == level)
            price[1] = (theirs + level).clip(-2 * _REACH, 2 * _REACH)
            right = np.vstack([most_theirs, price, free]).astype(np.float32)
            near = (ours[at_level] - level + 1) * unit[at_level]
            left = np.column_stack(
                [most_ours[at_level], -near, -unit[at_level], stated[0][at_level]]
            ).astype(np.float32)
            for first in range(0, len(at_level), height):
                some = at_level[first : first + height]
                over = spare[: len(some)]
                np.matmul(left[first : first + height], right, out=over)
                self._add_few(some, over)
                row, column = np.divmod(np.flatnonzero(over >= -_SLACK), len(columns))
                beside, row = over[row, column], some[row]
                if time:
                    may, adds = self.met(row, column)
                    beside += adds - time * (stated[0][row] & stated[1][column])
                    kept = may & (beside >= -_SLACK)
                    row, column = row[kept], column[kept]
                yield rows[row], columns[column]

    @cached_property
    def _most(self) -> tuple[Block, Block]:
        """(rows, d) and (d, columns): their product is what pairs are worth at most, without
        shared free time and what is added for some few.
        """
        both = [(self.ours, self.theirs), *((ours, theirs) for ours, theirs, _ in self.limited)]
        if self.topical is not None:
            both.append((self.topical[0] * np.float32(self.topic_weight), self.topical[1]))
        return np.hstack([ours for ours, _ in both]), np.vstack([theirs for _, theirs in both])

    def _add_few(self, some: Index, worth: Block) -> None:
        """What is added for some few pairs of these rows, and limits on who."""
        for of in self.added:
            row, column, adds = _within(slice(some[0], some[-1] + 1), *of)
            row = row + some[0]
            place = np.searchsorted(some, row)
            here = some[place] == row
            worth[place[here], column[here]] += adds[here]
        rules = self.rules
        if rules.limited:
            table = rules.limits[rules.our_limit[self.rows[some]]] != 0
            np.copyto(worth, _NEVER, where=table[:, rules.their_limit[self.columns]])

    def met(self, row: Index, column: Index) -> tuple[Yes, Whole]:
        """Whether these two may meet as far as their free time goes, and what it adds."""
        hours, mentee, mentor = self.features.hours, self.rows[row], self.columns[column]
        slots = hours.slots(mentee, mentor)
        may = (slots > 0) | ~(hours.ours_stated[mentee] & hours.theirs_stated[mentor])
        return may, slots.clip(max=ENOUGH_SLOTS) * (self._most_for_time // ENOUGH_SLOTS)


def table(
    features: Features,
    rules: Rules,
    kind: Kind,
    of_kind: Mapping[Factor, int],
    mentors: int,
    *,
    only: Yes | None = None,
) -> Table:
    """The pairs of a kind, with its factors' percents, among so many mentors.

    `only` some mentees, where it is given (a mask).
    """
    rows, columns = rules.rows(kind), rules.columns(kind)
    if only is not None:
        rows = rows[only[rows]]
    rows = rows[np.random.default_rng(len(rows)).permutation(len(rows))]
    places = _Places.of(rows, columns, rules.of_mentee[kind], rules.of_mentor[kind])
    summed, limited, added = _weighed(features, kind, of_kind, places)
    hours, few, topics = features.hours, rules.few[kind], features.topics
    stated = hours.ours_stated[rows].any() and hours.theirs_stated[columns].any()
    return Table(
        features=features,
        rules=rules,
        rows=rows,
        columns=columns,
        ours=np.hstack([ours for ours, _ in summed]),
        theirs=np.ascontiguousarray(np.hstack([theirs for _, theirs in summed]).T),
        limited=limited,
        topical=_of_both(topics.ours[rows], topics.theirs[columns])
        if kind is Kind.CONTENT
        else None,
        hours=_of_both(hours.ours[rows], hours.theirs[columns]) if stated else None,
        added=added,
        topic_weight=of_kind.get(Factor.TOPICS, 0),
        time_weight=of_kind.get(Factor.TIME, 0),
        never=places.inside(*np.divmod(few.keys, max(1, mentors)), few.bits),
    )


@dataclass(frozen=True, eq=False)
class _Places:
    """Who stands where in a table: its rows and columns, and by person the place, or -1."""

    rows: Index
    columns: Index
    row_of: Index
    column_of: Index

    @classmethod
    def of(cls, rows: Index, columns: Index, mentees: Sized, mentors: Sized) -> "_Places":
        row_of, column_of = (np.full(len(people), -1, np.int64) for people in (mentees, mentors))
        row_of[rows], column_of[columns] = np.arange(len(rows)), np.arange(len(columns))
        return cls(rows, columns, row_of, column_of)

    def inside(self, mentee: Index, mentor: Index, of: NDArray) -> tuple[Index, Index, NDArray]:
        """These pairs by their places in the table, sorted by row."""
        row, column = self.row_of[mentee], self.column_of[mentor]
        here = np.flatnonzero((row >= 0) & (column >= 0))
        here = here[np.argsort(row[here], kind="stable")]
        return row[here], column[here], of[here]


def _weighed(
    features: Features, kind: Kind, of_kind: Mapping[Factor, int], places: _Places
) -> tuple[list, tuple, tuple]:
    """The factors of a kind but topics and shared time, with their percents: those that only add
    up, those with a limit, and those of some few pairs, as a table has them.
    """
    rows, columns = places.rows, places.columns
    # Without any factor all pairs are worth nothing, which takes a column to say.
    summed = [(np.zeros((len(rows), 1), np.float32), np.zeros((len(columns), 1), np.float32))]
    limited, added = [], []
    for factor, weight in of_kind.items():
        feature = features.of(kind, factor)
        if isinstance(feature, Classes) and feature.table.any():
            ours, theirs = feature.vectors(weight)
            summed.append((ours[rows], theirs[columns]))
        elif isinstance(feature, Shared) and factor is not Factor.TOPICS:
            ours, theirs = _of_both(feature.ours[rows], feature.theirs[columns])
            if ours.size:
                limited.append((ours * np.float32(weight), theirs, float(FULL_MARKS * weight)))
        elif isinstance(feature, Pairs) and len(feature.adds):
            adds = (feature.adds * weight).astype(np.float32)
            added.append(places.inside(feature.mentee, feature.mentor, adds))
    return summed, tuple(limited), tuple(added)


def of_own_best(plain: Whole, best: Whole) -> Whole:
    """Plain worth as a part of the best that the mentee could have for the kind; at most SCALE.

    A thousandth of it is plain worth as it is. So of two kinds from one person, each the best
    there is of its kind, the better one wins, and not the lot.
    """
    return plain * (SCALE - SCALE // _FINER) // np.maximum(best, 1) + plain // _FINER


def times(best: Whole) -> NDArray[np.float64]:
    """What plain worth is multiplied with there, rounding aside."""
    return (SCALE - SCALE // _FINER) / np.maximum(best, 1) + 1 / _FINER


def _of_both(ours: Block, theirs: Block) -> tuple[Block, Block]:
    """Only the things that are there on both sides, and the other side turned around."""
    both = ours.any(axis=0) & theirs.any(axis=0)
    return np.ascontiguousarray(ours[:, both]), np.ascontiguousarray(theirs[:, both].T)


def _within(part: slice, row: Index, column: Index, of: NDArray) -> tuple[Index, Index, NDArray]:
    """What of these pairs, sorted by row, is in this part, by its place there."""
    here = slice(*np.searchsorted(row, [part.start, part.stop]))
    return row[here] - part.start, column[here], of[here]


def best_of_rows(worth: Block, most: int, *, first: int) -> tuple[Index, Index]:
    """The best of each row, without any below zero. Lots decide between equals."""
    least = np.maximum(so_many_above(worth.T, most), 0)
    row, column = np.divmod(np.flatnonzero(worth >= least[:, None]), worth.shape[1])
    value = worth[row, column].astype(np.int64)
    lot = (column * 0x9E3779B1 + (first + row) * 0x85EBCA6B) % 2**31 >> 10
    order = np.argsort((row << 42) | ((SCALE - value) << 21) | lot, kind="stable")
    order = order[nth(row[order]) < most]
    return row[order], column[order]


def so_many_above(values: Block, most: int) -> Block:
    """For each column a value that so many in it reach at least: rather high, but not the highest.

    Out of the best of each of some groups of rows, which is far quicker than out of all rows.
    """
    groups = 4 * most
    if len(values) < 2 * groups:
        if len(values) <= most:
            return np.full(values.shape[1], _NEVER)
        heads = values
    else:
        each = len(values) // groups
        heads = values[: each * groups].reshape(each, groups, -1).max(axis=0)
    lines = np.ascontiguousarray(heads.T)
    place = lines.shape[1] - most
    return np.partition(lines, place, axis=1)[:, place]


def nth(groups: Index) -> Index:
    """Which of its group each one is, from 0; those of a group stand together."""
    if not len(groups):
        return _NOWHERE
    begins = np.flatnonzero(np.append(True, groups[1:] != groups[:-1]))
    return np.arange(len(groups)) - np.repeat(begins, np.diff(np.append(begins, len(groups))))
