"""What a solve found, how good it is, and what proves it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mentorship.matching.engine.market import Edges, Whole


class Unsolved(RuntimeError):
    """There is no answer: pins that cannot stand together, or numbers beyond 64 bits."""


@dataclass(frozen=True)
class Level:
    """One good in the order of goods: what was reached, and what nobody could exceed.

    `with_a_mentor`, `pairs`, `worth` and `kept` are the more the better; `below_20` and the like,
    and `fullness`, the less the better.
    """

    name: str
    value: int
    bound: int

    @property
    def proven(self) -> bool:
        return self.value == self.bound


@dataclass(frozen=True, eq=False)
class Prices:
    """What a place costs and a want pays, from the dual of coverage and total worth.

    Where the bound is reached, every pair that has a place has
    worth <= want[i, k] + offer[j, k], and the chosen ones are equal; save for those of two people
    who might meet in several kinds, who may only meet in one. An offer's price bounds what one
    more place would bring: `divmod(price, step)` is so many steps of coverage, and so much worth.
    """

    #: (M, K); below zero where a further mentor is itself worth steps of coverage.
    want: Whole
    #: (N, K), never below zero; zero where a place is left, and where there was none to sell.
    offer: Whole
    #: A step of coverage in units of worth: more than all worth together.
    step: int


@dataclass(frozen=True, eq=False)
class Tolls:
    """What pairs pay beside their two prices for rules over several pairs (Lagrange multipliers).

    Rows of whole numbers: who it is about, and last the toll, never below zero.
    """

    #: (n, 3): mentee and mentor, for each kind that the two would meet in.
    meeting: Whole
    #: (n, 3): mentee and institution.
    institution: Whole
    #: (n, 2): mentor, for each student of another school.
    outside: Whole


@dataclass(frozen=True, eq=False)
class Dual:
    """Prices and tolls that together prove a bound under the portfolio rules."""

    prices: Prices
    tolls: Tolls


@dataclass(frozen=True, eq=False)
class Solution:
    """The pairs chosen, pins among them, sorted by mentee, kind and mentor."""

    chosen: Edges
    levels: tuple[Level, ...]
    prices: Prices | None
    #: Ready for JSON; `certificate.check` says from what.
    certificate: Mapping[str, Any]
    #: Coverage steps and worth together, in units of worth, and what nobody could exceed.
    objective: int
    bound: int
    #: 0 exactly when proven; else how far the bound lies above, in parts of the total worth.
    gap: float
    #: By phase: shortlist, flow, look, levels.
    seconds: Mapping[str, float]
    proven: bool
    #: Levels that nothing is proven about, by name.
    left_out: tuple[str, ...] = ()
    #: What proves the bound where rules over several pairs stand in the way of the relaxed one.
    dual: Dual | None = None

    def level(self, name: str) -> Level:
        """:raises KeyError: this level was left out."""
        for level in self.levels:
            if level.name == name:
                return level
        raise KeyError(name)
