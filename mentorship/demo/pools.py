"""Reading the demo's data files, and choosing from a list without chance."""

import tomllib
from collections.abc import Sequence
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from mentorship.vocabulary.stages import Stage

DATA = Path(__file__).parent / "data"
#: Larger than any pool here and prime, so that steps of it visit every place of a pool.
_STRIDE = 7919

T = TypeVar("T")


class Phase(StrEnum):
    """What occupies a mentee: the demo's texts differ by it, not by the single stage."""

    PRECLINICAL = "preclinical"
    CLERKSHIP = "clerkship"
    APPLICANT = "applicant"
    RESIDENT = "resident"

    @classmethod
    def of(cls, stage: Stage) -> "Phase":
        """The phase a stage falls in. A research year is spent between M3 and M4."""
        if stage.rank <= Stage.M2.rank:
            return cls.PRECLINICAL
        if stage.rank <= Stage.M3.rank:
            return cls.CLERKSHIP
        return cls.APPLICANT if stage.rank <= Stage.M4.rank else cls.RESIDENT


def pick(pool: Sequence[T], n: int) -> T:
    """Choose the n-th of a pool in a fixed, mixed order.

    The same n always chooses the same; a run of numbers as long as the pool repeats nothing.

    :raises ValueError: the pool is empty.
    """
    if not pool:
        raise ValueError("nothing to pick from")
    return pool[n * _STRIDE % len(pool)]


@cache
def read(name: str) -> dict[str, Any]:
    """The content of one data file, by its path under `data/` without the ending. Not to change."""
    return tomllib.loads((DATA / f"{name}.toml").read_text("utf-8"))
