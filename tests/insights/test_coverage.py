"""Counting students: who is covered, and what a breakdown may not tell."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentorship.foundation.database import db
from mentorship.insights import coverage
from mentorship.relationships.models import Pairing, PairingState
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import Stage
from tests import make


def row(stage, students, paired=0, met=0):
    return SimpleNamespace(stage=stage and stage.value, students=students, paired=paired, met=met)


def told(*rows) -> list[tuple[str, int]]:
    return [(line.label, line.students) for line in coverage.by_stage(rows)]


class TestByStage:
    def test_tells_large_stages_in_order(self):
        rows = row(Stage.M4, 5), row(Stage.M1, 30), row(None, 7)
        assert told(*rows) == [("M1", 30), ("M4", 5), ("Stage not given", 7)]

    def test_tells_small_ones_together(self):
        assert told(row(Stage.M1, 9), row(Stage.M2, 4), row(Stage.M3, 3)) == [
            ("M1", 9),
            ("M2 and M3", 7),
        ]

    def test_takes_in_the_next_smallest_when_together_they_are_few(self):
        # With the total known, one hidden line could be worked out from the rest.
        assert told(row(Stage.M1, 9), row(Stage.M2, 6), row(Stage.M3, 2)) == [
            ("M1", 9),
            ("M2 and M3", 8),
        ]

    def test_says_nothing_of_fewer_than_five_in_all(self):
        assert told(row(Stage.M1, 2), row(Stage.M2, 2)) == []
        assert told() == []

    @pytest.mark.parametrize(
        ("paired", "says"),
        [(0, "under 5"), (4, "under 5"), (5, "5"), (15, "15"), (16, "nearly all"), (20, "20")],
    )
    def test_hides_small_cells_and_small_rests(self, paired, says):
        assert coverage.by_stage([row(Stage.M1, 20, paired)])[0].paired == says

    @given(st.dictionaries(st.sampled_from(Stage), st.integers(1, 12), max_size=8))
    def test_never_lets_a_few_be_worked_out(self, sizes):
        lines = coverage.by_stage([row(stage, size) for stage, size in sizes.items()])
        shown = sum(line.students for line in lines)

        assert all(line.students >= coverage.FEWEST for line in lines)
        assert shown == sum(sizes.values()) or not lines


def test_counts_each_student_once_and_by_kind(inside, lakeside, mara, sol, now):
    other = make.mentor(lakeside)
    pairings = [
        make.pairing(mara, sol, Kind.CAREER),
        make.pairing(other, sol, Kind.CAREER, state=PairingState.PROPOSED),
        make.pairing(
            other,
            make.student(lakeside, stage=Stage.M1),
            Kind.WELLNESS,
            state=PairingState.PROPOSED,
        ),
        make.pairing(other, make.student(lakeside, stage=Stage.M1), Kind.APPLICATION),
    ]
    with inside(sol):
        db.session.get(Pairing, (sol.chapter_id, pairings[0])).first_met_at = now
    with inside(sol):
        found = coverage.now()

    counts = {one.kind.value: (one.have, one.wait, one.students) for one in found.kinds}
    assert counts == {
        "career": (1, 0, 3),  # the second request does not make Sol wait: there is a mentor
        "content": (0, 0, 3),
        "application": (0, 0, 1),  # M1s are not expected to have one
        "wellness": (0, 1, 3),
    }
    assert (found.students, found.begun, found.asked, found.paired, found.met) == (3, 3, 3, 2, 1)


def test_an_ended_pairing_covers_nobody(inside, mara, sol, now):
    pairing_id = make.pairing(mara, sol)
    with inside(sol):
        ended = db.session.get(Pairing, (sol.chapter_id, pairing_id))
        ended.state, ended.ended_at, ended.first_met_at = PairingState.ENDED, now, now
    with inside(sol):
        found = coverage.now()
    assert (found.asked, found.paired, found.met) == (0, 0, 0)


def test_nobody_at_all_is_no_error(inside, lakeside):
    with inside(lakeside):
        found = coverage.now()
    assert (found.students, found.weakest) == (0, None)
