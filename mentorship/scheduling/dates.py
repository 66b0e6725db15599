"""A mentor's dates that differ from the week: hours on one day besides, and time away.

All of it in the mentor's own wall time, and for every chapter they serve. Time away counts more
than any hours. Meetings that were asked for or accepted before stay as they are.
"""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import bindparam, delete, select

from mentorship.accounts import users
from mentorship.audit import trail
from mentorship.foundation import clock
from mentorship.foundation.database import db
from mentorship.foundation.errors import Refusal
from mentorship.scheduling import slots
from mentorship.scheduling.hours import SHORTEST, minutes_between
from mentorship.scheduling.models import ExtraHours, HoursDeed, TimeAway
from mentorship.scheduling.slots import Away, Opening
from mentorship.tenancy.members import Member

#: The most of each that somebody may have ahead, and how far ahead: enough for every shift swap.
MOST = 120
FARTHEST = timedelta(days=366)
#: How long after it is over something is forgotten.
KEPT = timedelta(days=31)

_OPENINGS = (
    select(ExtraHours.id, ExtraHours.day, ExtraHours.opens, ExtraHours.closes)
    .where(ExtraHours.user_id == bindparam("user_id"))
    .order_by(ExtraHours.day, ExtraHours.opens, ExtraHours.id)
)
_AWAY = (
    select(TimeAway.id, TimeAway.first, TimeAway.last, TimeAway.since, TimeAway.until)
    .where(TimeAway.user_id == bindparam("user_id"))
    .order_by(TimeAway.first, TimeAway.since, TimeAway.id)
)


class IsOver(Refusal):
    sentence = "That is over already. Choose a day from today on."


class TooFarOff(Refusal):
    sentence = "Choose days within a year from now."


class TooShort(Refusal):
    sentence = f"That is shorter than {SHORTEST} minutes, and holds no meeting."


class EndsFirst(Refusal):
    sentence = "The end comes before the beginning. Look at both once more."


class TooMany(Refusal):
    sentence = f"Keep it to {MOST}. Take some away that you no longer need."


class NothingToCopy(Refusal):
    sentence = "There are no hours besides in that week to copy."


def open_on(*, opening: Opening, by: Member, now: datetime) -> UUID:
    """Let `by` be booked on one day besides the weekly hours. Its id; twice is once.

    :raises IsOver, TooFarOff, TooShort, TooMany: it cannot stand like that.
    """
    _insist_on_dates(opening.day, opening.day, by=by, now=now)
    if minutes_between(opening.opens, opening.closes) < SHORTEST:
        raise TooShort
    users.lock(by.user_id)
    return _add_openings([opening], by=by, now=now)[0]


def close(opening_id: UUID, *, by: Member, now: datetime) -> Opening | None:
    """Take hours of one day back, and say which they were. None where they are gone already."""
    users.lock(by.user_id)
    gone = db.session.execute(
        delete(ExtraHours)
        .where(ExtraHours.user_id == by.user_id, ExtraHours.id == opening_id)
        .returning(ExtraHours.day, ExtraHours.opens, ExtraHours.closes)
    ).one_or_none()
    if gone is None:
        return None
    trail.record(HoursDeed.CLOSED, by, by=by, now=now, day=gone.day.isoformat())
    return Opening(gone.day, gone.opens, gone.closes)


def copy_week(*, monday: date, to: date | None = None, by: Member, now: datetime) -> int:
    """Open another week like that of `monday`. How many hours are new in it.

    It is the week in which `to` lies, or the week after. What has been there stays, and what
    would be over already is left out.

    :raises NothingToCopy: the week has no hours besides.
    :raises IsOver, TooFarOff, TooMany: it cannot stand like that.
    """
    users.lock(by.user_id)
    monday = slots.monday(monday)
    there = openings_of(by.user_id).values()
    week = [each for each in there if slots.monday(each.day) == monday]
    if not week:
        raise NothingToCopy
    further = slots.monday(to) - monday if to else timedelta(weeks=1)
    later = [Opening(o.day + further, o.opens, o.closes) for o in week]
    today = clock.day(now, by.zone)
    if to and all(each.day < today for each in later):
        raise IsOver
    wanted = [each for each in later if each.day >= today]
    for each in wanted:
        _insist_on_dates(each.day, each.day, by=by, now=now)
    _add_openings(wanted, by=by, now=now)
    return len({*wanted} - {*there})


def away(
    first: date, last: date | None, since: time | None = None, until: time | None = None
) -> Away:
    """Time away as it was given; without a last day it is one day.

    :raises EndsFirst: it ends before it begins.
    """
    try:
        return Away(first, last or first, since, until)
    except ValueError as error:
        raise EndsFirst from error


def leave(*, away: Away, by: Member, now: datetime) -> UUID:
    """Let `by` not be booked for some time, whatever the hours say. Its id; twice is once.

    :raises IsOver, TooFarOff, TooMany: it cannot stand like that.
    """
    _insist_on_dates(away.first, away.last, by=by, now=now)
    users.lock(by.user_id)
    _forget(by, now=now)
    known = away_of(by.user_id)
    for known_id, same in known.items():
        if same == away:
            return known_id
    if len(known) >= MOST:
        raise TooMany
    row = TimeAway(
        user_id=by.user_id, first=away.first, last=away.last, since=away.since, until=away.until
    )
    db.session.add(row)
    db.session.flush()
    trail.record(
        HoursDeed.LEFT,
        by,
        by=by,
        now=now,
        first=away.first.isoformat(),
        last=away.last.isoformat(),
    )
    return row.id


def come_back(away_id: UUID, *, by: Member, now: datetime) -> Away | None:
    """Take time away back, and say which it was. None where it is gone already."""
    users.lock(by.user_id)
    gone = db.session.execute(
        delete(TimeAway)
        .where(TimeAway.user_id == by.user_id, TimeAway.id == away_id)
        .returning(TimeAway.first, TimeAway.last, TimeAway.since, TimeAway.until)
    ).one_or_none()
    if gone is None:
        return None
    trail.record(HoursDeed.RETURNED, by, by=by, now=now, first=gone.first.isoformat())
    return Away(gone.first, gone.last, gone.since, gone.until)


def openings_of(user_id: UUID) -> dict[UUID, Opening]:
    """Somebody's hours on single days by their ids, in order. One statement."""
    rows = db.session.execute(_OPENINGS, {"user_id": user_id})
    return {id_: Opening(day, opens, closes) for id_, day, opens, closes in rows}


def away_of(user_id: UUID) -> dict[UUID, Away]:
    """When somebody is away by the ids, in order. One statement."""
    rows = db.session.execute(_AWAY, {"user_id": user_id})
    return {id_: Away(first, last, since, until) for id_, first, last, since, until in rows}


def _add_openings(openings: Iterable[Opening], *, by: Member, now: datetime) -> list[UUID]:
    """Keep openings, each once. Their ids, in order."""
    _forget(by, now=now)
    known = {each: id_ for id_, each in openings_of(by.user_id).items()}
    ids: list[UUID] = []
    for each in openings:
        if each not in known:
            if len(known) >= MOST:
                raise TooMany
            row = ExtraHours(user_id=by.user_id, day=each.day, opens=each.opens, closes=each.closes)
            db.session.add(row)
            db.session.flush()
            known[each] = row.id
            trail.record(HoursDeed.OPENED, by, by=by, now=now, day=each.day.isoformat())
        ids.append(known[each])
    return ids


def _forget(by: Member, *, now: datetime) -> None:
    """Drop what is long over, so that lists stay lists."""
    day = clock.day(now, by.zone) - KEPT
    for table, last in ((ExtraHours, ExtraHours.day), (TimeAway, TimeAway.last)):
        db.session.execute(
            delete(table)
            .where(table.user_id == by.user_id, last < day)
            .execution_options(synchronize_session=False)
        )


def _insist_on_dates(first: date, last: date, *, by: Member, now: datetime) -> None:
    today = clock.day(now, by.zone)
    if last < today:
        raise IsOver
    if last > today + FARTHEST:
        raise TooFarOff
