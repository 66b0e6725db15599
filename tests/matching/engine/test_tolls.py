"""Rules over a mentee's mentors at national size: every rule kept, every bound a bound."""

from dataclasses import replace
from functools import cache
from unittest import mock

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from mentorship.matching.engine import bounds, flow, national, solve, verify
from mentorship.matching.engine.market import Edges, Market, Quotas
from mentorship.matching.engine.settings import Settings
from mentorship.matching.engine.solution import Solution, Tolls, Unsolved
from tests.matching.engine import markets as make
from tests.matching.engine import oracle

PLAIN = Settings(floors=())
#: Nothing is small enough to be settled exactly.
NATIONAL = Settings(floors=(), exact_below=0, portfolio_exact_below=0, portfolio_enough=0.0)


@pytest.fixture(params=[flow.by_ortools, flow.by_pylmcf], ids=["ortools", "pylmcf"])
def door(request, monkeypatch):
    monkeypatch.setattr(flow, "fastest", lambda: request.param)


def crowd(*, mentees: int, mentors: int, seed: int, scarce: float = 1.0) -> Market:
    """Mentors who fit a mentee in one kind fit in the others, limit kinds, and share homes."""
    luck = np.random.default_rng(seed)
    kinds = 4
    wants = luck.random((mentees, kinds)) < 0.6
    wants[np.arange(mentees), luck.integers(0, kinds, mentees)] = True
    share = luck.random(mentors) + 0.4
    places = np.maximum(1, np.round(share / share.sum() * wants.sum() / scarce)).astype(int)
    part = luck.choice([0.5, 0.75, 1.0], (mentors, kinds))
    of_kind = np.maximum(1, np.ceil(places[:, None] * part)).astype(int)
    of_kind[luck.random((mentors, kinds)) > 0.7] = 0
    closeness = luck.random((mentees, 1, mentors)) * 750_000
    worth = (closeness + luck.random((mentees, kinds, mentors)) * 250_000).astype(np.int64)
    may = wants[:, :, None] & (of_kind.T[None] > 0) & (luck.random(worth.shape) < 0.4)
    pairs = Edges(*np.nonzero(may), worth[may])
    return make.market(
        pairs,
        mentees=mentees,
        mentors=mentors,
        kinds=kinds,
        wants=wants,
        waited=luck.random(mentees) < 0.1,
        priority=luck.integers(0, 3, mentees),
        places=places,
        places_by_kind=of_kind,
        institution=luck.integers(0, max(3, mentors // 12), mentors),
        most_from_one_institution=1,
    )


@cache
def settled(scarce: float) -> tuple[Market, Solution]:
    """A crowd of a chapter's size, and its exact answer, whichever solver is tried next."""
    of = crowd(mentees=100, mentors=34, seed=3, scarce=scarce)
    return of, solve.solve(of, PLAIN)


def from_two_schools(of: Market) -> Market:
    """Half of the mentors are at one of two schools and take one of the other's students."""
    luck = np.random.default_rng(1)
    mentees, mentors = len(of.held), len(of.places)
    homes = luck.integers(0, 2, mentors)
    homes[luck.random(mentors) < 0.5] = -1
    quotas = Quotas(luck.integers(-1, 2, mentees), homes, np.ones(mentors, np.int64))
    return replace(of, quotas=quotas)


def without_rules(of: Market) -> Market:
    return replace(of, one_kind_per_mentor=False, most_from_one_institution=None, quotas=None)


def tight(of: Market, **settings) -> tuple[int, int, int]:
    """Objective under tolls, their bound, and the objective where there are no rules."""
    run = replace(NATIONAL, **settings)
    solution = solve.solve(of, run)
    assert verify.check_pairs(of, solution.chosen) == ()
    relaxed = solve.solve(without_rules(of), run)
    return solution.objective, solution.bound, relaxed.objective


class TestTolled:
    @examples(max_examples=300)
    @given(of=make.pressed() | make.markets())
    def test_keeps_every_rule_and_bounds_the_best_there_is(self, of):
        try:
            solution = solve.solve(of, NATIONAL)
        except Unsolved:
            assume(False)

        assert verify.check(of, NATIONAL, solution.chosen, claimed=solution) == ()
        best = max(_objective(of, solution.prices.step, rows) for rows in oracle.outcomes(of))
        assert solution.objective <= best <= solution.bound
        assert solution.proven == (solution.objective == solution.bound)

    @examples(max_examples=200)
    @given(of=make.pressed())
    def test_bounds_what_pairs_that_were_never_looked_at_could_bring(self, of):
        first_look = replace(NATIONAL, of_a_want=1, of_an_offer=1, rounds=1)
        with mock.patch.object(national, "_FEW", 0):
            solution = solve.solve(of, first_look)

        assert verify.check(of, first_look, solution.chosen, claimed=solution) == ()
        best = max(_objective(of, solution.prices.step, rows) for rows in oracle.outcomes(of))
        assert solution.objective <= best <= solution.bound

    @examples(max_examples=100)
    @given(of=make.pressed())
    def test_a_rule_never_costs_less_than_nothing(self, of):
        objective, bound, relaxed = tight(of)

        assert objective <= bound <= relaxed

    @pytest.mark.parametrize("scarce", [0.8, 1.0, 1.3])
    def test_comes_close_at_the_size_of_a_chapter_with_either_solver(self, door, scarce):
        of, exact = settled(scarce)
        assert exact.proven

        objective, bound, relaxed = tight(of, portfolio_enough=1e-3)

        assert objective <= exact.objective <= bound <= relaxed
        assert exact.objective < relaxed, "the rules are to matter here"
        assert bound - objective <= 2e-3 * exact.level("worth").value

    def test_comes_close_under_quotas_of_other_schools(self):
        of = from_two_schools(crowd(mentees=150, mentors=50, seed=3))
        of = replace(of, one_kind_per_mentor=False, most_from_one_institution=None)
        exact = solve.solve(of, PLAIN)
        assert exact.proven

        objective, bound, relaxed = tight(of, portfolio_enough=1e-3)

        assert objective <= exact.objective <= bound
        assert exact.objective < relaxed, "the quotas are to matter here"
        assert bound - objective <= 5e-3 * exact.level("worth").value

    def test_proves_coverage_that_the_rules_put_out_of_reach(self):
        """Everyone is best with one school's mentors, and may have one of them only."""
        pairs = make.edges(*((i, k, j, 500) for i in range(6) for k in range(2) for j in range(6)))
        of = make.market(
            pairs,
            mentees=6,
            mentors=6,
            kinds=2,
            places_by_kind=np.ones((6, 2), int),
            institution=np.zeros(6, int),
            most_from_one_institution=1,
        )

        solution = solve.solve(of, NATIONAL)

        assert solution.level("pairs").value == solution.level("pairs").bound == 6


class TestProof:
    """Prices and tolls prove the bound to the verifier, who knows nothing of the solver."""

    def of_crowd(self) -> tuple[Market, Solution]:
        of = from_two_schools(crowd(mentees=60, mentors=20, seed=3))
        of = replace(of, one_kind_per_mentor=True)
        return of, solve.solve(of, replace(NATIONAL, portfolio_enough=1e-3))

    def test_is_the_bound_that_is_told(self):
        of, solution = self.of_crowd()

        assert solution.dual is not None
        assert all(len(rows) for rows in vars(solution.dual.tolls).values())
        proven = bounds.bound_of(of, NATIONAL, solution.dual.prices, solution.dual.tolls)
        without = bounds.bound_of(of, NATIONAL, solution.dual.prices)
        assert solution.objective <= proven <= solution.bound < without
        assert verify.check(of, NATIONAL, solution.chosen, claimed=solution) == ()

    @pytest.mark.parametrize("which", ["meeting", "institution", "outside"])
    def test_fails_where_a_toll_is_missing(self, which):
        of, solution = self.of_crowd()
        tolls = replace(solution.dual.tolls, **{which: getattr(solution.dual.tolls, which)[:0]})
        spoilt = replace(solution, dual=replace(solution.dual, tolls=tolls))

        breaches = verify.check(of, NATIONAL, solution.chosen, claimed=spoilt)

        assert [breach.code for breach in breaches] == [verify.Code.BOUND]

    def test_fails_where_the_bound_is_told_too_low(self):
        of, solution = self.of_crowd()
        proven = bounds.bound_of(of, NATIONAL, solution.dual.prices, solution.dual.tolls)
        worth = solution.level("worth").value
        gap = (proven - 1 - solution.objective) / worth
        spoilt = replace(solution, bound=proven - 1, gap=gap)

        breaches = verify.check(of, NATIONAL, solution.chosen, claimed=spoilt)

        assert [breach.code for breach in breaches] == [verify.Code.BOUND]

    @examples(max_examples=150)
    @given(of=make.pressed(), data=st.data())
    def test_holds_whatever_the_tolls(self, of, data):
        """Weak duality: nobody has to trust where tolls come from."""
        solution = solve.solve(of, NATIONAL)
        some = st.integers(-(10**6), 10**6)

        def rows(*most: int) -> np.ndarray:
            groups = np.array(list(np.ndindex(*most)), np.int64).reshape(-1, len(most))
            size = len(groups)
            drawn = data.draw(st.lists(some, min_size=size, max_size=size))
            return np.column_stack([groups, np.array(drawn, np.int64)])

        mentees, mentors = len(of.held), len(of.places)
        homes = int(of.institution.max()) + 1
        tolls = Tolls(rows(mentees, mentors), rows(mentees, homes), rows(mentors))

        best = max(_objective(of, solution.prices.step, found) for found in oracle.outcomes(of))
        assert bounds.bound_of(of, NATIONAL, solution.prices, tolls) >= best


def _objective(of: Market, step: int, rows: dict) -> int:
    """Coverage and worth together, as the verifier reckons them."""
    chosen = make.edges(*((*row, worth) for row, worth in rows.items()))
    return verify.objective_of(of, PLAIN, chosen, step)
