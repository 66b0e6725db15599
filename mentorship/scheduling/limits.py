"""How a mentor wants to be booked: how soon, how far ahead, how close together and how often.

A person's, over all chapters. Who has said nothing is booked in the program's way, `Limits()`.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert

from mentorship.accounts import users
from mentorship.audit import trail
from mentorship.foundation.database import db
from mentorship.foundation.errors import Refusal
from mentorship.scheduling.models import BookingLimits, HoursDeed
from mentorship.scheduling.slots import Limits
from mentorship.tenancy.members import Member
from mentorship.web.filters import plural

#: What a mentor may choose from: a day is the program's notice, six weeks its horizon, five
#: minutes its buffer.
NOTICES = tuple(timedelta(hours=hours) for hours in (2, 4, 12, 24, 48, 72, 168))
HORIZONS = tuple(timedelta(weeks=weeks) for weeks in (1, 2, 4, 6, 8, 12, 26))
BUFFERS = tuple(timedelta(minutes=minutes) for minutes in (0, 5, 10, 15, 30, 60))
#: The most meetings that somebody may allow in a day, a week and a month.
MOST = {"per_day": 20, "per_week": 60, "per_month": 200}

_HOUR, _DAY, _MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)
_SMALL = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
COLUMNS = (
    BookingLimits.notice_hours,
    BookingLimits.horizon_days,
    BookingLimits.buffer_minutes,
    BookingLimits.per_day,
    BookingLimits.per_week,
    BookingLimits.per_month,
)
_OF = select(*COLUMNS).where(BookingLimits.user_id == bindparam("user_id"))


class NotAChoice(Refusal):
    sentence = "Choose from the list."


class NothingLeft(Refusal):
    sentence = "With that much notice nothing is left of the weeks ahead. Choose less of the one."


class OutOfRange(Refusal):
    """A number of meetings that makes no sense; `field` names which."""

    def __init__(self, sentence: str, *, field: str) -> None:
        super().__init__(sentence)
        self.field = field


def set_limits(*, limits: Limits, by: Member, now: datetime) -> None:
    """Let `by` be booked like this from now on, in every chapter. The same again changes nothing.

    What is booked or asked for already stays, also where it is more.

    :raises NotAChoice, NothingLeft, OutOfRange: the limits cannot stand like that.
    """
    if (
        limits.notice not in NOTICES
        or limits.horizon not in HORIZONS
        or limits.buffer not in BUFFERS
    ):
        raise NotAChoice
    if limits.notice >= limits.horizon:
        raise NothingLeft
    for field, most in MOST.items():
        count = getattr(limits, field)
        if count is not None and not 1 <= count <= most:
            raise OutOfRange(
                f"Write a number from 1 to {most}, or nothing for as many as fit.", field=field
            )
    users.lock(by.user_id)
    if limits == limits_of(by.user_id):
        return
    said = {
        "notice_hours": limits.notice // _HOUR,
        "horizon_days": limits.horizon // _DAY,
        "buffer_minutes": limits.buffer // _MINUTE,
        **{field: getattr(limits, field) for field in MOST},
    }
    row = insert(BookingLimits).values(user_id=by.user_id, **said)
    db.session.execute(row.on_conflict_do_update(index_elements=["user_id"], set_=said))
    trail.record(HoursDeed.LIMITED, by, by=by, now=now, **said)


def limits_of(user_id: UUID) -> Limits:
    """How somebody is booked. One statement."""
    row = db.session.execute(_OF, {"user_id": user_id}).one_or_none()
    return Limits() if row is None else read(*row)


def read(
    notice_hours: int | None,
    horizon_days: int,
    buffer_minutes: int,
    per_day: int | None,
    per_week: int | None,
    per_month: int | None,
) -> Limits:
    """Limits from the columns that keep them; the program's where there is no row of them."""
    if notice_hours is None:
        return Limits()
    return Limits(
        notice=notice_hours * _HOUR,
        horizon=horizon_days * _DAY,
        buffer=buffer_minutes * _MINUTE,
        per_day=per_day,
        per_week=per_week,
        per_month=per_month,
    )


def worded(length: timedelta) -> str:
    """Say a notice, a horizon or a buffer: `24 hours`, `3 days`, `six weeks`, `5 minutes`."""
    weeks, rest = divmod(length, timedelta(weeks=1))
    if weeks and not rest:
        if weeks == 1:
            return "week"
        return plural(weeks, "week") if weeks >= len(_SMALL) else f"{_SMALL[weeks]} weeks"
    if length > 2 * _DAY:
        return plural(length // _DAY, "day")
    if length >= _HOUR:
        return plural(length // _HOUR, "hour")
    return plural(length // _MINUTE, "minute")
