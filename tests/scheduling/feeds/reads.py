"""Small calendars, written out, and what is read from them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from mentorship.scheduling.feeds import reading
from mentorship.scheduling.feeds.kinds import AllDay, Blocks, Holds
from mentorship.scheduling.feeds.reading import How, Reading
from mentorship.scheduling.slots import Span

NEW_YORK = ZoneInfo("America/New_York")
NOVEMBER = Span(datetime(2026, 11, 1, 4, tzinfo=UTC), datetime(2026, 12, 1, 5, tzinfo=UTC))


def calendar(*events: str, zones: str = "") -> bytes:
    """A calendar of events, each given as its lines."""
    body = "".join(f"BEGIN:VEVENT\n{event.strip()}\nEND:VEVENT\n" for event in events)
    whole = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Test//EN\n{zones}{body}END:VCALENDAR\n"
    return whole.replace("\n", "\r\n").encode()


def read(data: bytes, *, span: Span = NOVEMBER, zone: ZoneInfo = NEW_YORK, **how) -> Reading:
    return reading.read(data, span, How(zone=zone, **how))


def busy(data: bytes | str, **more) -> list[str]:
    """What is taken, in UTC: `11-02 14:00/15:00`, or over days `11-02 14:00/11-03 15:00`."""
    data = calendar(data) if isinstance(data, str) else data
    return [said(each.span) for each in read(data, **more).taken if each.blocks == Blocks.BUSY]


def said(span: Span) -> str:
    same = span.starts_at.date() == span.ends_at.date()
    ends = f"{span.ends_at:%H:%M}" if same else f"{span.ends_at:%m-%d %H:%M}"
    return f"{span.starts_at:%m-%d %H:%M}/{ends}"


__all__ = ["NEW_YORK", "NOVEMBER", "AllDay", "Holds", "Span", "busy", "calendar", "read", "said"]
