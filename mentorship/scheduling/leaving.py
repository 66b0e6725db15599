"""What becomes of somebody's pairings, meetings, waits and seats when they leave the chapter."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    and_,
    bindparam,
    func,
    or_,
    select,
    union,
)

from mentorship.accounts import users
from mentorship.foundation.database import db
from mentorship.relationships import pairings
from mentorship.relationships.models import OPEN, Pairing
from mentorship.scheduling import endings, meetings
from mentorship.scheduling.conference import meetups
from mentorship.scheduling.conference.models import ConferenceBlock, MeetUp, MeetUpState
from mentorship.scheduling.groups import sessions
from mentorship.scheduling.groups.models import COMING, GroupSeat, GroupSession, SessionState
from mentorship.scheduling.models import LIVE, Meeting
from mentorship.scheduling.standing.models import LIVE as STANDING
from mentorship.scheduling.standing.models import StandingMeeting
from mentorship.scheduling.waiting import waits
from mentorship.scheduling.waiting.models import ON_THE_LIST, Wait
from mentorship.tenancy import memberships, queries
from mentorship.tenancy.members import Member
from mentorship.tenancy.memberships import Foreseen

_me: BindParameter = bindparam("member_id")
_now: BindParameter = bindparam("now")


_OfTwo = type[Meeting] | type[Pairing] | type[Wait] | type[StandingMeeting]


def _of_two(record: _OfTwo) -> ColumnElement[bool]:
    return or_(record.mentee_id == _me, record.mentor_id == _me)


_PAIRINGS = select(Pairing).where(_of_two(Pairing), Pairing.state.in_(OPEN)).order_by(Pairing.id)
_MEETINGS = (
    select(Meeting)
    .where(_of_two(Meeting), Meeting.state.in_(LIVE), Meeting.starts_at > _now)
    .order_by(Meeting.starts_at, Meeting.id)
)
_STANDING = select(StandingMeeting).where(
    StandingMeeting.state.in_(STANDING),
    StandingMeeting.pairing_id.in_(select(Pairing.id).where(_of_two(Pairing))),
)
_WAITS = select(Wait).where(_of_two(Wait), Wait.state.in_(ON_THE_LIST)).order_by(Wait.id)
_SEATS = (
    select(GroupSeat)
    .join(GroupSession, GroupSession.id == GroupSeat.session_id)
    .where(GroupSeat.member_id == _me, GroupSeat.state.in_(COMING), GroupSession.starts_at > _now)
    .order_by(GroupSeat.id)
)
_SESSIONS = (
    select(GroupSession)
    .where(
        GroupSession.mentor_id == _me,
        GroupSession.state.in_((SessionState.ASKED, SessionState.OPEN)),
        GroupSession.starts_at > _now,
    )
    .order_by(GroupSession.id)
)
_MEET_UPS = (
    select(MeetUp)
    .where(MeetUp.mentee_id == _me, MeetUp.state == MeetUpState.TAKEN, MeetUp.starts_at > _now)
    .order_by(MeetUp.id)
)
_BLOCKS = (
    select(ConferenceBlock)
    .where(
        and_(ConferenceBlock.mentor_id == _me, ConferenceBlock.closed_at.is_(None)),
        ConferenceBlock.starts_at > _now,
    )
    .order_by(ConferenceBlock.id)
)
_SHOWN: tuple[tuple[Select, str, str], ...] = (
    (_PAIRINGS, "pairing ends", "pairings end"),
    (_MEETINGS, "meeting or request is called off", "meetings and requests are called off"),
    (_STANDING, "regular meeting stops", "regular meetings stop"),
    (_WAITS, "wait for a place is given up", "waits for a place are given up"),
    (_SEATS, "seat in a session is given back", "seats in sessions are given back"),
    (_SESSIONS, "session that they hold is called off", "sessions that they hold are called off"),
    (_MEET_UPS, "conference meet-up is given back", "conference meet-ups are given back"),
    (_BLOCKS, "offer at a conference is taken back", "offers at a conference are taken back"),
)
_OTHERS = union(
    *(
        select(other).where(_of_two(record), record.state.in_(states))
        for record, states in ((Meeting, LIVE), (Pairing, OPEN), (Wait, ON_THE_LIST))
        for other in (record.mentee_user_id, record.mentor_user_id)
    )
)
_COUNTED = select(
    *(
        select(func.count()).select_from(found.order_by(None).subquery()).scalar_subquery()
        for found, _, _ in _SHOWN
    )
)


class _Everything:
    def foresee(self, member: Member, *, now: datetime) -> Iterable[Foreseen]:
        """Count it all in one statement."""
        counted = db.session.execute(_COUNTED, {"member_id": member.id, "now": now}).one()
        for many, (_, one, several) in zip(counted, _SHOWN, strict=True):
            yield Foreseen(many, one, several)

    def end(self, member: Member, *, by: Member, now: datetime) -> None:
        """Call off what is ahead, so that nothing of it counts against anybody, then the rest."""

        def found(wanted: Select) -> list:
            return list(db.session.scalars(wanted, {"member_id": member.id, "now": now}))

        # Everybody concerned at once, so that two who leave together cannot block each other.
        users.lock(member.user_id, *db.session.scalars(_OTHERS, {"member_id": member.id}))
        for meeting in found(_MEETINGS):
            meetings.call_off_for_both(meeting, by=by, now=now)
        for pairing in found(_PAIRINGS):
            pairings.end(pairing, by=by, now=now)
        for wait in found(_WAITS):
            waits.leave(wait, by=queries.member(wait.mentee_id), now=now)
        for seat in found(_SEATS):
            endings.give_up_seat(seat, by=by, now=now)
        for session in found(_SESSIONS):
            sessions.call_off(session, by=member, now=now)
        for meet_up in found(_MEET_UPS):
            endings.give_up_meet_up(meet_up, by=by, now=now)
        for block in found(_BLOCKS):
            meetups.call_off(block, by=member, now=now)


memberships.leaves_along(_Everything())
