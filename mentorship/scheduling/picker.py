"""Free times as the slot picker shows them: one week of days, in one person's own wall time.

Pure: it lays out what the questions have found.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from mentorship.web import filters

#: More times than this in a day are more than one can choose from: only those on the half hour
#: are shown then, where there are enough of them.
MANY = 8
FEW = 3

_WEEK = timedelta(days=7)


class Time(NamedTuple):
    """One free time: what is posted, and what is read."""

    value: str
    label: str
    say: str
    short: str


class Day(NamedTuple):
    name: str
    date_label: str
    times: tuple[Time, ...]


class Other(NamedTuple):
    """Whose clock stands beside the reader's own."""

    name: str
    zone: ZoneInfo


@dataclass(frozen=True)
class Week:
    """The days of one week, with the ways to the weeks around it."""

    monday: date
    heading: str
    days: tuple[Day, ...]
    chosen: Time | None
    earlier: date | None
    later: date | None
    next_free: date | None
    """Where the next free time is, when this week has none."""
    example: str
    """What one of the times is on the other person's clock; nothing where the clocks agree."""

    @property
    def is_free(self) -> bool:
        return any(day.times for day in self.days)


def lay_out(
    starts: Sequence[datetime],
    *,
    minutes: int,
    zone: ZoneInfo,
    other: Other,
    earliest: datetime,
    latest: datetime,
    wanted: date | None = None,
    chosen: datetime | None = None,
) -> Week:
    """Lay out the week of `wanted`, of the chosen time, or else the first that has a free time.

    `starts` are the free times in order, `[earliest, latest)` is what can be booked at all.
    """
    first, last = (_monday(at.astimezone(zone).date()) for at in (earliest, latest))
    there = [at.astimezone(zone) for at in starts]
    wanted = wanted or _day_of(chosen, zone) or (there[0].date() if there else first)
    monday = min(max(_monday(wanted), first), last)
    mine = [at for at in there if _monday(at.date()) == monday]
    picked = next((at for at in mine if chosen is not None and at == chosen), None)
    after = next((at.date() for at in there if at.date() >= monday + _WEEK), None)
    before = next((at.date() for at in reversed(there) if at.date() < monday), None)
    today = earliest.astimezone(zone).date()
    return Week(
        monday=monday,
        heading=_heading(monday),
        days=tuple(
            _days(monday, mine, since=today, minutes=minutes, zone=zone, other=other, keep=picked)
        ),
        chosen=_time(picked, minutes, zone, other) if picked else None,
        earlier=monday - _WEEK if monday > first else None,
        later=monday + _WEEK if monday < last else None,
        next_free=None if mine else after or before,
        example=_example(picked or (mine[0] if mine else None), zone, other),
    )


def nearest(starts: Sequence[datetime], wanted: datetime) -> datetime | None:
    """The free time that is closest to one that is not."""
    return min(starts, key=lambda at: abs(at - wanted), default=None)


def short(at: datetime, zone: ZoneInfo) -> str:
    """Say a time on a button: `Tue 2:00 PM`."""
    return f"{at.astimezone(zone):%a} {filters.hour(at.astimezone(zone))}"


def _days(
    monday: date,
    starts: Sequence[datetime],
    *,
    since: date,
    minutes: int,
    zone: ZoneInfo,
    other: Other,
    keep: datetime | None,
) -> Iterator[Day]:
    """The days that are shown: weekends only with something in them, and none that is over."""
    for weekday in range(7):
        day = monday + timedelta(days=weekday)
        mine = _thinned([at for at in starts if at.date() == day], keep=keep)
        if mine or (weekday < 5 and day >= since):
            yield _day(day, mine, minutes=minutes, zone=zone, other=other)


def _day(day: date, mine: Sequence[datetime], *, minutes: int, zone: ZoneInfo, other: Other) -> Day:
    times = [_time(at, minutes, zone, other) for at in mine]
    # The night the clocks go back, some readings come twice; their letters tell them apart.
    seen = Counter(time.label for time in times)
    times = [
        time._replace(label=f"{time.label} {at.tzname()}") if seen[time.label] > 1 else time
        for time, at in zip(times, mine, strict=True)
    ]
    return Day(f"{day:%A}", filters.day(day).split(", ")[1], tuple(times))


def _thinned(starts: list[datetime], *, keep: datetime | None) -> list[datetime]:
    if len(starts) <= MANY:
        return starts
    round_ones = [at for at in starts if at.minute % 30 == 0 or at == keep]
    return round_ones if len(round_ones) >= FEW else starts


def _time(at: datetime, minutes: int, zone: ZoneInfo, other: Other) -> Time:
    say = f"{at:%A}, {filters.day(at).split(', ')[1]}, "
    say += filters.span(at, at + timedelta(minutes=minutes), zone)
    if clock := _on_their_clock(at, other):
        say += f" ({clock} for {other.name})"
    return Time(_value(at), filters.hour(at), say, short(at, zone))


def _example(at: datetime | None, zone: ZoneInfo, other: Other) -> str:
    if at is None or not (clock := _on_their_clock(at, other)):
        return ""
    return f"{clock} for {other.name} is {filters.clock(at, zone)} for you."


def _on_their_clock(at: datetime, other: Other) -> str:
    there = at.astimezone(other.zone)
    if there.utcoffset() == at.utcoffset():
        return ""
    clock = filters.clock(at, other.zone)
    return clock if there.date() == at.date() else f"{there:%a} {clock}"


def _value(at: datetime) -> str:
    utc = at.astimezone(ZoneInfo("UTC"))
    return f"{utc:%Y-%m-%dT%H:%MZ}"


def _heading(monday: date) -> str:
    sunday = monday + timedelta(days=6)
    last = f"{sunday.day}" if sunday.month == monday.month else f"{sunday:%B} {sunday.day}"
    return f"{monday:%B} {monday.day} to {last}"


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _day_of(at: datetime | None, zone: ZoneInfo) -> date | None:
    return at.astimezone(zone).date() if at else None
