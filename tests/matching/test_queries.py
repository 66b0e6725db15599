from uuid import UUID

import pytest

from mentorship.foundation.errors import NotYours
from mentorship.matching import queries, review
from mentorship.matching.models import RunState
from mentorship.matching.review import After, Shown
from mentorship.vocabulary.kinds import Kind
from tests import make
from tests.matching.conftest import gone

CAREER, CONTENT, APPLICATION, WELLNESS = Kind


class TestToldByRun:
    @pytest.fixture
    def rio(self, lakeside):
        """Looks for a topic that nobody offers, and for nothing else."""
        return make.student(lakeside, "Rio", wants={CONTENT: ("wilderness",)}, interests=())

    def test_tells_nobody_of_a_draft(self, inside, draft, mara, sol, rio, cora):
        run_id = draft(cora)
        with inside(cora):
            assert queries.told_by_run(run_id) == {}
            assert queries.told_by_run(run_id, only=sol.id) == {}

    def test_names_the_other_one_to_both(self, inside, draft, publish, lakeside, mara, cora):
        sol = make.student(lakeside, "Sol", wants={CONTENT: ("toxicology",)})
        run_id = draft(cora)
        publish(run_id, cora)
        about = {"kind": "content", "topic": "Toxicology"}

        with inside(cora):
            assert queries.told_by_run(run_id) == {
                sol.id: {"pairings": [{"name": "Dr. Mara Quist"} | about], "left": []},
                mara.id: {"pairings": [{"name": "Sol"} | about], "left": []},
            }

    def test_tells_those_left_out_why_in_words_said_to_them(
        self, inside, draft, publish, mara, sol, rio, cora
    ):
        run_id = draft(cora)
        publish(run_id, cora)

        with inside(cora):
            told = queries.told_by_run(run_id)
            assert told[rio.id] == {
                "pairings": [],
                "left": [
                    {
                        "kind": "content",
                        "words": "No mentor in this chapter offers wilderness medicine.",
                    }
                ],
            }
            assert {left["kind"] for left in told[sol.id]["left"]} == {
                kind.value for kind in Kind if kind.value not in kinds(told[sol.id])
            }
            assert all("this student" not in left["words"] for left in told[sol.id]["left"])

    def test_is_as_many_people_as_the_coordinator_was_told(
        self, inside, draft, publish, lakeside, mara, sol, rio, cora
    ):
        make.mentor(lakeside, "Dr. Spare", offers={WELLNESS: ()}, paused=True)
        run_id = draft(cora)
        publish(run_id, cora)

        with inside(cora):
            assert len(queries.told_by_run(run_id)) == queries.run(run_id).facts["told"]["people"]

    def test_says_to_one_what_it_says_to_all(self, inside, draft, publish, mara, sol, rio, cora):
        run_id = draft(cora)
        publish(run_id, cora)

        with inside(cora):
            told = queries.told_by_run(run_id)
            assert set(told) == {mara.id, sol.id, rio.id}
            for who, words in told.items():
                assert queries.told_by_run(run_id, only=who) == {who: words}
            assert queries.told_by_run(run_id, only=cora.id) == {}

    def test_leaves_out_who_has_left_since(self, inside, draft, publish, mara, sol, rio, cora, now):
        run_id = draft(cora)
        publish(run_id, cora)
        with inside(cora):
            gone(sol, now)

            assert set(queries.told_by_run(run_id)) == {rio.id}

    def test_takes_two_statements_however_many_people(
        self, inside, lakeside, draft, publish, statements, cora
    ):
        for _ in range(5):
            make.student(lakeside), make.mentor(lakeside)
        run_id = draft(cora)
        publish(run_id, cora)

        with inside(cora), statements() as seen:
            assert len(queries.told_by_run(run_id)) == 10
        assert len(seen) == 2

    def test_says_nothing_in_another_chapter(self, inside, draft, publish, mara, sol, cora, odd):
        run_id = draft(cora)
        publish(run_id, cora)
        with inside(odd):
            assert queries.told_by_run(run_id) == {}


class TestSides:
    def test_counts_who_looks_who_offers_and_the_places_left(
        self, inside, lakeside, mara, sol, cora, now
    ):
        rio = make.student(lakeside, wants={CAREER: ()})
        make.pairing(mara, rio, CAREER)
        make.mentor(lakeside, offers={CAREER: ()}, places=2)
        make.mentor(lakeside, offers={CAREER: ()}, paused=True)
        lost = make.mentor(lakeside, offers={CAREER: ()})
        with inside(cora):
            gone(lost, now)
            sides = queries.sides()

        # Rio has a career mentor; one of Mara's three places is Rio's.
        assert sides[CAREER] == (1, 2, 4)
        assert sides[WELLNESS] == (1, 1, 2)

    def test_is_all_nothing_in_an_empty_chapter(self, inside, cora):
        with inside(cora):
            assert set(queries.sides().values()) == {(0, 0, 0)}

    def test_counts_places_over_all_chapters_and_people_of_this_one(
        self, inside, lakeside, mara, cora
    ):
        elsewhere = make.chapter("harborside")
        twin = make.mentor(elsewhere, email=mara.email)
        make.pairing(twin, make.student(elsewhere))
        with inside(cora):
            assert queries.sides()[CAREER] == (0, 1, 2)


class TestRuns:
    def test_lists_the_newest_first_a_page_at_a_time(self, inside, start, mara, sol, cora):
        for _ in range(queries.RUNS + 2):
            run_id = start(cora)
            with inside(cora):
                queries.run_record(run_id).state = RunState.DISCARDED

        with inside(cora):
            first, more = queries.runs()
            rest, none = queries.runs(before=first[-1].number)

        assert [run.number for run in first + rest] == list(range(queries.RUNS + 2, 0, -1))
        assert (more, none) == (True, False)

    def test_finds_no_run_of_another_chapter(self, inside, start, mara, sol, cora, odd):
        run_id = start(cora)
        with inside(odd):
            assert queries.runs() == ([], False)
            assert queries.run_under_way() is None
            with pytest.raises(NotYours):
                queries.run(run_id)


class TestPairs:
    @pytest.fixture
    def run_id(self, lakeside, draft, cora) -> UUID:
        """A draft of more pairs than a page shows, two of them worth a look."""
        kinds = [CAREER, WELLNESS]
        for number in range(review.PAIRS + 4):
            interests = ("toxicology", "airway")[: number % 3]
            kind = kinds[number % 2]
            make.student(lakeside, f"Student {number:02}", wants={kind: ()}, interests=interests)
        make.mentor(lakeside, "Dr. O'Hara", places=40)
        return draft(cora)

    def every(self, run_id, **shown) -> list[review.Pair]:
        """All the pages of these filters, one after the other."""
        found, after = [], None
        while True:
            page, more = review.pairs(run_id, Shown(**shown, after=after))
            found += page
            if not more:
                return found
            assert len(page) == review.PAIRS
            after = After.read(str(page[-1].after))

    @pytest.mark.parametrize(("show", "turned"), [("", True), ("weakest", False)])
    def test_come_in_order_of_fit_each_once(self, inside, run_id, cora, show, turned):
        with inside(cora):
            pairs = self.every(run_id, show=show)

        assert len({pair.id for pair in pairs}) == len(pairs) == review.PAIRS + 4
        fits = [pair.fit for pair in pairs]
        assert fits == sorted(fits, reverse=turned)

    def test_are_narrowed_by_kind(self, inside, run_id, cora):
        with inside(cora):
            pairs = self.every(run_id, kind=WELLNESS)

        assert {pair.kind for pair in pairs} == {WELLNESS}
        assert len(pairs) == (review.PAIRS + 4) // 2

    @pytest.mark.parametrize(
        ("name", "count"),
        [("student 01", 1), ("o'h", review.PAIRS + 4), ("%", 0), ("_", 0), ("💥", 0), ("\\", 0)],
    )
    def test_are_narrowed_by_a_name_as_it_is_typed(self, inside, run_id, cora, name, count):
        with inside(cora):
            assert len(self.every(run_id, name=name)) == count

    def test_to_look_at_are_those_with_cautions(self, inside, run_id, cora):
        with inside(cora):
            looked = self.every(run_id, show="look")
            cautioned = [pair for pair in self.every(run_id) if pair.cautions]

            assert {pair.id for pair in looked} == {pair.id for pair in cautioned}
            assert len(looked) == queries.run(run_id).facts["to_look_at"]

    @pytest.mark.parametrize(
        "text", ["", "76", "76-", "x-1", f"-1-{UUID(int=7)}", f"999-{UUID(int=7)}"]
    )
    def test_no_place_in_an_address_is_the_first_page(self, text):
        assert After.read(text) is None


def kinds(told) -> set[str]:
    return {pairing["kind"] for pairing in told["pairings"]}
