"""Rest around shifts: what a night takes with it, by the clock of the hospital."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentorship.scheduling import slots
from mentorship.scheduling.feeds import rest, shifts
from mentorship.scheduling.feeds.kinds import Shift
from mentorship.scheduling.feeds.rest import Rest, Worked
from mentorship.scheduling.feeds.shifts import DEFAULT_RULES, Meaning, meaning_of
from mentorship.scheduling.slots import Span

NEW_YORK = ZoneInfo("America/New_York")
HOUR = timedelta(hours=1)


def worked(day, opens, hours, kind=None, zone=NEW_YORK):
    starts = datetime.combine(datetime(2026, 11, day), opens, zone).astimezone(UTC)
    span = Span(starts, starts + hours * HOUR)
    return Worked(span, kind or shifts.by_the_clock(span.starts_at, span.ends_at, zone))


def around(*stretches, wanted=None):
    """Rest as `day hour:minute to day hour:minute`, on the clock of New York."""
    spans = slots.merged(rest.around(stretches, NEW_YORK, wanted or Rest()))
    return [
        " to ".join(f"{at.astimezone(NEW_YORK):%d %H:%M}" for at in (each.starts_at, each.ends_at))
        for each in spans
    ]


def test_before_a_day_shift_two_hours_are_kept_and_after_it_nothing():
    assert around(worked(5, time(7), 8)) == ["05 05:00 to 05 07:00"]


def test_after_a_night_there_is_nothing_before_four():
    assert around(worked(5, time(22), 7)) == ["05 20:00 to 05 22:00", "06 05:00 to 06 16:00"]


def test_after_a_night_rest_is_ten_hours_at_least():
    assert around(worked(5, time(23), 9))[-1] == "06 08:00 to 06 18:00"


def test_after_a_long_night_rest_is_as_long_as_the_night():
    assert around(worked(5, time(19), 14))[-1] == "06 09:00 to 06 23:00"


def test_an_evening_is_no_night():
    assert around(worked(5, time(15), 10)) == ["05 13:00 to 05 15:00"]


def test_three_hours_between_eleven_and_six_make_a_night():
    assert around(worked(5, time(18), 8))[-1] == "06 02:00 to 06 16:00"
    assert len(around(worked(5, time(18), 8 - 1 / 60))) == 1


def test_what_is_called_a_night_is_one_whatever_its_hours():
    assert around(worked(5, time(16), 8, Shift.NIGHT))[-1] == "06 00:00 to 06 16:00"


def test_shifts_that_touch_are_one_as_long_as_both():
    assert around(worked(5, time(17), 7), worked(6, time(0), 7)) == [
        "05 15:00 to 05 17:00",
        "06 07:00 to 06 21:00",
    ]


def test_the_clock_counts_on_the_night_when_clocks_go_back():
    # From eleven, eight real hours: it ends at six, and four in the afternoon is four.
    night = Worked(
        Span(datetime(2026, 11, 1, 3, tzinfo=UTC), datetime(2026, 11, 1, 11, tzinfo=UTC)),
        Shift.NIGHT,
    )

    assert around(night)[-1] == "01 06:00 to 01 16:00"


def test_a_mentor_may_want_another_rest():
    assert around(worked(5, time(22), 7), wanted=Rest(0, time(0), 0)) == ["06 05:00 to 06 12:00"]


@given(
    st.lists(st.tuples(st.integers(1, 25), st.integers(0, 23), st.integers(1, 30)), max_size=12),
    st.builds(Rest, st.integers(0, 24), st.times(), st.integers(0, 720)),
)
def test_no_rest_is_shorter_than_was_wanted(shape, wanted):
    stretches = [worked(day, time(hour), hours) for day, hour, hours in shape]
    found = slots.merged([*rest.around(stretches, NEW_YORK, wanted), *(w.span for w in stretches)])

    for each in stretches:
        before = timedelta(minutes=wanted.before_minutes)
        kept = Span(each.span.starts_at - before, each.span.ends_at)
        if each.kind is Shift.NIGHT:
            after = max(
                wanted.after_hours * HOUR, min(each.span.ends_at - each.span.starts_at, 24 * HOUR)
            )
            kept = Span(kept.starts_at, each.span.ends_at + after)
            ended_last = all(
                other.span.ends_at <= each.span.ends_at or other.span.starts_at > each.span.ends_at
                for other in stretches
            )
            if not ended_last:
                continue
        assert any(span.covers(kept) for span in found)


@pytest.mark.parametrize(
    ("title", "meaning"),
    [
        ("Night shift", Meaning.NIGHT),
        ("NIGHTS @ main", Meaning.NIGHT),
        ("Overnight", Meaning.NIGHT),
        ("Day 1", Meaning.DAY),
        ("ED On-Call", Meaning.ON_CALL),
        ("Backup call", Meaning.ON_CALL),
        ("Vacation", Meaning.BUSY),
        ("Holiday", None),
        ("Callahan clinic", None),
        ("N1", None),
        ("", None),
    ],
)
def test_what_everybodys_rules_make_of_a_title(title, meaning):
    assert meaning_of(title, DEFAULT_RULES) == meaning


@pytest.mark.parametrize(
    ("pattern", "title", "fits"),
    [
        ("n1", "ED N1 (main)", True),
        ("n1", "ED N12", False),
        ("n*", "ED N12", True),
        ("fast  track", "Fast Track AM", True),
        (".*", "anything", False),
        ("(", "a ( b", True),
        ("*" * 60, "x" * 300, False),
    ],
)
def test_a_pattern_is_words_and_never_more(pattern, title, fits):
    assert (meaning_of(title, [(pattern, Meaning.NIGHT)]) is Meaning.NIGHT) is fits
