"""What becomes of meetings when a pairing ends, and of all else when two people are kept apart."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, or_, select

from mentorship.foundation.database import db
from mentorship.relationships import pairings
from mentorship.relationships.models import Pairing
from mentorship.scheduling import meetings
from mentorship.scheduling.conference import meetups
from mentorship.scheduling.conference.models import ConferenceBlock, MeetUp, MeetUpState
from mentorship.scheduling.groups import sessions
from mentorship.scheduling.groups.models import COMING, GroupSeat, GroupSession
from mentorship.scheduling.models import LIVE, Meeting, MeetingState
from mentorship.scheduling.waiting import queries as waiting
from mentorship.scheduling.waiting import waits
from mentorship.tenancy.members import Member


@pairings.ends_along
def call_off(pairing: Pairing, *, by: Member | None, now: datetime) -> None:
    """Close the requests of a pairing, and call off what was agreed on, for whoever ended it.

    What somebody else has ended counts for neither of the two. A meeting that has begun is left
    for them to say whether they met.
    """
    live = select(Meeting).where(Meeting.pairing_id == pairing.id, Meeting.state.in_(LIVE))
    for meeting in db.session.scalars(live.order_by(Meeting.starts_at)).all():
        if by is None or by.id not in (pairing.mentee_id, pairing.mentor_id):
            meetings.call_off_for_both(meeting, by=by, now=now)
        elif meeting.state == MeetingState.REQUESTED:
            close = meetings.withdraw if by.id == meeting.mentee_id else meetings.decline
            close(meeting, by=by, now=now)
        elif now < meeting.starts_at:
            meetings.cancel(meeting, by=by, now=now)


@pairings.parts_along
def let_go(one: Member, other: Member, *, by: Member, now: datetime) -> None:
    """Undo what the two have ahead of them without a pairing, and what somebody else parted."""
    for meeting in db.session.scalars(_meetings_ahead(one.id, other.id, now=now)).all():
        meetings.call_off_for_both(meeting, by=by, now=now)
    for mentee, mentor in ((one, other), (other, one)):
        if wait := waiting.open_between(mentor.id, member=mentee):
            waits.leave(wait, by=mentee, now=now)
        for seat in db.session.scalars(_seats_ahead(mentee.id, mentor.id, now=now)).all():
            give_up_seat(seat, by=by, now=now)
        for meet_up in db.session.scalars(_meet_ups_ahead(mentee.id, mentor.id, now=now)).all():
            give_up_meet_up(meet_up, by=by, now=now)


def give_up_seat(seat: GroupSeat, *, by: Member, now: datetime) -> None:
    """Let a student have a seat no more: given back, unless somebody else sees to it.

    Then nobody is told who. Whoever locks the student calls it.
    """
    if by.id == seat.member_id:
        sessions.leave(seat, by=by, now=now)
    else:
        sessions.end(seat, by=None, now=now)


def give_up_meet_up(meet_up: MeetUp, *, by: Member, now: datetime) -> None:
    """Let a student have a time at a conference no more, as `give_up_seat` does with a seat."""
    if by.id == meet_up.mentee_id:
        meetups.give_back(meet_up, by=by, now=now)
    else:
        meetups.end(meet_up, now=now)


def _meetings_ahead(one_id: UUID, other_id: UUID, *, now: datetime):
    two = or_(
        and_(Meeting.mentee_id == one_id, Meeting.mentor_id == other_id),
        and_(Meeting.mentor_id == one_id, Meeting.mentee_id == other_id),
    )
    return select(Meeting).where(two, Meeting.state.in_(LIVE), Meeting.starts_at > now)


def _seats_ahead(mentee_id: UUID, mentor_id: UUID, *, now: datetime):
    return (
        select(GroupSeat)
        .join(GroupSession, GroupSession.id == GroupSeat.session_id)
        .where(
            GroupSeat.member_id == mentee_id,
            GroupSession.mentor_id == mentor_id,
            GroupSeat.state.in_(COMING),
            GroupSession.starts_at > now,
        )
    )


def _meet_ups_ahead(mentee_id: UUID, mentor_id: UUID, *, now: datetime):
    return (
        select(MeetUp)
        .join(ConferenceBlock, ConferenceBlock.id == MeetUp.block_id)
        .where(
            MeetUp.mentee_id == mentee_id,
            ConferenceBlock.mentor_id == mentor_id,
            MeetUp.state == MeetUpState.TAKEN,
            MeetUp.starts_at > now,
        )
    )
