"""The solver against trying everything: each level the best there is, under every rule."""

from dataclasses import replace
from unittest import mock

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from mentorship.matching.engine import national, portfolio, solve, verify
from mentorship.matching.engine.market import Market, Quotas
from mentorship.matching.engine.settings import Settings
from mentorship.matching.engine.solution import Unsolved
from tests.matching.engine import oracle
from tests.matching.engine.markets import edges, market, markets, pressed

#: Each market is tried with all of these.
RUNS = [
    Settings(floors=()),
    Settings(floors=(20, 30, 45)),
    Settings(floors=(), keep=15),
    Settings(floors=(50,), keep=5),
]


def the_best(of: Market) -> None:
    """Solve with each of the settings, and hold it against all there is and against the rules."""
    outcomes = list(oracle.outcomes(of))
    for run in RUNS:
        if not outcomes:
            with pytest.raises(Unsolved):
                solve.solve(of, run)
            continue
        solution = solve.solve(of, run)
        best = max(oracle.standing(of, run, chosen) for chosen in outcomes)
        assert verify.check_pairs(of, solution.chosen) == (), run
        assert oracle.standing(of, run, oracle.rows(solution.chosen)) == best, run
        assert solution.proven, run
        assert solution.gap == 0, run
        assert all(level.proven for level in solution.levels), run


class TestSolve:
    @examples(max_examples=400)
    @given(of=markets())
    def test_finds_the_best_of_any_market(self, of):
        the_best(of)

    @examples(max_examples=250)
    @given(of=pressed())
    def test_finds_the_best_where_portfolio_rules_press(self, of):
        the_best(of)

    @examples(max_examples=150)
    @given(of=pressed())
    def test_finds_the_same_where_the_search_begins_near_the_best(self, of):
        # A bound this wide leaves it something to search for.
        with mock.patch.multiple(solve, _MANY=0, _NEAR=1.0):
            the_best(of)

    @examples(max_examples=400)
    @given(of=markets(), rounds=st.sampled_from([1, 2, 20]))
    def test_bounds_the_best_after_any_number_of_looks_at_every_pair(self, of, rounds):
        run = Settings(floors=(), exact_below=0, of_a_want=1, of_an_offer=1, rounds=rounds)
        with mock.patch.object(national, "_FEW", 0):
            try:
                solution = solve.solve(of, run)
            except Unsolved:
                assume(False)

        step = solution.prices.step
        best = max(
            verify.objective_of(
                of, run, edges(*((*row, worth) for row, worth in rows.items())), step
            )
            for rows in oracle.outcomes(of)
        )
        assert solution.objective <= best <= solution.bound

    @examples(max_examples=200)
    @given(of=pressed(), data=st.data())
    def test_finds_the_same_worth_whatever_the_order_of_people(self, of, data):
        mentees = np.array(data.draw(st.permutations(range(len(of.held)))))
        mentors = np.array(data.draw(st.permutations(range(len(of.places)))))

        mixed = _mixed(of, mentees, mentors)

        assert [level.value for level in solve.solve(of, Settings()).levels] == [
            level.value for level in solve.solve(mixed, Settings()).levels
        ]


class TestPortfolio:
    #: One mentor is the best for both kinds, and takes one of each.
    PAIRS = edges((0, 0, 0, 900), (0, 0, 1, 300), (0, 1, 0, 800), (0, 1, 1, 700))
    #: No flow keeps the rule of one kind where places of a kind bind.
    OF_KIND = np.array([[1, 1], [1, 1]])

    def test_gives_one_kind_of_a_person_who_limits_kinds(self):
        of = market(self.PAIRS, mentees=1, mentors=2, kinds=2, places_by_kind=self.OF_KIND)

        chosen = solve.solve(of, Settings(floors=())).chosen

        assert oracle.rows(chosen) == {(0, 0, 0): 900, (0, 1, 1): 700}

    def test_leaves_a_want_open_rather_than_take_one_more_of_an_institution(self):
        of = market(
            self.PAIRS,
            mentees=1,
            mentors=2,
            kinds=2,
            institution=np.array([0, 0]),
            most_from_one_institution=1,
        )

        solution = solve.solve(of, Settings(floors=()))

        assert oracle.rows(solution.chosen) == {(0, 0, 0): 900}
        assert solution.proven

    @given(of=pressed())
    def test_says_of_an_answer_whether_it_stands_as_the_verifier_does(self, of):
        relaxed = replace(
            of, one_kind_per_mentor=False, most_from_one_institution=None, quotas=None
        )
        chosen = solve.solve(relaxed, Settings(floors=())).chosen

        breaches = {breach.code for breach in verify.check_pairs(of, chosen)}

        of_portfolios = {verify.Code.TWO_KINDS, verify.Code.INSTITUTION, verify.Code.OUTSIDE}
        broken = breaches & of_portfolios
        assert portfolio.stands(of, chosen) == (not broken)


def _mixed(of: Market, mentees: np.ndarray, mentors: np.ndarray) -> Market:
    """The same people in another order: who was at `mentees[i]` is now at `i`."""
    to_mentee, to_mentor = np.argsort(mentees), np.argsort(mentors)

    def moved(some):
        return edges(
            *(
                (int(to_mentee[i]), k, int(to_mentor[j]), worth)
                for (i, k, j), worth in oracle.rows(some).items()
            )
        )

    kinds = of.wants.shape[1]
    plain = market(
        moved(of.possible.every()), mentees=len(mentees), mentors=len(mentors), kinds=kinds
    )
    return replace(
        of,
        wants=of.wants[mentees],
        held=of.held[mentees],
        waited=of.waited[mentees],
        priority=of.priority[mentees],
        places=of.places[mentors],
        places_by_kind=of.places_by_kind[mentors],
        load=of.load[mentors],
        institution=of.institution[mentors],
        possible=plain.possible,
        pins=moved(of.pins),
        before=moved(of.before),
        held_from=None if of.held_from is None else of.held_from[mentees],
        quotas=of.quotas
        and Quotas(of.quotas.school[mentees], of.quotas.home[mentors], of.quotas.places[mentors]),
    )
