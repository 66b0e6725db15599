"""What can be done with conference meet-ups. Each verb changes the world once.

Like every verb that touches time these lock the people first, then look, then write; that nobody
is in two places at once is for the database to say.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from operator import attrgetter
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from mentorship.accounts import users
from mentorship.audit import trail
from mentorship.foundation import clock
from mentorship.foundation.database import db
from mentorship.foundation.errors import Refusal
from mentorship.relationships import conflicts
from mentorship.scheduling import holds
from mentorship.scheduling.conference.models import (
    LENGTHS,
    ConferenceBlock,
    ConferenceDeed,
    MeetUp,
    MeetUpState,
)
from mentorship.scheduling.feeds import queries as calendars
from mentorship.scheduling.feeds.kinds import Blocks
from mentorship.scheduling.slots import Span
from mentorship.tenancy import roles
from mentorship.tenancy.members import Member
from mentorship.tenancy.roles import Permission

#: As much of a day as somebody may stand somewhere, and how far ahead that may be.
LONGEST = timedelta(hours=8)
FARTHEST = timedelta(days=366)


class NoLength(Refusal):
    sentence = "Choose 5, 10 or 15 minutes."


class EndsTooSoon(Refusal):
    sentence = "That is not long enough for one talk. Let it end later."


class TooLong(Refusal):
    sentence = "Eight hours are the most. Open a second one for the rest."


class IsOver(Refusal):
    sentence = "That has begun already. Choose a later time."


class TooFarOff(Refusal):
    sentence = "That is more than a year ahead. Open it once it is closer."


class NoSuchZone(Refusal):
    sentence = "Choose a time zone from the list."


class Closed(Refusal):
    sentence = "These meet-ups are called off or over. Look for others."


class NoSuchSlot(Refusal):
    sentence = "Choose one of the times that are offered."


class SlotTaken(Refusal):
    sentence = "Someone else has just taken that time. Choose another."


class OneEach(Refusal):
    sentence = "You have a time here already. Give it back first to take another."


class OnShift(Refusal):
    sentence = "You have a shift then, by your own calendar. Choose another time."


class HasBegun(Refusal):
    sentence = "It has begun already."


def open_block(
    *,
    conference: str,
    session: str,
    place: str,
    zone: str,
    starts_at: datetime,
    ends_at: datetime,
    minutes: int,
    by: Member,
    now: datetime,
) -> ConferenceBlock:
    """Let students of the chapter meet `by` at a conference, and hold that time.

    :raises NoLength, EndsTooSoon, TooLong, IsOver, TooFarOff, NoSuchZone: it cannot be like that.
    :raises OnShift: `by` works then. Anything else in their calendar may be the conference itself.
    :raises holds.AlreadyBusy: `by` has something else then, in whichever chapter.
    """
    if minutes not in LENGTHS:
        raise NoLength
    if zone not in clock.zones():
        raise NoSuchZone
    if ends_at - starts_at < timedelta(minutes=minutes):
        raise EndsTooSoon
    if ends_at - starts_at > LONGEST:
        raise TooLong
    _insist_on_when(starts_at, now=now)
    users.lock(by.user_id)
    span = Span(starts_at, ends_at)
    _insist_on_no_shift(span, by=by, now=now)
    block = ConferenceBlock(
        mentor_id=by.id,
        mentor_user_id=by.user_id,
        conference=conference,
        session=session,
        place=place,
        zone=zone,
        starts_at=starts_at,
        ends_at=ends_at,
        minutes=minutes,
        opened_at=now,
    )
    with db.session.begin_nested():  # a refusal leaves nothing behind
        db.session.add(block)
        db.session.flush()
        holds.hold(block.id, by.user_id, span, own=True)
    trail.record(ConferenceDeed.OPENED, block, by=by, now=now, starts_at=starts_at)
    return block


def change(
    block: ConferenceBlock, *, starts_at: datetime, place: str, by: Member, now: datetime
) -> None:
    """Move a block to another time or place, and every time in it that is taken by as much.

    It stays as long as it is. A student who has something else then loses the time, and is told
    so. It leaves one deed for each time that is taken. To what it is already, it changes nothing.

    :raises NotYours: it is not the block of `by`.
    :raises Closed, HasBegun: it is too late for that.
    :raises IsOver, TooFarOff: it cannot be then.
    :raises OnShift: `by` works then.
    :raises holds.AlreadyBusy: `by` has something else then, in whichever chapter.
    """
    roles.insist(Permission.CONFERENCE_CHANGE, block, by=by)
    taken = select(MeetUp).where(MeetUp.block_id == block.id, MeetUp.state == MeetUpState.TAKEN)
    students = [meet_up.mentee_user_id for meet_up in db.session.scalars(taken)]
    users.lock(by.user_id, *students)
    db.session.refresh(block, with_for_update=True)
    if block.closed_at is not None:
        raise Closed
    _insist_on_ahead(block, now=now)
    by_how_much = starts_at - block.starts_at
    if not by_how_much and place == block.place:
        return
    _insist_on_when(starts_at, now=now)
    span = Span(starts_at, block.ends_at + by_how_much)
    if by_how_much:
        _insist_on_no_shift(span, by=by, now=now)
        holds.hold_anew(block.id, by.user_id, span)
    block.starts_at, block.ends_at = span
    block.place = place
    block.changes += 1
    # The farthest first: nobody moves to where somebody still is.
    again = taken.execution_options(populate_existing=True).with_for_update()
    there = sorted(db.session.scalars(again), key=attrgetter("starts_at"))
    for meet_up in reversed(there) if by_how_much > timedelta() else there:
        if _follows(meet_up, by_how_much):
            deed = ConferenceDeed.CHANGED
            trail.record(deed, meet_up, by=by, now=now, changes=block.changes)
        else:
            _end(meet_up, MeetUpState.CALLED_OFF, now=now)
            trail.record(ConferenceDeed.CALLED_OFF, meet_up, by=by, now=now)


def call_off(block: ConferenceBlock, *, by: Member, now: datetime) -> None:
    """Take a block back; whoever has a time in it is told. Twice changes nothing.

    It leaves one deed for the block, and one for each time that was taken.

    :raises NotYours: it is not the block of `by`.
    :raises HasBegun: it is too late for that.
    """
    roles.insist(Permission.CONFERENCE_CHANGE, block, by=by)
    taken = (
        select(MeetUp)
        .where(MeetUp.block_id == block.id, MeetUp.state == MeetUpState.TAKEN)
        .order_by(MeetUp.starts_at)
        # One that is given back at this moment is not called off as well.
        .with_for_update()
    )
    users.lock(by.user_id)
    db.session.refresh(block, with_for_update=True)
    if block.closed_at is not None:
        return
    _insist_on_ahead(block, now=now)
    block.closed_at = now
    holds.let_go(block.id, [by.user_id])
    for meet_up in db.session.scalars(taken).all():
        _end(meet_up, MeetUpState.CALLED_OFF, now=now)
        trail.record(ConferenceDeed.CALLED_OFF, meet_up, by=by, now=now)
    trail.record(ConferenceDeed.CLOSED, block, by=by, now=now)


def take(
    block: ConferenceBlock, *, starts_at: datetime, question: str, by: Member, now: datetime
) -> MeetUp:
    """Take a few minutes of a block: one time each, up to the moment it begins.

    :raises Closed, NoSuchSlot, HasBegun: that time cannot be taken.
    :raises SlotTaken, OneEach: somebody has it, or `by` has another here.
    :raises holds.AlreadyBusy: `by` has something else then, in whichever chapter.
    :raises conflicts.Blocked: one of the two asked not to meet the other.
    """
    roles.insist(Permission.CONFERENCE_TAKE, block, by=by)
    # The block first: of two who take it while it is called off, one finds what the other did.
    users.lock(block.mentor_user_id, by.user_id)
    db.session.refresh(block, with_for_update=True)
    if block.closed_at is not None or now >= block.ends_at:
        raise Closed
    if starts_at not in slots_of(block):
        raise NoSuchSlot
    if now >= starts_at:
        raise HasBegun
    if conflicts.blocked(by.id, block.mentor_id):
        raise conflicts.Blocked
    _insist_on_free(block.id, starts_at, by=by)
    span = Span(starts_at, starts_at + timedelta(minutes=block.minutes))
    meet_up = MeetUp(
        block_id=block.id,
        mentee_id=by.id,
        mentee_user_id=by.user_id,
        starts_at=span.starts_at,
        ends_at=span.ends_at,
        question=question,
        state=MeetUpState.TAKEN,
        taken_at=now,
    )
    with db.session.begin_nested():
        db.session.add(meet_up)
        try:
            db.session.flush()
        except IntegrityError as clash:
            raise SlotTaken from clash
        holds.hold(meet_up.id, by.user_id, span, own=True)
    trail.record(ConferenceDeed.TAKEN, meet_up, by=by, now=now, starts_at=starts_at)
    return meet_up


def give_back(meet_up: MeetUp, *, by: Member, now: datetime) -> None:
    """Let somebody else have the time. Twice changes nothing.

    :raises NotYours: it is not the time of `by`.
    :raises HasBegun: it is too late for that.
    """
    roles.insist(Permission.CONFERENCE_LEAVE, meet_up, by=by)
    users.lock(by.user_id)
    db.session.refresh(meet_up, with_for_update=True)
    if meet_up.state != MeetUpState.TAKEN:
        return
    _insist_on_ahead(meet_up, now=now)
    _end(meet_up, MeetUpState.GIVEN_BACK, now=now)
    trail.record(ConferenceDeed.GIVEN_BACK, meet_up, by=by, now=now)


def end(meet_up: MeetUp, *, now: datetime) -> None:
    """Call it off for both, as neither of the two has done. Whoever locks the student calls it."""
    _end(meet_up, MeetUpState.CALLED_OFF, now=now)
    trail.record(ConferenceDeed.CALLED_OFF, meet_up, by=None, now=now)


def slots_of(block: ConferenceBlock) -> list[datetime]:
    """When the short talks of a block begin; what is left at the end is too short for one."""
    return list(starts(block.starts_at, block.ends_at, block.minutes))


def starts(starts_at: datetime, ends_at: datetime, minutes: int) -> Iterator[datetime]:
    """Each start of so many minutes in a row, as long as they fit."""
    each = timedelta(minutes=minutes)
    while starts_at + each <= ends_at:
        yield starts_at
        starts_at += each


def _insist_on_when(starts_at: datetime, *, now: datetime) -> None:
    if starts_at <= now:
        raise IsOver
    if starts_at > now + FARTHEST:
        raise TooFarOff


def _insist_on_ahead(one: ConferenceBlock | MeetUp, *, now: datetime) -> None:
    if now >= one.starts_at:
        raise HasBegun


def _insist_on_free(block_id: UUID, starts_at: datetime, *, by: Member) -> None:
    taken = select(MeetUp.mentee_id, MeetUp.starts_at).where(
        MeetUp.block_id == block_id, MeetUp.state == MeetUpState.TAKEN
    )
    rows = db.session.execute(taken).all()
    if any(row.mentee_id == by.id for row in rows):
        raise OneEach
    if any(row.starts_at == starts_at for row in rows):
        raise SlotTaken


def _insist_on_no_shift(span: Span, *, by: Member, now: datetime) -> None:
    since, until = span
    if any(
        each.why == Blocks.SHIFT and each.span.overlaps(span)
        for each in calendars.busy_of([by.user_id], since=since, until=until, now=now)
    ):
        raise OnShift


def _follows(meet_up: MeetUp, by_how_much: timedelta) -> bool:
    """Move a time that is taken along with its block. Says whether its student is free then."""
    span = Span(meet_up.starts_at + by_how_much, meet_up.ends_at + by_how_much)
    try:
        holds.hold_anew(meet_up.id, meet_up.mentee_user_id, span)
    except holds.AlreadyBusy:
        return False
    meet_up.starts_at, meet_up.ends_at = span
    db.session.flush()
    return True


def _end(meet_up: MeetUp, state: MeetUpState, *, now: datetime) -> None:
    meet_up.state, meet_up.ended_at = state, now
    db.session.flush()
    holds.let_go(meet_up.id, [meet_up.mentee_user_id])
