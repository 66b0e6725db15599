"""A pair that was not chosen: who has the seat, by what margin, and what it would take.

The bound comes from the prices of a solve and costs nothing, so it can be told of every pair at
any size; the exact cost, and whether more places would bring it about, come from solving again
with that change made.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mentorship.matching.engine import verify
from mentorship.matching.engine.changes import Forced, MorePlaces
from mentorship.matching.engine.market import Edges, Market, Whole, Yes
from mentorship.matching.engine.settings import Policy, Settings
from mentorship.matching.engine.shortage import Covered, covered
from mentorship.matching.engine.solution import Prices, Solution

Solve = Callable[[Market], Solution]

#: So many more places are tried before it is said that places alone do not bring a pair about.
FEW = 3


@dataclass(frozen=True)
class Price:
    """An amount of what counts: steps of coverage come before all worth."""

    steps: int
    worth: int

    @classmethod
    def of(cls, amount: int, prices: Prices) -> "Price":
        return cls(*divmod(amount, prices.step))


@dataclass(frozen=True, eq=False)
class Contest:
    """Two people who could be paired and are not, and what stands between them."""

    pair: Forced
    #: Pairs that have the places this one would need, whoever fits least first; none if it is free.
    holders: Edges
    #: What the mentee has instead: at most one pair, of the same kind with another mentor.
    instead: Edges
    #: The same two people in another kind, where one person is one kind: at most one pair.
    met: Edges
    #: What one more place of this kind with this mentor would bring at most; None without prices.
    seat: Price | None
    #: What pairing them would cost over all, at the least; None where prices do not prove it.
    at_least: Price | None

    @property
    def margins(self) -> Whole:
        """How much more each holder is worth; below zero for one that only comes first."""
        margins: Whole = self.holders.worth - self.pair.worth
        return margins


@dataclass(frozen=True, eq=False)
class Cost:
    """What pairing two people would exactly change over all."""

    now: Covered
    then: Covered
    #: Coverage by rank, with those who waited and the stages that come first, is not as good:
    #: even where as many are served, others are passed over who would come before.
    passes_over: bool
    #: Worth lost over all pairs; below zero where it is gained.
    worth: int
    ended: Edges
    #: Without the pair itself.
    begun: Edges
    change: Forced


def contest(
    market: Market,
    solution: Solution,
    *,
    mentee: int,
    kind: int,
    mentor: int,
    settings: Settings,
) -> Contest | None:
    """What stands between two people who break no rule; None if they break one or are paired.

    The market's own rules are meant: it has no such pair, nobody asked, or there never was a
    place. `explain` says which.
    """
    place = np.array([mentee]), np.array([kind]), np.array([mentor])
    worth = int(market.possible.worths(*place)[0])
    quotas = market.quotas
    outside = quotas is not None and bool(quotas.outside(*place[::2])[0])
    room = min(market.places[mentor], market.places_by_kind[mentor, kind])
    if quotas is not None and outside:
        room = min(room, quotas.places[mentor])
    chosen = solution.chosen
    same = (chosen.mentee == mentee) & (chosen.mentor == mentor)
    if worth < 0 or not market.wants[mentee, kind] or room < 1 or (same & _of(chosen, kind)).any():
        return None
    pair = Forced(mentee, kind, mentor, worth)
    prices = solution.prices
    return Contest(
        pair=pair,
        holders=_holders(market, chosen, pair, outside=outside),
        instead=chosen[(chosen.mentee == mentee) & _of(chosen, kind)],
        met=chosen[same] if market.one_kind_per_mentor else chosen[np.zeros(0, np.int64)],
        seat=Price.of(int(prices.offer[mentor, kind]), prices) if prices else None,
        at_least=_at_least(market, solution, pair, settings),
    )


def cost(
    market: Market, solution: Solution, pair: Forced, *, solve: Solve, settings: Settings
) -> Cost:
    """What it would exactly cost to pair two people, found by solving with them paired.

    :raises Unsolved: pins already take what the pair would need.
    """
    changed = pair.made(market)
    then = solve(changed)
    before, after = (verify.levels_of(market, settings, found.chosen) for found in (solution, then))
    # The coverage levels are those before the floors.
    ranks = len(before.having)
    added = then.chosen[~market.among(then.chosen, solution.chosen)]
    return Cost(
        now=covered(market, solution),
        then=covered(changed, then),
        passes_over=after.order[:ranks] < before.order[:ranks],
        worth=int(solution.chosen.worth.sum() - then.chosen.worth.sum()),
        ended=solution.chosen[~market.among(solution.chosen, then.chosen)],
        begun=added[
            (added.mentee != pair.mentee)
            | (added.kind != pair.kind)
            | (added.mentor != pair.mentor)
        ],
        change=pair,
    )


def enough_places(market: Market, pair: Forced, *, solve: Solve) -> MorePlaces | None:
    """The fewest more places with this mentor that bring the pair about; None if a few do not."""
    for count in range(1, FEW + 1):
        change = MorePlaces(pair.mentor, count)
        chosen = solve(change.made(market)).chosen
        here = (chosen.mentee == pair.mentee) & (chosen.mentor == pair.mentor)
        if (here & _of(chosen, pair.kind)).any():
            return change
    return None


def _holders(market: Market, chosen: Edges, pair: Forced, *, outside: bool) -> Edges:
    quotas, kind, mentor = market.quotas, pair.kind, pair.mentor
    theirs = chosen[chosen.mentor == mentor]
    of_kind = theirs[_of(theirs, kind)]
    if quotas is not None and outside:
        others = theirs[quotas.outside(theirs.mentee, theirs.mentor)]
    if len(of_kind) >= market.places_by_kind[mentor, kind]:
        theirs = of_kind
    elif quotas is not None and outside and len(others) >= quotas.places[mentor]:
        theirs = others
    elif len(theirs) < market.places[mentor]:
        return theirs[np.zeros(0, np.int64)]
    return theirs[np.lexsort((theirs.mentee, theirs.worth))]


def _at_least(market: Market, solution: Solution, pair: Forced, settings: Settings) -> Price | None:
    """By how much the two prices exceed what the pair is worth.

    That proves a loss only against the best of coverage and worth: not where the worst-off came
    between them, nor where portfolio rules hold the outcome below that best, nor for two people
    who meet in another kind and share its price.
    """
    prices = solution.prices
    between = settings.policy is not Policy.BEST or any(
        level.name.startswith("below") for level in solution.levels
    )
    chosen = solution.chosen
    met = market.one_kind_per_mentor and bool(
        ((chosen.mentee == pair.mentee) & (chosen.mentor == pair.mentor)).any()
    )
    # Where rules that are no flow decided, the prices are of the outcome without them.
    relaxed = solution.certificate.get("relaxed", False)
    if prices is None or between or met or relaxed:
        return None
    kept = market.before
    bonus = (kept.mentee == pair.mentee) & (kept.mentor == pair.mentor) & _of(kept, pair.kind)
    value = pair.worth + settings.keep_worth * int(bonus.any())
    asked = int(prices.want[pair.mentee, pair.kind] + prices.offer[pair.mentor, pair.kind])
    unproven = solution.bound - solution.objective
    return Price.of(max(0, asked - value - unproven), prices)


def _of(pairs: Edges, kind: int) -> Yes:
    found: Yes = pairs.kind == kind
    return found
