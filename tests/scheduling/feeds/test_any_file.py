"""Whatever a file holds, it is read or refused in words: never another error, nor a word of it."""

import json
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from mentorship.scheduling.feeds import reading
from mentorship.scheduling.feeds.kinds import AllDay, Holds
from mentorship.scheduling.feeds.lines import Untrusted
from mentorship.scheduling.feeds.reading import How
from tests.scheduling.feeds.reads import NEW_YORK, NOVEMBER
from tests.scheduling.feeds.test_corpus import CORPUS, EXPECTED, FILES

WHOLE = [(CORPUS / name).read_bytes() for name in FILES]
NAMES = st.sampled_from(
    [
        *("DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID", "UID"),
        *("STATUS", "TRANSP", "EXRULE", "BEGIN", "END", "SUMMARY", "FREEBUSY", "TZOFFSETTO"),
    ]
)
PARAMETERS = st.sampled_from(
    [
        *("", "", ";VALUE=DATE", ";TZID=America/New_York", ";TZID=Nowhere", ";VALUE=PERIOD"),
        *(";RANGE=THISANDFUTURE", ';TZID="a;b:c"', ";=", ";TZID", ";FBTYPE=FREE"),
    ]
)
DATES = st.sampled_from(
    [
        *("20261105", "20261105T100000", "20261105T100000Z", "00010101T000000Z"),
        *("99991231T235959Z", "20261101T013000", "20260308T023000", "20261332T990000", "-1", ""),
        *("20261105T240000", "2026-11-05T10:00:00-05:00", "20261105T100000Z/PT1H"),
    ]
)
RULES = st.builds(
    lambda freq, parts: ";".join([f"FREQ={freq}", *parts]),
    st.sampled_from(
        ["DAILY", "WEEKLY", "MONTHLY", "YEARLY", "HOURLY", "MINUTELY", "SECONDLY", "NEVER", ""]
    ),
    st.lists(
        st.builds(
            "{}={}".format,
            st.sampled_from(
                [
                    *("INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTH", "BYMONTHDAY", "BYYEARDAY"),
                    *("BYWEEKNO", "BYHOUR", "BYMINUTE", "BYSECOND", "BYSETPOS", "WKST", "RSCALE"),
                ]
            ),
            st.one_of(
                st.integers(-400, 400).map(str),
                st.sampled_from(
                    ["MO", "-1FR,2TU", "0MO", "1,2,3", "99999999999", "", "x", "SA,SU"]
                ),
                DATES,
            ),
        ),
        max_size=3,
    ),
)
LENGTHS = st.sampled_from(
    ["PT1H", "P1D", "-PT1H", "P", "PT", "P1W2D", "P99999999999D", "PT0S", "x"]
)
LINES = st.builds(
    lambda name, parameter, value: f"{name}{parameter}:{value}".encode(),
    NAMES,
    PARAMETERS,
    st.one_of(
        DATES, RULES, LENGTHS, st.sampled_from(["VEVENT", "VCALENDAR", "CANCELLED", "1", "canary"])
    ),
)
HOWS = st.builds(How, st.just(NEW_YORK), st.sampled_from(Holds), st.sampled_from(AllDay))


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """A whole calendar of events made of lines that calendars have, in any order."""
    events = draw(st.lists(st.lists(LINES, max_size=8), max_size=4))
    body = b"".join(
        b"BEGIN:VEVENT\r\n" + b"".join(line + b"\r\n" for line in lines) + b"END:VEVENT\r\n"
        for lines in events
    )
    return b"BEGIN:VCALENDAR\r\n" + body + b"END:VCALENDAR\r\n"


@st.composite
def harmed(draw: st.DrawFn) -> bytes:
    """A file of the corpus with some of its bytes taken out, doubled or overwritten."""
    data = bytearray(draw(st.sampled_from(WHOLE)))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        to = min(at + draw(st.integers(0, 40)), len(data))
        data[at:to] = draw(
            st.one_of(st.just(b""), st.just(bytes(data[at:to]) * 2), st.binary(max_size=6))
        )
    return bytes(data)


def check(data: bytes, how: How) -> None:
    try:
        found = reading.read(data, NOVEMBER, how)
    except Untrusted:
        return
    assert all(each.span.overlaps(NOVEMBER) for each in found.taken)
    assert all(each.span.ends_at - each.span.starts_at > timedelta(0) for each in found.taken)
    assert "canary" not in repr(found)


@given(files(), HOWS)
def test_a_calendar_of_lines_in_any_order(data, how):
    check(data, how)


@given(harmed(), HOWS)
def test_a_file_that_was_harmed_on_its_way(data, how):
    check(data, how)


@given(st.data())
def test_a_calendar_that_is_cut_anywhere_is_never_believed(data):
    name = data.draw(st.sampled_from([n for n in FILES if isinstance(EXPECTED[n], list)]))
    whole = (CORPUS / name).read_bytes()
    if not name.endswith(".ics") or name in ("utf-16.ics", "three-calendars-in-one-file.ics"):
        return
    last = whole.upper().rindex(b"END:VCALENDAR") + len(b"END:VCALENDAR")
    cut = data.draw(st.integers(0, last - 1))
    try:
        reading.read(whole[:cut], NOVEMBER, How(NEW_YORK))
    except Untrusted:
        return
    raise AssertionError(json.dumps([name, cut]))
