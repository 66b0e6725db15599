"""Slot arithmetic: what is open, minus what is busy, gives the moments at which a meeting fits.

Pure: it knows no database, no web and no clock. Instants go in and come out; wall time appears
only where a person speaks in it. The whole of it is one definition:

    A start is offered if every minute of the meeting, read on the mentor's wall clock, lies in a
    weekly window or an opening and in no time away, if nothing busy comes within the buffer and
    no rest into it, and if its day, week and month have room for one more.

Inside, time is whole seconds since 1970 in UTC, and a zone is its stretches of constant offset.
A window is laid onto each stretch for itself, so a gap, a fold, a shift of half an hour, a lost
day and hours past midnight are no special cases.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from math import ceil
from zoneinfo import ZoneInfo

_MINUTE, _DAY = 60, 86_400
_EPOCH = date(1970, 1, 1).toordinal()
#: How often a zone is asked for its offset, to find where it changes: no two changes are closer.
_LOOK = 6 * 3600
#: Farther from UTC than any wall clock has been.
_FARTHEST = 26 * 3600


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
        # Most come from the database in UTC already, by the hundred.
        if self.starts_at.tzinfo is not UTC:
            object.__setattr__(self, "starts_at", self.starts_at.astimezone(UTC))
        if self.ends_at.tzinfo is not UTC:
            object.__setattr__(self, "ends_at", self.ends_at.astimezone(UTC))
        if self.ends_at <= self.starts_at:
            raise ValueError("a span ends after it starts")

    def __iter__(self) -> Iterator[datetime]:
        """Its two instants, so that a span goes wherever a pair of them does."""
        return iter((self.starts_at, self.ends_at))

    def overlaps(self, other: "Span") -> bool:
        """Whether some moment is in both. Spans that only touch do not overlap."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at

    def covers(self, other: "Span") -> bool:
        """Whether the whole of the other lies inside this one."""
        return self.starts_at <= other.starts_at and other.ends_at <= self.ends_at


@dataclass(frozen=True, slots=True)
class Weekly:
    """Hours that come back every week, or every few weeks, in the mentor's own wall time.

    Monday is weekday 0. Hours that close at or before their opening run past midnight into
    the next day, so equal times mean a whole day. With `since` they begin in the week of that
    day, and are there in every `every`-th week from it on.

    :raises ValueError: there is no such weekday, or some weeks are meant and none is named.
    """

    weekday: int
    opens: time
    closes: time
    every: int = 1
    since: date | None = None

    def __post_init__(self) -> None:
        if self.weekday not in range(7):
            raise ValueError(f"weekday {self.weekday} is not one of 0 (Monday) to 6 (Sunday)")
        if self.every < 1 or (self.every > 1 and self.since is None):
            raise ValueError("hours of some weeks have to say from which week they count")

    def is_on(self, day: date) -> bool:
        """Whether these hours open on a day."""
        if day.weekday() != self.weekday:
            return False
        if self.since is None:
            return True
        weeks = (monday(day) - monday(self.since)).days // 7
        return weeks >= 0 and weeks % self.every == 0


@dataclass(frozen=True, slots=True)
class Opening:
    """Hours on one day only, in the mentor's own wall time. They may run past midnight."""

    day: date
    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class Away:
    """Days on which a mentor is away, in the mentor's own wall time.

    From `first`, at `since` or as the day begins, to `last`, at `until` or as the day ends.

    :raises ValueError: it ends before it begins.
    """

    first: date
    last: date
    since: time | None = None
    until: time | None = None

    def __post_init__(self) -> None:
        begin, end = _away_on_the_clock(self)
        if end <= begin:
            raise ValueError("time away ends after it begins")


@dataclass(frozen=True, slots=True)
class Limits:
    """How soon, how far ahead, how close together and how often people may meet.

    `per_day`, `per_week` and `per_month` count every meeting that begins in it by the person's
    own calendar, whoever it is with; None is as many as fit. Weeks begin on Mondays. The
    defaults are the program's own.
    """

    notice: timedelta = timedelta(hours=24)
    horizon: timedelta = timedelta(weeks=6)
    buffer: timedelta = timedelta(minutes=5)
    per_day: int | None = None
    per_week: int | None = None
    per_month: int | None = None

    def earliest(self, now: datetime) -> datetime:
        """The first instant at which a meeting booked now may begin."""
        return now + self.notice

    def latest(self, now: datetime) -> datetime:
        """The first instant at which a meeting booked now may no longer begin."""
        return now + self.horizon

    @property
    def buffer_minutes(self) -> int:
        return self.buffer // timedelta(minutes=1)

    @property
    def counts(self) -> bool:
        """Whether there is a most of anything."""
        return not self.per_day is self.per_week is self.per_month is None

    def counted(self, span: Span) -> Span:
        """Around when meetings count to what is left of the days that a span touches.

        Wide enough for the whole of its months and weeks in any zone.
        """
        if not self.counts:
            return span
        more = timedelta(days=1 if self.per_month is self.per_week is None else 7)
        more = timedelta(days=32) if self.per_month is not None else more
        return Span(span.starts_at - more, span.ends_at + more)

    def full(self, begins: Iterable[datetime], zone: ZoneInfo) -> "Full":
        """What has no room for another meeting, when meetings begin at these instants."""
        days = Counter(at.astimezone(zone).date() for at in begins)
        weeks, months = Counter[date](), Counter[date]()
        for day, count in days.items():
            weeks[monday(day)] += count
            months[day.replace(day=1)] += count
        return Full(
            days=_reached(days, self.per_day),
            weeks=_reached(weeks, self.per_week),
            months=_reached(months, self.per_month),
        )


@dataclass(frozen=True, slots=True)
class Full:
    """Days, weeks (by their Monday) and months (by their first) that have no room anymore."""

    days: frozenset[date] = frozenset()
    weeks: frozenset[date] = frozenset()
    months: frozenset[date] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.days or self.weeks or self.months)

    def holds(self, day: date) -> bool:
        """Whether no further meeting may begin on a day."""
        return day in self.days or monday(day) in self.weeks or day.replace(day=1) in self.months


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
    typed = _on_the_clock(day, at)
    try:
        stretches = _stretches(zone, typed - _FARTHEST, typed + _FARTHEST)
    except (OverflowError, ValueError):
        raise NoSuchTime(f"There is no {day} on this calendar.", resumes_at=None) from None
    found = [typed - offset for begin, end, offset in stretches if begin <= typed - offset < end]
    if not found:
        # Past the change the clock reads more than what was typed; before it, less.
        resumes_at = _instant(next(begin for begin, _, off in stretches if begin + off > typed))
        raise NoSuchTime(
            f"There is no {at:%H:%M} on {day}: the clocks go forward then, to "
            f"{resumes_at.astimezone(zone):%H:%M}.",
            resumes_at=resumes_at,
        )
    return _instant(found[-1 if at.fold else 0]).replace(microsecond=at.microsecond)


def monday(day: date) -> date:
    """The Monday of the week in which a day lies."""
    return day - timedelta(days=day.weekday())


def on_days(weekly: Iterable[Weekly], days: Iterable[date], zone: ZoneInfo) -> list[Span]:
    """Lay weekly hours, kept in wall time, onto real days.

    An instant is open if the wall clock reads inside them then. So hours that the clocks skip
    are left out, hours that come twice are open twice, and hours that end inside a repeated
    hour close twice. Spans that overlap or touch become one, also across midnight.
    """
    days = list(days)
    if not days:
        return []
    clock = _Clock.around(min(days), max(days), zone)
    return _spans(_merged(clock.reading(*line) for line in _lines(weekly, (), days)))


def open_spans(
    weekly: Iterable[Weekly],
    zone: ZoneInfo,
    *,
    since: datetime,
    until: datetime,
    openings: Iterable[Opening] = (),
    away: Iterable[Away] = (),
) -> list[Span]:
    """What is open around `[since, until)`: weekly hours and openings, without time away.

    The spans are whole, not cut at either end, so that a meeting may begin just before
    `until`.
    """
    if until <= since:
        return []
    # Yesterday's hours may run past midnight; tomorrow's may carry on where today's stop.
    first = since.astimezone(zone).date() - timedelta(days=1)
    last = until.astimezone(zone).date() + timedelta(days=1)
    days = [first + timedelta(days=count) for count in range((last - first).days + 1)]
    clock = _Clock.around(first, last, zone)
    opened = _merged(clock.reading(*line) for line in _lines(weekly, openings, days))
    gone = _merged(clock.reading(*_away_on_the_clock(each)) for each in away)
    begin, end = _floor(since), _ceiling(until)
    return _spans(one for one in _minus(opened, gone) if one[0] < end and begin < one[1])


def away_spans(away: Away, zone: ZoneInfo) -> list[Span]:
    """When somebody is away, in instants: one span, or more where clocks change at an end of it."""
    clock = _Clock.around(away.first, away.last, zone)
    return _spans(clock.reading(*_away_on_the_clock(away)))


def starts(
    open_spans: Iterable[Iterable[datetime]],
    busy: Iterable[Iterable[datetime]],
    *,
    minutes: int,
    step: int = 15,
    buffer_minutes: int = 5,
    earliest: datetime,
    latest: datetime,
    zone: ZoneInfo | None = None,
    rest: Iterable[Iterable[datetime]] = (),
    full: Full = Full(),
) -> list[datetime]:
    """List every moment at which a meeting of `minutes` may begin, in order.

    It begins in `[earliest, latest)`, lies wholly in open time, keeps `buffer_minutes` from
    whatever is busy, before and after, meets no rest, and begins on no day that is full. Spans
    and pairs of instants are the same here. Starts fall on multiples of `step` minutes past the
    hour on the clock of `zone` (without one: of UTC), whatever odd minute the hours open at, so
    that the times look clean and stay the same ones while busy time comes and goes.

    Costs a sort and one sweep over both lists.

    :raises ValueError: `step` does not divide an hour, or `minutes` is not positive.
    """
    if minutes <= 0:
        raise ValueError("a meeting takes at least a minute")
    if step <= 0 or 60 % step:
        raise ValueError("the step between starts has to divide an hour")
    taken = _merged([_seconds(busy, around=buffer_minutes * _MINUTE), _seconds(rest)])
    free = _minus(_merged([_seconds(open_spans)]), taken)
    first, last = _ceiling(earliest), _ceiling(latest)
    stretches = _stretches(zone, first, last) if zone else [(first, last, 0)]
    shut = _days_shut(full, stretches) if full else frozenset()
    grid = _grid(free, stretches, length=minutes * _MINUTE, step=step * _MINUTE, shut=shut)
    return [datetime.fromtimestamp(at, UTC) for at in grid]


def merged(spans: Iterable[Span]) -> list[Span]:
    """Put spans in order and join those that overlap or touch."""
    return _spans(_merged([_seconds(spans)]))


def without(span: Span, taken: Span) -> list[Span]:
    """What is left of a span beside another: nothing, one part of it or two."""
    if not span.overlaps(taken):
        return [span]
    ends = ((span.starts_at, taken.starts_at), (taken.ends_at, span.ends_at))
    return [Span(since, until) for since, until in ends if since < until]


#: Two moments in seconds since 1970, in UTC. Wall time counts them as if it were UTC.
_Seconds = tuple[int, int]
#: The same, and how far the wall clock is ahead of UTC between them.
_Stretch = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class _Clock:
    """A zone's wall clock over some days: stretches between which its offset changes."""

    stretches: list[_Stretch]

    @classmethod
    def around(cls, first: date, last: date, zone: ZoneInfo) -> "_Clock":
        """The clock from a day before the first day to two after the last."""
        begin = (first.toordinal() - _EPOCH) * _DAY - _FARTHEST
        end = (last.toordinal() - _EPOCH + 2) * _DAY + _FARTHEST
        return cls(_stretches(zone, begin, end))

    def reading(self, opens: int, closes: int) -> Iterator[_Seconds]:
        """When the wall clock reads at least the one and less than the other."""
        for begin, end, offset in self.stretches:
            first, last = max(begin, opens - offset), min(end, closes - offset)
            if first < last:
                yield first, last


def _lines(
    weekly: Iterable[Weekly], openings: Iterable[Opening], days: list[date]
) -> Iterator[_Seconds]:
    """Each window that opens on one of these days, in wall time."""
    hours: dict[int, list[Weekly]] = {}
    for each in weekly:
        hours.setdefault(each.weekday, []).append(each)
    for day in days:
        for each in hours.get(day.weekday(), ()):
            if each.is_on(day):
                yield _window(day, each.opens, each.closes)
    for opening in openings:
        if days[0] <= opening.day <= days[-1]:
            yield _window(opening.day, opening.opens, opening.closes)


def _window(day: date, opens: time, closes: time) -> _Seconds:
    end = _on_the_clock(day, closes)
    return _on_the_clock(day, opens), end if closes > opens else end + _DAY


def _away_on_the_clock(away: Away) -> _Seconds:
    end = _on_the_clock(away.last, away.until or time())
    return (
        _on_the_clock(away.first, away.since or time()),
        end if away.until is not None else end + _DAY,
    )


def _on_the_clock(day: date, at: time) -> int:
    return (day.toordinal() - _EPOCH) * _DAY + at.hour * 3600 + at.minute * 60 + at.second


def _stretches(zone: ZoneInfo, begin: int, end: int) -> list[_Stretch]:
    """The zone's stretches of constant offset that make up `[begin, end)`."""
    found: list[_Stretch] = []
    offset = _offset(zone, begin)
    years = range(_instant(begin).year, _instant(end).year + 1)
    for at, after in (change for year in years for change in _changes(zone, year)):
        if begin < at < end:
            found.append((begin, at, offset))
            begin, offset = at, after
    found.append((begin, end, offset))
    return found


@lru_cache(maxsize=4096)
def _changes(zone: ZoneInfo, year: int) -> tuple[_Seconds, ...]:
    """When the zone's offset changes in a year of UTC, and to what, in seconds.

    Zones do not list their changes, so each is closed in on from both sides.
    """
    begin = (date(year, 1, 1).toordinal() - _EPOCH) * _DAY
    # The year's first second may be the change: it is looked at from the year before.
    begin -= _LOOK if year > 1 else 0
    end = (date(year, 12, 31).toordinal() - _EPOCH + 1) * _DAY - _LOOK
    found, before = [], _offset(zone, begin)
    for at in range(begin, end, _LOOK):
        after = _offset(zone, at + _LOOK)
        if after != before:
            found.append((_closed_in(zone, at, at + _LOOK), after))
            before = after
    return tuple(found)


def _closed_in(zone: ZoneInfo, before: int, after: int) -> int:
    offset = _offset(zone, before)
    while after - before > 1:
        middle = (before + after) // 2
        if _offset(zone, middle) == offset:
            before = middle
        else:
            after = middle
    return after


def _offset(zone: ZoneInfo, at: int) -> int:
    offset = datetime.fromtimestamp(at, zone).utcoffset()
    assert offset is not None  # a ZoneInfo always knows
    return offset.days * _DAY + offset.seconds


def _merged(several: Iterable[Iterable[_Seconds]]) -> list[_Seconds]:
    """Put stretches of time in order and join those that overlap or touch."""
    joined: list[_Seconds] = []
    begin = end = None
    for one, two in sorted(each for stretches in several for each in stretches):
        if end is not None and one <= end:
            end = max(end, two)
            continue
        if begin is not None and end is not None:
            joined.append((begin, end))
        begin, end = one, two
    if begin is not None and end is not None:
        joined.append((begin, end))
    return joined


def _minus(stretches: list[_Seconds], taken: list[_Seconds]) -> Iterator[_Seconds]:
    """What is left of merged stretches without merged others, in one sweep over both."""
    first = 0
    for free_from, end in stretches:
        while first < len(taken) and taken[first][1] <= free_from:
            first += 1
        index = first
        while index < len(taken) and taken[index][0] < end:
            if free_from < taken[index][0]:
                yield free_from, taken[index][0]
            free_from = taken[index][1]
            index += 1
        if free_from < end:
            yield free_from, end


def _grid(
    free: Iterable[_Seconds],
    stretches: list[_Stretch],
    *,
    length: int,
    step: int,
    shut: Collection[int],
) -> Iterator[int]:
    """Every second on the grid of the wall clock from which a whole length is free.

    `shut` are days since 1970 by the wall clock on which nothing begins.
    """
    for begin, end in free:
        for opens, closes, offset in stretches:
            first, last = max(begin, opens), min(end - length + 1, closes)
            grid = range(first + -(first + offset) % step, last, step)
            if shut:
                yield from (at for at in grid if (at + offset) // _DAY not in shut)
            else:
                yield from grid


def _days_shut(full: Full, stretches: list[_Stretch]) -> frozenset[int]:
    """The days that are full among those that the wall clock shows, counted from 1970."""
    return frozenset(
        day
        for begin, end, offset in stretches
        for day in range((begin + offset) // _DAY, (end + offset) // _DAY + 1)
        if full.holds(date.fromordinal(day + _EPOCH))
    )


def _reached(counts: Counter[date], most: int | None) -> frozenset[date]:
    return frozenset(when for when, count in counts.items() if most is not None and count >= most)


def _seconds(spans: Iterable[Iterable[datetime]], around: int = 0) -> Iterator[_Seconds]:
    """Whole seconds that hold each span, widened by some on both sides."""
    for begin, end in spans:
        yield _floor(begin) - around, _ceiling(end) + around


def _spans(stretches: Iterable[_Seconds]) -> list[Span]:
    return [Span(_instant(begin), _instant(end)) for begin, end in stretches]


def _floor(at: datetime) -> int:
    return int(at.timestamp() // 1)


def _ceiling(at: datetime) -> int:
    return ceil(at.timestamp())


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
