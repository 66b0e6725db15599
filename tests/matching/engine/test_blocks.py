"""Everyone at once, in blocks: exactly what pair by pair says, whatever the size of a block."""

from collections import Counter
from dataclasses import replace
from itertools import product
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentorship.matching.engine import blocks, score
from mentorship.matching.engine.fit import Factor, Offer, Problem, Want
from mentorship.matching.engine.market import SCALE
from mentorship.matching.engine.settings import Settings
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import Stage
from tests.matching.engine import plain
from tests.matching.engine import problems as make

own_best = st.booleans().map(lambda yes: Settings(own_best=yes))


def written_out(fits) -> dict[tuple[int, int, int], int]:
    """Every possible pair with its worth, pair by pair in plain Python."""
    found = {}
    for (row, one), (place, kind), (column, other) in product(
        enumerate(fits.mentees), enumerate(fits.kinds), enumerate(fits.mentors)
    ):
        if not plain.against(fits.problem, kind, one, other):
            worth = plain.worth(fits.problem, fits.weights, kind, one, other)
            found[row, place, column] = worth
    if fits.own_best:
        best = Counter()
        for (row, place, _), worth in found.items():
            best[row, place] = max(best[row, place], worth)
        found = {
            at: worth * 999_000 // (best[at[:2]] or 1) + worth // 1_000
            for at, worth in found.items()
        }
    return found


def rows(edges) -> dict[tuple[int, int, int], int]:
    where = zip(edges.mentee.tolist(), edges.kind.tolist(), edges.mentor.tolist(), strict=True)
    return dict(zip(where, edges.worth.tolist(), strict=True))


def town(mentees: int, mentors: int, *, seed: int) -> Problem:
    """Many people who say some of everything."""
    luck = Random(seed)
    slugs = [f"topic-{number}" for number in range(30)]

    def some(most: int) -> frozenset[str]:
        return frozenset(luck.sample(slugs, luck.randint(0, most)))

    def said() -> dict:
        return {
            "stage": luck.choice([None, *Stage]),
            "interests": some(5),
            "goals": some(4),
            "settings": some(2),
            "languages": some(3),
            "affinity": some(2),
            "region": luck.choice(["", "South", "West"]),
            "path": luck.choice(["", "MD", "DO"]),
            "school": luck.choice(["", "Lakeshore", "Cedar Valley"]),
            "free": luck.choice([None, frozenset(luck.sample(range(336), 40))]),
        }

    people = [make.person(number) for number in range(1, mentees + mentors + 1)]
    ours, theirs = people[:mentees], people[mentees:]
    return make.run(
        [
            replace(
                make.mentee(number, *luck.sample(list(Kind), luck.randint(1, 4)), **said()),
                wishes=tuple(luck.sample(theirs, 2)),
            )
            for number in range(1, mentees + 1)
        ],
        [
            replace(
                make.mentor(number, *luck.sample(list(Kind), luck.randint(1, 4)), **said()),
                wishes=tuple(luck.sample(ours, 2)),
                load=luck.randint(0, 3),
                stages=luck.choice([None, None, frozenset({Stage.M3, Stage.M4, Stage.PGY1})]),
                outside_places=luck.choice([None, None, 0]),
                evaluates=frozenset(luck.sample(ours, 2)),
            )
            for number in range(mentees + 1, mentees + mentors + 1)
        ],
        blocks=frozenset(zip(luck.sample(ours, 9), luck.sample(theirs, 9), strict=True)),
        past=frozenset(zip(luck.sample(ours, 9), luck.sample(theirs, 9), strict=True)),
    )


@pytest.fixture
def small_blocks(monkeypatch):
    """Many blocks, even in a small town."""
    monkeypatch.setattr(blocks, "_BLOCK", 700)


TOWN = town(90, 40, seed=5)


class TestEvery:
    @given(problem=plain.crowded(), settings=own_best)
    def test_is_what_pair_by_pair_says(self, problem, settings):
        fits = score.fits(problem, settings)

        assert rows(fits.every()) == written_out(fits)
        assert fits.count() == len(fits.every())

    @pytest.mark.parametrize("own", [True, False])
    def test_is_the_same_in_many_blocks(self, small_blocks, own):
        fits = score.fits(TOWN, Settings(own_best=own))
        edges = fits.every()

        assert rows(edges) == written_out(fits)
        assert list(rows(edges)) == sorted(rows(edges))

    def test_does_not_depend_on_the_order_of_people(self):
        mixed = replace(TOWN, mentees=TOWN.mentees[::-1], mentors=TOWN.mentors[::-1])

        assert rows(score.fits(mixed).every()) == rows(score.fits(TOWN).every())

    def test_of_more_people_than_are_counted_says_no_less(self, monkeypatch):
        monkeypatch.setattr(score, "_COUNTED", 100)
        fits = score.fits(TOWN)

        assert fits.count() >= len(fits.every())


class TestWorths:
    @given(problem=plain.crowded(), settings=own_best)
    def test_are_told_of_any_pair(self, problem, settings):
        fits = score.fits(problem, settings)
        shape = len(fits.mentees), len(fits.kinds), len(fits.mentors)
        where = np.array(list(np.ndindex(shape)), np.int64).reshape(-1, 3).T
        known = written_out(fits)

        expected = [known.get(tuple(at), -1) for at in where.T.tolist()]
        assert fits.worths(*where).tolist() == expected
        assert all(0 <= worth <= SCALE for worth in fits.sought(*where).tolist())


class TestShortlist:
    @pytest.mark.parametrize("own", [True, False])
    @pytest.mark.parametrize("most", [1, 3, 100])
    def test_has_the_best_of_each_want(self, small_blocks, own, most):
        fits = score.fits(TOWN, Settings(own_best=own))

        chosen, every = rows(fits.shortlist(of_a_want=most)), rows(fits.every())

        assert list(chosen) == sorted(chosen)
        assert chosen.items() <= every.items()
        mine, of_all = _by_want(chosen), _by_want(every)
        assert mine.keys() == of_all.keys()
        for want, worths in of_all.items():
            assert sorted(mine[want]) == sorted(worths)[-most:]

    def test_takes_different_mentors_where_all_are_equally_good(self):
        mentees = [make.mentee(number, Kind.CAREER) for number in range(1, 31)]
        mentors = [make.mentor(number, Kind.CAREER) for number in range(101, 141)]
        fits = score.fits(make.run(mentees, mentors))

        listed = fits.shortlist(of_a_want=2)

        assert max(Counter(listed.mentor.tolist()).values()) <= 8
        assert len(listed) == 30 * 2


def _by_want(pairs: dict) -> dict:
    found: dict = {}
    for at, worth in pairs.items():
        found.setdefault(at[:2], []).append(worth)
    return found


class TestNear:
    @pytest.mark.parametrize("own", [True, False])
    @pytest.mark.parametrize("priced", [True, False])
    def test_lists_only_what_is_possible_at_what_it_is_worth(self, small_blocks, own, priced):
        fits = score.fits(TOWN, Settings(own_best=own))

        near = rows(fits.near(_prices(fits, priced), of_a_want=3, of_an_offer=4))

        assert list(near) == sorted(near)
        assert near.items() <= rows(fits.every()).items()

    @pytest.mark.parametrize("own", [True, False])
    @pytest.mark.parametrize("priced", [True, False])
    def test_has_the_best_of_each_want_beside_the_prices(self, small_blocks, own, priced):
        # Where everybody is tried, nobody is overlooked.
        fits = score.fits(TOWN, Settings(own_best=own))
        offer = _prices(fits, priced)

        def beside(pairs: dict) -> dict:
            return {at: worth - int(offer[at[2], at[1]]) for at, worth in pairs.items()}

        listed = rows(fits.near(offer, of_a_want=14, of_an_offer=1))

        mine, of_all = _by_want(beside(listed)), _by_want(beside(rows(fits.every())))
        assert mine.keys() == of_all.keys()
        for want, values in of_all.items():
            # A part of the own best is rounded, so that neighbors may change places.
            assert np.allclose(sorted(mine[want])[-14:], sorted(values)[-14:], atol=2, rtol=0)

    @pytest.mark.parametrize("own", [True, False])
    def test_has_somebody_for_each_offer_however_dear(self, small_blocks, own):
        fits = score.fits(TOWN, Settings(own_best=own))
        dear = np.zeros((len(fits.mentors), len(fits.kinds)), np.int64)
        dear[0] = SCALE // 2
        of_dear = [pair for pair in rows(fits.every()) if pair[2] == 0]

        near = [pair for pair in rows(fits.near(dear, of_a_want=1, of_an_offer=2)) if pair[2] == 0]

        assert {place for _, place, _ in near} == {place for _, place, _ in of_dear}
        assert len(near) < len(of_dear)

    def test_looks_at_some_mentees_only(self):
        fits = score.fits(TOWN)
        only = np.arange(len(fits.mentees)) % 3 == 0

        near = fits.near(_prices(fits, False), of_a_want=2, of_an_offer=2, only=only)

        assert set(near.mentee.tolist()) == set(np.flatnonzero(only).tolist())


def _prices(fits, priced: bool) -> np.ndarray:
    shape = len(fits.mentors), len(fits.kinds)
    luck = np.random.default_rng(3)
    return luck.integers(-SCALE // 3, SCALE // 3, shape) if priced else np.zeros(shape, np.int64)


class TestBetter:
    @pytest.mark.parametrize("own", [True, False])
    @pytest.mark.parametrize("step", [0, 10**10])
    @pytest.mark.parametrize("most", [1, 5])
    def test_finds_what_is_worth_more_than_its_prices(self, small_blocks, own, step, most):
        fits = score.fits(TOWN, Settings(own_best=own))
        luck = np.random.default_rng(2)
        shape = (len(fits.kinds),)
        want = luck.integers(-step, SCALE // 2, (len(fits.mentees), *shape))
        offer = luck.integers(0, SCALE // 2 + step, (len(fits.mentors), *shape))
        over: dict = {}
        for (row, place, column), worth in rows(fits.every()).items():
            left = worth - int(want[row, place]) - int(offer[column, place])
            if left > 0:
                over.setdefault((row, place), []).append((-left, column))

        found = fits.better(want, offer, most=most)

        where = [*zip(found.edges.mentee.tolist(), found.edges.kind.tolist(), strict=True)]
        listed: dict = {}
        for at, column in zip(where, found.edges.mentor.tolist(), strict=True):
            listed.setdefault(at, []).append(column)
        assert listed == {
            at: [column for _, column in sorted(them)[:most]] for at, them in over.items()
        }
        excess = {at: -min(them)[0] for at, them in over.items()}
        assert {at: found.excess[at] for at in map(tuple, np.argwhere(found.excess))} == excess
        assert over
        worths = fits.worths(found.edges.mentee, found.edges.kind, found.edges.mentor)
        assert found.edges.worth.tolist() == worths.tolist()

    @pytest.mark.parametrize("want", [0, -(10**10)])
    def test_looks_closely_at_none_that_its_prices_put_out_of_reach(self, want):
        fits = score.fits(TOWN)
        prices = np.full(len(fits.mentees), want), np.full(len(fits.mentors), 2 * SCALE - want)
        of_career = Kind.CAREER, fits.weights[Kind.CAREER]
        of_kind = blocks.table(fits.features, fits.rules, *of_career, len(fits.mentors))

        assert not any(len(row) for row, _ in of_kind.promising(*prices, fits.best[:, 0]))

    @given(problem=plain.crowded(), settings=own_best)
    def test_at_no_price_excess_is_the_best_of_each_want(self, problem, settings):
        fits = score.fits(problem, settings)
        nothing = [
            np.zeros((len(side), len(fits.kinds)), np.int64)
            for side in (fits.mentees, fits.mentors)
        ]

        found = fits.better(*nothing, most=9)

        assert rows(found.edges) == {at: worth for at, worth in written_out(fits).items() if worth}


class TestAnyTopic:
    @pytest.mark.parametrize("side", ["mentee", "mentor"])
    def test_lets_content_mentoring_be_without_a_shared_one(self, side):
        sol = make.mentee(1, Kind.CONTENT, topics=("ems",))
        mara = make.mentor(9, Kind.CONTENT, topics=("airway",))
        if side == "mentee":
            sol = replace(sol, wants=(Want(Kind.CONTENT, any_topic=True),))
        else:
            mara = replace(mara, offers=(Offer(Kind.CONTENT, any_topic=True),))

        fits = score.fits(make.run([sol], [mara]))

        assert len(fits.every()) == 1
        fit = fits.fit((sol.id, mara.id, Kind.CONTENT))
        assert (fit.topic, fit.reasons[0].words) == (None, "Any topic will do")


def test_factors_nobody_was_asked_about_leave_their_weight_to_the_others():
    fits = score.fits(replace(TOWN, factors=frozenset({Factor.STAGE, Factor.ROOM})))

    assert fits.weights[Kind.CAREER] == {Factor.STAGE: 75, Factor.ROOM: 25}
