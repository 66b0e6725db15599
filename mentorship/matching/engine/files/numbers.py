"""Scores as a file writes them and as whole numbers, so that their sums are exact.

A score of 12.5 in a file whose finest score has two decimals is 1250. Everything inside the engine
is in such units; what is written out is divided again, exactly.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from mentorship.foundation.text import quoted
from mentorship.matching.engine.market import SCALE, Whole

#: Below this a decimal number keeps all its digits on its way through a float to a whole number.
_EXACT_BELOW = 2**51
_PLAIN = r"\+?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,2})?"
_NUMBER = re.compile(_PLAIN)
_AFTER_POINT = re.compile(r"\.([0-9]*)")
_NUMBERS = re.compile(rf"(?:{_PLAIN}\n)*")


@dataclass(frozen=True)
class Unit:
    """How many whole numbers inside make one of what the files show: ten to the `decimals`."""

    decimals: int

    @property
    def one(self) -> int:
        return int(10**self.decimals)

    def shown(self, worth: int | Fraction) -> Decimal:
        """The number as a file writes it, without needless zeros; exact for whole numbers."""
        number = Decimal(round(worth)).scaleb(-self.decimals)
        whole = number.to_integral_value()
        return whole if number == whole else number.normalize()

    def written(self, worth: int) -> str:
        return f"{self.shown(worth):f}"


#: Points from 0 to 100, as the engine computes them.
POINTS = Unit(decimals=len(str(SCALE // 100)) - 1)


class Scores:
    """A column of scores, taken in piece by piece."""

    def __init__(self) -> None:
        self._pieces: list[NDArray[np.float64]] = []
        self._decimals = 0

    def take(self, cells: Sequence[str]) -> list[tuple[int, str]]:
        """Add some cells. Returns the place and the words of each that is no score."""
        wrong = []
        joined = "\n".join((*cells, ""))
        if not _NUMBERS.fullmatch(joined):
            wrong = [(place, said) for place, cell in enumerate(cells) if (said := _wrong(cell))]
            bad = {place for place, _ in wrong}
            cells = ["0" if place in bad else cell for place, cell in enumerate(cells)]
            joined = "\n".join((*cells, ""))
        self._pieces.append(np.fromiter(map(float, cells), np.float64, len(cells)))
        if "e" in joined or "E" in joined:
            decimals = map(_decimals, cells)
        else:
            decimals = map(len, _AFTER_POINT.findall(joined))
        self._decimals = max(self._decimals, max(decimals, default=0))
        return wrong

    def beyond(self, most: int) -> list[int]:
        """Where the scores are that cannot be counted even without their decimals."""
        found: list[int] = np.flatnonzero(self._values() > min(most, _EXACT_BELOW)).tolist()
        return found

    def whole(self, *, most: int, beside: float = 0) -> tuple[Whole, Unit, bool]:
        """The scores as whole numbers, and whether they had to be rounded.

        No more decimals are kept than leave each, and what may be added `beside` it, below `most`.
        """
        values = self._values()
        greatest = values.max(initial=0) + beside
        decimals = self._decimals
        while decimals > 0 and greatest * 10**decimals > min(most, _EXACT_BELOW):
            decimals -= 1
        scaled = np.rint(values * 10.0**decimals).astype(np.int64)
        return scaled, Unit(decimals), decimals < self._decimals

    def _values(self) -> NDArray[np.float64]:
        return np.concatenate(self._pieces) if self._pieces else np.zeros(0)


def _decimals(cell: str) -> int:
    return max(0, -int(Decimal(cell).normalize().as_tuple().exponent))


def _wrong(cell: str) -> str:
    """What is wrong with a cell of a score, if anything is."""
    if not cell:
        return "The score is missing."
    if _NUMBER.fullmatch(cell):
        return ""
    if re.fullmatch(rf"-{_PLAIN}", cell):
        return "" if float(cell) == 0 else f"The score {quoted(cell)} is negative."
    comma = " Write the decimals after a point." if "," in cell else ""
    return f"The score {quoted(cell)} is not a number.{comma}"
