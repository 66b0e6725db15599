"""What students will see of a mentor in the next two weeks, day by day on the mentor's own clock.

Pure: it lays out what the questions have found, and says why a day has nothing.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from mentorship.scheduling.queries import Bookable, Free
from mentorship.scheduling.slots import Away
from mentorship.web import filters

DAYS = 14
#: Times that follow each other closer than this are said in one: `1:00 PM to 5:00 PM`.
_CLOSE = timedelta(minutes=15)


class Shown(NamedTuple):
    """One day of the preview."""

    label: str
    times: tuple[str, ...]
    """From when to when meetings fit: `1:00 to 4:55 PM`."""
    choices: int
    """How many times students choose from."""
    why: str
    """Why there are none; empty where it is plain."""


def fortnight(mentor: Bookable, free: Free, *, minutes: int, now: datetime) -> list[Shown]:
    """Lay out the days from today on. Days without hours that have nothing to say are left out."""
    today = now.astimezone(mentor.zone).date()
    days: dict[date, list[datetime]] = {today + timedelta(days=n): [] for n in range(DAYS)}
    for at in free.starts:
        there = at.astimezone(mentor.zone)
        if there.date() in days:
            days[there.date()].append(there)
    shown = (
        Shown(
            label=filters.day(day),
            times=tuple(_ranges(starts, timedelta(minutes=minutes))),
            choices=len(starts),
            why="" if starts else _why_none(mentor, free, day, now=now),
        )
        for day, starts in days.items()
    )
    return [each for each in shown if each.choices or each.why]


def _ranges(starts: Sequence[datetime], length: timedelta) -> list[str]:
    """From the first start of a row to the end of the meeting that begins last in it."""
    rows: list[list[datetime]] = []
    for at in starts:
        # Two readings of one zone are compared by their instants only as timestamps.
        if rows and at.timestamp() - rows[-1][-1].timestamp() <= _CLOSE.total_seconds():
            rows[-1].append(at)
        else:
            rows.append([at])
    return [_said(row[0], _later(row[-1], length)) for row in rows]


def _said(first: datetime, last: datetime) -> str:
    begins = filters.hour(first)
    same_half = (first.hour < 12) == (last.hour < 12) and first.date() == last.date()
    return f"{begins[:-3] if same_half else begins} to {filters.hour(last)}"


def _later(at: datetime, length: timedelta) -> datetime:
    return datetime.fromtimestamp(at.timestamp() + length.total_seconds(), at.tzinfo)


def _why_none(mentor: Bookable, free: Free, day: date, *, now: datetime) -> str:
    if any(each.first <= day <= each.last for each in mentor.away.values()):
        return "Away"
    has_hours = any(each.is_on(day) for each in mentor.hours) or any(
        each.day == day for each in mentor.openings.values()
    )
    if not has_hours:
        return ""
    if free.unread:
        return "Not offered"
    if free.full.holds(day):
        return "Full: you have as many meetings as you take"
    if day <= mentor.limits.earliest(now).astimezone(mentor.zone).date():
        return "Too soon to ask for"
    if day >= mentor.limits.latest(now).astimezone(mentor.zone).date():
        return "Too far ahead"
    if mentor.published_until and day >= mentor.published_until.astimezone(mentor.zone).date():
        return "After your last published shift"
    return "Taken"


def away_worded(away: Away) -> str:
    """Say time away: `Mon, Mar 9 to Fri, Mar 20`, `Sat, Mar 7, 9:00 AM to 12:00 PM`."""
    first, last = filters.day(away.first), filters.day(away.last)
    since, until = _at(away.since), _at(away.until)
    if away.first == away.last:
        if away.since is None and away.until is None:
            return first
        if away.until is None:
            return f"{first}, from {since}"
        return f"{first}, {since} to {until}" if since else f"{first}, until {until}"
    begins = f"{first}, {since}" if since else first
    return f"{begins} to {last}, {until}" if until else f"{begins} to {last}"


def _at(at: time | None) -> str:
    return filters.hour(at) if at is not None else ""
