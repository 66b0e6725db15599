"""Whoever runs the server can put somebody out, wherever they are signed in."""

import pytest

from mentorship.accounts import sessions
from mentorship.accounts.sessions import Way
from mentorship.foundation.database import db
from tests import make


@pytest.fixture
def two(own_database, now):
    """Two people, one of them on two devices."""
    chapter = make.chapter("lakeside")
    sol, ona = make.student(chapter, "Sol Adair"), make.student(chapter, "Ona Reyes")
    for who in (sol, sol, ona):
        sessions.begin(who.user_id, way=Way.LINK, device="", now=now)
    db.session.commit()
    return sol, ona


def left(*people, now):
    return [len(sessions.mine(who.user_id, now=now)) for who in people]


def test_one_person_is_signed_out_everywhere_and_nobody_else(run, two, now):
    sol, ona = two

    assert "2 sessions are ended." in run("sign-out", sol.email.upper()).output
    assert left(sol, ona, now=now) == [0, 1]


def test_everybody_is_signed_out(run, two, now):
    assert "3 sessions are ended." in run("sign-out", "--everybody").output
    assert left(*two, now=now) == [0, 0]


@pytest.mark.parametrize("said", [[], ["x@example.org", "--everybody"], ["nobody@example.org"]])
def test_who_is_meant_has_to_be_clear(run, two, now, said):
    refused = run("sign-out", *said)

    assert refused.exit_code != 0
    assert len(refused.output.strip().splitlines()) == 1
    assert left(*two, now=now) == [2, 1]
