"""What can be done with a wait. Each verb changes the world once and leaves one deed.

A place goes first to whoever has no mentor in the chapter yet, since a first mentor for everyone
comes before a second for anyone; among equals to whoever has waited longest, over every chapter
that the mentor belongs to.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, select

from mentorship.accounts import users
from mentorship.audit import trail
from mentorship.foundation import scope
from mentorship.foundation.database import db
from mentorship.foundation.errors import Refusal
from mentorship.foundation.queue import defer
from mentorship.relationships import conflicts, pairings
from mentorship.relationships.models import Pairing, PlaceTaken
from mentorship.scheduling import queries as scheduling
from mentorship.scheduling import rules
from mentorship.scheduling.waiting import queries
from mentorship.scheduling.waiting.models import ON_THE_LIST, Wait, WaitDeed, WaitState
from mentorship.tenancy import queries as tenancy
from mentorship.tenancy import roles
from mentorship.tenancy.members import Member
from mentorship.tenancy.roles import Permission
from mentorship.vocabulary.kinds import Kind

#: How long a place that has opened is held for whoever it is offered to.
OFFER = timedelta(hours=72)
#: With how many mentors of a chapter one student may wait: as many as requests may be open.
MOST = rules.OPEN_REQUESTS


class NotFull(Refusal):
    sentence = "This mentor has a place right now. Ask for a first conversation instead."


class PairedAlready(Refusal):
    sentence = "You are paired with this mentor, or have asked already."


class TooManyWaits(Refusal):
    sentence = f"You are on {MOST} waiting lists, which is as many as one person can be on."


class NothingOffered(Refusal):
    sentence = "No place is offered to you at present. You hear by mail when one is."


class OfferOver(Refusal):
    sentence = "The time to answer is over, and the place has been offered to the next."


def join(*, mentor: Member, kind: Kind, why: str, by: Member, now: datetime) -> Wait:
    """Wait for a place with a mentor who has none. Who waits already goes on waiting.

    :raises rules.Yourself, rules.KindNotOffered, rules.Paused: not with this mentor, or not now.
    :raises NotFull, PairedAlready: there is nothing to wait for.
    :raises conflicts.Blocked, conflicts.Evaluates: the two may not be paired.
    :raises TooManyWaits: `by` waits for enough others.
    """
    if mentor.user_id == by.user_id:
        raise rules.Yourself
    users.lock(mentor.user_id, by.user_id)
    if (wait := queries.open_between(mentor.id, member=by)) is not None:
        return wait
    card = scheduling.bookable(mentor.id, member=by)
    if card.pairings:
        raise PairedAlready
    if kind not in card.offers:
        raise rules.KindNotOffered
    if card.paused:
        raise rules.Paused
    if card.taken < card.places:
        raise NotFull
    conflicts.insist_on_none(mentee=by, mentor=mentor, kind=kind, now=now)
    mine = select(func.count(Wait.id)).where(Wait.mentee_id == by.id, Wait.state.in_(ON_THE_LIST))
    if db.session.scalars(mine).one() >= MOST:
        raise TooManyWaits
    wait = Wait(
        mentee_id=by.id,
        mentor_id=mentor.id,
        mentee_user_id=by.user_id,
        mentor_user_id=mentor.user_id,
        kind=kind,
        why=why,
        state=WaitState.WAITING,
        joined_at=now,
    )
    db.session.add(wait)
    db.session.flush()
    trail.record(WaitDeed.JOINED, wait, by=by, now=now, kind=kind)
    return wait


def leave(wait: Wait, *, by: Member, now: datetime) -> None:
    """Wait no more. A place that was offered goes to the next. Twice changes nothing.

    :raises NotYours: `by` is not the one who waits.
    """
    roles.insist(Permission.WAIT_LEAVE, wait, by=by)
    _lock(wait)
    if wait.state in ON_THE_LIST:
        _end(wait, WaitState.LEFT, now=now)
        trail.record(WaitDeed.LEFT, wait, by=by, now=now)


def offer(wait_id: UUID, *, now: datetime) -> bool:
    """Offer a place to one who waits, and hold it. Says whether one was left to offer.

    Nothing happens when it may not be theirs (anymore).
    """
    wait = db.session.scalars(select(Wait).where(Wait.id == wait_id)).one()
    _lock(wait)
    if pairings.places_left([wait.mentor_user_id])[wait.mentor_user_id] < 1:
        return False
    if wait.state != WaitState.WAITING or not queries.may_have_it(wait, now=now):
        return True
    wait.state, wait.offered_until = WaitState.OFFERED, now + OFFER
    # Under the id of the wait it counts like any other place, in every chapter.
    db.session.add(
        PlaceTaken(user_id=wait.mentor_user_id, pairing_id=wait.id, chapter_id=scope.here())
    )
    facts = {"chapter_id": str(scope.here()), "wait_id": str(wait.id)}
    defer("lapse_offer", at=wait.offered_until, **facts)
    trail.record(WaitDeed.OFFERED, wait, by=None, now=now, until=wait.offered_until)
    return True


def take(wait: Wait, *, by: Member, now: datetime) -> None:
    """Say yes to the place that is offered: the two are paired. Twice changes nothing.

    As in a matching run nobody is asked again: whoever names a number of places has said yes to
    it, and lowers it or pauses to have no more.

    :raises NotYours: `by` is not the one who waits.
    :raises NothingOffered, OfferOver: there is no place to take (anymore).
    :raises Refusal: as `pairings.begin` does.
    """
    roles.insist(Permission.WAIT_TAKE, wait, by=by)
    _lock(wait)
    if wait.state == WaitState.TAKEN:
        return
    if wait.state == WaitState.LAPSED:
        raise OfferOver
    roles.insist_on_state(Permission.WAIT_TAKE, wait, NothingOffered)
    if wait.offered_until is None or now >= wait.offered_until:
        raise OfferOver
    mentor = tenancy.member(wait.mentor_id)
    with db.session.begin_nested():  # a refusal leaves the place held
        _release(wait)
        pairing = pairings.begin(mentee=by, mentor=mentor, kind=Kind(wait.kind), by=by, now=now)
    wait.state, wait.ended_at = WaitState.TAKEN, now
    trail.record(WaitDeed.TAKEN, wait, by=by, now=now, pairing_id=pairing.id)


def lapse(wait_id: UUID, *, now: datetime) -> None:
    """Let go of an offer that nobody answered. Does nothing when it is too early."""
    wait = db.session.scalars(select(Wait).where(Wait.id == wait_id)).one_or_none()
    if wait is None:
        return
    _lock(wait)
    if wait.state == WaitState.OFFERED and wait.offered_until and now >= wait.offered_until:
        _end(wait, WaitState.LAPSED, now=now)
        trail.record(WaitDeed.LAPSED, wait, by=None, now=now)


@pairings.ends_along
def make_room(pairing: Pairing, *, by: Member | None, now: datetime) -> None:
    """Have the place of a pairing that has ended offered to whoever waits."""
    look_for_room(pairing.mentor_user_id)


def look_for_room(mentor_user_id: UUID) -> None:
    """Have every place that this person has left offered to whoever waits, in any chapter."""
    defer("offer_places", lock=f"places {mentor_user_id}", user_id=str(mentor_user_id))


def _lock(wait: Wait) -> None:
    users.lock(wait.mentor_user_id, wait.mentee_user_id)
    db.session.refresh(wait, with_for_update=True)


def _end(wait: Wait, state: WaitState, *, now: datetime) -> None:
    held = wait.state == WaitState.OFFERED
    wait.state, wait.ended_at = state, now
    db.session.flush()
    if held:
        _release(wait)
        look_for_room(wait.mentor_user_id)


def _release(wait: Wait) -> None:
    db.session.execute(
        delete(PlaceTaken)
        .where(PlaceTaken.user_id == wait.mentor_user_id, PlaceTaken.pairing_id == wait.id)
        .execution_options(synchronize_session=False)
    )
