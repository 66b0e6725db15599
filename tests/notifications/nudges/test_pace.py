"""When somebody may be nudged, whatever the zone, the season and the clocks do."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentorship.foundation import clock
from mentorship.notifications.nudges.pace import APART, Quiet, moment, number

ZONES = (
    *("America/Chicago", "America/New_York", "Pacific/Honolulu", "Asia/Tokyo", "UTC"),
    *("Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu", "America/Santiago"),
)
CHICAGO = ZoneInfo("America/Chicago")

instants = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31)).map(
    lambda naive: naive.replace(tzinfo=UTC)
)
zones = st.sampled_from(ZONES)
quiets = st.builds(Quiet, st.integers(0, 23), st.integers(0, 23))


def chicago(*when: int) -> datetime:
    return datetime(*when, tzinfo=CHICAGO).astimezone(UTC)


@given(now=instants, zone=zones, quiet=quiets, data=st.data())
def test_the_moment_is_never_quiet_nor_past_nor_close_to_another(now, zone, quiet, data):
    near = st.integers(-4 * 24 * 60, 4 * 24 * 60).map(lambda m: now + timedelta(minutes=m))
    sent = data.draw(st.lists(near, max_size=4))

    found = moment(now, zone=zone, quiet=quiet, sent=sent)

    assert found >= now
    assert not quiet.covers(found.astimezone(ZoneInfo(zone)).hour)
    for one in sent:
        assert abs(found - one) >= APART
        assert clock.day(found, zone) != clock.day(one, zone)


@given(now=instants, zone=zones, quiet=quiets)
def test_nobody_waits_longer_than_their_quiet_hours_last(now, zone, quiet):
    found = moment(now, zone=zone, quiet=quiet)

    # To the minute: whatever is passed over is quiet.
    step, here = timedelta(minutes=1), ZoneInfo(zone)
    passed = int((found - now) / step)
    assert all(quiet.covers((now + step * n).astimezone(here).hour) for n in range(passed))


@pytest.mark.parametrize(
    ("now", "then"),
    [
        (chicago(2026, 3, 2, 20, 59), chicago(2026, 3, 2, 20, 59)),
        (chicago(2026, 3, 2, 21, 0), chicago(2026, 3, 3, 8, 0)),
        (chicago(2026, 3, 3, 7, 59), chicago(2026, 3, 3, 8, 0)),
        # These nights are an hour short and an hour long.
        (chicago(2026, 3, 7, 22, 0), chicago(2026, 3, 8, 8, 0)),
        (chicago(2026, 10, 31, 22, 0), chicago(2026, 11, 1, 8, 0)),
    ],
)
def test_by_default_the_night_is_quiet(now, then):
    assert moment(now, zone="America/Chicago", quiet=Quiet()) == then


def test_the_hour_that_daylight_saving_skips_ends_the_quiet_at_the_next():
    found = moment(chicago(2026, 3, 8, 0, 30), zone="America/Chicago", quiet=Quiet(22, 2))

    assert found == chicago(2026, 3, 8, 3, 0)


def test_after_a_move_west_the_day_that_comes_again_brings_no_second_mail():
    in_tokyo = datetime(2026, 3, 3, 9, tzinfo=ZoneInfo("Asia/Tokyo"))  # Monday in Honolulu

    found = moment(
        in_tokyo + timedelta(hours=21), zone="Pacific/Honolulu", quiet=Quiet(), sent=[in_tokyo]
    )

    assert clock.day(found, "Pacific/Honolulu") > clock.day(in_tokyo, "Pacific/Honolulu")


def test_a_mail_of_a_clock_that_ran_ahead_keeps_nobody_waiting_for_it():
    now = chicago(2026, 3, 2, 12)

    assert (
        moment(now, zone="America/Chicago", quiet=Quiet(), sent=[now + timedelta(days=90)]) == now
    )


class TestNumber:
    NOW = chicago(2026, 3, 2, 12)
    WEEK = timedelta(days=7)

    def test_counts_on_and_stops(self):
        earlier = [self.NOW - 2 * self.WEEK, self.NOW - self.WEEK]

        assert [number(earlier[:n], times=2, pause=self.WEEK, now=self.NOW) for n in range(3)] == [
            1,
            2,
            None,
        ]

    def test_waits_while_one_waits_or_was_sent_a_moment_ago(self):
        for settled in (None, self.NOW - timedelta(days=6), self.NOW + timedelta(days=1)):
            assert number([settled], times=2, pause=self.WEEK, now=self.NOW) is None
