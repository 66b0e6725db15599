"""A result that is not what it says it is gives itself away, in whatever way it was spoilt."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from mentorship.matching.engine import verify
from mentorship.matching.engine.market import Edges
from mentorship.matching.engine.settings import Settings
from mentorship.matching.engine.verify import Code
from tests.matching.engine import oracle
from tests.matching.engine.markets import edges, market, markets

RUN = Settings(floors=(20, 45), keep=3)

#: Two mentees, two kinds, two mentors of one institution; everything is possible but (1, 1, 1).
PAIRS = edges(
    (0, 0, 0, 900), (0, 0, 1, 800), (0, 1, 0, 700), (0, 1, 1, 600),
    (1, 0, 0, 500), (1, 0, 1, 400), (1, 1, 0, 300),
)  # fmt: skip


def small(**stated):
    plain = {"institution": np.zeros(2, int)}
    return market(PAIRS, mentees=2, mentors=2, kinds=2, **plain | stated)


def codes(of, *rows: tuple[int, int, int, int]) -> list[Code]:
    return [breach.code for breach in verify.check_pairs(of, edges(*rows))]


class TestRules:
    def test_finds_nothing_wrong_with_a_good_result(self):
        assert codes(small(), (0, 0, 0, 900), (0, 1, 1, 600), (1, 0, 0, 500)) == []
        assert codes(small()) == []

    @pytest.mark.parametrize(
        ("row", "code"),
        [
            ((1, 1, 1, 200), Code.NOT_POSSIBLE),
            ((0, 0, 0, 901), Code.WRONG_WORTH),
            ((2, 0, 0, 900), Code.OUT_OF_RANGE),
            ((0, 2, 0, 900), Code.OUT_OF_RANGE),
            ((0, 0, -1, 900), Code.OUT_OF_RANGE),
        ],
    )
    def test_finds_a_pair_that_cannot_be(self, row, code):
        breaches = verify.check_pairs(small(), edges(row))

        assert [(breach.code, breach.where) for breach in breaches] == [(code, row[:3])]

    def test_finds_a_pair_that_nobody_asked_for(self):
        of = small(wants=np.array([[True, False], [True, True]]))

        assert codes(of, (0, 1, 0, 700)) == [Code.NOT_WANTED]

    def test_finds_two_mentors_for_one_want(self):
        assert codes(small(), (0, 0, 0, 900), (0, 0, 1, 800)) == [Code.WANT_TWICE]

    def test_finds_a_pair_that_is_there_twice(self):
        assert Code.WANT_TWICE in codes(small(), (0, 0, 0, 900), (0, 0, 0, 900))

    def test_finds_a_mentor_with_more_than_all_places(self):
        of = small(places=[1, 2], places_by_kind=np.full((2, 2), 2))

        assert codes(of, (0, 0, 0, 900), (1, 0, 0, 500)) == [Code.TOO_MANY]

    def test_finds_a_mentor_with_more_than_the_places_of_a_kind(self):
        of = small(places_by_kind=np.array([[1, 2], [2, 2]]))

        assert codes(of, (0, 0, 0, 900), (1, 0, 0, 500)) == [Code.TOO_MANY_OF_KIND]

    def test_finds_one_person_as_two_kinds_where_that_is_not_allowed(self):
        both = (0, 0, 0, 900), (0, 1, 0, 700)

        assert codes(small(), *both) == [Code.TWO_KINDS]
        assert codes(small(one_kind_per_mentor=False), *both) == []

    def test_finds_more_of_one_institution_than_allowed_counting_those_held(self):
        two = (0, 0, 0, 900), (0, 1, 1, 600)

        assert codes(small(most_from_one_institution=1), *two) == [Code.INSTITUTION]
        assert codes(small(most_from_one_institution=2), *two) == []
        held = small(most_from_one_institution=2, held_from=np.array([[1], [0]]))
        assert codes(held, *two) == [Code.INSTITUTION]
        unknown = small(most_from_one_institution=1, institution=np.array([-1, -1]))
        assert codes(unknown, *two) == []

    def test_finds_a_pin_that_is_not_kept_and_lets_a_pin_overrule_what_is_possible(self):
        of = small(pins=edges((1, 1, 1, 200)), wants=np.array([[True, True], [True, False]]))

        assert codes(of, (0, 0, 0, 900)) == [Code.PIN_MISSING]
        assert codes(of, (0, 0, 0, 900), (1, 1, 1, 200)) == []
        assert codes(of, (0, 0, 0, 900), (1, 1, 1, 201)) == [Code.WRONG_WORTH]

    @examples(max_examples=300)
    @given(of=markets(), data=st.data())
    def test_agrees_with_the_oracle_on_any_set_of_possible_pairs(self, of, data):
        possible = oracle.rows(of.possible.every()) | oracle.rows(of.pins)
        assume(possible)
        picked = data.draw(st.lists(st.sampled_from(sorted(possible)), unique=True, max_size=6))
        chosen = {row: possible[row] for row in {*picked, *oracle.rows(of.pins)}}

        breaches = verify.check_pairs(of, edges(*((*row, chosen[row]) for row in chosen)))

        assert (breaches == ()) == oracle.stands(of, chosen)


class TestLevels:
    @examples(max_examples=200)
    @given(of=markets(), data=st.data())
    def test_come_out_as_the_oracle_reckons_them(self, of, data):
        some = data.draw(st.sampled_from(list(oracle.outcomes(of)) or [{}]))
        chosen: Edges = edges(*((*row, worth) for row, worth in some.items()))

        assert verify.levels_of(of, RUN, chosen).order == oracle.standing(of, RUN, some)

    def test_count_from_scratch(self):
        of = small(
            held=np.array([1, 0]),
            waited=np.array([False, True]),
            load=np.array([1, 0]),
            before=edges((1, 0, 0, 0)),
        )
        chosen = edges((0, 0, 0, 900), (1, 0, 0, 500))
        run = Settings(floors=(600,), point=1, keep=7)

        standing = verify.levels_of(of, run, chosen)

        assert standing.having == (2, 1, 0)
        assert standing.waited == (1, 0, 0)
        assert standing.above_floors == (-1,)
        assert standing.total == 900 + 500 + 7
        # A third of the way with the one carried: the first place makes it 66, the second 100.
        assert standing.evenness == -166
        assert standing.kept == 1
        assert replace(standing, kept=0).order < standing.order
