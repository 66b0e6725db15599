"""When a standing meeting is: the mentor's wall clock decides, whatever the clocks do."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentorship.scheduling.slots import Away, Limits, Span
from mentorship.scheduling.standing.dates import Rhythm, Taken, sort_out
from mentorship.scheduling.standing.models import Why

ZONES = ("America/New_York", "Europe/Oslo", "Australia/Lord_Howe", "Asia/Kolkata", "America/Nuuk")
CHICAGO = ZoneInfo("America/Chicago")
FAR = datetime(2030, 1, 1, tzinfo=UTC)
RHYTHMS = st.builds(
    Rhythm,
    first_on=st.dates(date(2024, 1, 1), date(2027, 12, 31)),
    at=st.builds(time, st.integers(0, 23), st.sampled_from((0, 15, 30, 45))),
    zone=st.sampled_from(ZONES).map(ZoneInfo),
    minutes=st.sampled_from((10, 25, 30)),
    every=st.integers(1, 12),
    until=st.none(),
    times=st.integers(2, 20),
)


@given(RHYTHMS)
def test_every_date_reads_the_same_on_the_mentors_wall(rhythm):
    found = list(rhythm.spans(before=FAR + timedelta(weeks=400)))

    assert [number for number, _ in found] == list(range(rhythm.times))
    for number, span in found:
        there = span.starts_at.astimezone(rhythm.zone)
        day = rhythm.first_on + timedelta(weeks=number * rhythm.every)
        wall = datetime.combine(day, rhythm.at)
        # Only a time that never comes that day reads otherwise: the first one after the gap.
        reads = there.replace(tzinfo=None)
        assert reads == wall or wall < reads <= wall + timedelta(hours=1, minutes=30)
        if reads != wall:
            typed = wall.replace(tzinfo=rhythm.zone)
            assert typed.astimezone(UTC).astimezone(rhythm.zone).replace(tzinfo=None) != wall
        assert span.ends_at - span.starts_at == timedelta(minutes=rhythm.minutes)


@given(RHYTHMS)
def test_it_has_ended_once_its_last_date_has_begun(rhythm):
    *_, (_, last) = rhythm.spans(before=FAR + timedelta(weeks=400))

    assert not rhythm.ends_before(last.starts_at)
    assert rhythm.ends_before(last.starts_at + timedelta(seconds=1))


def test_the_last_day_is_in_it_and_nothing_ends_one_without_an_end():
    first = date(2026, 3, 5)
    rhythm = Rhythm(first, time(14), CHICAGO, 25, every=1, until=date(2026, 3, 19))
    assert len(list(rhythm.spans(before=FAR))) == 3
    assert not Rhythm(first, time(14), CHICAGO, 25, every=12).ends_before(FAR)


def test_a_time_that_never_comes_begins_as_the_clocks_arrive():
    rhythm = Rhythm(date(2026, 3, 1), time(2, 30), CHICAGO, 25, every=1, times=3)
    reads = [span.starts_at.astimezone(CHICAGO).time() for _, span in rhythm.spans(before=FAR)]
    assert reads == [time(2, 30), time(3), time(2, 30)]


SPAN = Span(datetime(2026, 3, 5, 20, tzinfo=UTC), datetime(2026, 3, 5, 20, 25, tzinfo=UTC))
BEFORE = Span(SPAN.starts_at - timedelta(hours=1), SPAN.starts_at - timedelta(minutes=4))
FREE = {"mentor": [], "mentee": [], "calendar": [], "rest": [], "unread": False}


@pytest.mark.parametrize(
    ("taken", "why"),
    [
        ({}, None),
        ({"mentor": [BEFORE]}, Why.MENTOR_BUSY),
        ({"mentee": [BEFORE]}, Why.MENTEE_BUSY),
        ({"calendar": [BEFORE]}, Why.CALENDAR),
        # Rest may end as a meeting begins; a shift may not come that close.
        ({"rest": [BEFORE]}, None),
        ({"rest": [SPAN]}, Why.CALENDAR),
        ({"unread": True}, Why.UNREAD),
    ],
)
def test_a_date_is_left_out_for_whatever_comes_too_close(taken, why):
    found = sort_out(
        [(0, SPAN)], taken=Taken(**(FREE | taken)), away=[], limits=Limits(), zone=CHICAGO
    )
    assert [one for _, _, one in found] == [why]


def test_a_date_is_left_out_while_the_mentor_is_away():
    away = [Away(date(2026, 3, 5), date(2026, 3, 5), since=time(14, 20))]
    found = sort_out([(0, SPAN)], taken=Taken(**FREE), away=away, limits=Limits(), zone=CHICAGO)
    assert [one for _, _, one in found] == [Why.AWAY]


def test_its_own_dates_count_to_what_the_mentor_wants():
    later = Span(SPAN.starts_at + timedelta(days=7), SPAN.ends_at + timedelta(days=7))
    found = sort_out(
        [(0, SPAN), (1, later)],
        taken=Taken(**FREE),
        away=[],
        limits=Limits(per_month=1),
        zone=CHICAGO,
    )
    assert [one for _, _, one in found] == [None, Why.MONTH_FULL]
