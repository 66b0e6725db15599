"""Weekly hours: what may stand, and what is said where something may not."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from mentorship.scheduling import hours
from mentorship.scheduling.slots import Weekly
from tests import make
from tests.scheduling.asking import deeds

MONDAY_AFTERNOON = Weekly(0, time(13), time(17))
TUESDAY_NIGHT = Weekly(1, time(18), time(2))
SUNDAY_NIGHT = Weekly(6, time(22), time(6))


@pytest.fixture
def keep(mara, now, inside):
    """Set Mara's hours, and say what they are then."""

    def keep(*lines: Weekly) -> list[Weekly]:
        with inside(mara):
            hours.set_weekly(hours=lines, by=mara, now=now)
            return hours.weekly_of(mara.user_id)

    return keep


class TestSetWeekly:
    def test_replaces_what_was_there(self, keep):
        assert keep(TUESDAY_NIGHT, MONDAY_AFTERNOON) == [MONDAY_AFTERNOON, TUESDAY_NIGHT]

    def test_nothing_is_hours_too(self, keep):
        assert keep() == []

    def test_the_same_again_changes_nothing(self, keep, mara, inside):
        keep(MONDAY_AFTERNOON)
        keep(MONDAY_AFTERNOON)
        with inside(mara):
            assert deeds(mara.id) == ["hours.set"]

    def test_hours_are_the_persons_in_every_chapter(self, keep, lakeside, mara, now, inside):
        elsewhere = make.chapter("hillside")
        there = make.mentor(elsewhere, "Dr. Mara Quist", email=mara.email)
        keep(MONDAY_AFTERNOON)
        with inside(there):
            assert hours.weekly_of(there.user_id) == [MONDAY_AFTERNOON]

    def test_nobody_elses_hours_change(self, keep, lakeside, now, inside):
        other = make.mentor(lakeside, hours=make.WEEKDAYS)
        keep(MONDAY_AFTERNOON)
        with inside(other):
            assert len(hours.weekly_of(other.user_id)) == 5

    def test_lines_may_touch(self, keep):
        evening = Weekly(0, time(17), time(19))
        assert keep(MONDAY_AFTERNOON, evening) == [MONDAY_AFTERNOON, evening]

    def test_a_night_may_touch_the_morning_after_and_sunday_the_monday(self, keep):
        wednesday, monday = Weekly(2, time(2), time(4)), Weekly(0, time(6), time(7))
        kept = keep(TUESDAY_NIGHT, wednesday, SUNDAY_NIGHT, monday)
        assert kept == [monday, TUESDAY_NIGHT, wednesday, SUNDAY_NIGHT]

    def test_a_line_of_ten_minutes_holds_one_meeting(self, keep):
        assert keep(Weekly(0, time(23, 55), time(0, 5)))

    @pytest.mark.parametrize(
        ("line", "other", "words"),
        [
            (
                MONDAY_AFTERNOON,
                Weekly(0, time(16), time(18)),
                "Monday, 1:00 PM to 5:00 PM and Monday, 4:00 PM to 6:00 PM overlap",
            ),
            (MONDAY_AFTERNOON, MONDAY_AFTERNOON, "overlap"),
            (TUESDAY_NIGHT, Weekly(2, time(1), time(3)), "Wednesday, 1:00 AM to 3:00 AM overlap"),
            (SUNDAY_NIGHT, Weekly(0, time(5), time(7)), "Monday, 5:00 AM to 7:00 AM overlap"),
            (
                Weekly(0, time(9), time(9)),
                Weekly(1, time(8), time(10)),
                "Monday, 9:00 AM for a whole day",
            ),
        ],
    )
    def test_refuses_lines_that_overlap_also_around_midnight_and_the_week(
        self, keep, line, other, words
    ):
        with pytest.raises(hours.Overlap, match=words) as refused:
            keep(line, other)
        assert refused.value.line in (line, other)

    @pytest.mark.parametrize("closes", [time(13, 1), time(13, 9)])
    def test_refuses_a_line_that_holds_no_meeting(self, keep, closes):
        with pytest.raises(hours.TooShort, match="shorter than 10 minutes"):
            keep(Weekly(0, time(13), closes))

    def test_refuses_more_lines_than_make_sense(self, keep):
        lines = [
            Weekly(day, time(hour), time(hour, 30)) for day in range(7) for hour in range(7, 14)
        ]
        with pytest.raises(hours.TooManyLines):
            keep(*lines)

    def test_a_refusal_leaves_the_old_hours(self, keep, mara, inside):
        kept = keep(MONDAY_AFTERNOON)
        with pytest.raises(hours.Overlap):
            keep(TUESDAY_NIGHT, TUESDAY_NIGHT)
        with inside(mara):
            assert hours.weekly_of(mara.user_id) == kept


class TestWorded:
    @pytest.mark.parametrize(
        ("line", "words"),
        [
            (TUESDAY_NIGHT, "Tuesday, 6:00 PM to 2:00 AM"),
            (Weekly(5, time(0), time(12)), "Saturday, 12:00 AM to 12:00 PM"),
            (Weekly(5, time(9, 5), time(9, 5)), "Saturday, 9:05 AM for a whole day"),
        ],
    )
    def test_reads_as_a_clock_does(self, line, words):
        assert hours.worded(line) == words


class TestClockChange:
    def change(self, zone, since, days=42):
        return hours.clock_change(ZoneInfo(zone), since=since, until=since + timedelta(days=days))

    @pytest.mark.parametrize("hour", range(0, 24, 5))
    def test_finds_the_day_and_the_way(self, hour):
        since = datetime(2026, 2, 20, hour, 30, tzinfo=UTC)
        assert self.change("America/Chicago", since) == (date(2026, 3, 8), True)
        since = datetime(2026, 10, 20, hour, 30, tzinfo=UTC)
        assert self.change("America/Chicago", since) == (date(2026, 11, 1), False)
        assert self.change("Europe/Oslo", since) == (date(2026, 10, 25), False)

    def test_says_nothing_where_none_is_near(self):
        assert self.change("America/Chicago", datetime(2026, 4, 1, tzinfo=UTC)) is None
        assert self.change("America/Phoenix", datetime(2026, 2, 20, tzinfo=UTC)) is None

    def test_half_an_hour_counts(self):
        since = datetime(2026, 3, 25, tzinfo=UTC)
        assert self.change("Australia/Lord_Howe", since) == (date(2026, 4, 5), False)
