"""What prices prove that no outcome exceeds, told from the market alone.

Like `verify`, this shares nothing with the solver but the shape of a market, and is written to be
read.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mentorship.matching.engine.market import Edges, Index, Market, Whole
from mentorship.matching.engine.settings import Settings
from mentorship.matching.engine.solution import Prices, Tolls


def bound_of(market: Market, settings: Settings, prices: Prices, tolls: Tolls | None = None) -> int:
    """What coverage and worth together cannot exceed, proven by these prices, whatever they are.

    With tolls, each pair brings what is left beside them, and each rule earns at most what as many
    pairs as it lets through pay (Lagrange); a toll below zero is none.

    Let each want pay its mentee `want`, and each place cost `offer` (weak duality): no pair brings
    more than it pays and costs and the excess of its want; no mentee gains more than their best
    wants do; no mentor earns more than their dearest places.
    """
    rest = beside_pins(market)
    pinned = int(market.pins.worth.sum()) + settings.keep_worth * kept(market, market.pins)
    gates = () if tolls is None else tuple(_gates(market, tolls))
    wants = int(_excess(rest, settings, prices, gates)[rest.wants].sum())
    rules = sum(int((gate.toll * gate.most).sum()) for gate in gates)
    return pinned + wants + rules + _of_mentees(rest, prices) + _of_mentors(rest, prices)


@dataclass(frozen=True, eq=False)
class _Gate:
    """A rule over several pairs: what each group's pairs pay, and how many may still pass."""

    #: One number a group, sorted.
    group: Index
    toll: Whole
    most: Whole
    #: The group of a mentee and a mentor, below 0 for none.
    of: Callable[[Index, Index], Index]

    def paid(self, edges: Edges) -> Whole:
        if not len(self.group):
            return np.zeros(len(edges), np.int64)
        asked = self.of(edges.mentee, edges.mentor)
        place = np.minimum(np.searchsorted(self.group, asked), len(self.group) - 1)
        return np.where(self.group[place] == asked, self.toll[place], 0)


def _gates(market: Market, tolls: Tolls) -> Iterator[_Gate]:
    """The rules over several pairs that this market has, beside what its pins take of them."""
    pins, mentors = market.pins, len(market.places)
    if market.one_kind_per_mentor:

        def two(mentee: Index, mentor: Index) -> Index:
            return mentee * mentors + mentor

        group, toll = _sorted(two(tolls.meeting[:, 0], tolls.meeting[:, 1]), tolls.meeting)
        met = np.isin(group, two(pins.mentee, pins.mentor))
        yield _Gate(group, toll, np.where(met, 0, 1), two)
    if (most := market.most_from_one_institution) is not None:
        homes = int(market.institution.max(initial=-1)) + 1
        known = market.institution >= 0

        def home(mentee: Index, mentor: Index) -> Index:
            return np.where(known[mentor], mentee * homes + market.institution[mentor], -1)

        group, toll = _sorted(
            tolls.institution[:, 0] * homes + tolls.institution[:, 1], tolls.institution
        )
        held = np.zeros(len(market.held) * homes, np.int64)
        if market.held_from is not None:
            held += market.held_from[:, :homes].ravel()
        pinned = home(pins.mentee, pins.mentor)
        np.add.at(held, pinned[pinned >= 0], 1)
        yield _Gate(group, toll, (most - held[group]).clip(0), home)
    if (quotas := market.quotas) is not None:

        def away(mentee: Index, mentor: Index) -> Index:
            home = quotas.home[mentor]
            return np.where((home >= 0) & (quotas.school[mentee] != home), mentor, -1)

        group, toll = _sorted(tolls.outside[:, 0], tolls.outside)
        taken = away(pins.mentee, pins.mentor)
        left = quotas.places - np.bincount(taken[taken >= 0], minlength=mentors)
        yield _Gate(group, toll, left[group].clip(0), away)


def _sorted(group: Index, rows: Whole) -> tuple[Index, Whole]:
    """Groups in order, and their tolls."""
    order = np.argsort(group, kind="stable")
    return group[order], rows[order, -1].clip(0)


def _excess(rest: Market, settings: Settings, prices: Prices, gates: Sequence[_Gate]) -> Whole:
    """(M, K): by how much the best pair of each want exceeds what it pays, 0 if none does."""
    closed = (rest.places <= 0)[:, None] | (rest.places_by_kind <= 0)
    never = 2 * prices.step + int(np.abs(prices.want).max(initial=0))
    offer = np.where(closed, never, prices.offer)
    met = rest.pins.mentee * len(rest.places) + rest.pins.mentor

    def left(edges: Edges, worth: Whole) -> Whole:
        """What a pair brings beside its two prices."""
        return worth - prices.want[edges.mentee, edges.kind] - offer[edges.mentor, edges.kind]

    def over(edges: Edges, worth: Whole) -> Whole:
        """The same beside its tolls, too. Who is pinned to each other meets in no other kind."""
        barred = rest.one_kind_per_mentor & np.isin(
            edges.mentee * len(rest.places) + edges.mentor, met
        )
        return np.where(barred, 0, left(edges, worth) - sum(gate.paid(edges) for gate in gates))

    most = 16 if gates else 1
    while True:
        edges = rest.possible.better(prices.want, offer, most=most).edges
        own = edges.mentee, edges.kind
        excess, told = np.zeros_like(prices.want), np.zeros_like(prices.want)
        np.maximum.at(excess, own, over(edges, edges.worth))
        np.add.at(told, own, 1)
        last = np.full_like(prices.want, np.iinfo(np.int64).max)
        np.minimum.at(last, own, left(edges, edges.worth))
        # A pair that was not told exceeds its prices by no more than the last one that was.
        if not ((told >= most) & (last > excess)).any():
            break
        most *= 4
    # Pairs of before bring what keeping them adds.
    old = rest.before
    worth = rest.possible.worths(old.mentee, old.kind, old.mentor)
    kept = over(old, worth + settings.keep_worth)
    np.maximum.at(excess, (old.mentee, old.kind), np.where(worth < 0, 0, kept))
    return excess


def _of_mentees(rest: Market, prices: Prices) -> int:
    """The most that gains of coverage and the pay of wants bring together, mentee by mentee."""
    most = 0
    for mentee, steps in enumerate(gains(rest)):
        pay = np.sort(prices.want[mentee, rest.wants[mentee]])[::-1]
        # Both fall from one to the next, so the best number is where their sum turns.
        both = pay + np.array(steps, np.int64) * prices.step
        most += int(both[both > 0].sum())
    return most


def _of_mentors(rest: Market, prices: Prices) -> int:
    """The most that places cost together, the dearest kinds of each mentor taken first."""
    order = np.argsort(-prices.offer, axis=1, kind="stable")
    offer = np.take_along_axis(prices.offer, order, axis=1).clip(0)
    left, total = rest.places.clip(0), 0
    for column in range(offer.shape[1]):
        of_kind = np.take_along_axis(rest.places_by_kind, order[:, [column]], axis=1)[:, 0]
        taken = np.minimum(left, of_kind.clip(0))
        total += int((taken * offer[:, column]).sum())
        left = left - taken
    return total


def kept(market: Market, pairs: Edges) -> int:
    """How many of these are pairs of before."""
    return int(np.isin(market.key(pairs), market.key(market.before)).sum())


def beside_pins(market: Market) -> Market:
    """The market that is left once the pins are made."""
    pins = market.pins
    wants, held = market.wants.copy(), market.held.copy()
    places, by_kind = market.places.copy(), market.places_by_kind.copy()
    wants[pins.mentee, pins.kind] = False
    np.add.at(held, pins.mentee, 1)
    np.subtract.at(places, pins.mentor, 1)
    np.subtract.at(by_kind, (pins.mentor, pins.kind), 1)
    return replace(market, wants=wants, held=held, places=places, places_by_kind=by_kind)


def gains(rest: Market) -> list[list[int]]:
    """By mentee, the steps of coverage that each further mentor is, numbered from the last up.

    A step is one place in the order of coverage: by rank, then who waited and whose stage comes
    first (for first mentors), or the other way round.
    """
    places = []
    for mentee, held in enumerate(rest.held.tolist()):
        waited, priority = bool(rest.waited[mentee]), int(rest.priority[mentee])
        ranks = range(held, held + int(rest.wants[mentee].sum()))
        places.append(
            [(-rank, *((waited, priority) if rank == 0 else (priority, waited))) for rank in ranks]
        )
    order = {place: step for step, place in enumerate(sorted({p for of in places for p in of}), 1)}
    return [[order[place] for place in of] for of in places]
