"""A changed market says of its pairs what a list of them would, written anew."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mentorship.matching.engine import changes
from mentorship.matching.engine.changes import Apart, Forced, Gone, MorePlaces, Only, Recruit
from mentorship.matching.engine.listed import Listed
from mentorship.matching.engine.market import Market
from tests.matching.engine import markets as make
from tests.matching.engine import oracle


def written_anew(market: Market) -> Listed:
    """Every pair of this market in one plain list."""
    pairs = market.possible.every()
    return Listed(pairs, (*market.wants.shape, len(market.places)))


@st.composite
def changed(draw) -> Market:
    market = draw(make.markets())
    mentees, kinds = market.wants.shape
    mentee = st.integers(0, mentees - 1)
    kind = st.integers(0, kinds - 1)
    mentor = st.integers(0, len(market.places) - 1)
    some = (
        st.builds(Recruit, kind, st.integers(0, 3))
        | st.builds(Apart, mentee, mentor, st.none() | kind)
        | st.builds(Gone, mentor)
        | st.builds(MorePlaces, mentor, st.integers(-2, 2))
    )
    return changes.made(market, draw(st.lists(some, max_size=3)))


@given(changed(), st.integers(1, 3), st.data())
def test_answers_as_a_list_of_the_same_pairs(market, most, data):
    plain, asked = written_anew(market), market.possible
    numbers = st.lists(st.integers(-1, 10), min_size=40, max_size=40)
    tenths = np.array(data.draw(numbers)) * 100_000
    mentees, kinds = market.wants.shape
    want = tenths[: mentees * kinds].reshape(mentees, kinds)
    offer = tenths[-len(market.places) * kinds :].reshape(-1, kinds)
    everything = np.indices((mentees, kinds, len(market.places))).reshape(3, -1)

    assert asked.worths(*everything).tolist() == plain.worths(*everything).tolist()
    assert asked.count() >= plain.count()
    found, expected = asked.better(want, offer, most=most), plain.better(want, offer, most=most)
    assert np.array_equal(found.edges.mentor, expected.edges.mentor)
    assert np.array_equal(found.excess, expected.excess)
    assert asked.top() >= plain.top()
    only = np.array(data.draw(st.lists(st.booleans(), min_size=mentees, max_size=mentees)), bool)
    several = {"of_a_want": most, "of_an_offer": most}
    for listed, least in (
        (asked.shortlist(of_a_want=most), plain.shortlist(of_a_want=most)),
        (asked.near(offer, **several), plain.shortlist(of_a_want=0)),
        (asked.near(offer, **several, only=only), plain.near(offer, **several, only=only)[[]]),
    ):
        near, every = oracle.rows(listed), oracle.rows(asked.every())
        assert oracle.rows(least).keys() <= near.keys() <= every.keys()


class TestChanges:
    PAIRS = make.edges((0, 0, 0, 50), (0, 1, 0, 60), (1, 0, 0, 70), (1, 0, 1, 80))

    def market(self, **stated) -> Market:
        return make.market(self.PAIRS, mentees=2, mentors=2, kinds=2, **stated)

    def test_a_recruit_serves_whoever_asks_for_the_kind(self):
        market = Recruit(kind=0, places=3).made(self.market())

        new = market.possible.every()
        assert new[new.mentor == 2].mentee.tolist() == [0, 1]
        assert market.places.tolist() == [2, 2, 3]
        assert market.places_by_kind[2].tolist() == [3, 0]

    def test_a_recruit_for_a_topic_serves_only_some(self):
        market = Recruit(kind=0, places=1, serves=np.array([False, True])).made(self.market())

        new = market.possible.every()
        assert new[new.mentor == 2].mentee.tolist() == [1]

    def test_whoever_is_gone_takes_nobody_along(self):
        pinned = make.edges((0, 0, 0, 50))

        market = Gone(0).made(self.market(pins=pinned, before=pinned))

        assert market.places.tolist() == [0, 2]
        assert len(market.pins) == len(market.before) == 0

    def test_apart_is_for_one_kind_or_for_all(self):
        one = Apart(0, 0, kind=1).made(self.market()).possible.every()
        both = Apart(0, 0).made(self.market()).possible.every()

        assert (0, 0, 0) in oracle.rows(one)
        assert (0, 1, 0) not in oracle.rows(one)
        assert oracle.rows(both).keys() == {(1, 0, 0), (1, 0, 1)}

    def test_apart_ends_what_was_pinned_or_before(self):
        pinned = make.edges((0, 0, 0, 50), (1, 0, 0, 70))

        market = Apart(0, 0).made(self.market(pins=pinned, before=pinned))

        assert oracle.rows(market.pins) == oracle.rows(market.before) == {(1, 0, 0): 70}

    def test_forced_is_one_more_pin(self):
        pins = Forced(0, 1, 0, 60).made(self.market(pins=make.edges((1, 0, 0, 70)))).pins

        assert oracle.rows(pins) == {(0, 1, 0): 60, (1, 0, 0): 70}

    def test_places_never_fall_below_none(self):
        assert MorePlaces(0, -5).made(self.market()).places.tolist() == [0, 2]

    def test_only_some_ask(self):
        market = Only(np.array([True, False])).made(self.market(pins=make.edges((1, 0, 1, 80))))

        assert market.wants.tolist() == [[True, True], [False, False]]
        assert len(market.pins) == 0
