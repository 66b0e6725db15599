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


def near(
    table: Table, price: Whole, best: Whole | None, *, of_a_want: int, of_an_offer: int
) -> tuple[tuple[Index, Index, Whole], tuple[Index, Index]]:
    """About the best of each want beside what seats cost: mentees, mentors and their plain worth.
    And for each offer those who would lose least by it: mentees and mentors.

    `price` is what a seat costs with each of all mentors, less than SCALE either way; `best` is
    what plain worth of all mentees is a part of, None where it counts as it is.
    """
    price = price[table.columns].astype(np.float32)
    unit = np.ones(len(table.rows)) if best is None else times(best[table.rows])
    unit, of_offers = unit.astype(np.float32), _BestOfColumns(of_an_offer, len(price))
    of_wants, spare = [(_NOWHERE, _NOWHERE, _NOWHERE)], np.zeros((0, len(price)), np.float32)
    for first, worth in table.blocks(hours=False):
        if len(spare) < len(worth):
            spare = np.empty_like(worth)
        within = slice(first, first + len(worth))
        beside = spare[: len(worth)]
        np.multiply(worth, unit[within, None], out=beside)
        beside -= price
        least = np.maximum(so_many_above(beside.T, _TRIED * of_a_want), _POSSIBLE)
        row, column, adds = _met(table, first, beside >= least[:, None])
        value = beside[row, column] + adds * unit[first + row]
        order = np.lexsort((-value, row))
        order = order[nth(row[order]) < of_a_want]
        kept = row[order], column[order]
        plain = worth[kept].astype(np.int64) + adds[order]
        of_wants.append((first + kept[0], kept[1], plain))
        # Beside the best that each mentee could have, as far as it is known.
        own = np.zeros(len(worth), np.float32)
        np.maximum.at(own, row, value)
        beside -= own[:, None]
        row, column, adds = _met(table, first, beside > of_offers.least(beside))
        of_offers.see(first + row, column, beside[row, column] + adds * unit[first + row])
    row, column, plain = map(np.concatenate, zip(*of_wants, strict=True))
    others = of_offers.found()
    return (
        (table.rows[row], table.columns[column], plain),
        (table.rows[others[0]], table.columns[others[1]]),
    )


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
        self._kept = _NOWHERE
        self._new: list[Whole] = []

    def least(self, values: Block) -> Block:
        """What each column has to be worth to be among the best; rather too high at first."""
        floor = self._floor.astype(np.float32)
        if len(self._kept):
            return floor
        return np.maximum(floor, so_many_above(values, _TRIED * self._most))

    def see(self, row: Index, column: Index, value: NDArray[np.floating]) -> None:
        # A number each: the column, how little the best is missed by, and the row.
        short = (-value).clip(0, _LOW).astype(np.int64)
        self._new.append((column << 42) | (short << 21) | row)
        # Soon at first, since whatever is below the best so far is then passed over.
        enough = self._most * len(self._floor) * (4 if len(self._kept) else 1)
        if sum(map(len, self._new)) > enough:
            self._settle()

    def found(self) -> tuple[Index, Index]:
        """Rows and columns."""
        self._settle()
        return self._kept & _LOW, self._kept >> 42

    def _settle(self) -> None:
        kept = np.sort(np.concatenate([self._kept, *self._new]))
        place = nth(kept >> 42)
        last = kept[place == self._most - 1]
        self._floor[last >> 42] = -(last >> 21 & _LOW)
        self._kept, self._new = kept[place < self._most], []
