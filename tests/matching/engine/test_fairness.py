"""Groups are told apart truly, held against their own best, and never so few as to be known."""

from dataclasses import astuple
from itertools import combinations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mentorship.matching.engine import fairness
from mentorship.matching.engine import solve as engine
from mentorship.matching.engine.changes import Only
from mentorship.matching.engine.fairness import Served
from mentorship.matching.engine.market import Market
from mentorship.matching.engine.solution import Solution
from tests.matching.engine import markets as make
from tests.matching.engine import oracle
from tests.matching.engine.trying import PLAIN, answer, solved


def school(*answers: str, fewest: int = fairness.FEWEST) -> fairness.Question:
    """One question of so many mentees, each of whom asks for something."""
    pairs = make.edges(*((mentee, 0, 0, 50) for mentee in range(len(answers))))
    market = make.market(pairs, mentees=len(answers), mentors=1, kinds=1)
    told = fairness.fairness(
        market,
        answer(make.edges()),
        {"school": [(one,) if one else () for one in answers]},
        fewest=fewest,
    )
    return told.questions[0]


def by_engine(market: Market) -> Solution:
    return engine.solve(market, PLAIN)


def names(question: fairness.Question) -> list[str]:
    return [group.name for group in question.groups]


class TestServed:
    PAIRS = make.edges((0, 0, 0, 40), (1, 0, 0, 60), (1, 1, 1, 80), (2, 0, 0, 20))

    def test_counts_what_each_group_asked_for_and_got(self):
        market = make.market(self.PAIRS, mentees=3, mentors=2, kinds=2)
        some = answer(self.PAIRS[np.array([1, 2])])

        told = fairness.fairness(market, some, {"stage": [("M1",), ("M2",), ("M1",)]}, fewest=1)

        assert told.everyone == Served(mentees=3, with_a_mentor=1, wanted=4, filled=2, worth=140)
        [question] = told.questions
        assert {group.name: group.served for group in question.groups} == {
            "M1": Served(mentees=2, with_a_mentor=0, wanted=2, filled=0, worth=0),
            "M2": Served(mentees=1, with_a_mentor=1, wanted=2, filled=2, worth=140),
        }
        assert question.spread == 100
        assert question.groups[1].served.mean_worth == 70
        assert question.groups[0].served.mean_worth is None

    @given(make.markets(most_wants=5), st.data())
    def test_no_group_could_get_more_than_its_best(self, market, data):
        assume(oracle.stands(market, oracle.rows(market.pins)))
        who = np.array([data.draw(st.booleans()) for _ in market.wants])
        answers = {"group": [("in",) if one else ("out",) for one in who]}

        told = fairness.fairness(market, solved(market), answers, solve=by_engine, fewest=1)

        for group in told.questions[0].groups:
            mentees = who if group.name == "in" else ~who
            assert group.best is not None
            assert group.served.with_a_mentor <= group.best.with_a_mentor
            alone = Only(mentees).made(market)
            assert len(solved(alone).chosen) == group.best.filled


class TestHiding:
    def test_hides_groups_of_fewer_than_five(self):
        question = school(*"AAAAABBBBBCCCCCDDDDEEE")

        assert names(question) == ["A", "B", "C"]
        assert question.hidden == 2

    def test_hides_one_more_where_a_single_one_could_be_reckoned(self):
        question = school(*"AAAAAABBBBBCC")

        assert names(question) == ["A"]
        assert question.hidden == 2

    def test_hides_a_group_whose_outsiders_are_a_few(self):
        # Nine of eleven gave it; whoever knows the whole knows the other two.
        assert names(school(*"AAAAAAAAA", "", "")) == []

    def test_shows_an_answer_that_everyone_gave(self):
        assert names(school(*"AAAAA")) == ["A"]

    @given(
        st.lists(st.sets(st.sampled_from("ABCDE"), max_size=2), min_size=1, max_size=30),
        st.integers(2, 5),
    )
    def test_nothing_shown_tells_of_a_few(self, given_answers, fewest):
        pairs = make.edges(*((mentee, 0, 0, 50) for mentee in range(len(given_answers))))
        market = make.market(pairs, mentees=len(given_answers), mentors=1, kinds=1)
        told = fairness.fairness(
            market,
            answer(make.edges()),
            {"affinity": [sorted(one) for one in given_answers]},
            fewest=fewest,
        )

        whole = len(given_answers)
        shown = {group.name: group.served.mentees for group in told.questions[0].groups}
        for name, count in shown.items():
            assert count == sum(name in one for one in given_answers)
            assert count >= fewest
            assert whole - count == 0 or whole - count >= fewest
        outside = sum(not one & shown.keys() for one in given_answers)
        assert outside == 0 or outside >= fewest or not shown


class TestSpread:
    def spread(self, *given: int, places: int = 4) -> fairness.Spread:
        rows = [(i, 0, j, 1) for j, count in enumerate(given) for i in range(count)]
        market = make.market(
            make.edges(*rows),
            mentees=max(given, default=0),
            mentors=len(given),
            kinds=1,
            places=[places] * len(given),
        )
        return fairness.spread(market, make.edges(*rows))

    def test_is_none_where_all_are_equally_full(self):
        spread = self.spread(2, 2, 2)

        assert (spread.mean, spread.deviation, spread.gini) == (50.0, 0.0, 0.0)

    def test_counts_who_has_nobody_and_who_is_full(self):
        spread = self.spread(4, 0, 1)

        assert (spread.mentors, spread.idle, spread.full) == (3, 1, 1)

    def test_is_nothing_without_mentors(self):
        assert set(astuple(self.spread())) == {0}

    @pytest.mark.parametrize("given_places", [(4, 0, 1), (1, 2, 3, 4), (0, 0, 4)])
    def test_is_half_the_mean_difference(self, given_places):
        spread = self.spread(*given_places)

        differences = sum(abs(one - other) for one, other in combinations(given_places, 2))
        count = len(given_places)
        assert spread.gini == pytest.approx(differences / (count * sum(given_places)), abs=0.0006)
