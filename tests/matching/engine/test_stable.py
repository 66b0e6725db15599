"""Deferred acceptance gives the published answers, and nobody would leave what it gives them."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mentorship.matching.engine import stable
from mentorship.matching.engine.market import Edges, Market
from mentorship.matching.engine.stable import Ranks, Wishes
from tests.matching.engine import markets as make
from tests.matching.engine import oracle


def ranks(lists: list[list[int]]) -> Ranks:
    """Preference lists, one a person, as rows."""
    rows = [
        (by, of, rank) for by, listed in enumerate(lists) for rank, of in enumerate(listed, start=1)
    ]
    return Ranks(*np.array(rows, np.int64).reshape(-1, 3).T)


def ranked(ours: list[list[int]], theirs: list[list[int]], places: list[int] | None = None):
    """Who gets whom where the lists of `ours` ask those of `theirs`: -1 is nobody."""
    acceptable = [
        (one, 0, other, 0)
        for one, listed in enumerate(ours)
        for other in listed
        if one in theirs[other]
    ]
    market = make.market(
        make.edges(*acceptable),
        mentees=len(ours),
        mentors=len(theirs),
        kinds=1,
        places=places or [1] * len(theirs),
    )
    wishes = Wishes(ranks(ours), ranks(theirs))
    chosen = stable.stable(market, wishes)
    assert stable.blocking(market, chosen, wishes).count == 0
    got = [-1] * len(ours)
    for one, other in zip(chosen.mentee.tolist(), chosen.mentor.tolist(), strict=True):
        got[one] = other
    return got


class TestPublishedInstances:
    def test_gale_and_shapley_example_1_has_an_answer_for_each_side(self):
        # Gale and Shapley 1962, example 1: each man gets his first choice, or each woman hers.
        men = [[0, 1, 2], [1, 2, 0], [2, 0, 1]]
        women = [[1, 2, 0], [2, 0, 1], [0, 1, 2]]

        assert ranked(men, women) == [0, 1, 2]
        assert ranked(women, men) == [1, 2, 0]

    def test_gale_and_shapley_example_2_has_one_answer(self):
        # Gale and Shapley 1962, example 2: the men get C, D, A and B, whoever asks.
        men = [[0, 1, 2, 3], [0, 3, 2, 1], [1, 0, 2, 3], [3, 1, 2, 0]]
        women = [[3, 2, 0, 1], [1, 3, 0, 2], [3, 0, 1, 2], [2, 1, 0, 3]]

        assert ranked(men, women) == [2, 3, 0, 1]
        assert ranked(women, men) == [2, 3, 0, 1]

    def test_five_residents_and_three_hospitals(self):
        # The documentation of the Python library "matching": Ada, Sam, Dani, Luc and Jo apply
        # to Mercy, City and General, two places each.
        residents = [[1], [1, 0], [1, 0, 2], [0, 1, 2], [1, 2, 0]]
        hospitals = [[2, 3, 1, 4], [2, 0, 1, 3, 4], [2, 4, 3]]

        assert ranked(residents, hospitals, [2, 2, 2]) == [1, 0, 1, 0, 2]

    def test_eleven_residents_and_five_hospitals(self):
        # Gusfield and Irving 1989, section 1.6.5, the answer that is best for residents.
        residents = [
            *([3, 1, 5, 4], [1, 3, 4, 2, 5], [4, 5, 3, 1, 2], [3, 4, 1, 5], [1, 4, 2]),
            *([4, 3, 2, 1, 5], [2, 5, 1, 3], [1, 3, 2, 5, 4], [4, 1, 5], [3, 1, 5, 2, 4]),
            [5, 4, 1, 3, 2],
        ]
        hospitals = [
            [3, 7, 9, 11, 5, 4, 10, 8, 6, 1, 2],
            [5, 7, 10, 6, 8, 2, 3, 11],
            [11, 6, 8, 3, 2, 4, 7, 1, 10],
            [10, 1, 2, 11, 4, 9, 5, 3, 6, 8],
            [2, 4, 10, 7, 6, 1, 8, 3, 11, 9],
        ]
        ours = [[hospital - 1 for hospital in listed] for listed in residents]
        theirs = [[resident - 1 for resident in listed] for listed in hospitals]

        got = ranked(ours, theirs, [4, 1, 3, 2, 1])

        assert [hospital + 1 for hospital in got] == [3, 1, 4, 3, 1, 3, 2, 1, 4, 1, 5]

    @pytest.mark.parametrize("side", ["students", "colleges"])
    def test_roth_and_sotomayor_seven_students_and_five_colleges(self, side):
        # Roth and Sotomayor 1990, page 16; what is best for students, and what for colleges.
        students = [[5, 1], [2, 5, 1], [3, 1], [4, 1], [1, 2], [1, 3], [1, 3, 4]]
        colleges = [[1, 2, 3, 4, 5, 6, 7], [5, 2], [6, 7, 3], [7, 4], [2, 1]]
        ours = [[college - 1 for college in listed] for listed in students]
        theirs = [[student - 1 for student in listed] for listed in colleges]

        if side == "students":
            got = ranked(ours, theirs, [3, 1, 1, 1, 1])
            assert [college + 1 for college in got] == [5, 2, 3, 4, 1, 1, 1]
        else:
            # A college of three places asks as three wants of one mentee, a kind each.
            assert self.asked_by_colleges(ours, theirs) == [1, 5, 1, 1, 2, 3, 4]

    def asked_by_colleges(self, students, colleges):
        places = [3, 1, 1, 1, 1]
        rows = [
            (college, kind, student, 0)
            for college, listed in enumerate(colleges)
            for kind in range(places[college])
            for student in listed
            if college in students[student]
        ]
        market = make.market(make.edges(*rows), mentees=5, mentors=7, kinds=3, places=[1] * 7)
        chosen = stable.stable(market, Wishes(ranks(colleges), ranks(students)))
        got = dict(zip(chosen.mentor.tolist(), chosen.mentee.tolist(), strict=True))
        return [got[student] + 1 for student in range(7)]


class TestStable:
    def test_lets_the_better_fit_have_the_only_place(self):
        pairs = make.edges((0, 0, 0, 70), (1, 0, 0, 80), (1, 0, 1, 60))
        market = make.market(pairs, mentees=2, mentors=2, kinds=1, places=[1, 1])

        chosen = stable.stable(market)

        assert oracle.rows(chosen) == {(1, 0, 0): 80}

    def test_keeps_one_person_to_one_kind_and_takes_the_better(self):
        pairs = make.edges((0, 0, 0, 60), (0, 1, 0, 90), (0, 0, 1, 10))
        market = make.market(pairs, mentees=1, mentors=2, kinds=2)

        assert oracle.rows(stable.stable(market)) == {(0, 1, 0): 90, (0, 0, 1): 10}

    def test_keeps_pins_whatever_anybody_would_rather(self):
        pairs = make.edges((0, 0, 0, 10), (1, 0, 0, 90))
        market = make.market(
            pairs, mentees=2, mentors=1, kinds=1, places=[1], pins=make.edges((0, 0, 0, 10))
        )

        chosen = stable.stable(market)

        assert oracle.rows(chosen) == {(0, 0, 0): 10}
        assert stable.blocking(market, chosen).count == 0

    def test_keeps_to_the_places_of_a_kind_and_of_all(self):
        pairs = make.edges(*((i, k, 0, 10 * i + k) for i in range(4) for k in range(2)))
        market = make.market(
            pairs, mentees=4, mentors=1, kinds=2, places=[3], places_by_kind=np.array([[1, 2]])
        )

        assert oracle.rows(stable.stable(market)) == {(3, 1, 0): 31, (2, 1, 0): 21, (1, 0, 0): 10}

    @given(make.markets())
    def test_breaks_no_rule(self, market):
        assume(oracle.stands(market, oracle.rows(market.pins)))

        chosen = oracle.rows(stable.stable(market))

        assert oracle.stands(market, chosen)
        assert chosen.items() >= oracle.rows(market.pins).items()
        beside = chosen.keys() - oracle.rows(market.pins).keys()
        assert beside <= oracle.rows(market.possible.every()).keys()

    @given(make.markets(), st.data())
    def test_leaves_nobody_who_would_both_rather(self, market, data):
        assume(oracle.stands(market, oracle.rows(market.pins)))
        wishes = data.draw(st.none() | wished(market))

        chosen = stable.stable(market, wishes)

        assert blocking_one_by_one(market, chosen, wishes) == set()

    @given(make.markets())
    def test_finds_every_pair_that_would_rather(self, market):
        assume(oracle.stands(market, oracle.rows(market.pins)))
        some = market.pins if len(market.pins) else stable.stable(market)[:1]

        found = stable.blocking(market, some)

        assert set(oracle.rows(found.pairs)) == blocking_one_by_one(market, some, None)
        assert found.count == len(found.pairs)
        assert found.exhaustive

    @given(make.markets())
    def test_finds_the_same_without_listing_everything(self, market):
        assume(oracle.stands(market, oracle.rows(market.pins)))
        some = market.pins if len(market.pins) else stable.stable(market)[:1]
        whole = stable.blocking(market, some)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(stable, "LISTED", -1)
            looked = stable.blocking(market, some)

        assert oracle.rows(looked.pairs) == oracle.rows(whole.pairs)

    @given(make.markets(), st.integers(1, 3))
    def test_is_stable_without_listing_everything(self, market, nearest):
        assume(oracle.stands(market, oracle.rows(market.pins)))

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(stable, "LISTED", -1)
            patch.setattr(stable, "NEAREST", nearest)
            chosen = stable.stable(market)

        assert oracle.stands(market, oracle.rows(chosen))
        assert blocking_one_by_one(market, chosen, None) == set()

    @given(make.markets())
    def test_says_what_each_would_gain_the_worst_first(self, market):
        assume(oracle.stands(market, oracle.rows(market.pins)))

        found = stable.blocking(market, market.pins)

        assert all(one >= other for one, other in pairwise(found.regret.tolist()))
        assert found.regret.tolist() == found.pairs.worth.tolist()

    def test_two_people_already_paired_never_block_as_another_kind(self):
        pairs = make.edges((0, 0, 0, 30), (0, 1, 0, 90))
        market = make.market(pairs, mentees=1, mentors=1, kinds=2)
        chosen = make.edges((0, 0, 0, 30))

        assert stable.blocking(market, chosen).count == 0
        two_kinds = replace(market, one_kind_per_mentor=False)
        assert oracle.rows(stable.blocking(two_kinds, chosen).pairs) == {(0, 1, 0): 90}

    def test_names_who_would_be_left(self):
        pairs = make.edges((0, 0, 0, 30), (1, 0, 0, 90), (1, 0, 1, 20))
        market = make.market(pairs, mentees=2, mentors=2, kinds=1, places=[1, 1])
        chosen = make.edges((0, 0, 0, 30), (1, 0, 1, 20))

        found = stable.blocking(market, chosen)

        assert oracle.rows(found.pairs) == {(1, 0, 0): 90}
        assert found.regret.tolist() == [60]
        assert found.instead_of_mentor.tolist() == [1]
        assert found.instead_of_mentee.tolist() == [0]


@st.composite
def wished(draw, market: Market) -> Wishes:
    """Some wishes on each side, each person's in a strict order."""
    mentees, mentors = len(market.wants), len(market.places)

    def lists(by: int, of: int) -> Ranks:
        each = st.lists(st.integers(0, of - 1), unique=True)
        return ranks([draw(each) for _ in range(by)])

    return Wishes(lists(mentees, mentors), lists(mentors, mentees))


def blocking_one_by_one(market: Market, chosen: Edges, wishes: Wishes | None) -> set[oracle.Row]:
    """Every possible pair of which both would rather, from the words of what that means."""
    have, pins = oracle.rows(chosen), oracle.rows(market.pins)
    plenty = np.full_like(market.places_by_kind, 9)
    roomy = replace(market, places=plenty[:, 0], places_by_kind=plenty, quotas=None)
    served = {row[:2]: row for row in have}

    def liking(side: Ranks | None, by: int, of: int, worth: int) -> tuple[int, int]:
        if side is not None:
            for one, other, rank in zip(side.by, side.of, side.rank, strict=True):
                if (one, other) == (by, of):
                    return -int(rank), worth
        return -(10**6), worth

    def of_mentee(row: oracle.Row, worth: int) -> tuple[int, int]:
        return liking(wishes and wishes.mentees, row[0], row[2], worth)

    def of_mentor(row: oracle.Row, worth: int) -> tuple[int, int]:
        return liking(wishes and wishes.mentors, row[2], row[0], worth)

    found = set()
    for row, worth in oracle.rows(market.possible.every()).items():
        mentee, kind, mentor = row
        now = served.get((mentee, kind))
        met = any((other[0], other[2]) == (mentee, mentor) for other in have)
        if row in have or now in pins or (market.one_kind_per_mentor and met):
            continue
        if now and of_mentee(now, have[now]) >= of_mentee(row, worth):
            continue
        left = {other: worth for other, worth in have.items() if other != now}
        # What the mentor could give up for this pair: nothing, or one they like less.
        ways = [left] + [
            {one: worth for one, worth in left.items() if one != other}
            for other in left
            if other[2] == mentor and other not in pins
            if of_mentor(other, left[other]) < of_mentor(row, worth)
        ]
        # A mentee does not give up one kind for another: what else they have has to stay within
        # the limits, however many places their mentors have.
        own = {other: worth for other, worth in left.items() if other[0] == mentee}
        if (
            market.wants[mentee, kind]
            and oracle.stands(roomy, {**own, row: worth})
            and any(oracle.stands(market, {**way, row: worth}) for way in ways)
        ):
            found.add(row)
    return found
