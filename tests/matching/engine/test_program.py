"""Whole-number programs against trying every column, where floating point answers in halves."""

from itertools import product

import numpy as np
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from mentorship.matching.engine import program
from mentorship.matching.engine.program import Program
from tests.matching.engine.luck import LUCK


@st.composite
def programs(draw) -> Program:
    """Up to seven columns; rows that overlap in odd ways. Leaving all at 0 holds."""
    luck = draw(LUCK)
    columns, rows = luck.whole(1, 7), luck.whole(1, 6)
    row, column = np.divmod(np.arange(columns * rows), columns)
    entries = luck.wholes(columns * rows, least=-1, most=3)
    equal = luck.wholes(rows, most=6) == 6
    limit = luck.wholes(rows, most=4)
    return Program(
        matrix=program.matrix(row, column, entries, shape=(rows, columns)),
        limit=np.where(equal, 0, limit),
        equal=equal,
        lower=np.zeros(columns, np.int64),
        upper=luck.wholes(columns, least=1, most=2),
        first=luck.wholes(columns, most=1) > 0,
    )


def all_that_hold(of: Program) -> list[np.ndarray]:
    ranges = [range(low, high + 1) for low, high in zip(of.lower, of.upper, strict=True)]
    every = np.array(list(product(*ranges)), np.int64)
    reached = every @ of.matrix.toarray().T
    holds = np.where(of.equal, reached == of.limit, reached <= of.limit).all(axis=1)
    return list(every[holds])


def goals(columns: int) -> st.SearchStrategy[np.ndarray]:
    small, large = st.integers(-3, 5), st.integers(-(10**9), 10**9)
    return st.lists(small | large, min_size=columns, max_size=columns).map(np.array)


class TestBest:
    @examples(max_examples=400)
    @given(of=programs(), data=st.data())
    def test_is_the_best_of_all_that_hold_and_says_so(self, of, data):
        goal = data.draw(goals(len(of.upper)))

        found = program.best(of, goal, np.zeros(len(goal), np.int64))

        assert of.holds(found.column)
        assert found.value == found.bound == int(goal @ found.column)
        assert found.value == max(int(goal @ column) for column in all_that_hold(of))

    @examples(max_examples=300)
    @given(of=programs(), data=st.data())
    def test_finds_columns_that_it_did_not_look_at_first(self, of, data):
        goal = data.draw(goals(len(of.upper)))
        few = program._FEW
        program._FEW = 0
        try:
            found = program.best(of, goal, np.zeros(len(goal), np.int64))
        finally:
            program._FEW = few

        assert found.value == max(int(goal @ column) for column in all_that_hold(of))

    @given(of=programs(), data=st.data())
    def test_bounds_what_holds_with_any_multipliers(self, of, data):
        """Whatever floating point says, a bound is one."""
        goal = data.draw(goals(len(of.upper)))
        some = st.integers(-2000, 2000)
        multiplier = np.array(data.draw(st.lists(some, min_size=6, max_size=6)))[: len(of.limit)]
        multiplier = np.where(of.equal, multiplier, np.abs(multiplier))

        proof = program._proof(of, goal, multiplier, 7)

        assert all(7 * int(goal @ column) <= proof.bound for column in all_that_hold(of))


class TestFrozen:
    @examples(max_examples=400)
    @given(of=programs(), data=st.data())
    def test_leaves_what_reaches_as_much_and_nothing_else(self, of, data):
        goal = data.draw(goals(len(of.upper)))
        found = program.best(of, goal, np.zeros(len(goal), np.int64))

        left = program.frozen(of, goal, found)

        as_good = {
            tuple(column) for column in all_that_hold(of) if int(goal @ column) == found.value
        }
        assert {tuple(column) for column in all_that_hold(left)} == as_good

    @examples(max_examples=300)
    @given(of=programs(), data=st.data())
    def test_a_second_goal_is_the_best_that_the_first_leaves(self, of, data):
        first, second = (data.draw(goals(len(of.upper))) for _ in range(2))
        found = program.best(of, first, np.zeros(len(first), np.int64))
        left = program.frozen(of, first, found)

        then = program.best(left, second, found.column)

        assert (found.value, then.value) == max(
            (int(first @ column), int(second @ column)) for column in all_that_hold(of)
        )
