"""What was found, as pairs.csv and report.json have it: numbers in the files' unit, ids as written.

Everything that a report claims is counted from the pairs, proven by the solver, or found by
solving again with a change made.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from mentorship.matching.engine import fairness, shortage, solve, stable
from mentorship.matching.engine.files import unmatched
from mentorship.matching.engine.files.cells import KINDS
from mentorship.matching.engine.files.instance import Instance
from mentorship.matching.engine.market import Edges
from mentorship.matching.engine.settings import Policy
from mentorship.matching.engine.shortage import Field, Lack
from mentorship.matching.engine.solution import Solution
from mentorship.vocabulary.kinds import Kind

PAIRS_HEADER = ("mentee_id", "mentor_id", "kind", "score")
#: Up to so many possible pairs, topics and groups are judged by solving again; and kinds.
SOLVED_AGAIN_BELOW, KINDS_SOLVED_AGAIN_BELOW = 200_000, 1_000_000
#: The same where institutions are limited, since each of these solves is no flow then.
NO_FLOW_SOLVED_AGAIN_BELOW = 20_000
#: Topics that a shortage is looked for in, those most lacking first.
MOST_TOPICS = 5
#: Blocking pairs that are listed.
MOST_BLOCKING = 50

Number = int | float


@dataclass(frozen=True, eq=False)
class Judged:
    """A solution, and what the stable policy is held against."""

    solution: Solution
    #: What the other policy, the best for all, would have come to.
    best: Solution | None = None


def solved(made: Instance, on_step: Callable[[str, str], None] | None = None) -> Judged:
    """Solve under the policy of the settings.

    :raises Unsolved: the numbers are beyond 64 bits.
    """
    settings = made.given.settings
    found = solve.solve(made.market, settings, on_step, wishes=made.given.wishes)
    if settings.policy is Policy.BEST:
        return Judged(found)
    best = solve.solve(made.market, replace(settings, policy=Policy.BEST, floors=()))
    return Judged(found, best)


def pair_rows(made: Instance, chosen: Edges) -> list[tuple[str, str, str, str]]:
    """The rows of pairs.csv, sorted by mentee, kind and mentor."""
    given = made.given
    columns = (chosen.mentee, chosen.kind, chosen.mentor, chosen.worth)
    rows = sorted(
        (given.mentee_ids[mentee], kind, given.mentor_ids[mentor], worth)
        for mentee, kind, mentor, worth in zip(*(c.tolist() for c in columns), strict=True)
    )
    return [
        (mentee, mentor, KINDS[kind].value, given.unit.written(worth))
        for mentee, kind, mentor, worth in rows
    ]


def report(made: Instance, judged: Judged, *, again: bool = True) -> dict[str, Any]:
    """All that is told of a run beside its pairs. `again` allows solving again for what is told.

    Seconds, memory and versions are for whoever ran it to add.
    """
    solution, given, market = judged.solution, made.given, made.market
    pairs = market.possible.count()
    if market.most_from_one_institution is not None:
        again = again and pairs <= NO_FLOW_SOLVED_AGAIN_BELOW
    covered = shortage.covered(market, solution)
    blocking = stable.blocking(market, solution.chosen, given.wishes, most=MOST_BLOCKING)
    return {
        "policy": given.settings.policy.value,
        **_objective(made, judged, blocking),
        "mentees": len(given.mentee_ids),
        "mentors": len(given.mentor_ids),
        "with_a_mentor": covered.with_a_mentor,
        "wanted": covered.wanted,
        "filled": covered.filled,
        "coverage_by_kind": _coverage(made, solution.chosen),
        "score_unit": _unit(made),
        "levels": [_level(made, level) for level in solution.levels],
        "levels_left_out": list(solution.left_out),
        "blocking_pairs": blocking.count,
        "blocking_pairs_are_all": blocking.exhaustive,
        "blocking": _blocking(made, blocking),
        "instead": _instead(made, judged),
        "unmatched": list(unmatched.unmatched(made, solution.chosen)),
        **_shortage(
            made, judged, again and pairs <= KINDS_SOLVED_AGAIN_BELOW, pairs <= SOLVED_AGAIN_BELOW
        ),
        "fairness": _fairness(made, solution, again and pairs <= SOLVED_AGAIN_BELOW),
        "certificate": {**solution.certificate, **_dual(solution)},
        "notes": [*map(str, given.notes), *_notes(made)],
    }


def number(made: Instance, worth: int) -> Number:
    """Worth in the unit of the files."""
    shown = made.given.unit.shown(worth)
    return int(shown) if shown == shown.to_integral_value() else float(shown)


def _objective(made: Instance, judged: Judged, blocking: stable.Blocking) -> dict[str, Any]:
    """The total score, the bound that is proven for it, and the gap between the two.

    The best policy proves that no outcome that covers as well has a greater total. The stable
    policy seeks no greatest total: what it reaches is proven where no blocking pair was found.
    """
    solution = judged.solution
    total = int(solution.chosen.worth.sum())
    if made.given.settings.policy is Policy.STABLE:
        proven = not blocking.count and blocking.exhaustive
        slack, gap = 0, 0.0 if proven else None
    else:
        proven, slack, gap = solution.proven, solution.bound - solution.objective, solution.gap
    return {
        "objective": number(made, total),
        "bound": number(made, total + slack),
        "gap": gap,
        "proven": proven,
    }


def _dual(solution: Solution) -> dict[str, Any]:
    """Prices and tolls, in the order of people's ids, where they prove the bound together."""
    if solution.dual is None:
        return {}
    prices, tolls = solution.dual.prices, solution.dual.tolls
    tables = {"want": prices.want, "offer": prices.offer, **vars(tolls)}
    whole = {name: table.tolist() for name, table in tables.items()}
    return {"dual": {"step": prices.step, **whole}}


def _unit(made: Instance) -> str:
    if made.given.scores is not None:
        return "as in the scores"
    if made.given.settings.own_best:
        return "percent of the best that this mentee could have for the kind"
    return "points from 0 to 100"


def _level(made: Instance, level: Any) -> dict[str, Any]:
    in_unit = level.name == "worth"
    value, bound = (
        number(made, amount) if in_unit else amount for amount in (level.value, level.bound)
    )
    return {"name": "score" if in_unit else level.name, "value": value, "bound": bound}


def _coverage(made: Instance, chosen: Edges) -> dict[str, dict[str, int]]:
    wanted = made.market.wants.sum(axis=0)
    filled = np.bincount(chosen.kind, minlength=len(KINDS))
    return {
        kind.value: {"wanted": int(wanted[place]), "filled": int(filled[place])}
        for place, kind in enumerate(KINDS)
    }


def _blocking(made: Instance, blocking: stable.Blocking) -> list[dict[str, Any]]:
    given, pairs = made.given, blocking.pairs

    def name(ids: Sequence[str], place: int) -> str | None:
        return ids[place] if place >= 0 else None

    return [
        {
            "mentee_id": given.mentee_ids[pairs.mentee[row]],
            "mentor_id": given.mentor_ids[pairs.mentor[row]],
            "kind": KINDS[pairs.kind[row]].value,
            "score": number(made, int(pairs.worth[row])),
            "mentee_has": name(given.mentor_ids, blocking.instead_of_mentor[row]),
            "mentor_would_give_up": name(given.mentee_ids, blocking.instead_of_mentee[row]),
        }
        for row in range(len(pairs))
    ]


def _instead(made: Instance, judged: Judged) -> dict[str, Any] | None:
    """What the other policy would come to, where this one is stable."""
    if judged.best is None:
        return None
    covered = shortage.covered(made.market, judged.best)
    return {
        "policy": Policy.BEST.value,
        "objective": number(made, int(judged.best.chosen.worth.sum())),
        "with_a_mentor": covered.with_a_mentor,
        "filled": covered.filled,
    }


def _notes(made: Instance) -> Iterator[str]:
    given = made.given
    if given.rounded:
        decimals = given.unit.decimals
        yield f"Scores were rounded to {decimals} decimals, which is as fine as the solver counts."
    if given.only_ranked and given.wishes is not None:
        yield "Whoever ranks anyone is paired with none but those whom they rank (only_ranked)."


# What is missing, and for whom it goes how well.


def _again(made: Instance) -> shortage.Solve:
    """Solves a changed market for its coverage and total, without the levels below them."""
    settings = replace(made.given.settings, policy=Policy.BEST, floors=())
    return partial(solve.solve, settings=settings)


def _covering(made: Instance) -> shortage.Solve:
    """Solves a changed market for its coverage, which is proven, and some good total.

    A gap below 1 leaves no step of coverage open, since each outweighs the total.
    """
    market = made.market
    settings = replace(made.given.settings, policy=Policy.BEST, floors=(), keep=0)
    by_kind = bool((market.places_by_kind < market.places[:, None]).any())
    is_flow = market.most_from_one_institution is None and not (
        market.one_kind_per_mentor and by_kind
    )
    if is_flow and market.possible.count() > SOLVED_AGAIN_BELOW:
        settings = replace(settings, exact_below=0, good_enough=0.5)
    return partial(solve.solve, settings=settings)


def _shortage(made: Instance, judged: Judged, again: bool, topics: bool) -> dict[str, Any]:
    """By kind and topic: what is wanted and not filled, and how many places would fill it.

    Each alone, and by kind all together.
    """
    solution = judged.best or judged.solution
    kinds = shortage.by_kind([kind.value for kind in KINDS])
    fields = [*kinds, *(_topics(made) if topics else ())]
    if again:
        solve_ = _covering(made)
        lacks = shortage.lacks(made.market, solution, fields, solve=solve_)
        of_kinds = [lack for lack in lacks if lack.change.serves is None]
        steps = shortage.together(made.market, of_kinds, kinds, solve=solve_)
        return {
            "shortage": [_lack(lack) for lack in lacks],
            "shortage_together": [_lack(lack) for lack in steps],
        }
    served = ((field, *shortage.served(made.market, solution, field)) for field in fields)
    return {
        "shortage": [
            {
                "field": field.name,
                "kind": KINDS[field.kind].value,
                "wanted": wanted,
                "filled": filled,
            }
            for field, wanted, filled in served
            if filled < wanted
        ]
    }


def _lack(lack: Lack) -> dict[str, Any]:
    return {
        "field": lack.name,
        "kind": KINDS[lack.kind].value,
        "wanted": lack.wanted,
        "filled": lack.filled,
        "more_places": lack.places,
        "filled_then": lack.filled_then,
        "with_a_mentor_then": lack.then.with_a_mentor,
        "words": lack.words,
    }


def _topics(made: Instance) -> list[Field]:
    """The topics of content mentoring that most ask for."""
    topics = [
        frozenset().union(*(want.topics for want in mentee.wants))
        for mentee in made.given.problem.mentees
    ]
    asked = Counter(topic for named in topics for topic in named)
    most = sorted(asked, key=lambda topic: (-asked[topic], topic))[:MOST_TOPICS]
    content = KINDS.index(Kind.CONTENT)
    return [
        Field(f"content: {topic}", content, np.array([topic in named for named in topics]))
        for topic in most
    ]


def _fairness(made: Instance, solution: Solution, again: bool) -> dict[str, Any]:
    """By stage, school and group: who is served how well; and how evenly mentors are filled."""
    mentees = made.given.problem.mentees
    answers = {
        "stage": [[one.stage.label] if one.stage else [] for one in mentees],
        "school": [[one.school] if one.school else [] for one in mentees],
        "affinity": [sorted(one.affinity) for one in mentees],
    }
    found = fairness.fairness(
        made.market,
        solution,
        {name: given for name, given in answers.items() if any(given)},
        solve=_again(made) if again else None,
    )
    return {
        "everyone": _served(made, found.everyone),
        "groups": {
            question.name: {
                "shown": {
                    group.name: {
                        **_served(made, group.served),
                        "best_possible": group.best and _served(made, group.best),
                    }
                    for group in question.groups
                },
                "hidden": question.hidden,
                "spread": question.spread,
            }
            for question in found.questions
        },
        "load": {
            "mentors": found.load.mentors,
            "idle": found.load.idle,
            "full": found.load.full,
            "mean_percent": round(found.load.mean, 2),
            "deviation_percent": round(found.load.deviation, 2),
            "gini": round(found.load.gini, 4),
        },
    }


def _served(made: Instance, served: fairness.Served) -> dict[str, Any]:
    mean = served.worth / served.filled / made.given.unit.one if served.filled else None
    return {
        "mentees": served.mentees,
        "with_a_mentor": served.with_a_mentor,
        "wanted": served.wanted,
        "filled": served.filled,
        "mean_score": None if mean is None else round(mean, 4),
    }
