"""What can be done with group sessions. Each verb changes the world once.

Like every verb that touches time these lock the people first, then the session, then look, then
write: of two who want the last seat, the second finds it taken and waits in line. That nobody is
in two places at once is for the database to say.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import DateTime, and_, bindparam, func, or_, select

from mentorship.accounts import users
from mentorship.audit import trail
from mentorship.foundation import scope
from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours, Refusal
from mentorship.foundation.queue import defer
from mentorship.relationships import conflicts
from mentorship.relationships.models import UNDER_WAY, Pairing
from mentorship.scheduling import holds
from mentorship.scheduling.groups.models import (
    COMING,
    LENGTHS,
    MOST_SEATS,
    Audience,
    GroupSeat,
    GroupSession,
    SeatDeed,
    SeatState,
    SessionDeed,
    SessionState,
)
from mentorship.scheduling.slots import Span
from mentorship.tenancy import roles
from mentorship.tenancy.members import Member
from mentorship.tenancy.models import Membership
from mentorship.tenancy.roles import Permission, Role

#: How far ahead a session may be.
FARTHEST = timedelta(days=366)
#: How long before a session whoever comes is reminded.
REMIND = timedelta(hours=24)

_AHEAD = (SessionState.ASKED, SessionState.OPEN)
_now = bindparam("now", type_=DateTime(timezone=True))
_LEFT_BEHIND = (
    select(GroupSession)
    .join(Membership, Membership.id == GroupSession.mentor_id)
    .where(
        GroupSession.state.in_(_AHEAD),
        GroupSession.starts_at > _now,
        Membership.left_at.is_not(None),
    )
    .order_by(GroupSession.id)
)
_PAIRED = (
    select(Pairing.id)
    .where(
        Pairing.mentor_id == GroupSession.mentor_id,
        Pairing.mentee_id == GroupSeat.member_id,
        Pairing.state.in_(UNDER_WAY),
    )
    .correlate(GroupSession, GroupSeat)
    .exists()
)
_UNWELCOME = (
    select(GroupSeat)
    .join(GroupSession, GroupSession.id == GroupSeat.session_id)
    .join(Membership, Membership.id == GroupSeat.member_id)
    .where(
        GroupSeat.state.in_(COMING),
        GroupSession.state == SessionState.OPEN,
        GroupSession.starts_at > _now,
        or_(
            Membership.left_at.is_not(None),
            conflicts.kept_apart(GroupSession.mentor_id, GroupSeat.member_id),
            and_(GroupSession.audience == Audience.MENTEES, ~_PAIRED),
        ),
    )
    .order_by(GroupSeat.id)
)
_TO_REMIND = (
    select(GroupSession)
    .where(
        GroupSession.state == SessionState.OPEN,
        GroupSession.starts_at > _now,
        GroupSession.starts_at <= bindparam("soon", type_=DateTime(timezone=True)),
        # Opened within the last day, it needs no reminder.
        GroupSession.asked_at < GroupSession.starts_at - REMIND,
        GroupSession.reminded_for.is_distinct_from(GroupSession.starts_at),
    )
    .order_by(GroupSession.id)
    .with_for_update(skip_locked=True)
)


class NoLength(Refusal):
    sentence = "Choose one of the lengths that are offered."


class NoSuchNumber(Refusal):
    sentence = f"Write a number of seats from 1 to {MOST_SEATS}."


class NotAhead(Refusal):
    sentence = "That has begun already. Choose a later time."


class TooFarOff(Refusal):
    sentence = "That is more than a year ahead. Open it once it is closer."


class NoMentor(Refusal):
    sentence = "Choose a mentor of the chapter."


class NotOpen(Refusal):
    sentence = "This session is called off, or not open yet. Look for others."


class HasBegun(Refusal):
    sentence = "It has begun already."


class NotForYou(Refusal):
    sentence = "This session is for the mentor's own mentees."


class MentorsTime(Refusal):
    sentence = "Only the mentor can choose another time. You can change the place."


class NothingAsked(Refusal):
    sentence = "This session was answered already, or is called off."


def open_session(
    *,
    mentor: Member,
    title: str,
    about: str = "",
    starts_at: datetime,
    minutes: int,
    seats: int,
    place: str,
    audience: Audience,
    by: Member,
    now: datetime,
) -> GroupSession:
    """Let several students meet a mentor at once, and hold the mentor's time.

    A coordinator may do so for a mentor: then it opens, and is held, once the mentor says yes.

    :raises NotYours: `by` is neither the mentor nor a coordinator.
    :raises NoMentor, NoLength, NoSuchNumber, NotAhead, TooFarOff: it cannot be like that.
    :raises holds.AlreadyBusy: the mentor has something else then, in whichever chapter.
    """
    own = by.id == mentor.id
    if not own and Role.COORDINATOR not in by.roles:
        raise NotYours
    _insist_on_sense(mentor, minutes=minutes, seats=seats)
    _insist_on_when(starts_at, now=now)
    users.lock(mentor.user_id)
    session = GroupSession(
        mentor_id=mentor.id,
        mentor_user_id=mentor.user_id,
        opened_by_id=by.id,
        title=title,
        about=about,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=minutes),
        seats=seats,
        place=place,
        audience=audience,
        state=SessionState.OPEN if own else SessionState.ASKED,
        asked_at=now,
    )
    with db.session.begin_nested():  # a refusal leaves nothing behind
        db.session.add(session)
        db.session.flush()
        if own:
            holds.hold(session.id, mentor.user_id, _span(session), own=True)
    deed = SessionDeed.OPENED if own else SessionDeed.ASKED
    trail.record(deed, session, by=by, now=now, starts_at=starts_at)
    return session


def agree(session: GroupSession, *, by: Member, now: datetime) -> None:
    """The mentor says yes to a session that a coordinator has asked for. Twice changes nothing.

    :raises NotYours: `by` is not its mentor.
    :raises NothingAsked, HasBegun: it is too late for that.
    :raises holds.AlreadyBusy: the mentor has something else then, in whichever chapter.
    """
    _take_own(session, by=by)
    if session.state == SessionState.OPEN:
        return
    roles.insist_on_state(Permission.SESSION_ANSWER, session, NothingAsked)
    _insist_on_ahead(session, now=now)
    holds.hold(session.id, by.user_id, _span(session), own=True)
    session.state = SessionState.OPEN
    trail.record(SessionDeed.OPENED, session, by=by, now=now, starts_at=session.starts_at)


def decline(session: GroupSession, *, by: Member, now: datetime, word: str = "") -> None:
    """The mentor says no to it. Twice changes nothing.

    :raises NotYours: `by` is not its mentor.
    :raises NothingAsked: it is open, or called off.
    """
    _take_own(session, by=by)
    if session.state == SessionState.DECLINED:
        return
    roles.insist_on_state(Permission.SESSION_ANSWER, session, NothingAsked)
    session.state, session.settled_at, session.word = SessionState.DECLINED, now, word
    trail.record(SessionDeed.DECLINED, session, by=by, now=now)


def change(
    session: GroupSession, *, starts_at: datetime, place: str, by: Member, now: datetime
) -> None:
    """Move a session to another time or place; every calendar moves the entry that it has.

    A student who has something else at the new time loses the seat, and is told so. It leaves
    one deed for the session, and one for each student. To what it is already, it changes nothing.

    :raises NotYours: `by` is neither its mentor nor a coordinator.
    :raises MentorsTime: a coordinator chooses another time.
    :raises NotOpen, HasBegun: it is too late for that, or it is not open yet.
    :raises NotAhead, TooFarOff: it cannot be then.
    :raises holds.AlreadyBusy: the mentor has something else then, in whichever chapter.
    """
    _take_all(session, Permission.SESSION_CHANGE, by=by)
    roles.insist_on_state(Permission.SESSION_CHANGE, session, NotOpen)
    _insist_on_ahead(session, now=now)
    moved = starts_at != session.starts_at
    if not moved and place == session.place:
        return
    if moved and by.id != session.mentor_id:
        raise MentorsTime
    _insist_on_when(starts_at, now=now)
    span = Span(starts_at, starts_at + (session.ends_at - session.starts_at))
    if moved:
        holds.hold_anew(session.id, session.mentor_user_id, span)
    session.starts_at, session.ends_at = span
    session.place, session.changed_at = place, now
    session.changes += 1
    for seat in _seats(session.id):
        if moved and _is_seated(seat) and not _follows(seat, span):
            end(seat, by=by, now=now, busy=True)
        else:
            trail.record(SeatDeed.CHANGED, seat, by=by, now=now, changes=session.changes)
    trail.record(SessionDeed.CHANGED, session, by=by, now=now, changes=session.changes)
    _have_filled(session.id)


def call_off(session: GroupSession, *, by: Member, now: datetime, word: str = "") -> None:
    """Take a session back; whoever comes, or waits for a seat, is told. Twice changes nothing.

    It leaves one deed for the session, and one for each student.

    :raises NotYours: `by` is neither its mentor nor a coordinator.
    :raises NothingAsked: the mentor has declined it.
    :raises HasBegun: it is too late for that.
    """
    _take_all(session, Permission.SESSION_CALL_OFF, by=by)
    if session.state == SessionState.CALLED_OFF:
        return
    roles.insist_on_state(Permission.SESSION_CALL_OFF, session, NothingAsked)
    _insist_on_ahead(session, now=now)
    _call_off(session, by=by, now=now, word=word)


def _call_off(session: GroupSession, *, by: Member | None, now: datetime, word: str = "") -> None:
    session.state, session.settled_at, session.word = SessionState.CALLED_OFF, now, word
    holds.let_go(session.id, [session.mentor_user_id])
    for seat in _seats(session.id):
        _end(seat, SeatState.CALLED_OFF, now=now)
        trail.record(SeatDeed.CALLED_OFF, seat, by=by, now=now)
    trail.record(SessionDeed.CALLED_OFF, session, by=by, now=now)


def join(session: GroupSession, *, by: Member, now: datetime) -> GroupSeat:
    """Take a seat, or a place in the line for one when all are taken. Twice changes nothing.

    :raises NotYours: it is one's own session.
    :raises NotOpen, HasBegun, NotForYou: it is not to be joined (anymore).
    :raises holds.AlreadyBusy: `by` has something else then, in whichever chapter.
    :raises conflicts.Blocked: one of the two asked not to meet the other.
    """
    roles.insist(Permission.SESSION_JOIN, session, by=by)
    users.lock(by.user_id)
    db.session.refresh(session, with_for_update=True)
    roles.insist_on_state(Permission.SESSION_JOIN, session, NotOpen)
    _insist_on_ahead(session, now=now)
    _insist_on_welcome(session, by=by)
    seats = _seats(session.id)
    mine = next((seat for seat in seats if seat.member_id == by.id), None)
    if mine is not None:
        return mine
    # Who is first in line comes first, also while a seat is free.
    free = len(seats) < session.seats and all(_is_seated(seat) for seat in seats)
    seat = GroupSeat(
        session_id=session.id,
        member_id=by.id,
        user_id=by.user_id,
        state=SeatState.SEATED if free else SeatState.WAITING,
        joined_at=now,
        seated_at=now if free else None,
    )
    with db.session.begin_nested():
        db.session.add(seat)
        db.session.flush()
        if free:
            holds.hold(seat.id, by.user_id, _span(session), own=True)
    trail.record(SeatDeed.TAKEN if free else SeatDeed.QUEUED, seat, by=by, now=now)
    if not free and sum(map(_is_seated, seats)) < session.seats:
        # Whoever is before them in the line may have something else then.
        _have_filled(session.id)
    return seat


def leave(seat: GroupSeat, *, by: Member, now: datetime) -> None:
    """Give a seat back, or leave the line. Twice changes nothing.

    Whoever is first in line has the seat a moment later.

    :raises NotYours: it is not the seat of `by`.
    :raises HasBegun: it is too late for that.
    """
    roles.insist(Permission.SESSION_LEAVE, seat, by=by)
    users.lock(by.user_id)
    session = db.session.scalars(
        select(GroupSession).where(GroupSession.id == seat.session_id).with_for_update()
    ).one()
    db.session.refresh(seat, with_for_update=True)
    if seat.state not in COMING:
        return
    _insist_on_ahead(session, now=now)
    _end(seat, SeatState.LEFT, now=now)
    trail.record(SeatDeed.LEFT, seat, by=by, now=now)
    _have_filled(session.id)


def fill(session_id: UUID, *, now: datetime) -> None:
    """Let those who wait have the seats that are free, in the order in which they came.

    Whoever has something else then by now keeps their place in the line, and the next has it.
    """
    waiting = [seat for seat in _seats(session_id) if not _is_seated(seat)]
    locked = {seat.user_id for seat in waiting}
    users.lock(*locked)
    session = db.session.scalars(
        select(GroupSession)
        .where(GroupSession.id == session_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if session is None or session.state != SessionState.OPEN or now >= session.starts_at:
        return
    seats = _seats(session_id)
    free = session.seats - sum(_is_seated(seat) for seat in seats)
    for seat in seats:
        if free > 0 and not _is_seated(seat) and seat.user_id in locked:
            free -= _move_up(seat, session, now=now)
    if free > 0 and any(seat.user_id not in locked for seat in seats if not _is_seated(seat)):
        # Somebody has joined the line in between, and their time is not locked.
        _have_filled(session_id)


def _move_up(seat: GroupSeat, session: GroupSession, *, now: datetime) -> bool:
    """Give the seat to somebody in line, unless they have something else then."""
    try:
        holds.hold(seat.id, seat.user_id, _span(session), own=True)
    except holds.AlreadyBusy:
        return False
    seat.state, seat.seated_at = SeatState.SEATED, now
    db.session.flush()
    trail.record(SeatDeed.MOVED_UP, seat, by=None, now=now)
    return True


def tend(*, now: datetime) -> None:
    """See to the sessions of this chapter that are ahead. Done twice, it changes nothing.

    One whose mentor has left is called off. A seat ends where the student has left, where the two
    are to be kept apart, or where it is for the mentor's own mentees and the student is none any
    more. A day before it begins, whoever comes is reminded, once.
    """
    for session in db.session.scalars(_LEFT_BEHIND, {"now": now}).all():
        users.lock(session.mentor_user_id, *(seat.user_id for seat in _seats(session.id)))
        db.session.refresh(session, with_for_update=True)
        if session.state in _AHEAD:
            _call_off(session, by=None, now=now)
    for seat in db.session.scalars(_UNWELCOME, {"now": now}).all():
        users.lock(seat.user_id)
        db.session.refresh(seat, with_for_update=True)
        if seat.state in COMING:
            end(seat, by=None, now=now)
    for session in db.session.scalars(_TO_REMIND, {"now": now, "soon": now + REMIND}).all():
        session.reminded_for = session.starts_at
        trail.record(SessionDeed.REMINDED, session, by=None, now=now)
        for seat in filter(_is_seated, _seats(session.id)):
            trail.record(SeatDeed.REMINDED, seat, by=None, now=now)


def end(seat: GroupSeat, *, by: Member | None, now: datetime, busy: bool = False) -> None:
    """End somebody's seat, or place in the line: they are `busy` at its new time, or not welcome.

    Whoever is first in line has the seat a moment later. Whoever locks the person calls it.
    """
    _end(seat, SeatState.CALLED_OFF, now=now)
    trail.record(SeatDeed.ENDED, seat, by=by, now=now, busy=busy)
    _have_filled(seat.session_id)


def _have_filled(session_id: UUID) -> None:
    """Have free seats given to those who wait, in a transaction of its own: it locks others."""
    defer("fill_seats", chapter_id=str(scope.here()), session_id=str(session_id))


def _take_all(session: GroupSession, permission: Permission, *, by: Member) -> None:
    """Lock a session with everybody in it.

    Whoever joins in between is not locked; that they are not in two places at once is for the
    database to say.
    """
    roles.insist(permission, session, by=by)
    users.lock(session.mentor_user_id, *(seat.user_id for seat in _seats(session.id)))
    db.session.refresh(session, with_for_update=True)


def _follows(seat: GroupSeat, span: Span) -> bool:
    """Hold a student's time anew. Says whether they are free then."""
    try:
        holds.hold_anew(seat.id, seat.user_id, span)
    except holds.AlreadyBusy:
        return False
    return True


def _take_own(session: GroupSession, *, by: Member) -> None:
    roles.insist(Permission.SESSION_ANSWER, session, by=by)
    users.lock(by.user_id)
    db.session.refresh(session, with_for_update=True)


def _insist_on_sense(mentor: Member, *, minutes: int, seats: int) -> None:
    if not mentor.is_mentor:
        raise NoMentor
    if minutes not in LENGTHS:
        raise NoLength
    if not 1 <= seats <= MOST_SEATS:
        raise NoSuchNumber


def _insist_on_when(starts_at: datetime, *, now: datetime) -> None:
    if starts_at <= now:
        raise NotAhead
    if starts_at > now + FARTHEST:
        raise TooFarOff


def _insist_on_ahead(session: GroupSession, *, now: datetime) -> None:
    if now >= session.starts_at:
        raise HasBegun


def _insist_on_welcome(session: GroupSession, *, by: Member) -> None:
    if conflicts.blocked(by.id, session.mentor_id):
        raise conflicts.Blocked
    if session.audience == Audience.MENTEES:
        paired = select(func.count()).where(
            Pairing.mentor_id == session.mentor_id,
            Pairing.mentee_id == by.id,
            Pairing.state.in_(UNDER_WAY),
        )
        if not db.session.scalar(paired):
            raise NotForYou


def _seats(session_id: UUID) -> list[GroupSeat]:
    """Whoever comes or waits, in the order in which they came."""
    coming = (
        select(GroupSeat)
        .where(GroupSeat.session_id == session_id, GroupSeat.state.in_(COMING))
        .order_by(GroupSeat.joined_at, GroupSeat.id)
        .execution_options(populate_existing=True)
    )
    return list(db.session.scalars(coming))


def _is_seated(seat: GroupSeat) -> bool:
    return seat.state == SeatState.SEATED


def _end(seat: GroupSeat, state: SeatState, *, now: datetime) -> None:
    seat.state, seat.ended_at = state, now
    db.session.flush()
    holds.let_go(seat.id, [seat.user_id])


def _span(session: GroupSession) -> Span:
    return Span(session.starts_at, session.ends_at)
