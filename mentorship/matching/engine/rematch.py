"""When something happens mid-season: the smallest change that restores the best.

Somebody joins, a mentor leaves, a fit check says no. Coverage is brought back to the best that
can be, then as few pairs as possible change, then the fits decide. `rematch` does it for a market,
`reopened` and `keeping` for a chapter's people.
"""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import numpy as np

from mentorship.matching.engine import changes
from mentorship.matching.engine.changes import Change
from mentorship.matching.engine.fit import Mentee, Mentor, Problem, Triple
from mentorship.matching.engine.market import SCALE, Edges, Market, Yes
from mentorship.matching.engine.settings import Policy, Settings
from mentorship.matching.engine.solution import Solution
from mentorship.vocabulary.kinds import Kind

Solve = Callable[[Market, Settings], Solution]


@dataclass(frozen=True, eq=False)
class Rematch:
    """The pairs after a change, and how they differ from those before. All are sorted."""

    solution: Solution
    kept: Edges
    #: Could not go on, because of what happened.
    broken: Edges
    #: Could have gone on, but others are served by ending it.
    moved: Edges
    begun: Edges

    @property
    def changed(self) -> int:
        """Pairs that end or begin."""
        return len(self.broken) + len(self.moved) + len(self.begun)


def rematch(
    market: Market,
    before: Edges,
    edits: Sequence[Change],
    *,
    settings: Settings,
    solve: Solve,
) -> Rematch:
    """Restore the best after `edits`, changing as few of the pairs of `before` as can be.

    The market is as it stood with those pairs still to be given: their wants are open and their
    places free. Whoever joined is in it, with no pair of before. A mentor who leaves is `Gone`, a
    fit that failed is `Apart`. The floors of the worst-off are not looked at: they would end
    pairs that went well.
    """
    after = changes.made(replace(market, before=before), edits)
    keeping = replace(settings, floors=(), keep=_above_all(after) / settings.point)
    solution = solve(after, keeping)
    chosen = solution.chosen
    went_on, possible = market.among(before, chosen), _possible(after, before)
    return Rematch(
        solution=solution,
        kept=before[went_on],
        broken=before[~went_on & ~possible],
        moved=before[~went_on & possible],
        begun=chosen[~market.among(chosen, before)],
    )


def reopened(problem: Problem, pairs: Collection[Triple]) -> Problem:
    """The problem as it stood with these current pairs still to be given.

    Their wants are open and their places free; what is said of other pairs stays.

    :raises KeyError: one of these people takes no part.
    """
    mentees = {mentee.id: mentee for mentee in problem.mentees}
    theirs: dict[UUID, list[tuple[Mentee, Kind]]] = {mentor.id: [] for mentor in problem.mentors}
    for mentee_id, mentor_id, kind in pairs:
        theirs[mentor_id].append((mentees[mentee_id], kind))
    mentors = tuple(_freed(mentor, theirs[mentor.id]) for mentor in problem.mentors)
    return replace(problem, mentors=mentors, current=problem.current - set(pairs))


def keeping(problem: Problem, settings: Settings) -> Settings:
    """Settings under which to keep a pair counts for more than all fits together, after coverage.

    The best for all is sought: pairs that nobody would swap may have to be many others. The floors
    of the worst-off are not looked at: they would end pairs that went well.
    """
    all_fits = len(problem.open_wants) * SCALE
    keep = all_fits / settings.point + 1
    return replace(settings, policy=Policy.BEST, floors=(), keep=keep)


def _freed(mentor: Mentor, given: Sequence[tuple[Mentee, Kind]]) -> Mentor:
    """A mentor before they were given these."""
    if not given:
        return mentor
    of_kind = Counter(kind for _, kind in given)
    outside, elsewhere = mentor.outside_places, (mentor.from_elsewhere(one) for one, _ in given)
    return replace(
        mentor,
        places=mentor.places + len(given),
        load=mentor.load - len(given),
        offers=tuple(
            offer
            if offer.places is None
            else replace(offer, places=offer.places + of_kind[offer.kind])
            for offer in mentor.offers
        ),
        outside_places=None if outside is None else outside + sum(elsewhere),
    )


def _above_all(market: Market) -> int:
    """More than all pairs that could be chosen are worth together, in units of worth."""
    best = market.possible.shortlist(of_a_want=1).worth
    return int(best.sum() + market.pins.worth.sum()) + 1


def _possible(market: Market, pairs: Edges) -> Yes:
    """Which of these pairs could still be, each by itself."""
    worth = market.possible.worths(pairs.mentee, pairs.kind, pairs.mentor)
    room = np.minimum(market.places[pairs.mentor], market.places_by_kind[pairs.mentor, pairs.kind])
    could: Yes = (worth >= 0) & market.wants[pairs.mentee, pairs.kind] & (room > 0)
    return could
