"""A page of a pairing's timeline, newest first, with what is due above everything else."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time
from uuid import UUID

from mentorship.foundation import clock
from mentorship.foundation.database import db
from mentorship.insights.duties import Item
from mentorship.insights.pair import Pair
from mentorship.insights.timeline import wording
from mentorship.insights.timeline.sources import PAGE, STATEMENTS, Sort
from mentorship.insights.timeline.wording import Reading, Stop
from mentorship.tenancy.members import Member
from mentorship.web.filters import day


@dataclass(frozen=True)
class Page:
    stops: list[Stop]
    after: str
    """What the next page begins after; empty on the last."""


def of(
    pair: Pair,
    items: Iterable[Item],
    *,
    member: Member,
    now: datetime,
    only: Sort | None = None,
    after: str = "",
) -> Page:
    """A page of what happened between the two and of what is ahead, newest first.

    The reader must be one of the two: `pair` says so, it is theirs. `after` is a page's own; what
    is not one begins at the top.
    """
    by_meeting: dict[UUID, tuple[Item, ...]] = {}
    for item in items:
        if item.meeting_id is not None and not item.dropped_at:
            by_meeting[item.meeting_id] = (*by_meeting.get(item.meeting_id, ()), item)
    reading = Reading(pair, member, by_meeting, now)
    below = _read(after)
    rows = db.session.execute(
        STATEMENTS[only, below is not None],
        {
            "pairing_id": pair.id,
            "member_id": member.id,
            "zone": str(clock.zone(member.zone)),
            "now": now,
            "before_at": below and below[0],
            "before_id": below and below[1],
        },
    ).all()
    stops = [wording.stop(row, reading) for row in rows[:PAGE]]
    if below is None and only in (None, Sort.MEETINGS):
        stops = _due(pair, member) + stops
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    return Page(stops, f"{last.at.isoformat()}_{last.id}" if last else "")


def _read(after: str) -> tuple[datetime, UUID] | None:
    at, _, id_ = after.partition("_")
    try:
        below = datetime.fromisoformat(at), UUID(id_)
    except ValueError:
        return None
    return below if below[0].tzinfo and 1 < below[0].year < 9999 else None


def _due(pair: Pair, member: Member) -> list[Stop]:
    """What should come next, unless it is booked."""
    due_on = pair.rhythm.due_on
    if due_on is None or pair.bookings:
        return []
    what = "Check-in" if pair.last_contact_on else "First meeting"
    at = datetime.combine(due_on, time(12), clock.zone(member.zone))
    late = at < pair.now
    return [Stop(max(at, pair.now), "ahead", f"{'Was due' if late else 'Due'} {day(due_on)}", what)]
