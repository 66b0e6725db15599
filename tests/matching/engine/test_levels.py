"""Every level in its order: exact against trying everything, and proven."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mentorship.matching.engine import levels, national, network, solve, verify
from mentorship.matching.engine.market import SCALE
from mentorship.matching.engine.settings import Settings
from mentorship.matching.engine.solution import Unsolved
from tests.matching.engine import markets as make
from tests.matching.engine import oracle


def without_portfolio(market):
    """The same market with rules that a flow can keep."""
    market = replace(market, most_from_one_institution=None, held_from=None)
    if network.Layout(market, None).binding.any():
        market = replace(market, one_kind_per_mentor=False)
    return market


flows = make.markets().map(without_portfolio)
floors = st.sampled_from([(), (20,), (20, 30, 45)])


def insist_on_the_best(market, wish):
    best = oracle.best(market, wish)
    if best is None:
        with pytest.raises(Unsolved, match="cannot stand together"):
            solve.solve(market, wish)
        return

    solution = solve.solve(market, wish)

    assert verify.check_pairs(market, solution.chosen) == ()
    assert oracle.standing(market, wish, oracle.rows(solution.chosen)) == best
    assert solution.proven
    assert solution.gap == 0
    assert solution.certificate["proven"]
    assert all(level.proven for level in solution.levels)


class TestSolve:
    @settings(max_examples=200)
    @given(flows, floors, st.sampled_from([0, 7]))
    def test_is_best_level_by_level(self, market, floors, keep):
        insist_on_the_best(market, Settings(floors=floors, keep=keep))

    @settings(max_examples=100)
    @given(flows, floors)
    def test_is_as_good_where_each_good_needs_a_stage_and_few_pairs_are_seen(self, market, floors):
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(levels.flow, "fits", lambda cost, nodes: cost <= 10**9)
            patched.setattr(levels, "MORE_OF_A_WANT", 1)
            patched.setattr(national, "_FEW", 0)

            insist_on_the_best(market, Settings(floors=floors, of_a_want=1, of_an_offer=1))

    def test_refuses_worth_beyond_64_bits(self):
        market = make.market(make.edges((0, 0, 0, 2**60)), mentees=1, mentors=1, kinds=1)

        with pytest.raises(Unsolved, match="beyond 64 bits"):
            solve.solve(market)


class TestPlanned:
    def test_weighs_as_many_goods_into_one_stage_as_64_bits_allow(self):
        pairs = make.edges(*((i, 0, i, SCALE) for i in range(4)))
        layout = network.lay_out(
            make.market(pairs, mentees=4, mentors=4, kinds=1), Settings(), pairs
        )
        goods = ["coverage", "worth", "fullness"]

        together = levels.planned(layout, goods, nodes=20)
        apart = levels.planned(layout, goods, nodes=2**36)

        assert [[good for good, _ in stage] for stage in together] == [goods]
        assert [[good for good, _ in stage] for stage in apart] == [
            ["coverage", "worth"],
            ["fullness"],
        ]
        most = levels.most_together(layout, together[0][1:])
        assert together[0][0][1] > layout.slots * most
