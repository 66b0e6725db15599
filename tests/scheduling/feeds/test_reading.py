"""What an event means: every case of RFC 5545 that calendars really have, and those that hurt."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from mentorship.scheduling.feeds.kinds import AllDay
from mentorship.scheduling.feeds.lines import Untrusted
from mentorship.scheduling.slots import Span
from tests.scheduling.feeds.reads import busy, calendar, read, said

TEN_TO_ELEVEN = "DTSTART:20261105T100000Z\nDTEND:20261105T110000Z"
FIFTH = "11-05 10:00/11:00"
ZONE = """BEGIN:VTIMEZONE
TZID:Ward time
BEGIN:STANDARD
DTSTART:20201101T020000
RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU
TZOFFSETFROM:-0300
TZOFFSETTO:-0330
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:20200308T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU
TZOFFSETFROM:-0330
TZOFFSETTO:-0300
END:DAYLIGHT
END:VTIMEZONE
"""


@pytest.mark.parametrize(
    ("event", "expected"),
    {
        # When it is
        "times in UTC": (TEN_TO_ELEVEN, [FIFTH]),
        "times in a zone": (
            "DTSTART;TZID=Europe/Berlin:20261105T100000\nDTEND;TZID=Europe/Berlin:20261105T110000",
            ["11-05 09:00/10:00"],
        ),
        "two zones": (
            "DTSTART;TZID=America/New_York:20261105T100000\n"
            "DTEND;TZID=America/Chicago:20261105T100000",
            ["11-05 15:00/16:00"],
        ),
        "floating times are the owner's": (
            "DTSTART:20261105T100000\nDTEND:20261105T110000",
            ["11-05 15:00/16:00"],
        ),
        "a zone of Windows": (
            "DTSTART;TZID=Eastern Standard Time:20261105T100000\nDURATION:PT1H",
            ["11-05 15:00/16:00"],
        ),
        "a zone in words": (
            'DTSTART;TZID="(UTC-05:00) Eastern Time (US & Canada)":20261105T100000\nDURATION:PT1H',
            ["11-05 15:00/16:00"],
        ),
        "a zone behind a path": (
            "DTSTART;TZID=/example.org/Tzfile/America/New_York:20261105T100000\nDURATION:PT1H",
            ["11-05 15:00/16:00"],
        ),
        "an offset for a zone": (
            "DTSTART;TZID=GMT-0500:20261105T100000\nDURATION:PT1H",
            ["11-05 15:00/16:00"],
        ),
        "dates written with dashes": (
            "DTSTART:2026-11-05T10:00:00Z\nDTEND:2026-11-05T11:00:00Z",
            [FIFTH],
        ),
        "midnight written as 24": (
            "DTSTART:20261105T230000Z\nDTEND:20261105T240000Z",
            ["11-05 23:00/11-06 00:00"],
        ),
        "a leap second": (
            "DTSTART:20261105T100000Z\nDTEND:20261105T105960Z",
            ["11-05 10:00/10:59"],
        ),
        "a length": ("DTSTART:20261105T100000Z\nDURATION:PT90M", ["11-05 10:00/11:30"]),
        "a length of weeks": (
            "DTSTART:20261105T100000Z\nDURATION:P1W",
            ["11-05 10:00/11-12 10:00"],
        ),
        "hours are real ones when the clocks go back": (
            "DTSTART;TZID=America/New_York:20261031T230000\nDURATION:PT8H",
            ["11-01 03:00/11:00"],
        ),
        "an end on the clock when the clocks go back": (
            "DTSTART;TZID=America/New_York:20261031T230000\n"
            "DTEND;TZID=America/New_York:20261101T070000",
            ["11-01 03:00/12:00"],
        ),
        "no end takes no time": ("DTSTART:20261105T100000Z", []),
        "the same start and end takes no time": (
            "DTSTART:20261105T100000Z\nDTEND:20261105T100000Z",
            [],
        ),
        # Whole days
        "a whole day is the owner's": ("DTSTART;VALUE=DATE:20261105", ["11-05 05:00/11-06 05:00"]),
        "whole days end before their end": (
            "DTSTART;VALUE=DATE:20261105\nDTEND;VALUE=DATE:20261107",
            ["11-05 05:00/11-07 05:00"],
        ),
        "a whole day that ends as it begins": (
            "DTSTART;VALUE=DATE:20261105\nDTEND;VALUE=DATE:20261105",
            ["11-05 05:00/11-06 05:00"],
        ),
        "a whole day when the clocks go back has 25 hours": (
            "DTSTART;VALUE=DATE:20261101",
            ["11-01 04:00/11-02 05:00"],
        ),
        "a whole day without saying so": ("DTSTART:20261105", ["11-05 05:00/11-06 05:00"]),
        "a date to a time takes both": (
            "DTSTART;VALUE=DATE:20261105\nDTEND:20261106T100000Z",
            ["11-05 05:00/11-06 10:00"],
        ),
        "a time to a date takes that day": (
            "DTSTART:20261105T100000Z\nDTEND;VALUE=DATE:20261105",
            ["11-05 10:00/11-06 05:00"],
        ),
        # In the way or not
        "called off": (f"{TEN_TO_ELEVEN}\nSTATUS:CANCELLED", []),
        "not sure yet": (f"{TEN_TO_ELEVEN}\nSTATUS:TENTATIVE", [FIFTH]),
        "transparent": (f"{TEN_TO_ELEVEN}\nTRANSP:TRANSPARENT", []),
        "opaque": (f"{TEN_TO_ELEVEN}\nTRANSP:OPAQUE", [FIFTH]),
        "a word nobody knows": (f"{TEN_TO_ELEVEN}\nTRANSP:PERHAPS\nSTATUS:WHO-KNOWS", [FIFTH]),
        "free to Outlook": (f"{TEN_TO_ELEVEN}\nX-MICROSOFT-CDO-BUSYSTATUS:FREE", []),
        "free and opaque": (
            f"{TEN_TO_ELEVEN}\nTRANSP:OPAQUE\nX-MICROSOFT-CDO-BUSYSTATUS:FREE",
            [FIFTH],
        ),
        "transparent and away": (
            f"{TEN_TO_ELEVEN}\nTRANSP:TRANSPARENT\nX-MICROSOFT-CDO-BUSYSTATUS:OOF",
            [FIFTH],
        ),
        "an alarm has times of its own": (
            f"{TEN_TO_ELEVEN}\nBEGIN:VALARM\nTRIGGER:-PT15M\nDURATION:PT9H\nREPEAT:2\nEND:VALARM",
            [FIFTH],
        ),
        # Broken, and busy for it
        "a night that ends on the day it began": (
            "DTSTART;TZID=America/New_York:20261105T190000\n"
            "DTEND;TZID=America/New_York:20261105T070000",
            ["11-06 00:00/12:00"],
        ),
        "an end years before": (
            "DTSTART:20261105T100000Z\nDTEND:20161105T100000Z",
            ["11-05 10:00/11-06 10:00"],
        ),
        "an end that cannot be read": (
            "DTSTART:20261105T100000Z\nDTEND:soon",
            ["11-05 10:00/11-06 10:00"],
        ),
        "a length that cannot be read": (
            "DTSTART:20261105T100000Z\nDURATION:1 hour",
            ["11-05 10:00/11-06 10:00"],
        ),
        "a length that runs backwards": (
            "DTSTART:20261105T100000Z\nDURATION:-PT1H",
            ["11-05 10:00/11-06 10:00"],
        ),
        "an end but no start": ("DTEND:20261105T110000Z", ["11-04 11:00/11-05 11:00"]),
        "two starts": (f"DTSTART:20261105T090000Z\n{TEN_TO_ELEVEN}", ["11-05 09:00/11:00"]),
        "an end and a length": (f"{TEN_TO_ELEVEN}\nDURATION:PT2H", ["11-05 10:00/12:00"]),
        "a zone that nobody knows may be anywhere": (
            "DTSTART;TZID=Mars/Phobos:20261105T100000\nDTEND;TZID=Mars/Phobos:20261105T110000",
            ["11-04 20:00/11-05 23:00"],
        ),
        "the end of the calendar": (
            "DTSTART:20261105T100000Z\nDTEND:99991231T235959Z",
            ["11-05 10:00/12-29 00:00"],
        ),
        "the beginning of the calendar": (
            "DTSTART:00010101T000000Z\nDTEND:20261105T110000Z",
            ["01-03 00:00/11-05 11:00"],
        ),
    }.values(),
    ids=lambda value: None,
)
def test_an_event(event, expected):
    assert busy(event) == expected


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        # Rules
        (f"{TEN_TO_ELEVEN}\nRRULE:FREQ=DAILY;COUNT=3", [5, 6, 7]),
        (f"{TEN_TO_ELEVEN}\nRRULE:FREQ=DAILY;UNTIL=20261107T100000Z", [5, 6, 7]),
        (f"{TEN_TO_ELEVEN}\nRRULE:FREQ=DAILY;UNTIL=20261107T095959Z", [5, 6]),
        (f"{TEN_TO_ELEVEN}\nRRULE:FREQ=DAILY;UNTIL=20261107", [5, 6, 7]),
        (f"{TEN_TO_ELEVEN}\nRRULE:FREQ=WEEKLY;BYDAY=TH,SA;COUNT=4", [5, 7, 12, 14]),
        (f"{TEN_TO_ELEVEN}\nRRULE:FREQ=WEEKLY;INTERVAL=2;UNTIL=20261230T000000Z", [5, 19]),
        (f"{TEN_TO_ELEVEN}\nRRULE:FREQ=MONTHLY;BYDAY=-1MO", [5, 30]),
        (f"{TEN_TO_ELEVEN}\nRRULE:FREQ=MONTHLY;BYMONTHDAY=-1,15", [5, 15, 30]),
        (f"{TEN_TO_ELEVEN}\nRRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE;BYSETPOS=2", [5]),
        (f"{TEN_TO_ELEVEN}\nRRULE:FREQ=HOURLY;INTERVAL=24;COUNT=2", [5, 6]),
        (f"{TEN_TO_ELEVEN}\nRRULE:FREQ=YEARLY", [5]),
        (
            "DTSTART:20200105T100000Z\nDURATION:PT1H\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH",
            [26],
        ),
        # Dates added and left out
        (f"{TEN_TO_ELEVEN}\nRDATE:20261109T100000Z,20261111T100000Z", [5, 9, 11]),
        (f"{TEN_TO_ELEVEN}\nRDATE;VALUE=PERIOD:20261109T100000Z/PT1H", [5, 9]),
        (f"{TEN_TO_ELEVEN}\nRDATE;VALUE=PERIOD:20261109T100000Z/20261109T110000Z", [5, 9]),
        (f"{TEN_TO_ELEVEN}\nRRULE:FREQ=DAILY;COUNT=3\nEXDATE:20261106T100000Z", [5, 7]),
        (
            f"{TEN_TO_ELEVEN}\nRRULE:FREQ=DAILY;COUNT=3\n"
            "EXDATE;TZID=America/New_York:20261106T050000",
            [5, 7],
        ),
        (f"{TEN_TO_ELEVEN}\nRRULE:FREQ=DAILY;COUNT=3\nEXDATE:20261106T110000Z", [5, 6, 7]),
        # In doubt it comes
        (f"{TEN_TO_ELEVEN}\nRRULE:FREQ=DAILY;COUNT=3\nEXDATE;VALUE=DATE:20261106", [5, 6, 7]),
        (f"{TEN_TO_ELEVEN}\nRRULE:FREQ=DAILY;COUNT=3\nEXRULE:FREQ=DAILY;COUNT=2", [5, 6, 7]),
        (f"{TEN_TO_ELEVEN}\nRRULE:FREQ=DAILY;INTERVAL=0;COUNT=3", [5, 6, 7]),
        (f"{TEN_TO_ELEVEN}\nRRULE:FREQ=DAILY;INTERVAL=-2;COUNT=2", [5, 6]),
        (f"{TEN_TO_ELEVEN}\nRRULE:FREQ=FORTNIGHTLY;UNTIL=20261107T100000Z", [5, 6, 7]),
        (f"{TEN_TO_ELEVEN}\nRRULE:FREQ=MONTHLY;BYMONTHDAY=40;UNTIL=20261107T100000Z", [5, 6, 7]),
        (f"{TEN_TO_ELEVEN}\nRRULE:FREQ=DAILY;COUNT=2;UNTIL=20261107T100000Z", [5, 6, 7]),
        (f"{TEN_TO_ELEVEN}\nRRULE:UNTIL=20261106T100000Z", [5, 6]),
        # A start outside its own rule still counts, and an end before it leaves it
        (f"{TEN_TO_ELEVEN}\nRRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=2", [5, 9, 16]),
        (f"{TEN_TO_ELEVEN}\nRRULE:FREQ=DAILY;UNTIL=20201106T100000Z", [5]),
        # Days that never come
        (f"{TEN_TO_ELEVEN}\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31", [5]),
        (f"{TEN_TO_ELEVEN}\nRRULE:FREQ=YEARLY;BYMONTH=2,4;BYMONTHDAY=31", [5]),
        (f"{TEN_TO_ELEVEN}\nRRULE:FREQ=DAILY;INTERVAL=7;BYDAY=MO", [5]),
        (f"{TEN_TO_ELEVEN}\nRRULE:FREQ=HOURLY;INTERVAL=24;BYHOUR=5", [5]),
    ],
)
def test_an_event_that_comes_back(event, expected):
    assert busy(event) == [f"11-{day:02} 10:00/11:00" for day in expected]


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY",
        "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU",
        "FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU",
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR,SA,SU",
        "FREQ=HOURLY;BYHOUR=10",
        "FREQ=DAILY;COUNT=999999999",
    ],
)
def test_a_rule_since_the_year_one_is_not_walked(rule):
    event = f"DTSTART:00010105T100000Z\nDTEND:00010105T110000Z\nRRULE:{rule}"

    assert busy(event)[:2] == ["11-01 10:00/11:00", "11-02 10:00/11:00"]


@pytest.mark.parametrize("freq", ["SECONDLY", "MINUTELY", "HOURLY;BYMINUTE=0,5,10,15"])
def test_a_rule_without_a_pause_takes_all_of_the_time(freq):
    [whole] = read(calendar(f"{TEN_TO_ELEVEN}\nRRULE:FREQ={freq}")).taken

    assert whole.span.starts_at == datetime(2026, 11, 5, 10, tzinfo=UTC)
    assert whole.span.ends_at > datetime(2026, 12, 1, 5, tzinfo=UTC)


def test_a_rule_without_a_pause_ends_when_it_says():
    assert busy(f"{TEN_TO_ELEVEN}\nRRULE:FREQ=MINUTELY;COUNT=61") == ["11-05 10:00/12:01"]


def test_a_series_keeps_its_hour_over_the_change_of_clocks():
    event = (
        "DTSTART;TZID=America/New_York:20261030T100000\nDTEND;TZID=America/New_York:20261030T110000"
        "\nRRULE:FREQ=DAILY;COUNT=4"
    )
    span = Span(datetime(2026, 10, 30, tzinfo=UTC), datetime(2026, 11, 5, tzinfo=UTC))

    assert busy(event, span=span) == [
        "10-30 14:00/15:00",
        "10-31 14:00/15:00",
        "11-01 15:00/16:00",
        "11-02 15:00/16:00",
    ]


def test_a_night_of_a_series_is_as_long_as_any_reading_when_the_clocks_change():
    event = (
        "DTSTART;TZID=America/New_York:20261030T230000\nDTEND;TZID=America/New_York:20261031T070000"
        "\nRRULE:FREQ=DAILY;COUNT=3"
    )

    # Eight hours end at six that night; the clock says seven.
    assert "11-01 03:00/12:00" in busy(event)


def test_a_zone_that_the_file_defines():
    event = "DTSTART;TZID=Ward time:20261105T100000\nDTEND;TZID=Ward time:20261105T110000"

    assert busy(calendar(event, zones=ZONE)) == ["11-05 13:30/14:30"]


def test_a_known_zone_that_the_file_defines_otherwise_counts_both_ways():
    other = ZONE.replace("Ward time", "America/New_York")
    event = (
        "DTSTART;TZID=America/New_York:20261105T100000\n"
        "DTEND;TZID=America/New_York:20261105T110000\nRRULE:FREQ=DAILY;COUNT=2"
    )

    found = read(calendar(event, zones=other))

    assert [said(each.span) for each in found.taken] == ["11-05 13:30/16:00", "11-06 13:30/16:00"]
    assert "both count" in found.warnings[0]


def test_a_known_zone_that_the_file_defines_as_everybody_does_counts_once():
    same = ZONE.replace("Ward time", "Eastern Standard Time")
    same = same.replace("-0330", "-0500").replace("-0300", "-0400")
    event = "DTSTART;TZID=Eastern Standard Time:20261105T100000\nDURATION:PT1H"

    found = read(calendar(event, zones=same))

    assert [said(each.span) for each in found.taken] == ["11-05 15:00/16:00"]
    assert found.warnings == ()


def test_a_zone_that_the_file_defines_without_end_is_one_that_nobody_knows():
    endless = ZONE.replace("FREQ=YEARLY", "FREQ=SECONDLY")
    event = "DTSTART;TZID=Ward time:20261105T100000\nDURATION:PT1H"

    found = read(calendar(event, zones=endless))

    assert [each.span.ends_at - each.span.starts_at for each in found.taken] == [
        timedelta(hours=27)
    ]
    assert "zone that nobody knows" in found.warnings[0]


def test_one_of_a_series_moved_called_off_or_free():
    series = f"UID:one\n{TEN_TO_ELEVEN}\nRRULE:FREQ=DAILY;COUNT=5"
    moved = "UID:one\nRECURRENCE-ID:20261106T100000Z\nDTSTART:20261106T150000Z\nDURATION:PT1H"
    off = "UID:one\nRECURRENCE-ID:20261107T100000Z\nSTATUS:CANCELLED\nDTSTART:20261107T100000Z"
    free = (
        "UID:one\nRECURRENCE-ID;TZID=America/New_York:20261108T050000\nTRANSP:TRANSPARENT\n"
        "DTSTART:20261108T100000Z\nDURATION:PT1H"
    )

    assert busy(calendar(moved, series, off, free)) == [
        FIFTH,
        "11-06 15:00/16:00",
        "11-09 10:00/11:00",
    ]


def test_all_of_a_series_from_some_day_on_moved():
    series = f"UID:one\n{TEN_TO_ELEVEN}\nRRULE:FREQ=DAILY;COUNT=4"
    onward = (
        "UID:one\nRECURRENCE-ID;RANGE=THISANDFUTURE:20261107T100000Z\n"
        "DTSTART:20261107T120000Z\nDURATION:PT2H"
    )

    assert busy(calendar(series, onward)) == [
        FIFTH,
        "11-06 10:00/11:00",
        "11-07 12:00/14:00",
        "11-08 12:00/14:00",
    ]


def test_a_change_to_a_series_that_is_not_there_stands_alone():
    lost = f"UID:one\nRECURRENCE-ID:20261105T100000Z\n{TEN_TO_ELEVEN}"

    assert busy(calendar(lost)) == [FIFTH]


def test_a_change_whose_day_cannot_be_read_takes_both():
    series = f"UID:one\n{TEN_TO_ELEVEN}\nRRULE:FREQ=DAILY;COUNT=2"
    moved = "UID:one\nRECURRENCE-ID:some day\nDTSTART:20261106T150000Z\nDURATION:PT1H"

    assert busy(calendar(series, moved)) == [FIFTH, "11-06 10:00/11:00", "11-06 15:00/16:00"]


def test_two_events_with_one_uid_both_count():
    other = "UID:one\nDTSTART:20261106T100000Z\nDURATION:PT1H"

    assert busy(calendar(f"UID:one\n{TEN_TO_ELEVEN}", other)) == [FIFTH, "11-06 10:00/11:00"]


def test_free_busy_times():
    part = (
        "BEGIN:VFREEBUSY\r\nFREEBUSY:20261105T100000Z/PT1H,20261106T100000Z/20261106T110000Z\r\n"
        "FREEBUSY;FBTYPE=FREE:20261107T100000Z/PT1H\r\n"
        "FREEBUSY;FBTYPE=BUSY-TENTATIVE:20261108T100000Z/PT1H\r\nEND:VFREEBUSY\r\n"
    )

    assert busy(calendar(zones=part.replace("\r", ""))) == [
        FIFTH,
        "11-06 10:00/11:00",
        "11-08 10:00/11:00",
    ]


def test_busy_times_that_touch_are_one():
    after = "DTSTART:20261105T110000Z\nDURATION:PT1H"

    assert busy(calendar(TEN_TO_ELEVEN, after)) == ["11-05 10:00/12:00"]


def test_whole_days_are_passed_over_where_their_owner_says_so():
    day = "DTSTART;VALUE=DATE:20261105"

    assert busy(calendar(day, TEN_TO_ELEVEN), all_day=AllDay.IGNORE) == [FIFTH]


def test_one_event_that_cannot_be_read_does_not_lose_the_others():
    good = [
        f"UID:{n}\nDTSTART:202611{n % 28 + 1:02}T{n % 24:02}0000Z\nDURATION:PT5M"
        for n in range(499)
    ]
    whole = read(calendar(*good))

    found = read(calendar(*good[:250], "UID:bad\nSUMMARY:secret", *good[250:]))

    assert found.taken == whole.taken
    assert (found.events, found.unread) == (500, 1)
    assert found.warnings == ("The event on line 1254 has no start: it is left out.",)


def test_no_word_of_an_event_is_in_what_comes_out():
    wrong = "UID:canary-1\nSUMMARY:canary-2\nDTSTART:canary-3\nLOCATION:canary-4"
    doubtful = "UID:canary-5\nSUMMARY:canary-6\nDTSTART;TZID=canary-7:20261105T100000\nDTEND:canary"

    found = read(calendar(wrong, doubtful))

    assert found.warnings
    assert "canary" not in repr(found)


def test_what_a_file_speaks_for():
    early = "DTSTART:20261103T100000Z\nDURATION:PT1H\nTRANSP:TRANSPARENT"

    covers = read(calendar(early, TEN_TO_ELEVEN)).covers

    assert covers == Span(
        datetime(2026, 11, 3, 10, tzinfo=UTC), datetime(2026, 11, 5, 11, tzinfo=UTC)
    )
    assert read(calendar()).covers is None


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data[:-20],
        lambda data: data[: len(data) // 2],
        lambda data: data.replace(b"END:VCALENDAR\r\n", b""),
        lambda data: data.replace(b"BEGIN:VCALENDAR", b""),
        lambda data: b"",
        lambda data: b"<!DOCTYPE html><html>" + data,
        lambda data: data + b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n",
        lambda data: b"X" * 9_000_000,
        lambda data: b"BEGIN:VCALENDAR\r\n" + b"X" * 9_000_000,
        lambda data: data.replace(b"DTSTART", b"DTSTRAT").replace(b"DTEND", b"DTNED"),
    ],
    ids=range(10),
)
def test_a_file_that_is_not_whole_is_not_believed(change):
    with pytest.raises(Untrusted):
        read(change(calendar(f"UID:one\n{TEN_TO_ELEVEN}")))


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.replace(b"\r\n", b"\n"),
        lambda data: data.replace(b"\r\n", b"\r"),
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: data.decode().encode("utf-16"),
        lambda data: data.replace(b"PRODID:", b"PRODID:\xe9\xff"),
        lambda data: data.replace(b"20261105T1", b"2026\x001105T1\0"),
        lambda data: data.replace(b"DTSTART:2026", b"DTSTART:20\r\n 26"),
        lambda data: data.replace(b"DTSTART:2026", b"DTSTART:20\r\n\t26"),
        lambda data: data.replace(b"UID:one", b"UID:" + b"x" * 3_000_000),
        lambda data: data.lower().replace(b"t1", b"T1"),
        lambda data: data.replace(b"UID:one", b"DESCRIPTION:two\r\nlines without a fold"),
        lambda data: data + b"<!-- 0.2 seconds -->\r\n",
        lambda data: data.replace(b"END:VEVENT\r\n", b""),
        lambda data: data.replace(b"END:VEVENT", b"END:VEVENT\r\nEND:VEVENT\r\nEND:VTODO"),
        lambda data: data.replace(b"BEGIN:VEVENT", b"BEGIN:X-JUNK\r\nBEGIN:X-JUNK\r\nBEGIN:VEVENT"),
        lambda data: data * 3,
        lambda data: data.replace(b"\r\n", b"\r\n\r\n"),
    ],
    ids=range(17),
)
def test_a_file_that_is_only_written_badly_is_read(change):
    assert busy(change(calendar(f"UID:one\n{TEN_TO_ELEVEN}"))) == [FIFTH]


def test_floods_are_taken_without_end_or_refused():
    dates = ",".join(
        f"20261105T{h:02}{m:02}{s:02}Z" for h in range(24) for m in range(60) for s in (0, 30)
    )
    flood = calendar(f"{TEN_TO_ELEVEN}\nRDATE:{dates}")

    assert busy(flood) == ["11-05 00:00/11-06 00:59"]
    minutes = "\n".join(
        f"RDATE:202611{day:02}T{hour:02}{minute:02}00Z"
        for day in range(1, 31)
        for hour in range(24)
        for minute in range(0, 60, 2)
    )
    with pytest.raises(Untrusted, match="separate times"):
        read(calendar(f"DTSTART:20261105T100000Z\nDURATION:PT30S\n{minutes}"))


def test_thousands_of_changes_to_one_series():
    series = "UID:one\nDTSTART:20261105T000000Z\nDURATION:PT1M\nRRULE:FREQ=HOURLY;COUNT=5000"
    changes = [
        f"UID:one\nRECURRENCE-ID:202611{n // 24 + 1:02}T{n % 24:02}0000Z\n"
        f"DTSTART:202611{n // 24 + 1:02}T{n % 24:02}3000Z\nDURATION:PT1M"
        for n in range(24 * 29)
    ]

    spans = [each.span for each in read(calendar(series, *changes)).taken]

    assert all(before.ends_at < after.starts_at for before, after in pairwise(spans))
    assert len(spans) > 24 * 25
