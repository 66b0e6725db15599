"""What a market would be if something were different: the changes that claims speak of.

A judgment such as "two more places would serve two more" carries its change, so that whoever
doubts it can make the change, solve again and look.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from mentorship.matching.engine.listed import Listed
from mentorship.matching.engine.market import (
    Better,
    Edges,
    Index,
    Market,
    Possible,
    Quotas,
    Whole,
    Yes,
)


class Change(Protocol):
    """Something that could be different."""

    def made(self, market: Market) -> Market:
        """The market with it. The old one stays as it is."""


def made(market: Market, changes: Iterable[Change]) -> Market:
    """The market with all of these, one after the other."""
    for change in changes:
        market = change.made(market)
    return market


@dataclass(frozen=True)
class MorePlaces:
    """A mentor takes so many more mentees, of any kind they offer; or fewer, below 0."""

    mentor: int
    count: int

    def made(self, market: Market) -> Market:
        places, by_kind = market.places.copy(), market.places_by_kind.copy()
        places[self.mentor] = max(0, places[self.mentor] + self.count)
        by_kind[self.mentor] = np.maximum(0, by_kind[self.mentor] + self.count)
        return replace(market, places=places, places_by_kind=by_kind)


@dataclass(frozen=True, eq=False)
class Recruit:
    """One more mentor joins, last in the market: so many places for one kind, known to nobody.

    They could serve whoever asks for the kind, or those that `serves` names; how well is not
    known, so a pair with them is worth nothing.
    """

    kind: int
    places: int
    #: (M,): whom they could serve, where that is not everyone.
    serves: Yes | None = None

    def made(self, market: Market) -> Market:
        mentors, kinds = market.places_by_kind.shape
        asking = market.wants[:, self.kind]
        mentees = np.flatnonzero(asking if self.serves is None else asking & self.serves)
        theirs = Edges(
            mentees,
            np.full(len(mentees), self.kind),
            np.full(len(mentees), mentors),
            np.zeros(len(mentees), np.int64),
        )
        by_kind = np.zeros((1, kinds), np.int64)
        by_kind[0, self.kind] = self.places
        return replace(
            market,
            places=np.append(market.places, self.places),
            places_by_kind=np.concatenate([market.places_by_kind, by_kind]),
            load=np.append(market.load, 0),
            institution=np.append(market.institution, -1),
            quotas=_with_newcomer(market.quotas),
            possible=_Joined(market.possible, _listed(market, theirs, mentors + 1), mentors),
        )


@dataclass(frozen=True)
class Forced:
    """Two people are paired whatever it costs."""

    mentee: int
    kind: int
    mentor: int
    worth: int

    def made(self, market: Market) -> Market:
        row = (self.mentee, self.kind, self.mentor, self.worth)
        pin = Edges(*(np.array([number], np.int64) for number in row))
        return replace(market, pins=Edges.joined([market.pins, pin]).in_order())


@dataclass(frozen=True)
class Gone:
    """A mentor takes nobody, neither new nor from before."""

    mentor: int

    def made(self, market: Market) -> Market:
        places, by_kind = market.places.copy(), market.places_by_kind.copy()
        places[self.mentor], by_kind[self.mentor] = 0, 0
        return replace(
            market,
            places=places,
            places_by_kind=by_kind,
            pins=market.pins[market.pins.mentor != self.mentor],
            before=market.before[market.before.mentor != self.mentor],
        )


@dataclass(frozen=True)
class Apart:
    """Two people are not paired, in this kind or, without one, in any."""

    mentee: int
    mentor: int
    kind: int | None = None

    def made(self, market: Market) -> Market:
        return replace(
            market,
            possible=_Without(market.possible, self),
            pins=market.pins[~self.among(market.pins)],
            before=market.before[~self.among(market.before)],
        )

    def among(self, pairs: Edges) -> Yes:
        """Which of these pairs it forbids."""
        found: Yes = (pairs.mentee == self.mentee) & (pairs.mentor == self.mentor)
        return found if self.kind is None else found & (pairs.kind == self.kind)


@dataclass(frozen=True, eq=False)
class Only:
    """Nobody asks for anything but these mentees; pins of others fall away."""

    #: (M,)
    mentees: Yes

    def made(self, market: Market) -> Market:
        return replace(
            market,
            wants=market.wants & self.mentees[:, None],
            pins=market.pins[self.mentees[market.pins.mentee]],
            before=market.before[self.mentees[market.before.mentee]],
        )


@dataclass(frozen=True, eq=False)
class _Joined:
    """Possible pairs, and more of them with mentors that come after the others."""

    first: Possible
    more: Possible
    #: Mentors of the first.
    mentors: int

    def count(self) -> int:
        return self.first.count() + self.more.count()

    def every(self) -> Edges:
        return Edges.joined([self.first.every(), self.more.every()]).in_order()

    def top(self) -> int:
        return max(self.first.top(), self.more.top())

    # Newcomers stand on every list: they are few, and what they could bring is the question.

    def shortlist(self, *, of_a_want: int) -> Edges:
        return self._with_newcomers(self.first.shortlist(of_a_want=of_a_want))

    def near(
        self, offer: Whole, *, of_a_want: int, of_an_offer: int, only: Yes | None = None
    ) -> Edges:
        return self._with_newcomers(
            self.first.near(
                offer[: self.mentors], of_a_want=of_a_want, of_an_offer=of_an_offer, only=only
            )
        )

    def _with_newcomers(self, pairs: Edges) -> Edges:
        return Edges.joined([pairs, self.more.every()]).in_order()

    def better(self, want: Whole, offer: Whole, *, most: int) -> Better:
        one = self.first.better(want, offer[: self.mentors], most=most)
        other = self.more.better(want, offer, most=most)
        edges = Edges.joined([one.edges, other.edges])
        over = edges.worth - want[edges.mentee, edges.kind] - offer[edges.mentor, edges.kind]
        order = np.lexsort((edges.mentor, -over, edges.kind, edges.mentee))
        return Better(_first_of_each_want(edges[order], most), np.maximum(one.excess, other.excess))

    def worths(self, mentee: Index, kind: Index, mentor: Index) -> Whole:
        new = mentor >= self.mentors
        found = np.full(len(mentor), -1, np.int64)
        for possible, rows in ((self.first, ~new), (self.more, new)):
            found[rows] = possible.worths(mentee[rows], kind[rows], mentor[rows])
        return found


@dataclass(frozen=True, eq=False)
class _Without:
    """Possible pairs but those of two people."""

    all: Possible
    apart: Apart

    def count(self) -> int:
        return self.all.count()

    def every(self) -> Edges:
        return self._left(self.all.every())

    def top(self) -> int:
        return self.all.top()

    # One more of each, for the one that is taken away.

    def shortlist(self, *, of_a_want: int) -> Edges:
        return self._left(self.all.shortlist(of_a_want=of_a_want + 1))

    def near(
        self, offer: Whole, *, of_a_want: int, of_an_offer: int, only: Yes | None = None
    ) -> Edges:
        return self._left(
            self.all.near(offer, of_a_want=of_a_want + 1, of_an_offer=of_an_offer + 1, only=only)
        )

    def better(self, want: Whole, offer: Whole, *, most: int) -> Better:
        found = self.all.better(want, offer, most=most + 1)
        left, excess = self._left(found.edges), found.excess.copy()
        # The best of this mentee's wants may have been with the one they are kept from.
        mine = left[left.mentee == self.apart.mentee]
        over = mine.worth - want[mine.mentee, mine.kind] - offer[mine.mentor, mine.kind]
        excess[self.apart.mentee] = 0
        np.maximum.at(excess, (mine.mentee, mine.kind), over)
        return Better(_first_of_each_want(left, most), excess)

    def worths(self, mentee: Index, kind: Index, mentor: Index) -> Whole:
        found = self.all.worths(mentee, kind, mentor)
        return np.where(self.apart.among(Edges(mentee, kind, mentor, found)), -1, found)

    def _left(self, pairs: Edges) -> Edges:
        return pairs[~self.apart.among(pairs)]


def _with_newcomer(quotas: Quotas | None) -> Quotas | None:
    """Whoever joins takes anybody."""
    if quotas is None:
        return None
    return replace(quotas, home=np.append(quotas.home, -1), places=np.append(quotas.places, 0))


def _listed(market: Market, pairs: Edges, mentors: int) -> Listed:
    mentees, kinds = market.wants.shape
    return Listed(pairs, (mentees, kinds, mentors))


def _first_of_each_want(pairs: Edges, most: int) -> Edges:
    """So many rows of each want, where a want's rows stand together."""
    if not len(pairs):
        return pairs
    begins = np.ones(len(pairs), bool)
    begins[1:] = (np.diff(pairs.mentee) != 0) | (np.diff(pairs.kind) != 0)
    first = np.flatnonzero(begins)
    place = np.arange(len(pairs)) - np.repeat(first, np.diff(np.append(first, len(pairs))))
    return pairs[place < most]
