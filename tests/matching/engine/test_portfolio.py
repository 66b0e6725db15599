"""Portfolio rules at the size of a chapter, against a program that nothing was taken from."""

from dataclasses import replace
from unittest import mock

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from mentorship.matching.engine import solve, verify
from mentorship.matching.engine.market import Market
from mentorship.matching.engine.portfolio import Near
from mentorship.matching.engine.settings import Settings
from tests.matching.engine.test_tolls import crowd, without_rules

PLAIN = Settings(floors=())
KINDS = 4


def in_turn(of: Market) -> list[int]:
    """Mentees with a first mentor, a second, a third, a fourth, and the worth of all pairs.

    Each is as much as the earlier ones allow, by branch and bound over every column and row.
    """
    edges, mentees, mentors = of.possible.every(), len(of.held), len(of.places)
    homes, pairs = int(of.institution.max()) + 1, np.arange(len(edges))
    size = len(edges) + mentees * KINDS

    def at_most(group, most):
        entries = (np.ones(len(edges)), (group, pairs))
        return LinearConstraint(coo_array(entries, (len(most), size)), -np.inf, most)

    # A column for each further mentor of each mentee, as many as there are pairs.
    further = len(edges) + np.arange(mentees * KINDS)
    entries = np.concatenate([np.ones(len(edges)), -np.ones(len(further))])
    whose = np.concatenate([edges.mentee, np.repeat(np.arange(mentees), KINDS)])
    counted = coo_array((entries, (whose, np.concatenate([pairs, further]))), (mentees, size))
    rows = [
        LinearConstraint(counted, 0, 0),
        at_most(edges.mentee * KINDS + edges.kind, np.ones(mentees * KINDS)),
        at_most(edges.mentor, of.places),
        at_most(edges.mentor * KINDS + edges.kind, of.places_by_kind.ravel()),
        at_most(edges.mentee * mentors + edges.mentor, np.ones(mentees * mentors)),
        at_most(edges.mentee * homes + of.institution[edges.mentor], np.ones(mentees * homes)),
    ]
    goals = [np.zeros(size) for _ in range(KINDS)]
    for rank, goal in enumerate(goals):
        goal[further[rank::KINDS]] = 1
    reached = []
    for goal in [*goals, np.append(edges.worth, np.zeros(len(further))).astype(float)]:
        answer = milp(
            -goal,
            constraints=rows,
            bounds=Bounds(0, 1),
            integrality=np.ones(size),
            options={"mip_rel_gap": 0},
        )
        reached.append(-round(answer.fun))
        rows.append(LinearConstraint(goal[None, :], reached[-1], np.inf))
    return reached


@pytest.mark.parametrize(("scarce", "seed"), [(0.9, 1), (1.2, 2)])
def test_reaches_what_an_unreduced_program_reaches(scarce, seed):
    of = crowd(mentees=90, mentors=30, seed=seed, scarce=scarce)
    of = replace(of, waited=np.zeros_like(of.waited), priority=np.zeros_like(of.priority))

    solution = solve.solve(of, PLAIN)

    standing = verify.levels_of(of, PLAIN, solution.chosen)
    assert verify.check(of, PLAIN, solution.chosen, claimed=solution) == ()
    assert [*standing.having[:KINDS], standing.total] == in_turn(of)
    assert solution.proven


def test_every_level_is_proven_with_every_rule_on():
    of = crowd(mentees=150, mentors=50, seed=5)
    before = of.possible.every()[np.arange(0, of.possible.count(), 40)]
    of = replace(of, before=before)
    run = Settings(floors=(20, 30, 45), keep=2)

    solution = solve.solve(of, run)

    assert verify.check(of, run, solution.chosen, claimed=solution) == ()
    assert solution.proven
    assert all(level.proven for level in solution.levels)
    names = ["with_a_mentor", "pairs", "below_20", "below_30", "below_45"]
    assert [level.name for level in solution.levels] == [*names, "worth", "fullness", "kept"]


@pytest.mark.parametrize(("seed", "near"), [(2, 1.0), (2, 3e-3), (3, 3e-3), (10, 3e-3)])
def test_a_search_that_begins_near_the_best_ends_at_the_same(seed, near):
    of = crowd(mentees=60, mentors=20, seed=seed, scarce=1.2)
    whole = solve.solve(of, PLAIN)
    narrowed, begun = Near.narrowed, []

    def seen(self, program):
        begun.append(self)
        return narrowed(self, program)

    with (
        mock.patch.multiple(solve, _MANY=0, _NEAR=near),
        mock.patch.object(Near, "narrowed", seen),
    ):
        solution = solve.solve(of, PLAIN)

    # It began at something worse, with a gap to search.
    assert begun[0].gap > 0
    assert begun[0].chosen.worth.sum() < solution.chosen.worth.sum()
    assert solution.levels == whole.levels
    assert solution.proven


@pytest.mark.parametrize("seed", range(4))
def test_a_rule_never_costs_less_than_nothing(seed):
    of = crowd(mentees=60, mentors=20, seed=seed)

    assert solve.solve(of, PLAIN).objective <= solve.solve(without_rules(of), PLAIN).objective
