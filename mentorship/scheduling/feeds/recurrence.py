"""When something that repeats comes back, as wall times. Pure.

dateutil computes the rules. Before that each is tamed: what would never end, or cannot be
understood, is replaced by something that surely contains it, so that in doubt time is busy.
"""

import math
import re
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from dateutil.rrule import rrulestr

from mentorship.scheduling.feeds.instants import DAY, Point, Unclear, Zone, Zones, later
from mentorship.scheduling.feeds.lines import Property, TooMuch

#: More repetitions inside what is read are more than a calendar for people has.
MOST_TIMES = 20_000
#: Steps that a rule may be walked from its start; about a tenth of a second.
_MOST_STEPS = 60_000
#: CPU seconds for one rule.
_PATIENCE = 0.4

_STEPS = {
    "SECONDLY": timedelta(seconds=1),
    "MINUTELY": timedelta(minutes=1),
    "HOURLY": timedelta(hours=1),
    "DAILY": DAY,
    "WEEKLY": 7 * DAY,
    "MONTHLY": 28 * DAY,
    "YEARLY": 365 * DAY,
}
#: Rules that come back sooner than this take all of the time between.
_DENSE = timedelta(minutes=15)
_NUMBERS = {
    "BYMONTH": (1, 12),
    "BYMONTHDAY": (-31, 31),
    "BYYEARDAY": (-366, 366),
    "BYWEEKNO": (-53, 53),
    "BYHOUR": (0, 23),
    "BYMINUTE": (0, 59),
    "BYSECOND": (0, 60),
    "BYSETPOS": (-366, 366),
}
#: Where RFC 5545 (3.3.10) allows them; elsewhere they are left out, which only adds times.
_ONLY_IN = {
    "BYWEEKNO": {"YEARLY"},
    "BYYEARDAY": {"YEARLY", "SECONDLY", "MINUTELY", "HOURLY"},
    "BYMONTHDAY": _STEPS.keys() - {"WEEKLY"},
}
_DAYS_OF_WEEK = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_DAYS = re.compile(r"(?:[+-]?\d{1,2})?(?:MO|TU|WE|TH|FR|SA|SU)")
_LONGEST_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


class _TooSlow(Exception):
    """A rule has used up its time."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that is safe to compute. `dense`: from start to `until` there is no pause in it."""

    freq: str
    interval: int = 1
    count: int | None = None
    until: datetime | None = None
    """The last wall time at which it may begin."""
    by: tuple[tuple[str, str], ...] = ()
    week_starts: str = "MO"
    dense: bool = False

    @property
    def step(self) -> timedelta:
        return self.interval * _STEPS[self.freq]

    def limit(self, name: str) -> list[str]:
        return dict(self.by).get(name, "").split(",") if name in dict(self.by) else []


def tamed(given: Property, begins: Point, zones: Zones, doubt: Callable[[str], None]) -> list[Rule]:
    """A rule as rules that surely contain it and are safe to compute; mostly itself."""
    parts: dict[str, str] = {}
    for part in given.value.upper().replace(" ", "").strip(";").split(";"):
        name, _, value = part.partition("=")
        parts.setdefault(name, value)
    freq = parts.get("FREQ", "")
    until = _until(parts, begins, zones, doubt)
    if freq not in _STEPS or "RSCALE" in parts:
        doubt("repeats in a way that cannot be understood: it is read as coming every day")
        return [Rule("DAILY", until=until)]
    interval = _whole(parts.get("INTERVAL", "1"))
    if interval is None or interval < 1:
        doubt("repeats at an interval that there is not: it is read as one")
        interval = 1
    # Steps longer than all of time are all alike.
    interval = min(interval, 20_000 * 366 * 24 * 3600)
    count = _whole(parts["COUNT"]) if "COUNT" in parts else None
    if "COUNT" in parts and (count is None or count < 1):
        doubt("repeats a number of times that there is not: it is read as going on")
        count = None
    by = _by(parts, freq)
    if by is None:
        doubt("repeats in a way that cannot be understood: it is read as coming every day")
        return [Rule("DAILY", until=until)]
    week_starts = parts.get("WKST", "MO")
    if week_starts not in _DAYS_OF_WEEK:
        week_starts = "MO"
    rule = Rule(freq, interval, count, until, by, week_starts)
    per_step = math.prod(len(rule.limit(name)) or 1 for name in ("BYHOUR", "BYMINUTE", "BYSECOND"))
    if rule.step < _DENSE or (per_step > 1 and min(rule.step, DAY) / per_step < _DENSE):
        goes_on = count is None and until is None
        ends = "on" if goes_on else "to its end"
        doubt(f"repeats without a pause: it is read as all of the time from its start {ends}")
        return [Rule(freq, interval, count, until, (), week_starts, dense=True)]
    if count is not None and until is not None:
        doubt("says both how often and until when it repeats: the later counts")
        return [
            Rule(freq, interval, count, None, by, week_starts),
            Rule(freq, interval, None, until, by, week_starts),
        ]
    return [rule]


def starts(
    rule: Rule, begins: datetime, *, since: datetime, until: datetime, doubt: Callable[[str], None]
) -> list[datetime]:
    """The wall times in `[since, until]` at which a rule that begins then comes back.

    :raises TooMuch: there are too many of them.
    """
    last = min(until, rule.until) if rule.until is not None else until
    if last < begins or _is_empty(rule, begins):
        return []
    rule, begins = _moved_on(rule, begins, since)
    try:
        with _patience():
            return _computed(rule, begins, since=since, last=last)
    except (_TooSlow, ValueError, OverflowError, TypeError) as no:
        # Some combinations are refused by the library itself: they never come.
        if isinstance(no, ValueError) and "empty" in str(no):
            return []
        doubt("repeats in a way that takes too long to compute: it is read as coming every day")
        plain = Rule("DAILY", until=rule.until)
        plain, begins = _moved_on(plain, begins, since)
        return _computed(plain, begins, since=since, last=last)


def _computed(rule: Rule, begins: datetime, *, since: datetime, last: datetime) -> list[datetime]:
    words = [f"FREQ={rule.freq}", f"INTERVAL={rule.interval}", f"WKST={rule.week_starts}"]
    if rule.count is not None:
        words.append(f"COUNT={rule.count}")
    words += [f"{name}={value}" for name, value in rule.by]
    found: list[datetime] = []
    for at in rrulestr(";".join(words), dtstart=begins):
        if at > last:
            break
        if at >= since:
            found.append(at)
            if len(found) > MOST_TIMES:
                raise TooMuch("The calendar repeats too often to be read.")
    return found


def _moved_on(rule: Rule, begins: datetime, since: datetime) -> tuple[Rule, datetime]:
    """The same rule from a later start that it also has, so that it is not walked for centuries."""
    gone = since - begins - 2 * rule.step
    if gone <= timedelta(0):
        return rule, begins
    if rule.count is not None:
        if gone / min(rule.step, DAY) < _MOST_STEPS:
            return rule, begins
        if rule.by:
            # It may be over by then; in doubt it goes on.
            rule = Rule(rule.freq, rule.interval, None, rule.until, rule.by, rule.week_starts)
    if rule.freq in ("MONTHLY", "YEARLY"):
        # The calendar repeats itself, weekdays and all, every 400 years.
        years = math.lcm(rule.interval, 400 * (12 if rule.freq == "MONTHLY" else 1))
        years //= 12 if rule.freq == "MONTHLY" else 1
        rounds = (since.year - begins.year - 1) // years
        if rounds < 1 or rule.count is not None:
            return rule, begins
        return rule, begins.replace(year=begins.year + rounds * years)
    steps = gone // rule.step
    if rule.count is not None:
        if steps >= rule.count:
            steps = rule.count - 1
        rule = Rule(rule.freq, rule.interval, rule.count - steps, rule.until, (), rule.week_starts)
    return rule, begins + steps * rule.step


def _is_empty(rule: Rule, begins: datetime) -> bool:
    """Whether the rule names days that never come, for which the library would look for ever."""
    months = [int(month) for month in rule.limit("BYMONTH")] or list(range(1, 13))
    days = [abs(int(day)) for day in rule.limit("BYMONTHDAY")]
    if days and not any(day <= _LONGEST_MONTHS[month - 1] for day in days for month in months):
        return True
    weekdays = rule.limit("BYDAY")
    if rule.freq in ("DAILY", "WEEKLY") and (places := rule.limit("BYSETPOS")):
        times = math.prod(len(rule.limit(name)) or 1 for name in ("BYHOUR", "BYMINUTE", "BYSECOND"))
        most = times * (len(weekdays) or 1) if rule.freq == "WEEKLY" else times
        if all(abs(int(place)) > most for place in places):
            return True
    return (
        rule.freq == "DAILY"
        and rule.interval % 7 == 0
        and bool(weekdays)
        and _DAYS_OF_WEEK[begins.weekday()] not in {day[-2:] for day in weekdays}
    )


def _by(parts: dict[str, str], freq: str) -> tuple[tuple[str, str], ...] | None:
    """The parts that limit or expand a rule; None where one of them makes no sense."""
    found = []
    for name, (least, most) in _NUMBERS.items():
        if name not in parts or freq not in _ONLY_IN.get(name, _STEPS):
            continue
        numbers = [_whole(number) for number in parts[name].split(",")]
        if any(
            number is None or not least <= number <= most or (number == 0 and least < 0)
            for number in numbers
        ):
            return None
        if name == "BYSECOND":
            numbers = [min(number or 0, 59) for number in numbers]
        found.append((name, ",".join(str(number) for number in sorted(set(numbers), key=str))))
    if "BYDAY" in parts:
        days = parts["BYDAY"].split(",")
        if not all(_DAYS.fullmatch(day) and not re.match(r"[+-]?0+[A-Z]", day) for day in days):
            return None
        if freq not in ("MONTHLY", "YEARLY"):
            days = [day[-2:] for day in days]
        found.append(("BYDAY", ",".join(dict.fromkeys(day.lstrip("+") for day in days))))
    # The n-th of a set that nothing makes larger than one.
    if len(found) == 1 and found[0][0] == "BYSETPOS":
        found = []
    return tuple(found)


def _until(
    parts: dict[str, str],
    begins: Point,
    zones: Zones,
    doubt: Callable[[str], None],
) -> datetime | None:
    """The last wall time at which a rule may begin."""
    if "UNTIL" not in parts:
        return None
    try:
        point = zones.point(Property("UNTIL", {}, parts["UNTIL"]))
    except Unclear:
        doubt("repeats until a date that cannot be read: it is read as going on")
        return None
    if point.whole_day:
        return later_wall(point.wall, DAY - timedelta(seconds=1))
    # Without a zone it is meant where the event is.
    if point.zone is zones.owner:
        return point.wall
    there = begins.zone.wall(point.last)
    # Of whole days it is not clear whose day an instant is.
    return max(there, point.wall) if begins.whole_day else there


def later_wall(wall: datetime, by: timedelta) -> datetime:
    """A wall time that much later, or the last there is."""
    try:
        return wall + by
    except OverflowError:
        return datetime.max if by > timedelta(0) else datetime.min


def dense_end(rule: Rule, begins: datetime, zone: Zone) -> datetime | None:
    """The last instant at which a rule without pause may begin; None where it has no end."""
    ends = []
    if rule.count is not None:
        ends.append(later(zone.last(begins), rule.count * rule.step))
    if rule.until is not None:
        ends.append(zone.last(rule.until))
    return max(ends, default=None)


def _whole(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[+-]?[0-9]{1,9}", text) else None


@contextmanager
def _patience() -> Iterator[None]:
    """Let a rule compute for so much CPU time only. A reading has its limits besides this one."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_: object) -> None:
        raise _TooSlow

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, _PATIENCE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
