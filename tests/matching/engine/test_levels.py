"""Every level in its order: exact against trying everything, and proven."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mentorship.matching.engine import network, solve, verify
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


class TestSolve:
    @settings(max_examples=300)
    @given(flows, st.sampled_from([(), (20,), (20, 30, 45)]), st.sampled_from([0, 7]))
    def test_is_best_level_by_level(self, market, floors, keep):
        wish = Settings(floors=floors, keep=keep)
        best = oracle.best(market, wish)
        if best is None:
            with pytest.raises(Unsolved, match="cannot stand together"):
                solve.solve(market, wish)
            return

        solution = solve.solve(market, wish)

        assert verify.check_pairs(market, solution.chosen) == ()
        assert (
            oracle.standing(market, wish, oracle.rows(solution.chosen)) == best
        )
        assert solution.proven
        assert solution.gap == 0
        assert solution.certificate["proven"]
        assert all(level.proven for level in solution.levels)
