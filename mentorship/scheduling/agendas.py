"""What can be done with an agenda: both put on it what they want to get to, in an order.

Nothing is lost where both work on it at once: each item is changed by itself, an item that was
changed meanwhile is shown as it stands beside what was typed, and moving names a neighbor.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert

from mentorship.audit import trail
from mentorship.foundation import scope
from mentorship.foundation.database import db
from mentorship.foundation.errors import Refusal
from mentorship.profiles.models import MenteeProfile
from mentorship.relationships import action_items
from mentorship.relationships.models import ActionItem, Pairing
from mentorship.scheduling import agenda_templates, notes
from mentorship.scheduling.models import (
    AgendaItem,
    ItemKind,
    ItemReport,
    Meeting,
    MeetingDeed,
)
from mentorship.tenancy import roles
from mentorship.tenancy.members import Member
from mentorship.tenancy.roles import Permission
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import Phase, Stage

#: The longest item, in characters, and how many minutes one may take.
LONGEST = 300
MOST_MINUTES = 30
#: How many items one agenda holds.
MOST = 20
#: The longest address of something to read, in characters.
LONGEST_LINK = 500
#: Where the product is tried out, it has no https.
_THIS_MACHINE = ("localhost", "127.0.0.1")

_ITEMS = (
    select(AgendaItem)
    .where(AgendaItem.meeting_id == bindparam("meeting_id"))
    .order_by(AgendaItem.position, AgendaItem.id)
)
_FOR_WHOM = (
    select(Pairing.kind, MenteeProfile.stage)
    .outerjoin(MenteeProfile, MenteeProfile.member_id == Pairing.mentee_id)
    .where(Pairing.id == bindparam("pairing_id"))
)


class Direction(StrEnum):
    UP = "up"
    DOWN = "down"


class NotSaid(Refusal):
    sentence = f"Say what you want to get to, in 1 to {LONGEST} characters."


class MinutesOff(Refusal):
    sentence = f"Give it between 1 and {MOST_MINUTES} minutes."


class NoLink(Refusal):
    sentence = (
        f"Give the address of what is to be read. It begins with https:// and has at most"
        f" {LONGEST_LINK} characters."
    )


class Full(Refusal):
    sentence = f"An agenda holds {MOST} items. Remove one, and add this again."


class Begun(Refusal):
    sentence = "Something stands on this agenda already. Nothing was added."


class Closed(Refusal):
    sentence = "The agenda can no longer be changed: this meeting is over, or will not take place."


class Gone(Refusal):
    sentence = "That item is no longer on the agenda."


class NotCarried(Refusal):
    sentence = "That action item is not one of the two of you, or was dropped."


class ChangedMeanwhile(Refusal):
    sentence = (
        "This item was changed meanwhile. It stands on the agenda as it is now, and your words are"
        " here."
    )


def add(
    *,
    meeting: Meeting,
    what: str,
    by: Member,
    now: datetime,
    kind: ItemKind = ItemKind.QUESTION,
    minutes: int = 5,
    link: str = "",
) -> AgendaItem:
    """Put something at the end of the agenda.

    Minutes count for what is talked about, and a link for what is to be read; elsewhere they are
    let go.

    :raises NotYours: `by` is not one of the two.
    :raises NotSaid, MinutesOff, NoLink: it is no item.
    :raises Full: there are many items already.
    :raises Closed: the meeting is over, or was called off.
    :raises notes.NoContact: one of the two has blocked the other.
    """
    facts = _fitting(kind, what, minutes, link)
    items = _take(meeting, by=by)
    if len(items) >= MOST:
        raise Full
    (item,) = _append([facts], items, meeting, by=by)
    _record("added", item, meeting, by=by, now=now)
    return item


def start(*, meeting: Meeting, by: Member, now: datetime) -> int:
    """Begin an empty agenda with the chapter's items for this kind and stage. Says how many.

    :raises Begun: something stands on it already.
    :raises Refusal: as `add` does.
    """
    if _take(meeting, by=by):
        raise Begun
    of = db.session.execute(_FOR_WHOM, {"pairing_id": meeting.pairing_id}).one()
    phase = Phase.of(Stage(of.stage) if of.stage else None)
    lines = agenda_templates.lines(Kind(of.kind), phase)
    items = _append([line._asdict() for line in lines], [], meeting, by=by)
    trail.record(
        MeetingDeed.AGENDA_CHANGED, meeting, by=by, now=now, how="started", items=len(items)
    )
    return len(items)


def change(
    item_id: UUID,
    *,
    meeting: Meeting,
    what: str,
    minutes: int,
    seen: str,
    by: Member,
    now: datetime,
    kind: ItemKind | None = None,
    link: str = "",
) -> None:
    """Say an item better, or give it other minutes. The same again changes nothing.

    `seen` is the `mark` of the item as it was shown to `by`. Without a kind it stays what it is.

    :raises ChangedMeanwhile: it is not as they saw it.
    :raises Gone: it is not on this agenda.
    :raises Refusal: as `add` does.
    """
    item = _find(item_id, _take(meeting, by=by))
    facts = _fitting(kind or ItemKind(item.kind), what, minutes, link or item.link)
    if all(getattr(item, name) == fact for name, fact in facts.items()):
        return
    if mark(item) != seen:
        raise ChangedMeanwhile
    for name, fact in facts.items():
        setattr(item, name, fact)
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
    if 0 <= to < len(items):
        _put(item, to, items, meeting, by=by, now=now)


def place(
    item_id: UUID, *, meeting: Meeting, before: UUID | None, by: Member, now: datetime
) -> None:
    """Put an item before another one, or at the end. Where it is already, nothing changes.

    :raises Gone: one of them is not on this agenda.
    :raises Refusal: as `add` does.
    """
    items = _take(meeting, by=by)
    item = _find(item_id, items)
    others = [each for each in items if each is not item]
    if before == item_id:
        return
    to = others.index(_find(before, others)) if before else len(others)
    if to != items.index(item):
        _put(item, to, items, meeting, by=by, now=now)


def remove(item_id: UUID, *, meeting: Meeting, by: Member, now: datetime) -> str:
    """Take an item off the agenda, and hand back its words.

    :raises Gone: it is not on this agenda.
    :raises Refusal: as `add` does.
    """
    item = _find(item_id, _take(meeting, by=by))
    db.session.delete(item)
    _record("removed", item, meeting, by=by, now=now)
    return item.what


def report(item_id: UUID, *, meeting: Meeting, done: bool, by: Member, now: datetime) -> None:
    """Say at a meeting what became of an action item from before. The last word counts.

    :raises NotYours: `by` is not one of the two.
    :raises NotCarried: it is not theirs, or was dropped.
    :raises notes.NoContact: one of the two has blocked the other.
    """
    notes.take(meeting, Permission.ITEM_REPORT, by=by)
    notes.insist_on_contact(meeting)
    of_theirs = select(ActionItem).where(
        ActionItem.id == item_id,
        ActionItem.pairing_id == meeting.pairing_id,
        ActionItem.dropped_at.is_(None),
    )
    item = db.session.scalars(of_theirs.with_for_update()).one_or_none()
    if item is None:
        raise NotCarried
    verb = action_items.finish if done else action_items.reopen
    verb(item, by=by, now=now)
    said = {"by_id": by.id, "done": done, "at": now}
    db.session.execute(
        insert(ItemReport)
        .values(chapter_id=scope.here(), meeting_id=meeting.id, item_id=item_id, **said)
        .on_conflict_do_update(index_elements=["chapter_id", "meeting_id", "item_id"], set_=said)
    )
    trail.record(MeetingDeed.ITEM_REPORTED, meeting, by=by, now=now, item_id=item_id, done=done)


def find(item_id: UUID, *, meeting: Meeting) -> AgendaItem | None:
    """An item of this meeting's agenda, as it stands."""
    found = db.session.scalars(_ITEMS, {"meeting_id": meeting.id})
    return next((item for item in found if item.id == item_id), None)


def mark(item: AgendaItem) -> str:
    """What tells one state of an item from another."""
    state = f"{item.kind} {item.minutes} {item.link} {item.what}"
    return hashlib.sha256(state.encode()).hexdigest()[:12]


def _take(meeting: Meeting, *, by: Member) -> list[AgendaItem]:
    """Have the agenda alone, as it is now, when it may be changed at all."""
    notes.take(meeting, Permission.AGENDA_WRITE, by=by)
    roles.insist_on_state(Permission.AGENDA_WRITE, meeting, Closed)
    notes.insist_on_contact(meeting)
    found = db.session.scalars(
        _ITEMS, {"meeting_id": meeting.id}, execution_options={"populate_existing": True}
    )
    return list(found)


def _append(
    lines: Sequence[dict], items: Sequence[AgendaItem], meeting: Meeting, *, by: Member
) -> list[AgendaItem]:
    """Put these after the others."""
    first = items[-1].position + 1 if items else 1
    new = [
        AgendaItem(meeting_id=meeting.id, by_id=by.id, position=position, **line)
        for position, line in enumerate(lines, first)
    ]
    db.session.add_all(new)
    db.session.flush()
    return new


def _put(
    item: AgendaItem,
    to: int,
    items: list[AgendaItem],
    meeting: Meeting,
    *,
    by: Member,
    now: datetime,
) -> None:
    """Have an item at this place, and the others around it as they were."""
    items.remove(item)
    items.insert(to, item)
    for position, each in enumerate(items, 1):
        each.position = position
    _record("moved", item, meeting, by=by, now=now)


def _find(item_id: UUID, items: Sequence[AgendaItem]) -> AgendaItem:
    for item in items:
        if item.id == item_id:
            return item
    raise Gone


def _fitting(kind: ItemKind, what: str, minutes: int, link: str) -> dict:
    """An item's facts, when they make one."""
    what = " ".join(what.split())
    # Some characters take a place and show nothing: of those alone there is nothing to read.
    seen = any(letter.isprintable() and not letter.isspace() for letter in what)
    if not seen or len(what) > LONGEST:
        raise NotSaid
    if kind.timed and not 1 <= minutes <= MOST_MINUTES:
        raise MinutesOff
    return {
        "kind": kind,
        "what": what,
        "minutes": minutes if kind.timed else 0,
        "link": _address(link) if kind is ItemKind.READING else "",
    }


def _address(link: str) -> str:
    """An address that is safe to follow: https, a host, nobody's name or password in it."""
    link = link.strip()
    try:
        parts = urlsplit(link)
        here = parts.scheme == "http" and parts.hostname in _THIS_MACHINE
        safe = parts.scheme == "https" or here
        plain = safe and parts.hostname and "@" not in parts.netloc
    except ValueError:
        raise NoLink from None
    odd = any(letter.isspace() or not letter.isprintable() or letter in '<>"\\' for letter in link)
    if not plain or odd or len(link) > LONGEST_LINK:
        raise NoLink
    return link


def _record(how: str, item: AgendaItem, meeting: Meeting, *, by: Member, now: datetime) -> None:
    trail.record(MeetingDeed.AGENDA_CHANGED, meeting, by=by, now=now, how=how, item_id=item.id)
