"""From a market, or a chapter's people and rules, to the best outcome: the solver's only door.

What counts, in this order: a first mentor for as many as possible before a second for anyone (and
so on, those who waited and the stages that come first), nobody badly off, the sum of the fits,
mentors equally full, current pairs kept. Each is as good as it can be before the next is heard.
"""

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from mentorship.matching.engine import explain, levels, national, portfolio, score, stable
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
from mentorship.matching.engine.levels import Best
from mentorship.matching.engine.listed import Listed
from mentorship.matching.engine.market import SCALE, Edges, Index, Market
from mentorship.matching.engine.national import Found
from mentorship.matching.engine.network import Layout, settled
from mentorship.matching.engine.score import Fits
from mentorship.matching.engine.settings import Policy, Settings
from mentorship.matching.engine.solution import Level, Solution, Unsolved
from mentorship.matching.engine.stable import Wishes
from mentorship.vocabulary.kinds import Kind

#: Hears the name of a step as it begins, and a detail in words.
Step = Callable[[str, str], None]


def solve(
    market: Market,
    settings: Settings | None = None,
    on_step: Step | None = None,
    *,
    wishes: Wishes | None = None,
) -> Solution:
    """Decide a market. `wishes` are heard under the stable policy.

    Up to `settings.exact_below` possible pairs every level is proven. Beyond, coverage and worth
    are, up to the gap that is told, and the worst-off, even load and least change are left out.

    :raises Unsolved: the pins cannot stand together, or numbers are beyond 64 bits.
    """
    settings, seconds = settings or Settings(), dict[str, float]()
    rest = settled(market)
    exact = market.possible.count() <= settings.exact_below
    found = national.found(
        rest,
        settings,
        barred=_barred(market),
        proven=exact,
        seconds=seconds,
        tell=lambda detail: on_step("pairing", detail) if on_step else None,
    )
    began = time.perf_counter()
    if settings.policy is Policy.STABLE:
        answer = _Answer(_stable(market, settings, wishes), None, None)
    elif exact:
        answer = _every_level(found, settings, _barred(market))
    else:
        answer = _cover_and_worth(found, settings)
    seconds["levels"] = time.perf_counter() - began
    return _told(market, settings, found, answer, seconds)


@dataclass(frozen=True, eq=False)
class _Answer:
    """The pairs chosen beside the pins."""

    chosen: Edges
    #: By good, how far it may be from its best; None where only the relaxed bound is known.
    short: Mapping[str, int] | None
    #: What proves it, where a flow does.
    best: Best | None


def _barred(market: Market) -> Index:
    """The meetings that pins leave no second kind for."""
    if not market.one_kind_per_mentor:
        return np.zeros(0, np.int64)
    return np.unique(market.pins.mentee * len(market.places) + market.pins.mentor)


def _goods(settings: Settings, layout: Layout) -> list[str]:
    floors = [f"below {floor}" for floor in layout.goods.floors]
    kept = ["kept"] if len(layout.goods.before) else []
    return ["coverage", *floors, "worth", "fullness", *kept]


def _every_level(found: Found, settings: Settings, barred: Index) -> _Answer:
    layout, goods = found.layout, _goods(settings, found.layout)
    every = national.unbarred(layout, layout.market.possible.every(), barred)
    nodes = layout.nodes + len(found.best.graph.meetings) + len(every) // 4
    if layout.goods.floors:
        # The worst-off come before worth, so worth has to wait.
        best, plan = replace(found.best, stages=()), levels.planned(layout, goods, nodes=nodes)
    else:
        best, plan = found.best, levels.planned(layout, goods[2:], nodes=nodes)
    best = levels.climbed(layout, every, best, plan)
    if portfolio.stands(layout.market, best.chosen):
        return _Answer(best.chosen, dict.fromkeys(goods, 0), best)
    beside = found.beside(every)
    settled_ = portfolio.exact(layout, goods, every, best.chosen, beside)
    return _Answer(settled_.chosen, settled_.short, None)


def _cover_and_worth(found: Found, settings: Settings) -> _Answer:
    chosen = found.best.chosen
    if portfolio.stands(found.layout.market, chosen):
        return _Answer(chosen, None, found.best)
    raise Unsolved("Portfolio rules at this size are not settled yet.")


def _stable(market: Market, settings: Settings, wishes: Wishes | None) -> Edges:
    pairs = stable.stable(market, wishes, seed=settings.seed)
    return pairs[~_among(market, pairs, market.pins)]


def _among(market: Market, edges: Edges, known: Edges) -> NDArray[np.bool_]:
    """Which of these pairs are among the known ones."""
    layout = (*market.wants.shape, len(market.places))
    keys, others = (
        np.ravel_multi_index((some.mentee, some.kind, some.mentor), layout)
        for some in (edges, known)
    )
    return np.isin(keys, others)


def _told(
    market: Market,
    settings: Settings,
    found: Found,
    answer: _Answer,
    seconds: Mapping[str, float],
) -> Solution:
    layout, pins = found.layout, market.pins
    chosen = Edges.joined([pins, answer.chosen])
    chosen = chosen[np.lexsort((chosen.mentor, chosen.kind, chosen.mentee))]
    pinned = int(layout.value(pins).sum())
    objective = national.reached(layout, answer.chosen) + pinned
    best = answer.best or found.best
    short = answer.short
    proven = not any(short.values()) if short is not None else objective == found.bound + pinned
    bound = objective if proven else max(objective, found.bound + pinned)
    worth = int(layout.value(chosen).sum())
    return Solution(
        chosen=chosen,
        levels=tuple(_levels(market, settings, found, answer, chosen)),
        prices=found.prices,
        certificate={
            **best.certificate(),
            "possible": market.possible.count(),
            "rounds": found.rounds,
            "relaxed": answer.best is None,
        },
        objective=objective,
        bound=bound,
        gap=0.0 if proven else (bound - objective) / max(1, worth),
        seconds=seconds,
        proven=proven,
        left_out=() if short is not None else ("below", "fullness", "kept"),
    )


def _levels(
    market: Market, settings: Settings, found: Found, answer: _Answer, chosen: Edges
) -> Iterable[Level]:
    layout, short = found.layout, answer.short
    having = market.held + np.bincount(chosen.mentee, minlength=len(market.held))
    objective, step = national.reached(layout, answer.chosen), found.prices.step
    # What is reached in coverage and worth together bounds the steps of coverage that are left,
    # and each mentor more is a step at least.
    if short is None:
        steps = found.bound // step - objective // step
        worth = found.bound % step - objective % step if not steps else 0
    else:
        steps, worth = short["coverage"], short["worth"]
    for name, value in (("with_a_mentor", int((having > 0).sum())), ("pairs", len(chosen))):
        yield Level(name, value, value + steps)
    if short is not None:
        for points, floor in zip(settings.floors, settings.floor_worths, strict=True):
            below = int((chosen.worth < floor).sum())
            yield Level(f"below_{points:g}", below, below - short[f"below {floor}"])
    total = int(layout.value(chosen).sum())
    yield Level("worth", total, total + worth)
    if short is not None:
        full = national.fullness(market, chosen)
        yield Level("fullness", full, full - short["fullness"])
        if "kept" in short:
            kept = int(layout.kept(chosen).sum())
            yield Level("kept", kept, kept + short["kept"])


def pair(
    problem: Problem,
    *,
    seed: int = 0,
    settings: Settings | None = None,
    on_step: Step | None = None,
) -> Outcome:
    """Decide a matching run, and say why.

    `seed` decides between equally good outcomes; the order of people never does. `on_step` hears
    four steps: reading, rules, pairing, reasons.

    :raises Unsolved: numbers are beyond 64 bits.
    """
    tell = on_step or (lambda step, detail: None)
    mentees, mentors = len(problem.mentees), len(problem.mentors)
    tell("reading", f"{_counted(mentees, 'student')} and {_counted(mentors, 'mentor')}")
    fits = score.fits(problem)
    possible = sum(int(fits.offered(kind).sum()) for kind in problem.kinds)
    tell("rules", _counted(possible, "possible pair"))
    tell("pairing", _counted(len(problem.open_wants), "request"))
    found = best(problem, fits, seed=seed, settings=settings)
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


@dataclass(frozen=True)
class Assignment:
    """Who is paired with whom, which of them by a pin, and the pins that could not be kept."""

    chosen: tuple[Triple, ...]
    pinned: frozenset[Triple]
    broken_pins: tuple[BrokenPin, ...]
    objective: Objective
    proven: bool
    solution: Solution


def best(
    problem: Problem, fits: Fits, *, seed: int, settings: Settings | None = None
) -> Assignment:
    """Choose the best pairings that break no rule, and keep the pins that safety allows.

    As many pins as possible are settled first; the rest is the best that they leave open.

    :raises Unsolved: numbers are beyond 64 bits.
    """
    settings = settings or Settings(one_kind_per_mentor=problem.one_kind_per_mentor)
    people = _People(problem, fits, seed)
    market = people.market(settings)
    pinnable = people.listed(lambda kind: _pinnable(problem, fits, kind))
    wished = replace(
        market,
        wants=people.wanted(pinnable.pairs),
        possible=pinnable,
        most_from_one_institution=None,
    )
    pins = solve(wished, replace(settings, policy=Policy.BEST, floors=())).chosen
    solution = solve(replace(market, pins=pins), settings)
    pinned = frozenset(people.named(pins))
    chosen = tuple(sorted(people.named(solution.chosen), key=_by_person_and_kind))
    return Assignment(
        chosen=chosen,
        pinned=pinned,
        broken_pins=explain.broken_pins(problem, fits, pinned),
        objective=_objective(problem, fits, settings, chosen),
        proven=solution.proven,
        solution=solution,
    )


class _People:
    """A problem's people by the indices of a market, in an order that only the seed decides."""

    def __init__(self, problem: Problem, fits: Fits, seed: int) -> None:
        self._problem, self._fits = problem, fits
        self._kinds = [kind for kind in Kind if kind in fits.points]
        self._rows, self._columns = _shuffled(fits.mentees, seed), _shuffled(fits.mentors, seed)

    def market(self, settings: Settings) -> Market:
        held = _held(self._problem)
        mentees = [self._fits.mentees[row] for row in self._rows]
        mentors = [self._fits.mentors[column] for column in self._columns]
        places = np.array([max(0, mentor.places) for mentor in mentors], np.int64)
        homes = {
            home: number
            for number, home in enumerate(sorted({m.institution for m in mentors if m.institution}))
        }
        possible = self.listed(self._fits.offered)
        none = possible.pairs[np.zeros(0, np.int64)]
        wants = np.array(
            [
                [(one.id, kind) in self._problem.open_wants for kind in self._kinds]
                for one in mentees
            ],
            bool,
        ).reshape(len(mentees), len(self._kinds))
        return Market(
            wants=wants,
            held=np.array([held[mentee.id] for mentee in mentees], np.int64),
            waited=np.array([mentee.waited for mentee in mentees], bool),
            priority=np.zeros(len(mentees), np.int64),
            places=places,
            places_by_kind=np.repeat(places[:, None], len(self._kinds), axis=1),
            load=np.array([mentor.load for mentor in mentors], np.int64),
            institution=np.array(
                [homes.get(mentor.institution, -1) for mentor in mentors], np.int64
            ),
            possible=possible,
            pins=none,
            before=none,
            one_kind_per_mentor=settings.one_kind_per_mentor,
            most_from_one_institution=settings.most_from_one_institution,
        )

    def listed(self, where: Callable[[Kind], NDArray[np.bool_]]) -> Listed:
        """The pairs of these tables with what they are worth."""
        shape = (len(self._kinds), len(self._rows), len(self._columns))
        table, points = (
            np.array([of(kind) for kind in self._kinds], kept_as).reshape(shape)[:, self._rows][
                :, :, self._columns
            ]
            for of, kept_as in ((where, bool), (self._fits.points.__getitem__, np.int64))
        )
        mentee, kind, mentor = np.nonzero(table.transpose(1, 0, 2))
        worth = points[kind, mentee, mentor] * (SCALE // 100)
        return Listed(Edges(mentee, kind, mentor, worth), (shape[1], shape[0], shape[2]))

    def wanted(self, pairs: Edges) -> NDArray[np.bool_]:
        """(M, K): what these pairs would fill, whether or not it is asked for."""
        wants = np.zeros((len(self._rows), len(self._kinds)), bool)
        wants[pairs.mentee, pairs.kind] = True
        return wants

    def named(self, pairs: Edges) -> list[Triple]:
        return [
            (
                self._fits.mentees[self._rows[mentee]].id,
                self._fits.mentors[self._columns[mentor]].id,
                self._kinds[kind],
            )
            for mentee, kind, mentor in zip(pairs.mentee, pairs.kind, pairs.mentor, strict=True)
        ]


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


def _objective(
    problem: Problem, fits: Fits, settings: Settings, chosen: Sequence[Triple]
) -> Objective:
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
    points = [
        int(fits.points[kind][fits.rows[mentee], fits.columns[mentor]])
        for mentee, mentor, kind in chosen
    ]
    return Objective(
        having=tuple(sum(after[mentee] > rank for mentee in fits.rows) for rank in ranks),
        waited=tuple(sum(after[mentee] > rank for mentee in waited) for rank in ranks),
        above=tuple(-sum(one < floor for one in points) for floor in settings.floors),
        points=sum(points),
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
