"""Is a result what it says it is? Told from the market alone, by someone who did not solve it.

Nothing here is shared with the solver but the shape of a market. It is written to be read: every
rule is one function, every level a sum that can be followed.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from mentorship.matching.engine.market import Edges, Index, Market, Whole
from mentorship.matching.engine.settings import Policy, Settings
from mentorship.matching.engine.solution import Level, Prices, Solution, Tolls


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
    kept = _kept(market, chosen)
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
    rest = _beside_pins(market)
    new = np.bincount(chosen.mentee, minlength=len(market.held)) - (rest.held - market.held)
    steps = sum(sum(of[:count]) for of, count in zip(_gains(rest), new, strict=True))
    return steps * step + levels_of(market, settings, chosen).total


def bound_of(market: Market, settings: Settings, prices: Prices, tolls: Tolls | None = None) -> int:
    """What coverage and worth together cannot exceed, proven by these prices, whatever they are.

    With tolls, each pair brings what is left beside them, and each rule earns at most what as many
    pairs as it lets through pay (Lagrange); a toll below zero is none.

    Let each want pay its mentee `want`, and each place cost `offer` (weak duality): no pair brings
    more than it pays and costs and the excess of its want; no mentee gains more than their best
    wants do; no mentor earns more than their dearest places.
    """
    rest = _beside_pins(market)
    pinned = int(market.pins.worth.sum()) + settings.keep_worth * _kept(market, market.pins)
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
    gains = _gains(rest)
    for mentee in range(len(rest.held)):
        pay = np.sort(prices.want[mentee, rest.wants[mentee]])[::-1]
        # Both fall from one to the next, so the best number is where their sum turns.
        both = pay + np.array(gains[mentee], np.int64) * prices.step
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


def _beside_pins(market: Market) -> Market:
    """The market that is left once the pins are made."""
    pins = market.pins
    wants, held = market.wants.copy(), market.held.copy()
    places, by_kind = market.places.copy(), market.places_by_kind.copy()
    wants[pins.mentee, pins.kind] = False
    np.add.at(held, pins.mentee, 1)
    np.subtract.at(places, pins.mentor, 1)
    np.subtract.at(by_kind, (pins.mentor, pins.kind), 1)
    return replace(market, wants=wants, held=held, places=places, places_by_kind=by_kind)


def _gains(rest: Market) -> list[list[int]]:
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


def _kept(market: Market, pairs: Edges) -> int:
    return int(np.isin(_keys(market, pairs), _keys(market, market.before)).sum())


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
        proven = bound_of(market, settings, claimed.prices)
        if claimed.objective > proven:
            said = f"The prices prove that nothing exceeds {proven}, and {objective} is claimed."
            yield Breach(Code.BOUND, said)
        elif claimed.bound < proven and _prices_are_all(market, settings):
            said = f"The prices prove no bound below {proven}, and {claimed.bound} is claimed."
            yield Breach(Code.BOUND, said)
    if claimed.dual is not None:
        proven = bound_of(market, settings, claimed.dual.prices, claimed.dual.tolls)
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
    pinned = np.isin(_keys(market, chosen), _keys(market, market.pins))
    worth = market.possible.worths(chosen.mentee, chosen.kind, chosen.mentor)
    wanted = market.wants[chosen.mentee, chosen.kind]
    pin_worth = dict(zip(_keys(market, market.pins), market.pins.worth, strict=True))
    for row, key in enumerate(_keys(market, chosen)):
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
    missing = ~np.isin(_keys(market, market.pins), _keys(market, chosen))
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


def _keys(market: Market, edges: Edges) -> Index:
    """One number a pair, so that pairs can be looked up."""
    kinds, mentors = market.wants.shape[1], len(market.places)
    return (edges.mentee * kinds + edges.kind) * mentors + edges.mentor


def _row(edges: Edges, row: int) -> tuple[int, int, int]:
    return int(edges.mentee[row]), int(edges.kind[row]), int(edges.mentor[row])


def _counted(these: Whole, those: Whole) -> Iterator[tuple[int, int, int]]:
    """How often each two numbers come together."""
    both, times = np.unique(np.stack([these, those]), axis=1, return_counts=True)
    yield from zip(both[0].tolist(), both[1].tolist(), times.tolist(), strict=True)
