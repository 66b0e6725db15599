"""The page of this week: one press a line, what was typed is kept, and roles are kept to."""

import re
from datetime import timedelta

import pytest

from mentorship.foundation.database import db
from mentorship.relationships.help import Help
from mentorship.tenancy.roles import Role
from mentorship.vocabulary.kinds import Kind
from tests import make

DAY = timedelta(days=1)
URL = "/c/lakeside/week"


@pytest.fixture
def late(mara, sol, now):
    return make.pairing(mara, sol, began_at=now - 22 * DAY)


def sent(late, outcome="reminded", **more):
    return {"reason": "not_met", "subject": str(late), "outcome": outcome, "weeks": "1"} | more


def test_a_coordinator_reminds_and_sees_it_done(sign_in, late, cora, now):
    client = sign_in(cora)
    page = client.get(URL).text
    assert "1 thing to look at" in page
    assert "Remind them" in page
    answer = client.post(URL, data=sent(late), follow_redirects=True)

    assert "The reminder goes to Sol Adair now." in answer.text
    assert "1 of 1 done." in answer.text
    assert "All done this week" in answer.text


def test_an_undo_brings_the_line_back(sign_in, late, cora, now):
    client = sign_in(cora)
    page = client.post(URL, data=sent(late, "called"), follow_redirects=True).text
    help_id = re.search(r'name="help" value="([^"]+)"', page)[1]
    page = client.post(URL + "/back", data={"help": help_id}, follow_redirects=True).text

    assert "1 thing to look at" in page
    assert "0 of 1 done." in page


def test_a_refusal_keeps_what_was_typed(sign_in, late, cora, now):
    note = "Back on Friday. " * 40
    answer = sign_in(cora).post(URL, data=sent(late, "called", note=note, weeks="4"))

    assert answer.status_code == 422
    assert "Error: This week" in answer.text
    assert note.strip() in answer.text
    assert re.search(r'<option selected[^>]+value="4"', answer.text)


def test_the_same_line_pressed_by_two_is_done_once(sign_in, inside, lakeside, late, cora, now):
    assert sign_in(cora).post(URL, data=sent(late, "called")).status_code == 303
    again = sign_in(make.coordinator(lakeside)).post(URL, data=sent(late, "called"))

    assert again.status_code == 422
    assert "Somebody may have seen to it already." in again.text
    with inside(cora):
        assert db.session.query(Help).count() == 1


def test_a_form_pressed_twice_is_answered_alike(sign_in, late, cora, now):
    client, data = sign_in(cora), sent(late, "called", form_key="once")
    assert [client.post(URL, data=data).status_code for _ in range(2)] == [303, 303]


@pytest.mark.parametrize(
    "bad", [{"reason": "x"}, {"subject": "x"}, {"outcome": "x"}, {"outcome": ""}]
)
def test_what_no_button_sends_is_answered_in_words(sign_in, late, cora, now, bad):
    answer = sign_in(cora).post(URL, data=sent(late) | bad)

    assert answer.status_code == 422
    assert "Press one of the buttons beside a line." in answer.text


def test_an_advisor_looks_and_an_officer_helps(sign_in, lakeside, mara, sol, late, now):
    make.student(lakeside, "Alone Now")
    advisor = sign_in(make.member(lakeside, Role.ADVISOR))
    officer = sign_in(make.member(lakeside, Role.OFFICER))

    assert "Remind them" not in advisor.get(URL).text
    assert advisor.post(URL, data=sent(late)).status_code == 403
    page = officer.get(URL).text
    assert "Remind them" in page
    assert "Look for a mentor" not in page
    assert sol.email not in page
    assert officer.post(URL, data=sent(late)).status_code == 303


def test_it_is_about_a_screen(sign_in, lakeside, mara, cora, now):
    for number in range(14):
        make.member(lakeside, Role.STUDENT, name=f"Empty {number:02}")
    page = sign_in(cora).get(URL).text

    assert page.count('name="reason"') == 10
    assert "And 4 more." in page


def test_of_wellness_it_tells_two_names_and_three_words(sign_in, mara, sol, cora, now):
    make.pairing(mara, sol, Kind.WELLNESS, began_at=now - 60 * DAY)
    line = re.search(r'<ol class="todo">.*?</ol>', sign_in(cora).get(URL).text, re.DOTALL)[0]

    assert "Needs a hand." in line
    assert "week ago" not in line
    assert "met yet" not in line
