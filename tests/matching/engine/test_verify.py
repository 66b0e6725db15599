"""A result that is not what it says it is gives itself away, in whatever way it was spoilt."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from mentorship.matching.engine import bounds, solve, verify
from mentorship.matching.engine.market import Edges, Quotas
from mentorship.matching.engine.settings import Settings
from mentorship.matching.engine.solution import Level, Unsolved
from mentorship.matching.engine.verify import Code
from tests.matching.engine import oracle
from tests.matching.engine.markets import edges, market, markets, pressed

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

    def test_finds_more_of_other_schools_than_the_quota(self):
        two = (0, 0, 0, 900), (1, 0, 0, 500)
        school, home = np.array([1, -1]), np.array([0, -1])

        def quota(places):
            return small(quotas=Quotas(school, home, np.array([places, 0])))

        assert codes(quota(1), *two) == [Code.OUTSIDE]
        assert codes(quota(2), *two) == []
        assert codes(quota(0), (0, 1, 1, 600)) == []

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


def solved(of, run=RUN):
    """The market's solution, if its pins can stand together."""
    try:
        return solve.solve(of, run)
    except Unsolved:
        assume(False)


class TestClaims:
    @examples(max_examples=200)
    @given(of=markets() | pressed(), run=st.sampled_from([RUN, Settings(floors=())]))
    def test_holds_what_the_solver_says(self, of, run):
        solution = solved(of, run)

        assert verify.check(of, run, solution.chosen, claimed=solution) == ()

    @examples(max_examples=200)
    @given(of=markets() | pressed(), data=st.data())
    def test_catches_any_pair_left_out_added_or_changed(self, of, data):
        solution = solved(of)
        chosen = oracle.rows(solution.chosen)
        possible = sorted(oracle.rows(of.possible.every()).items())
        ways = [*(["out", "worth"] if chosen else []), *(["in"] if possible else [])]
        assume(ways)
        match data.draw(st.sampled_from(ways)):
            case "out":
                chosen.pop(data.draw(st.sampled_from(sorted(chosen))))
            case "worth":
                chosen[data.draw(st.sampled_from(sorted(chosen)))] += data.draw(
                    st.sampled_from([-1, 1])
                )
            case "in":
                row, worth = data.draw(st.sampled_from(possible))
                assume(row not in chosen)
                chosen[row] = worth
        spoilt = edges(*((*row, worth) for row, worth in chosen.items()))

        assert verify.check(of, RUN, spoilt, claimed=solution)

    @examples(max_examples=150)
    @given(of=markets(), data=st.data(), by=st.sampled_from([-1, 1]))
    def test_catches_a_level_that_is_not_what_was_reached(self, of, data, by):
        solution = solved(of)
        place = data.draw(st.integers(0, len(solution.levels) - 1))
        level = solution.levels[place]
        wrong = Level(level.name, level.value + by, level.bound + by)
        levels = (*solution.levels[:place], wrong, *solution.levels[place + 1 :])

        breaches = verify.check(of, RUN, solution.chosen, claimed=replace(solution, levels=levels))

        assert [(breach.code, breach.where) for breach in breaches] == [(Code.LEVEL, (place,))]

    @pytest.mark.parametrize(("name", "by"), [("pairs", -1), ("fullness", 1), ("worth", -1)])
    def test_catches_a_level_beyond_its_own_bound(self, name, by):
        solution = solve.solve(small(), RUN)
        levels = tuple(
            replace(level, bound=level.bound + by) if level.name == name else level
            for level in solution.levels
        )

        breaches = verify.check(
            small(), RUN, solution.chosen, claimed=replace(solution, levels=levels)
        )

        assert [breach.code for breach in breaches] == [Code.BOUND]

    @examples(max_examples=100)
    @given(of=markets(), by=st.sampled_from([-1, 1, 10**9]))
    def test_catches_an_objective_that_does_not_add_up(self, of, by):
        solution = solved(of)
        claimed = replace(solution, objective=solution.objective + by, bound=solution.bound + by)

        breaches = verify.check(of, RUN, solution.chosen, claimed=claimed)

        assert Code.OBJECTIVE in [breach.code for breach in breaches]

    @examples(max_examples=100)
    @given(of=markets(), by=st.integers(1, 10**6))
    def test_catches_a_bound_that_is_not_what_the_prices_prove(self, of, by):
        of = replace(of, one_kind_per_mentor=False, most_from_one_institution=None, quotas=None)
        run = Settings(floors=())
        solution = solved(of, run)
        assume(solution.objective >= by)
        worth = max(1, solution.level("worth").value)
        lower = replace(solution, bound=solution.bound - by, gap=-by / worth, proven=False)

        breaches = verify.check(of, run, solution.chosen, claimed=lower)

        assert {breach.code for breach in breaches} == {Code.BOUND}

    def test_catches_prices_that_do_not_prove_the_bound(self):
        of = small(one_kind_per_mentor=False)
        run = Settings(floors=())
        solution = solve.solve(of, run)
        raised = replace(solution.prices, offer=solution.prices.offer + 1)

        breaches = verify.check(of, run, solution.chosen, claimed=replace(solution, prices=raised))

        assert [breach.code for breach in breaches] == [Code.BOUND]

    @pytest.mark.parametrize("spoilt", [{"gap": 0.5}, {"gap": -0.1}, {"gap": float("nan")}])
    def test_catches_a_gap_that_is_not_the_distance_to_the_bound(self, spoilt):
        solution = solve.solve(small(), RUN)

        breaches = verify.check(small(), RUN, solution.chosen, claimed=replace(solution, **spoilt))

        assert Code.GAP in [breach.code for breach in breaches]

    @given(of=markets(), data=st.data())
    def test_whatever_the_prices_nothing_exceeds_the_bound_that_they_prove(self, of, data):
        """Weak duality: the verifier's own bound needs no trust in where prices come from."""
        of = replace(of, one_kind_per_mentor=False, most_from_one_institution=None, quotas=None)
        solution = solved(of, RUN)
        some = st.integers(-(10**6), 10**6)

        def moved(prices):
            shifts = data.draw(st.lists(some, min_size=prices.size, max_size=prices.size))
            return prices + np.array(shifts).reshape(prices.shape)

        prices = replace(
            solution.prices,
            want=moved(solution.prices.want),
            offer=moved(solution.prices.offer).clip(0),
        )

        assert bounds.bound_of(of, RUN, prices) >= solution.objective
