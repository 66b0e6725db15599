"""How each no reads, and where the limits lie to the minute."""

from datetime import timedelta

import pytest

from mentorship.foundation.errors import Refusal
from mentorship.scheduling import holds, queries, rules
from mentorship.scheduling.models import MeetingState
from mentorship.scheduling.slots import Span
from tests.scheduling.asking import WEDNESDAY_AT_TWO, ask

MINUTE = timedelta(minutes=1)


def refusals() -> list[type[Refusal]]:
    """Every no of scheduling that has its sentence by itself."""
    found = [each for room in (rules, holds) for each in vars(room).values()]
    return [
        each
        for each in found
        if isinstance(each, type) and issubclass(each, Refusal) and each.sentence
    ]


@pytest.mark.parametrize("refusal", refusals(), ids=lambda refusal: refusal.__name__)
def test_every_no_is_a_sentence_that_one_can_say_aloud(refusal):
    words = str(refusal())
    assert words[0].isupper()
    assert words.endswith(".")
    assert "!" not in words


@pytest.mark.parametrize("state", [each for each in MeetingState if each != "requested"])
def test_what_became_of_a_request_is_said_of_every_state(state):
    assert rules.became_of(state).endswith(".")


@pytest.fixture
def bookable(mara, sol, now, inside):
    """Check a time of Mara's, as Sol would ask for it or as Mara would name it."""

    def check(starts_at, *, by) -> None:
        with inside(sol):
            rules.insist_on_bookable(
                queries.bookable(mara.id, member=by),
                Span(starts_at, starts_at + timedelta(minutes=25)),
                mentee_user_id=sol.user_id,
                by=by,
                now=now,
            )

    return check


class TestBookable:
    def test_a_day_of_notice_to_the_minute(self, bookable, mara, now):
        bookable(now + timedelta(hours=24), by=mara)
        with pytest.raises(rules.TooSoon):
            bookable(now + timedelta(hours=24) - MINUTE, by=mara)

    def test_six_weeks_ahead_to_the_minute(self, bookable, mara, now):
        bookable(now + timedelta(weeks=6) - MINUTE, by=mara)
        with pytest.raises(rules.TooFar):
            bookable(now + timedelta(weeks=6), by=mara)

    def test_a_meeting_ends_within_the_hours(self, bookable, sol):
        bookable(WEDNESDAY_AT_TWO + timedelta(hours=2, minutes=30), by=sol)
        with pytest.raises(rules.OutsideHours):
            bookable(WEDNESDAY_AT_TWO + timedelta(hours=2, minutes=45), by=sol)

    @pytest.mark.parametrize("off", [timedelta(seconds=30), timedelta(microseconds=1)])
    def test_mentors_name_whole_minutes(self, bookable, mara, off):
        bookable(WEDNESDAY_AT_TWO + MINUTE, by=mara)
        with pytest.raises(rules.NotOnTheGrid):
            bookable(WEDNESDAY_AT_TWO + off, by=mara)

    def test_students_keep_to_the_quarter_hours(self, bookable, mara, sol):
        for minutes in (15, 30, 45):
            bookable(WEDNESDAY_AT_TWO + minutes * MINUTE, by=sol)
        with pytest.raises(rules.NotOnTheGrid):
            bookable(WEDNESDAY_AT_TWO + MINUTE, by=sol)
        bookable(WEDNESDAY_AT_TWO + MINUTE, by=mara)


def test_whoever_is_asked_before_counts_what_waits(mara, sol, now, inside):
    with inside(sol):
        assert queries.bookable(mara.id, member=sol).waiting == 0
    ask(mara, sol, now=now)
    with inside(sol):
        card = queries.bookable(mara.id, member=sol)
        assert (card.waiting, card.taken) == (1, 1)
