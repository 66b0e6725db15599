"""What a date or time in a calendar file means, as an instant. Pure.

Where it is not clear what is meant, every reading counts: `first` is the earliest instant that
it may be, `last` the latest.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache
from io import StringIO
from zoneinfo import ZoneInfo, available_timezones

from dateutil.tz import tzical
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from mentorship.scheduling.feeds.lines import Part, Property
from mentorship.scheduling.slots import Span

DAY = timedelta(days=1)
_YEAR, _SAMPLES = timedelta(days=370), timedelta(days=3)
#: Clocks of the world lie between these.
_EASTMOST, _WESTMOST = timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))
_EARLIEST, _LATEST = datetime(1, 1, 3, tzinfo=UTC), datetime(9999, 12, 29, tzinfo=UTC)
_WHEN = re.compile(
    r"(\d{4})-?(\d\d)-?(\d\d)"
    r"(?:[T ](\d\d):?(\d\d)(?::?(\d\d)(?:[.,]\d+)?)?\s*(Z|[+-]\d\d:?\d\d)?)?",
    re.IGNORECASE,
)
_OFFSET = re.compile(r"(?:UTC|GMT)?\s*([+-])(\d{1,2}):?(\d\d)?", re.IGNORECASE)
_OFFSET_OF_ZONE = re.compile(r"[+-]\d{4}(\d\d)?")
_DURATION = re.compile(
    r"([+-])?P(?:(\d+)W)?(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?", re.IGNORECASE
)
#: Lines of a VTIMEZONE's own rules: more is no zone that people live in.
_MOST_OBSERVANCES = 200
_YEARLY = re.compile(
    r"FREQ=YEARLY(;(BYMONTH=\d{1,2}|BYDAY=[+-]?\d?[A-Z]{2}|BYMONTHDAY=[-\d,]+|INTERVAL=1"
    r"|WKST=[A-Z]{2}|UNTIL=\d{8}(T\d{6}Z?)?))*"
)


class Unclear(ValueError):
    """It cannot be said when that is. The message ends a sentence."""


@dataclass(frozen=True, slots=True)
class Zone:
    """Turns the reading of a clock into instants; `readings` are all that it may mean."""

    readings: tuple[tzinfo, ...]

    @property
    def is_known(self) -> bool:
        return len(self.readings) == 1

    def first(self, wall: datetime) -> datetime:
        return min(_instant(wall, reading) for reading in self.readings)

    def last(self, wall: datetime) -> datetime:
        return max(_instant(wall, reading) for reading in self.readings)

    def wall(self, instant: datetime) -> datetime:
        """What the clock reads then, latest reading."""
        return max(
            _bounded(instant).astimezone(reading).replace(tzinfo=None) for reading in self.readings
        )


UNKNOWN = Zone((_EASTMOST, _WESTMOST))
IN_UTC = Zone((UTC,))


@dataclass(frozen=True, slots=True)
class Point:
    """A date, or a wall time with its zone."""

    wall: datetime
    """A date's is its midnight."""
    zone: Zone
    whole_day: bool = False

    @property
    def first(self) -> datetime:
        return self.zone.first(self.wall)

    @property
    def last(self) -> datetime:
        return self.zone.last(self.wall)


class Zones:
    """The zones of one file: those it defines, those that everybody knows, and its owner's."""

    def __init__(
        self, owner: ZoneInfo, defined: Iterable[Part], span: Span, warn: Callable[[str], None]
    ) -> None:
        self.owner = Zone((owner,))
        self._span = span
        self._warn = warn
        self._found: dict[str, Zone] = {}
        self._defined = {part.word("TZID"): part for part in defined}

    def of(self, name: str) -> Zone:
        """The zone of a TZID. One that nobody knows may be anywhere in the world."""
        if name not in self._found:
            self._found[name] = self._zone(name)
        return self._found[name]

    def _zone(self, name: str) -> Zone:
        known, own = named(name), self._own(name)
        if known and own and not self._agree(known, own):
            self._warn("The file has rules of its own for a time zone that has others: both count")
            return Zone((known, own))
        meant = known or own or guessed(name)
        if meant is None:
            self._warn("Some times are in a time zone that nobody knows: a day around each counts")
            return UNKNOWN
        return Zone((meant,))

    def _agree(self, known: tzinfo, own: tzinfo) -> bool:
        """Whether two zones have the same clocks in the time that is read, and a year before."""
        wall = self._span.starts_at.replace(tzinfo=None) - _YEAR
        last = self._span.ends_at.replace(tzinfo=None) + _SAMPLES
        while wall < last:
            if _instant(wall, known) != _instant(wall, own):
                return False
            wall += _SAMPLES
        return True

    def _own(self, name: str) -> tzinfo | None:
        part = self._defined.get(name.strip().upper())
        return None if part is None else defined(part)

    def point(self, given: Property, value: str | None = None) -> Point:
        """When a property, or one of its values, says.

        :raises Unclear: there is no such date or time.
        """
        shape = _WHEN.fullmatch((given.value if value is None else value).strip())
        if shape is None:
            raise Unclear("cannot be read")
        year, month, day, hour, minute, second, offset = shape.groups()
        try:
            wall = datetime(int(year), int(month), int(day))
            if hour is not None:
                # 24:00 is the next midnight; a leap second is taken for the one before.
                late = hour == "24" and int(minute) == int(second or 0) == 0
                wall = (
                    wall + DAY
                    if late
                    else wall.replace(
                        hour=int(hour), minute=int(minute), second=min(int(second or 0), 59)
                    )
                )
        except (ValueError, OverflowError):
            raise Unclear("is no date that there is") from None
        if hour is None:
            return Point(wall, self.owner, whole_day=True)
        if offset is not None:
            return Point(wall, IN_UTC if offset in "Zz" else Zone((_fixed(offset),)))
        name = given.parameters.get("TZID", "")
        return Point(wall, self.of(name) if name else self.owner)


def duration(value: str) -> timedelta:
    """How long a DURATION is.

    :raises Unclear: it is no duration, or runs backwards.
    """
    shape = _DURATION.fullmatch(value.strip())
    if shape is None or not any(shape.groups()[1:]) or shape[1] == "-":
        raise Unclear("has a length that cannot be read")
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in shape.groups()[1:])
    try:
        return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError:
        raise Unclear("has a length that cannot be read") from None


def later(instant: datetime, by: timedelta) -> datetime:
    """An instant that much later, or the end of all time."""
    try:
        return _bounded(instant + by)
    except OverflowError:
        return _LATEST if by > timedelta(0) else _EARLIEST


@cache
def _by_any_case() -> dict[str, str]:
    windows = {name.casefold(): zone for name, zone in WINDOWS_TO_OLSON.items()}
    return windows | {name.casefold(): name for name in available_timezones()}


#: What programs have called zones that have another name, without what changes.
_CALLED = {
    "us-eastern": "America/New_York",
    "us-central": "America/Chicago",
    "us-mountain": "America/Denver",
    "us-pacific": "America/Los_Angeles",
    "eastern time (us & canada)": "America/New_York",
    "central time (us & canada)": "America/Chicago",
    "mountain time (us & canada)": "America/Denver",
    "pacific time (us & canada)": "America/Los_Angeles",
    "eastern": "America/New_York",
    "central": "America/Chicago",
    "mountain": "America/Denver",
    "pacific": "America/Los_Angeles",
    "alaska": "America/Anchorage",
    "hawaii": "Pacific/Honolulu",
    "arizona": "America/Phoenix",
    "india": "Asia/Kolkata",
    "chennai, kolkata, mumbai, new delhi": "Asia/Kolkata",
    "dublin, edinburgh, lisbon, london": "Europe/London",
    "amsterdam, berlin, bern, rome, stockholm, vienna": "Europe/Berlin",
    "brussels, copenhagen, madrid, paris": "Europe/Paris",
    "coordinated universal time": "UTC",
    "z": "UTC",
}


def named(name: str) -> tzinfo | None:
    """A zone by its name in the tz database or in Windows, in any case of letters."""
    known = _by_any_case().get(name.strip().casefold())
    return None if known is None else ZoneInfo(known)


def guessed(name: str) -> tzinfo | None:
    """A zone by what programs write instead of a name: a path, an offset, or words for people."""
    plain = name.strip().strip('"').casefold()
    words = re.sub(r"^\((?:utc|gmt)[^)]*\)\s*", "", plain)
    tails = ["/".join(plain.split("/")[-count:]) for count in (3, 2)] if "/" in plain else []
    for called in (words, *tails):
        if (known := _by_any_case().get(called) or _CALLED.get(called)) is not None:
            return ZoneInfo(known)
    shape = _OFFSET.fullmatch(plain)
    if shape is None:
        return None
    try:
        return _fixed(f"{shape[1]}{int(shape[2]):02}{shape[3] or '00'}")
    except ValueError:
        return None


def defined(part: Part) -> tzinfo | None:
    """The zone that a file defines itself; none where it is not one that people could live in."""
    lines = ["BEGIN:VTIMEZONE", "TZID:own"]
    if not 0 < len(part.parts) <= _MOST_OBSERVANCES:
        return None
    for observance in part.parts:
        lines.append(f"BEGIN:{observance.name}")
        for each in observance.properties:
            value = each.value.upper()
            if each.name == "RRULE" and not _YEARLY.fullmatch(value):
                return None
            if each.name.startswith("TZOFFSET") and not _OFFSET_OF_ZONE.fullmatch(value):
                return None
            if each.name in ("DTSTART", "RDATE", "RRULE", "TZOFFSETFROM", "TZOFFSETTO"):
                lines.append(f"{each.name}:{value}")
        lines.append(f"END:{observance.name}")
    lines += ["END:VTIMEZONE", ""]
    try:
        zone = tzical(StringIO("\n".join(lines))).get("own")
        # Asked once, so that a zone that cannot answer is none.
        datetime(2026, 1, 1, tzinfo=zone).astimezone(UTC)
    except (ValueError, TypeError, AttributeError, IndexError, OverflowError, KeyError):
        return None
    return zone


def _fixed(offset: str) -> tzinfo:
    sign = -1 if offset[0] == "-" else 1
    digits = offset[1:].replace(":", "")
    return timezone(sign * timedelta(hours=int(digits[:2]), minutes=int(digits[2:4] or 0)))


def _instant(wall: datetime, reading: tzinfo) -> datetime:
    """The instant of a wall time; of one that comes twice the first, as RFC 5545 (3.3.5) says."""
    if not _EARLIEST.replace(tzinfo=None) < wall < _LATEST.replace(tzinfo=None):
        return _bounded(wall.replace(tzinfo=UTC))
    return wall.replace(tzinfo=reading).astimezone(UTC)


def _bounded(instant: datetime) -> datetime:
    """Kept away from the ends of the calendar, where zones cannot be computed."""
    return min(max(instant, _EARLIEST), _LATEST)
