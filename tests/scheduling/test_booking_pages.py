"""Asking for a meeting, as a student meets it."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Row, select
from werkzeug.test import TestResponse

from mentorship.foundation import scope
from mentorship.foundation.database import db
from mentorship.relationships import conflicts
from mentorship.scheduling import hours
from mentorship.scheduling.models import AgendaItem, Meeting
from mentorship.vocabulary.kinds import Kind
from tests import make
from tests.scheduling.asking import HALF_AN_HOUR, WEDNESDAY_AT_TWO, ask, pairing_of

SLOT = "2026-03-04T20:00Z"
ANSWERS = {
    "kind": "career",
    "minutes": "25",
    "slot": SLOT,
    "purpose": "Academic or community: how did you decide?",
    "question_1": "What would you do differently?",
}


@pytest.fixture
def path(mara) -> str:
    return f"/c/lakeside/mentors/{mara.id}/ask"


@pytest.fixture
def send(sign_in, sol, path, now) -> Callable[..., TestResponse]:
    """Send the form as Sol, with what the test changes; None leaves a field out."""
    client = sign_in(sol)

    def send(**changes: Any) -> TestResponse:
        said = {name: value for name, value in (ANSWERS | changes).items() if value is not None}
        return client.post(path, data=said)

    return send


@pytest.fixture
def asked(sol) -> Callable[[], list[Row]]:
    """Every meeting there is in Sol's chapter."""

    def asked() -> list[Row]:
        with scope.chapter(sol.chapter_id):
            wanted = select(Meeting.id, Meeting.purpose, Meeting.starts_at)
            return list(db.session.execute(wanted))

    return asked


def chosen(answer: TestResponse) -> str | None:
    """The value of the time that is ticked."""
    ticked = re.search(r'name="slot" value="([^"]+)"[^>]* checked', answer.text)
    return ticked and ticked[1]


class TestThePage:
    def test_shows_times_in_the_students_zone_with_the_mentors_beside(
        self, lakeside, sign_in, path, now
    ):
        student = make.student(lakeside, zone="America/New_York")
        page = sign_in(student).get(path)
        assert page.status_code == 200
        assert f'value="{SLOT}"' in page.text
        assert "Wednesday, Mar 4, 3:00 to 3:25 PM EST (2:00 PM CST for Dr. Quist)" in page.text
        assert "Times are yours, New York." in page.text

    def test_says_so_where_the_clocks_agree(self, sign_in, sol, path, now):
        page = sign_in(sol).get(path)
        assert "Dr. Quist’s clock shows the same time, Chicago." in page.text

    def test_preselects_what_the_address_names(self, sign_in, sol, path, now):
        page = sign_in(sol).get(f"{path}?kind=wellness&minutes=30&week=2026-03-17")
        assert re.search(r'value="wellness" checked', page.text)
        assert re.search(r'value="30" checked', page.text)
        assert "March 16 to 22" in page.text

    @pytest.mark.parametrize(
        "query",
        ["kind=nonsense&minutes=abc&week=2026-99-99", "minutes=-1", "week=9999-12-31", "week=%00"],
    )
    def test_makes_the_best_of_an_address_that_was_tampered_with(
        self, sign_in, sol, path, now, query
    ):
        assert sign_in(sol).get(f"{path}?{query}").status_code == 200

    def test_offers_only_the_lengths_that_the_mentor_takes(self, lakeside, sign_in, sol, now):
        mentor = make.mentor(lakeside, hours=make.WEEKDAYS, lengths=[20])
        page = sign_in(sol).get(f"/c/lakeside/mentors/{mentor.id}/ask").text
        assert re.findall(r'name="minutes" value="(\d+)"', page) == ["20"]

    def test_of_a_pairing_asks_for_no_kind(self, sign_in, mara, sol, path, now):
        make.pairing(mara, sol, Kind.WELLNESS)
        page = sign_in(sol).get(path).text
        assert "Book a time with Dr. Quist" in page
        assert '<input type="hidden" name="kind" value="wellness">' in page

    def test_says_what_to_do_where_there_are_no_hours(self, lakeside, sign_in, sol, now):
        mentor = make.mentor(lakeside, "Dr. Ana Cruz")
        page = sign_in(sol).get(f"/c/lakeside/mentors/{mentor.id}/ask").text
        assert "No free time in the next six weeks" in page
        assert "Dr. Cruz has not said yet when students can book." in page
        assert "Find another mentor" in page

    @pytest.mark.parametrize(
        ("more", "words"),
        [
            ({"paused": True}, "takes no new requests at present"),
            ({"offers": {}}, "has not said yet what to ask for"),
            ({"lengths": []}, "has not said yet what to ask for"),
            ({"places": 0}, "has no place left"),
        ],
    )
    def test_says_at_once_where_nobody_can_ask(self, lakeside, sign_in, sol, now, more, words):
        mentor = make.mentor(lakeside, hours=make.WEEKDAYS, **more)
        page = sign_in(sol).get(f"/c/lakeside/mentors/{mentor.id}/ask")
        assert page.status_code == 200
        assert words in page.text
        assert "<form" not in page.text.split("<main")[1]
        sent = sign_in(sol).post(f"/c/lakeside/mentors/{mentor.id}/ask", data=ANSWERS)
        assert sent.status_code == 422

    def test_says_at_once_that_a_request_waits(self, sign_in, mara, sol, path, now):
        ask(mara, sol, now=now)
        assert "Your request is with Dr. Quist" in sign_in(sol).get(path).text

    def test_says_at_once_that_three_wait(self, lakeside, sign_in, sol, path, now):
        for number in range(3):
            mentor = make.mentor(lakeside, hours=make.WEEKDAYS)
            ask(mentor, sol, now=now, starts_at=WEDNESDAY_AT_TWO + number * HALF_AN_HOUR)
        assert "Three requests are waiting" in sign_in(sol).get(path).text

    def test_is_for_students_of_the_chapter(self, sign_in, mara, odd, cora, path, now):
        assert sign_in(mara).get(path).status_code == 403
        assert sign_in(cora).get(path).status_code == 403
        assert sign_in(odd).get(path).status_code == 404

    def test_a_mentor_of_another_chapter_does_not_exist(self, sign_in, sol, odd, now):
        path = f"/c/lakeside/mentors/{odd.id}/ask"
        assert sign_in(sol).get(path).status_code == 404
        assert sign_in(sol).post(path, data=ANSWERS).status_code == 404

    def test_costs_the_same_whatever_is_booked(
        self, lakeside, sign_in, mara, sol, path, now, statements
    ):
        client = sign_in(sol)
        client.get(path)
        with statements() as few:
            client.get(path)
        for number in range(20):
            make.meeting(
                mara,
                sol,
                make.pairing(make.mentor(lakeside), make.student(lakeside)),
                starts_at=WEDNESDAY_AT_TWO + timedelta(days=number, hours=5),
            )
        with statements() as many:
            client.get(path)
        assert len(many) == len(few) <= 4


class TestSending:
    def test_leads_to_the_meeting(self, send, asked, sol):
        answer = send()
        [meeting] = asked()
        assert (answer.status_code, answer.location) == (303, f"/c/lakeside/meetings/{meeting.id}")
        assert (meeting.purpose, meeting.starts_at) == (ANSWERS["purpose"], WEDNESDAY_AT_TWO)
        with scope.chapter(sol.chapter_id):
            assert [item.what for item in db.session.scalars(select(AgendaItem))] == [
                "What would you do differently?"
            ]

    def test_content_takes_its_topic_and_other_kinds_take_none(self, send, asked, lakeside, sol):
        send(kind="content", topic="ultrasound")
        with scope.chapter(sol.chapter_id):
            assert pairing_of(db.session.scalars(select(Meeting)).one()).topic == "ultrasound"

    def test_a_topic_of_another_kind_is_left_out(self, send, sol):
        assert send(kind="career", topic="ultrasound").status_code == 303
        with scope.chapter(sol.chapter_id):
            assert pairing_of(db.session.scalars(select(Meeting)).one()).topic is None

    def test_two_taps_make_one_meeting(self, send, asked):
        first, second = send(form_key="k1"), send(form_key="k1")
        assert (second.status_code, second.location) == (303, first.location)
        assert len(asked()) == 1

    def test_without_the_key_the_second_reads_why_not(self, send, asked):
        send()
        second = send()
        assert second.status_code == 422
        assert "You have asked this mentor already." in second.text
        assert len(asked()) == 1


class TestWhatComesBack:
    """Bad input: a sentence beside the field, what was typed is kept, nothing is changed."""

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"purpose": None}, "Say in one sentence what you would like to talk about."),
            ({"purpose": "  \n "}, "Say in one sentence what you would like to talk about."),
            ({"purpose": "\x00\x07\u202e"}, "Say in one sentence"),
            ({"purpose": "a" * 281}, "Keep it within 280 characters."),
            ({"question_2": "a" * 201}, "Keep a question within 200 characters."),
            ({"kind": None}, "Choose what kind of conversation it is."),
            ({"kind": "surgery"}, "Choose one of the kinds that are offered."),
            ({"kind": "content"}, "Choose the topic."),
            ({"kind": "content", "topic": "wilderness"}, "does not offer that topic"),
            ({"minutes": None}, "Choose how long."),
            ({"minutes": "45"}, "Choose one of the lengths that are offered."),
            ({"minutes": "soon"}, "Choose one of the lengths that are offered."),
            ({"slot": None}, "Choose a time."),
            ({"slot": "tomorrow"}, "Choose one of the times."),
            ({"slot": "2026-03-04"}, "outside the mentor&#39;s open hours"),
            ({"slot": "9999-12-31T23:59:59-23:59"}, "Choose one of the times."),
            ({"slot": "0001-01-01T00:00:00+14:00"}, "Choose one of the times."),
            ({"slot": "2026-03-02T19:00Z"}, "at least 24 hours from now"),
            ({"slot": "2020-01-01T20:00Z"}, "at least 24 hours from now"),
            ({"slot": "2026-06-01T20:00Z"}, "within the next six weeks"),
            ({"slot": "2026-03-04T15:00Z"}, "outside the mentor&#39;s open hours"),
            ({"slot": "2026-03-04T20:07Z"}, "one of the times that are offered"),
            ({"slot": "2026-03-08T02:30"}, "2:30 AM never comes on Sunday, March 8"),
        ],
    )
    def test_says_what_to_do(self, send, asked, changes, words):
        answer = send(**changes)
        assert answer.status_code == 422
        assert words in answer.text
        assert "<title>Error: " in answer.text
        assert asked() == []
        if "question_1" not in changes:
            assert ANSWERS["question_1"] in answer.text

    def test_keeps_whatever_people_write(self, send, asked):
        words = "שלום, O’Neil’s <b>“question”</b> 🩺 naïve"
        answer = send(purpose=words, slot="2026-03-04T15:00Z")
        assert answer.status_code == 422
        assert "שלום, O’Neil’s &lt;b&gt;“question”&lt;/b&gt; 🩺 naïve" in answer.text
        send(purpose=words)
        assert asked()[0].purpose == words

    def test_a_time_taken_meanwhile_is_409_with_the_nearest_one_chosen(
        self, lakeside, send, mara, asked, now
    ):
        ask(mara, make.student(lakeside), now=now)
        answer = send()
        assert answer.status_code == 409
        assert "Someone else has just taken that time." in answer.text
        assert "The nearest free time is chosen for you below." in answer.text
        assert chosen(answer) == "2026-03-04T19:30Z"
        assert ANSWERS["purpose"] in answer.text
        assert len(asked()) == 1

    def test_a_choice_that_still_holds_is_kept_when_something_else_is_wrong(self, send):
        answer = send(purpose="", slot="2026-03-18T19:00Z")
        assert chosen(answer) == "2026-03-18T19:00Z"
        assert "March 16 to 22" in answer.text

    def test_the_week_that_was_shown_stays_when_no_time_was_chosen(self, send):
        answer = send(slot=None, shown="2026-03-16")
        assert answer.status_code == 422
        assert "Choose a time." in answer.text
        assert "March 16 to 22" in answer.text

    def test_hours_that_were_changed_meanwhile(self, send, mara, now):
        with scope.chapter(mara.chapter_id):
            hours.set_weekly(hours=[], by=mara, now=now)
            db.session.commit()
        answer = send()
        assert answer.status_code == 422
        assert "No free time in the next six weeks" in answer.text

    def test_a_block_is_not_explained(self, send, mara, sol, now, inside):
        with inside(mara):
            conflicts.block(other=sol, by=mara, now=now)
        answer = send()
        assert answer.status_code == 422
        assert "cannot be paired with each other" in answer.text


class TestLookingWithoutTheScript:
    def test_another_week_keeps_what_was_typed(self, send, asked):
        answer = send(week="2026-03-18", slot=None, form_key="k1")
        assert answer.status_code == 200
        assert "March 16 to 22" in answer.text
        assert ANSWERS["purpose"] in answer.text
        assert "Error:" not in answer.text
        assert asked() == []

    def test_and_can_be_sent_afterwards_with_the_same_key(self, send, asked):
        send(week="2026-03-18", form_key="k1")
        send(week="2026-03-18", form_key="k1")
        assert send(form_key="k1").status_code == 303
        assert len(asked()) == 1

    def test_another_length_shows_its_times(self, send):
        answer = send(look="1", minutes="30")
        assert answer.status_code == 200
        assert "1:00 to 1:30 PM CST" in answer.text
