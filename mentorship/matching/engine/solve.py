"""From a market, or a chapter's people and rules, to the best outcome: the solver's only door.

What counts, in this order: a first mentor for as many as possible before a second for anyone (and
so on, those who waited and the stages that come first), nobody badly off, the sum of the fits,
mentors equally full, current pairs kept. Each is as good as it can be before the next is heard.
"""

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import numpy as np

from mentorship.matching.engine import explain, levels, national, portfolio, score, stable, tolls
from mentorship.matching.engine.fit import (
    BrokenPin,
    Coverage,
    Load,
    Objective,
    Outcome,
    Pair,
    Problem,
    Triple,
)
from mentorship.matching.engine.levels import Best
from mentorship.matching.engine.market import Edges, Index, Market
from mentorship.matching.engine.national import Found
from mentorship.matching.engine.network import Layout, settled
from mentorship.matching.engine.people import People
from mentorship.matching.engine.score import Fits
from mentorship.matching.engine.settings import Policy, Settings
from mentorship.matching.engine.solution import Dual, Level, Solution
from mentorship.matching.engine.stable import Wishes
from mentorship.vocabulary.kinds import Kind

#: Beyond so many pairs an exact solve under portfolio rules is begun near the best, with a bound
#: in parts of the worth of all pairs; with fewer that takes longer than it saves.
_MANY, _NEAR = 4_000, 1e-4
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
    are, up to the gap that is told; that nobody is badly off is told where it is so; even load and
    least change are left out.

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
        answer = _cover_and_worth(found, settings, _barred(market))
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
    #: What nobody could exceed in coverage and worth together, where the relaxed bound is beaten.
    bound: int | None = None
    dual: Dual | None = None


def _barred(market: Market) -> Index:
    """The meetings that pins leave no second kind for."""
    if not market.one_kind_per_mentor:
        return np.zeros(0, np.int64)
    return np.unique(market.meeting(market.pins))


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
    if layout.slots > settings.portfolio_exact_below:
        return _tolled(found, settings, barred)
    near = _near(found, settings, barred, every) if len(every) > _MANY else None
    settled_ = portfolio.exact(layout, goods, every, best.chosen, found.beside(every), near)
    return _Answer(settled_.chosen, settled_.short, None)


def _near(found: Found, settings: Settings, barred: Index, every: Edges) -> portfolio.Near | None:
    """An answer under every rule that is as good as any before worth, if one is found soon."""
    if len(found.best.graph.edges) < len(every):
        return None
    answer, step = tolls.tolled(found, barred=barred, enough=_NEAR), found.prices.step
    covered = answer.objective // step == found.objective // step
    floor = max(settings.floor_worths, default=0)
    return answer.near if covered and (answer.chosen.worth >= floor).all() else None


def _cover_and_worth(found: Found, settings: Settings, barred: Index) -> _Answer:
    chosen = found.best.chosen
    if portfolio.stands(found.layout.market, chosen):
        return _Answer(chosen, None, found.best)
    return _tolled(found, settings, barred)


def _tolled(found: Found, settings: Settings, barred: Index) -> _Answer:
    """Coverage and worth under rules that no flow keeps, with a bound."""
    answer = tolls.tolled(found, barred=barred, enough=settings.portfolio_enough)
    return _Answer(answer.chosen, None, None, answer.bound, answer.dual)


def _stable(market: Market, settings: Settings, wishes: Wishes | None) -> Edges:
    pairs = stable.stable(market, wishes, seed=settings.seed)
    return pairs[~market.among(pairs, market.pins)]


def _told(
    market: Market,
    settings: Settings,
    found: Found,
    answer: _Answer,
    seconds: Mapping[str, float],
) -> Solution:
    layout, pins = found.layout, market.pins
    chosen = Edges.joined([pins, answer.chosen]).in_order()
    pinned = int(layout.value(pins).sum())
    objective = national.reached(layout, answer.chosen) + pinned
    best = answer.best or found.best
    short = answer.short
    limit = (found.bound if answer.bound is None else answer.bound) + pinned
    proven = not any(short.values()) if short is not None else objective == limit
    bound = objective if proven else max(objective, limit)
    worth = int(layout.value(chosen).sum())
    reached = tuple(_levels(market, settings, found, answer, chosen))
    return Solution(
        chosen=chosen,
        levels=reached,
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
        left_out=_left_out(settings, layout, reached),
        dual=answer.dual,
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
        bound = found.bound if answer.bound is None else answer.bound
        steps = bound // step - objective // step
        worth = bound % step - objective % step if not steps else 0
    else:
        steps, worth = short["coverage"], short["worth"]
    for name, value in (("with_a_mentor", int((having > 0).sum())), ("pairs", len(chosen))):
        yield Level(name, value, value + steps)
    for points, floor in zip(settings.floors, settings.floor_worths, strict=True):
        below = int((chosen.worth < floor).sum())
        if short is not None:
            yield Level(_below(points), below, below - short[f"below {floor}"])
        elif not (answer.chosen.worth < floor).any():
            # Pins aside nobody is, so nothing else could do better.
            yield Level(_below(points), below, below)
    total = int(layout.value(chosen).sum())
    yield Level("worth", total, total + worth)
    if short is not None:
        full = national.fullness(market, chosen)
        yield Level("fullness", full, full - short["fullness"])
        if "kept" in short:
            kept = int(layout.kept(chosen).sum())
            yield Level("kept", kept, kept + short["kept"])


def _left_out(settings: Settings, layout: Layout, reached: Iterable[Level]) -> tuple[str, ...]:
    kept = ["kept"] if len(layout.goods.before) else []
    names = [*map(_below, settings.floors), "fullness", *kept]
    told = {level.name for level in reached}
    return tuple(name for name in names if name not in told)


def _below(points: float) -> str:
    return f"below_{points:g}"


def pair(
    problem: Problem,
    *,
    seed: int = 0,
    settings: Settings | None = None,
    on_step: Step | None = None,
    before: Collection[Triple] = (),
) -> Outcome:
    """The outcome of `decided`, for whoever asks no more about it."""
    return decided(problem, seed=seed, settings=settings, on_step=on_step, before=before).outcome


@dataclass(frozen=True, eq=False)
class Decided:
    """An outcome, and the market it was found in, for whoever judges it further."""

    outcome: Outcome
    people: People
    #: With the pins that were kept.
    market: Market
    solution: Solution


def decided(
    problem: Problem,
    *,
    seed: int = 0,
    settings: Settings | None = None,
    on_step: Step | None = None,
    before: Collection[Triple] = (),
) -> Decided:
    """Decide a matching run, and say why.

    `seed` decides between equally good outcomes; the order of people never does. `on_step` hears
    four steps: reading, rules, pairing, reasons. Of equally good outcomes the one that keeps most
    of `before` is chosen; `settings.keep` makes more of them.

    :raises Unsolved: numbers are beyond 64 bits.
    """
    tell = on_step or (lambda step, detail: None)
    mentees, mentors = len(problem.mentees), len(problem.mentors)
    tell("reading", f"{_counted(mentees, 'student')} and {_counted(mentors, 'mentor')}")
    settings = settings or Settings()
    fits = score.fits(problem, settings)
    tell("rules", _counted(fits.count(), "possible pair"))
    tell("pairing", _counted(len(problem.open_wants), "request"))
    found = best(problem, fits, seed=seed, settings=settings, before=before)
    tell("reasons", _counted(len(found.chosen), "proposed pair"))
    outcome = Outcome(
        pairs=tuple(_proposed(fits, found)),
        left_out=explain.left_out(
            problem,
            fits,
            found.chosen,
            most_from_one_institution=settings.most_from_one_institution,
        ),
        loads=_loads(fits, found.chosen),
        broken_pins=found.broken_pins,
        coverage=_coverage(problem, found.chosen),
        objective=found.objective,
        proven=found.solution.proven,
        gap=found.solution.gap,
        levels=found.solution.levels,
    )
    return Decided(outcome, found.people, found.market, found.solution)


@dataclass(frozen=True, eq=False)
class Assignment:
    """Who is paired with whom, which of them by a pin, and the pins that could not be kept."""

    chosen: tuple[Triple, ...]
    pinned: frozenset[Triple]
    broken_pins: tuple[BrokenPin, ...]
    objective: Objective
    people: People
    market: Market
    solution: Solution


def best(
    problem: Problem,
    fits: Fits,
    *,
    seed: int,
    settings: Settings | None = None,
    before: Collection[Triple] = (),
) -> Assignment:
    """Choose the best pairings that break no rule, and keep the pins that safety allows.

    As many pins as possible are settled first; the rest is the best that they leave open.

    :raises Unsolved: numbers are beyond 64 bits.
    """
    settings = settings or Settings()
    people = People(problem, fits, seed)
    market = people.market(settings)
    pins = _pins(people, market, settings)
    kept = people.edges(_still_possible(fits, before))
    solution = solve(replace(market, pins=pins, before=kept), settings)
    pinned = frozenset(people.named(pins))
    return Assignment(
        chosen=tuple(sorted(people.named(solution.chosen), key=_by_person_and_kind)),
        pinned=pinned,
        broken_pins=explain.broken_pins(problem, fits, pinned),
        objective=_objective(market, settings, solution.chosen),
        people=people,
        market=replace(market, pins=pins),
        solution=solution,
    )


def _still_possible(fits: Fits, before: Collection[Triple]) -> list[Triple]:
    return [
        (mentee, mentor, kind)
        for mentee, mentor, kind in before
        if mentee in fits.rows
        and mentor in fits.columns
        and kind in fits.kinds
        and not fits.against((mentee, mentor, kind))
    ]


def _pins(people: People, market: Market, settings: Settings) -> Edges:
    """The pins that are kept: as many as can stand together, of those that safety allows."""
    possible = people.listed(_pinnable(people.problem, people.fits))
    if not len(possible.pairs):
        return possible.pairs
    wants = np.zeros_like(market.wants)
    wants[possible.pairs.mentee, possible.pairs.kind] = True
    wished = replace(market, wants=wants, possible=possible)
    return solve(wished, replace(settings, policy=Policy.BEST, floors=())).chosen


def _pinnable(problem: Problem, fits: Fits) -> list[Triple]:
    """The pins that only a judgment about fit speaks against, if anything."""
    return [
        (mentee, mentor, kind)
        for mentee, mentor, kind in problem.pins
        if mentee in fits.rows
        and mentor in fits.columns
        and all(rule.yields_to_pins for rule in fits.against((mentee, mentor, kind)))
    ]


def _by_person_and_kind(triple: Triple) -> tuple[UUID, int]:
    return triple[0], list(Kind).index(triple[2])


def _objective(market: Market, settings: Settings, chosen: Edges) -> Objective:
    having = market.held + np.bincount(chosen.mentee, minlength=len(market.held))
    stages = np.unique(market.priority)[::-1]
    ranks = range(int(market.held.max(initial=0)) + market.wants.shape[1])
    more = [having > rank for rank in ranks]
    coverage = []
    for rank, those in enumerate(more):
        waited = int((those & market.waited).sum())
        by_stage = [int((those & (market.priority == stage)).sum()) for stage in stages]
        in_line = (waited, *by_stage) if rank == 0 else (*by_stage, waited)
        coverage.append((int(those.sum()), *in_line))
    return Objective(
        coverage=tuple(coverage),
        above=tuple(-int((chosen.worth < floor).sum()) for floor in settings.floor_worths),
        worth=int(chosen.worth.sum()),
        evenness=-national.fullness(market, chosen),
    )


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _proposed(fits: Fits, found: Assignment) -> Iterable[Pair]:
    for triple, fit in zip(found.chosen, fits.fits(found.chosen), strict=True):
        noun = fits.mentees[fits.rows[triple[0]]].noun
        overruled = tuple(rule.words(triple[2], noun) for rule in fits.against(triple))
        yield Pair(fit=fit, pinned=triple in found.pinned, overruled=overruled)


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
