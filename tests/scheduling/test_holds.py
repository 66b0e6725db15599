"""Whose time is held, and how that reads."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from mentorship.foundation.database import db
from mentorship.scheduling import holds
from mentorship.scheduling.holds import AlreadyBusy, StudentBusy, TimeTaken
from mentorship.scheduling.slots import Span
from tests import make
from tests.scheduling.asking import HALF_AN_HOUR, WEDNESDAY_AT_TWO, ask, mine

FIVE_MINUTES = timedelta(minutes=5)


@pytest.fixture
def asked(mara, sol, now):
    return ask(mara, sol, now=now)


def insist(mentor, mentee, by, *, after: timedelta = timedelta(0), but=None) -> None:
    starts_at = WEDNESDAY_AT_TWO + after
    holds.insist_on_free(
        Span(starts_at, starts_at + timedelta(minutes=25)),
        mentor_user_id=mentor.user_id,
        mentee_user_id=mentee.user_id,
        by_user_id=by.user_id,
        buffer=FIVE_MINUTES,
        but=but,
    )


def test_says_when_somebody_is_held_and_nothing_else(asked, mara, sol, inside):
    with inside(mara):
        since, until = WEDNESDAY_AT_TWO - HALF_AN_HOUR, WEDNESDAY_AT_TWO + HALF_AN_HOUR
        found = holds.busy_times([mara.user_id], since=since, until=until)
        assert found == [
            (mara.user_id, Span(WEDNESDAY_AT_TWO, WEDNESDAY_AT_TWO + timedelta(minutes=25)))
        ]
        assert holds.busy_times([], since=since, until=until) == []


def test_ends_are_open(asked, mara, inside):
    with inside(mara):
        ends_at = WEDNESDAY_AT_TWO + timedelta(minutes=25)
        assert holds.busy_times([mara.user_id], since=ends_at, until=ends_at + HALF_AN_HOUR) == []
        before = WEDNESDAY_AT_TWO - HALF_AN_HOUR
        assert holds.busy_times([mara.user_id], since=before, until=WEDNESDAY_AT_TWO) == []


def test_the_meeting_that_is_moved_is_not_in_its_own_way(asked, lakeside, mara, sol, inside):
    with inside(mara):
        insist(mara, sol, mara, after=timedelta(minutes=5), but=mine(asked, mara))


def test_whose_time_it_is_decides_the_words(lakeside, asked, mara, sol, inside):
    other_mentor, other_student = make.mentor(lakeside), make.student(lakeside)
    with inside(mara):
        with pytest.raises(TimeTaken, match="Someone else has just taken"):
            insist(mara, other_student, other_student)
        with pytest.raises(AlreadyBusy):
            insist(other_mentor, sol, sol)
        with pytest.raises(StudentBusy):
            insist(other_mentor, sol, other_mentor)
        with pytest.raises(AlreadyBusy):
            insist(mara, other_student, mara)


@pytest.mark.parametrize("minutes", [-29, 29])
def test_five_minutes_stay_free_on_both_sides(lakeside, asked, mara, inside, minutes):
    rival = make.student(lakeside)
    with inside(mara):
        with pytest.raises(TimeTaken):
            insist(mara, rival, rival, after=timedelta(minutes=minutes))
        # Thirty minutes off, the pause is kept.
        insist(mara, rival, rival, after=timedelta(minutes=minutes + minutes // abs(minutes)))


def test_the_products_own_role_cannot_read_whose_meeting_it_is(asked, odd, inside):
    """Rows of busy_times are their chapter's; across chapters only the question is allowed."""
    with inside(odd):
        assert db.session.execute(text("SELECT count(*) FROM busy_times")).scalar_one() == 0
