"""The page of a standing meeting: proposing, answering, stopping."""

import re
from datetime import UTC, datetime
from html import unescape

import pytest

from mentorship.relationships.models import PairingState
from mentorship.scheduling import rules
from mentorship.scheduling.standing import series
from mentorship.vocabulary.kinds import Kind
from tests import make

FIELDS = {
    **{"slot": "2026-03-05T20:00Z", "minutes": "25", "every": "2", "ends": "open"},
    **{"until": "", "times": "", "purpose": "Walk through cases."},
}
TYPED = {"slot": "other", "day": "2026-03-05", "at": "19:07"}


@pytest.fixture
def page(mara, sol, now) -> str:
    pairing_id = make.pairing(mara, sol, Kind.CAREER, state=PairingState.ACTIVE)
    return f"/c/lakeside/pairings/{pairing_id}/standing"


def test_the_two_propose_agree_and_stop(page, mara, sol, sign_in):
    students, mentors = sign_in(sol), sign_in(mara)
    assert 'value="2026-03-05T20:00Z"' in students.get(page).text
    assert students.post(page, data=FIELDS).status_code == 303

    asked = mentors.get(page).text
    assert "The first date is held for both of you until then." in asked
    assert "Left out" not in asked
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
        ("slot", "", "Choose a time."),
        ("slot", "other", "Choose one of the times."),
        ("minutes", "15", "Choose one of the lengths that are offered."),
        ("every", "13", "Choose how often."),
        ("ends", "until", "Choose the last day."),
        ("ends", "times", "Write a number from 2 to 52."),
        ("purpose", "", "Say in one sentence what it is for."),
        ("slot", "2026-03-03T11:45", "Please choose a time that is at least"),
        ("slot", "2026-06-02T14:00", "Please choose a time within the next six weeks."),
        ("slot", "2026-03-05T18:00", "outside the mentor&#39;s open hours"),
    ],
)
def test_what_does_not_work_keeps_what_was_typed(page, sol, sign_in, field, typed, said):
    answer = sign_in(sol).post(page, data=FIELDS | {field: typed})
    assert answer.status_code == 422
    assert said in answer.text
    assert field == "purpose" or "Walk through cases." in answer.text


def test_what_is_taken_meanwhile_comes_back_with_the_nearest_free_time(
    page, mara, sol, sign_in, lakeside
):
    other = make.student(lakeside)
    at = datetime(2026, 3, 5, 20, tzinfo=UTC)
    make.meeting(mara, other, make.pairing(mara, other), starts_at=at)
    client = sign_in(sol)
    assert 'value="2026-03-05T20:00Z"' not in client.get(page).text
    answer = client.post(page, data=FIELDS)
    assert answer.status_code == 422
    assert "Someone else has just taken that time." in answer.text
    assert 'value="2026-03-05T19:30Z"' in answer.text


def test_looking_at_another_week_or_length_keeps_what_was_typed_and_proposes_nothing(
    page, sol, sign_in
):
    client = sign_in(sol)
    for look in ({"week": "2026-03-16"}, {"look": "1", "shown": "2026-03-16", "minutes": "30"}):
        answer = client.post(page, data=FIELDS | {"slot": ""} | look)
        assert answer.status_code == 200
        assert "March 16 to 22" in answer.text
        assert "Walk through cases." in answer.text
    assert "The first date" in client.get(page).text


def test_the_mentor_alone_may_type_a_time(page, mara, sol, sign_in):
    answer = sign_in(sol).post(page, data=FIELDS | TYPED)
    assert answer.status_code == 422
    mentors = sign_in(mara)
    late = mentors.post(page, data=FIELDS | TYPED | {"at": "25:00"})
    assert late.status_code == 422
    assert "Write the time as a clock shows it" in late.text
    assert mentors.post(page, data=FIELDS | TYPED).status_code == 303
    assert "on Thursdays at 7:07 PM in Chicago" in mentors.get(page).text


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
