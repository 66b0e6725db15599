"""A mentor's calendars on the page: linking, correcting, removing, and what is never shown."""

from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from sqlalchemy import select

from mentorship.foundation.database import db
from mentorship.scheduling.feeds.models import Feed, FeedTime, RestRule
from tests import make
from tests.scheduling.feeds.reads import calendar

PAGE = "/c/lakeside/hours/calendars"
NIGHT = calendar(
    "SUMMARY:canary N1\nDTSTART;TZID=America/Chicago:20260303T230000\n"
    "DTEND;TZID=America/Chicago:20260304T070000",
    "SUMMARY:canary day\nDTSTART:canary",
)
ABOUT = {"name": "Shifts at Lakeside", "holds": "shifts", "all_day": "busy"}


@pytest.fixture
def client(sign_in, mara, now):
    return sign_in(mara)


def link_file(client, content=NIGHT, **more):
    data = ABOUT | {"file": (BytesIO(content), "shifts.ics")} | more
    return client.post(PAGE, data=data, content_type="multipart/form-data")


def feed():
    found = db.session.scalars(select(Feed)).one()
    db.session.commit()
    return found


def rows(column):
    found = list(db.session.scalars(select(column).order_by(column)))
    db.session.commit()
    return found


def test_a_file_is_read_and_what_was_read_is_told_without_a_word_of_it(client):
    sent = link_file(client)
    page = client.get(PAGE).text

    assert (sent.status_code, sent.location) == (303, PAGE)
    assert "2 events, 1 of them unreadable." in page
    assert "Shifts: 1 night." in page
    assert "begins at a time that cannot be read" in page
    assert "as of Mon, Mar 2" in page
    assert "canary" not in page


def test_an_address_waits_to_be_read_and_is_never_shown_again(client):
    sent = client.post(PAGE, data=ABOUT | {"address": "webcal://calendar.example.org/canary.ics"})
    page = client.get(PAGE).text

    assert sent.status_code == 303
    assert "from calendar.example.org" in page
    assert "It is being read for the first time." in page
    assert "canary" not in page + client.get(f"{PAGE}/{feed().id}").text


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("", "Paste an address, or choose a file below."),
        ("http://calendar.example.org/", "has to begin with https:// or webcal://"),
        ("https://me:word@calendar.example.org/", "must not hold a name or password"),
        ("https://calendar.example.org:8443/", "must not name a port"),
        ("not an address", "not an address of a calendar"),
    ],
)
def test_what_is_no_address_comes_back_with_the_reason_and_what_was_typed(client, address, words):
    answer = client.post(PAGE, data=ABOUT | {"address": address})

    assert answer.status_code == 422
    assert words in answer.text
    assert 'value="Shifts at Lakeside"' in answer.text
    assert rows(Feed.id) == []


def test_a_file_that_cannot_be_trusted_comes_back_with_the_reason(client):
    answer = link_file(client, NIGHT[:-30])

    assert answer.status_code == 422
    assert "The file is cut off: its end is missing." in answer.text
    assert rows(Feed.id) == []


def test_a_nameless_calendar_and_two_ways_at_once_come_back(client):
    answer = link_file(client, name="", address="https://calendar.example.org/")

    assert answer.status_code == 422
    assert "Give the calendar a name" in answer.text
    assert "Give an address or a file, not both." in answer.text


def test_a_rule_corrects_the_kind_when_the_file_is_read_again(client):
    link_file(client)
    path = f"{PAGE}/{feed().id}"

    rule = {"rules-0-pattern": "n1", "rules-0-meaning": "on_call", "zone": "America/Chicago"}
    saved = client.post(path, data=ABOUT | rule)
    again = client.post(
        f"{path}/file",
        data={"file": (BytesIO(NIGHT), "shifts.ics")},
        content_type="multipart/form-data",
    )

    assert (saved.status_code, again.status_code) == (303, 303)
    assert feed().rules == [["n1", "on_call"]]
    assert 'value="n1"' in client.get(path).text
    assert "Shifts: 1 on call." in client.get(PAGE).text


def test_at_the_rules_of_a_file_it_says_that_the_file_is_needed_again(client):
    link_file(client)
    of_a_file = client.get(f"{PAGE}/{feed().id}").text
    client.post(f"{PAGE}/{feed().id}/removing")
    client.post(PAGE, data=ABOUT | {"address": "webcal://calendar.example.org/mine.ics"})

    assert "upload it again" in of_a_file
    assert "upload it again" not in client.get(f"{PAGE}/{feed().id}").text


def test_a_rule_without_a_letter_comes_back(client):
    link_file(client)

    rule = {"rules-0-pattern": "***", "rules-0-meaning": "night", "zone": "America/Chicago"}
    answer = client.post(f"{PAGE}/{feed().id}", data=ABOUT | rule)

    assert answer.status_code == 422
    assert "at least one letter or digit" in answer.text


def test_removing_asks_first_and_then_forgets_everything(client):
    link_file(client)
    path = f"{PAGE}/{feed().id}/removing"

    assert "Every time that was read from it is forgotten" in client.get(path).text
    assert rows(FeedTime.starts_at)
    assert client.post(path).status_code == 303
    assert rows(FeedTime.starts_at) == []
    assert client.get(path).status_code == 404


def test_rest_is_set_for_all_calendars_at_once(client):
    link_file(client)
    ends = datetime(2026, 3, 4, 13, tzinfo=UTC)
    by_default = {row for row in rows(FeedTime.ends_at) if row > ends}

    form = {"after_hours": "12", "not_before": "20:00", "before_minutes": "0"}
    saved = client.post(f"{PAGE}/rest", data=form)
    refused = client.post(f"{PAGE}/rest", data=form | {"after_hours": "99"})

    assert by_default == {ends + timedelta(hours=10)}
    assert saved.status_code == 303
    assert {row for row in rows(FeedTime.ends_at) if row > ends} == {ends + timedelta(hours=13)}
    assert refused.status_code == 422
    assert "0 to 24" in refused.text
    assert rows(RestRule.after_hours) == [12]


def test_nobody_else_sees_changes_or_removes_it(client, sign_in, lakeside):
    link_file(client)
    other = sign_in(make.mentor(lakeside, "Dr. Other"))
    path = f"{PAGE}/{feed().id}"

    assert "Shifts at Lakeside" not in other.get(PAGE).text
    for method, address in (
        ("GET", path),
        ("POST", path),
        ("POST", f"{path}/file"),
        ("POST", f"{path}/reading"),
        ("POST", f"{path}/removing"),
    ):
        assert other.open(address, method=method).status_code == 404, address


def test_a_student_may_not_open_it(sign_in, sol, now):
    assert sign_in(sol).get(PAGE).status_code == 403


def test_nobody_has_more_calendars_than_anybody_needs(client):
    for number in range(8):
        client.post(PAGE, data=ABOUT | {"address": f"https://calendar.example.org/{number}"})

    answer = client.post(PAGE, data=ABOUT | {"address": "https://calendar.example.org/9"})

    assert answer.status_code == 422
    assert "You can have 8 calendars." in answer.text


def test_the_page_takes_as_many_statements_for_eight_as_for_one(client, statements):
    counts = []
    for number in range(8):
        client.post(PAGE, data=ABOUT | {"address": f"https://calendar.example.org/{number}"})
        with statements() as seen:
            client.get(PAGE)
        counts.append(len(seen))

    assert set(counts) == {counts[0]}
    assert counts[0] <= 4
