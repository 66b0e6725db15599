"""The next mentor, when a request has come to nothing."""

from datetime import timedelta

import pytest

from mentorship.relationships import conflicts
from mentorship.scheduling import meetings, onward
from mentorship.vocabulary.kinds import Kind
from tests import make
from tests.scheduling.asking import WEDNESDAY_AT_TWO, ask, mine

THREE_DAYS = timedelta(hours=72)


@pytest.fixture
def ona(lakeside):
    return make.mentor(lakeside, "Dr. Ona Reyes", hours=make.WEEKDAYS)


@pytest.fixture
def asked(mara, sol, now):
    return ask(mara, sol, now=now, questions=["Which one would you drop?"])


@pytest.fixture
def decline(asked, mara, now, inside):
    def decline(**more):
        with inside(mara):
            meetings.decline(mine(asked, mara), by=mara, now=now, **more)

    return decline


@pytest.fixture
def instead(asked, mara, sol, now, inside):
    """Whom Sol may ask instead of Mara, by name."""

    def instead():
        with inside(sol):
            found = onward.next_mentor(
                asked,
                kind=Kind.CAREER,
                topic=None,
                mentee_id=sol.id,
                mentor_id=mara.id,
                now=now,
            )
            return found and found.name

    return instead


def test_is_offered_to_the_student_once_the_request_was_declined(
    ona, asked, mara, sol, decline, sign_in
):
    page = f"/c/lakeside/meetings/{asked}"
    assert "ask?again=" not in sign_in(sol).get(page).text
    decline()
    assert "ask?again=" in sign_in(sol).get(page).text
    assert "ask?again=" not in sign_in(mara).get(page).text


def test_whom_the_mentor_names_comes_first(lakeside, ona, decline, instead):
    named = make.mentor(lakeside, "Dr. Zed Last", hours=make.WEEKDAYS, interests=())
    decline(referred_to=named)
    assert instead() == "Dr. Zed Last"


def test_then_who_shares_most_and_has_most_room(lakeside, decline, instead):
    for name, more in (
        ("Dr. Ada First", {"interests": ("airway",)}),
        ("Dr. Bea Full", {"interests": ("toxicology", "simulation"), "places": 2}),
        ("Dr. Cy Room", {"interests": ("toxicology", "simulation"), "places": 3}),
    ):
        make.mentor(lakeside, name, hours=make.WEEKDAYS, **more)
    decline()
    assert instead() == "Dr. Cy Room"


@pytest.mark.parametrize(
    "more",
    [{"hours": ()}, {"paused": True}, {"places": 0}, {"lengths": ()}, {"offers": {}}],
    ids=lambda more: next(iter(more)),
)
def test_is_somebody_who_can_be_asked(lakeside, decline, instead, more):
    make.mentor(lakeside, "Dr. Not Now", **({"hours": make.WEEKDAYS} | more))
    decline()
    assert instead() is None


def test_is_nobody_whom_they_are_kept_apart_from(ona, sol, decline, instead, now, inside):
    decline()
    with inside(ona):
        conflicts.block(other=sol, by=ona, now=now)
    assert instead() is None


def test_is_nobody_who_was_asked_in_vain_or_is_paired_already(
    ona, lakeside, sol, decline, instead, now, inside
):
    decline()
    other = ask(ona, sol, now=now)
    assert instead() is None
    with inside(ona):
        meetings.decline(mine(other, ona), by=ona, now=now)
    assert instead() is None
    make.pairing(make.mentor(lakeside, hours=make.WEEKDAYS), sol, Kind.CONTENT)
    assert instead() is None


def test_one_tap_asks_the_same_again(ona, asked, sol, decline, sign_in, inside, statements):
    decline()
    client = sign_in(sol)
    page = client.get(f"/c/lakeside/meetings/{asked}").text
    link = f"/c/lakeside/mentors/{ona.id}/ask?again={asked}"
    assert link in page
    assert "Ask Dr. Reyes the same" in page
    form = client.get(link).text
    for words in ("Academic or community: how did you decide?", "Which one would you drop?"):
        assert words in form
    assert 'value="2026-03-04T20:00Z"' in form


def test_only_their_own_request_fills_the_form(ona, asked, lakeside, mara, sign_in):
    link = f"/c/lakeside/mentors/{ona.id}/ask?again={asked}"
    assert sign_in(make.student(lakeside)).get(link).status_code == 404


def test_a_lapsed_request_offers_it_too(ona, asked, sol, work, at, now, sign_in):
    work(until=at(min(now + THREE_DAYS, WEDNESDAY_AT_TWO)))
    assert f"ask?again={asked}" in sign_in(sol).get(f"/c/lakeside/meetings/{asked}").text
