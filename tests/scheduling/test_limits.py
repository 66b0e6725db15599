"""How a mentor wants to be booked: over all chapters, also while requests wait."""

from datetime import UTC, datetime, time, timedelta

import pytest

from mentorship.foundation import scope
from mentorship.foundation.database import db
from mentorship.scheduling import holds, limits, meetings, queries, rules
from mentorship.scheduling.models import MeetingState
from mentorship.scheduling.slots import Limits
from tests import make
from tests.scheduling.asking import HALF_AN_HOUR, WEDNESDAY_AT_TWO, ask, deeds, mine, request

DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
FRIDAY, NEXT_MONDAY = WEDNESDAY_AT_TWO + 2 * DAY, datetime(2026, 3, 9, 19, tzinfo=UTC)


@pytest.fixture
def hillside(undone):
    return make.chapter("hillside")


@pytest.fixture
def days(sol, now, inside):
    """The days on which Sol is offered a mentor's times, as `3/4` is the fourth of March."""

    def days(mentor, who=sol, minutes=30) -> list[str]:
        with inside(who):
            card = queries.bookable(mentor.id, member=who)
            found = queries.free_starts(card, with_user_id=who.user_id, minutes=minutes, now=now)
        return list(dict.fromkeys(f"{at.astimezone(card.zone):%-m/%-d}" for at in found))

    return days


class TestSetLimits:
    def test_are_the_programs_until_something_else_is_said(self, mara, now, inside):
        with inside(mara):
            assert limits.limits_of(mara.user_id) == Limits()
            limits.set_limits(limits=Limits(), by=mara, now=now)
            assert deeds(mara.id) == []

    def test_are_kept_for_every_chapter_and_changed_again(self, mara, hillside, now, inside):
        there = make.mentor(hillside, "Dr. Mara Quist", email=mara.email)
        said = Limits(notice=timedelta(hours=48), horizon=2 * WEEK, per_day=1)
        with inside(mara):
            limits.set_limits(limits=said, by=mara, now=now)
            limits.set_limits(limits=said, by=mara, now=now)
            assert deeds(mara.id) == ["hours.limited"]
        with inside(there):
            assert queries.bookable(there.id, member=there).limits == said
            limits.set_limits(limits=Limits(), by=there, now=now)
            assert limits.limits_of(mara.user_id) == Limits()

    @pytest.mark.parametrize(
        ("said", "refusal"),
        [
            (Limits(notice=timedelta(minutes=1)), limits.NotAChoice),
            (Limits(horizon=timedelta(days=400)), limits.NotAChoice),
            (Limits(buffer=timedelta(minutes=7)), limits.NotAChoice),
            (Limits(notice=WEEK, horizon=WEEK), limits.NothingLeft),
            (Limits(per_day=0), limits.OutOfRange),
            (Limits(per_week=61), limits.OutOfRange),
        ],
    )
    def test_refuses_what_cannot_stand(self, mara, now, inside, said, refusal):
        with inside(mara), pytest.raises(refusal):
            limits.set_limits(limits=said, by=mara, now=now)

    @pytest.mark.parametrize(
        ("length", "words"),
        [
            (timedelta(hours=1), "1 hour"),
            (timedelta(hours=24), "24 hours"),
            (timedelta(hours=72), "3 days"),
            (WEEK, "week"),
            (6 * WEEK, "six weeks"),
            (26 * WEEK, "26 weeks"),
            (timedelta(minutes=5), "5 minutes"),
        ],
    )
    def test_are_said_in_words(self, length, words):
        assert limits.worded(length) == words


class TestHowSoonAndHowFar:
    def test_decide_what_is_offered_and_what_can_be_asked(self, mara, sol, now, days, inside):
        make.limit(mara, notice_hours=72, horizon_days=7)

        assert days(mara) == ["3/5", "3/6"]
        with inside(sol):
            with pytest.raises(rules.TooSoon, match="at least 3 days from now"):
                request(mara, sol, now=now)
            with pytest.raises(rules.TooFar, match="within the next week"):
                request(mara, sol, now=now, starts_at=NEXT_MONDAY + DAY)

    def test_the_buffer_is_kept_around_what_a_mentor_has(self, mara, sol, lakeside, now, inside):
        make.limit(mara, buffer_minutes=60)
        ask(mara, make.student(lakeside), now=now)

        with inside(sol):
            card = queries.bookable(mara.id, member=sol)
            found = queries.free_starts(card, with_user_id=sol.user_id, minutes=25, now=now)
            wednesday = [
                f"{at.astimezone(card.zone):%H:%M}"
                for at in found
                if at.date() == WEDNESDAY_AT_TWO.date()
            ]
            assert wednesday == ["15:30", "15:45", "16:00", "16:15", "16:30"]
            with pytest.raises(holds.TimeTaken):
                request(mara, sol, now=now, starts_at=WEDNESDAY_AT_TWO + 2 * HALF_AN_HOUR)


class TestTheMost:
    def test_of_a_day_hides_it_while_a_request_waits(self, mara, sol, lakeside, now, days, inside):
        make.limit(mara, per_day=1)
        asked = ask(mara, make.student(lakeside), now=now)

        assert days(mara)[:4] == ["3/3", "3/5", "3/6", "3/9"]
        with inside(sol), pytest.raises(rules.DayFull):
            request(mara, sol, now=now, starts_at=WEDNESDAY_AT_TWO + 2 * HALF_AN_HOUR)
        with inside(mara):
            meetings.decline(mine(asked, mara), by=mara, now=now)
        assert "3/4" in days(mara)

    def test_of_a_week_counts_what_another_chapter_has_taken(
        self, mara, sol, hillside, now, days, inside
    ):
        make.limit(mara, per_week=2)
        there = make.mentor(hillside, "Dr. Mara Quist", email=mara.email)
        for at in (WEDNESDAY_AT_TWO, FRIDAY):
            ask(there, make.student(hillside), now=now, starts_at=at)

        assert days(mara)[0] == "3/9"
        with inside(sol):
            with pytest.raises(rules.WeekFull):
                request(mara, sol, now=now, starts_at=WEDNESDAY_AT_TWO + DAY)
            request(mara, sol, now=now, starts_at=NEXT_MONDAY)

    def test_of_a_month_counts_what_was_held_and_who_did_not_come(
        self, mara, sol, lakeside, now, days, inside
    ):
        make.limit(mara, per_month=3)
        for number, state in enumerate((MeetingState.HELD, MeetingState.NO_SHOW)):
            student = make.student(lakeside)
            pairing_id = make.pairing(mara, student)
            at = datetime(2026, 3, 1, 20 + number, tzinfo=UTC)
            made = make.meeting(mara, student, pairing_id, starts_at=at)
            with inside(student):
                if state is MeetingState.HELD:
                    meetings.held(mine(made, student), by=student, now=now)
                else:
                    meetings.not_held(mine(made, student), by=student, absent="mentor", now=now)
        assert days(mara)[0] == "3/3"
        ask(mara, make.student(lakeside), now=now, starts_at=WEDNESDAY_AT_TWO)

        assert days(mara)[0] == "4/1"
        with inside(sol), pytest.raises(rules.MonthFull):
            request(mara, sol, now=now, starts_at=NEXT_MONDAY)

    def test_is_by_the_mentors_own_calendar(self, sol, now, days, lakeside):
        """Ten in the evening in Los Angeles is the next day in Chicago."""
        mentor = make.mentor(
            lakeside,
            zone="America/Los_Angeles",
            hours=[(day, time(22), time(23)) for day in range(7)],
        )
        make.limit(mentor, per_day=1)
        at = datetime(2026, 3, 5, 6, tzinfo=UTC)
        ask(mentor, make.student(lakeside), now=now, starts_at=at)

        assert days(mentor)[:3] == ["3/3", "3/5", "3/6"]

    def test_does_not_count_a_meeting_against_its_own_new_time(
        self, mara, sol, now, inside, lakeside
    ):
        make.limit(mara, per_day=1)
        asked = ask(mara, sol, now=now)
        with inside(mara):
            meetings.propose_other_time(mine(asked, mara), starts_at=FRIDAY, by=mara, now=now)
        with inside(sol):
            meeting = mine(asked, sol)
            card = queries.bookable(mara.id, member=sol)
            found = queries.free_starts(
                card, with_user_id=sol.user_id, minutes=25, now=now, but=meeting
            )
            assert FRIDAY + HALF_AN_HOUR in found
            meetings.propose_other_time(meeting, starts_at=FRIDAY + HALF_AN_HOUR, by=sol, now=now)

    def test_holds_for_students_and_not_for_the_mentors_own_word(
        self, mara, sol, lakeside, now, inside
    ):
        make.limit(mara, per_day=1)
        ask(mara, make.student(lakeside), now=now)
        asked = ask(mara, sol, now=now, starts_at=FRIDAY)
        with inside(mara):
            meetings.propose_other_time(
                mine(asked, mara),
                starts_at=WEDNESDAY_AT_TWO + 2 * HALF_AN_HOUR,
                by=mara,
                now=now,
            )


class TestRequestsOfAStudent:
    def test_count_over_all_chapters(self, mara, sol, hillside, lakeside, now, inside):
        me = make.student(hillside, "Sol Adair", email=sol.email)
        for number in range(2):
            mentor = make.mentor(hillside, hours=make.WEEKDAYS)
            ask(mentor, me, now=now, starts_at=WEDNESDAY_AT_TWO + number * HALF_AN_HOUR)
        waiting = ask(mara, sol, now=now, starts_at=FRIDAY)
        another = make.mentor(lakeside, hours=make.WEEKDAYS)

        with inside(sol):
            assert queries.bookable(another.id, member=sol).waiting == 3
            with pytest.raises(rules.TooManyRequests):
                request(another, sol, now=now, starts_at=NEXT_MONDAY)
        with inside(mara):
            meetings.accept(mine(waiting, mara), by=mara, now=now)
        with inside(sol):
            assert queries.bookable(another.id, member=sol).waiting == 2
            request(another, sol, now=now, starts_at=NEXT_MONDAY)

    def test_the_mentor_waits_for_nobody(self, mara, sol, now, inside):
        ask(mara, sol, now=now)
        with inside(mara):
            assert holds.requests_waiting(mara.user_id) == 0
            assert holds.requests_waiting(sol.user_id) == 1


def test_a_chapter_sees_that_somebody_is_full_and_not_where(mara, hillside, now, inside):
    make.limit(mara, per_day=1)
    there = make.mentor(hillside, "Dr. Mara Quist", email=mara.email)
    ask(there, make.student(hillside), now=now)
    with scope.chapter(mara.chapter_id):
        card = queries.bookable(mara.id, member=mara)
        full = queries.free(card, with_user_id=mara.user_id, minutes=25, now=now).full
        db.session.rollback()
    assert {f"{day}" for day in full.days} == {"2026-03-04"}
