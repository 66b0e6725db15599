"""A mentor's weekly hours: when students may book, in the mentor's own wall time."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from itertools import permutations
from math import gcd
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
from mentorship.vocabulary.lengths import LENGTHS
from mentorship.web.filters import WEEKDAYS, hour

#: Lines in a week: six a day is more than anybody needs, and keeps the page a page.
MOST = 42
#: Minutes of the shortest meeting there is.
SHORTEST = min(LENGTHS)
#: Hours of some weeks come back after so many at most.
RAREST = 8

_ORDINALS = {2: "second", 3: "third", 4: "fourth", 5: "fifth", 6: "sixth", 7: "seventh"} | {
    RAREST: "eighth"
}
_DAY = 24 * 60
_WEEK = 7 * _DAY
_OF = (
    select(
        WeeklyHours.weekday,
        WeeklyHours.opens,
        WeeklyHours.closes,
        WeeklyHours.every,
        WeeklyHours.since,
    )
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


class TooRare(HoursRefused):
    """Hours of some weeks that come too seldom to be kept here."""


class TooManyLines(Refusal):
    sentence = f"Keep it to {MOST} lines a week. Join some of them."


class ClockChange(NamedTuple):
    """The day on which a zone's clocks are moved, and which way."""

    day: date
    forward: bool


def set_weekly(*, hours: Iterable[Weekly], by: Member, now: datetime) -> None:
    """Replace the hours of `by`, for every chapter they serve. The same again changes nothing.

    Meetings that were asked for or accepted before stay as they are.

    :raises TooManyLines, TooShort, TooRare, Overlap: the hours cannot stand like that.
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
        WeeklyHours(
            user_id=by.user_id,
            weekday=line.weekday,
            opens=line.opens,
            closes=line.closes,
            every=line.every,
            since=line.since,
        )
        for line in wanted
    )
    trail.record(HoursDeed.SET, by, by=by, now=now, lines=len(wanted))


def weekly_of(user_id: UUID) -> list[Weekly]:
    """Somebody's hours in the order of the week. One statement."""
    return [Weekly(*row) for row in db.session.execute(_OF, {"user_id": user_id})]


def worded(line: Weekly) -> str:
    """Say one line: `Monday, 6:00 PM to 2:00 AM`."""
    said = f"{WEEKDAYS[line.weekday]}, {span_worded(line.opens, line.closes)}"
    return f"{said} every {_ORDINALS[line.every]} week" if line.every in _ORDINALS else said


def span_worded(opens: time, closes: time) -> str:
    """Say from when to when: `6:00 PM to 2:00 AM`."""
    if opens == closes:
        return f"{hour(opens)} for a whole day"
    return f"{hour(opens)} to {hour(closes)}"


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
        if line.every > RAREST:
            raise TooRare(f"Choose at most every {_ORDINALS[RAREST]} week.", line=line)
    for line, following in permutations(lines, 2):
        if _runs_into(line, following):
            raise Overlap(
                f"{worded(line)} and {worded(following)} overlap. Make one line of them, or"
                " move one.",
                line=following,
            )


def _runs_into(line: Weekly, following: Weekly) -> bool:
    """Whether a line is still on, in some week, when the other begins.

    Around the week: the last line may run into the first of the next week.
    """
    return any(
        0 <= _begins(following) + _WEEK * later - _begins(line) < _length(line)
        and _in_one_week(line, following, later)
        for later in (0, 1)
    )


def _in_one_week(line: Weekly, following: Weekly, later: int) -> bool:
    """Whether the other is ever there so many weeks after a week in which the line is.

    Weeks that are counted in steps meet where their difference is a multiple of what the steps
    have in common.
    """
    between = _first_week(line) + later - _first_week(following)
    return between % gcd(line.every, following.every) == 0


def _first_week(line: Weekly) -> int:
    """The number of its first week, counted from the first there ever was."""
    return (line.since.toordinal() - 1) // 7 if line.since else 0


def _begins(line: Weekly) -> int:
    return line.weekday * _DAY + line.opens.hour * 60 + line.opens.minute


def _length(line: Weekly) -> int:
    return minutes_between(line.opens, line.closes)


def minutes_between(opens: time, closes: time) -> int:
    """How many minutes hours have by the clock; those that close when they open, a whole day."""
    minutes = (closes.hour - opens.hour) * 60 + closes.minute - opens.minute
    return minutes % _DAY or _DAY
