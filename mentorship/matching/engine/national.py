"""Coverage and total worth over every pair there is, while a solver sees few of them.

A part of the mentees is served first, to learn what seats cost. The pairs that are best beside
these prices, for either side, are solved then, and the prices that come out are held against every
pair: those worth more than their two prices join, and their excess bounds what any outcome could
bring, so that the answer is proven against all pairs, not only those seen.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from mentorship.matching.engine import levels
from mentorship.matching.engine.levels import Best, Weights
from mentorship.matching.engine.market import Better, Edges, Index, Market, Whole, among
from mentorship.matching.engine.network import SINK, Layout, counted_out, graph, lay_out
from mentorship.matching.engine.settings import Settings
from mentorship.matching.engine.solution import Prices

#: Pairs of each want that one look at every pair brings back.
_MORE_OF_A_WANT = 8
#: Worths of the best pair that a step of coverage is taken for at first.
_ENOUGH = 8
#: One in so many mentees is served first, to learn what seats cost.
_ONE_IN = 8
#: Up to so many possible pairs all of them are solved at once, which is quicker than twice some.
_FEW = 250_000


@dataclass(frozen=True, eq=False)
class Found:
    """The best in coverage and total worth, without the rules that no flow keeps."""

    layout: Layout
    best: Best
    prices: Prices
    #: Coverage steps and worth in units of worth, and what nobody could exceed.
    objective: int
    bound: int
    rounds: int

    @property
    def gap(self) -> float:
        """How far the bound lies above, in parts of the worth of all pairs."""
        worth = int(self.layout.value(self.best.chosen).sum())
        return (self.bound - self.objective) / max(1, worth)

    def beside(self, edges: Edges) -> Whole:
        """What each of these pairs is worth beside its two prices."""
        want = self.prices.want[edges.mentee, edges.kind]
        return self.layout.value(edges) - want - self.prices.offer[edges.mentor, edges.kind]


def found(
    market: Market,
    settings: Settings,
    *,
    barred: Index,
    proven: bool,
    seconds: dict[str, float],
    tell: Callable[[str], None],
) -> Found:
    """Solve and look at every pair, until none would do better or it is good enough.

    `market` has no pins; `barred` are sorted meetings (mentee * N + mentor) that must not be.
    `proven` asks for the proven best whatever the settings' rounds.

    :raises Unsolved: the costs are beyond 64 bits.
    """
    began = time.perf_counter()
    few = market.possible.count() <= _FEW
    edges = _with_before(market, market.possible.every() if few else first_seen(market, settings))
    layout = lay_out(market, settings, edges, top=0 if few else market.possible.top())
    edges = unbarred(layout, edges, barred)
    weights = cover_and_worth(layout)
    meetings: Index = np.zeros(0, np.int64)
    began = _spent(seconds, "shortlist", began)
    rounds, bound = 0, -1
    while True:
        rounds += 1
        chart = graph(layout, edges, meetings, by_place=False)
        best = levels.solved(
            chart, (), weights, moderate=not few, likely=() if few else _likely(layout)
        )
        began = _spent(seconds, "flow", began)
        twice, prices = levels.met_twice(best), _prices(best, weights[0][1])
        objective = reached(layout, best.chosen)
        more = _nothing(layout) if few else _look(best, prices, barred)
        over = objective + int(more.excess.sum())
        bound = over if bound < 0 else min(bound, over)
        began = _spent(seconds, "look", began)
        answer = Found(layout, best, prices, objective, bound, rounds)
        tell(f"{len(edges):,} pairs in round {rounds}, {answer.gap:.0e} below the bound")
        if not len(twice) and (
            bound == objective
            or (not proven and (answer.gap <= settings.good_enough or rounds >= settings.rounds))
        ):
            return answer
        edges = Edges.joined([edges, more.edges])
        meetings = np.concatenate([meetings, twice])
        # A national run's arcs are too many to be held twice.
        del chart, best, answer, more


def first_seen(market: Market, settings: Settings) -> Edges:
    """The pairs that are solved first where there are too many to solve them all."""
    return market.possible.near(
        _usual_prices(market, settings),
        of_a_want=settings.of_a_want,
        of_an_offer=settings.of_an_offer,
    )


def _usual_prices(market: Market, settings: Settings) -> Whole:
    """(N, K): about what a seat costs with each mentor, beside what is usual for the kind.

    From an answer for a part of the mentees, and of everybody's places.
    """
    wants, top = market.wants.copy(), market.possible.top()
    some = np.arange(len(wants)) % _ONE_IN == 0
    wants[~some] = False
    places, by_kind = (
        np.diff(of.clip(0).cumsum(axis=0) // _ONE_IN, axis=0, prepend=0 * of[:1])
        for of in (market.places, market.places_by_kind)
    )
    by_kind = np.minimum(np.maximum(by_kind, market.places_by_kind > 0), places[:, None])
    part = replace(market, wants=wants, places=places, places_by_kind=by_kind)
    edges = market.possible.near(
        np.zeros_like(by_kind),
        of_a_want=settings.of_a_want,
        of_an_offer=settings.of_an_offer,
        only=some,
    )
    layout = lay_out(part, settings, edges, top=top)
    weights, none = cover_and_worth(layout), np.zeros(0, np.int64)
    chart = graph(layout, layout.open(edges), none, by_place=False)
    best = levels.solved(chart, (), weights, moderate=True, likely=_likely(layout))
    offer = of_nodes(best, weights[0][1]).offer
    beside = np.zeros_like(offer)
    for kind, known in enumerate((by_kind > 0).T):
        if known.any():
            beside[known, kind] = offer[known, kind] - int(np.median(offer[known, kind]))
    # A seat may cost steps of coverage more or less than is usual, which no worth outweighs.
    return beside.clip(-top // 2, top // 2)


def cover_and_worth(layout: Layout) -> Weights:
    """A step of coverage outweighs all that pairs can be worth."""
    return (("coverage", _step(layout)), ("worth", 1))


def _likely(layout: Layout) -> Weights:
    """A step of coverage that no way around a few pairs makes up for; mostly that is enough."""
    return (("coverage", _ENOUGH * layout.goods.top + 1), ("worth", 1))


def reached(layout: Layout, chosen: Edges) -> int:
    """Coverage steps and worth of these pairs together, in units of worth."""
    mentee, gain = layout.asked
    nth = np.arange(len(mentee)) - np.searchsorted(mentee, mentee)
    given = nth < np.bincount(chosen.mentee, minlength=len(layout.market.held))[mentee]
    return _step(layout) * int(gain[given].sum()) + int(layout.value(chosen).sum())


def fullness(market: Market, chosen: Edges) -> int:
    """The sum, over each place given, of how full it makes its mentor, in whole percent."""
    mentor, nth = counted_out(np.bincount(chosen.mentor, minlength=len(market.places)))
    full = market.load[mentor] + market.places[mentor]
    return int((100 * (market.load[mentor] + nth + 1) // np.maximum(full, 1)).sum())


def _step(layout: Layout) -> int:
    return layout.slots * layout.goods.top + 1


def unbarred(layout: Layout, edges: Edges, barred: Index) -> Edges:
    """Those of these pairs that are asked for, have a place and may meet."""
    edges = layout.open(edges)
    return edges[~among(layout.market.meeting(edges), barred)]


def _prices(best: Best, step: int) -> Prices:
    prices = of_nodes(best, step)
    # A chosen pair may be worth more than its prices; its want can pay that, being filled anyway.
    chosen, want = best.chosen, prices.want
    own = chosen.mentee, chosen.kind
    over = best.graph.layout.value(chosen) - want[own] - prices.offer[chosen.mentor, chosen.kind]
    want[own] += np.maximum(over - _of_meeting(best, chosen), 0)
    return prices


def of_nodes(best: Best, step: int) -> Prices:
    """Prices as the potentials have them."""
    layout, potential = best.graph.layout, best.stages[0].potential
    top, sink = layout.goods.top, potential[SINK]
    closed = (layout.room <= 0)[:, None] | (layout.market.places_by_kind <= 0)
    want = np.where(layout.want_node >= 0, top + potential[layout.want_node] - sink, top + 1)
    offer = np.where(closed, 0, sink - potential[layout.offer_node])
    return Prices(want, offer, step)


def _with_before(market: Market, edges: Edges) -> Edges:
    """Pairs of before, where they are possible, are looked at from the start."""
    before = market.before
    if not len(before):
        return edges
    worth = market.possible.worths(before.mentee, before.kind, before.mentor)
    old = Edges(before.mentee, before.kind, before.mentor, worth)[worth >= 0]
    both = Edges.joined([edges, old])
    table = np.stack([both.mentee, both.kind, both.mentor])
    return both[np.unique(table, axis=1, return_index=True)[1]]


def _nothing(layout: Layout) -> Better:
    """What a look finds where every pair there is was solved."""
    return Better(Edges.joined([]), np.zeros(layout.market.wants.shape, np.int64))


def _look(best: Best, prices: Prices, barred: Index) -> Better:
    """The pairs not seen yet that are worth more than their prices, and each want's excess.

    What is returned by `better` and known already (two people who meet as another kind), or
    barred, is no excess; what lies beyond the few that it returns is bounded by the last of them.
    """
    layout, most = best.graph.layout, _MORE_OF_A_WANT
    market = layout.market
    closed = (layout.room <= 0)[:, None] | (market.places_by_kind <= 0)
    # What has no place is never better than its price.
    offer = np.where(
        closed, 2 * layout.goods.top + abs(int(prices.want.min(initial=0))) + 1, prices.offer
    )
    known = np.sort(layout.market.key(best.graph.edges))
    while True:
        more = market.possible.better(prices.want, offer, most=most)
        edges = more.edges
        over = edges.worth - prices.want[edges.mentee, edges.kind] - offer[edges.mentor, edges.kind]
        last = np.full(prices.want.shape, np.iinfo(np.int64).max)
        np.minimum.at(last, (edges.mentee, edges.kind), over)
        count = np.zeros(prices.want.shape, np.int64)
        np.add.at(count, (edges.mentee, edges.kind), 1)
        over = over - _of_meeting(best, edges)
        fresh = (over > 0) & ~among(layout.market.key(edges), known)
        fresh &= ~among(layout.market.meeting(edges), barred)
        excess = np.zeros_like(prices.want)
        np.maximum.at(excess, (edges.mentee[fresh], edges.kind[fresh]), over[fresh])
        cut = count >= most
        excess[cut] = np.maximum(excess[cut], last[cut])
        if fresh.any() or not excess.any():
            return Better(edges[fresh], excess)
        most *= 4


def beyond(best: Best, barred: Index) -> int:
    """What pairs that no solve has seen could add at most, held against this answer's prices."""
    # Chosen pairs may be worth more than their prices here, for they pay tolls as well.
    prices = of_nodes(best, best.stages[0].weights[0][1])
    return int(_look(best, prices, barred).excess.sum())


def _of_meeting(best: Best, edges: Edges) -> Whole:
    """What pairs of two people who have a meeting pay for it."""
    layout, potential = best.graph.layout, best.stages[0].potential
    node = levels.heads(layout, edges, best.graph.meetings)
    return potential[layout.offer_node[edges.mentor, edges.kind]] - potential[node]


def _spent(seconds: dict[str, float], phase: str, began: float) -> float:
    now = time.perf_counter()
    seconds[phase] = seconds.get(phase, 0.0) + now - began
    return now
