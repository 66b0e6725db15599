"""A table of shifts, as spreadsheets and schedule programs export it: CSV in, rows out. Pure.

Columns are found by their headings, in any order. A row without an end, or with an end before
its start, runs on as night shifts do.
"""

import csv
import re
from calendar import month_abbr
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from io import StringIO
from typing import NamedTuple
from zoneinfo import ZoneInfo

from mentorship.scheduling.feeds.instants import DAY, Zone, later
from mentorship.scheduling.feeds.lines import MOST_BYTES, MOST_EVENTS, TooMuch, Untrusted

_HEADINGS: dict[str, tuple[str, ...]] = {
    "title": ("subject", "shift", "shift name", "title", "summary", "event", "assignment", "task"),
    "day": ("date", "start date", "shift date", "day", "from date"),
    "opens": ("start time", "start", "from", "begin", "begins", "time in", "starts"),
    "last_day": ("end date", "to date", "finish date"),
    "closes": ("end time", "end", "to", "finish", "ends", "time out", "stop"),
    "whole": ("all day event", "all day", "all-day"),
}
#: A heading may stand below a title of the table.
_TOP = 10
_SEPARATORS = (",", ";", "\t", "|")
_MONTHS = {month_abbr[number].lower(): number for number in range(1, 13)}
_TIME = re.compile(r"(\d{1,2})(?::?([0-5]\d))?(?::[0-5]\d)?\s*(?:(a|p)\.?\s*m?\.?)?", re.IGNORECASE)


class Row(NamedTuple):
    """One shift. Its title serves the rules, and goes no further."""

    starts_at: datetime
    ends_at: datetime
    title: str
    days: tuple[datetime, int] | None


@dataclass(frozen=True, slots=True)
class _Columns:
    """Which column says what."""

    at: dict[str, int]
    width: int

    def cell(self, row: Sequence[str], name: str) -> str:
        index = self.at.get(name)
        return row[index].strip() if index is not None and index < len(row) else ""


class _Wrong(ValueError):
    """A row that cannot be read; the message ends a sentence."""


def is_sheet(data: bytes) -> bool:
    """Whether this is a table with headings that say when something begins."""
    if b"BEGIN:VCALENDAR" in data[:4096].upper():
        return False
    head = _text(data[:65_536]).splitlines()[: _TOP + 20]
    return _heading(head) is not None


def rows(data: bytes, owner: ZoneInfo, warn: Callable[[str], None]) -> Iterator[Row]:
    """Every shift in a table, with times in its owner's zone.

    :raises Untrusted: the table is too large, cut off, or mostly unreadable.
    """
    if len(data) > MOST_BYTES:
        raise TooMuch(f"The file is larger than {MOST_BYTES // 1_000_000} MB.")
    if b"\0" in data and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Untrusted("The file holds bytes that no table has.")
    text = _text(data)
    found = _heading(text.splitlines())
    if found is None:
        raise Untrusted("No column of this table says when a shift begins.")
    number, separator, columns = found
    body = "\n".join(text.splitlines()[number:])
    lines = _cells(body, separator)
    if lines and not text.endswith(("\n", "\r")) and len(lines[-1]) < columns.width:
        raise Untrusted("The table is cut off: its last row is not whole.")
    filled = [row for row in enumerate(lines, number + 1) if any(map(str.strip, row[1]))]
    if len(filled) > MOST_EVENTS:
        raise TooMuch(f"The table has more than {MOST_EVENTS:,} rows.")
    day_first = _day_first([columns.cell(row, "day") for _, row in filled], warn)
    zone, wrong, good = Zone((owner,)), 0, []
    for line, row in filled:
        try:
            good.append(_row(row, columns, zone, day_first))
        except _Wrong as no:
            wrong += 1
            warn(f"Row {line} {no}: it is left out")
    if wrong and wrong >= len(good):
        raise Untrusted("Most rows of this table could not be read.")
    yield from good


def _heading(lines: Iterable[str]) -> tuple[int, str, _Columns] | None:
    """Where the heading ends, what separates its cells, and which column says what."""
    for number, line in enumerate(lines, 1):
        if number > _TOP:
            break
        separator = max(_SEPARATORS, key=line.count)
        if not line.count(separator) and number > 1:
            continue
        names = [
            " ".join(name.lower().split())
            for name in next(csv.reader([line], delimiter=separator), [])
        ]
        at = {
            what: names.index(next(name for name in called if name in names))
            for what, called in _HEADINGS.items()
            if any(name in names for name in called)
        }
        if "day" in at and ("opens" in at or "title" in at):
            return number, separator, _Columns(at, len(names))
        if "opens" in at and "closes" in at:
            return number, separator, _Columns(at, len(names))
    return None


def _cells(body: str, separator: str) -> list[list[str]]:
    try:
        return list(csv.reader(StringIO(body), delimiter=separator))
    except csv.Error:
        raise Untrusted("The table cannot be read: a cell in it has no end.") from None


def _row(row: Sequence[str], columns: _Columns, zone: Zone, day_first: bool) -> Row:
    title = columns.cell(row, "title")
    opens, closes = columns.cell(row, "opens"), columns.cell(row, "closes")
    day = _date(columns.cell(row, "day"), day_first) if "day" in columns.at else None
    if day is None:
        starts, ends = _both(opens, day_first), _both(closes, day_first)
        return _timed(starts, ends, title, zone)
    last_cell = columns.cell(row, "last_day")
    last = _date(last_cell, day_first) if last_cell else None
    whole = columns.cell(row, "whole").lower() in ("true", "yes", "1", "x", "y")
    if whole or not opens:
        count = max((last - day).days + 1, 1) if last else 1
        first = datetime.combine(day, time())
        ends_at = zone.last(first + count * DAY)
        return Row(zone.first(first), ends_at, title, (first, min(count, 366)))
    starts = datetime.combine(day, time()) + _clock(opens)
    if not closes:
        raise _Wrong("has no end")
    ends = datetime.combine(last or day, time()) + _clock(closes)
    return _timed(starts, ends, title, zone)


def _timed(starts: datetime, ends: datetime, title: str, zone: Zone) -> Row:
    # Nights end on the day after they begin, whether or not the table says so.
    if ends <= starts and starts - ends < DAY:
        ends += DAY
    if ends <= starts:
        raise _Wrong("ends before it begins")
    starts_at = zone.first(starts)
    return Row(starts_at, max(zone.last(ends), later(starts_at, timedelta(minutes=1))), title, None)


def _both(cell: str, day_first: bool) -> datetime:
    """A date and a time in one cell."""
    words = re.split(r"[T ,]+", cell.strip(), maxsplit=1)
    if len(words) != 2:
        raise _Wrong("has no date and time")
    clock = words[1].rstrip("Zz")
    if clock != words[1]:
        raise _Wrong("is in another time zone")
    return datetime.combine(_date(words[0], day_first), time()) + _clock(clock)


def _date(cell: str, day_first: bool) -> date:
    plain = re.sub(r"^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+", "", cell.strip().lower())
    words = [word for word in re.split(r"[\s,./-]+", plain) if word]
    try:
        if len(words) == 1 and re.fullmatch(r"\d{8}", plain):
            return date(int(plain[:4]), int(plain[4:6]), int(plain[6:]))
        if len(words) != 3:
            raise ValueError
        named = [index for index, word in enumerate(words) if word[:3] in _MONTHS]
        if named:
            month = _MONTHS[words.pop(named[0])[:3]]
            numbers = [int(re.sub(r"(st|nd|rd|th)$", "", word)) for word in words]
            year, day = max(numbers), min(numbers)
        elif len(words[0]) == 4:
            year, month, day = map(int, words)
        else:
            first, second, year = map(int, words)
            month, day = (second, first) if day_first else (first, second)
        return date(year + 2000 if year < 100 else year, month, day)
    except (ValueError, OverflowError):
        raise _Wrong("has a date that cannot be read") from None


def _clock(cell: str) -> timedelta:
    """How long after midnight."""
    plain = {"noon": "12:00", "midnight": "0:00"}.get(cell.strip().lower(), cell.strip())
    shape = _TIME.fullmatch(plain)
    if shape is None:
        raise _Wrong("has a time that cannot be read")
    hour, minute, half = int(shape[1]), int(shape[2] or 0), (shape[3] or "").lower()
    if half:
        if not 1 <= hour <= 12:
            raise _Wrong("has a time that cannot be read")
        hour = hour % 12 + (12 if half == "p" else 0)
    if hour > 24 or (hour == 24 and minute):
        raise _Wrong("has a time that cannot be read")
    return timedelta(hours=hour, minutes=minute)


def _day_first(cells: Iterable[str], warn: Callable[[str], None]) -> bool:
    """Whether dates begin with the day: where one of them has to, or with dots between."""
    firsts, seconds, dots = [], [], False
    for cell in cells:
        shape = re.match(r"(\d{1,2})([./-])(\d{1,2})\2\d{2,4}", cell.strip())
        if shape:
            firsts.append(int(shape[1]))
            seconds.append(int(shape[3]))
            dots = dots or shape[2] == "."
    if any(first > 12 for first in firsts) and any(second > 12 for second in seconds):
        raise Untrusted("The dates of this table begin with the day here and the month there.")
    if any(first > 12 for first in firsts):
        return True
    if firsts and not any(second > 12 for second in seconds):
        order = "day" if dots else "month"
        warn(f"Dates could begin with the day or the month: the {order} is taken to come first")
        return dots
    return False


def _text(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")
