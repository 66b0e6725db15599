"""Slot arithmetic: open hours minus busy time gives the moments at which a meeting fits.

Pure: it knows no database, no web and no clock. Everything that goes in or comes out is an
instant in UTC; wall time appears only where a person speaks in it, and is settled once, in
`on_days` and `wall_time`.
"""

from bisect import bisect
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from math import gcd
from operator import attrgetter
from zoneinfo import ZoneInfo

_OFFSETS = 15
"""Minutes. Every zone in use lies a multiple of this away from UTC."""


@dataclass(frozen=True, order=True, slots=True)
class Span:
    """A half-open stretch of time: its start is in it, its end is not.

    Any aware instants may be given; they are kept in UTC, because Python compares two times
    of one zone by their wall clocks, which lie on the day the clocks go back.

    :raises ValueError: an instant has no zone, or the end is not after the start.
    """

    starts_at: datetime
    ends_at: datetime

    def __post_init__(self) -> None:
        if self.starts_at.utcoffset() is None or self.ends_at.utcoffset() is None:
            raise ValueError("a span needs instants with a zone")
        object.__setattr__(self, "starts_at", self.starts_at.astimezone(UTC))
        object.__setattr__(self, "ends_at", self.ends_at.astimezone(UTC))
        if self.ends_at <= self.starts_at:
            raise ValueError("a span ends after it starts")

    def overlaps(self, other: "Span") -> bool:
        """Whether some moment is in both. Spans that only touch do not overlap."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at

    def covers(self, other: "Span") -> bool:
        """Whether the whole of the other lies inside this one."""
        return self.starts_at <= other.starts_at and other.ends_at <= self.ends_at


@dataclass(frozen=True, slots=True)
class Weekly:
    """Hours that come back every week, in the mentor's own wall time.

    Monday is weekday 0. Hours that close at or before their opening run past midnight into
    the next day, so equal times mean a whole day.

    :raises ValueError: there is no such weekday.
    """

    weekday: int
    opens: time
    closes: time

    def __post_init__(self) -> None:
        if self.weekday not in range(7):
            raise ValueError(f"weekday {self.weekday} is not one of 0 (Monday) to 6 (Sunday)")


@dataclass(frozen=True, slots=True)
class Limits:
    """How soon and how far ahead people may book, and the pause kept around what is taken.

    The defaults are the program's own.
    """

    notice: timedelta = timedelta(hours=24)
    horizon: timedelta = timedelta(weeks=6)
    buffer: timedelta = timedelta(minutes=5)

    def earliest(self, now: datetime) -> datetime:
        """The first instant at which a meeting booked now may begin."""
        return now + self.notice

    def latest(self, now: datetime) -> datetime:
        """The first instant at which a meeting booked now may no longer begin."""
        return now + self.horizon

    @property
    def buffer_minutes(self) -> int:
        return self.buffer // timedelta(minutes=1)


class NoSuchTime(ValueError):
    """A wall time that never comes, because the clocks go forward over it.

    `resumes_at` is the first instant after the gap; None if the calendar itself has ended.
    """

    def __init__(self, message: str, *, resumes_at: datetime | None) -> None:
        super().__init__(message)
        self.resumes_at = resumes_at


def wall_time(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Turn a date and time, as somebody typed them in their own zone, into an instant.

    A time that comes twice because the clocks go back is the earlier one, unless `at.fold`
    is 1.

    :raises NoSuchTime: the clocks go forward over it that day.
    """
    typed = datetime.combine(day, at)
    try:
        instant = _instant(typed, zone)
        if _reading(instant, zone) == typed.replace(fold=0):
            return instant
        resumes_at = _end_of_gap(typed, zone)
    except OverflowError:
        raise NoSuchTime(f"There is no {day} on this calendar.", resumes_at=None) from None
    raise NoSuchTime(
        f"There is no {at:%H:%M} on {day}: the clocks go forward then, to "
        f"{resumes_at.astimezone(zone):%H:%M}.",
        resumes_at=resumes_at,
    )


def on_days(weekly: Iterable[Weekly], days: Iterable[date], zone: ZoneInfo) -> list[Span]:
    """Lay weekly hours, kept in wall time, onto real days. Daylight saving is settled here.

    Hours are open from the first to the last instant whose wall clock reads inside them.
    So an opening that the clocks skip begins when they resume; hours that touch a repeated
    hour begin in its first pass and end in its second; hours skipped whole are left out.
    Spans that overlap or touch become one, also across midnight.
    """
    hours: dict[int, list[Weekly]] = {}
    for each in weekly:
        hours.setdefault(each.weekday, []).append(each)
    return merged(
        span
        for day in days
        for each in hours.get(day.weekday(), ())
        if (span := _on_day(each, day, zone)) is not None
    )


def open_spans(
    weekly: Iterable[Weekly], zone: ZoneInfo, *, since: datetime, until: datetime
) -> list[Span]:
    """Lay weekly hours onto every day that matters to `[since, until)`.

    The spans are whole, not cut at either end, so that a meeting may begin just before
    `until`.
    """
    if until <= since:
        return []
    asked = Span(since, until)
    # Yesterday's hours may run past midnight; tomorrow's may carry on where today's stop.
    first = asked.starts_at.astimezone(zone).date() - timedelta(days=1)
    last = asked.ends_at.astimezone(zone).date() + timedelta(days=1)
    days = (first + timedelta(days=count) for count in range((last - first).days + 1))
    return [span for span in on_days(weekly, days, zone) if span.overlaps(asked)]


def starts(
    open_spans: Iterable[Span],
    busy: Iterable[Span],
    *,
    minutes: int,
    step: int = 15,
    buffer_minutes: int = 5,
    earliest: datetime,
    latest: datetime,
    zone: ZoneInfo | None = None,
) -> list[datetime]:
    """List every moment at which a meeting of `minutes` may begin, in order.

    It begins in `[earliest, latest)`, lies wholly in open time, and keeps `buffer_minutes`
    from whatever is busy, before and after. Starts fall on multiples of `step` minutes past
    the hour on the clock of `zone` (without one: of UTC, the same for every `step` that
    divides 15), whatever odd minute the hours open at, so that the times look clean and
    stay the same ones while busy time comes and goes.

    Costs a sort and one sweep over both lists.

    :raises ValueError: `step` does not divide an hour, or `minutes` is not positive.
    """
    if minutes <= 0:
        raise ValueError("a meeting takes at least a minute")
    if step <= 0 or 60 % step:
        raise ValueError("the step between starts has to divide an hour")
    length, buffer = timedelta(minutes=minutes), timedelta(minutes=buffer_minutes)
    free = _minus(merged(open_spans), merged(_widened(busy, buffer)))
    return [
        at
        for span in free
        for at in _on_the_clock(
            max(span.starts_at, earliest), span.ends_at - length, step=step, zone=zone
        )
        if at < latest
    ]


def merged(spans: Iterable[Span]) -> list[Span]:
    """Put spans in order and join those that overlap or touch."""
    joined: list[Span] = []
    for span in sorted(spans, key=attrgetter("starts_at")):
        if joined and span.starts_at <= joined[-1].ends_at:
            if span.ends_at > joined[-1].ends_at:
                joined[-1] = Span(joined[-1].starts_at, span.ends_at)
        else:
            joined.append(span)
    return joined


def _minus(spans: list[Span], taken: list[Span]) -> Iterator[Span]:
    """What is left of merged spans without merged others, in one sweep over both."""
    first = 0
    for span in spans:
        while first < len(taken) and taken[first].ends_at <= span.starts_at:
            first += 1
        free_from, index = span.starts_at, first
        while index < len(taken) and taken[index].starts_at < span.ends_at:
            if free_from < taken[index].starts_at:
                yield Span(free_from, taken[index].starts_at)
            free_from = taken[index].ends_at
            index += 1
        if free_from < span.ends_at:
            yield Span(free_from, span.ends_at)


def _widened(busy: Iterable[Span], buffer: timedelta) -> Iterator[Span]:
    return (Span(span.starts_at - buffer, span.ends_at + buffer) for span in busy)


def _on_the_clock(
    first: datetime, last: datetime, *, step: int, zone: ZoneInfo | None
) -> Iterator[datetime]:
    """Every instant from `first` to `last`, both in it, at a multiple of `step` on the clock.

    Walks a grid in UTC that holds every such instant, and asks the clock at each: where the
    clocks move by half an hour, a grid laid once in wall time would be off afterwards.
    """
    grid = gcd(step, _OFFSETS)
    at = first.astimezone(UTC)
    late = timedelta(minutes=at.minute % grid, seconds=at.second, microseconds=at.microsecond)
    if late:
        at += timedelta(minutes=grid) - late
    while at <= last:
        if grid == step or at.astimezone(zone or UTC).minute % step == 0:
            yield at
        at += timedelta(minutes=grid)


def _on_day(hours: Weekly, day: date, zone: ZoneInfo) -> Span | None:
    last_day = day if hours.closes > hours.opens else day + timedelta(days=1)
    starts_at = _first_instant(datetime.combine(day, hours.opens), zone)
    ends_at = _last_instant(datetime.combine(last_day, hours.closes), zone)
    return Span(starts_at, ends_at) if starts_at < ends_at else None


def _first_instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """The first instant at which the wall clock reads this, or the end of the gap over it."""
    instant = _instant(wall.replace(fold=0), zone)
    return instant if _reading(instant, zone) == wall else _end_of_gap(wall, zone)


def _last_instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """The instant before which the wall clock last reads just less than this."""
    earlier = _first_instant(wall, zone)
    later = _instant(wall.replace(fold=1), zone)
    # Where the clocks go back to exactly this reading, nothing less than it comes again.
    comes_again = _reading(later - datetime.resolution, zone) < wall
    return later if later > earlier and comes_again else earlier


def _end_of_gap(wall: datetime, zone: ZoneInfo) -> datetime:
    """The instant at which the clocks go forward over this reading, to the second.

    Zones do not list their changes, so it is closed in on from both sides.
    """
    before = _instant(wall.replace(fold=1), zone)
    after = _instant(wall.replace(fold=0), zone)
    offset = before.astimezone(zone).utcoffset()
    seconds = range(int(before.timestamp()), int(after.timestamp()) + 1)
    still_before = bisect(
        seconds,
        False,
        key=lambda second: datetime.fromtimestamp(second, zone).utcoffset() != offset,
    )
    return datetime.fromtimestamp(seconds[still_before], UTC)


def _instant(wall: datetime, zone: ZoneInfo) -> datetime:
    return wall.replace(tzinfo=zone).astimezone(UTC)


def _reading(instant: datetime, zone: ZoneInfo) -> datetime:
    return instant.astimezone(zone).replace(tzinfo=None, fold=0)
