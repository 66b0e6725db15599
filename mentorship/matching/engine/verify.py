"""Is a result what it says it is? Told from the market alone, by someone who did not solve it.

Nothing here is shared with the solver but the shape of a market. It is written to be read: every
rule is one function, every level a sum that can be followed.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from mentorship.matching.engine import bounds
from mentorship.matching.engine.market import Edges, Market, Whole
from mentorship.matching.engine.settings import Policy, Settings
from mentorship.matching.engine.solution import Level, Solution


class Code(StrEnum):
    """What can be wrong with a result."""

    OUT_OF_RANGE = "out_of_range"
    NOT_POSSIBLE = "not_possible"
    NOT_WANTED = "not_wanted"
    WRONG_WORTH = "wrong_worth"
    WANT_TWICE = "want_twice"
    TOO_MANY = "too_many"
    TOO_MANY_OF_KIND = "too_many_of_kind"
    PIN_MISSING = "pin_missing"
    TWO_KINDS = "two_kinds"
    INSTITUTION = "institution"
    OUTSIDE = "outside"
    LEVEL = "level"
    OBJECTIVE = "objective"
    BOUND = "bound"
    GAP = "gap"


@dataclass(frozen=True)
class Breach:
    """One thing that is wrong: its name, a sentence, and the indices of who it is about."""

    code: Code
    words: str
    #: (mentee, kind, mentor), (mentee, kind), (mentor,), (mentor, kind), (mentee, mentor) or
    #: (mentee, institution), as the code has it; the place in the order for a level.
    where: tuple[int, ...] = ()


@dataclass(frozen=True)
class Standing:
    """How good an outcome is, level by level; greater is better, the first levels first."""

    #: By rank: mentees with more than that many mentors, those they had counted.
    having: tuple[int, ...]
    #: By rank: how many among them waited.
    waited: tuple[int, ...]
    #: By rank and by priority, the greatest first: how many among them.
    by_priority: tuple[tuple[int, ...], ...]
    #: For each floor: minus the pairs worth less.
    above_floors: tuple[int, ...]
    #: The worth of all pairs, and `keep` points for each that is kept.
    total: int
    #: Minus the sum over given places of how full they make their mentor, in percent.
    evenness: int
    #: Pairs of before that are kept.
    kept: int

    @property
    def order(self) -> tuple[tuple[int, ...], ...]:
        """All of it in the order in which it counts, to be compared as it is.

        Among first mentors, those who waited come before the stages that come first; among
        further ones they come after.
        """
        first = (self.having[0], self.waited[0], *self.by_priority[0])
        ranks = zip(self.having[1:], self.by_priority[1:], self.waited[1:], strict=True)
        further = ((count, *stages, waited) for count, stages, waited in ranks)
        return (first, *further, self.above_floors, (self.total,), (self.evenness,), (self.kept,))


def check(
    market: Market, settings: Settings, chosen: Edges, *, claimed: Solution | None = None
) -> tuple[Breach, ...]:
    """Every rule that these pairs break, and every claim about them that does not hold.

    A bound is checked as far as prices can: they prove one by themselves, which no objective
    exceeds, and which is the claimed one where coverage and worth are all that was sought and no
    rule over several pairs stands in the way; or where tolls for such rules are told as well.
    """
    broken = check_pairs(market, chosen)
    if broken or claimed is None:
        return broken
    return (
        *_levels(market, settings, chosen, claimed),
        *_objective(market, settings, chosen, claimed),
    )


def check_pairs(market: Market, chosen: Edges) -> tuple[Breach, ...]:
    """Every hard rule that these pairs break. Empty when they break none."""
    strangers = tuple(_out_of_range(market, chosen))
    if strangers:
        # Nothing more can be asked of indices that point nowhere.
        return strangers
    rules: tuple[Callable[[Market, Edges], Iterator[Breach]], ...] = (
        _not_possible,
        _want_twice,
        _too_many,
        _too_many_of_kind,
        _pin_missing,
        _two_kinds,
        _institution,
        _outside,
    )
    return tuple(breach for rule in rules for breach in rule(market, chosen))


def levels_of(market: Market, settings: Settings, chosen: Edges) -> Standing:
    """How good these pairs are, reckoned from scratch. They are taken to break no rule."""
    mentees, kinds = market.wants.shape
    having = market.held + np.bincount(chosen.mentee, minlength=mentees)
    ranks = range(int(market.held.max(initial=0)) + kinds)
    stages = np.unique(market.priority)[::-1]
    kept = bounds.kept(market, chosen)
    return Standing(
        having=tuple(int((having > rank).sum()) for rank in ranks),
        waited=tuple(int(((having > rank) & market.waited).sum()) for rank in ranks),
        by_priority=tuple(
            tuple(int(((having > rank) & (market.priority == stage)).sum()) for stage in stages)
            for rank in ranks
        ),
        above_floors=tuple(-int((chosen.worth < floor).sum()) for floor in settings.floor_worths),
        total=int(chosen.worth.sum()) + kept * settings.keep_worth,
        evenness=-_fullness(market, chosen),
        kept=kept,
    )


def objective_of(market: Market, settings: Settings, chosen: Edges, step: int) -> int:
    """Coverage beyond the pins and worth together, a step of coverage being worth `step`."""
    rest = bounds.beside_pins(market)
    new = np.bincount(chosen.mentee, minlength=len(market.held)) - (rest.held - market.held)
    steps = sum(sum(of[:count]) for of, count in zip(bounds.gains(rest), new, strict=True))
    return steps * step + levels_of(market, settings, chosen).total


def _levels(
    market: Market, settings: Settings, chosen: Edges, claimed: Solution
) -> Iterator[Breach]:
    """Each level is what was reached, and nothing reaches beyond its bound."""
    standing = levels_of(market, settings, chosen)
    reached = {
        "with_a_mentor": standing.having[0],
        "pairs": len(chosen),
        "worth": standing.total,
        "fullness": -standing.evenness,
        "kept": standing.kept,
    }
    for floor, above in zip(settings.floors, standing.above_floors, strict=True):
        reached[f"below_{floor:g}"] = -above
    for place, level in enumerate(claimed.levels):
        if level.value != reached.get(level.name):
            said = f"{level.name} is {reached.get(level.name)}, not {level.value}."
            yield Breach(Code.LEVEL, said, (place,))
        elif _beyond(level):
            said = f"{level.name} is {level.value}, beyond its own bound of {level.bound}."
            yield Breach(Code.BOUND, said, (place,))


def _beyond(level: Level) -> bool:
    less_is_better = level.name == "fullness" or level.name.startswith("below_")
    return level.value < level.bound if less_is_better else level.value > level.bound


def _objective(
    market: Market, settings: Settings, chosen: Edges, claimed: Solution
) -> Iterator[Breach]:
    """The objective adds up, and lies within a bound that prices prove."""
    total = levels_of(market, settings, chosen).total
    if claimed.prices is not None:
        objective = objective_of(market, settings, chosen, claimed.prices.step)
        if claimed.objective != objective:
            said = f"The objective is {objective}, not {claimed.objective}."
            yield Breach(Code.OBJECTIVE, said)
        proven = bounds.bound_of(market, settings, claimed.prices)
        if claimed.objective > proven:
            said = f"The prices prove that nothing exceeds {proven}, and {objective} is claimed."
            yield Breach(Code.BOUND, said)
        elif claimed.bound < proven and _prices_are_all(market, settings):
            said = f"The prices prove no bound below {proven}, and {claimed.bound} is claimed."
            yield Breach(Code.BOUND, said)
    if claimed.dual is not None:
        proven = bounds.bound_of(market, settings, claimed.dual.prices, claimed.dual.tolls)
        if not claimed.objective <= proven <= claimed.bound:
            said = (
                f"Prices and tolls prove a bound of {proven}, and {claimed.bound} is claimed for"
                f" {claimed.objective}."
            )
            yield Breach(Code.BOUND, said)
    if claimed.bound < claimed.objective:
        yield Breach(Code.BOUND, "The objective lies beyond its own bound.")
    gap = (claimed.bound - claimed.objective) / max(1, total)
    if not np.isclose(claimed.gap, gap, rtol=1e-9, atol=0.0):
        yield Breach(Code.GAP, f"The gap is {gap:g}, not {claimed.gap:g}.")
    if claimed.proven and claimed.gap:
        yield Breach(Code.GAP, "What is proven leaves no gap.")


def _prices_are_all(market: Market, settings: Settings) -> bool:
    """Whether prices alone decide: no floors before worth, no rule over a set of mentors."""
    return not (
        settings.floors
        or market.one_kind_per_mentor
        or market.most_from_one_institution is not None
        or market.quotas is not None
        or settings.policy is not Policy.BEST
    )


def _fullness(market: Market, chosen: Edges) -> int:
    given = np.bincount(chosen.mentor, minlength=len(market.places))
    total = 0
    for nth in range(1, int(given.max(initial=0)) + 1):
        those = given >= nth
        full = market.load[those] + market.places[those]
        total += int((100 * (market.load[those] + nth) // full).sum())
    return total


def _out_of_range(market: Market, chosen: Edges) -> Iterator[Breach]:
    mentees, kinds = market.wants.shape
    inside = (
        (chosen.mentee >= 0)
        & (chosen.mentee < mentees)
        & (chosen.kind >= 0)
        & (chosen.kind < kinds)
        & (chosen.mentor >= 0)
        & (chosen.mentor < len(market.places))
    )
    for row in np.flatnonzero(~inside).tolist():
        where = _row(chosen, row)
        yield Breach(Code.OUT_OF_RANGE, f"There is no pair {where} in this market.", where)


def _not_possible(market: Market, chosen: Edges) -> Iterator[Breach]:
    """Each pair is pinned, or wanted and possible; and it is worth what the market says."""
    pinned = np.isin(market.key(chosen), market.key(market.pins))
    worth = market.possible.worths(chosen.mentee, chosen.kind, chosen.mentor)
    wanted = market.wants[chosen.mentee, chosen.kind]
    pin_worth = dict(zip(market.key(market.pins), market.pins.worth, strict=True))
    for row, key in enumerate(market.key(chosen)):
        where = _row(chosen, row)
        pair = "The pair of mentee {0} and mentor {2}, kind {1},".format(*where)
        expected = pin_worth[key] if pinned[row] else worth[row]
        if not pinned[row] and not wanted[row]:
            yield Breach(Code.NOT_WANTED, f"{pair} is not asked for.", where)
        elif not pinned[row] and worth[row] < 0:
            yield Breach(Code.NOT_POSSIBLE, f"{pair} breaks a rule of this market.", where)
        elif chosen.worth[row] != expected:
            said = f"{pair} is worth {expected}, not {chosen.worth[row]}."
            yield Breach(Code.WRONG_WORTH, said, where)


def _want_twice(market: Market, chosen: Edges) -> Iterator[Breach]:
    for mentee, kind, times in _counted(chosen.mentee, chosen.kind):
        if times > 1:
            said = f"Mentee {mentee} is given {times} mentors of kind {kind}."
            yield Breach(Code.WANT_TWICE, said, (mentee, kind))


def _too_many(market: Market, chosen: Edges) -> Iterator[Breach]:
    given = np.bincount(chosen.mentor, minlength=len(market.places))
    for mentor in np.flatnonzero(given > np.maximum(market.places, 0)).tolist():
        places = int(market.places[mentor])
        said = f"Mentor {mentor} is given {given[mentor]} mentees on {places} places."
        yield Breach(Code.TOO_MANY, said, (mentor,))


def _too_many_of_kind(market: Market, chosen: Edges) -> Iterator[Breach]:
    for mentor, kind, given in _counted(chosen.mentor, chosen.kind):
        places = int(market.places_by_kind[mentor, kind])
        if given > max(places, 0):
            said = f"Mentor {mentor} is given {given} mentees of kind {kind} on {places} places."
            yield Breach(Code.TOO_MANY_OF_KIND, said, (mentor, kind))


def _pin_missing(market: Market, chosen: Edges) -> Iterator[Breach]:
    missing = ~np.isin(market.key(market.pins), market.key(chosen))
    for row in np.flatnonzero(missing).tolist():
        where = _row(market.pins, row)
        said = "Mentee {0} and mentor {2} are pinned for kind {1}, and are not paired.".format(
            *where
        )
        yield Breach(Code.PIN_MISSING, said, where)


def _two_kinds(market: Market, chosen: Edges) -> Iterator[Breach]:
    if not market.one_kind_per_mentor:
        return
    for mentee, mentor, kinds in _counted(chosen.mentee, chosen.mentor):
        if kinds > 1:
            said = f"Mentee {mentee} is given mentor {mentor} for {kinds} kinds."
            yield Breach(Code.TWO_KINDS, said, (mentee, mentor))


def _institution(market: Market, chosen: Edges) -> Iterator[Breach]:
    """Nobody is given one more mentor of an institution than they may have."""
    most = market.most_from_one_institution
    if most is None:
        return
    known = market.institution[chosen.mentor] >= 0
    homes = market.institution[chosen.mentor[known]]
    for mentee, institution, given in _counted(chosen.mentee[known], homes):
        held = 0 if market.held_from is None else int(market.held_from[mentee, institution])
        if held + given > most:
            said = (
                f"Mentee {mentee} has {held + given} mentors of institution {institution}, and"
                f" may have {most}."
            )
            yield Breach(Code.INSTITUTION, said, (mentee, institution))


def _outside(market: Market, chosen: Edges) -> Iterator[Breach]:
    """Nobody is given more students of other schools than their quota."""
    quotas = market.quotas
    if quotas is None:
        return
    for mentor in np.flatnonzero(quotas.home >= 0).tolist():
        theirs = chosen.mentee[chosen.mentor == mentor]
        given = int((quotas.school[theirs] != quotas.home[mentor]).sum())
        if given > max(0, quotas.places[mentor]):
            said = (
                f"Mentor {mentor} is given {given} mentees of other schools, and takes"
                f" {quotas.places[mentor]}."
            )
            yield Breach(Code.OUTSIDE, said, (mentor,))


def _row(edges: Edges, row: int) -> tuple[int, int, int]:
    return int(edges.mentee[row]), int(edges.kind[row]), int(edges.mentor[row])


def _counted(these: Whole, those: Whole) -> Iterator[tuple[int, int, int]]:
    """How often each two numbers come together."""
    both, times = np.unique(np.stack([these, those]), axis=1, return_counts=True)
    yield from zip(both[0].tolist(), both[1].tolist(), times.tolist(), strict=True)
