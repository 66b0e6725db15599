"""Where a first look is worth it: the pairs that answers with about these prices choose among.

Found quickly and not exactly, for a look at every pair follows anyway. Shared free time, the
costliest part of what two people are worth to each other, is counted only for the few pairs that
are in the running without it.
"""

import numpy as np
from numpy.typing import NDArray

from mentorship.matching.engine.blocks import Block, Table, nth, so_many_above, times
from mentorship.matching.engine.market import SCALE, Index, Whole, Yes

#: For each pair wanted so many are tried, since many people share no free time.
_TRIED = 3
#: What is possible stays above this, whatever it costs.
_POSSIBLE = np.float32(-(2**24))
_LOW = 2**21 - 1
_NOWHERE = np.zeros(0, np.int64)
#: Mentees, mentors and their plain worth; or rows and columns of a table.
_Some = tuple[Index, Index, Whole]


def near(
    table: Table, price: Whole, best: Whole | None, *, of_a_want: int, of_an_offer: int
) -> tuple[_Some, _Some]:
    """About the best of each want beside what seats cost, and for each offer those who would lose
    least by it: mentees, mentors and their plain worth.

    `price` is what a seat costs with each of all mentors, less than SCALE either way; `best` is
    what plain worth of all mentees is a part of, None where it counts as it is.
    """
    price = price[table.columns].astype(np.float32)
    unit = None if best is None else times(best[table.rows]).astype(np.float32)
    of_offers = _BestOfColumns(of_an_offer, len(price))
    of_wants, spare = [(_NOWHERE, _NOWHERE, _NOWHERE)], np.zeros((0, len(price)), np.float32)
    for first, worth in table.blocks(hours=False):
        if len(spare) < len(worth):
            spare = np.empty_like(worth)
        within = slice(first, first + len(worth))
        beside = spare[: len(worth)]
        if unit is None:
            np.subtract(worth, price, out=beside)
        else:
            np.multiply(worth, unit[within, None], out=beside)
            beside -= price
        least = np.maximum(so_many_above(beside.T, _TRIED * of_a_want), _POSSIBLE)
        row, column, adds = _met(table, first, beside >= least[:, None])
        value = beside[row, column] + _in_units(adds, unit, first + row)
        order = np.lexsort((-value, row))
        order = order[nth(row[order]) < of_a_want]
        kept = row[order], column[order]
        of_wants.append((first + kept[0], kept[1], _plain(worth[kept], adds[order])))
        # Beside the best that each mentee could have, as far as it is known.
        own = np.zeros(len(worth), np.float32)
        np.maximum.at(own, row, value)
        beside -= own[:, None]
        row, column, adds = _met(table, first, beside > of_offers.least(beside))
        of_offers.see(
            first + row,
            column,
            beside[row, column] + _in_units(adds, unit, first + row),
            _plain(worth[row, column], adds),
        )
    found = tuple(map(np.concatenate, zip(*of_wants, strict=True))), of_offers.found()
    ours, theirs = ((table.rows[row], table.columns[column], plain) for row, column, plain in found)
    return ours, theirs


def _in_units(adds: Whole, unit: Block | None, row: Index) -> NDArray[np.floating]:
    """Plain worth as it counts for the mentees in these rows."""
    return adds.astype(np.float32) if unit is None else adds * unit[row]


def _plain(worth: Block, adds: Whole) -> Whole:
    return worth.astype(np.int64) + adds


def _met(table: Table, first: int, tried: Yes) -> tuple[Index, Index, Whole]:
    """Those of a block's pairs who may meet: rows from 0, columns, and what free time adds."""
    # Much the quicker way to find few among many in a table.
    row, column = np.divmod(np.flatnonzero(tried), tried.shape[1])
    may, adds = table.met(first + row, column)
    return row[may], column[may], adds[may]


class _BestOfColumns:
    """The best of each column, as blocks of rows go by. The earlier row decides between equals."""

    def __init__(self, most: int, columns: int):
        self._most = most
        #: What there are as many of as asked for, in each column.
        self._floor = np.full(columns, -SCALE, np.int64)
        self._kept, self._plain = _NOWHERE, _NOWHERE
        self._new: list[tuple[Whole, Whole]] = []

    def least(self, values: Block) -> Block:
        """What each column has to be worth to be among the best; rather too high at first."""
        floor = self._floor.astype(np.float32)
        if len(self._kept):
            return floor
        return np.maximum(floor, so_many_above(values, _TRIED * self._most))

    def see(self, row: Index, column: Index, value: NDArray[np.floating], plain: Whole) -> None:
        """Pairs, what they are worth beside the best of their mentees, and their plain worth."""
        # A number each: the column, how little the best is missed by, and the row.
        short = (-value).clip(0, _LOW).astype(np.int64)
        self._new.append(((column << 42) | (short << 21) | row, plain))
        # Soon at first, since whatever is below the best so far is then passed over.
        enough = self._most * len(self._floor) * (4 if len(self._kept) else 1)
        if sum(len(key) for key, _ in self._new) > enough:
            self._settle()

    def found(self) -> tuple[Index, Index, Whole]:
        """Rows, columns and plain worth."""
        self._settle()
        return self._kept & _LOW, self._kept >> 42, self._plain

    def _settle(self) -> None:
        both = zip((self._kept, self._plain), *self._new, strict=True)
        kept, plain = map(np.concatenate, both)
        order = np.argsort(kept)
        kept, plain = kept[order], plain[order]
        place = nth(kept >> 42)
        last = kept[place == self._most - 1]
        self._floor[last >> 42] = -(last >> 21 & _LOW)
        best = place < self._most
        self._kept, self._plain, self._new = kept[best], plain[best], []
