"""What is read, beside what an independent library (recurring-ical-events) reads of the same.

It settles doubts its own way, so only clean calendars are compared. Of a series over a change of
clocks ours may be an hour longer, since both readings of its length count; never shorter.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events
from hypothesis import given
from hypothesis import strategies as st

from mentorship.scheduling import slots
from mentorship.scheduling.slots import Span
from tests.scheduling.feeds.reads import calendar, read

ZONES = (
    *("America/New_York", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe"),
    *("America/Phoenix", "Pacific/Apia", "Africa/Casablanca"),
)
SPAN = Span(datetime(2026, 10, 1, tzinfo=UTC), datetime(2027, 4, 15, tzinfo=UTC))

zones = st.sampled_from(ZONES)
days = st.dates(date(2026, 1, 1), date(2027, 4, 1))
clocks = st.times(time(0), time(23, 59)).map(lambda at: at.replace(second=0, microsecond=0))
weekdays = st.lists(
    st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"]), min_size=1, max_size=4, unique=True
).map(",".join)


def stamp(at: datetime) -> str:
    return f"{at:%Y%m%dT%H%M%S}"


@st.composite
def rules(draw: st.DrawFn, since: date) -> str:
    freq = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    parts = [f"FREQ={freq}", f"INTERVAL={draw(st.integers(1, 4))}"]
    by = draw(st.sampled_from(["", "days", "month", "setpos", "monthday"]))
    if by in ("days", "setpos"):
        parts.append(f"BYDAY={draw(weekdays)}")
    if by == "month":
        parts.append(f"BYMONTH={draw(st.integers(1, 12))}")
    if by == "setpos" and freq != "DAILY":
        parts.append(f"BYSETPOS={draw(st.sampled_from([-1, 1, 2]))}")
    if by == "monthday" and freq in ("MONTHLY", "YEARLY"):
        parts.append(f"BYMONTHDAY={draw(st.sampled_from([-1, 1, 15, 31]))}")
    end = draw(st.sampled_from(["", "count", "until"]))
    if end == "count":
        parts.append(f"COUNT={draw(st.integers(1, 60))}")
    if end == "until":
        parts.append(f"UNTIL={since + timedelta(days=draw(st.integers(2, 300))):%Y%m%d}T120000Z")
    return ";".join(parts)


@st.composite
def events(draw: st.DrawFn) -> str:
    zone, day, clock = draw(zones), draw(days), draw(clocks)
    starts = datetime.combine(day, clock)
    kind = draw(st.sampled_from(["end", "length", "days"]))
    if kind == "days":
        lines = [f"DTSTART;VALUE=DATE:{day:%Y%m%d}"]
        lines.append(f"DTEND;VALUE=DATE:{day + timedelta(days=draw(st.integers(1, 4))):%Y%m%d}")
    else:
        minutes = draw(st.integers(1, 900))
        lines = [f"DTSTART;TZID={zone}:{stamp(starts)}"]
        if kind == "end":
            ends = starts + timedelta(minutes=minutes)
            lines.append(f"DTEND;TZID={zone}:{stamp(ends)}")
        else:
            lines.append(f"DURATION:PT{minutes}M")
    if draw(st.booleans()):
        rule = draw(rules(day))
        if kind == "days" and "UNTIL=" in rule:
            rule = rule.split(";UNTIL=")[0]
        lines.append(f"RRULE:{rule}")
        if draw(st.booleans()):
            gone = day + timedelta(days=draw(st.integers(1, 30)))
            if kind == "days":
                lines.append(f"EXDATE;VALUE=DATE:{gone:%Y%m%d}")
            else:
                lines.append(f"EXDATE;TZID={zone}:{stamp(datetime.combine(gone, clock))}")
    if draw(st.integers(0, 5)) == 0:
        lines.append(draw(st.sampled_from(["STATUS:CANCELLED", "TRANSP:TRANSPARENT"])))
    return "\n".join(lines)


def theirs(data: bytes, owner: ZoneInfo) -> list[Span]:
    """What the library says is taken."""
    found = []
    parsed = icalendar.Calendar.from_ical(data)
    once = {
        event["UID"]: event["DURATION"].dt
        for event in parsed.events
        if "DURATION" in event and "RRULE" not in event
    }
    span = (SPAN.starts_at - timedelta(days=5), SPAN.ends_at + timedelta(days=5))
    for event in recurring_ical_events.of(parsed).between(*span):
        if event.get("STATUS") == "CANCELLED" or event.get("TRANSP") == "TRANSPARENT":
            continue
        starts, ends = (
            at.astimezone(UTC)
            if isinstance(at, datetime)
            else datetime.combine(at, time(), owner).astimezone(UTC)
            for at in (event.start, event.end)
        )
        if event["UID"] in once:
            # By RFC 5545 a minute is a minute; the library adds it to the clock on the wall.
            ends = starts + once[event["UID"]]
        if ends > starts:
            whole = Span(starts, ends)
            if whole.overlaps(SPAN):
                found.append(whole)
    return slots.merged(found)


@given(st.lists(events(), min_size=1, max_size=4), zones)
def test_nothing_that_the_library_calls_busy_is_free_here_and_hardly_anything_more_is_busy(
    given_events, owner
):
    owner = ZoneInfo(owner)
    data = calendar(*(f"UID:{number}\n{event}" for number, event in enumerate(given_events)))
    ours = [each.span for each in read(data, span=SPAN, zone=owner).taken]
    expected = theirs(data, owner)

    for span in expected:
        assert any(each.covers(span) for each in ours), (span, ours)
    for span in ours:
        near = [each for each in expected if each.overlaps(span)]
        assert near, span
        extra = (span.ends_at - span.starts_at) - sum(
            (each.ends_at - each.starts_at for each in near), timedelta()
        )
        assert extra <= timedelta(hours=1) * max(len(near), 1), (span, near)
