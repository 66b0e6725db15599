"""From fits and places to the best outcome: the solver's only door.

The whole question is one min-cost flow, from mentees through the kinds they want to mentors with
places, so its answer is exact and proven. What counts, in this order: a first mentor for as many
as possible before a second for anyone (and so on, those who waited first), then the sum of the
fits, then mentors equally full.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from mentorship.matching.engine import explain, score
from mentorship.matching.engine.fit import (
    BrokenPin,
    Coverage,
    Load,
    Mentee,
    Mentor,
    Objective,
    Outcome,
    Pair,
    Problem,
    Rule,
    Triple,
)
from mentorship.matching.engine.score import Fits
from mentorship.vocabulary.kinds import Kind

#: The solver multiplies costs by the number of nodes and has to keep them in 64 bits.
_COST_RANGE = 2**61
_SOURCE, _SINK, _FIRST_PERSON = 0, 1, 2

#: Hears the name of a step as it begins, and a detail in words.
Step = Callable[[str, str], None]
#: Kinds by mentees by mentors.
Cube = NDArray


class Unsolved(RuntimeError):
    """The solver gave up. Not to be expected, since leaving everyone out is always possible."""


@dataclass(frozen=True)
class Assignment:
    """Who is paired with whom, which of them by a pin, and the pins that could not be kept."""

    chosen: tuple[Triple, ...]
    pinned: frozenset[Triple]
    broken_pins: tuple[BrokenPin, ...]
    objective: Objective
    proven: bool


def pair(problem: Problem, *, seed: int = 0, on_step: Step | None = None) -> Outcome:
    """Decide a matching run, and say why.

    `seed` decides between equally good outcomes; the order of people never does. `on_step` hears
    four steps: reading, rules, pairing, reasons.
    """
    tell = on_step or (lambda step, detail: None)
    mentees, mentors = len(problem.mentees), len(problem.mentors)
    tell("reading", f"{_counted(mentees, 'student')} and {_counted(mentors, 'mentor')}")
    fits = score.fits(problem)
    possible = sum(int(fits.offered(kind).sum()) for kind in problem.kinds)
    tell("rules", _counted(possible, "possible pair"))
    tell("pairing", _counted(len(problem.open_wants), "request"))
    found = best(problem, fits, seed=seed)
    tell("reasons", _counted(len(found.chosen), "proposed pair"))
    return Outcome(
        pairs=tuple(_proposed(fits, triple, found.pinned) for triple in found.chosen),
        left_out=explain.left_out(problem, fits, found.chosen),
        loads=_loads(fits, found.chosen),
        broken_pins=found.broken_pins,
        coverage=_coverage(problem, found.chosen),
        objective=found.objective,
        proven=found.proven,
    )


def best(problem: Problem, fits: Fits, *, seed: int) -> Assignment:
    """Choose the best pairings that break no rule, and keep the pins that safety allows.

    As many pins as possible are settled first; the rest is the best that they leave open.

    :raises Unsolved: the solver gave up.
    """
    kinds = [kind for kind in Kind if kind in fits.points]
    rows, columns = _shuffled(fits.mentees, seed), _shuffled(fits.mentors, seed)
    held = _held(problem)

    def laid(tables: Iterable[NDArray], kept_as: type) -> Cube:
        cube: Cube = np.array(list(tables), kept_as).reshape(len(kinds), len(rows), len(columns))
        return cube[:, rows][:, :, columns]

    market = _Market(
        points=laid((fits.points[kind] for kind in kinds), np.int64),
        places=np.array([max(0, fits.mentors[column].places) for column in columns], int),
        load=np.array([fits.mentors[column].load for column in columns], int),
        held=np.array([held[fits.mentees[row].id] for row in rows], int),
        waited=np.array([fits.mentees[row].waited for row in rows], int),
        one_kind_per_mentor=problem.one_kind_per_mentor,
    )
    pins = market.settle(laid((_pinnable(problem, fits, kind) for kind in kinds), bool))
    rest = market.after(pins).settle(
        laid((fits.offered(kind) for kind in kinds), bool) & market.open_beside(pins)
    )

    def named(cube: Cube) -> list[Triple]:
        return [
            (fits.mentees[rows[row]].id, fits.mentors[columns[column]].id, kinds[place])
            for place, row, column in np.argwhere(cube)
        ]

    pinned = frozenset(named(pins))
    chosen = tuple(sorted([*pinned, *named(rest)], key=_by_person_and_kind))
    return Assignment(
        chosen=chosen,
        pinned=pinned,
        broken_pins=explain.broken_pins(problem, fits, pinned),
        objective=_objective(problem, fits, chosen),
        # A flow is solved to the optimum or not at all.
        proven=True,
    )


@dataclass(frozen=True)
class _Market:
    """What is still to be given, in the tables' shuffled order of people."""

    points: Cube
    places: NDArray
    load: NDArray
    held: NDArray
    waited: NDArray
    one_kind_per_mentor: bool

    def after(self, settled: Cube) -> "_Market":
        """The same market once these pairs are made."""
        given = settled.sum(axis=(0, 1))
        return replace(
            self,
            places=self.places - given,
            load=self.load + given,
            held=self.held + settled.sum(axis=(0, 2)),
        )

    def open_beside(self, settled: Cube) -> Cube:
        """Where a pair may stand beside these: another kind, and another mentor if they must."""
        taken = settled.any(axis=2, keepdims=True)
        if self.one_kind_per_mentor:
            taken = taken | settled.any(axis=0, keepdims=True)
        return np.logical_not(taken)

    def settle(self, allowed: Cube) -> Cube:
        """Choose the best among the allowed pairs, as a flow.

        Source, mentee, want, (mentee with mentor,) mentor, sink: one unit is one pair.
        """
        kinds, mentees, mentors = allowed.shape
        first_want = _FIRST_PERSON + mentees
        first_mentor = first_want + kinds * mentees
        wanted = allowed.any(axis=2)
        asked, nth_mentor = _each(wanted.sum(axis=0))
        given, nth_place = _each(np.minimum(self.places, allowed.sum(axis=(0, 1))))
        # A node for two people who could meet in several kinds lets only one of them through.
        ways = allowed.sum(axis=0) if self.one_kind_per_mentor else np.zeros(allowed.shape[1:])
        meeting, met = np.nonzero(ways > 1)
        first_meeting = first_mentor + mentors
        toward = np.tile(first_mentor + np.arange(mentors), (mentees, 1))
        toward[meeting, met] = first_meeting + np.arange(len(met))

        gain = self._gain(asked, nth_mentor)
        fullness = 100 * (self.load[given] + nth_place + 1) // (self.load + self.places)[given]
        per_gain, per_point, per_fullness = _worth(
            most=gain.max(initial=0), slots=len(asked), nodes=first_meeting + len(met)
        )

        flow = SimpleMinCostFlow()
        arcs = flow.add_arcs_with_capacity_and_unit_cost
        kind, mentee = np.nonzero(wanted)
        arcs(_SOURCE, _FIRST_PERSON + asked, 1, -gain * per_gain)
        arcs(_FIRST_PERSON + mentee, first_want + kind * mentees + mentee, 1, 0)
        arcs(first_meeting + np.arange(len(met)), first_mentor + met, 1, 0)
        arcs(first_mentor + given, _SINK, 1, fullness * per_fullness)
        flow.add_arc_with_capacity_and_unit_cost(_SOURCE, _SINK, len(asked), 0)
        kind, mentee, mentor = np.nonzero(allowed)
        pairs = arcs(
            first_want + kind * mentees + mentee,
            toward[mentee, mentor],
            1,
            -self.points[kind, mentee, mentor] * per_point,
        )
        chosen = np.zeros_like(allowed)
        chosen[kind, mentee, mentor] = _solved(flow, supply=len(asked), arcs=pairs) > 0
        return chosen

    def _gain(self, asked: NDArray, nth: NDArray) -> NDArray:
        """What each further mentor of a mentee is worth, those they have already counted.

        Less and less, so all first mentors come before second ones; that this maximizes firsts,
        seconds and thirds all at once is the theorem on fair flows of Frank and Murota. Those who
        waited are half a step ahead.
        """
        rank = self.held[asked] + nth
        return 2 * (rank.max(initial=0) + 1 - rank) + self.waited[asked]


def _each(counts: NDArray) -> tuple[NDArray, NDArray]:
    """Count out each one's share: `[2, 0, 1]` gives whose `[0, 0, 2]` and which `[0, 1, 0]`."""
    whose = np.repeat(np.arange(len(counts)), counts)
    return whose, np.arange(len(whose)) - np.repeat(np.cumsum(counts) - counts, counts)


def _worth(*, most: int, slots: int, nodes: int) -> tuple[int, int, int]:
    """What a step of coverage, a point of fit and a percent of fullness weigh in the costs.

    Each outweighs all that can come of the next together. Fullness is left out where the costs
    would not fit the solver's range.
    """
    for per_fullness in (1, 0):
        per_point = 100 * slots * per_fullness + 1
        per_gain = 100 * slots * per_point + 100 * slots * per_fullness + 1
        if int(most) * per_gain * nodes <= _COST_RANGE:
            break
    return per_gain, per_point, per_fullness


def _solved(flow: SimpleMinCostFlow, *, supply: int, arcs: NDArray) -> NDArray:
    """Solve, and read what flows through these arcs.

    :raises Unsolved: the solver gave up.
    """
    flow.set_node_supply(_SOURCE, supply)
    flow.set_node_supply(_SINK, -supply)
    status = flow.solve()
    if status != flow.OPTIMAL:
        raise Unsolved(f"The solver stopped with {status.name}.")
    return flow.flows(arcs)


def _shuffled(people: Sequence[Mentee] | Sequence[Mentor], seed: int) -> list[int]:
    """An order of people that owes nothing to when they signed up."""

    def lot(place: int) -> bytes:
        return hashlib.blake2b(f"{seed}:{people[place].id}".encode(), digest_size=16).digest()

    return sorted(range(len(people)), key=lot)


def _pinnable(problem: Problem, fits: Fits, kind: Kind) -> NDArray[np.bool_]:
    """Where a pin stands that only a judgment about fit speaks against."""
    table = np.zeros(fits.broken[kind].shape, bool)
    for mentee, mentor, pinned in problem.pins:
        if pinned is kind and mentee in fits.rows and mentor in fits.columns:
            table[fits.rows[mentee], fits.columns[mentor]] = True
    return table & ~fits.breaking(kind, (rule for rule in Rule if not rule.yields_to_pins))


def _by_person_and_kind(triple: Triple) -> tuple[UUID, int]:
    return triple[0], list(Kind).index(triple[2])


def _held(problem: Problem) -> Counter[UUID]:
    """How many mentors each mentee has already."""
    return Counter(mentee for mentee, _, _ in problem.current)


def _objective(problem: Problem, fits: Fits, chosen: Sequence[Triple]) -> Objective:
    before = _held(problem)
    after = before + Counter(mentee for mentee, _, _ in chosen)
    ranks = range(max(before.values(), default=0) + len(problem.kinds))
    waited = [mentee.id for mentee in fits.mentees if mentee.waited]
    taken = Counter(mentor for _, mentor, _ in chosen)
    fullness = sum(
        100 * (mentor.load + place) // (mentor.load + mentor.places)
        for mentor in fits.mentors
        for place in range(1, taken[mentor.id] + 1)
    )
    return Objective(
        having=tuple(sum(after[mentee] > rank for mentee in fits.rows) for rank in ranks),
        waited=tuple(sum(after[mentee] > rank for mentee in waited) for rank in ranks),
        points=sum(
            int(fits.points[kind][fits.rows[mentee], fits.columns[mentor]])
            for mentee, mentor, kind in chosen
        ),
        evenness=-fullness,
    )


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _proposed(fits: Fits, triple: Triple, pinned: Container[Triple]) -> Pair:
    noun = fits.mentees[fits.rows[triple[0]]].noun
    overruled = tuple(rule.words(triple[2], noun) for rule in fits.against(triple))
    return Pair(fit=fits.fit(triple), pinned=triple in pinned, overruled=overruled)


def _loads(fits: Fits, chosen: Sequence[Triple]) -> tuple[Load, ...]:
    taken = Counter(mentor for _, mentor, _ in chosen)
    return tuple(
        Load(
            mentor=mentor.id,
            before=mentor.load,
            after=mentor.load + taken[mentor.id],
            places=mentor.load + max(0, mentor.places),
        )
        for mentor in fits.mentors
    )


def _coverage(problem: Problem, chosen: Sequence[Triple]) -> tuple[Coverage, ...]:
    wanted = Counter(kind for _, kind in problem.open_wants)
    served = {(mentee, kind) for mentee, _, kind in chosen} & problem.open_wants
    filled = Counter(kind for _, kind in served)
    return tuple(
        Coverage(kind=kind, wanted=wanted[kind], filled=filled[kind])
        for kind in Kind
        if kind in problem.kinds
    )
