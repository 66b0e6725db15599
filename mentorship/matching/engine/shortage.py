"""What is missing, and what more of it would bring: by kind and topic, and seat by seat.

Every claim is found by solving the market with the change made, and carries that change. What a
kind lacks is found in two or three solves: with as many newcomers as could be of use, then with
as many as they proved to add. Each place adds at most one pair, and by the theorem on fair flows
coverage grows by one a place until it is complete, so the number is the least that does it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from mentorship.matching.engine.changes import MorePlaces, Recruit
from mentorship.matching.engine.market import Index, Market, Whole, Yes
from mentorship.matching.engine.solution import Solution

#: Solves a market. `functools.partial(solve.solve, settings=settings)` is one.
Solve = Callable[[Market], Solution]


@dataclass(frozen=True)
class Covered:
    """How far wants are served, in whole numbers."""

    #: Mentees who ask or are held, and those among them with a mentor.
    mentees: int
    with_a_mentor: int
    wanted: int
    filled: int

    @property
    def nobody(self) -> int:
        return self.mentees - self.with_a_mentor


@dataclass(frozen=True, eq=False)
class Field:
    """A kind of mentoring, or a topic of it, that people could be looked for in."""

    name: str
    kind: int
    #: (M,): mentees whom someone in this field could serve; everyone who asks for the kind if None.
    serves: Yes | None = None


@dataclass(frozen=True, eq=False)
class Lack:
    """So many more places in a field, and what they bring: the least that fills all of it."""

    name: str
    kind: int
    #: What is asked for in this field, what is filled now, and what would be.
    wanted: int
    filled: int
    filled_then: int
    #: Over all kinds, now and then.
    now: Covered
    then: Covered
    #: Makes it so. `places` counts pairs, each with one mentee.
    change: Recruit

    @property
    def places(self) -> int:
        return self.change.places

    def mentors(self, each: int = 3) -> int:
        """How many mentors that is, with so many places each (three is usual for faculty)."""
        return -(-self.places // each)

    @property
    def words(self) -> str:
        """The claim as a sentence."""
        places = f"{self.places:,} more {'place' if self.places == 1 else 'places'}"
        own = _percents(self.filled, self.filled_then, self.wanted)
        words = f"{places} for {self.name} would bring its coverage {own}"
        if self.wanted != self.now.wanted:
            whole = _percents(self.now.filled, self.then.filled, self.now.wanted)
            words += f" and that of all requests {whole}"
        if fewer := self.now.nobody - self.then.nobody:
            words += f", and leave {fewer:,} fewer with nobody"
        return f"{words}."


def _percents(before: int, after: int, whole: int) -> str:
    """Rounded down, so that 100% is all of them."""
    return f"from {100 * before // whole}% to {100 * after // whole}%"


@dataclass(frozen=True, eq=False)
class Seat:
    """One more place with a mentor, and what it brings."""

    mentor: int
    now: Covered
    then: Covered
    #: Worth gained over all pairs; below zero where one more is served at others' cost.
    worth: int
    change: MorePlaces

    @property
    def pairs(self) -> int:
        return self.then.filled - self.now.filled

    @property
    def first_mentors(self) -> int:
        return self.then.with_a_mentor - self.now.with_a_mentor


def covered(market: Market, solution: Solution) -> Covered:
    """How far a solution serves a market."""
    mentees = len(market.wants)
    having = market.held + np.bincount(solution.chosen.mentee, minlength=mentees)
    asked = market.wants.copy()
    # A pin may serve somebody who did not ask.
    asked[solution.chosen.mentee, solution.chosen.kind] = True
    takes_part = asked.any(axis=1) | (market.held > 0)
    return Covered(
        mentees=int(takes_part.sum()),
        with_a_mentor=int((having > 0).sum()),
        wanted=int(asked.sum()),
        filled=len(solution.chosen),
    )


def lacks(
    market: Market, solution: Solution, fields: Sequence[Field], *, solve: Solve
) -> tuple[Lack, ...]:
    """For each field that is not all filled, how many more places would fill it.

    Each is judged alone, as if nobody else were found. Most needed first.
    """
    found = (_lack(market, solution, field, solve) for field in fields)
    return tuple(sorted((one for one in found if one), key=lambda one: -one.places))


def together(
    market: Market, lacking: Sequence[Lack], fields: Sequence[Field], *, solve: Solve
) -> tuple[Lack, ...]:
    """How many more places, field after field, would fill all that fields cover.

    `lacking` is what `lacks` found for them. Whoever is found for one field may free others for
    the next, so this is often less than all of it. Each step stands on those before it: its claim
    holds once their changes are made. What is most lacking comes first.
    """
    steps: list[Lack] = []
    while lacking:
        steps.append(lacking[0])
        market = lacking[0].change.made(market)
        lacking = lacks(market, solve(market), fields, solve=solve)
    return tuple(steps)


def seats(market: Market, solution: Solution, *, solve: Solve, most: int = 10) -> tuple[Seat, ...]:
    """The mentors with whom one more place would bring most, the best first.

    Where a flow holds every rule, no place brings more than its price in the dual; so the dearest
    are tried, each by a solve. Under quotas and other rules beside the flow one may bring more, and
    a dear one less: what is told is what the solve found. A mentor who has no place at all has no
    price, and a solution without prices has none to try.
    """
    now, worth = covered(market, solution), int(solution.chosen.worth.sum())
    found = []
    for mentor in dearest(market, solution)[:most].tolist():
        change = MorePlaces(mentor, 1)
        changed = change.made(market)
        then = solve(changed)
        gained = int(then.chosen.worth.sum()) - worth
        seat = Seat(mentor, now, covered(changed, then), gained, change)
        if (seat.first_mentors, seat.pairs, seat.worth) > (0, 0, 0):
            found.append(seat)
    return tuple(sorted(found, key=lambda s: (-s.first_mentors, -s.pairs, -s.worth, s.mentor)))


def dearest(market: Market, solution: Solution) -> Index:
    """Mentors whose places have a price, the dearest first."""
    if solution.prices is None:
        return np.zeros(0, np.int64)
    price: Whole = np.where(market.places_by_kind >= 0, solution.prices.offer, 0).max(
        axis=1, initial=0
    )
    order = np.argsort(-price, kind="stable")
    return order[price[order] > 0]


def _lack(market: Market, solution: Solution, field: Field, solve: Solve) -> Lack | None:
    now = covered(market, solution)
    wanted, filled = served(market, solution, field)
    if filled == wanted:
        return None
    # More newcomers than all who ask could not be of use.
    all_there = solve(Recruit(field.kind, wanted, field.serves).made(market))
    used = int((all_there.chosen.mentor == len(market.places)).sum())
    places = max(0, len(all_there.chosen) - len(solution.chosen))
    while places <= used:
        change = Recruit(field.kind, places, field.serves)
        changed = change.made(market)
        then = solve(changed)
        reached = covered(changed, then)
        if reached == covered(changed, all_there) and places:
            return Lack(
                name=field.name,
                kind=field.kind,
                wanted=wanted,
                filled=filled,
                filled_then=served(market, then, field)[1],
                now=now,
                then=reached,
                change=change,
            )
        # Only rules over a mentee's whole set of mentors can ask for more than are added.
        places += 1
    return None


def served(market: Market, solution: Solution, field: Field) -> tuple[int, int]:
    """How many ask for what a field gives, and how many of these are given it."""
    asking: Yes = market.wants[:, field.kind]
    if field.serves is not None:
        asking = asking & field.serves
    of_kind = solution.chosen[solution.chosen.kind == field.kind]
    return int(asking.sum()), int(asking[of_kind.mentee].sum())


def by_kind(names: Sequence[str]) -> tuple[Field, ...]:
    """A field for each kind, in the market's order of kinds."""
    return tuple(Field(name, kind) for kind, name in enumerate(names))
