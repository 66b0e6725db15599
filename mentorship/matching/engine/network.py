"""A market as a network: what flows from the source to the sink is one pair a unit.

Source, mentee (an arc for each further mentor), want, mentor (by way of an offer where places of
a kind bind), sink (an arc a place, if it matters how full it makes). Two people who could meet in
several kinds get a node that lets one unit through, once a solution would pair them twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from mentorship.matching.engine.flow import Network
from mentorship.matching.engine.market import Edges, Index, Market, Whole, Yes, among
from mentorship.matching.engine.settings import Settings
from mentorship.matching.engine.solution import Unsolved

SOURCE, SINK, FIRST_PERSON = 0, 1, 2


@dataclass(frozen=True, eq=False)
class Goods:
    """What pairs are worth in each of the goods, and the most that one can be."""

    floors: tuple[int, ...]
    #: Worth that a pair of `before` has beside its own.
    keep: int
    #: Keys of the pairs of before, sorted.
    before: Index
    #: No possible pair is worth more, kept ones included.
    top: int


@dataclass(frozen=True, eq=False)
class Layout:
    """A market without pins, and the nodes that stand for its people whatever pairs there are."""

    market: Market
    goods: Goods

    @cached_property
    def want_node(self) -> Index:
        """(M, K); -1 where nothing is asked for."""
        mentees, _ = self.market.wants.shape
        nodes = np.cumsum(self.market.wants).reshape(self.market.wants.shape) - 1
        return np.where(self.market.wants, FIRST_PERSON + mentees + nodes, -1)

    @cached_property
    def mentor_node(self) -> Index:
        """(N,)"""
        first = FIRST_PERSON + len(self.market.held) + int(self.market.wants.sum())
        return first + np.arange(len(self.market.places))

    @cached_property
    def room(self) -> Whole:
        """(N,): how many mentees each mentor can take, the places of each kind considered."""
        return np.minimum(
            self.market.places.clip(0), self.market.places_by_kind.clip(0).sum(axis=1)
        )

    @cached_property
    def of_kind(self) -> Yes:
        """(N, K): where the places of a kind bind beside the places of all kinds."""
        by_kind = self.market.places_by_kind
        binds: Yes = (by_kind > 0) & (by_kind < self.room[:, None])
        return binds

    @cached_property
    def binding(self) -> Yes:
        """(N,): mentors with places of a kind that bind. No flow keeps to one kind with these."""
        binding: Yes = np.logical_or.reduce(self.of_kind, axis=1)
        return binding

    @cached_property
    def offer_node(self) -> Index:
        """(N, K): where an arc of a pair leads, if these two can only meet in one kind."""
        nodes = np.repeat(self.mentor_node[:, None], self.of_kind.shape[1], axis=1)
        first = FIRST_PERSON + len(self.market.held) + int(self.market.wants.sum())
        first += len(self.market.places)
        nodes[self.of_kind] = first + np.arange(int(self.of_kind.sum()))
        return nodes

    @cached_property
    def nodes(self) -> int:
        """How many there are before any meeting."""
        people = len(self.market.held) + len(self.market.places)
        return FIRST_PERSON + people + int(self.market.wants.sum()) + int(self.of_kind.sum())

    @cached_property
    def asked(self) -> tuple[Index, Whole]:
        """A row for each further mentor that someone may get: of whom, and its gain."""
        market = self.market
        mentee, nth = counted_out(market.wants.sum(axis=1))
        rank = market.held[mentee] + nth
        waited, priority = market.waited[mentee].astype(np.int64), market.priority[mentee]
        # First mentors: whoever waited, then by stage. Further ones: by stage, then who waited.
        first, then = (
            np.where(rank == 0, *both) for both in ((waited, priority), (priority, waited))
        )
        base = int(max(1, market.priority.max(initial=0))) + 1
        order = ((rank.max(initial=0) - rank) * base + first) * base + then
        # Any gain that grows with this order maximizes each class in turn, by the theorem on fair
        # flows of Frank and Murota: what can be given together is a polymatroid.
        return mentee, np.unique(order, return_inverse=True)[1] + 1

    @property
    def slots(self) -> int:
        return len(self.asked[0])

    @property
    def most_gain(self) -> int:
        return int(self.asked[1].max(initial=0))

    def value(self, edges: Edges) -> Whole:
        """What each pair is worth, with what keeping it adds."""
        return edges.worth + self.goods.keep * self.kept(edges)

    def kept(self, edges: Edges) -> Yes:
        """Which of these are pairs of before."""
        return among(self.market.key(edges), self.goods.before)

    def open(self, edges: Edges) -> Edges:
        """Those of these pairs that are asked for and have a place."""
        market = self.market
        return edges[
            market.wants[edges.mentee, edges.kind]
            & (self.room[edges.mentor] > 0)
            & (market.places_by_kind[edges.mentor, edges.kind] > 0)
        ]


@dataclass(frozen=True, eq=False)
class Graph:
    """A market's network for some of its pairs.

    Arcs stand in this order: pairs, asked, wants, offers, meetings, places, and one for all that
    stays open.
    """

    layout: Layout
    edges: Edges
    meetings: Index
    network: Network
    asked: slice
    places: slice
    #: The percent to which each arc of `places` fills its mentor; empty if they are not told apart.
    fullness: Whole

    def cost(self, good: str) -> Whole:
        """What each arc costs in a good; nothing costs below zero, and the best costs least."""
        layout = self.layout
        cost = np.zeros(len(self.network.tail), np.int64)
        cost[: len(self.edges)] = pair_cost(layout, good, self.edges)
        if good == "coverage":
            cost[self.asked] = layout.most_gain - layout.asked[1]
        if good == "fullness":
            cost[self.places] = self.fullness
        cost[-1] = most_cost(layout, good) if good in ("coverage", "worth", "kept") else 0
        return cost

    def weighed(self, weights: Sequence[tuple[str, int]]) -> Whole:
        """What each arc costs in several goods together."""
        cost = np.zeros(len(self.network.tail), np.int64)
        for good, weight in weights:
            cost += weight * self.cost(good)
        return cost


def pair_cost(layout: Layout, good: str, edges: Edges) -> Whole:
    """What a pair itself costs in a good."""
    if good == "worth":
        return layout.goods.top - layout.value(edges)
    if good.startswith("below "):
        return (edges.worth < int(good.removeprefix("below "))).astype(np.int64)
    if good == "kept":
        return 1 - layout.kept(edges).astype(np.int64)
    return np.zeros(len(edges), np.int64)


def most_cost(layout: Layout, good: str) -> int:
    """The most that one unit can cost in a good."""
    return {"coverage": layout.most_gain, "worth": layout.goods.top, "fullness": 100}.get(good, 1)


def lay_out(market: Market, settings: Settings, edges: Edges, *, top: int = 0) -> Layout:
    """Place a market's nodes. `edges` have all pairs of before; any other is worth `top` at most,
    or what the best of these is.
    """
    before = np.unique(market.key(market.before))
    goods = Goods(settings.floor_worths, settings.keep_worth, before, top=0)
    top = Layout(market, goods).value(edges).max(initial=top)
    return Layout(market, replace(goods, top=int(top)))


def graph(layout: Layout, edges: Edges, meetings: Index, *, by_place: bool) -> Graph:
    """Lay the arcs for these pairs. `by_place` tells a mentor's places apart."""
    market, slots = layout.market, layout.slots
    want_mentee, want_kind = np.nonzero(market.wants)
    mentee, _ = layout.asked
    offer_mentor, offer_kind = np.nonzero(layout.of_kind)
    if by_place:
        reach = np.bincount(edges.mentor, minlength=len(layout.room))
        given, nth = counted_out(np.minimum(layout.room, reach))
        full = market.load[given] + market.places[given]
        fullness = 100 * (market.load[given] + nth + 1) // np.maximum(full, 1)
        room = np.ones(len(given), np.int64)
    else:
        given, fullness = np.flatnonzero(layout.room > 0), np.zeros(0, np.int64)
        room = layout.room[given]
    ones = np.ones(max(len(edges), slots), np.int64)
    met = layout.nodes + np.arange(len(meetings))
    parts = (
        (
            layout.want_node[edges.mentee, edges.kind],
            heads(layout, edges, meetings),
            ones[: len(edges)],
        ),
        (np.full(slots, SOURCE), FIRST_PERSON + mentee, ones[:slots]),
        (FIRST_PERSON + want_mentee, layout.want_node[want_mentee, want_kind], ones[:slots]),
        (
            layout.offer_node[offer_mentor, offer_kind],
            layout.mentor_node[offer_mentor],
            market.places_by_kind[offer_mentor, offer_kind],
        ),
        (met, layout.mentor_node[meetings % max(1, len(market.places))], np.ones_like(met)),
        (layout.mentor_node[given], np.full(len(given), SINK), room),
        ([SOURCE], [SINK], [slots]),
    )
    tail, head, capacity = (
        np.concatenate([np.asarray(part[column], np.int64) for part in parts])
        for column in range(3)
    )
    supply = np.zeros(layout.nodes + len(meetings), np.int64)
    supply[SOURCE], supply[SINK] = slots, -slots
    end = len(edges) + slots
    return Graph(
        layout=layout,
        edges=edges,
        meetings=meetings,
        network=Network(tail, head, capacity, supply),
        asked=slice(len(edges), end),
        places=slice(len(tail) - 1 - len(given), len(tail) - 1),
        fullness=fullness,
    )


def heads(layout: Layout, edges: Edges, meetings: Index) -> Index:
    """Where each pair's arc leads: its offer, or the meeting of its two people."""
    nodes = layout.offer_node[edges.mentor, edges.kind]
    if len(meetings):
        order = np.argsort(meetings)
        keys = layout.market.meeting(edges)
        place = np.minimum(np.searchsorted(meetings, keys, sorter=order), len(meetings) - 1)
        nodes = np.where(meetings[order[place]] == keys, layout.nodes + order[place], nodes)
    return nodes


def settled(market: Market) -> Market:
    """What is left to be decided once the pins are made.

    :raises Unsolved: the pins cannot stand together.
    """
    pins = market.pins
    wants, held = market.wants.copy(), market.held.copy()
    places, by_kind, load = market.places.copy(), market.places_by_kind.copy(), market.load.copy()
    wants[pins.mentee, pins.kind] = False
    np.add.at(held, pins.mentee, 1)
    np.subtract.at(places, pins.mentor, 1)
    np.add.at(load, pins.mentor, 1)
    np.subtract.at(by_kind, (pins.mentor, pins.kind), 1)
    held_from = market.held_from
    if market.most_from_one_institution is not None:
        held_from = market.from_institutions()
    quotas = market.quotas and replace(market.quotas, places=market.quotas.left(pins))
    taken = np.bincount(pins.mentor, minlength=len(places)) > 0
    if (
        (places[taken] < 0).any()
        or (by_kind[pins.mentor, pins.kind] < 0).any()
        or _repeats(pins.mentee, pins.kind)
        or (market.one_kind_per_mentor and _repeats(pins.mentee, pins.mentor))
        or _too_many_from_one(market, held_from)
        or (quotas is not None and (quotas.places[taken & (quotas.home >= 0)] < 0).any())
    ):
        raise Unsolved("The pins cannot stand together.")
    return replace(
        market,
        wants=wants,
        held=held,
        places=places,
        places_by_kind=by_kind,
        load=load,
        held_from=held_from,
        quotas=quotas,
        pins=pins[np.zeros(0, np.int64)],
    )


def _too_many_from_one(market: Market, held_from: Whole | None) -> bool:
    most = market.most_from_one_institution
    if most is None or held_from is None:
        return False
    home = market.institution[market.pins.mentor]
    known = home >= 0
    return bool((held_from[market.pins.mentee[known], home[known]] > most).any())


def _repeats(these: Index, those: Index) -> bool:
    return len(np.unique(np.stack([these, those]), axis=1).T) < len(these)


def counted_out(counts: Whole) -> tuple[Index, Index]:
    """Count out each one's share: `[2, 0, 1]` gives whose `[0, 0, 2]` and which `[0, 1, 0]`."""
    whose = np.repeat(np.arange(len(counts)), counts)
    return whose, np.arange(len(whose)) - np.repeat(np.cumsum(counts) - counts, counts)
