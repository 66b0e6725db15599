from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from mentorship.foundation.database import db
from mentorship.relationships import action_items
from mentorship.relationships.models import ActionItem
from mentorship.scheduling import agendas, notes, opened, queries
from mentorship.scheduling.models import MeetingState
from tests import make

NEXT_WEEK = datetime(2026, 3, 9, 19, tzinfo=UTC)


@pytest.mark.parametrize(
    ("words", "lines"),
    [
        ("- Email Dr. Chen\n* [ ] Ask about *Ohio*\n", ["Email Dr. Chen", "Ask about *Ohio*"]),
        ("# Plan\n\n1. First\n2) Second\n> - Said", ["Plan", "First", "Second", "Said"]),
        ("---\n\n  \n***", []),
        ("-5 degrees\n2026 is the year", ["-5 degrees", "2026 is the year"]),
    ],
    ids=["bullets", "others", "nothing", "no marks"],
)
def test_lines_are_those_that_one_would_say(words, lines):
    assert notes.lines(words) == lines


@given(st.text(max_size=200))
def test_lines_hold_nothing_new_and_never_nothing(words):
    for line in notes.lines(words):
        assert line
        assert line in words


@pytest.fixture
def meeting_id(inside, mara, sol, now):
    meeting_id = make.meeting(mara, sol, make.pairing(mara, sol), starts_at=NEXT_WEEK)
    with inside(sol):
        meeting = queries.my_meeting(meeting_id, member=sol)
        agendas.add(meeting=meeting, what="Where to rotate?", by=sol, now=now)
        words = "- Email Dr. Chen\n<script>alert(1)</script>"
        notes.write_shared(meeting=meeting, words=words, seen_version=0, by=mara, now=now)
    return meeting_id


def test_any_line_can_be_chosen_and_worded(sign_in, inside, mara, sol, meeting_id):
    client, url = sign_in(sol), f"/c/lakeside/meetings/{meeting_id}/action-items"
    page = client.get(f"{url}/new").text
    assert "Where to rotate?" in page
    assert 'Choose<span class="vh">: Email Dr. Chen' in page
    assert "<script>alert" not in page
    assert 'value="Email Dr. Chen"' in client.get(f"{url}/new?what=Email+Dr.+Chen").text

    sent = client.post(url, data={"task": "Email Dr. Chen today", "owner": "me", "due_on": ""})
    assert sent.status_code == 303
    with inside(sol):
        item = db.session.scalars(select(ActionItem)).one()
        assert (item.what, item.meeting_id) == ("Email Dr. Chen today", meeting_id)


def test_is_not_there_for_others(sign_in, lakeside, meeting_id):
    url = f"/c/lakeside/meetings/{meeting_id}/action-items/new"
    assert sign_in(make.student(lakeside)).get(url).status_code == 404


def test_what_was_done_since_they_last_met_is_reported_with_its_line(inside, mara, sol, now, at):
    pairing_id = make.pairing(mara, sol)
    before = now - timedelta(days=21)
    make.meeting(mara, sol, pairing_id, starts_at=before, state=MeetingState.HELD)
    ahead = make.meeting(mara, sol, pairing_id, starts_at=NEXT_WEEK)
    with inside(sol):
        for what, days in (("Since then", 9), ("Before that", 22)):
            then = now - timedelta(days=days)
            item = action_items.take_on(
                pairing_id=pairing_id, owner=sol, what=what, due_on=None, by=sol, now=then
            )
            action_items.finish(item, came_of_it="He says yes", by=sol, now=then)
    with inside(mara):
        carried = opened.meeting(ahead, member=mara, now=now).carried
        assert [(task.what, task.came_of_it) for task in carried] == [("Since then", "He says yes")]
