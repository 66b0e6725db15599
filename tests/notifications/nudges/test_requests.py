"""The reminder of a request: at once, as part of what one is sent, and never while one rests."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from mentorship.foundation.database import db
from mentorship.profiles.models import MentorProfile
from tests import make
from tests.notifications.stories import TWO_DAYS, WEDNESDAY, Pair
from tests.stage import standing


@standing
def mara(lakeside):
    return make.mentor(lakeside, "Dr. Mara Quist", hours=make.WEEKDAYS, zone="America/New_York")


@pytest.fixture
def remind(mara, sol, now, work, at, tray, inside):
    """Sol asks; two days pass without an answer, in which Mara may pause."""

    def remind(*, paused: bool = False) -> None:
        Pair(mara, sol, now=now).ask(at=WEDNESDAY + timedelta(days=7))
        work()
        tray.empty()
        if paused:
            with inside(mara):
                db.session.execute(update(MentorProfile).values(paused_at=now))
        work(until=at(now + TWO_DAYS))

    return remind


def test_it_stands_among_what_one_was_sent(remind, mara, tray, sign_in):
    remind()

    assert len(tray.to(mara.email)) == 1
    page = sign_in(mara).get("/c/lakeside/mail").text
    assert "A request that waited for your answer" in page
    assert "Two days had passed since you were asked." in page


def test_a_mentor_who_takes_nobody_new_is_left_in_peace(remind, tray):
    remind(paused=True)

    assert tray.mails == []
