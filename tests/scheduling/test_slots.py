"""Open hours, busy time and the starts between them, on ordinary days and on strange ones."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from time import thread_time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mentorship.scheduling import slots
from mentorship.scheduling.slots import Away, Full, Limits, NoSuchTime, Opening, Span, Weekly

NEW_YORK = ZoneInfo("America/New_York")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
KOLKATA = ZoneInfo("Asia/Kolkata")
CASABLANCA = ZoneInfo("Africa/Casablanca")
MONDAY = date(2027, 3, 1)
MINUTE = timedelta(minutes=1)
ALWAYS = {
    "earliest": datetime(2000, 1, 1, tzinfo=UTC),
    "latest": datetime(2100, 1, 1, tzinfo=UTC),
}


def at(text: str) -> datetime:
    """An instant, written with its offset: `2027-03-14T03:00-04:00`."""
    return datetime.fromisoformat(text).astimezone(UTC)


def span(begin: str, end: str) -> Span:
    return Span(at(begin), at(end))


def noon(*, minutes: int = 0) -> datetime:
    return datetime(2027, 3, 1, 12, tzinfo=UTC) + timedelta(minutes=minutes)


def around_noon(begin: int, end: int) -> Span:
    return Span(noon(minutes=begin), noon(minutes=end))


def opened(day: date, opens: time, closes: time, zone: ZoneInfo) -> list[Span]:
    return slots.on_days([Weekly(day.weekday(), opens, closes)], [day], zone)


def offered(free, busy=(), *, minutes=30, zone=None, **rules) -> list[str]:
    found = slots.starts(free, busy, minutes=minutes, zone=zone, **{**ALWAYS, **rules})
    return [f"{each.astimezone(zone or UTC):%H:%M}" for each in found]


class TestSpan:
    def test_does_not_overlap_one_that_it_touches(self):
        assert not around_noon(0, 30).overlaps(around_noon(30, 60))
        assert around_noon(0, 31).overlaps(around_noon(30, 60))

    def test_covers_itself_and_what_lies_inside_only(self):
        assert around_noon(0, 30).covers(around_noon(0, 30))
        assert around_noon(0, 30).covers(around_noon(10, 20))
        assert not around_noon(0, 30).covers(around_noon(10, 31))

    def test_keeps_instants_of_any_zone_in_utc(self):
        local = Span(
            at("2027-11-07T01:30-04:00").astimezone(NEW_YORK), at("2027-11-07T01:15-05:00")
        )

        assert local.starts_at.tzinfo is UTC
        assert local.ends_at - local.starts_at == timedelta(minutes=45)

    def test_refuses_wall_time(self):
        with pytest.raises(ValueError, match="zone"):
            Span(datetime(2027, 3, 1, 12), datetime(2027, 3, 1, 13))

    @pytest.mark.parametrize("minutes", [0, -1])
    def test_refuses_to_end_before_it_has_begun(self, minutes):
        with pytest.raises(ValueError, match="ends after"):
            around_noon(0, minutes)


class TestWeekly:
    @pytest.mark.parametrize("weekday", [-1, 7])
    def test_refuses_a_weekday_that_there_is_not(self, weekday):
        with pytest.raises(ValueError, match="weekday"):
            Weekly(weekday, time(9), time(10))

    def test_is_on_in_every_third_week_from_that_of_a_day(self):
        thursday = date(2027, 3, 4)
        hours = Weekly(1, time(9), time(10), every=3, since=thursday)
        tuesdays = [date(2027, 2, 9) + timedelta(weeks=count) for count in range(10)]

        assert [day for day in tuesdays if hours.is_on(day)] == [
            date(2027, 3, 2), date(2027, 3, 23), date(2027, 4, 13),
        ]  # fmt: skip
        assert not hours.is_on(date(2027, 3, 3))

    def test_keeps_to_its_weeks_over_the_turn_of_a_year(self):
        hours = Weekly(4, time(9), time(10), every=2, since=date(2026, 12, 25))

        assert not hours.is_on(date(2027, 1, 1))
        assert hours.is_on(date(2027, 1, 8))

    @pytest.mark.parametrize("every", [0, 2])
    def test_refuses_some_weeks_that_are_not_counted_from_anywhere(self, every):
        with pytest.raises(ValueError, match="week"):
            Weekly(0, time(9), time(10), every=every)


class TestAway:
    def test_lasts_at_least_from_the_beginning_of_a_day_to_its_end(self):
        assert Away(MONDAY, MONDAY).until is None

    @pytest.mark.parametrize(
        "wrong",
        [
            {"last": MONDAY - timedelta(days=1)},
            {"last": MONDAY, "since": time(9), "until": time(9)},
            {"last": MONDAY, "until": time(0)},
        ],
    )
    def test_refuses_to_end_before_it_has_begun(self, wrong):
        with pytest.raises(ValueError, match="ends after"):
            Away(MONDAY, **wrong)


class TestLimits:
    def test_are_a_day_six_weeks_and_five_minutes_by_default(self):
        limits = Limits()

        assert limits.earliest(noon()) == noon() + timedelta(hours=24)
        assert limits.latest(noon()) == noon() + timedelta(days=42)
        assert limits.buffer_minutes == 5
        assert not limits.full([noon()] * 100, NEW_YORK)

    def test_are_reached_by_the_calendar_of_the_zone(self):
        evening = [at("2027-03-31T20:00-04:00"), at("2027-03-31T22:00-04:00")]
        full = Limits(per_day=2, per_month=2).full(evening, NEW_YORK)

        assert (full.days, full.months) == ({date(2027, 3, 31)}, {date(2027, 3, 1)})
        assert not Limits(per_day=2).full(evening, ZoneInfo("Europe/Oslo")).days - {
            date(2027, 4, 1)
        }
        assert full.holds(date(2027, 3, 2))
        assert not full.holds(date(2027, 4, 1))

    def test_count_weeks_from_monday_to_sunday_also_over_the_turn_of_a_year(self):
        full = Limits(per_week=2).full([at("2026-12-28T12:00Z"), at("2027-01-03T12:00Z")], KOLKATA)

        assert full.weeks == {date(2026, 12, 28)}
        assert full.holds(date(2027, 1, 2))
        assert not full.holds(date(2027, 1, 4))


class TestOnDays:
    def test_lays_hours_on_their_weekday_and_on_no_other(self):
        week = [MONDAY + timedelta(days=count) for count in range(7)]

        found = slots.on_days([Weekly(1, time(17), time(18))], week, KOLKATA)

        assert found == [span("2027-03-02T17:00+05:30", "2027-03-02T18:00+05:30")]

    def test_runs_past_midnight_into_the_next_day(self):
        assert opened(MONDAY, time(22), time(2), NEW_YORK) == [
            span("2027-03-01T22:00-05:00", "2027-03-02T02:00-05:00")
        ]

    def test_closes_at_midnight(self):
        assert opened(MONDAY, time(22), time(0), NEW_YORK) == [
            span("2027-03-01T22:00-05:00", "2027-03-02T00:00-05:00")
        ]

    def test_is_open_a_whole_day_when_both_times_are_one(self):
        assert opened(MONDAY, time(7), time(7), NEW_YORK) == [
            span("2027-03-01T07:00-05:00", "2027-03-02T07:00-05:00")
        ]

    def test_joins_hours_that_overlap_or_touch_also_over_midnight(self):
        hours = [
            Weekly(1, time(0), time(2)),
            Weekly(0, time(20), time(23)),
            Weekly(0, time(22), time(0)),
        ]

        found = slots.on_days(hours, [MONDAY + timedelta(days=1), MONDAY], NEW_YORK)

        assert found == [span("2027-03-01T20:00-05:00", "2027-03-02T02:00-05:00")]

    def test_keeps_hours_apart_that_do_not_touch(self):
        hours = [Weekly(0, time(9), time(10)), Weekly(0, time(11), time(12))]

        assert len(slots.on_days(hours, [MONDAY], NEW_YORK)) == 2


class TestOnDaysWhenTheClocksGoForward:
    DAY = date(2027, 3, 14)  # New York: 02:00 becomes 03:00

    def test_loses_the_hour_that_never_comes(self):
        assert opened(self.DAY, time(1, 30), time(3, 30), NEW_YORK) == [
            span("2027-03-14T01:30-05:00", "2027-03-14T03:30-04:00")
        ]

    def test_opens_at_the_first_instant_after_the_gap(self):
        assert opened(self.DAY, time(2, 30), time(4), NEW_YORK) == [
            span("2027-03-14T03:00-04:00", "2027-03-14T04:00-04:00")
        ]

    def test_closes_at_the_gap_when_the_closing_time_lies_in_it(self):
        assert opened(self.DAY, time(1), time(2, 45), NEW_YORK) == [
            span("2027-03-14T01:00-05:00", "2027-03-14T03:00-04:00")
        ]

    @pytest.mark.parametrize(("opens", "closes"), [((2,), (3,)), ((2, 15), (2, 45))])
    def test_leaves_out_hours_that_vanish(self, opens, closes):
        assert opened(self.DAY, time(*opens), time(*closes), NEW_YORK) == []

    def test_shortens_the_night_shift_by_the_hour(self):
        (night,) = opened(self.DAY - timedelta(days=1), time(23), time(7), NEW_YORK)

        assert night.ends_at - night.starts_at == timedelta(hours=7)

    def test_moves_by_half_an_hour_on_lord_howe(self):
        assert opened(date(2027, 10, 3), time(2, 10), time(3), LORD_HOWE) == [
            span("2027-10-03T02:30+11:00", "2027-10-03T03:00+11:00")
        ]

    def test_skips_midnight_itself_in_beirut(self):
        assert opened(date(2027, 3, 28), time(0), time(2), ZoneInfo("Asia/Beirut")) == [
            span("2027-03-28T01:00+03:00", "2027-03-28T02:00+03:00")
        ]


class TestOnDaysWhenTheClocksGoBack:
    DAY = date(2027, 11, 7)  # New York: 02:00 becomes 01:00

    def test_is_open_through_both_passes(self):
        assert opened(self.DAY, time(0, 30), time(2, 30), NEW_YORK) == [
            span("2027-11-07T00:30-04:00", "2027-11-07T02:30-05:00")
        ]

    def test_opens_in_both_passes_and_not_before_its_time_in_the_second(self):
        assert opened(self.DAY, time(1, 30), time(3), NEW_YORK) == [
            span("2027-11-07T01:30-04:00", "2027-11-07T02:00-04:00"),
            span("2027-11-07T01:30-05:00", "2027-11-07T03:00-05:00"),
        ]

    def test_closes_in_both_passes(self):
        assert opened(self.DAY, time(0), time(1, 30), NEW_YORK) == [
            span("2027-11-07T00:00-04:00", "2027-11-07T01:30-04:00"),
            span("2027-11-07T01:00-05:00", "2027-11-07T01:30-05:00"),
        ]

    def test_closes_before_the_repeated_hour_when_none_of_it_is_inside(self):
        assert opened(self.DAY, time(0), time(1), NEW_YORK) == [
            span("2027-11-07T00:00-04:00", "2027-11-07T01:00-04:00")
        ]

    def test_lengthens_the_night_shift_by_the_hour(self):
        (night,) = opened(self.DAY - timedelta(days=1), time(23), time(7), NEW_YORK)

        assert night.ends_at - night.starts_at == timedelta(hours=9)

    def test_moves_by_half_an_hour_on_lord_howe(self):
        assert opened(date(2027, 4, 4), time(1, 30), time(2, 30), LORD_HOWE) == [
            span("2027-04-04T01:30+11:00", "2027-04-04T02:30+10:30")
        ]

    def test_repeats_the_last_hour_of_the_evening_in_beirut(self):
        assert opened(date(2027, 10, 30), time(22), time(0), ZoneInfo("Asia/Beirut")) == [
            span("2027-10-30T22:00+03:00", "2027-10-31T00:00+02:00")
        ]


class TestOnDaysWhenTheRulesAreOdd:
    def test_sets_the_clocks_back_for_ramadan_in_casablanca(self):
        assert opened(date(2026, 2, 15), time(1), time(4), CASABLANCA) == [
            span("2026-02-15T01:00+01:00", "2026-02-15T04:00+00:00")
        ]
        assert opened(date(2026, 3, 22), time(2, 30), time(4), CASABLANCA) == [
            span("2026-03-22T03:00+01:00", "2026-03-22T04:00+01:00")
        ]

    def test_knows_that_mexico_city_gave_up_summer_time(self):
        mexico_city = ZoneInfo("America/Mexico_City")

        before, after = date(2022, 7, 4), date(2023, 7, 3)

        assert opened(before, time(9), time(10), mexico_city)[0].starts_at.hour == 14
        assert opened(after, time(9), time(10), mexico_city)[0].starts_at.hour == 15

    def test_knows_that_almaty_moved_to_another_offset_for_good(self):
        assert opened(date(2024, 2, 29), time(22), time(1), ZoneInfo("Asia/Almaty")) == [
            span("2024-02-29T22:00+06:00", "2024-03-01T01:00+05:00")
        ]

    def test_has_no_hours_on_the_friday_that_samoa_skipped(self):
        apia = ZoneInfo("Pacific/Apia")

        assert opened(date(2011, 12, 30), time(9), time(17), apia) == []
        assert opened(date(2011, 12, 29), time(22), time(4), apia) == [
            span("2011-12-29T22:00-10:00", "2011-12-31T00:00+14:00")
        ]


class TestOpenSpans:
    HOURS = (Weekly(0, time(22), time(2)), Weekly(2, time(9), time(12)))

    def test_finds_those_that_reach_into_the_range_and_leaves_them_whole(self):
        found = slots.open_spans(
            self.HOURS,
            NEW_YORK,
            since=at("2027-03-02T01:00-05:00"),
            until=at("2027-03-03T10:00-05:00"),
        )

        assert found == [
            span("2027-03-01T22:00-05:00", "2027-03-02T02:00-05:00"),
            span("2027-03-03T09:00-05:00", "2027-03-03T12:00-05:00"),
        ]

    def test_leaves_out_those_that_only_touch_it(self):
        found = slots.open_spans(
            self.HOURS,
            NEW_YORK,
            since=at("2027-03-02T02:00-05:00"),
            until=at("2027-03-03T09:00-05:00"),
        )

        assert found == []

    def test_carries_on_past_the_end_where_the_next_day_is_open_too(self):
        night_owl = [Weekly(0, time(20), time(0)), Weekly(1, time(0), time(3))]

        found = slots.open_spans(
            night_owl,
            NEW_YORK,
            since=at("2027-03-01T12:00-05:00"),
            until=at("2027-03-01T23:45-05:00"),
        )

        assert found == [span("2027-03-01T20:00-05:00", "2027-03-02T03:00-05:00")]

    def test_finds_nothing_in_a_range_that_is_empty(self):
        assert slots.open_spans(self.HOURS, NEW_YORK, since=noon(), until=noon()) == []

    def around(self, **more: object) -> list[Span]:
        return slots.open_spans(
            self.HOURS,
            NEW_YORK,
            since=at("2027-03-01T00:00-05:00"),
            until=at("2027-03-04T00:00-05:00"),
            **more,
        )

    def test_adds_openings_to_the_weekly_hours(self):
        found = self.around(
            openings=[
                Opening(date(2027, 3, 2), time(1), time(3)),
                Opening(date(2027, 3, 3), time(23), time(1)),
                Opening(date(2027, 4, 3), time(23), time(1)),
            ]
        )

        assert found == [
            span("2027-03-01T22:00-05:00", "2027-03-02T03:00-05:00"),
            span("2027-03-03T09:00-05:00", "2027-03-03T12:00-05:00"),
            span("2027-03-03T23:00-05:00", "2027-03-04T01:00-05:00"),
        ]

    def test_takes_whole_days_away_and_what_runs_into_them(self):
        assert self.around(away=[Away(date(2027, 3, 2), date(2027, 3, 20))]) == [
            span("2027-03-01T22:00-05:00", "2027-03-02T00:00-05:00")
        ]

    def test_takes_hours_of_a_day_away_and_openings_with_them(self):
        found = self.around(
            openings=[Opening(date(2027, 3, 3), time(14), time(16))],
            away=[Away(date(2027, 3, 3), date(2027, 3, 3), time(10), time(15))],
        )

        assert found[1:] == [
            span("2027-03-03T09:00-05:00", "2027-03-03T10:00-05:00"),
            span("2027-03-03T15:00-05:00", "2027-03-03T16:00-05:00"),
        ]


class TestStarts:
    def test_offers_every_quarter_hour_at_which_the_whole_meeting_fits(self):
        assert offered([around_noon(0, 60)], minutes=25) == ["12:00", "12:15", "12:30"]

    def test_offers_clean_times_where_the_hours_open_at_an_odd_one(self):
        assert offered([around_noon(10, 75)]) == ["12:15", "12:30", "12:45"]

    def test_fits_a_meeting_that_fills_the_hours(self):
        assert offered([around_noon(0, 30)]) == ["12:00"]
        assert offered([around_noon(0, 29)]) == []

    def test_keeps_the_buffer_before_and_after_what_is_busy(self):
        busy = [around_noon(60, 85)]

        assert offered([around_noon(0, 150)], busy, minutes=25) == [
            "12:00", "12:15", "12:30", "13:30", "13:45", "14:00",
        ]  # fmt: skip
        assert offered([around_noon(0, 150)], busy, minutes=30)[1:3] == ["12:15", "13:30"]

    def test_may_go_without_a_buffer(self):
        assert offered([around_noon(0, 90)], [around_noon(30, 60)], buffer_minutes=0) == [
            "12:00",
            "13:00",
        ]

    def test_keeps_no_buffer_from_rest(self):
        rest = [around_noon(30, 60)]

        assert offered([around_noon(0, 120)], rest=rest)[:2] == ["12:00", "13:00"]
        assert offered([around_noon(0, 120)], rest)[0] == "13:15"

    def test_minds_what_is_busy_just_outside_the_hours(self):
        assert offered([around_noon(0, 60)], [around_noon(-60, 0)], minutes=20) == [
            "12:15",
            "12:30",
        ]

    def test_takes_busy_time_in_any_order_and_twice(self):
        busy = [around_noon(90, 100), around_noon(0, 80), around_noon(20, 40), around_noon(0, 80)]

        assert offered([around_noon(0, 180)], busy) == ["13:45", "14:00", "14:15", "14:30"]

    def test_joins_hours_that_touch(self):
        assert "12:15" in offered([around_noon(30, 60), around_noon(0, 30)])

    def test_begins_with_the_notice_and_ends_before_the_horizon(self):
        found = offered(
            [around_noon(0, 240)], earliest=noon(minutes=15), latest=noon(minutes=60), minutes=25
        )

        assert found == ["12:15", "12:30", "12:45"]

    def test_offers_nothing_where_the_notice_is_longer_than_the_horizon(self):
        assert offered([around_noon(0, 240)], earliest=noon(minutes=60), latest=noon()) == []

    def test_waits_for_the_next_clean_time_after_the_notice(self):
        late = noon(minutes=7) + timedelta(seconds=30, microseconds=1)

        assert offered([around_noon(0, 60)], earliest=late) == ["12:15", "12:30"]

    def test_reads_longer_steps_from_the_clock_of_the_zone(self):
        free = opened(MONDAY, time(17), time(19), ZoneInfo("Asia/Kathmandu"))

        found = offered(free, step=30, zone=ZoneInfo("Asia/Kathmandu"))

        assert found == ["17:00", "17:30", "18:00", "18:30"]

    def test_stays_on_the_clock_where_it_goes_back_by_half_an_hour(self):
        free = opened(date(2027, 4, 4), time(1), time(3), LORD_HOWE)

        found = offered(free, step=60, zone=LORD_HOWE)

        assert found == ["01:00", "02:00"]

    def test_begins_nothing_on_a_day_that_is_full_but_may_run_into_one(self):
        free = [span("2027-03-01T22:00-05:00", "2027-03-02T02:00-05:00")]
        full = Full(days=frozenset({date(2027, 3, 2)}))

        found = offered(free, full=full, zone=NEW_YORK, step=30)

        assert found == ["22:00", "22:30", "23:00", "23:30"]
        assert offered(free, full=Full(weeks=frozenset({MONDAY})), zone=NEW_YORK) == []

    def test_counts_real_minutes_over_the_hour_that_never_comes(self):
        free = opened(date(2027, 3, 14), time(1, 30), time(3, 30), NEW_YORK)

        assert offered(free, zone=NEW_YORK) == ["01:30", "01:45", "03:00"]

    def test_offers_both_passes_of_the_hour_that_comes_twice(self):
        free = opened(date(2027, 11, 7), time(1), time(2), NEW_YORK)

        found = slots.starts(free, [], minutes=30, step=30, **ALWAYS)

        assert found == [
            at("2027-11-07T01:00-04:00"),
            at("2027-11-07T01:30-04:00"),
            at("2027-11-07T01:00-05:00"),
            at("2027-11-07T01:30-05:00"),
        ]

    @pytest.mark.parametrize("step", [0, -15, 7, 25, 120])
    def test_refuses_a_step_that_leaves_the_clock(self, step):
        with pytest.raises(ValueError, match="step"):
            offered([around_noon(0, 60)], step=step)

    def test_refuses_a_meeting_without_length(self):
        with pytest.raises(ValueError, match="minute"):
            offered([around_noon(0, 60)], minutes=0)

    def test_does_not_compare_every_start_with_every_busy_time(self):
        free = [around_noon(0, 60 * 24 * 42)]
        busy = [around_noon(each * 3, each * 3 + 2) for each in range(20_000)]
        before = thread_time()

        assert offered(free, busy) == offered(free, [around_noon(0, 60_000)])
        assert thread_time() - before < 2  # seconds; trying each against each takes minutes


class TestWallTime:
    def test_reads_what_was_typed_in_the_zone_of_whoever_typed_it(self):
        assert slots.wall_time(MONDAY, time(13, 30), KOLKATA) == at("2027-03-01T13:30+05:30")
        assert slots.wall_time(MONDAY, time(13, 30), KOLKATA).tzinfo is UTC

    def test_takes_the_earlier_of_two_unless_told(self):
        day = date(2027, 11, 7)

        assert slots.wall_time(day, time(1, 30), NEW_YORK) == at("2027-11-07T01:30-04:00")
        assert slots.wall_time(day, time(1, 30, fold=1), NEW_YORK) == at("2027-11-07T01:30-05:00")

    @pytest.mark.parametrize("fold", [0, 1])
    def test_refuses_a_time_that_the_clocks_skip_and_says_when_they_resume(self, fold):
        with pytest.raises(NoSuchTime) as refused:
            slots.wall_time(date(2027, 3, 14), time(2, 30, fold=fold), NEW_YORK)

        assert str(refused.value) == (
            "There is no 02:30 on 2027-03-14: the clocks go forward then, to 03:00."
        )
        assert refused.value.resumes_at == at("2027-03-14T03:00-04:00")

    def test_takes_the_instant_at_which_the_clocks_resume(self):
        assert slots.wall_time(date(2027, 3, 14), time(3), NEW_YORK) == at("2027-03-14T03:00-04:00")

    @pytest.mark.parametrize(
        ("day", "typed", "zone"),
        [(date.min, time(0), KOLKATA), (date.max, time(23), NEW_YORK)],
    )
    def test_refuses_days_past_the_ends_of_the_calendar(self, day, typed, zone):
        with pytest.raises(NoSuchTime):
            slots.wall_time(day, typed, zone)


CHANGES = [
    ("America/New_York", date(2027, 3, 14)),
    ("America/New_York", date(2027, 11, 7)),
    ("America/Havana", date(2027, 3, 14)),
    ("America/Havana", date(2027, 11, 7)),
    ("America/St_Johns", date(2010, 11, 7)),
    ("America/Asuncion", date(2024, 3, 24)),
    ("America/Nuuk", date(2024, 3, 31)),
    ("America/Mexico_City", date(2022, 10, 30)),
    ("America/Scoresbysund", date(2024, 3, 31)),
    ("Atlantic/Azores", date(2027, 10, 31)),
    ("Europe/Berlin", date(2027, 3, 28)),
    ("Europe/Dublin", date(2027, 10, 31)),
    ("Europe/Moscow", date(2014, 10, 26)),
    ("Africa/Cairo", date(2027, 4, 30)),
    ("Africa/Casablanca", date(2026, 2, 15)),
    ("Africa/Casablanca", date(2026, 3, 22)),
    ("Asia/Almaty", date(2024, 3, 1)),
    ("Asia/Beirut", date(2027, 3, 28)),
    ("Asia/Beirut", date(2027, 10, 31)),
    ("Asia/Gaza", date(2026, 10, 31)),
    ("Asia/Kathmandu", date(1986, 1, 1)),
    ("Asia/Kolkata", date(2027, 3, 14)),
    ("Asia/Pyongyang", date(2018, 5, 5)),
    ("Antarctica/Troll", date(2027, 3, 28)),
    ("Antarctica/Troll", date(2027, 10, 31)),
    ("Australia/Adelaide", date(2027, 4, 4)),
    ("Australia/Lord_Howe", date(2027, 4, 4)),
    ("Australia/Lord_Howe", date(2027, 10, 3)),
    ("Pacific/Apia", date(2011, 12, 30)),
    ("Pacific/Chatham", date(2027, 9, 26)),
    ("Pacific/Easter", date(2027, 4, 4)),
    ("Pacific/Kiritimati", date(1994, 12, 31)),
]
# Clocks change at night, on the hour or half past it: most examples should be there.
wall_times = st.builds(
    time,
    st.sampled_from([0, 1, 2, 3, 22, 23]) | st.integers(0, 23),
    st.sampled_from([0, 30]) | st.integers(0, 59),
)
busy_times = st.lists(
    st.tuples(st.integers(-2000, 3000), st.integers(1, 700)).map(
        lambda each: (each[0], each[0] + each[1])
    ),
    max_size=6,
)


@dataclass(frozen=True)
class Said:
    """What a mentor may say of some days, on one of which the clocks of a zone change."""

    zone: ZoneInfo
    day: date
    weekly: tuple[Weekly, ...]
    openings: tuple[Opening, ...]
    away: tuple[Away, ...]


@st.composite
def weeks_of_change(draw) -> Said:
    name, day = draw(st.sampled_from(CHANGES))
    days = st.sampled_from([day + timedelta(days=beside) for beside in (-1, 0, 1)])

    def one_of_some_weeks(weekday: int, opens: time, closes: time, every: int, ago: int) -> Weekly:
        since = day - timedelta(days=ago) if every > 1 else None
        return Weekly(weekday, opens, closes, every, since)

    def gone(first: date, more: int, since: time | None, until: time | None) -> Away | None:
        try:
            return Away(first, first + timedelta(days=more), since, until)
        except ValueError:
            return None

    hours = st.builds(
        one_of_some_weeks,
        days.map(date.weekday),
        wall_times,
        wall_times,
        st.sampled_from([1, 1, 2, 3]),
        st.integers(-3, 20),
    )
    maybe = st.none() | wall_times
    breaks = st.builds(gone, days, st.integers(0, 1), maybe, maybe).filter(bool)
    return Said(
        ZoneInfo(name),
        day,
        tuple(draw(st.lists(hours, max_size=5))),
        tuple(draw(st.lists(st.builds(Opening, days, wall_times, wall_times), max_size=2))),
        tuple(draw(st.lists(breaks, max_size=1))),
    )


def minutes_of(spans: list[Span]) -> set[datetime]:
    """Every whole minute inside these spans."""
    found = set()
    for each in spans:
        assert each.starts_at.second == each.ends_at.second == 0
        length = (each.ends_at - each.starts_at) // MINUTE
        found |= {each.starts_at + MINUTE * count for count in range(length)}
    return found


@cache
def clock_around(day: date, zone: ZoneInfo) -> dict[datetime, list[datetime]]:
    """For days around one, at which minutes the wall clock reads what: at none, one or two."""
    begin = datetime.combine(day, time(0), UTC) - timedelta(days=6)
    read = defaultdict(list)
    for each in (begin + MINUTE * count for count in range(13 * 24 * 60)):
        read[each.astimezone(zone).replace(tzinfo=None, fold=0)].append(each)
    return dict(read)


def minutes_by_the_clock(said: Said, days: list[date]) -> set[datetime]:
    """The slow truth: for every minute of the hours, look when the wall clock reads it."""
    windows, gone = [], []

    def on(line: Weekly, day: date) -> bool:
        if line.since is None:
            return True
        first = line.since - timedelta(days=line.since.weekday())
        return day >= first and (day - first).days // 7 % line.every == 0

    for day in days:
        lines = [each for each in said.weekly if each.weekday == day.weekday() and on(each, day)]
        for line in [*lines, *(each for each in said.openings if each.day == day)]:
            closes = day + timedelta(days=1 if line.closes <= line.opens else 0)
            windows.append(
                (datetime.combine(day, line.opens), datetime.combine(closes, line.closes))
            )
    for each in said.away:
        whole = each.until is None
        last = each.last + timedelta(days=1) if whole else each.last
        gone.append(
            (
                datetime.combine(each.first, each.since or time(0)),
                datetime.combine(last, each.until or time(0)),
            )
        )
    clock = clock_around(said.day, said.zone)
    readings = {
        opens + MINUTE * count
        for opens, closes in windows
        for count in range((closes - opens) // MINUTE)
    }
    return {
        minute
        for reading in readings
        if not any(leaves <= reading < back for leaves, back in gone)
        for minute in clock.get(reading, ())
    }


class TestEveryMinute:
    @settings(max_examples=150)
    @given(weeks_of_change())
    def test_is_open_as_the_wall_clock_says(self, said):
        days = [said.day + timedelta(days=count) for count in (-2, -1, 0, 1)]
        weekly_alone = replace(said, openings=(), away=())

        found = slots.on_days(said.weekly, days, said.zone)

        assert minutes_of(found) == minutes_by_the_clock(weekly_alone, days)
        assert all(one.ends_at < two.starts_at for one, two in pairwise(found))

    @settings(max_examples=300)
    @given(
        said=weeks_of_change(),
        busy=busy_times,
        resting=busy_times,
        meetings=st.lists(st.integers(-4000, 4000), max_size=5),
        most=st.tuples(*[st.none() | st.integers(1, 3)] * 3),
        minutes=st.integers(1, 90),
        step=st.sampled_from([5, 10, 12, 15, 20, 30, 60]),
        buffer_minutes=st.sampled_from([0, 5, 17]),
        earliest=st.integers(-1500, 1500),
        length=st.integers(0, 3000),
    )
    def test_of_a_meeting_is_open_and_free_and_its_day_has_room(
        self, said, busy, resting, meetings, most, minutes, step, buffer_minutes, earliest, length
    ):
        zone = said.zone
        noon = datetime.combine(said.day, time(12), UTC)
        since, until = noon + MINUTE * earliest, noon + MINUTE * (earliest + length)
        taken = [Span(noon + MINUTE * one, noon + MINUTE * two) for one, two in busy]
        rest = [Span(noon + MINUTE * one, noon + MINUTE * two) for one, two in resting]
        booked = [noon + MINUTE * each for each in meetings]
        per_day, per_week, per_month = most
        limits = Limits(per_day=per_day, per_week=per_week, per_month=per_month)

        found = slots.starts(
            slots.open_spans(
                said.weekly,
                zone,
                since=since,
                until=until,
                openings=said.openings,
                away=said.away,
            ),
            taken,
            minutes=minutes,
            step=step,
            buffer_minutes=buffer_minutes,
            earliest=since,
            latest=until,
            zone=zone,
            rest=rest,
            full=limits.full(booked, zone),
        )

        days = [said.day + timedelta(days=count) for count in range(-4, 6)]
        usable = minutes_by_the_clock(said, days) - minutes_of(
            [Span(one.starts_at - MINUTE * buffer_minutes, one.ends_at + MINUTE * buffer_minutes)
             for one in taken] + rest
        )  # fmt: skip

        def has_room(begin: datetime) -> bool:
            def same(shape: str) -> int:
                read = [f"{each.astimezone(zone):{shape}}" for each in booked]
                return read.count(f"{begin.astimezone(zone):{shape}}")

            counts = (same("%Y-%m-%d"), same("%G-%V"), same("%Y-%m"))
            return all(m is None or count < m for m, count in zip(most, counts, strict=True))

        assert found == [
            begin
            for begin in (since + MINUTE * count for count in range(length))
            if begin.astimezone(zone).minute % step == 0
            and all(begin + MINUTE * count in usable for count in range(minutes))
            and has_room(begin)
        ]
