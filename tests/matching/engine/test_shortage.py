"""What is said to be missing is missing: with the change made, the market is as claimed."""

from dataclasses import replace

import numpy as np
from hypothesis import assume, given

from mentorship.matching.engine import changes, shortage
from mentorship.matching.engine import solve as engine
from mentorship.matching.engine.changes import MorePlaces, Recruit
from mentorship.matching.engine.market import Market
from mentorship.matching.engine.shortage import Field
from mentorship.matching.engine.solution import Solution
from tests.matching.engine import markets as make
from tests.matching.engine import oracle
from tests.matching.engine.trying import PLAIN, solved


def told(market: Market, *fields: Field) -> list[str]:
    return [lack.words for lack in shortage.lacks(market, solved(market), fields, solve=solved)]


def crowd(mentees: int, **stated) -> Market:
    """So many mentees who ask for wellness of the one mentor, who has two places."""
    pairs = make.edges(*((mentee, 0, 0, 50) for mentee in range(mentees)))
    return make.market(pairs, mentees=mentees, mentors=1, kinds=1, **stated)


def by_engine(market: Market) -> Solution:
    return engine.solve(market, PLAIN)


class TestLacks:
    def test_says_how_many_places_fill_a_kind(self):
        assert told(crowd(5), Field("wellness", 0)) == [
            "3 more places for wellness would bring its coverage from 40% to 100%, "
            "and leave 3 fewer with nobody."
        ]

    def test_says_what_a_topic_does_for_all(self):
        ems = Field("EMS", 0, np.array([True, True, True, False, False]))

        assert told(crowd(5, places=[1]), ems)[0].endswith(
            "its coverage from 0% to 100% and that of all requests from 20% to 80%, "
            "and leave 3 fewer with nobody."
        )

    def test_counts_mentors_of_some_places_each(self):
        [lack] = shortage.lacks(crowd(6), solved(crowd(6)), [Field("wellness", 0)], solve=solved)

        assert (lack.places, lack.mentors(), lack.mentors(each=2)) == (4, 2, 2)

    def test_says_nothing_of_what_is_filled(self):
        assert told(crowd(2), Field("wellness", 0)) == []

    def test_counts_only_those_whom_a_topic_would_serve(self):
        ems = Field("EMS", 0, np.array([True, True, True, False, False]))

        [lack] = shortage.lacks(crowd(5), solved(crowd(5)), [ems], solve=solved)

        assert lack.wanted == 3
        assert lack.filled + lack.places == lack.filled_then == 3

    def test_a_place_of_another_kind_can_free_one(self):
        # The mentor has one place, for either kind; whichever kind is found frees it.
        pairs = make.edges((0, 0, 0, 50), (1, 1, 0, 50))
        market = make.market(pairs, mentees=2, mentors=1, kinds=2, places=[1])

        lacks = shortage.lacks(
            market, solved(market), shortage.by_kind(["career", "wellness"]), solve=solved
        )

        # The kind that is filled already is not said to lack anything.
        assert [lack.places for lack in lacks] == [1]
        assert lacks[0].then.filled == 2

    @given(make.markets(most_wants=5))
    def test_each_claim_comes_true_when_the_places_are_found(self, market):
        assume(oracle.stands(market, oracle.rows(market.pins)))
        before = solved(market)
        kinds = shortage.by_kind(["career", "content", "wellness"][: market.wants.shape[1]])

        for lack in shortage.lacks(market, before, kinds, solve=solved):
            changed = lack.change.made(market)
            after = solved(changed)
            assert shortage.covered(changed, after) == lack.then
            served = after.chosen[after.chosen.kind == lack.kind].mentee
            assert market.wants[served, lack.kind].sum() == lack.filled_then
            assert lack.then.filled > lack.now.filled
            # However many more are found, coverage grows no further.
            plenty = Recruit(lack.kind, lack.wanted).made(market)
            assert shortage.covered(plenty, solved(plenty)) == lack.then

    @given(make.markets(most_wants=5))
    def test_the_engine_claims_what_trying_everything_finds(self, market):
        assume(oracle.stands(market, oracle.rows(market.pins)))
        kinds = shortage.by_kind(["career", "content", "wellness"][: market.wants.shape[1]])

        for lack in shortage.lacks(market, by_engine(market), kinds, solve=by_engine):
            changed = lack.change.made(market)
            assert shortage.covered(market, solved(market)) == lack.now
            assert shortage.covered(changed, solved(changed)) == lack.then

    @given(make.markets(most_wants=5, pins=False))
    def test_one_place_fewer_is_not_enough(self, market):
        market = replace(
            market, one_kind_per_mentor=False, most_from_one_institution=None, quotas=None
        )
        kinds = shortage.by_kind(["career", "content", "wellness"][: market.wants.shape[1]])

        for lack in shortage.lacks(market, solved(market), kinds, solve=solved):
            assert lack.filled_then == lack.wanted
            assert lack.then.filled - lack.now.filled == lack.places
            fewer = Recruit(lack.kind, lack.places - 1).made(market)
            assert len(solved(fewer).chosen) == lack.then.filled - 1


class TestTogether:
    @given(make.markets(most_wants=5, pins=False))
    def test_fills_everything_with_the_fewest_places(self, market):
        market = replace(
            market, one_kind_per_mentor=False, most_from_one_institution=None, quotas=None
        )
        kinds = shortage.by_kind(["career", "content", "wellness"][: market.wants.shape[1]])
        before = solved(market)

        lacking = shortage.lacks(market, before, kinds, solve=solved)
        steps = shortage.together(market, lacking, kinds, solve=solved)

        wanted = int(market.wants.sum())
        all_found = changes.made(market, [step.change for step in steps])
        assert len(solved(all_found).chosen) == wanted
        assert not steps or steps[-1].then.filled == wanted
        # No place can serve more than one want.
        assert sum(step.places for step in steps) == wanted - len(before.chosen)


class TestSeats:
    def test_names_the_mentor_with_whom_one_more_place_serves_one_more(self):
        pairs = make.edges((0, 0, 0, 50), (1, 0, 0, 40), (2, 0, 1, 60))
        market = make.market(pairs, mentees=3, mentors=2, kinds=1, places=[1, 1])

        [seat] = shortage.seats(market, by_engine(market), solve=by_engine)

        assert (seat.mentor, seat.first_mentors, seat.pairs, seat.worth) == (0, 1, 1, 40)

    def test_counts_what_a_better_fit_would_gain(self):
        pairs = make.edges((0, 0, 0, 90), (1, 0, 0, 80), (1, 0, 1, 30))
        market = make.market(pairs, mentees=2, mentors=2, kinds=1, places=[1, 1])

        [seat] = shortage.seats(market, by_engine(market), solve=by_engine)

        assert (seat.mentor, seat.first_mentors, seat.pairs, seat.worth) == (0, 0, 0, 50)

    @given(make.markets(most_wants=5, pins=False))
    def test_each_seat_brings_what_is_said_and_no_other_brings_anything(self, market):
        open_kinds = np.repeat(market.places[:, None], market.wants.shape[1], axis=1)
        market = replace(
            market,
            places_by_kind=open_kinds,
            one_kind_per_mentor=False,
            most_from_one_institution=None,
            waited=np.zeros_like(market.waited),
            priority=np.zeros_like(market.priority),
        )
        before = solved(market)

        seats = shortage.seats(market, by_engine(market), solve=by_engine)

        told = {seat.mentor: seat for seat in seats}
        now = shortage.covered(market, before)
        for mentor in np.flatnonzero(market.places).tolist():
            changed = MorePlaces(mentor, 1).made(market)
            after = solved(changed)
            then = shortage.covered(changed, after)
            worth = int(after.chosen.worth.sum() - before.chosen.worth.sum())
            if mentor in told:
                assert (told[mentor].then, told[mentor].worth) == (then, worth)
            elif market.quotas is None:
                # A quota is no part of the flow, and a place that the flow prices at nothing may
                # bring something once it counts.
                assert (then, worth) == (now, 0)
