"""How free times are laid out for one reader's eyes."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from mentorship.scheduling import picker

CHICAGO, DENVER, NEW_YORK = (
    ZoneInfo(f"America/{city}") for city in ("Chicago", "Denver", "New_York")
)
NOW = datetime(2026, 3, 2, 18, tzinfo=UTC)
WEDNESDAY_AT_TWO = datetime(2026, 3, 4, 20, tzinfo=UTC)
EARLIEST, LATEST = NOW + timedelta(days=1), NOW + timedelta(weeks=6)


def week(*starts, zone=CHICAGO, other=CHICAGO, minutes=25, **more):
    return picker.lay_out(
        sorted(starts),
        minutes=minutes,
        zone=zone,
        other=picker.Other("Dr. Quist", other),
        earliest=EARLIEST,
        latest=LATEST,
        **more,
    )


def times(laid_out):
    return {day.name: [time.label for time in day.times] for day in laid_out.days if day.times}


def test_lands_on_the_first_week_with_a_free_time():
    laid_out = week(WEDNESDAY_AT_TWO + timedelta(weeks=2))
    assert laid_out.monday == date(2026, 3, 16)
    assert (laid_out.earlier, laid_out.later) == (date(2026, 3, 9), date(2026, 3, 23))


def test_shows_the_weekdays_that_are_left_and_weekends_only_with_times():
    saturday = WEDNESDAY_AT_TWO + timedelta(days=3)
    assert [day.name for day in week(WEDNESDAY_AT_TWO).days] == [
        "Tuesday",  # Monday is over: a day's notice is kept
        "Wednesday",
        "Thursday",
        "Friday",
    ]
    assert [day.name for day in week(saturday).days][-1] == "Saturday"


@pytest.mark.parametrize(
    ("wanted", "monday"),
    [
        (date(2026, 3, 15), date(2026, 3, 9)),
        (date.min, date(2026, 3, 2)),
        (date.max, date(2026, 4, 13)),
    ],
)
def test_shows_the_week_that_is_asked_for_within_what_can_be_booked(wanted, monday):
    assert week(WEDNESDAY_AT_TWO, wanted=wanted).monday == monday


def test_an_empty_week_says_where_the_next_time_is():
    laid_out = week(WEDNESDAY_AT_TWO + timedelta(weeks=2), wanted=date(2026, 3, 3))
    assert not laid_out.is_free
    assert laid_out.next_free == date(2026, 3, 18)
    assert week(WEDNESDAY_AT_TWO, wanted=date(2026, 3, 24)).next_free == date(2026, 3, 4)


def test_says_each_time_in_the_readers_own_zone_with_the_others_beside():
    [time] = week(WEDNESDAY_AT_TWO, zone=DENVER).days[1].times
    assert time == (
        "2026-03-04T20:00Z",
        "1:00 PM",
        "Wednesday, Mar 4, 1:00 to 1:25 PM MST (2:00 PM CST for Dr. Quist)",
        "Wed 1:00 PM",
    )
    laid_out = week(WEDNESDAY_AT_TWO, zone=DENVER)
    assert laid_out.example == "2:00 PM CST for Dr. Quist is 1:00 PM MST for you."


def test_says_nothing_of_the_others_clock_where_it_shows_the_same():
    laid_out = week(WEDNESDAY_AT_TWO)
    assert laid_out.example == ""
    assert "Dr. Quist" not in laid_out.days[1].times[0].say


def test_names_the_day_where_it_is_another_one_for_them():
    late = datetime(2026, 3, 5, 5, 30, tzinfo=UTC)
    [day] = [day for day in week(late, other=NEW_YORK).days if day.times]
    assert (day.name, day.times[0].label) == ("Wednesday", "11:30 PM")
    assert "(Thu 12:30 AM EST for Dr. Quist)" in day.times[0].say


def test_many_times_are_thinned_to_the_half_hours_and_the_chosen_one_stays():
    starts = [WEDNESDAY_AT_TWO + timedelta(minutes=15 * number) for number in range(12)]
    assert times(week(*starts))["Wednesday"] == [
        f"{hour}:{minute} PM" for hour in (2, 3, 4) for minute in ("00", "30")
    ]
    chosen = week(*starts, chosen=starts[1])
    assert "2:15 PM" in times(chosen)["Wednesday"]
    assert chosen.chosen.label == "2:15 PM"
    assert len(times(week(*starts[:8]))["Wednesday"]) == 8


def test_times_off_the_half_hour_are_not_thinned_away():
    starts = [WEDNESDAY_AT_TWO + timedelta(minutes=15 + 60 * number) for number in range(9)]
    assert sum(map(len, times(week(*starts)).values())) == 9


def test_a_reading_that_comes_twice_has_its_letters():
    starts = [datetime(2026, 11, 1, hour, 30, tzinfo=UTC) for hour in (5, 6, 7)]
    laid_out = picker.lay_out(
        starts,
        minutes=25,
        zone=CHICAGO,
        other=picker.Other("Dr. Quist", CHICAGO),
        earliest=datetime(2026, 10, 30, tzinfo=UTC),
        latest=datetime(2026, 12, 1, tzinfo=UTC),
    )
    assert times(laid_out)["Sunday"] == ["12:30 AM", "1:30 AM CDT", "1:30 AM CST"]


def test_the_nearest_free_time():
    starts = [WEDNESDAY_AT_TWO, WEDNESDAY_AT_TWO + timedelta(hours=1)]
    assert picker.nearest(starts, WEDNESDAY_AT_TWO + timedelta(minutes=40)) == starts[1]
    assert picker.nearest([], WEDNESDAY_AT_TWO) is None
