"""What can be done with a pairing. Each verb changes the world once and leaves one deed."""

from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError

from mentorship.accounts import users
from mentorship.accounts.models import User
from mentorship.audit import trail
from mentorship.foundation import scope
from mentorship.foundation.database import db
from mentorship.foundation.errors import Refusal
from mentorship.relationships import conflicts, rematch, states
from mentorship.relationships.models import (
    OPEN,
    Pairing,
    PairingChange,
    PairingDeed,
    PairingState,
    PlaceTaken,
)
from mentorship.relationships.queries import open_between
from mentorship.relationships.states import Act
from mentorship.tenancy.members import Member
from mentorship.tenancy.models import Chapter, Membership
from mentorship.vocabulary.kinds import Kind


class AlreadyPaired(Refusal):
    sentence = "The two of them are paired already."


class MentorFull(Refusal):
    sentence = "This mentor has no place left. Every place is taken, here or in another chapter."


class LeftMeanwhile(Refusal):
    sentence = "One of the two has left this chapter."


class Ending(Protocol):
    """Something of a room above that cannot go on once a pairing has ended."""

    def __call__(self, pairing: Pairing, *, by: Member | None, now: datetime) -> None: ...


class Parting(Protocol):
    """Something of a room above that cannot go on once two people are kept apart."""

    def __call__(self, one: Member, other: Member, *, by: Member, now: datetime) -> None: ...


_endings: list[Ending] = []
_partings: list[Parting] = []


def ends_along(ending: Ending) -> Ending:
    """Have this done in the same transaction, whenever a pairing ends."""
    _endings.append(ending)
    return ending


def parts_along(parting: Parting) -> Parting:
    """Have this done in the same transaction, whenever two people are kept apart."""
    _partings.append(parting)
    return parting


def begin(
    *,
    mentee: Member,
    mentor: Member,
    kind: Kind,
    by: Member | None,
    now: datetime,
    topic: str | None = None,
    state: PairingState = PairingState.ACCEPTED,
    fit: int | None = None,
    reasons: list[dict[str, Any]] | None = None,
) -> Pairing:
    """Pair two members for one kind, and take one of the mentor's places, over all chapters.

    `state` is PROPOSED for a student who asked and waits for an answer, ACCEPTED otherwise.

    :raises conflicts.Blocked: one of them asked not to be paired with the other.
    :raises conflicts.Evaluates: a wellness mentor may not judge the mentee.
    :raises AlreadyPaired: they are, and the chapter does not allow one person two kinds.
    :raises MentorFull: no place is left.
    :raises LeftMeanwhile: one of them left the chapter at this moment.
    """
    users.lock(mentor.user_id, mentee.user_id)
    _insist_on_here(mentee, mentor)
    conflicts.insist_on_none(mentee=mentee, mentor=mentor, kind=kind, now=now)
    insist_on_one_kind(mentee_id=mentee.id, mentor_id=mentor.id)
    insist_on_room(mentor.user_id)
    pairing = Pairing(
        mentee_id=mentee.id,
        mentor_id=mentor.id,
        mentee_user_id=mentee.user_id,
        mentor_user_id=mentor.user_id,
        kind=kind,
        topic=topic,
        state=state,
        fit=fit,
        reasons=reasons or [],
        began_at=now,
    )
    try:
        with db.session.begin_nested():
            db.session.add(pairing)
    except IntegrityError as clash:
        raise AlreadyPaired from clash
    take_place(pairing)
    deed = PairingDeed.PROPOSED if state is PairingState.PROPOSED else PairingDeed.ACCEPTED
    trail.record(deed, pairing, by=by, now=now, kind=kind)
    if state is not PairingState.PROPOSED:
        rematch.found(pairing, now=now)
    return pairing


def take_place(pairing: Pairing) -> None:
    """Count an open pairing among the mentor's. Whoever asks has seen that there is room."""
    db.session.add(
        PlaceTaken(user_id=pairing.mentor_user_id, pairing_id=pairing.id, chapter_id=scope.here())
    )


def turn(
    pairing: Pairing,
    state: PairingState,
    *,
    by: Member | None,
    now: datetime,
    words: str = "",
    until: date | None = None,
) -> UUID:
    """Let a pairing become something else, and keep that it did, for the two to read.

    Says under which id it is kept.
    """
    change = PairingChange(
        pairing_id=pairing.id,
        by_id=by.id if by else None,
        at=now,
        before=pairing.state,
        state=state,
        words=words,
        until=until,
    )
    db.session.add(change)
    pairing.state = state
    pairing.paused_until = until
    db.session.flush()
    return change.id


def alone(pairing: Pairing) -> None:
    """Have a pairing and its people alone until the change is kept or dropped, as it is now."""
    # In the order in which every verb locks: first the people, then what is theirs.
    users.lock(pairing.mentor_user_id, pairing.mentee_user_id)
    db.session.refresh(pairing, with_for_update=True)


def accept(pairing: Pairing, *, by: Member | None, now: datetime) -> None:
    """The mentor said yes. Saying it twice changes nothing."""
    if pairing.state != PairingState.PROPOSED:
        return
    states.insist_on_may(Act.ACCEPT, pairing, by=by)
    turn(pairing, PairingState.ACCEPTED, by=by, now=now)
    trail.record(PairingDeed.ACCEPTED, pairing, by=by, now=now, kind=pairing.kind)
    rematch.found(pairing, now=now)


def met(pairing: Pairing, *, on: date, now: datetime) -> None:
    """They have met, on a day of the chapter's calendar: the pairing is active."""
    pairing.first_met_at = pairing.first_met_at or now
    if pairing.state in (PairingState.PROPOSED, PairingState.ACCEPTED):
        pairing.state = PairingState.ACTIVE
    touched(pairing, on=on)


def touched(pairing: Pairing, *, on: date) -> None:
    """There was contact on that day."""
    pairing.last_contact_on = max(filter(None, (pairing.last_contact_on, on)))


def end(
    pairing: Pairing,
    *,
    by: Member | None,
    now: datetime,
    state: PairingState = PairingState.ENDED,
    words: str = "",
) -> None:
    """Close a pairing, free the mentor's place, and let go of whatever hangs on it.

    `state` is COMPLETED when it ran its course; `words` are for the other one to read.

    :raises NotYours: `by` is neither of the two, nor somebody who runs the chapter.
    :raises NotOpen: it was closed before.
    :raises NotBegun: it was never more than asked for, so it cannot be complete.
    """
    alone(pairing)
    act = Act.COMPLETE if state is PairingState.COMPLETED else Act.END
    states.insist_on_may(act, pairing, by=by)
    before = pairing.state
    pairing.ended_at = now
    change_id = turn(pairing, state, by=by, now=now, words=words)
    db.session.execute(
        delete(PlaceTaken).where(
            PlaceTaken.user_id == pairing.mentor_user_id, PlaceTaken.pairing_id == pairing.id
        )
    )
    told = {"before": before, "state": state, "change_id": change_id}
    trail.record(PairingDeed.ENDED, pairing, by=by, now=now, **told)
    for ending in _endings:
        ending(pairing, by=by, now=now)


def _insist_on_here(*two: Member) -> None:
    """Check, now that leaving would wait, that neither has left since they were looked up."""
    left = select(Membership.id).where(
        Membership.id.in_([one.id for one in two]), Membership.left_at.is_not(None)
    )
    if db.session.execute(left.limit(1)).first():
        raise LeftMeanwhile


def part(*, other: Member, by: Member, now: datetime) -> None:
    """Keep two people apart from now on, and end whatever is open between them.

    Doing it twice changes nothing.
    """
    users.lock(other.user_id, by.user_id)
    conflicts.block(other=other, by=by, now=now)
    _let_go(by, other, by=by, now=now)


def keep_apart(*, one: Member, other: Member, by: Member, now: datetime) -> bool:
    """Keep two others apart as somebody who runs the chapter, and end what is open between them.

    Says whether `by` had not done so before.
    """
    users.lock(one.user_id, other.user_id)
    made = conflicts.separate(one=one, other=other, by=by, now=now)
    _let_go(one, other, by=by, now=now)
    return made


def _let_go(one: Member, other: Member, *, by: Member, now: datetime) -> None:
    for pairing in open_between(other.id, one):
        end(pairing, by=by, now=now)
    for parting in _partings:
        parting(one, other, by=by, now=now)


def places_left(user_ids: list[UUID]) -> dict[UUID, int]:
    """How many more mentees each person has room for, over all kinds and chapters."""
    taken = places_taken(user_ids)
    rows = db.session.execute(select(User.id, User.places).where(User.id.in_(user_ids)))
    return {user_id: (places or 0) - taken.get(user_id, 0) for user_id, places in rows}


def places_taken(user_ids: list[UUID]) -> dict[UUID, int]:
    """How many places of each person are taken, over all kinds and chapters."""
    taken_by = func.places_taken_by(user_ids).table_valued("user_id", "taken")
    rows = db.session.execute(select(taken_by.c.user_id, taken_by.c.taken))
    return {user_id: taken for user_id, taken in rows}


def insist_on_room(user_id: UUID) -> None:
    """Check that a mentor has a place left, over all kinds and chapters.

    :raises MentorFull: they have none.
    """
    if places_left([user_id])[user_id] < 1:
        raise MentorFull


def insist_on_one_kind(*, mentee_id: UUID, mentor_id: UUID) -> None:
    """Check that the two are not paired yet, or that the chapter allows them a second kind.

    :raises AlreadyPaired: they are, and it does not.
    """
    paired = select(Pairing.id).where(
        Pairing.mentee_id == mentee_id, Pairing.mentor_id == mentor_id, Pairing.state.in_(OPEN)
    )
    allowed = select(Chapter.two_kinds_by_one_mentor).where(Chapter.id == scope.here())
    if db.session.execute(paired).first() and not db.session.execute(allowed).scalar_one():
        raise AlreadyPaired
