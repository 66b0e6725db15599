"""What a chapter may decide about a matching run, and how far the solver goes to prove it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from mentorship.matching.engine.market import SCALE
from mentorship.vocabulary.kinds import Kind

#: A pair below the first of these points is to be avoided before one below the second, and so on.
FLOORS = (20, 30, 45)


class Policy(StrEnum):
    """What is sought: the best for all together, or pairs that no two people would leave."""

    BEST = "best"
    STABLE = "stable"


@dataclass(frozen=True)
class Settings:
    """How a market is solved. What a market itself says (places, pins, rules) is not repeated."""

    policy: Policy = Policy.BEST
    #: Whole percents by kind and factor, summing to 100; a kind left out keeps its own default.
    weights: Mapping[Kind, Mapping[str, int]] = field(default_factory=dict)
    one_kind_per_mentor: bool = True
    most_from_one_institution: int | None = None
    #: In points. Empty leaves the level of the worst-off out.
    floors: tuple[float, ...] = FLOORS
    #: Points that keeping a pair of before is worth beside its own.
    keep: float = 0
    #: What one point is in a market's whole numbers; scores from a file have a unit of their own.
    point: int = SCALE // 100
    #: Optimize the percent of each mentee's own best rather than plain points. Those who state
    #: little can reach few points, and would otherwise lose every contested place.
    own_best: bool = True
    seed: int = 0
    #: Up to so many possible pairs every level is solved, each to the proven best. Beyond, the
    #: worst-off, even load and least change are left out.
    exact_below: int = 1_000_000
    #: Up to so many wants the rules that are no flow are settled exactly, beyond with a bound.
    portfolio_exact_below: int = 3_000
    #: The gap that is good enough there, in parts of the total worth.
    portfolio_enough: float = 5e-4
    #: Best pairs of each want, and of each mentor's kind, that a first look takes up. Fewer than
    #: these leave a national run's coverage unproven at first.
    of_a_want: int = 12
    of_an_offer: int = 32
    #: Looks at every pair before the bound reached is taken, and the bound that is good enough.
    rounds: int = 20
    good_enough: float = 0.0

    @property
    def floor_worths(self) -> tuple[int, ...]:
        """The floors in a market's whole numbers."""
        return tuple(round(floor * self.point) for floor in self.floors)

    @property
    def keep_worth(self) -> int:
        """What keeping a pair adds, in a market's whole numbers."""
        return round(self.keep * self.point)
