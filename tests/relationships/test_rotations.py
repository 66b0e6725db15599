"""When rotations end, as a student says."""

from datetime import date, timedelta

import pytest

from mentorship.foundation.errors import NotYours
from mentorship.relationships.contacts import rotations
from mentorship.tenancy.roles import Role
from tests import make

ENDS = date(2026, 4, 30)
URL = "/c/lakeside/rotations"


def add(by, now, **more):
    return rotations.add(**{"place": "County", "ends_on": ENDS, **more}, by=by, now=now)


def test_they_are_listed_by_their_end_until_a_month_after(inside, sol, now):
    with inside(sol):
        add(sol, now)
        add(sol, now, place="Harbor", ends_on=date(2026, 3, 1))
        listed = rotations.mine(member=sol, now=now)
        assert [one.place for one in listed] == ["Harbor", "County"]
        later = rotations.mine(member=sol, now=now + timedelta(days=31))
        assert [one.place for one in later] == ["County"]


@pytest.mark.parametrize(
    ("facts", "no"),
    [
        ({"place": "  "}, rotations.NotNamed),
        ({"place": "x" * 121}, rotations.NotNamed),
        ({"ends_on": date(2026, 1, 1)}, rotations.NotOnThatDay),
        ({"ends_on": date(2029, 1, 1)}, rotations.NotOnThatDay),
    ],
)
def test_a_rotation_has_a_place_and_a_day_that_is_near(inside, sol, now, facts, no):
    with inside(sol), pytest.raises(no):
        add(sol, now, **facts)


def test_nobody_keeps_more_than_a_dozen(inside, sol, now):
    with inside(sol):
        for _ in range(rotations.MOST):
            add(sol, now)
        with pytest.raises(rotations.TooMany):
            add(sol, now)


def test_they_are_their_own(inside, mara, sol, now):
    with inside(sol):
        one = add(sol, now)
        with pytest.raises(NotYours):
            rotations.remove(one, by=mara, now=now)
        assert rotations.mine(member=mara, now=now) == []


def test_the_page_adds_and_removes(sign_in, inside, sol, now):
    client = sign_in(sol)
    sent = client.post(URL, data={"place": "County", "ends_on": "2026-04-30"})
    assert sent.status_code == 303
    assert "Until Apr 30, 2026" in client.get(URL).text
    with inside(sol):
        [one] = rotations.mine(member=sol, now=now)
    assert client.post(f"{URL}/{one.id}/remove", data={}).status_code == 303
    assert "Until Apr 30, 2026" not in client.get(URL).text


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({}, "Say where you rotate"),
        ({"place": "County", "ends_on": "2020-01-01"}, rotations.NotOnThatDay.sentence),
        ({"place": "County", "ends_on": "soon"}, "Write the day as the calendar"),
        ({"place": "x" * 121, "ends_on": "2026-04-30"}, "Say where you rotate"),
    ],
)
def test_the_page_keeps_what_was_typed(sign_in, sol, now, sent, told):
    answer = sign_in(sol).post(URL, data=sent)
    assert answer.status_code == 422
    assert told in answer.text
    assert sent.get("place", "") in answer.text


@pytest.mark.parametrize("role", list(Role))
def test_nobody_else_removes_one(sign_in, inside, lakeside, sol, now, role):
    with inside(sol):
        one = add(sol, now)
    client = sign_in(make.member(lakeside, role))
    assert client.post(f"{URL}/{one.id}/remove", data={}).status_code == 404
    assert "County" not in client.get(URL).text
