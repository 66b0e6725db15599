"""What can be done when a pairing comes to its end: finish it kindly, and take that back."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from mentorship.audit import trail
from mentorship.foundation.database import db
from mentorship.foundation.errors import Refusal
from mentorship.relationships import conflicts, pairings, pauses, rematch, states
from mentorship.relationships.models import (
    Pairing,
    PairingChange,
    PairingDeed,
    PairingState,
    Parting,
    Why,
)
from mentorship.relationships.states import Act
from mentorship.tenancy import queries as tenancy
from mentorship.tenancy import roles
from mentorship.tenancy.members import Member
from mentorship.tenancy.models import Membership
from mentorship.tenancy.roles import Permission
from mentorship.vocabulary.kinds import Kind

#: The longest that is said with an ending, to the other or in private, in characters.
LONGEST = 500
#: For how long whoever finished a pairing may take it back.
REGRET = timedelta(days=7)
#: For how long coordinators are shown what they were told.
TOLD_FOR = timedelta(days=90)

_LAST_CHANGE = (
    select(PairingChange.by_id)
    .where(PairingChange.pairing_id == bindparam("pairing_id"))
    .order_by(PairingChange.at.desc(), PairingChange.id.desc())
    .limit(1)
)
_LAST_BEFORE = _LAST_CHANGE.with_only_columns(PairingChange.before)
_mentee, _mentor, _by = aliased(Membership), aliased(Membership), aliased(Membership)
_TOLD = (
    select(
        Parting.id,
        Parting.pairing_id,
        Pairing.kind,
        _mentee.name.label("mentee_name"),
        _mentor.name.label("mentor_name"),
        _by.name.label("by_name"),
        Parting.why,
        Parting.words,
        Parting.at,
    )
    .join(Pairing, Pairing.id == Parting.pairing_id)
    .join(_mentee, _mentee.id == Pairing.mentee_id)
    .join(_mentor, _mentor.id == Pairing.mentor_id)
    .join(_by, _by.id == Parting.by_id)
    .where(Parting.told, Parting.at > bindparam("since"))
    .order_by(Parting.at.desc(), Parting.id)
)


class TooLong(Refusal):
    sentence = f"Keep it within {LONGEST} characters."


class StaysBetweenTheTwo(Refusal):
    sentence = "Of wellness mentoring, nothing is told to coordinators."


class TooLate(Refusal):
    sentence = "This can be taken back for seven days, and they are over."


class NotByYou(Refusal):
    sentence = "Only whoever finished this pairing can take that back."


class NeverBegun(Refusal):
    sentence = "This was only asked for. Ask again instead."


class Told(NamedTuple):
    """Why a pairing ended, from somebody who wants coordinators to know."""

    id: UUID
    pairing_id: UUID
    kind: Kind
    mentee_name: str
    mentor_name: str
    by_name: str
    why: Why
    words: str
    at: datetime


def finish(
    pairing: Pairing,
    *,
    by: Member,
    now: datetime,
    state: PairingState = PairingState.ENDED,
    words: str = "",
    why: Why | None = None,
    in_private: str = "",
    tell: bool = False,
    another: bool = False,
) -> None:
    """Close a pairing as one of the two.

    The other one reads `words`, and never `why` nor what is said `in_private`; coordinators read
    those two only if `by` says so with `tell`. With `another` the mentee asks for another mentor.

    :raises NotYours: `by` is not one of the two.
    :raises TooLong: either text is longer than a few lines.
    :raises StaysBetweenTheTwo: it is wellness mentoring, and coordinators were to be told.
    :raises states.NotOpen, states.NotBegun: as `pairings.end` does.
    """
    roles.insist(Permission.PAIRING_END, pairing, by=by)
    words, in_private = words.strip(), in_private.strip()
    if max(len(words), len(in_private)) > LONGEST:
        raise TooLong
    if tell and pairing.kind == Kind.WELLNESS:
        raise StaysBetweenTheTwo
    pairings.end(pairing, by=by, now=now, state=state, words=words)
    if why or in_private:
        db.session.add(
            Parting(
                pairing_id=pairing.id,
                by_id=by.id,
                at=now,
                why=why or Why.OTHER,
                words=in_private,
                told=tell,
            )
        )
    if another and by.id == pairing.mentee_id:
        rematch.wish(pairing, by=by, now=now)


def reopen(pairing: Pairing, *, by: Member, now: datetime) -> None:
    """Take an ending back: the pairing is again what it was, and the place taken again.

    Meetings that were called off stay so. A wish for another mentor is withdrawn.

    :raises NotYours: `by` is not one of the two.
    :raises states.NothingToReopen: it is open.
    :raises NotByYou: somebody else finished it.
    :raises TooLate: it was more than seven days ago.
    :raises NeverBegun: it was a request that came to nothing.
    :raises pairings.MentorFull: the place has been given to somebody else.
    :raises pairings.AlreadyPaired: the two are paired anew.
    :raises conflicts.Blocked, conflicts.Evaluates: the two may not be paired anymore.
    """
    pairings.alone(pairing)
    states.insist_on_may(Act.REOPEN, pairing, by=by)
    facts = {"pairing_id": pairing.id}
    if db.session.scalar(_LAST_CHANGE, facts) != by.id:
        raise NotByYou
    if pairing.ended_at is None or now - pairing.ended_at > REGRET:
        raise TooLate
    if db.session.scalar(_LAST_BEFORE, facts) == PairingState.PROPOSED:
        raise NeverBegun
    conflicts.insist_on_none(
        mentee=tenancy.member(pairing.mentee_id),
        mentor=tenancy.member(pairing.mentor_id),
        kind=Kind(pairing.kind),
        now=now,
    )
    pairings.insist_on_one_kind(mentee_id=pairing.mentee_id, mentor_id=pairing.mentor_id)
    pairings.insist_on_room(pairing.mentor_user_id)
    try:
        with db.session.begin_nested():
            pairing.ended_at = None
            change_id = pairings.turn(pairing, pauses.under_way(pairing), by=by, now=now)
    except IntegrityError as clash:
        raise pairings.AlreadyPaired from clash
    pairings.take_place(pairing)
    rematch.found(pairing, now=now)
    trail.record(PairingDeed.REOPENED, pairing, by=by, now=now, change_id=change_id)


def told_to_coordinators(*, now: datetime) -> Sequence[Told]:
    """What coordinators were told of endings in the last 90 days, newest first."""
    rows = db.session.execute(_TOLD, {"since": now - TOLD_FOR})
    return [Told(**row._asdict() | {"kind": Kind(row.kind), "why": Why(row.why)}) for row in rows]
