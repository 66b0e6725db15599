"""Past the last published shift nobody knows: weekly hours offer nothing there."""

from datetime import date, time, timedelta

import pytest

from mentorship.foundation import scope
from mentorship.foundation.database import db
from mentorship.scheduling import queries, rules
from mentorship.scheduling.conference import meetups
from mentorship.scheduling.feeds.kinds import Blocks, Shift
from mentorship.scheduling.feeds.models import FeedTime
from mentorship.scheduling.models import ExtraHours
from tests import make
from tests.scheduling.asking import WEDNESDAY_AT_TWO, ask

FRIDAY_AT_TWO = WEDNESDAY_AT_TWO + timedelta(days=2)


@pytest.fixture
def schedule(mara, now):
    """A schedule whose last shift ends on Thursday at noon."""
    return publish(mara, until=WEDNESDAY_AT_TWO + timedelta(hours=22), now=now)


def publish(mara, *, until, now):
    """A schedule whose last shift ends then."""
    feed_id = make.calendar_feed(mara, read_at=now, good_until=now + timedelta(days=7))
    db.session.add(
        FeedTime(
            user_id=mara.user_id,
            feed_id=feed_id,
            starts_at=until - timedelta(hours=8),
            ends_at=until,
            blocks=Blocks.SHIFT,
            shift=Shift.NIGHT,
            seen_at=now,
        )
    )
    db.session.commit()
    return until


@pytest.fixture
def offered(mara, sol, now):
    def offered():
        with scope.chapter(sol.chapter_id):
            mentor = queries.bookable(mara.id, member=sol)
            return queries.free_starts(mentor, with_user_id=sol.user_id, minutes=25, now=now)

    return offered


def test_times_after_the_last_shift_are_not_offered_and_cannot_be_asked_for(
    schedule, offered, mara, sol, now
):
    assert WEDNESDAY_AT_TWO in offered()
    assert max(offered()) < schedule
    with pytest.raises(rules.OutsideHours):
        ask(mara, sol, now=now, starts_at=FRIDAY_AT_TWO)


def test_the_page_says_until_when_shifts_are_known(schedule, mara, sol, sign_in):
    page = sign_in(sol).get(f"/c/lakeside/mentors/{mara.id}/ask").text
    assert "Dr. Quist’s shifts are published until Thu, Mar 5" in page


def test_of_two_schedules_the_one_that_ends_first_counts(schedule, offered, mara, sign_in, now):
    publish(mara, until=schedule + timedelta(days=20), now=now)
    assert max(offered()) < schedule
    page = sign_in(mara).get("/c/lakeside/hours").text
    assert "Your shifts are published until Thu, Mar 5." in page
    assert "Of several schedules, the one that ends first counts." in page


def test_a_date_that_the_mentor_opens_on_purpose_is_offered(schedule, offered, mara, sol, now):
    db.session.add(
        ExtraHours(user_id=mara.user_id, day=date(2026, 3, 6), opens=time(13), closes=time(15))
    )
    db.session.commit()
    assert FRIDAY_AT_TWO in offered()
    assert {at.date() for at in offered() if at > schedule} == {date(2026, 3, 6)}
    ask(mara, sol, now=now, starts_at=FRIDAY_AT_TWO)


def test_a_calendar_that_is_no_schedule_ends_nothing(offered, mara, now):
    make.calendar_feed(mara, holds="busy", read_at=now, good_until=now + timedelta(days=7))
    assert FRIDAY_AT_TWO in offered()


def test_a_schedule_that_has_shown_no_shift_yet_ends_nothing(offered, mara, now):
    make.calendar_feed(mara, read_at=now, good_until=now + timedelta(days=7))
    assert FRIDAY_AT_TWO in offered()


def test_nobody_opens_meet_ups_during_a_shift_of_their_own(schedule, mara):
    with pytest.raises(meetups.OnShift):
        make.conference_block(mara, starts_at=schedule - timedelta(minutes=30))
    assert make.conference_block(mara, starts_at=schedule)
