"""A person's meetings in their own calendar program."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar
from sqlalchemy import select, update

from mentorship.foundation import tokens
from mentorship.foundation.database import db
from mentorship.scheduling import meetings
from mentorship.scheduling.models import CalendarAddress
from mentorship.tenancy.models import Membership
from tests import make
from tests.scheduling.asking import WEDNESDAY_AT_TWO, ask, mine


@pytest.fixture
def anyone(app, undone):
    """A calendar program, which is signed in nowhere."""
    return app.test_client()


@pytest.fixture
def address(sign_in):
    """The address that this person's page shows, made anew."""

    def address(member) -> str:
        browser = sign_in(member)
        assert browser.post("/c/lakeside/calendar").status_code == 303
        page = browser.get("/c/lakeside/calendar").text
        return re.search(r'value="[^"]*(/cal/[^"]+\.ics)"', page)[1]

    return address


@pytest.fixture
def agreed(mara, sol, now, inside):
    """A meeting that both have said yes to."""
    meeting_id = ask(mara, sol, now=now)
    with inside(mara):
        meetings.accept(mine(meeting_id, mara), by=mara, now=now)
    return meeting_id


def read(anyone, address):
    """The events that a calendar program finds there, by their ids."""
    answer = anyone.get(address)
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/calendar")
    return {str(event["uid"]): event for event in Calendar.from_ical(answer.data).events}


def test_both_find_the_meeting_at_its_instant_and_nothing_that_was_written(
    agreed, address, anyone, mara, sol, inside
):
    with inside(mara):
        meeting = mine(agreed, mara)
    for who in (mara, sol):
        where = address(who)
        [event] = read(anyone, where).values()
        assert event.start == meeting.starts_at
        assert event.end == meeting.ends_at
        assert event["status"] == "CONFIRMED"
        body = anyone.get(where).text
        assert "ATTENDEE" not in body
        assert meeting.purpose not in body.replace("\r\n ", "")
        assert "areer" not in body


def test_a_request_that_waits_is_in_nobodys_calendar(mara, sol, now, address, anyone):
    ask(mara, sol, now=now)
    assert read(anyone, address(mara)) == {}


def test_a_meeting_called_off_stays_as_cancelled_for_a_month(
    agreed, address, anyone, mara, now, inside, at
):
    where = address(mara)
    with inside(mara):
        meetings.cancel(mine(agreed, mara), word="", by=mara, now=now)
    [event] = read(anyone, where).values()
    assert event["status"] == "CANCELLED"
    assert event["sequence"] == 1
    with inside(mara):
        starts_at = mine(agreed, mara).starts_at
    at(starts_at + timedelta(days=31))
    assert read(anyone, where) == {}


def test_nothing_is_sent_again_while_nothing_has_changed(agreed, address, anyone, mara):
    where = address(mara)
    first = anyone.get(where)
    again = anyone.get(where, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert again.data == b""
    assert "private" in first.headers["Cache-Control"]


def test_a_new_address_ends_the_one_before(agreed, address, anyone, mara):
    before = address(mara)
    after = address(mara)
    assert before != after
    assert anyone.get(before).status_code == 404
    assert anyone.get(after).status_code == 200


def test_an_address_can_be_ended(address, anyone, mara, sign_in):
    where = address(mara)
    browser = sign_in(mara)
    assert "Keep it" in browser.get("/c/lakeside/calendar/closing").text
    assert anyone.get(where).status_code == 200
    browser.post("/c/lakeside/calendar/closing")
    assert anyone.get(where).status_code == 404
    assert "no calendar address yet" in browser.get("/c/lakeside/calendar").text


def test_an_address_of_somebody_who_left_shows_nothing(agreed, address, anyone, mara, inside, now):
    where = address(mara)
    with inside(mara):
        gone = update(Membership).where(Membership.id == mara.id).values(left_at=now)
        db.session.execute(gone)
        db.session.commit()
    assert read(anyone, where) == {}


@pytest.mark.parametrize("token", ["x", "a.b.c", "é", "W10.x", "a" * 300])
def test_a_made_up_address_opens_nothing(anyone, token):
    assert anyone.get(f"/cal/{token}.ics").status_code == 404


def test_a_link_of_another_purpose_opens_no_calendar(app, agreed, address, anyone, mara, inside):
    address(mara)
    with inside(mara):
        key = db.session.scalars(select(CalendarAddress.key)).one()
    facts = {"user": str(mara.user_id), "key": key}
    secret = app.config["SECRET_KEY"]
    until = datetime(9999, 1, 1, tzinfo=UTC)
    for purpose, status in (("answer", 404), ("calendar", 200)):
        token = tokens.sign(facts, purpose=purpose, secret=secret, until=until)
        assert anyone.get(f"/cal/{token}.ics").status_code == status


def test_meetings_of_every_chapter_are_there(address, anyone, mara, sol, now, inside):
    elsewhere = make.chapter("ridgetop")
    there = make.mentor(elsewhere, "Dr. Mara Quist", email=mara.email, hours=make.WEEKDAYS)
    assert there.user_id == mara.user_id
    other = make.student(elsewhere, "Uma Teal")
    for mentor, mentee, more in (
        (mara, sol, {}),
        (there, other, {"starts_at": WEDNESDAY_AT_TWO + timedelta(days=1)}),
    ):
        meeting_id = ask(mentor, mentee, now=now, **more)
        with inside(mentor):
            meetings.accept(mine(meeting_id, mentor), by=mentor, now=now)
    found = read(anyone, address(mara)).values()
    assert [str(event["summary"]) for event in found] == [
        "Sol Adair and Dr. Mara Quist",
        "Uma Teal and Dr. Mara Quist",
    ]
    assert ["/c/lakeside/" in event["url"] for event in found] == [True, False]
    assert len(read(anyone, address(sol))) == 1
