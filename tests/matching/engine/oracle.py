"""The best outcome of a tiny market by trying everything, from the words of the objective.

Slow on purpose, and sharing nothing with the engine but the shape of a market: no arrays, no
flows, no bounds. Whoever doubts a solver reads this.
"""

from collections import Counter
from collections.abc import Iterator

from mentorship.matching.engine.market import Edges, Market
from mentorship.matching.engine.settings import Settings

#: One pair: mentee, kind, mentor, as indices.
Row = tuple[int, int, int]
#: How good an outcome is, the most important first; greater is better, part by part.
Standing = tuple[tuple[int, ...], ...]


def rows(edges: Edges) -> dict[Row, int]:
    """Pairs and what they are worth."""
    return {
        (int(mentee), int(kind), int(mentor)): int(worth)
        for mentee, kind, mentor, worth in zip(
            edges.mentee, edges.kind, edges.mentor, edges.worth, strict=True
        )
    }


def best(market: Market, settings: Settings) -> Standing | None:
    """How good the best outcome is; None where the pins cannot stand together."""
    return max((standing(market, settings, chosen) for chosen in outcomes(market)), default=None)


def outcomes(market: Market) -> Iterator[dict[Row, int]]:
    """Every outcome that breaks no rule, pins among them."""
    pins = rows(market.pins)
    if not stands(market, pins):
        return
    served = {row[:2] for row in pins}
    options: dict[tuple[int, int], list[Row]] = {}
    possible = rows(market.possible.every())
    for row in possible:
        if market.wants[row[:2]] and row[:2] not in served:
            options.setdefault(row[:2], []).append(row)
    yield from _grown(market, pins, possible, list(options.values()))


def _grown(
    market: Market, chosen: dict[Row, int], possible: dict[Row, int], options: list[list[Row]]
) -> Iterator[dict[Row, int]]:
    if not options:
        yield chosen
        return
    yield from _grown(market, chosen, possible, options[1:])
    for row in options[0]:
        more = {**chosen, row: possible[row]}
        if stands(market, more):
            yield from _grown(market, more, possible, options[1:])


def stands(market: Market, chosen: dict[Row, int]) -> bool:
    """Whether these pairs can be together. That each is possible is taken for granted."""
    wants = Counter((mentee, kind) for mentee, kind, _ in chosen)
    given = Counter(mentor for _, _, mentor in chosen)
    given_of_kind = Counter((mentor, kind) for _, kind, mentor in chosen)
    meetings = Counter((mentee, mentor) for mentee, _, mentor in chosen)
    most = market.most_from_one_institution
    return (
        all(count <= 1 for count in wants.values())
        and all(count <= market.places[mentor] for mentor, count in given.items())
        and all(count <= market.places_by_kind[one] for one, count in given_of_kind.items())
        and not (market.one_kind_per_mentor and any(n > 1 for n in meetings.values()))
        and (most is None or _within_institutions(market, chosen, most))
        and _within_quotas(market, chosen)
    )


def _within_quotas(market: Market, chosen: dict[Row, int]) -> bool:
    """Nobody takes more students of other schools than their quota."""
    quotas = market.quotas
    if quotas is None:
        return True
    outside = Counter(
        mentor
        for mentee, _, mentor in chosen
        if quotas.home[mentor] >= 0 and quotas.school[mentee] != quotas.home[mentor]
    )
    return all(count <= quotas.places[mentor] for mentor, count in outside.items())


def _within_institutions(market: Market, chosen: dict[Row, int], most: int) -> bool:
    """Nobody is given one more of an institution than they may have, counting those held."""
    new = Counter(
        (mentee, int(market.institution[mentor]))
        for mentee, _, mentor in chosen
        if market.institution[mentor] >= 0
    )
    held = market.held_from
    return all(
        count + (0 if held is None else held[mentee, institution]) <= most
        for (mentee, institution), count in new.items()
    )


def standing(market: Market, settings: Settings, chosen: dict[Row, int]) -> Standing:
    """How good an outcome is, in the order in which it counts."""
    having = Counter({mentee: int(count) for mentee, count in enumerate(market.held)})
    having.update(mentee for mentee, _, _ in chosen)
    kept = len(chosen.keys() & rows(market.before).keys())
    return (
        *_coverage(market, having),
        tuple(-sum(worth < floor for worth in chosen.values()) for floor in settings.floor_worths),
        (sum(chosen.values()) + kept * settings.keep_worth,),
        (-_fullness(market, chosen),),
        (kept,),
    )


def _coverage(market: Market, having: Counter[int]) -> Iterator[tuple[int, ...]]:
    """By rank, as many mentees as possible; among first mentors those who waited come before
    those whose stage comes first, among further ones after them."""
    mentees, kinds = market.wants.shape
    stages = sorted({int(value) for value in market.priority}, reverse=True)
    for rank in range(max(map(int, market.held), default=0) + kinds):
        more = [mentee for mentee in range(mentees) if having[mentee] > rank]
        waited = (sum(bool(market.waited[mentee]) for mentee in more),)
        by_stage = tuple(sum(market.priority[m] == stage for m in more) for stage in stages)
        yield (len(more), *waited, *by_stage) if rank == 0 else (len(more), *by_stage, *waited)


def _fullness(market: Market, chosen: dict[Row, int]) -> int:
    """How full each given place makes its mentor, in whole percent, summed."""
    total = 0
    for mentor, given in Counter(mentor for _, _, mentor in chosen).items():
        load, places = int(market.load[mentor]), int(market.places[mentor])
        total += sum(100 * (load + nth) // (load + places) for nth in range(1, given + 1))
    return total
