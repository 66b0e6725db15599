"""The light-touch update: a few lines to several mentors at once, for which nobody owes a reply.

It is written, looked at, and sent with some minutes in which it can be taken back. Each mentor
gets it alone, under a line about their own last talk, and can say "well done" with one tap.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import aliased

from mentorship.audit import trail
from mentorship.foundation import clock, scope
from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours, Refusal
from mentorship.foundation.queue import defer
from mentorship.relationships import pairings
from mentorship.relationships.contacts.models import (
    LONGEST,
    Update,
    UpdateCopy,
    UpdateDeed,
)
from mentorship.relationships.models import Pairing, PairingState
from mentorship.tenancy import queries as tenancy
from mentorship.tenancy import roles
from mentorship.tenancy.members import Member
from mentorship.tenancy.models import Membership
from mentorship.tenancy.roles import Permission
from mentorship.vocabulary.kinds import Kind

#: The longest line for one mentor, in characters.
LONGEST_LINE = 300
#: How long an update waits before it goes out, so that it can be taken back.
WAITS = timedelta(minutes=10)
#: So many updates are listed.
SHOWN = 30
#: States in which a mentor hears of a student; in a pause nobody is written to.
HEARS = (PairingState.ACCEPTED, PairingState.ACTIVE)

_mentor = aliased(Membership)
_MENTORS = (
    select(Pairing.id, Pairing.kind, Pairing.mentor_id, _mentor.name)
    .join(_mentor, _mentor.id == Pairing.mentor_id)
    .where(
        Pairing.mentee_id == bindparam("member_id"),
        Pairing.state.in_(HEARS),
        _mentor.left_at.is_(None),
    )
    .order_by(Pairing.began_at, Pairing.id)
)
_MINE = select(Update).where(
    Update.id == bindparam("update_id"), Update.by_id == bindparam("member_id")
)
_ONE = select(Update).where(Update.id == bindparam("update_id")).with_for_update()
_COPIES = select(UpdateCopy).where(UpdateCopy.update_id == bindparam("update_id"))
_SHOWN = (
    select(
        UpdateCopy.pairing_id,
        Pairing.mentor_id,
        Pairing.kind,
        _mentor.name,
        UpdateCopy.line,
        UpdateCopy.sent_at,
        UpdateCopy.well_done_at,
    )
    .join(Pairing, Pairing.id == UpdateCopy.pairing_id)
    .join(_mentor, _mentor.id == Pairing.mentor_id)
    .where(UpdateCopy.update_id == bindparam("update_id"))
    .order_by(_mentor.name, UpdateCopy.pairing_id)
)
_newest = (
    select(Update.id)
    .where(Update.by_id == bindparam("member_id"))
    .order_by(Update.saved_at.desc(), Update.id.desc())
    .limit(SHOWN)
    .subquery()
)
_LISTED = (
    select(
        Update.id,
        Update.words,
        Update.saved_at,
        Update.send_at,
        Update.sent_at,
        _mentor.name,
        UpdateCopy.well_done_at,
    )
    .join(_newest, _newest.c.id == Update.id)
    .join(UpdateCopy, UpdateCopy.update_id == Update.id)
    .join(Pairing, Pairing.id == UpdateCopy.pairing_id)
    .join(_mentor, _mentor.id == Pairing.mentor_id)
    .order_by(Update.saved_at.desc(), Update.id.desc(), _mentor.name)
)


class NotSaid(Refusal):
    sentence = f"Write an update of 1 to {LONGEST} characters."


class LineTooLong(Refusal):
    sentence = f"Keep the line for each mentor within {LONGEST_LINE} characters."


class ToNobody(Refusal):
    sentence = "Choose at least one of your mentors."


class OnItsWay(Refusal):
    sentence = "This update is on its way. Take it back first, then change it."


class NotOnItsWay(Refusal):
    sentence = "This update has gone out, or was taken back before."


class Mentor(NamedTuple):
    """Somebody whom a student can write to."""

    pairing_id: UUID
    kind: Kind
    member_id: UUID
    name: str


class Copy(NamedTuple):
    """An update as it goes to one mentor."""

    pairing_id: UUID
    mentor_id: UUID
    kind: Kind
    name: str
    line: str
    sent_at: datetime | None
    well_done_at: datetime | None


class Listed(NamedTuple):
    """An update in the list of a student's own."""

    id: UUID
    words: str
    saved_at: datetime
    send_at: datetime | None
    sent_at: datetime | None
    to: list[str]
    well_done: list[str]


def mentors_of(member: Member) -> list[Mentor]:
    """Whom a student can write to, each once, however many kinds they mentor in."""
    found: dict[UUID, Mentor] = {}
    for row in db.session.execute(_MENTORS, {"member_id": member.id}):
        found.setdefault(row.mentor_id, Mentor(row.id, Kind(row.kind), row.mentor_id, row.name))
    return list(found.values())


def mine(update_id: UUID, *, member: Member) -> Update:
    """An update that this member wrote.

    :raises NotYours: there is none.
    """
    facts = {"update_id": update_id, "member_id": member.id}
    found = db.session.scalars(_MINE, facts).one_or_none()
    if found is None:
        raise NotYours
    return found


def copies(update_id: UUID) -> list[Copy]:
    """To whom an update goes or went, by name."""
    rows = db.session.execute(_SHOWN, {"update_id": update_id})
    return [Copy(row[0], row[1], Kind(row[2]), *row[3:]) for row in rows]


def listed(member: Member) -> list[Listed]:
    """A student's own updates, the newest first, drafts among them."""
    found: dict[UUID, Listed] = {}
    for row in db.session.execute(_LISTED, {"member_id": member.id}):
        one = found.setdefault(row.id, Listed(*row[:5], [], []))
        one.to.append(row.name)
        if row.well_done_at:
            one.well_done.append(row.name)
    return list(found.values())


def save(
    update: Update | None,
    *,
    words: str,
    to: Sequence[UUID],
    lines: Mapping[UUID, str],
    own_address: bool,
    by: Member,
    now: datetime,
) -> Update:
    """Keep a draft: a new one, or what has changed in one.

    `to` are pairings; `lines` is what a mentor who is new to it first gets as their own line.

    :raises NotSaid: there is no text, or too much.
    :raises ToNobody: nobody was chosen whom the student can write to.
    :raises NotYours: it is somebody else's.
    :raises OnItsWay: it is sent, or about to be.
    """
    words = words.strip()
    if not 1 <= len(words) <= LONGEST:
        raise NotSaid
    chosen = {one.pairing_id for one in mentors_of(by)} & set(to)
    if not chosen:
        raise ToNobody
    if update is None:
        update = Update(by_id=by.id)
    else:
        _take(update, by=by)
    update.words, update.own_address, update.saved_at = words, own_address, now
    db.session.add(update)
    db.session.flush()
    there = {copy.pairing_id for copy in _copies(update)}
    db.session.execute(
        delete(UpdateCopy).where(
            UpdateCopy.update_id == update.id, UpdateCopy.pairing_id.not_in(chosen)
        )
    )
    db.session.add_all(
        UpdateCopy(update_id=update.id, pairing_id=one, line=lines.get(one, "")[:LONGEST_LINE])
        for one in chosen - there
    )
    trail.record(UpdateDeed.SAVED, update, by=by, now=now)
    return update


def drop(update: Update, *, by: Member, now: datetime) -> None:
    """Throw a draft away.

    :raises NotYours: it is somebody else's.
    :raises OnItsWay: it is sent, or about to be.
    """
    _take(update, by=by)
    trail.record(UpdateDeed.DROPPED, update, by=by, now=now)
    db.session.execute(delete(UpdateCopy).where(UpdateCopy.update_id == update.id))
    db.session.delete(update)


def send(update: Update, *, lines: Mapping[UUID, str], by: Member, now: datetime) -> None:
    """Send an update in ten minutes, each mentor's copy under the line that stands in `lines`.

    :raises NotYours: it is somebody else's.
    :raises OnItsWay: it is sent, or about to be.
    :raises LineTooLong: a line for one of them is.
    :raises ToNobody: none of those it was for can be written to anymore.
    """
    _take(update, by=by)
    if any(len(line) > LONGEST_LINE for line in lines.values()):
        raise LineTooLong
    there = {one.pairing_id for one in mentors_of(by)}
    to = _copies(update)
    if not any(copy.pairing_id in there for copy in to):
        raise ToNobody
    for copy in to:
        copy.line = lines.get(copy.pairing_id, copy.line).strip()
    update.send_at = now + WAITS
    defer("send_update", at=update.send_at, chapter_id=str(scope.here()), update_id=str(update.id))
    trail.record(UpdateDeed.SENDING, update, by=by, now=now)


def take_back(update: Update, *, by: Member, now: datetime) -> None:
    """Make a draft of it again, before it goes out.

    :raises NotYours: it is somebody else's.
    :raises NotOnItsWay: it is sent, or a draft.
    """
    _lock(update, by=by)
    if update.send_at is None or update.sent_at is not None:
        raise NotOnItsWay
    update.send_at = None
    trail.record(UpdateDeed.TAKEN_BACK, update, by=by, now=now)


def go_out(update_id: UUID, *, now: datetime) -> None:
    """Have an update mailed whose minutes are over. It is contact with each who hears of it.

    Taken back, sent before, or moved to a later moment, nothing happens.
    """
    update = db.session.scalars(_ONE, {"update_id": update_id}).one_or_none()
    if update is None or update.send_at is None or update.sent_at or now < update.send_at:
        return
    by = tenancy.member(update.by_id)
    there = {one.pairing_id for one in mentors_of(by)}
    today = clock.day(now, tenancy.card().zone)
    update.sent_at = now
    for copy in sorted(_copies(update), key=lambda copy: copy.pairing_id):
        if copy.pairing_id in there:
            copy.sent_at = now
            pairing = db.session.get_one(Pairing, (scope.here(), copy.pairing_id))
            pairings.alone(pairing)
            pairings.touched(pairing, on=today)
    trail.record(UpdateDeed.SENT, update, by=by, now=now)


def well_done(update: Update, copy: UpdateCopy, *, by: Member, now: datetime) -> bool:
    """The mentor says "well done". Whether that is new: a second tap changes nothing."""
    db.session.refresh(copy, with_for_update=True)
    if copy.well_done_at is not None:
        return False
    copy.well_done_at = now
    trail.record(UpdateDeed.WELL_DONE, update, by=by, now=now)
    return True


def received(update_id: UUID, *, mentor: Member) -> tuple[Update, UpdateCopy, Pairing]:
    """An update that went to this mentor, with their copy of it and the pairing.

    :raises NotYours: none did, or the pairing is over.
    """
    wanted = (
        select(Update, UpdateCopy, Pairing)
        .join(UpdateCopy, UpdateCopy.update_id == Update.id)
        .join(Pairing, Pairing.id == UpdateCopy.pairing_id)
        .where(
            Update.id == update_id,
            UpdateCopy.sent_at.is_not(None),
            Pairing.mentor_id == mentor.id,
            Pairing.state.in_((*HEARS, PairingState.PAUSED)),
        )
    )
    found: Any = db.session.execute(wanted).first()
    if found is None:
        raise NotYours
    return found[0], found[1], found[2]


def _take(update: Update, *, by: Member) -> None:
    _lock(update, by=by)
    if update.send_at is not None:
        raise OnItsWay


def _lock(update: Update, *, by: Member) -> None:
    roles.insist(Permission.UPDATE_WRITE, update, by=by)
    db.session.refresh(update, with_for_update=True)


def _copies(update: Update) -> Sequence[UpdateCopy]:
    return db.session.scalars(_COPIES, {"update_id": update.id}).all()
