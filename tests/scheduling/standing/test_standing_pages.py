"""The page of a standing meeting: proposing, answering, stopping."""

import re
from html import unescape

import pytest

from mentorship.relationships.models import PairingState
from mentorship.scheduling import rules
from mentorship.scheduling.standing import series
from mentorship.vocabulary.kinds import Kind
from tests import make

FIELDS = {
    **{"day": "2026-03-05", "at": "14:00", "minutes": "25", "every": "2", "ends": "open"},
    **{"until": "", "times": "", "purpose": "Walk through cases."},
}


@pytest.fixture
def page(mara, sol, now) -> str:
    pairing_id = make.pairing(mara, sol, Kind.CAREER, state=PairingState.ACTIVE)
    return f"/c/lakeside/pairings/{pairing_id}/standing"


def test_the_two_propose_agree_and_stop(page, mara, sol, sign_in):
    students, mentors = sign_in(sol), sign_in(mara)
    assert "Propose it" in students.get(page).text
    assert students.post(page, data=FIELDS).status_code == 303

    asked = mentors.get(page).text
    assert "every 2 weeks, on Thursdays at 2:00 PM in Chicago, until one of you stops it" in asked
    assert "Thu, Mar 19" in asked
    assert "Take it back" in students.get(page).text
    assert mentors.post(f"{page}/agree").status_code == 303
    dates = students.get(page).text
    assert "Move" in dates
    meeting = re.search(r"/c/lakeside/meetings/[0-9a-f-]{36}", dates)[0]
    assert f'href="{page}">One date of your standing meeting' in students.get(meeting).text

    stopping = {"since": "2026-03-19T19:00:00+00:00", "word": "Away rotation."}
    assert students.post(f"{page}/stop", data=stopping).status_code == 303
    again = mentors.get(page).text
    assert "was stopped" in again
    assert "Away rotation." in again


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("day", "", "Choose the first day."),
        ("at", "25:00", "Write the time as a clock shows it"),
        ("minutes", "15", "Choose one of the lengths that are offered."),
        ("every", "13", "Choose how often."),
        ("ends", "until", "Choose the last day."),
        ("ends", "times", "Write a number from 2 to 52."),
        ("purpose", "", "Say in one sentence what it is for."),
        ("day", "2026-03-02", "Let it begin later"),
        ("day", "2026-06-02", "Let it begin within the next six weeks."),
    ],
)
def test_what_does_not_work_keeps_what_was_typed(page, sol, sign_in, field, typed, said):
    answer = sign_in(sol).post(page, data=FIELDS | {field: typed})
    assert answer.status_code == 422
    assert said in answer.text
    assert field == "purpose" or "Walk through cases." in answer.text


def test_a_late_answer_is_told_on_the_page(page, mara, sol, sign_in):
    client = sign_in(sol)
    client.post(page, data=FIELDS)
    own = client.post(f"{page}/agree")
    assert own.status_code == 422
    assert rules.NotYourTurn.sentence in unescape(own.text)
    client.post(f"{page}/close")
    late = sign_in(mara).post(f"{page}/agree")
    assert late.status_code == 422
    assert series.NothingToAnswer.sentence in late.text


def test_nobody_else_has_it(page, sign_in, lakeside):
    assert sign_in(make.student(lakeside)).get(page).status_code == 404
