"""A calendar file as busy times: bytes in, stretches of time out. Pure.

Titles, places, notes and people never leave this file: what comes out says when, and of shifts
which kind. When in doubt the time is busy. One event that cannot be read does not lose the
others; a file that is not whole loses all of them (`Untrusted`).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from mentorship.scheduling import slots
from mentorship.scheduling.feeds import lines, rest, sheets, shifts
from mentorship.scheduling.feeds.events import Event, File, Notes, series_of
from mentorship.scheduling.feeds.instants import DAY, Zones
from mentorship.scheduling.feeds.kinds import AllDay, Blocks, Holds, Shift
from mentorship.scheduling.feeds.lines import TooMuch, Untrusted
from mentorship.scheduling.feeds.recurrence import later_wall
from mentorship.scheduling.feeds.rest import Rest
from mentorship.scheduling.feeds.shifts import DEFAULT_RULES, Meaning, Rule
from mentorship.scheduling.slots import Span

#: Stretches of time that a reading may keep; more is no calendar of a person.
MOST_TIMES = 5_000
#: Shifts that lie over others, from which on a file looks like a whole department's.
_MANY = 5


class Taken(NamedTuple):
    """A stretch of time that is not offered, and why."""

    span: Span
    blocks: Blocks
    shift: Shift | None = None


@dataclass(frozen=True, slots=True)
class How:
    """How a calendar is to be read."""

    zone: ZoneInfo
    """Its owner's: of floating times, whole days and nights."""
    holds: Holds = Holds.BUSY
    all_day: AllDay = AllDay.BUSY
    rules: tuple[Rule, ...] = ()
    """Its owner's own; they go before `shifts.DEFAULT_RULES`."""
    rest: Rest = field(default_factory=Rest)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file says about one span of time."""

    taken: tuple[Taken, ...]
    """In order, whole (not cut at the span). Busy times and rest are merged, shifts are not."""
    covers: Span | None
    """For which time the file speaks: from its first to its last event; None without any."""
    events: int
    """How many events it has, whenever they are."""
    unread: int
    """How many of them could not be read."""
    warnings: tuple[str, ...]


def read(data: bytes, span: Span, how: How) -> Reading:
    """Read an iCalendar file, or a table of shifts as CSV, for a span of time.

    Costs about 0.2 ms of CPU an event. Untrusted files are read in a process of their own
    (`child`), since a hostile one costs what it likes.

    :raises Untrusted: the file is no calendar, is not whole, or would cost too much.
    """
    notes = Notes()
    if sheets.is_sheet(data):
        found = [
            Event(row.starts_at, row.ends_at, row.title, row.days)
            for row in sheets.rows(data, how.zone, notes)
        ]
        return _reading(found, span, how, notes, events=len(found), unread=0)
    parts = lines.parts_of(data)
    zones = Zones(how.zone, (part for part in parts if part.name == "VTIMEZONE"), span, notes)
    file = File(zones, span, notes)
    events = [part for part in parts if part.name == "VEVENT"]
    for series in series_of(events):
        file.take(series)
    for part in parts:
        if part.name == "VFREEBUSY":
            file.take_free_busy(part)
    if events and file.unread == len(events):
        raise Untrusted("None of the events in this calendar could be read.")
    return _reading(file.found, span, how, notes, len(events), file.unread, file.seen)


def _reading(
    found: list[Event],
    span: Span,
    how: How,
    notes: Notes,
    events: int,
    unread: int,
    seen: list[Span] | None = None,
) -> Reading:
    """Judge what was found, and keep of it what matters."""
    if seen is None:
        seen = [Span(e.starts_at, e.ends_at) for e in found if e.ends_at > e.starts_at]
    taken = [each for event in found for each in _judged(event, how)]
    busy = slots.merged(each.span for each in taken if each.blocks is Blocks.BUSY)
    worked = sorted({each for each in taken if each.blocks is Blocks.SHIFT})
    rested = slots.merged(
        rest.around(
            [rest.Worked(each.span, each.shift) for each in worked if each.shift is not None],
            how.zone,
            how.rest,
        )
    )
    _note_a_crowd([each.span for each in worked], notes)
    kept = sorted(
        [
            *(Taken(each, Blocks.BUSY) for each in busy),
            *worked,
            *(Taken(each, Blocks.REST) for each in rested),
        ],
        key=lambda each: (each.span, each.blocks, each.shift or ""),
    )
    kept = [each for each in kept if each.span.overlaps(span)]
    if len(kept) > MOST_TIMES:
        raise TooMuch(f"The calendar has more than {MOST_TIMES:,} separate times.")
    covers = None
    if seen:
        covers = Span(min(s.starts_at for s in seen), max(s.ends_at for s in seen))
    return Reading(tuple(kept), covers, events, unread, notes.told)


def _judged(event: Event, how: How) -> Iterator[Taken]:
    """What an event blocks."""
    if event.ends_at <= event.starts_at:
        return
    span = Span(event.starts_at, event.ends_at)
    meaning = None
    if how.holds is Holds.SHIFTS:
        meaning = shifts.meaning_of(event.title, (*how.rules, *DEFAULT_RULES))
    if meaning is Meaning.IGNORE or (event.days and how.all_day is AllDay.IGNORE):
        return
    if how.holds is Holds.BUSY or meaning is Meaning.BUSY:
        yield Taken(span, Blocks.BUSY)
    elif event.days:
        if how.all_day is AllDay.BUSY:
            yield Taken(span, Blocks.BUSY)
        else:
            yield from _shifts_of_days(event.days, meaning, how)
    elif span.ends_at - span.starts_at > shifts.LONGEST:
        yield Taken(span, Blocks.BUSY)
    else:
        kind = Shift(meaning) if meaning else shifts.by_the_clock(*_ends_of(span), how.zone)
        yield Taken(span, Blocks.SHIFT, kind)


def _shifts_of_days(
    days: tuple[datetime, int], meaning: Meaning | None, how: How
) -> Iterator[Taken]:
    """A shift on each of some whole days, at its usual hours."""
    first, count = days
    kind = Shift(meaning) if meaning else Shift.DAY
    opens, length = shifts.HOURS[kind]
    for number in range(min(count, 366)):
        day = later_wall(first, number * DAY)
        starts = datetime.combine(day.date(), opens, how.zone).astimezone(UTC)
        ends = datetime.combine(day.date(), opens) + length
        yield Taken(Span(starts, ends.replace(tzinfo=how.zone).astimezone(UTC)), Blocks.SHIFT, kind)


def _ends_of(span: Span) -> tuple[datetime, datetime]:
    return span.starts_at, span.ends_at


def _note_a_crowd(worked: list[Span], notes: Notes) -> None:
    """Say so where shifts lie over each other: that looks like the schedule of a department."""
    over = sum(following.starts_at < before.ends_at for before, following in pairwise(worked))
    if over >= _MANY and over * 2 > len(worked):
        notes(
            "Most shifts lie over others: this looks like the schedule of a whole department."
            " Use the link to your own shifts"
        )
