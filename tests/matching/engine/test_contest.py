"""What is said of a pair that was not chosen is true once it is made."""

import numpy as np
import pytest
from hypothesis import assume, given

from mentorship.matching.engine import contest
from mentorship.matching.engine import solve as engine
from mentorship.matching.engine.contest import Contest
from mentorship.matching.engine.market import Market
from mentorship.matching.engine.settings import Settings
from mentorship.matching.engine.solution import Solution, Unsolved
from tests.matching.engine import markets as make
from tests.matching.engine import oracle

PLAIN = Settings(floors=())


def solved(market: Market) -> Solution:
    return engine.solve(market, PLAIN)


def between(market: Market, mentee: int, kind: int, mentor: int) -> Contest | None:
    return contest.contest(
        market, solved(market), mentee=mentee, kind=kind, mentor=mentor, settings=PLAIN
    )


def coverage(market: Market, chosen: dict[oracle.Row, int]) -> tuple:
    *ranks, _, _, _, _ = oracle.standing(market, PLAIN, chosen)
    return tuple(ranks)


class TestContest:
    PAIRS = make.edges((0, 0, 0, 90), (1, 0, 0, 70), (2, 0, 0, 40), (2, 0, 1, 10))

    def market(self, **stated) -> Market:
        return make.market(self.PAIRS, mentees=3, mentors=2, kinds=1, **stated)

    def test_says_who_has_the_places_and_by_what_margin(self):
        found = between(self.market(), 2, 0, 0)

        assert oracle.rows(found.holders) == {(1, 0, 0): 70, (0, 0, 0): 90}
        assert found.margins.tolist() == [30, 50]
        assert oracle.rows(found.instead) == {(2, 0, 1): 10}

    def test_names_only_those_of_the_kind_where_it_is_the_kind_that_is_full(self):
        pairs = make.edges((0, 0, 0, 90), (1, 0, 0, 70), (2, 1, 0, 80))
        market = make.market(
            pairs, mentees=3, mentors=1, kinds=2, places=[3], places_by_kind=np.array([[1, 2]])
        )

        found = between(market, 1, 0, 0)

        assert oracle.rows(found.holders) == {(0, 0, 0): 90}

    def test_is_none_where_a_rule_stands_or_they_are_paired(self):
        market = self.market()

        assert between(market, 0, 0, 1) is None
        assert between(market, 0, 0, 0) is None

    def test_counts_what_pairing_them_would_leave(self):
        market = self.market(places=[2, 0])
        pair = between(market, 2, 0, 0).pair

        found = contest.cost(market, solved(market), pair, solve=solved, settings=PLAIN)

        assert (found.now.filled, found.then.filled) == (2, 2)
        assert found.worth == 30
        assert oracle.rows(found.ended).keys() == {(1, 0, 0)}
        assert len(found.begun) == 0

    def test_sees_who_would_be_passed_over(self):
        market = self.market(places=[2, 0], waited=np.array([False, True, False]))
        pair = between(market, 2, 0, 0).pair
        instead_of_first = contest.cost(market, solved(market), pair, solve=solved, settings=PLAIN)

        assert not instead_of_first.passes_over
        one = self.market(places=[1, 0], waited=np.array([False, True, False]))
        pair = between(one, 2, 0, 0).pair
        assert contest.cost(one, solved(one), pair, solve=solved, settings=PLAIN).passes_over

    def test_finds_how_many_places_would_do(self):
        market = self.market(places=[1, 0])
        pair = between(market, 2, 0, 0).pair

        change = contest.enough_places(market, pair, solve=solved)

        assert change.count == 2

    def test_claims_no_bound_where_a_rule_beside_the_flow_decided(self):
        # One mentor of each institution at most: which of the two serves which kind is all the
        # same, though without the rule the better one would serve both.
        pairs = make.edges((0, 0, 0, 100), (0, 0, 1, 0), (0, 1, 0, 100), (0, 1, 1, 0))
        market = make.market(
            pairs,
            mentees=1,
            mentors=2,
            kinds=2,
            institution=np.array([0, 1]),
            one_kind_per_mentor=False,
            most_from_one_institution=1,
        )
        solution = solved(market)

        found = contested(market, solution)

        assert len(found) == 2
        for one in found:
            assert one.at_least is None
            cost = contest.cost(market, solution, one.pair, solve=solved, settings=PLAIN)
            assert (cost.worth, cost.passes_over) == (0, False)

    @given(make.markets(most_wants=5))
    def test_costs_what_it_says_and_never_less_than_the_bound(self, market):
        assume(oracle.stands(market, oracle.rows(market.pins)))
        solution = solved(market)
        now = coverage(market, oracle.rows(solution.chosen))
        for found in contested(market, solution)[:4]:
            forced = found.pair.made(market)
            best = max(
                oracle.outcomes(forced),
                key=lambda chosen, forced=forced: oracle.standing(forced, PLAIN, chosen),
                default=None,
            )
            if best is None:
                with pytest.raises(Unsolved):
                    contest.cost(market, solution, found.pair, solve=solved, settings=PLAIN)
                continue

            cost = contest.cost(market, solution, found.pair, solve=solved, settings=PLAIN)

            then = coverage(forced, best)
            assert cost.passes_over == (then < now)
            assert cost.worth == int(solution.chosen.worth.sum()) - sum(best.values())
            if found.at_least and found.at_least.steps:
                assert then < now
            elif found.at_least and then == now:
                assert cost.worth >= found.at_least.worth

    @given(make.markets(most_wants=5))
    def test_more_places_bring_about_what_they_are_said_to(self, market):
        assume(oracle.stands(market, oracle.rows(market.pins)))
        for found in contested(market, solved(market))[:3]:
            change = contest.enough_places(market, found.pair, solve=solved)

            if change:
                after = oracle.rows(solved(change.made(market)).chosen)
                assert (found.pair.mentee, found.pair.kind, found.pair.mentor) in after


def contested(market: Market, solution: Solution) -> list[Contest]:
    """Every pair that breaks no rule and was not chosen."""
    found = (
        contest.contest(market, solution, mentee=mentee, kind=kind, mentor=mentor, settings=PLAIN)
        for mentee, kind, mentor in oracle.rows(market.possible.every())
    )
    return [one for one in found if one]
