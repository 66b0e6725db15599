"""What can be done with an agenda: both put on it what they want to get to, in an order."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import bindparam, select

from mentorship.audit import trail
from mentorship.foundation.database import db
from mentorship.foundation.errors import Refusal
from mentorship.scheduling import notes
from mentorship.scheduling.models import LIVE, AgendaItem, Meeting, MeetingDeed
from mentorship.tenancy.members import Member

#: The longest item, in characters, and how many minutes one may take.
LONGEST = 300
MOST_MINUTES = 30
#: How many items one agenda holds.
MOST = 20

_ITEMS = (
    select(AgendaItem)
    .where(AgendaItem.meeting_id == bindparam("meeting_id"))
    .order_by(AgendaItem.position, AgendaItem.id)
)


class Direction(StrEnum):
    UP = "up"
    DOWN = "down"


class NotSaid(Refusal):
    sentence = f"Say what you want to get to, in 1 to {LONGEST} characters."


class MinutesOff(Refusal):
    sentence = f"Give it between 1 and {MOST_MINUTES} minutes."


class Full(Refusal):
    sentence = f"An agenda holds {MOST} items. Remove one, and add this again."


class Closed(Refusal):
    sentence = "The agenda can no longer be changed: this meeting is over, or will not take place."


class Gone(Refusal):
    sentence = "That item is no longer on the agenda."


class ChangedMeanwhile(Refusal):
    sentence = (
        "This item was changed meanwhile. It stands on the agenda as it is now, and your words are"
        " here."
    )


def add(*, meeting: Meeting, what: str, minutes: int = 5, by: Member, now: datetime) -> AgendaItem:
    """Put something at the end of the agenda.

    :raises NotYours: `by` is not one of the two.
    :raises NotSaid, MinutesOff: it is no item.
    :raises Full: there are many items already.
    :raises Closed: the meeting is over, or was called off.
    :raises notes.NoContact: one of the two has blocked the other.
    """
    what = _fitting(what, minutes)
    items = _take(meeting, by=by)
    if len(items) >= MOST:
        raise Full
    item = AgendaItem(
        meeting_id=meeting.id,
        by_id=by.id,
        position=items[-1].position + 1 if items else 1,
        what=what,
        minutes=minutes,
    )
    db.session.add(item)
    db.session.flush()
    _record("added", item, meeting, by=by, now=now)
    return item


def change(
    item_id: UUID,
    *,
    meeting: Meeting,
    what: str,
    minutes: int,
    seen: str,
    by: Member,
    now: datetime,
) -> None:
    """Say an item better, or give it other minutes. The same again changes nothing.

    `seen` is the `mark` of the item as it was shown to `by`.

    :raises ChangedMeanwhile: it is not as they saw it.
    :raises Gone: it is not on this agenda.
    :raises Refusal: as `add` does.
    """
    what = _fitting(what, minutes)
    item = _find(item_id, _take(meeting, by=by))
    if (item.what, item.minutes) == (what, minutes):
        return
    if mark(item.what, item.minutes) != seen:
        raise ChangedMeanwhile
    item.what, item.minutes = what, minutes
    _record("changed", item, meeting, by=by, now=now)


def move(
    item_id: UUID, *, meeting: Meeting, direction: Direction, by: Member, now: datetime
) -> None:
    """Let an item change places with its neighbor. At either end it stays where it is.

    :raises Gone: it is not on this agenda.
    :raises Refusal: as `add` does.
    """
    items = _take(meeting, by=by)
    item = _find(item_id, items)
    at = items.index(item)
    to = at - 1 if direction is Direction.UP else at + 1
    if not 0 <= to < len(items):
        return
    items[at], items[to] = items[to], items[at]
    for position, each in enumerate(items, 1):
        each.position = position
    _record("moved", item, meeting, by=by, now=now)


def remove(item_id: UUID, *, meeting: Meeting, by: Member, now: datetime) -> str:
    """Take an item off the agenda, and hand back its words.

    :raises Gone: it is not on this agenda.
    :raises Refusal: as `add` does.
    """
    item = _find(item_id, _take(meeting, by=by))
    db.session.delete(item)
    _record("removed", item, meeting, by=by, now=now)
    return item.what


def find(item_id: UUID, *, meeting: Meeting) -> AgendaItem | None:
    """An item of this meeting's agenda, as it stands."""
    found = db.session.scalars(_ITEMS, {"meeting_id": meeting.id})
    return next((item for item in found if item.id == item_id), None)


def mark(what: str, minutes: int) -> str:
    """What tells one state of an item from another."""
    return hashlib.sha256(f"{minutes} {what}".encode()).hexdigest()[:12]


def _take(meeting: Meeting, *, by: Member) -> list[AgendaItem]:
    """Have the agenda alone, as it is now, when it may be changed at all."""
    notes.take(meeting, by=by)
    if meeting.state not in LIVE:
        raise Closed
    notes.insist_on_contact(meeting)
    found = db.session.scalars(
        _ITEMS, {"meeting_id": meeting.id}, execution_options={"populate_existing": True}
    )
    return list(found)


def _find(item_id: UUID, items: Sequence[AgendaItem]) -> AgendaItem:
    for item in items:
        if item.id == item_id:
            return item
    raise Gone


def _fitting(what: str, minutes: int) -> str:
    what = " ".join(what.split())
    # Some characters take a place and show nothing: of those alone there is nothing to read.
    seen = any(letter.isprintable() and not letter.isspace() for letter in what)
    if not seen or len(what) > LONGEST:
        raise NotSaid
    if not 1 <= minutes <= MOST_MINUTES:
        raise MinutesOff
    return what


def _record(how: str, item: AgendaItem, meeting: Meeting, *, by: Member, now: datetime) -> None:
    trail.record(MeetingDeed.AGENDA_CHANGED, meeting, by=by, now=now, how=how, item_id=item.id)
