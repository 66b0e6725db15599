"""After a change mid-season coverage is the best again, and nothing changes that need not."""

from dataclasses import replace

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from mentorship.matching.engine import changes
from mentorship.matching.engine import solve as engine
from mentorship.matching.engine.changes import Apart, Change, Gone, MorePlaces
from mentorship.matching.engine.fit import Offer
from mentorship.matching.engine.market import SCALE, Edges, Market
from mentorship.matching.engine.rematch import Rematch, keeping, rematch, reopened
from mentorship.matching.engine.settings import Settings
from mentorship.vocabulary.kinds import Kind
from tests.matching.engine import markets as make
from tests.matching.engine import oracle
from tests.matching.engine import problems as people
from tests.matching.engine.trying import PLAIN, solved


def restored(market: Market, before: Edges, *edits: Change) -> Rematch:
    return rematch(market, before, edits, settings=PLAIN, solve=solved)


class TestReopened:
    def people(self):
        sol = people.mentee(1, Kind.CAREER, school="Cedar")
        mara = people.mentor(9, school="Lakeshore", places=0, load=2, outside_places=0)
        mara = replace(mara, offers=(Offer(Kind.CAREER, places=0), Offer(Kind.WELLNESS)))
        return sol, mara

    def test_frees_the_place_the_kind_and_the_quota_and_opens_the_want(self):
        sol, mara = self.people()
        pair = (sol.id, mara.id, Kind.CAREER)
        problem = people.run([sol], [mara], current=frozenset({pair}))

        found = reopened(problem, [pair])

        (freed,) = found.mentors
        assert (freed.places, freed.load, freed.outside_places) == (1, 1, 1)
        assert [offer.places for offer in freed.offers] == [1, None]
        assert found.open_wants == {(sol.id, Kind.CAREER)}
        assert found.current == frozenset()

    def test_gives_the_same_pair_again_where_nothing_happened(self):
        sol, mara = self.people()
        pair = (sol.id, mara.id, Kind.CAREER)
        problem = reopened(people.run([sol], [mara], current=frozenset({pair})), [pair])

        outcome = engine.pair(problem, settings=keeping(problem, PLAIN), before=[pair])

        assert [one.triple for one in outcome.pairs] == [pair]


class TestRematch:
    #: Two mentors with two places each; the first fits everybody better.
    PAIRS = make.edges(*((i, 0, j, 90 - 40 * j - i) for i in range(4) for j in range(2)))

    def market(self, **stated) -> Market:
        return make.market(self.PAIRS, mentees=4, mentors=2, kinds=1, **stated)

    def before(self, *rows: tuple[int, int]) -> Edges:
        worths = {row[::2]: worth for row, worth in oracle.rows(self.PAIRS).items()}
        return make.edges(*((i, 0, j, worths[i, j]) for i, j in rows))

    def test_gives_a_newcomer_a_place_and_leaves_the_others(self):
        before = self.before((0, 1), (1, 0), (2, 0))

        found = restored(self.market(), before)

        assert oracle.rows(found.begun) == {(3, 0, 1): 47}
        assert found.changed == 1

    def test_moves_only_those_whose_mentor_left(self):
        before = self.before((0, 0), (1, 0), (2, 1))

        found = restored(self.market(places=[3, 3]), before, Gone(0))

        assert oracle.rows(found.broken).keys() == {(0, 0, 0), (1, 0, 0)}
        assert len(found.moved) == 0
        assert oracle.rows(found.kept).keys() == {(2, 0, 1)}

    def test_finds_another_mentor_after_a_fit_that_failed(self):
        before = self.before((0, 0), (1, 0), (2, 1))

        found = restored(self.market(), before, Apart(0, 0))

        assert oracle.rows(found.broken).keys() == {(0, 0, 0)}
        assert (0, 0, 1) in oracle.rows(found.begun)

    def test_moves_someone_where_that_serves_one_more(self):
        # The newcomer can only be with the mentor who is full.
        pairs = make.edges((0, 0, 0, 80), (0, 0, 1, 60), (1, 0, 0, 10))
        market = make.market(pairs, mentees=2, mentors=2, kinds=1, places=[1, 1])

        found = restored(market, make.edges((0, 0, 0, 80)))

        assert oracle.rows(found.moved).keys() == {(0, 0, 0)}
        assert oracle.rows(found.begun).keys() == {(0, 0, 1), (1, 0, 0)}

    def test_ends_no_pair_for_a_better_fit(self):
        # The pair of before is below every floor, and the other mentor would be a perfect one.
        pairs = make.edges((0, 0, 0, 0), (0, 0, 1, SCALE))
        market = make.market(pairs, mentees=1, mentors=2, kinds=1)

        found = rematch(
            market, make.edges((0, 0, 0, 0)), [], settings=Settings(), solve=engine.solve
        )

        assert found.changed == 0

    @given(make.markets(most_wants=5, pins=False), st.data())
    def test_restores_coverage_then_changes_least_then_fits_best(self, market, data):
        mentor = st.integers(0, len(market.places) - 1)
        edit = (
            st.builds(Gone, mentor)
            | st.builds(Apart, st.integers(0, len(market.wants) - 1), mentor)
            | st.builds(MorePlaces, mentor, st.integers(-1, 1))
        )
        edits = data.draw(st.lists(edit, max_size=2))
        before = solved(market).chosen

        found = rematch(market, before, edits, settings=PLAIN, solve=engine.solve)

        after = changes.made(replace(market, before=before), edits)
        outcomes = list(oracle.outcomes(after))
        assume(outcomes)

        def goods(chosen: dict) -> tuple:
            *coverage, _, _, _, kept = oracle.standing(after, PLAIN, chosen)
            return coverage, kept, sum(chosen.values())

        assert goods(oracle.rows(found.solution.chosen)) == max(map(goods, outcomes))
        told = [found.kept, found.broken, found.moved]
        assert oracle.rows(Edges.joined(told)) == oracle.rows(before)
        now = oracle.rows(Edges.joined([found.kept, found.begun]))
        assert now.keys() == oracle.rows(found.solution.chosen).keys()
        could = after.possible.worths(found.broken.mentee, found.broken.kind, found.broken.mentor)
        full = after.places[found.broken.mentor] == 0
        by_kind = after.places_by_kind[found.broken.mentor, found.broken.kind] == 0
        assert np.all((could < 0) | full | by_kind)
