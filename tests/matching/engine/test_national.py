"""Few pairs seen, every pair judged: the same best as with all of them, and honest bounds."""

from dataclasses import replace

import numpy as np
import pytest

from mentorship.matching.engine import levels, national, solve, verify
from mentorship.matching.engine.listed import Listed
from mentorship.matching.engine.market import SCALE, Edges, Market
from mentorship.matching.engine.settings import Settings
from tests.matching.engine import markets as make

ALL_AT_ONCE = Settings(floors=(), of_a_want=10**6, of_an_offer=10**6)
FEW = Settings(floors=(), of_a_want=1, of_an_offer=1)


def town(seed: int, *, one_kind: bool = True, places: float = 1.0) -> Market:
    """60 mentees and 20 mentors who would all do for each other, some far better than others."""
    luck = np.random.default_rng(seed)
    mentees, mentors, kinds = 60, 20, 3
    wants = luck.random((mentees, kinds)) < 0.6
    mentee, kind = np.nonzero(wants)
    people = (
        np.repeat(mentee, mentors),
        np.repeat(kind, mentors),
        np.tile(range(mentors), len(mentee)),
    )
    good = luck.random(mentors)[people[2]] * 0.5 + luck.random(len(people[0])) * 0.5
    pairs = Edges(*people, (good * SCALE).astype(np.int64))
    pairs = pairs[luck.random(len(pairs)) < 0.8]
    room = luck.multinomial(int(wants.sum() * places), np.full(mentors, 1 / mentors))
    market = make.market(
        pairs,
        mentees=mentees,
        mentors=mentors,
        kinds=kinds,
        waited=luck.random(mentees) < 0.1,
        priority=luck.integers(0, 3, mentees),
        places=room,
        one_kind_per_mentor=one_kind,
    )
    return replace(market, wants=wants, possible=Listed(pairs, (mentees, kinds, mentors)))


@pytest.fixture(autouse=True)
def _every_market_is_large(monkeypatch):
    monkeypatch.setattr(national, "_FEW", 0)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("places", [0.7, 1.0, 1.5])
@pytest.mark.parametrize("one_kind", [True, False])
class TestFound:
    def test_is_as_good_as_with_every_pair(self, seed, places, one_kind):
        market = town(seed, one_kind=one_kind, places=places)

        one, other = solve.solve(market, FEW), solve.solve(market, ALL_AT_ONCE)

        assert one.levels == other.levels
        assert one.proven
        assert one.certificate["rounds"] > 1
        assert verify.check_pairs(market, one.chosen) == ()

    def test_tells_a_bound_that_holds_when_it_ends_early(self, seed, places, one_kind):
        market = town(seed, one_kind=one_kind, places=places)

        best = solve.solve(market, FEW)
        early = solve.solve(market, replace(FEW, exact_below=0, rounds=1))

        assert verify.check_pairs(market, early.chosen) == ()
        assert early.objective <= best.objective <= early.bound
        assert early.proven == (early.gap == 0) == (early.objective == early.bound)
        assert early.left_out == ("fullness",)

    def test_tells_of_the_badly_off_where_nobody_is(self, seed, places, one_kind):
        market = town(seed, one_kind=one_kind, places=places)
        floors = replace(FEW, floors=(10, 30, 60, 80))

        best = solve.solve(market, floors)
        early = solve.solve(market, replace(floors, exact_below=0, rounds=1))

        told = [level for level in early.levels if level.name.startswith("below_")]
        assert early.left_out == (
            *(f"below_{floor}" for floor in (10, 30, 60, 80)[len(told) :]),
            "fullness",
        )
        assert told
        assert early.left_out[:-1]
        for level in told:
            assert level.value == level.bound == best.level(level.name).value == 0
        for floor in (int(name.removeprefix("below_")) for name in early.left_out[:-1]):
            assert (early.chosen.worth < floor * SCALE // 100).any()

    def test_prices_no_pair_too_low_and_chosen_ones_exactly(self, seed, places, one_kind):
        market = town(seed, one_kind=one_kind, places=places)

        solution = solve.solve(market, FEW)

        def over(pairs):
            want = solution.prices.want[pairs.mentee, pairs.kind]
            return pairs.worth - want - solution.prices.offer[pairs.mentor, pairs.kind]

        met = {*zip(solution.chosen.mentee, solution.chosen.mentor, strict=True)}
        every = market.possible.every()
        every = every[market.places[every.mentor] > 0]
        free = [pair not in met for pair in zip(every.mentee, every.mentor, strict=True)]
        assert (solution.prices.offer >= 0).all()
        assert (over(every[np.array(free)]) <= 0).all()
        assert (over(solution.chosen) >= 0).all()
        if not one_kind:
            assert (over(every) <= 0).all()
            assert (over(solution.chosen) == 0).all()

    def test_does_not_rely_on_the_step_of_coverage_that_is_tried_first(
        self, seed, places, one_kind, monkeypatch
    ):
        market = town(seed, one_kind=one_kind, places=places)
        found = [solve.solve(market, FEW)]
        monkeypatch.setattr(national, "_ENOUGH", 0)

        found.append(solve.solve(market, FEW))

        assert found[0].levels == found[1].levels
        assert found[1].proven

    def test_says_the_same_whoever_solves(self, seed, places, one_kind, monkeypatch):
        market = town(seed, one_kind=one_kind, places=places)
        found = [solve.solve(market, FEW)]
        monkeypatch.setattr(levels.flow, "fastest", lambda: levels.flow.by_ortools)

        found.append(solve.solve(market, FEW))

        assert found[0].levels == found[1].levels
        assert found[0].objective == found[1].objective
