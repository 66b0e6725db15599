"""Many small choices from one thing drawn: a draw for each would take longer than most solves."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from hypothesis import strategies as st

T = TypeVar("T")


class Luck:
    """Bytes, read choice by choice. Smaller ones are simpler choices; past the end all are zero."""

    def __init__(self, said: bytes) -> None:
        self._said = iter(said)

    def __repr__(self) -> str:
        return "luck"

    def whole(self, least: int, most: int) -> int:
        """A whole number of a few."""
        return least + next(self._said, 0) % (most - least + 1)

    def large(self, most: int) -> int:
        """A whole number from zero to anything below two to the 31st."""
        return int.from_bytes(next(self._said, 0) for _ in range(4)) % (most + 1)

    def yes(self, of: int = 2) -> bool:
        """Mostly not: once in so many times."""
        return self.whole(0, of - 1) == of - 1

    def one(self, of: Sequence[T]) -> T:
        return of[self.whole(0, len(of) - 1)]

    def perhaps(self, of: Sequence[T]) -> T | None:
        """One of them as often as none."""
        return self.one(of) if self.yes() else None

    def some(self, of: Sequence[T], *, least: int = 0, most: int | None = None) -> list[T]:
        """So many different ones, in any order."""
        left = list(dict.fromkeys(of))
        most = len(left) if most is None else min(most, len(left))
        return [left.pop(self.whole(0, len(left) - 1)) for _ in range(self.whole(least, most))]

    def wholes(self, *shape: int, least: int = 0, most: int) -> np.ndarray:
        """An array of whole numbers."""
        numbers = [self.whole(least, most) for _ in range(int(np.prod(shape)))]
        return np.array(numbers, np.int64).reshape(shape)


#: More bytes than anybody reads.
LUCK = st.binary(min_size=600, max_size=600).map(Luck)
