"""When something happens mid-season: the smallest change that restores the best.

Somebody joins, a mentor leaves, a fit check says no. Coverage is brought back to the best that
can be, then as few pairs as possible change, then the fits decide.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mentorship.matching.engine import changes
from mentorship.matching.engine.changes import Change
from mentorship.matching.engine.market import Edges, Market, Yes
from mentorship.matching.engine.settings import Settings
from mentorship.matching.engine.solution import Solution

Solve = Callable[[Market, Settings], Solution]


@dataclass(frozen=True, eq=False)
class Rematch:
    """The pairs after a change, and how they differ from those before. All are sorted."""

    solution: Solution
    kept: Edges
    #: Could not go on, because of what happened.
    broken: Edges
    #: Could have gone on, but others are served by ending it.
    moved: Edges
    begun: Edges

    @property
    def changed(self) -> int:
        """Pairs that end or begin."""
        return len(self.broken) + len(self.moved) + len(self.begun)


def rematch(
    market: Market,
    before: Edges,
    edits: Sequence[Change],
    *,
    settings: Settings,
    solve: Solve,
) -> Rematch:
    """Restore the best after `edits`, changing as few of the pairs of `before` as can be.

    The market is as it stood with those pairs still to be given: their wants are open and their
    places free. Whoever joined is in it, with no pair of before. A mentor who leaves is `Gone`, a
    fit that failed is `Apart`. The floors of the worst-off are not looked at: they would end
    pairs that went well.
    """
    after = changes.made(replace(market, before=before), edits)
    keeping = replace(settings, floors=(), keep=_above_all(after) / settings.point)
    solution = solve(after, keeping)
    chosen = solution.chosen
    went_on, possible = _among(market, before, chosen), _possible(after, before)
    return Rematch(
        solution=solution,
        kept=before[went_on],
        broken=before[~went_on & ~possible],
        moved=before[~went_on & possible],
        begun=chosen[~_among(market, chosen, before)],
    )


def _above_all(market: Market) -> int:
    """More than all pairs that could be chosen are worth together, in units of worth."""
    best = market.possible.shortlist(of_a_want=1, of_an_offer=0).worth
    return int(best.sum() + market.pins.worth.sum()) + 1


def _possible(market: Market, pairs: Edges) -> Yes:
    """Which of these pairs could still be, each by itself."""
    worth = market.possible.worths(pairs.mentee, pairs.kind, pairs.mentor)
    room = np.minimum(market.places[pairs.mentor], market.places_by_kind[pairs.mentor, pairs.kind])
    could: Yes = (worth >= 0) & market.wants[pairs.mentee, pairs.kind] & (room > 0)
    return could


def _among(market: Market, pairs: Edges, others: Edges) -> Yes:
    def keys(edges: Edges) -> np.ndarray:
        kinds, mentors = market.places_by_kind.shape[1], len(market.places)
        return (edges.mentee * kinds + edges.kind) * mentors + edges.mentor

    return np.isin(keys(pairs), keys(others))
