"""What can be done with a standing meeting. Each verb changes the world once.

Every verb locks the two people first and what is theirs after them. As long as the answer is
awaited the first date is held, as the time of a request is. Once it is agreed on, the dates within
the mentor's horizon are ordinary meetings; a daily job adds the next ones. A date that cannot be is
left out and told, never moved on its own.
"""

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, func, select

from mentorship.accounts import users
from mentorship.audit import trail
from mentorship.foundation import clock, scope
from mentorship.foundation.database import db
from mentorship.foundation.errors import Refusal
from mentorship.foundation.queue import defer
from mentorship.relationships import conflicts, pairings
from mentorship.relationships.models import UNDER_WAY, Pairing, PairingState
from mentorship.scheduling import holds, meetings, queries, rules
from mentorship.scheduling.models import Meeting, MeetingState, Part
from mentorship.scheduling.queries import Bookable
from mentorship.scheduling.slots import Span
from mentorship.scheduling.standing import planning
from mentorship.scheduling.standing.dates import Rhythm
from mentorship.scheduling.standing.models import (
    LIVE,
    MOST_TIMES,
    MOST_WEEKS,
    StandingDate,
    StandingDeed,
    StandingMeeting,
    StandingState,
    Why,
)
from mentorship.scheduling.standing.planning import Planned
from mentorship.tenancy import queries as tenancy
from mentorship.tenancy import roles
from mentorship.tenancy.members import Member
from mentorship.tenancy.models import Membership
from mentorship.tenancy.roles import Permission
from mentorship.vocabulary.kinds import Kind

#: How long before a date it is decided although the mentor's calendar cannot be read: until then
#: the daily job waits for it to be read again.
DECIDE = timedelta(days=7)
#: States of a pairing in which the next dates are set: not while it is paused.
GOING_ON = (PairingState.ACCEPTED, PairingState.ACTIVE)


class NotUnderWay(Refusal):
    sentence = "You meet regularly once you are paired. This pairing is not under way."


class AlreadyStanding(Refusal):
    sentence = "The two of you have a standing meeting, or one that is proposed, already."


class NoSuchInterval(Refusal):
    sentence = f"Choose every week, or up to every {MOST_WEEKS} weeks."


class NoSuchEnd(Refusal):
    sentence = f"Choose a last day after the first, or 2 to {MOST_TIMES} times."


class FirstNotFree(Refusal):
    sentence = (
        "You cannot both make that first date: a calendar, time away, or the most meetings in a day"
        " or a week stands against it. Choose another."
    )


class NothingFits(Refusal):
    sentence = (
        "Not one of the first dates is free for both of you anymore. Say no, and propose another"
        " rhythm."
    )


class NothingToAnswer(Refusal):
    sentence = "There is nothing to answer anymore: it was answered, taken back, or has lapsed."


class NotStanding(Refusal):
    sentence = "This standing meeting has ended already."


def propose(
    *,
    pairing: Pairing,
    starts_at: datetime,
    minutes: int,
    every: int,
    until: date | None = None,
    times: int | None = None,
    purpose: str,
    by: Member,
    now: datetime,
) -> StandingMeeting:
    """Propose to meet every so many weeks, from a first date on. The other one answers, once.

    `starts_at` is the first date's instant, one of the times that can be booked, and is held for
    both until the answer is here; the dates after it keep the mentor's wall clock. Without `until`
    (a day of the mentor's) and `times` it goes on until one of the two stops it.

    :raises NotYours: `by` is not one of the two.
    :raises NotUnderWay, AlreadyStanding: these two cannot have one now.
    :raises NoSuchInterval, NoSuchEnd: it cannot repeat like that.
    :raises rules.LengthNotOffered: not that long.
    :raises FirstNotFree: a calendar, time away or a limit keeps the two from meeting then.
    :raises Refusal: as `rules.insist_on_bookable` and `conflicts.insist_on_none` do.
    """
    part = _part(pairing, Permission.STANDING_PROPOSE, by=by)
    users.lock(pairing.mentor_user_id, pairing.mentee_user_id)
    _insist_on_together(pairing, now=now)
    _insist_on_no_other(pairing)
    mentor = _mentor(pairing)
    first = starts_at.astimezone(mentor.zone)
    _insist_on_sense(mentor, first, minutes=minutes, every=every, until=until, times=times)
    standing = StandingMeeting(
        pairing_id=pairing.id,
        mentee_id=pairing.mentee_id,
        mentor_id=pairing.mentor_id,
        mentee_user_id=pairing.mentee_user_id,
        mentor_user_id=pairing.mentor_user_id,
        part=part,
        state=StandingState.PROPOSED,
        first_on=first.date(),
        at=first.time().replace(fold=0),
        zone=mentor.zone.key,
        minutes=minutes,
        every=every,
        until=until,
        times=times,
        purpose=purpose,
        asked_at=now,
        answer_by=min(now + meetings.ANSWER, starts_at),
    )
    _hold_first(standing, mentor, starts_at, by=by, now=now)
    _plan_reminders(standing)
    trail.record(StandingDeed.PROPOSED, standing, by=by, now=now)
    return standing


def agree(standing: StandingMeeting, *, by: Member, now: datetime) -> None:
    """Say yes: every date within the horizon that can be is a meeting. Twice changes nothing.

    :raises NotYours: `by` is not one of the two.
    :raises NothingToAnswer: it was taken back, or has lapsed.
    :raises rules.NotYourTurn: the other one is asked.
    :raises NothingFits: not one date is free anymore.
    :raises Refusal: the two may not be paired (anymore).
    """
    part = _take(standing, Permission.STANDING_ANSWER, by=by)
    if standing.state == StandingState.AGREED:
        return
    roles.insist_on_state(Permission.STANDING_ANSWER, standing, NothingToAnswer)
    if now >= _awaited_until(standing):
        raise NothingToAnswer
    if standing.part == part:
        raise rules.NotYourTurn
    _insist_on_together(pairing_of(standing), now=now)
    with db.session.begin_nested():  # a refusal leaves the first date held
        _settle(standing, StandingState.AGREED, now=now)
        if not any(each.meeting_id for each in _set_ahead(standing, by=by, now=now)):
            raise NothingFits
    # Last, so that the mail which lists all dates lies on top of their invitations.
    trail.record(StandingDeed.AGREED, standing, by=by, now=now)


def close(standing: StandingMeeting, *, by: Member, now: datetime, word: str = "") -> None:
    """Say no to a proposal, or take one's own back. Twice changes nothing.

    :raises NotYours: `by` is not one of the two.
    :raises NothingToAnswer: it waits no more.
    """
    own = _take(standing, Permission.STANDING_ANSWER, by=by) == standing.part
    state = StandingState.WITHDRAWN if own else StandingState.DECLINED
    if standing.state == state:
        return
    roles.insist_on_state(Permission.STANDING_ANSWER, standing, NothingToAnswer)
    standing.word = word
    _settle(standing, state, now=now)
    deed = StandingDeed.WITHDRAWN if own else StandingDeed.DECLINED
    trail.record(deed, standing, by=by, now=now)


def remind(standing_id: UUID, *, now: datetime) -> None:
    """Recall a proposal that still waits. Does nothing when it is too early, or was done before."""
    standing = _locked(standing_id)
    if standing is None or standing.state != StandingState.PROPOSED or standing.reminded_at:
        return
    if _remind_at(standing) <= now < _awaited_until(standing):
        standing.reminded_at = now
        trail.record(StandingDeed.REMINDED, standing, by=None, now=now)


def lapse(standing_id: UUID, *, now: datetime) -> None:
    """Let go of a proposal that nobody answered. Does nothing when it is too early."""
    standing = _locked(standing_id)
    if standing is None or standing.state != StandingState.PROPOSED:
        return
    if now >= _awaited_until(standing):
        _settle(standing, StandingState.LAPSED, now=now)
        trail.record(StandingDeed.LAPSED, standing, by=None, now=now)


def stop(
    standing: StandingMeeting,
    *,
    by: Member,
    now: datetime,
    word: str = "",
    since: datetime | None = None,
) -> None:
    """Meet regularly no more: its meetings from `since` on are called off, or all that are ahead.

    The pairing stays. Saying it twice changes nothing.

    :raises NotYours: `by` is not one of the two.
    :raises NotStanding: it is not agreed on (anymore).
    """
    _take(standing, Permission.STANDING_STOP, by=by)
    if standing.state == StandingState.STOPPED:
        return
    roles.insist_on_state(Permission.STANDING_STOP, standing, NotStanding)
    standing.word = word
    _settle(standing, StandingState.STOPPED, now=now)
    for meeting in _meetings_ahead(standing, since=since or now, now=now):
        meetings.cancel(meeting, by=by, now=now, word=word)
    trail.record(StandingDeed.STOPPED, standing, by=by, now=now)


def extend(standing_id: UUID, *, now: datetime) -> None:
    """Set the dates that have come within the horizon since. Does nothing when there are none.

    One that cannot be is left out, and both are told. After the last date it has ended.
    """
    standing = _locked(standing_id)
    if standing is None or standing.state != StandingState.AGREED:
        return
    pairing = pairing_of(standing)
    if pairing.state not in GOING_ON or not _may_go_on(standing):
        return
    if rhythm_of(standing).ends_before(now):
        _settle(standing, StandingState.ENDED, now=now)
        trail.record(StandingDeed.ENDED, standing, by=None, now=now)
        return
    for each in _set_ahead(standing, by=None, now=now):
        if each.why is not None:
            facts = {"starts_at": each.starts_at, "why": each.why}
            trail.record(StandingDeed.LEFT_OUT, standing, by=None, now=now, **facts)


def due() -> list[UUID]:
    """The standing meetings of this chapter that go on. One statement."""
    agreed = select(StandingMeeting.id).where(StandingMeeting.state == StandingState.AGREED)
    return list(db.session.scalars(agreed.order_by(StandingMeeting.id)))


@pairings.ends_along
def end_with_pairing(pairing: Pairing, *, by: Member | None, now: datetime) -> None:
    """End whatever is proposed or agreed. Its dates are called off as every meeting is."""
    standing = db.session.scalars(_live(pairing).with_for_update()).one_or_none()
    if standing is None:
        return
    _settle(standing, StandingState.ENDED, now=now)
    trail.record(StandingDeed.ENDED, standing, by=by, now=now)


def rhythm_of(standing: StandingMeeting) -> Rhythm:
    """Its dates, as a rule by the clock of its zone."""
    return Rhythm(
        first_on=standing.first_on,
        at=standing.at,
        zone=clock.zone(standing.zone),
        minutes=standing.minutes,
        every=standing.every,
        until=standing.until,
        times=standing.times,
    )


def ahead(
    standing: StandingMeeting,
    mentor: Bookable,
    *,
    now: datetime,
    known: frozenset[int] = frozenset(),
) -> list[Planned]:
    """The dates within the mentor's horizon that are not `known`, and which can be."""
    spans = rhythm_of(standing).spans(before=mentor.limits.latest(now))
    wanted = [(number, span) for number, span in spans if number not in known]
    wanted = [(number, span) for number, span in wanted if span.starts_at > now]
    held = rhythm_of(standing).first if standing.state == StandingState.PROPOSED else None
    return planning.plan(mentor, wanted, mentee_user_id=standing.mentee_user_id, now=now, but=held)


def pairing_of(standing: StandingMeeting) -> Pairing:
    """The pairing it belongs to, as it is now."""
    one = select(Pairing).where(Pairing.id == standing.pairing_id)
    return db.session.scalars(one.execution_options(populate_existing=True)).one()


def _live(pairing: Pairing) -> Select[StandingMeeting]:
    """The one that is proposed or agreed: a pairing has one at most."""
    return select(StandingMeeting).where(
        StandingMeeting.pairing_id == pairing.id, StandingMeeting.state.in_(LIVE)
    )


def _part(of: Pairing | StandingMeeting, permission: Permission, *, by: Member) -> Part:
    roles.insist(permission, of, by=by)
    return Part.MENTEE if by.id == of.mentee_id else Part.MENTOR


def _take(standing: StandingMeeting, permission: Permission, *, by: Member) -> Part:
    """Lock it and its people, and say which of the two `by` is."""
    part = _part(standing, permission, by=by)
    users.lock(*_two(standing))
    db.session.refresh(standing, with_for_update=True)
    return part


def _locked(standing_id: UUID) -> StandingMeeting | None:
    one = select(StandingMeeting).where(StandingMeeting.id == standing_id)
    standing = db.session.scalars(one).one_or_none()
    if standing is not None:
        users.lock(*_two(standing))
        db.session.refresh(standing, with_for_update=True)
    return standing


def _insist_on_together(pairing: Pairing, *, now: datetime) -> None:
    db.session.refresh(pairing)
    if pairing.state not in UNDER_WAY:
        raise NotUnderWay
    two = tenancy.members([pairing.mentee_id, pairing.mentor_id])
    conflicts.insist_on_none(
        mentee=two[pairing.mentee_id],
        mentor=two[pairing.mentor_id],
        kind=Kind(pairing.kind),
        now=now,
    )


def _insist_on_no_other(pairing: Pairing) -> None:
    if db.session.scalar(_live(pairing).with_only_columns(StandingMeeting.id)):
        raise AlreadyStanding


def _may_go_on(standing: StandingMeeting) -> bool:
    """Whether both are still here, and neither has asked to be kept from the other."""
    here = select(func.count()).where(
        Membership.id.in_([standing.mentee_id, standing.mentor_id]), Membership.left_at.is_(None)
    )
    blocked = conflicts.blocked(standing.mentee_id, standing.mentor_id)
    return db.session.scalar(here) == 2 and not blocked


def _insist_on_sense(
    mentor: Bookable,
    first: datetime,
    *,
    minutes: int,
    every: int,
    until: date | None,
    times: int | None,
) -> None:
    if minutes not in mentor.lengths:
        raise rules.LengthNotOffered
    if not 1 <= every <= MOST_WEEKS:
        raise NoSuchInterval
    if times is not None and not 2 <= times <= MOST_TIMES:
        raise NoSuchEnd
    if until is not None and until < first.date():
        raise NoSuchEnd


def _hold_first(
    standing: StandingMeeting, mentor: Bookable, starts_at: datetime, *, by: Member, now: datetime
) -> None:
    """Keep the proposal, and hold its first date for both, if they can have it."""
    span = Span(starts_at, starts_at + timedelta(minutes=standing.minutes))
    mentee_user_id = standing.mentee_user_id
    rules.insist_on_bookable(mentor, span, mentee_user_id=mentee_user_id, by=by, now=now)
    if rhythm_of(standing).first != span:  # of a time that comes twice it is the first
        raise rules.NotOnTheGrid
    if ahead(standing, mentor, now=now)[0].why is not None:
        raise FirstNotFree
    with db.session.begin_nested():  # a refusal leaves nothing behind
        db.session.add(standing)
        db.session.flush()
        for user_id in _two(standing):
            holds.hold(standing.id, user_id, span, own=user_id == by.user_id)


def _mentor(of: Pairing | StandingMeeting) -> Bookable:
    return queries.bookable(of.mentor_id, member=tenancy.member(of.mentee_id))


def _awaited_until(standing: StandingMeeting) -> datetime:
    assert standing.answer_by is not None  # the database insists on it while it is proposed
    return standing.answer_by


def _remind_at(standing: StandingMeeting) -> datetime:
    """When a request is recalled that was made then."""
    until = _awaited_until(standing)
    return standing.asked_at + (until - standing.asked_at) * meetings.REMIND_AFTER


def _plan_reminders(standing: StandingMeeting) -> None:
    facts = {"chapter_id": str(scope.here()), "standing_id": str(standing.id)}
    defer("remind_of_standing", at=_remind_at(standing), **facts)
    defer("lapse_standing", at=_awaited_until(standing), **facts)


def _two(standing: StandingMeeting) -> tuple[UUID, UUID]:
    return standing.mentor_user_id, standing.mentee_user_id


def _settle(standing: StandingMeeting, state: StandingState, *, now: datetime) -> None:
    """Let it stand otherwise, and let go of the first date if that was held for the answer."""
    standing.state, standing.settled_at, standing.answer_by = state, now, None
    db.session.flush()
    holds.let_go(standing.id, _two(standing))


def _set_ahead(
    standing: StandingMeeting, *, by: Member | None, now: datetime
) -> list[StandingDate]:
    """Decide the dates within the horizon that are not decided yet: each is set, or left out."""
    numbers = select(StandingDate.number).where(StandingDate.standing_id == standing.id)
    known = frozenset(db.session.scalars(numbers))
    mentor = _mentor(standing)
    return [
        _decide(standing, planned, place=mentor.place, by=by, now=now)
        for planned in ahead(standing, mentor, now=now, known=known)
        if not (planned.why is Why.UNREAD and planned.span.starts_at > now + DECIDE)
    ]


def _decide(
    standing: StandingMeeting, planned: Planned, *, place: str, by: Member | None, now: datetime
) -> StandingDate:
    why, meeting_id = planned.why, None
    if why is None:
        try:
            meeting_id = _meet(standing, planned.span, place=place, by=by, now=now)
        except holds.AlreadyBusy:
            why = Why.MENTEE_BUSY
        except holds.TimeTaken:
            why = Why.MENTOR_BUSY
    decided = StandingDate(
        standing_id=standing.id,
        number=planned.number,
        starts_at=planned.span.starts_at,
        meeting_id=meeting_id,
        why=why,
    )
    db.session.add(decided)
    db.session.flush()
    return decided


def _meet(
    standing: StandingMeeting, span: Span, *, place: str, by: Member | None, now: datetime
) -> UUID:
    """Make one date an ordinary meeting that is agreed.

    :raises holds.AlreadyBusy, holds.TimeTaken: the mentee, or the mentor, is held then.
    """
    meeting = Meeting(
        pairing_id=standing.pairing_id,
        mentee_id=standing.mentee_id,
        mentor_id=standing.mentor_id,
        mentee_user_id=standing.mentee_user_id,
        mentor_user_id=standing.mentor_user_id,
        starts_at=span.starts_at,
        ends_at=span.ends_at,
        state=MeetingState.ACCEPTED,
        purpose=standing.purpose,
        place=place,
        asked_at=now,
        settled_at=now,
    )
    with db.session.begin_nested():
        db.session.add(meeting)
        db.session.flush()
        holds.place(meeting, by_user_id=standing.mentee_user_id)
    holds.keep(meeting)
    facts = {"starts_at": meeting.starts_at, "ends_at": meeting.ends_at, "sequence": 0}
    trail.record(StandingDeed.DATE_SET, meeting, by=by, now=now, **facts)
    return meeting.id


def _meetings_ahead(standing: StandingMeeting, *, since: datetime, now: datetime) -> list[Meeting]:
    agreed = (
        select(Meeting)
        .join(StandingDate, StandingDate.meeting_id == Meeting.id)
        .where(
            StandingDate.standing_id == standing.id,
            Meeting.state == MeetingState.ACCEPTED,
            Meeting.starts_at >= since,
            Meeting.starts_at > now,
        )
        .order_by(Meeting.starts_at)
    )
    return list(db.session.scalars(agreed))
