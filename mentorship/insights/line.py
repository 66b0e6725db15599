"""The line of a pairing: meetings, check-ins and changes of state, newest first."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import Date, DateTime, Uuid, bindparam, literal, null, select, union_all

from mentorship.foundation import clock
from mentorship.foundation.database import db
from mentorship.insights.duties import Item
from mentorship.insights.pairs import Pair
from mentorship.matching import told
from mentorship.relationships.check_ins import How
from mentorship.relationships.models import CheckIn, PairingState
from mentorship.scheduling.models import Meeting, MeetingState
from mentorship.tenancy.members import Member
from mentorship.web.filters import day, plural, span

#: How many stops a line shows, the newest of each kind.
SHOWN = 60
#: How much of a meeting's notes stands on the line, in characters; the meeting has them all.
TASTE = 320

_here: Any = bindparam("pairing_id")
_meetings = (
    select(
        Meeting.id,
        Meeting.starts_at,
        Meeting.ends_at,
        Meeting.state,
        Meeting.purpose,
        Meeting.notes,
        Meeting.settled_at,
        null().cast(Uuid).label("by_id"),
        null().cast(Date).label("happened_on"),
    )
    .where(Meeting.pairing_id == _here)
    .order_by(Meeting.starts_at.desc(), Meeting.id)
    .limit(SHOWN)
    .subquery()
)
_check_ins = (
    select(
        CheckIn.id,
        CheckIn.created_at,
        CheckIn.created_at,
        CheckIn.how,
        CheckIn.line,
        literal("").label("notes"),
        null().cast(DateTime(timezone=True)),
        CheckIn.by_id,
        CheckIn.happened_on,
    )
    .where(CheckIn.pairing_id == _here)
    .order_by(CheckIn.happened_on.desc(), CheckIn.created_at.desc())
    .limit(SHOWN)
    .subquery()
)
#: Both in one statement; a check-in has a day, a meeting has none.
_BOTH = union_all(select(_meetings), select(_check_ins))


@dataclass(frozen=True)
class Stop:
    at: datetime
    look: str
    """ahead, met or minor: how the stop is drawn."""
    when: str
    title: str
    text: str = ""
    quote: str = ""
    meeting_id: UUID | None = None
    items: tuple[Item, ...] = field(default=())


def of(pair: Pair, items: Iterable[Item], *, member: Member, now: datetime) -> list[Stop]:
    """Everything that happened between the two, and what is ahead, newest first.

    One statement. The reader must be one of the two: `pair` says so, it is theirs.
    """
    rows = list(db.session.execute(_BOTH, {"pairing_id": pair.id}))
    meetings = sorted(
        (row for row in rows if row.happened_on is None),
        key=lambda row: row.starts_at,
        reverse=True,
    )
    check_ins = [row for row in rows if row.happened_on is not None]
    by_meeting: dict[UUID, list[Item]] = {}
    for item in items:
        if item.meeting_id is not None:
            by_meeting.setdefault(item.meeting_id, []).append(item)
    number = sum(row.state == MeetingState.HELD for row in meetings)
    stops = []
    for row in meetings:
        stops.append(_meeting(row, number, tuple(by_meeting.get(row.id, ())), member, now=now))
        number -= row.state == MeetingState.HELD
    stops += [_check_in(row, pair, member) for row in check_ins]
    stops += _changes(pair, member)
    stops += _due(pair, member)
    return sorted(stops, key=lambda stop: (stop.at, stop.look == "ahead"), reverse=True)


_UNHELD = {
    MeetingState.NO_SHOW: "The meeting did not take place",
    MeetingState.DECLINED: "A request was declined",
    MeetingState.WITHDRAWN: "A request was withdrawn",
    MeetingState.LAPSED: "A request lapsed without an answer",
    MeetingState.CANCELLED: "A meeting was cancelled",
}


def _meeting(
    row: Any, number: int, items: tuple[Item, ...], member: Member, *, now: datetime
) -> Stop:
    when = f"{day(row.starts_at, member.zone)}, {span(row.starts_at, row.ends_at, member.zone)}"
    more: dict[str, Any] = {"meeting_id": row.id, "items": items}
    if row.state == MeetingState.HELD:
        minutes = plural(int((row.ends_at - row.starts_at).total_seconds() // 60), "minute")
        when = f"{day(row.starts_at, member.zone)}, {minutes}"
        return Stop(row.starts_at, "met", when, f"Meeting {number}", _taste(row), **more)
    if row.state == MeetingState.ACCEPTED:
        over = row.ends_at <= now
        title = "Say whether you met" if over else "Next meeting"
        return Stop(row.starts_at, "ahead", when, title, row.purpose, **more)
    if row.state == MeetingState.REQUESTED:
        return Stop(row.starts_at, "ahead", when, "Asked for, not answered", row.purpose, **more)
    title = _UNHELD[MeetingState(row.state)]
    if row.state in (MeetingState.NO_SHOW, MeetingState.CANCELLED):
        planned = f"Planned for {day(row.starts_at, member.zone)}"
        return Stop(min(row.starts_at, now), "minor", planned, title, **more)
    # A request that came to nothing stands where it was settled, not where it would have been.
    at = min(row.settled_at or row.starts_at, row.starts_at)
    return Stop(at, "minor", day(at, member.zone), title, **more)


def _taste(row: Any) -> str:
    text = row.notes.strip() or row.purpose
    return text if len(text) <= TASTE else text[: TASTE - 1].rsplit(" ", 1)[0] + "…"


def _check_in(row: Any, pair: Pair, member: Member) -> Stop:
    mine = row.by_id == member.id
    who = "You checked in" if mine else f"{pair.called} checked in"
    return Stop(
        at=_end_of(row.happened_on, member, row.starts_at),
        look="minor",
        when=day(row.happened_on),
        title=f"{who}: {_SAID[How(row.state)]}",
        quote=row.purpose,
    )


_SAID = {
    How.WELL: "going well",
    How.NEED_A_DATE: "a date is needed",
    How.STUCK: "stuck",
    How.DONE: "done",
}


def _end_of(on: Any, member: Member, created_at: datetime) -> datetime:
    """A day without an hour comes after what happened on it; two of one day keep their order."""
    there = clock.zone(member.zone)
    if created_at.astimezone(there).date() == on:
        return created_at
    return datetime.combine(on, time(23, 59), there)


def _changes(pair: Pair, member: Member) -> list[Stop]:
    title = "Asked to be paired" if pair.waits else f"Paired for {pair.kind.value} mentoring"
    why = " ".join(f"{words}." for words in told.why(pair.reasons, mentoring=pair.i_mentor))
    began = Stop(pair.began_at, "minor", day(pair.began_at, member.zone), title, why)
    if pair.ended_at is None:
        return [began]
    word = "Completed" if pair.state == PairingState.COMPLETED else "Ended"
    return [began, Stop(pair.ended_at, "minor", day(pair.ended_at, member.zone), word)]


def _due(pair: Pair, member: Member) -> list[Stop]:
    """What should come next, unless it is booked."""
    due_on = pair.rhythm.due_on
    if due_on is None or pair.bookings:
        return []
    what = "Check-in" if pair.last_contact_on else "First meeting"
    at = datetime.combine(due_on, time(12), clock.zone(member.zone))
    late = at < pair.now
    # What is late is still ahead: it stands on top of the line, where today is.
    return [Stop(max(at, pair.now), "ahead", f"{'Was due' if late else 'Due'} {day(due_on)}", what)]
