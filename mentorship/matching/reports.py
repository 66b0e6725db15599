"""What can be said of a draft beyond its pairs: its proof, what is missing, and who fares how.

Everything is counted from the pairs, proven by the solver, or found by solving again with a
change made; ids are text, since a report is kept as JSON.
"""

from dataclasses import replace
from functools import partial
from typing import Any

from mentorship.matching.engine import fairness, shortage, solve, stable
from mentorship.matching.engine.market import SCALE, Market
from mentorship.matching.engine.people import People
from mentorship.matching.engine.settings import Policy, Settings
from mentorship.matching.engine.shortage import Lack
from mentorship.matching.engine.solution import Solution
from mentorship.matching.engine.solve import Decided
from mentorship.vocabulary import backgrounds

#: Blocking pairs and seats that are listed.
MOST_BLOCKING, MOST_SEATS = 20, 5
#: Up to so many possible pairs it takes no more than moments to match each group alone.
EACH_ALONE = 250_000


def report(decided: Decided, *, settings: Settings) -> dict[str, Any]:
    """Judge a draft that was decided under these settings.

    :raises Unsolved: numbers are beyond 64 bits.
    """
    people, market, found = decided.people, decided.market, decided.solution
    again: shortage.Solve = partial(
        solve.solve, settings=replace(settings, policy=Policy.BEST, floors=())
    )
    best = found if settings.policy is Policy.BEST else again(market)
    return {
        "policy": settings.policy.value,
        "proof": _proof(found),
        **_shortage(people, market, best, again),
        "seats": _seats(people, market, best, again),
        "fairness": _fairness(people, market, found, again),
        "blocking": _blocking(people, market, found),
    }


def rather(decided: Decided) -> int:
    """How many pairs of people would both rather have each other than what they get."""
    return stable.blocking(decided.market, decided.solution.chosen, most=0).count


def _blocking(people: People, market: Market, found: Solution) -> dict[str, Any]:
    blocking = stable.blocking(market, found.chosen, most=MOST_BLOCKING)
    named = people.named(blocking.pairs)
    return {
        "count": blocking.count,
        "pairs": [[str(mentee), str(mentor), kind] for mentee, mentor, kind in named],
    }


def _proof(found: Solution) -> dict[str, Any]:
    return {
        "proven": found.proven,
        "objective": found.objective,
        "bound": found.bound,
        "gap": found.gap,
        "levels": [[level.name, level.value, level.bound] for level in found.levels],
    }


def _shortage(
    people: People, market: Market, best: Solution, again: shortage.Solve
) -> dict[str, Any]:
    """What each kind lacks by itself, and how much of each would be enough together."""
    fields = shortage.by_kind([kind.value for kind in people.fits.kinds])
    lacking = shortage.lacks(market, best, fields, solve=again)
    steps = shortage.together(market, lacking, fields, solve=again)
    return {
        "shortage": [_lack(lack) for lack in lacking],
        "together": [_lack(lack) for lack in steps],
        "together_leaves": steps[-1].then.wanted - steps[-1].then.filled if steps else 0,
    }


def _lack(lack: Lack) -> dict[str, Any]:
    return {
        "kind": lack.name,
        "places": lack.places,
        "mentors": lack.mentors(),
        "wanted": lack.wanted,
        "filled": lack.filled,
        "filled_then": lack.filled_then,
        "words": lack.words,
    }


def _seats(
    people: People, market: Market, best: Solution, again: shortage.Solve
) -> list[dict[str, Any]]:
    return [
        {
            "mentor": str(people.fits.mentors[people.columns[seat.mentor]].id),
            "pairs": seat.pairs,
            "first_mentors": seat.first_mentors,
            "points": round(100 * seat.worth / SCALE),
        }
        for seat in shortage.seats(market, best, solve=again, most=MOST_SEATS)
        if seat.pairs
    ]


def _fairness(
    people: People, market: Market, found: Solution, again: fairness.Solve
) -> dict[str, Any]:
    """By stage, school and the groups that people chose to have counted.

    Up to `EACH_ALONE` possible pairs each group is held against what it alone could have.
    """
    named = backgrounds.affinities()
    mentees = [people.fits.mentees[row] for row in people.rows]
    answers = {
        "stage": [[one.stage.label] if one.stage else [] for one in mentees],
        "school": [[one.school] if one.school else [] for one in mentees],
        "group": [[named[one] for one in mentee.affinity if one in named] for mentee in mentees],
    }
    few = market.possible.count() <= EACH_ALONE
    judged = fairness.fairness(market, found, answers, solve=again if few else None)
    return {
        "everyone": _served(judged.everyone),
        "questions": [
            {
                "name": question.name,
                "hidden": question.hidden,
                "spread": question.spread,
                "groups": [
                    [group.name, _served(group.served) | _alone(group.best)]
                    for group in question.groups
                ],
            }
            for question in judged.questions
            if question.groups
        ],
        "load": {
            "mentors": judged.load.mentors,
            "idle": judged.load.idle,
            "full": judged.load.full,
            "mean": round(judged.load.mean),
            "deviation": round(judged.load.deviation),
        },
    }


def _alone(best: fairness.Served | None) -> dict[str, int]:
    return {} if best is None else {"could": best.filled}


def _served(served: fairness.Served) -> dict[str, Any]:
    mean = served.mean_worth
    return {
        "mentees": served.mentees,
        "with_a_mentor": served.with_a_mentor,
        "wanted": served.wanted,
        "filled": served.filled,
        "mean": None if mean is None else round(100 * mean / SCALE),
    }
