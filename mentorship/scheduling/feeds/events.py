"""The events of a calendar file, each laid out over a span of time. Pure.

One event that cannot be read is left out and told; what can be read two ways is taken both ways.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from mentorship.scheduling.feeds import recurrence
from mentorship.scheduling.feeds.instants import DAY, Point, Unclear, Zone, Zones, duration, later
from mentorship.scheduling.feeds.lines import Part, Property, TooMuch
from mentorship.scheduling.feeds.recurrence import later_wall
from mentorship.scheduling.slots import Span

#: How many things that could not be read are told one by one.
MOST_WARNINGS = 50
#: Dates that one event may leave out or add.
_MOST_DATES = 100_000
#: Years in which every wall time is an instant, whatever the zone.
_ORDINARY = (2, 9998)
#: How long something takes whose end cannot be read, at least.
_UNKNOWN_LENGTH = DAY


class Event(NamedTuple):
    """One stretch of time, as it stands in the file."""

    starts_at: datetime
    ends_at: datetime
    title: str
    days: tuple[datetime, int] | None = None
    """The first midnight and the number of days, where it is of whole days."""


@dataclass(slots=True)
class Notes:
    """What could not be read, or not clearly."""

    counted: Counter[str] = field(default_factory=Counter)

    def __call__(self, words: str) -> None:
        self.counted[words] += 1

    def of(self, part: Part) -> Callable[[str], None]:
        return lambda words: self(f"The event on line {part.line} {words}")

    @property
    def told(self) -> tuple[str, ...]:
        told = [
            f"{words}." if count == 1 else f"{words} ({count} times)."
            for words, count in self.counted.items()
        ]
        if len(told) > MOST_WARNINGS:
            more = len(told) - MOST_WARNINGS
            told = [*told[:MOST_WARNINGS], f"And {more} more things could not be read clearly."]
        return tuple(told)


def series_of(events: Iterable[Part]) -> Iterable[list[Part]]:
    """Events with the same UID; one without stands alone."""
    found: dict[str, list[Part]] = {}
    for count, part in enumerate(events):
        uid = next((p.value for p in part.all("UID") if p.value), f"\0{count}")
        found.setdefault(uid, []).append(part)
    return found.values()


@dataclass(slots=True)
class _Shape:
    """One event as it is written: when it begins, how long it takes, whether it is in the way."""

    part: Part
    begins: Point
    days: int
    """Of whole days; 0 for times."""
    ends: Callable[[datetime], datetime]
    """When one that begins at a wall time ends, at the latest."""
    free: bool
    title: str

    def at(self, wall: datetime) -> Event:
        """The one that begins at a wall time."""
        starts_at = self.begins.zone.first(wall)
        days = (wall, self.days) if self.days else None
        return Event(starts_at, max(self.ends(wall), starts_at), self.title, days)


class File:
    """One iCalendar file while it is being read."""

    def __init__(self, zones: Zones, span: Span, notes: Notes) -> None:
        self.found: list[Event] = []
        self.seen: list[Span] = []
        """Between which instants each event lies that the file has, free ones too."""
        self.unread = 0
        self._zones, self._span, self._notes = zones, span, notes

    def take(self, series: list[Part]) -> None:
        """Take an event in, with everything that was changed about single ones of its days."""
        shapes = []
        for part in series:
            doubt = self._doubt(part)
            if not part.whole:
                doubt("has no end: what stands before it counts")
            if part.torn:
                doubt("has lines that cannot be read")
            try:
                shapes.append(self._shape(part, doubt))
            except Unclear as no:
                self.unread += 1
                self._notes.of(part)(f"{no}: it is left out")
        masters = [shape for shape in shapes if not shape.part.all("RECURRENCE-ID")]
        changes = [shape for shape in shapes if shape.part.all("RECURRENCE-ID")]
        changed = _Changes(changes, self._zones, self._notes)
        for shape in masters:
            self._expand(shape, changed)
        for shape in changes:
            if any(shape.part.all(name) for name in ("RRULE", "RDATE")):
                self._expand(shape, _Changes([], self._zones, self._notes))
            else:
                self._add(shape.at(shape.begins.wall), free=shape.free)

    def _doubt(self, part: Part) -> Callable[[str], None]:
        """What is told of an event; of one that is not in the way nothing, however it is read."""
        return _nobody if _is_free(part) else self._notes.of(part)

    def take_free_busy(self, part: Part) -> None:
        """Take in what a VFREEBUSY says; what it calls free is free."""
        doubt = self._notes.of(part)
        for given in part.all("FREEBUSY"):
            if given.parameters.get("FBTYPE", "BUSY").upper() == "FREE":
                continue
            for value in given.value.split(","):
                try:
                    begins, ends = self._period(given, value)
                except Unclear as no:
                    doubt(f"{no}: one time of it is left out")
                else:
                    self._add(Event(begins.first, ends, ""), free=False)

    def _add(self, event: Event, *, free: bool) -> None:
        if event.ends_at <= event.starts_at:
            if (after := later(event.starts_at, timedelta(minutes=1))) > event.starts_at:
                self.seen.append(Span(event.starts_at, after))
            return
        self.seen.append(Span(event.starts_at, event.ends_at))
        near = event.starts_at < self._span.ends_at and event.ends_at > self._span.starts_at
        if near and not free:
            self.found.append(event)
            if len(self.found) > 20 * recurrence.MOST_TIMES:
                raise TooMuch("The calendar repeats too often to be read.")

    def _expand(self, shape: _Shape, changed: "_Changes") -> None:
        """Add every time at which an event comes, but those that are left out or changed."""
        doubt = self._doubt(shape.part)
        rules = shape.part.all("RRULE")
        dates = shape.part.all("RDATE")
        if not rules and not dates:
            for event, free in changed.applied(
                shape, shape.begins.wall, self._left_out(shape, doubt)
            ):
                self._add(event, free=free)
            return
        zone, begins = shape.begins.zone, shape.begins.wall
        length = shape.ends(begins) - zone.first(begins)
        since = zone.wall(later(self._span.starts_at, -length - 3 * DAY - changed.widest))
        until = zone.wall(later(self._span.ends_at, 3 * DAY + changed.widest))
        if shape.part.all("EXRULE"):
            doubt("leaves out times by a rule: they are not left out")
        walls = {begins}
        for given in rules:
            for rule in recurrence.tamed(given, shape.begins, self._zones, doubt):
                if rule.dense:
                    self._add_dense(rule, shape)
                else:
                    walls.update(
                        recurrence.starts(rule, begins, since=since, until=until, doubt=doubt)
                    )
        walls.update(self._added(shape, dates, since, until, doubt))
        left_out = self._left_out(shape, doubt)
        for wall in sorted(walls):
            for event, free in changed.applied(shape, wall, left_out):
                self._add(event, free=free)
        if any(not {"UNTIL", "COUNT"} & set(re.findall("[A-Z]+", p.value.upper())) for p in rules):
            # What goes on speaks for all of the time that is asked for.
            self.seen.append(Span(self._span.ends_at - DAY, self._span.ends_at))

    def _add_dense(self, rule: recurrence.Rule, shape: _Shape) -> None:
        """One stretch for a rule that leaves no pause, however short what repeats is."""
        starts_at = shape.begins.first
        last = recurrence.dense_end(rule, shape.begins.wall, shape.begins.zone)
        length = max(shape.ends(shape.begins.wall) - starts_at, min(rule.step, DAY))
        ends_at = self._span.ends_at + DAY if last is None else last
        whole = Event(starts_at, later(max(ends_at, starts_at), length), shape.title)
        self._add(whole, free=shape.free)

    def _added(
        self,
        shape: _Shape,
        dates: list[Property],
        since: datetime,
        until: datetime,
        doubt: Callable[[str], None],
    ) -> Iterator[datetime]:
        """The wall times of RDATE; periods and days are added by themselves."""
        first, last = f"{since:%Y%m%d}", f"{until:%Y%m%d}"
        for given, value in _values(dates, doubt):
            # Most of a flood is far away, and need not be understood.
            if value[:8].isdigit() and not first <= value[:8] <= last and "/" not in value:
                continue
            try:
                if "/" in value:
                    begins, ends = self._period(given, value)
                    self._add(Event(begins.first, ends, shape.title), free=shape.free)
                    continue
                point = self._zones.point(given, value)
            except Unclear as no:
                doubt(f"comes back on a date that {no}")
                continue
            if point.whole_day and not shape.begins.whole_day:
                day = Event(point.first, point.zone.last(later_wall(point.wall, DAY)), shape.title)
                self._add(day, free=shape.free)
            elif shape.begins.whole_day:
                yield point.wall.replace(hour=0, minute=0, second=0)
            elif point.zone == shape.begins.zone:
                yield point.wall
            else:
                yield shape.begins.zone.wall(point.first)

    def _left_out(self, shape: _Shape, doubt: Callable[[str], None]) -> set[datetime]:
        """The instants (of whole days: the midnights) that EXDATE takes away."""
        found = set()
        for given, value in _values(shape.part.all("EXDATE"), doubt):
            try:
                point = self._zones.point(given, value)
            except Unclear:
                continue
            if shape.begins.whole_day:
                if point.wall.hour == point.wall.minute == point.wall.second == 0:
                    found.add(point.wall.replace(tzinfo=UTC))
            elif point.whole_day:
                doubt("leaves out a whole day of something that has a time: it is not left out")
            elif point.zone.is_known or point.zone == shape.begins.zone:
                found.add(point.first)
        return found

    def _shape(self, part: Part, doubt: Callable[[str], None]) -> _Shape:
        """When an event begins and how long it takes.

        :raises Unclear: that cannot be said.
        """
        begins = self._begins(part, doubt)
        ends, days = self._ends(part, begins, doubt)
        return _Shape(part, begins, days, ends, _is_free(part), _title(part))

    def _begins(self, part: Part, doubt: Callable[[str], None]) -> Point:
        points, problem = self._points(part, "DTSTART")
        if len(points) > 1 or (points and problem):
            doubt("begins more than once: the earliest counts")
        if points:
            return min(points, key=lambda point: point.first)
        ends, _ = self._points(part, "DTEND")
        if ends:
            doubt(f"{problem or 'has no start'}: it is read as the day before its end")
            wall = later_wall(ends[0].wall, -_UNKNOWN_LENGTH)
            return Point(wall, ends[0].zone, ends[0].whole_day)
        raise Unclear(problem or "has no start")

    def _ends(
        self, part: Part, begins: Point, doubt: Callable[[str], None]
    ) -> tuple[Callable[[datetime], datetime], int]:
        """How to say when one of this event ends, and of how many whole days it is."""
        zone = begins.zone
        points, problem = self._points(part, "DTEND")
        lengths, wrong = self._lengths(part)
        if begins.whole_day and not any(not point.whole_day for point in points):
            days = max(
                [1]
                + [(point.wall - begins.wall).days for point in points]
                + [-(-length // DAY) for length in lengths]
            )
            if any(point.wall < begins.wall for point in points) or problem or wrong:
                doubt("ends before it begins, or nobody knows when: it is read as its first day")
            return lambda wall: zone.last(later_wall(wall, days * DAY)), days
        if points:
            return self._until(begins, points, problem, lengths, doubt), 0
        if lengths:
            return lambda wall: max(_after(zone, wall, length) for length in lengths), 0
        if problem or wrong:
            doubt(f"{problem or wrong}: it is read as a day long")
            return lambda wall: zone.last(later_wall(wall, _UNKNOWN_LENGTH)), 0
        # Without an end it takes no time (RFC 5545, 3.6.1).
        return lambda wall: zone.first(wall), 0

    def _until(
        self,
        begins: Point,
        points: list[Point],
        problem: str,
        lengths: list[timedelta],
        doubt: Callable[[str], None],
    ) -> Callable[[datetime], datetime]:
        """When one ends of an event that says its end."""
        zone = begins.zone
        if len(points) > 1 or problem or lengths:
            doubt("ends more than once: the latest counts")
        # A date ends something that has a time with the end of that day.
        ends_at = max(
            point.zone.last(later_wall(point.wall, DAY)) if point.whole_day else point.last
            for point in points
        )
        if begins.whole_day or any(point.whole_day for point in points):
            doubt("is of whole days on one side only: it is read as all of the days")
        starts_at = begins.first
        if ends_at < starts_at:
            ends_at = _put_right(begins, ends_at, points, doubt)
        ends_at = max([ends_at, *(_after(zone, begins.wall, length) for length in lengths)])
        exact = ends_at - starts_at
        if not zone.is_known:
            # Whatever the zone is, it is the same one at both ends.
            exact = max([exact - (begins.last - starts_at), timedelta(0)])
        clear = zone.first(zone.wall(ends_at)) == ends_at
        nominal = zone.wall(ends_at) - begins.wall if clear and zone.is_known else exact
        if not _ORDINARY[0] <= begins.wall.year <= _ORDINARY[1]:
            # At the ends of the calendar there are no instants to subtract.
            exact = nominal = max(max(point.wall for point in points) - begins.wall, timedelta(0))

        def ends(wall: datetime) -> datetime:
            if wall == begins.wall:
                return ends_at
            if exact == timedelta(0):
                return zone.first(wall)
            # RFC 5545 keeps the length, most calendars the clock; where clocks change, both.
            return max(later(zone.last(wall), exact), zone.last(later_wall(wall, nominal)))

        return ends

    def _points(self, part: Part, name: str) -> tuple[list[Point], str]:
        """What the properties of a name say, and what is wrong with one of them."""
        found, problem = [], ""
        for given in part.all(name):
            try:
                found.append(self._zones.point(given))
            except Unclear as no:
                problem = f"{'begins' if name == 'DTSTART' else 'ends'} at a time that {no}"
        return found, problem

    def _lengths(self, part: Part) -> tuple[list[timedelta], str]:
        found, problem = [], ""
        for given in part.all("DURATION"):
            try:
                found.append(duration(given.value))
            except Unclear as no:
                problem = str(no)
        return found, problem

    def _period(self, given: Property, value: str) -> tuple[Point, datetime]:
        """Start and end of a PERIOD.

        :raises Unclear: it is none.
        """
        start, _, end = value.strip().partition("/")
        begins = self._zones.point(given, start)
        if end[:1].upper() in ("P", "+", "-"):
            return begins, _after(begins.zone, begins.wall, duration(end))
        ends = self._zones.point(given, end).last
        if ends < begins.first:
            raise Unclear("ends before it begins")
        return begins, ends


class _Changes:
    """Single days of a series that were changed, and days from which on all were."""

    def __init__(self, changes: list[_Shape], zones: Zones, notes: Notes) -> None:
        self._replaced: set[datetime] = set()
        self._onward: list[tuple[datetime, datetime, _Shape]] = []
        for shape in changes:
            for given in shape.part.all("RECURRENCE-ID"):
                try:
                    point = zones.point(given)
                except Unclear as no:
                    notes.of(shape.part)(f"changes a day that {no}: both count")
                    continue
                key = _key(point.wall, point)
                self._replaced.add(key)
                if given.parameters.get("RANGE", "").upper() == "THISANDFUTURE":
                    self._onward.append((key, point.wall, shape))
        self._onward.sort(key=lambda each: each[0])

    @property
    def widest(self) -> timedelta:
        """How far a change moves anything."""
        return max(
            (abs(shape.begins.wall - wall) for _, wall, shape in self._onward), default=timedelta()
        )

    def applied(
        self, shape: _Shape, wall: datetime, left_out: set[datetime]
    ) -> Iterator[tuple[Event, bool]]:
        """The one of a series that comes at a wall time, and whether it is not in the way.

        None where it is left out or changed.
        """
        key = _key(wall, shape.begins)
        if key in left_out or key in self._replaced:
            return
        moved = self._since(key)
        if moved is None:
            yield shape.at(wall), shape.free
        else:
            _, from_wall, by = moved
            yield by.at(later_wall(wall, by.begins.wall - from_wall)), by.free

    def _since(self, key: datetime) -> tuple[datetime, datetime, _Shape] | None:
        return next((each for each in reversed(self._onward) if each[0] <= key), None)


def _put_right(
    begins: Point, ends_at: datetime, points: list[Point], doubt: Callable[[str], None]
) -> datetime:
    """What an end means that lies before the start."""
    zone, starts_at = begins.zone, begins.first
    # Where the clocks go back, it may be the same wall time for the second time.
    again = [point.wall.replace(fold=1) for point in points if point.zone == zone]
    if again and (latest := zone.last(max(again))) > starts_at:
        return latest
    if starts_at - ends_at < DAY:
        doubt("ends before it begins: the end is read as the next day's")
        return later(ends_at, DAY)
    doubt("ends before it begins: it is read as a day long")
    return later(starts_at, DAY)


def _key(wall: datetime, begins: Point) -> datetime:
    """What one of a series is called: its instant; of whole days, its midnight."""
    return wall.replace(tzinfo=UTC) if begins.whole_day else begins.zone.first(wall)


def _after(zone: Zone, wall: datetime, length: timedelta) -> datetime:
    """When something of a length ends: hours are real ones, days those of the calendar."""
    exact = later(zone.last(wall), length)
    if length < DAY:
        return exact
    # A day and 24 hours are not told apart here: the later counts.
    return max(exact, zone.last(later_wall(wall, length)))


def _values(given: list[Property], doubt: Callable[[str], None]) -> Iterator[tuple[Property, str]]:
    left = _MOST_DATES
    for each in given:
        for value in each.value.split(","):
            left -= 1
            if left < 0:
                doubt("names more single dates than can be read")
                return
            yield each, value.strip()


def _nobody(_words: str) -> None:
    """Tell nobody."""


def _is_free(part: Part) -> bool:
    """Whether an event is not in the way: called off, or not meant to be."""
    if part.word("STATUS") == "CANCELLED":
        return True
    microsoft = part.word("X-MICROSOFT-CDO-BUSYSTATUS")
    if transparency := part.word("TRANSP"):
        return transparency == "TRANSPARENT" and microsoft not in ("BUSY", "OOF")
    return microsoft == "FREE"


def _title(part: Part) -> str:
    return next((p.value for p in part.all("SUMMARY")), "").replace("\\,", ",").replace("\\;", ";")
