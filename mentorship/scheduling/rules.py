"""What a request and its answers must keep to, and how each no reads."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from mentorship.foundation.database import db
from mentorship.foundation.errors import Refusal
from mentorship.profiles.models import Offer
from mentorship.relationships import conflicts, states
from mentorship.relationships.models import OPEN, Pairing
from mentorship.scheduling import holds, slots
from mentorship.scheduling import limits as mentor_limits
from mentorship.scheduling.feeds import queries as calendars
from mentorship.scheduling.feeds.kinds import Blocks
from mentorship.scheduling.models import Meeting, MeetingState, Part
from mentorship.scheduling.queries import Bookable
from mentorship.scheduling.slots import Span
from mentorship.tenancy import queries as tenancy
from mentorship.tenancy import roles
from mentorship.tenancy.members import Member
from mentorship.tenancy.models import Membership
from mentorship.tenancy.roles import Permission, Role
from mentorship.vocabulary.kinds import Kind

#: How many requests one student may have waiting.
OPEN_REQUESTS = 3
#: Minutes between the times that are offered; every zone is a multiple of it away from UTC.
STEP = 15
#: How often the time of one meeting may change.
MOVES = 3
#: How close to its start a meeting is called off late.
LATE = timedelta(hours=12)
#: How long after the start somebody may be said not to have come.
NO_SHOW_AFTER = timedelta(minutes=10)


class OutsideHours(Refusal):
    sentence = "That time is outside the mentor's open hours. Please choose one that is offered."


class TooSoon(Refusal):
    """The time is within the mentor's notice."""


class TooFar(Refusal):
    """The time is past the mentor's horizon."""


class DayFull(Refusal):
    sentence = "This mentor has as many meetings as they take that day. Please choose another day."


class WeekFull(Refusal):
    sentence = (
        "This mentor has as many meetings as they take that week. Please choose another week."
    )


class MonthFull(Refusal):
    sentence = (
        "This mentor has as many meetings as they take that month. Please choose another month."
    )


class CalendarBusy(holds.TimeTaken):
    sentence = "The mentor is not free then anymore. Please choose another."


class CalendarUnread(Refusal):
    sentence = (
        "This mentor's own calendar could not be read lately, so no times are offered. Please look"
        " again in a few days."
    )


class LengthNotOffered(Refusal):
    sentence = "This mentor does not take meetings of that length. Choose one that is offered."


class KindNotOffered(Refusal):
    sentence = "This mentor does not offer that kind of mentoring. Choose one that is offered."


class TopicNotOffered(Refusal):
    sentence = "This mentor does not offer that topic. Choose one that is offered."


class Yourself(Refusal):
    sentence = "You cannot ask yourself for a meeting."


class NotOnTheGrid(Refusal):
    sentence = "Please choose one of the times that are offered."


class Paused(Refusal):
    sentence = "This mentor takes no new requests at present."


class TooManyRequests(Refusal):
    sentence = (
        f"You have {OPEN_REQUESTS} requests waiting. Withdraw one, or wait for an answer, and ask"
        " again."
    )


class AlreadyAsked(Refusal):
    sentence = "You have asked this mentor already. One request at a time, until it is answered."


class Settled(Refusal):
    """What was to be answered has been answered, or its time is over."""


class NotYourTurn(Refusal):
    sentence = "The answer is the other person's to give. You hear as soon as it is here."


class Moved(Refusal):
    sentence = "The time was changed meanwhile. Look at the new one, and answer that."


class SameTime(Refusal):
    sentence = "That is the time you were asked for. Accept it, or choose another."


class TooManyMoves(Refusal):
    sentence = (
        f"The time has been changed {MOVES} times already. Accept it, or end this request and"
        " write to each other."
    )


class NoSuchColleague(Refusal):
    sentence = "Choose a colleague who offers this kind of mentoring."


class HasBegun(Refusal):
    sentence = "The meeting has begun already. Say whether you met instead."


class NothingToExcuse(Refusal):
    sentence = "There is nothing to excuse: it was neither called off late nor missed."


class NotYet(Refusal):
    """It is too early to say how the meeting went."""


_SETTLED = {
    MeetingState.REQUESTED: "This meeting is not accepted yet.",
    MeetingState.ACCEPTED: "This meeting has been accepted already.",
    MeetingState.HELD: "This meeting has taken place.",
    MeetingState.NO_SHOW: "This meeting is recorded as one that did not happen.",
    MeetingState.DECLINED: "This request was declined.",
    MeetingState.WITHDRAWN: "This request was withdrawn.",
    MeetingState.LAPSED: "This request lapsed: its time to answer is over.",
    MeetingState.CANCELLED: "This meeting was cancelled.",
}


def became_of(state: MeetingState) -> str:
    """Say where a meeting stands that does not stand where it was thought to."""
    return _SETTLED[state]


def insist_on_offered(
    mentor: Bookable, *, kind: Kind, topic: str | None, minutes: int, by: Member
) -> None:
    """Check that the mentor offers this to who asks.

    Who is paired with the mentor books on, whatever is offered to others, and through a pause.

    :raises Refusal: which of it the mentor does not offer, or that an answer is awaited already.
    """
    if mentor.member.user_id == by.user_id:
        raise Yourself
    if minutes not in mentor.lengths:
        raise LengthNotOffered
    paired = mentor.pairing_for(kind)
    if paired is None:
        if kind not in mentor.offers:
            raise KindNotOffered
        if topic is not None and topic not in mentor.offers[kind]:
            raise TopicNotOffered
        if mentor.paused:
            raise Paused
    elif paired.proposed:
        raise AlreadyAsked


def insist_on_room_to_ask(mentee: Member) -> None:
    """Check that not too many requests of this student wait for an answer, in all chapters.

    :raises TooManyRequests: too many do.
    """
    if holds.requests_waiting(mentee.user_id) >= OPEN_REQUESTS:
        raise TooManyRequests


def insist_on_bookable(
    mentor: Bookable,
    span: Span,
    *,
    mentee_user_id: UUID,
    by: Member,
    now: datetime,
    but: Meeting | None = None,
) -> None:
    """Check that a meeting may be then: far enough off, in the mentor's hours, free for both.

    Mentors may name any minute, also outside their own hours, against their own calendar, and
    on a day that is full.

    :raises TooSoon, TooFar, OutsideHours, NotOnTheGrid: that is no time to ask for.
    :raises DayFull, WeekFull, MonthFull: the mentor has enough then.
    :raises TimeTaken, CalendarBusy, AlreadyBusy: one of the two is not free then.
    :raises CalendarUnread: nobody can say whether the mentor is free.
    """
    limits = mentor.limits
    if span.starts_at < limits.earliest(now):
        least = mentor_limits.worded(limits.notice)
        raise TooSoon(f"Please choose a time that is at least {least} from now.")
    if span.starts_at >= limits.latest(now):
        raise TooFar(f"Please choose a time within the next {mentor.ahead}.")
    own_hours = by.id == mentor.member.id
    if not own_hours and not any(each.covers(span) for each in mentor.open_spans(now=now)):
        raise OutsideHours
    if not (_on_a_minute(span.starts_at) if own_hours else _on_the_grid(span.starts_at)):
        raise NotOnTheGrid
    holds.insist_on_free(
        span,
        mentor_user_id=mentor.member.user_id,
        mentee_user_id=mentee_user_id,
        by_user_id=by.user_id,
        buffer=limits.buffer,
        but=but,
    )
    if not own_hours:
        _insist_on_room(mentor, span, but=but)
        insist_on_calendar(mentor, span, now=now)


def _insist_on_room(mentor: Bookable, span: Span, *, but: Meeting | None) -> None:
    """Check that the mentor wants one more meeting that day, that week and that month."""
    limits, user_id = mentor.limits, mentor.member.user_id
    if not limits.counts:
        return
    around = limits.counted(span)
    taken = holds.busy_times([user_id], since=around.starts_at, until=around.ends_at, but=but)
    full = limits.full((each.span.starts_at for each in taken), mentor.zone)
    day = span.starts_at.astimezone(mentor.zone).date()
    if day in full.days:
        raise DayFull
    if slots.monday(day) in full.weeks:
        raise WeekFull
    if full.holds(day):
        raise MonthFull


def insist_on_calendar(mentor: Bookable, span: Span, *, now: datetime) -> None:
    """Check that the mentor's own calendars leave the time free, as they were last read."""
    buffer = mentor.limits.buffer
    around = Span(span.starts_at - buffer, span.ends_at + buffer)
    for blocked in calendars.busy_of(
        [mentor.member.user_id], since=around.starts_at, until=around.ends_at, now=now
    ):
        if blocked.why == calendars.UNREAD:
            raise CalendarUnread
        if blocked.why != Blocks.REST or blocked.span.overlaps(span):
            raise CalendarBusy


def _on_the_grid(at: datetime) -> bool:
    return at.minute % STEP == 0 and _on_a_minute(at)


def _on_a_minute(at: datetime) -> bool:
    return at.second == at.microsecond == 0


def insist_on_state(permission: Permission, meeting: Meeting) -> None:
    """Check that a meeting stands where this may be done.

    :raises Settled: it does not, in words that say what became of it.
    """
    roles.insist_on_state(permission, meeting, Settled(became_of(MeetingState(meeting.state))))


def insist_on_awaited(meeting: Meeting, part: Part, *, now: datetime) -> None:
    """Check that the answer is awaited from this side, and in time.

    :raises Settled: nothing waits anymore.
    :raises NotYourTurn: it waits for the other side.
    """
    insist_on_state(Permission.MEETING_ANSWER, meeting)
    if now >= meeting.awaited_until:
        raise Settled(became_of(MeetingState.LAPSED))
    if meeting.awaiting != part:
        raise NotYourTurn


def insist_on_allowed(meeting: Meeting, pairing: Pairing, *, now: datetime) -> None:
    """Check once more, before a yes, that these two may be paired.

    :raises states.NotOpen: the pairing has ended meanwhile.
    :raises conflicts.Blocked, conflicts.Evaluates: something speaks against it now.
    """
    if pairing.state not in OPEN:
        raise states.NotOpen
    two = tenancy.members([meeting.mentee_id, meeting.mentor_id])
    conflicts.insist_on_none(
        mentee=two[meeting.mentee_id],
        mentor=two[meeting.mentor_id],
        kind=Kind(pairing.kind),
        now=now,
    )


def insist_on_colleague(member: Member, meeting: Meeting, *, kind: Kind, now: datetime) -> None:
    """Check that somebody who is referred to may mentor this student, and is neither of the two.

    Why they may not is not said: it may be a block.

    :raises NoSuchColleague: they are not to be named here.
    """
    offers = select(Offer.kind).join(Membership, Membership.id == Offer.member_id)
    here = offers.where(
        Offer.kind == kind,
        Membership.id == member.id,
        Membership.left_at.is_(None),
        Membership.roles.contains([Role.MENTOR]),
    )
    if member.id in (meeting.mentee_id, meeting.mentor_id) or not db.session.scalar(here):
        raise NoSuchColleague
    mentee = tenancy.member(meeting.mentee_id)
    try:
        conflicts.insist_on_none(mentee=mentee, mentor=member, kind=kind, now=now)
    except Refusal as refusal:
        raise NoSuchColleague from refusal
