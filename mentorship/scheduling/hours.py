"""A mentor's weekly hours: when students may book, in the mentor's own wall time."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, delete, select

from mentorship.accounts import users
from mentorship.audit import trail
from mentorship.foundation.database import db
from mentorship.foundation.errors import Refusal
from mentorship.scheduling.models import HoursDeed, WeeklyHours
from mentorship.scheduling.slots import Weekly
from mentorship.tenancy.members import Member
from mentorship.web.filters import WEEKDAYS, hour

#: Lines in a week: six a day is more than anybody needs, and keeps the page a page.
MOST = 42
#: Minutes of the shortest meeting there is.
SHORTEST = 20

_DAY = 24 * 60
_WEEK = 7 * _DAY
_OF = (
    select(WeeklyHours.weekday, WeeklyHours.opens, WeeklyHours.closes)
    .where(WeeklyHours.user_id == bindparam("user_id"))
    .order_by(WeeklyHours.weekday, WeeklyHours.opens, WeeklyHours.id)
)


class HoursRefused(Refusal):
    """Some line cannot stand; `line` is the one to look at."""

    def __init__(self, sentence: str, *, line: Weekly) -> None:
        super().__init__(sentence)
        self.line = line


class TooShort(HoursRefused):
    """No meeting fits into a line."""


class Overlap(HoursRefused):
    """Two lines share some time."""


class TooManyLines(Refusal):
    sentence = f"Keep it to {MOST} lines a week. Join some of them."


class ClockChange(NamedTuple):
    """The day on which a zone's clocks are moved, and which way."""

    day: date
    forward: bool


def set_weekly(*, hours: Iterable[Weekly], by: Member, now: datetime) -> None:
    """Replace the hours of `by`, for every chapter they serve. The same again changes nothing.

    Meetings that were asked for or accepted before stay as they are.

    :raises TooManyLines, TooShort, Overlap: the hours cannot stand like that.
    """
    wanted = sorted(hours, key=lambda line: (line.weekday, line.opens))
    _insist_on_sense(wanted)
    users.lock(by.user_id)
    if wanted == weekly_of(by.user_id):
        return
    db.session.execute(
        delete(WeeklyHours)
        .where(WeeklyHours.user_id == by.user_id)
        .execution_options(synchronize_session=False)
    )
    db.session.add_all(
        WeeklyHours(user_id=by.user_id, weekday=line.weekday, opens=line.opens, closes=line.closes)
        for line in wanted
    )
    trail.record(HoursDeed.SET, by, by=by, now=now, lines=len(wanted))


def weekly_of(user_id: UUID) -> list[Weekly]:
    """Somebody's hours in the order of the week. One statement."""
    return [Weekly(*row) for row in db.session.execute(_OF, {"user_id": user_id})]


def worded(line: Weekly) -> str:
    """Say one line: `Monday, 6:00 PM to 2:00 AM`."""
    if line.opens == line.closes:
        return f"{WEEKDAYS[line.weekday]}, {hour(line.opens)} for a whole day"
    return f"{WEEKDAYS[line.weekday]}, {hour(line.opens)} to {hour(line.closes)}"


def clock_change(zone: ZoneInfo, *, since: datetime, until: datetime) -> ClockChange | None:
    """The first day between two instants on which the zone's clocks are moved, if there is one."""
    day, last = since.astimezone(zone).date(), until.astimezone(zone).date()
    while day < last:
        before, after = _offset(day, zone), _offset(day + timedelta(days=1), zone)
        if before != after:
            return ClockChange(day, forward=after > before)
        day += timedelta(days=1)
    return None


def _offset(day: date, zone: ZoneInfo) -> timedelta:
    """How far the zone's clocks are from UTC as a day begins."""
    return datetime.combine(day, time(), zone).utcoffset() or timedelta()


def _insist_on_sense(lines: list[Weekly]) -> None:
    if len(lines) > MOST:
        raise TooManyLines
    for line in lines:
        if _length(line) < SHORTEST:
            raise TooShort(
                f"{worded(line)}: that is shorter than {SHORTEST} minutes, and holds no meeting.",
                line=line,
            )
    # Around the week: the last line may run into the first. Where any two overlap, two that
    # follow each other do.
    for line, following in zip(lines, lines[1:] + lines[:1], strict=True):
        if len(lines) > 1 and (_begins(following) - _begins(line)) % _WEEK < _length(line):
            raise Overlap(
                f"{worded(line)} and {worded(following)} overlap. Make one line of them, or"
                " move one.",
                line=following,
            )


def _begins(line: Weekly) -> int:
    return line.weekday * _DAY + line.opens.hour * 60 + line.opens.minute


def _length(line: Weekly) -> int:
    """Minutes; hours that close when they open last a whole day."""
    closes, opens = line.closes, line.opens
    minutes = (closes.hour - opens.hour) * 60 + closes.minute - opens.minute
    return minutes % _DAY or _DAY
