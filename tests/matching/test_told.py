import pytest
from sqlalchemy import select

from mentorship.foundation.database import db
from mentorship.matching import told
from mentorship.matching.engine.fit import Factor
from mentorship.relationships.models import Pairing
from mentorship.vocabulary.kinds import Kind
from tests import make

CAREER = Kind.CAREER


def reason(factor: str, words: str, points: int = 20, of: int = 20) -> dict:
    return {"factor": factor, "words": words, "points": points, "of": of}


@pytest.mark.parametrize(
    ("words", "to_mentee", "to_mentor"),
    [
        (
            "Asked for EMS, which this mentor offers",
            "You asked for EMS, which they offer",
            "They asked for EMS, which you offer",
        ),
        (
            "Offers EMS, one of the student's interests",
            "They offer EMS, one of your interests",
            "You offer EMS, one of their interests",
        ),
        ("Both named EMS", "You both named EMS", "You both named EMS"),
        (
            "Both in the Mountain West",
            "You share a region: the Mountain West",
            "You share a region: the Mountain West",
        ),
        (
            "Practices where the resident hopes to: academic",
            "They practice where you hope to: academic",
            "You practice where they hope to: academic",
        ),
    ],
)
def test_is_said_to_each_of_the_two(words, to_mentee, to_mentor):
    kept = [reason("interests", words)]

    assert told.why(kept, mentoring=False) == [to_mentee]
    assert told.why(kept, mentoring=True) == [to_mentor]


@pytest.mark.parametrize("factor", ["affinity", "room", "wish", "wished", "time"])
def test_says_nothing_that_is_not_about_the_two_alone(factor):
    assert told.why([reason(factor, "Secret")], mentoring=False) == []


def test_every_factor_is_decided_upon():
    kept_back = {Factor.ROOM, Factor.WISH, Factor.WISHED, Factor.AFFINITY, Factor.TIME}

    assert told.SHARED | kept_back == set(Factor)
    assert not told.SHARED & kept_back


def test_says_the_strongest_three_and_only_what_speaks_for_it():
    kept = [
        reason("stage", "Weak", 2),
        *(reason("interests", f"Reason {n}", 20 - n) for n in range(5)),
    ]

    assert told.why(kept, mentoring=False) == ["Reason 0", "Reason 1", "Reason 2"]


def test_a_pairing_of_a_request_has_none():
    assert told.why([], mentoring=True) == []


class TestPage:
    def test_tells_both_why_and_nothing_of_others(
        self, inside, sign_in, lakeside, draft, publish, cora, now
    ):
        mentor = make.mentor(lakeside, "Dr. Quill", offers={CAREER: ()}, interests=("ems",))
        for name in ("Ana Zed", "Ben Zed"):
            make.student(lakeside, name, wants={CAREER: ()}, interests=("ems",))
        student = make.student(lakeside, "Tess Row", wants={CAREER: ()}, interests=("ems",))
        publish(draft(cora, CAREER), cora)
        with inside(cora):
            [pairing_id] = db.session.scalars(
                select(Pairing.id).where(Pairing.mentee_id == student.id)
            )

        for who in (student, mentor):
            page = sign_in(who).get(f"/c/lakeside/pairings/{pairing_id}").text

            assert "You both named EMS" in page
            assert "Zed" not in page
            assert "of 100" not in page
            assert "places" not in page.split("<main")[1].split("</main>")[0]
