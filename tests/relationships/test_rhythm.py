"""How a pairing stands, as a table of named cases and as properties."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentorship.relationships import rhythm
from mentorship.relationships.models import PairingState
from mentorship.relationships.rhythm import Facts
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import Stage

TODAY = date(2026, 3, 2)  # a Monday


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def facts(**more: object) -> Facts:
    usual = {
        "kind": Kind.CONTENT,
        "stage": Stage.M3,
        "state": PairingState.ACTIVE,
        "began_on": ago(100),
    }
    return Facts(**usual | more)


NEW = {"state": PairingState.ACCEPTED, "last_contact_on": None}
CASES = {
    # what: facts, health, words
    "met lately": ({"last_contact_on": ago(10)}, "good", "In rhythm"),
    "met today": ({"last_contact_on": TODAY}, "good", "In rhythm"),
    "due in eight days": ({"last_contact_on": ago(52)}, "good", "In rhythm"),
    "due in a week": ({"last_contact_on": ago(53)}, "due", "Check-in due Mon, Mar 9"),
    "due in four days": ({"last_contact_on": ago(56)}, "due", "Check-in due Friday"),
    "due tomorrow": ({"last_contact_on": ago(59)}, "due", "Check-in due tomorrow"),
    "due today": ({"last_contact_on": ago(60)}, "due", "Check-in due today"),
    "due yesterday": ({"last_contact_on": ago(61)}, "due", "Check-in was due yesterday"),
    "due two weeks ago": ({"last_contact_on": ago(74)}, "due", "Check-in was due Mon, Feb 16"),
    "due 15 days ago": ({"last_contact_on": ago(75)}, "quiet", "Quiet for 10 weeks"),
    "late, but booked": (
        {"last_contact_on": ago(75), "next_meeting_on": TODAY + timedelta(days=3)},
        "good",
        "Next meeting booked",
    ),
    "in rhythm and booked": (
        {"last_contact_on": ago(5), "next_meeting_on": TODAY},
        "good",
        "In rhythm",
    ),
    "just paired": (NEW | {"began_on": TODAY}, "new", "New, first meeting by Mon, Mar 23"),
    "paired two weeks ago": (NEW | {"began_on": ago(14)}, "due", "First meeting due Mon, Mar 9"),
    "first meeting booked": (
        NEW | {"began_on": ago(30), "next_meeting_on": TODAY + timedelta(days=1)},
        "new",
        "New, first meeting tomorrow",
    ),
    "never met": (NEW | {"began_on": ago(22)}, "quiet", "No first meeting in 3 weeks"),
    "asked today": (
        {"state": PairingState.PROPOSED, "began_on": TODAY},
        "wait",
        "Asked today",
    ),
    "asked on Saturday": (
        {"state": PairingState.PROPOSED, "began_on": ago(2)},
        "wait",
        "Asked on Saturday",
    ),
    "resting": ({"state": PairingState.PAUSED, "last_contact_on": ago(300)}, "paused", "Paused"),
    "over": ({"state": PairingState.ENDED}, "paused", "Ended"),
    "completed": ({"state": PairingState.COMPLETED}, "paused", "Completed"),
    "career may rest four months": (
        {"kind": Kind.CAREER, "last_contact_on": ago(110)},
        "good",
        "In rhythm",
    ),
    "application in an M4 winter is monthly": (
        {"kind": Kind.APPLICATION, "stage": Stage.M4, "last_contact_on": ago(31)},
        "due",
        "Check-in was due yesterday",
    ),
    "application of an M3 is six-weekly": (
        {"kind": Kind.APPLICATION, "stage": Stage.M3, "last_contact_on": ago(31)},
        "good",
        "In rhythm",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_reads(case):
    given_, health, words = CASES[case]

    found = rhythm.of(facts(**given_), today=TODAY)

    assert (found.health, found.words) == (health, words)


class TestWeeks:
    def test_show_meetings_check_ins_and_what_is_missing(self):
        found = rhythm.of(
            facts(met_on=(ago(80),), checked_in_on=(ago(75), ago(79)), last_contact_on=ago(75)),
            today=TODAY,
        )

        assert found.weeks == "mc.......d.."

    def test_show_a_meeting_before_a_check_in_of_the_same_week(self):
        found = rhythm.of(
            facts(met_on=(ago(1),), checked_in_on=(ago(2),), last_contact_on=ago(1)), today=TODAY
        )

        assert found.weeks == "...........m"

    def test_leave_out_what_is_older_or_to_come(self):
        found = rhythm.of(
            facts(met_on=(ago(84), TODAY + timedelta(days=1)), last_contact_on=ago(20)),
            today=TODAY,
        )

        assert found.weeks == "." * 12

    def test_say_it_in_a_sentence(self):
        found = rhythm.of(
            facts(
                met_on=(ago(20), ago(50)),
                checked_in_on=(ago(9),),
                last_contact_on=ago(9),
                next_meeting_on=TODAY + timedelta(days=8),
            ),
            today=TODAY,
        )

        assert found.label == (
            "Last 12 weeks: 2 meetings and 1 check-in. In rhythm. Next meeting Tue, Mar 10."
        )
        assert found.ahead == 1


@pytest.mark.parametrize(
    ("kind", "stage", "on", "words"),
    [
        (Kind.CAREER, None, TODAY, "Every 4 months"),
        (Kind.CONTENT, Stage.M1, TODAY, "Every 2 months"),
        (Kind.WELLNESS, Stage.M1, TODAY, "Every 2 months"),
        (Kind.APPLICATION, Stage.M3, TODAY, "Every 6 weeks"),
        (Kind.APPLICATION, Stage.M4, date(2026, 11, 2), "Every month"),
    ],
)
def test_says_how_often(kind, stage, on, words):
    assert rhythm.every(kind, stage=stage, on=on) == words


days_near = st.integers(0, 400).map(ago)


@given(
    kind=st.sampled_from(Kind),
    stage=st.none() | st.sampled_from(Stage),
    state=st.sampled_from(PairingState),
    began_on=days_near,
    last=st.none() | days_near,
    met=st.lists(days_near, max_size=9),
    checked_in=st.lists(days_near, max_size=9),
    booked=st.none() | st.integers(-30, 60).map(lambda days: TODAY + timedelta(days=days)),
)
def test_whatever_is_known(kind, stage, state, began_on, last, met, checked_in, booked):
    found = rhythm.of(
        Facts(kind, stage, state, began_on, last, tuple(met), tuple(checked_in), booked),
        today=TODAY,
    )

    assert len(found.weeks) == rhythm.WEEKS
    assert set(found.weeks) <= set("mcd.")
    assert found.weeks.count("d") <= 1
    assert found.health in ("good", "due", "quiet", "wait", "paused", "new")
    assert found.words
    assert found.words in found.label
    assert (found.due_on is None) == (state not in (PairingState.ACCEPTED, PairingState.ACTIVE))
    if found.health == "quiet":
        assert found.due_on < TODAY
    if booked is not None and booked >= TODAY:
        assert found.health not in ("quiet", "due")
        assert found.ahead in (0, 1, 2)
