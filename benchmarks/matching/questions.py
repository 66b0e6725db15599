"""What the engine is asked, and the only place here that knows how it is called."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from mentorship.matching.engine import score
from mentorship.matching.engine.fit import Problem
from mentorship.matching.engine.listed import Listed
from mentorship.matching.engine.market import SCALE, Edges, Market
from mentorship.matching.engine.settings import Settings
from mentorship.matching.engine.solution import Solution


@dataclass(frozen=True)
class Question:
    """A run as it is asked."""

    #: Only what peers can be asked too: nobody waited, no stage comes first, and one person may
    #: be two kinds of mentor to one mentee. Then the whole question is one flow.
    alike: bool = True
    settings: Settings = field(default_factory=lambda: ALIKE)
    #: Places in all, as a multiple of wants.
    places: float = 1.0


ALIKE = Settings(one_kind_per_mentor=False, floors=(), own_best=False)
EVERY_RULE = Settings(most_from_one_institution=2)
QUESTIONS = {
    "alike": Question(),
    "alike-1": Question(settings=replace(ALIKE, rounds=1)),
    "alike-2": Question(settings=replace(ALIKE, rounds=2)),
    "rules": Question(alike=False, settings=EVERY_RULE),
    "rules-1": Question(alike=False, settings=replace(EVERY_RULE, rounds=1)),
}


def market(problem: Problem, question: Question):
    """Score people, and lay out what may be decided."""
    fits = score.fits(problem)
    kinds = [kind for kind in problem.kinds]
    rows = []
    for k, kind in enumerate(kinds):
        i, j = np.nonzero(fits.offered(kind))
        rows.append(
            (i, np.full(len(i), k), j, fits.points[kind][i, j].astype(np.int64) * SCALE // 100)
        )
    i, k, j, w = (np.concatenate([r[c] for r in rows]).astype(np.int64) for c in range(4))
    order = np.lexsort((j, k, i))
    edges = Edges(i[order], k[order], j[order], w[order])
    M, N, K = len(fits.mentees), len(fits.mentors), len(kinds)
    wants = np.array(
        [[any(w.kind is kind for w in m.wants) for kind in kinds] for m in fits.mentees]
    )
    places = np.array([m.places for m in fits.mentors])
    none = Edges(*(np.zeros(0, np.int64),) * 4)
    by = np.array(
        [
            [
                {o.kind: (o.places if o.places is not None else m.places) for o in m.offers}.get(
                    kind, 0
                )
                for kind in kinds
            ]
            for m in fits.mentors
        ]
    )
    inst = np.unique([m.institution for m in fits.mentors], return_inverse=True)[1]
    return fits, Market(
        wants=wants,
        held=np.zeros(M, np.int64),
        waited=np.zeros(M, bool),
        priority=np.zeros(M, np.int64),
        places=places,
        places_by_kind=np.minimum(by, places[:, None]),
        load=np.zeros(N, np.int64),
        institution=inst,
        possible=Listed(edges, (M, K, N)),
        pins=none,
        before=none,
        one_kind_per_mentor=not question.alike,
        most_from_one_institution=None if question.alike else 2,
    )


def solve(market: Market, settings: Settings) -> Solution:
    from mentorship.matching.engine import solve

    return solve.solve(market, settings)


def explain(scored, chosen: Edges) -> Sequence:
    return ()
