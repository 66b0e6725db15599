"""Questions about group sessions, each on a member's behalf."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import (
    Boolean,
    DateTime,
    Row,
    ScalarSelect,
    Uuid,
    and_,
    bindparam,
    func,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours
from mentorship.relationships import conflicts
from mentorship.relationships.models import UNDER_WAY, Pairing
from mentorship.scheduling.feeds import clashes
from mentorship.scheduling.groups.models import (
    COMING,
    Audience,
    GroupSeat,
    GroupSession,
    SeatState,
    SessionState,
)
from mentorship.tenancy.members import Member
from mentorship.tenancy.models import Membership
from mentorship.tenancy.roles import Role

#: How many sessions a list shows, and how many of one's own the short one.
SHOWN, MINE = 50, 5


@dataclass(frozen=True)
class Session:
    """A group session, as a member of the chapter sees it. Who comes is the mentor's to see."""

    id: UUID
    mentor_id: UUID
    mentor_name: str
    opened_by_id: UUID
    title: str
    about: str
    starts_at: datetime
    ends_at: datetime
    seats: int
    place: str
    audience: Audience
    state: SessionState
    word: str
    taken: int
    waiting: int
    mine: SeatState | None
    """Whether the member comes or waits."""
    mine_since: datetime | None
    clashes: bool = False
    """Whether a calendar of the mentor's now takes its time, and the mentor has not kept it."""

    @property
    def minutes(self) -> int:
        return int((self.ends_at - self.starts_at).total_seconds() // 60)

    @property
    def free(self) -> int:
        """Seats that a newcomer may have: none while somebody waits."""
        return 0 if self.waiting else max(self.seats - self.taken, 0)

    @property
    def open(self) -> bool:
        return self.state == SessionState.OPEN

    @property
    def asked(self) -> bool:
        return self.state == SessionState.ASKED


class Coming(NamedTuple):
    """Somebody who comes or waits, as the mentor sees it."""

    member_id: UUID
    name: str
    seated: bool


_me = bindparam("member_id", type_=Uuid)
_now = bindparam("now", type_=DateTime(timezone=True))
_session_id = bindparam("session_id", type_=Uuid)
_mentor = aliased(Membership)
_mine = aliased(GroupSeat)


def _count(state: SeatState) -> ScalarSelect[int]:
    seats = select(func.count(GroupSeat.id)).where(
        GroupSeat.session_id == GroupSession.id, GroupSeat.state == state
    )
    return seats.correlate(GroupSession).scalar_subquery()


_PAIRED = (
    select(Pairing.id)
    .where(
        Pairing.mentor_id == GroupSession.mentor_id,
        Pairing.mentee_id == _me,
        Pairing.state.in_(UNDER_WAY),
    )
    .correlate(GroupSession)
    .exists()
)
_HAD_A_SEAT = (
    select(GroupSeat.id)
    .where(GroupSeat.session_id == GroupSession.id, GroupSeat.member_id == _me)
    .correlate(GroupSession)
    .exists()
)
_runs_it = bindparam("runs_it", type_=Boolean)
_SESSIONS = (
    select(
        GroupSession.id,
        GroupSession.mentor_id,
        _mentor.name.label("mentor_name"),
        GroupSession.opened_by_id,
        GroupSession.title,
        GroupSession.about,
        GroupSession.starts_at,
        GroupSession.ends_at,
        GroupSession.seats,
        GroupSession.place,
        GroupSession.audience,
        GroupSession.state,
        GroupSession.word,
        _count(SeatState.SEATED).label("taken"),
        _count(SeatState.WAITING).label("waiting"),
        _mine.state.label("mine"),
        _mine.joined_at.label("mine_since"),
    )
    .join(_mentor, _mentor.id == GroupSession.mentor_id)
    .outerjoin(
        _mine,
        and_(
            _mine.session_id == GroupSession.id,
            _mine.member_id == _me,
            _mine.state.in_(COMING),
        ),
    )
)
_VISIBLE = and_(
    # Nobody is told who set a block between two people: it is simply not there.
    ~conflicts.kept_apart(GroupSession.mentor_id, _me),
    or_(
        GroupSession.mentor_id == _me,
        _runs_it,
        _HAD_A_SEAT,
        and_(
            GroupSession.state.in_((SessionState.OPEN, SessionState.CALLED_OFF)),
            or_(GroupSession.audience == Audience.CHAPTER, _PAIRED),
        ),
    ),
)
_AHEAD = (
    _SESSIONS.where(
        _VISIBLE,
        GroupSession.state.in_((SessionState.OPEN, SessionState.ASKED)),
        GroupSession.ends_at > _now,
        _mentor.left_at.is_(None),
    )
    .order_by(GroupSession.starts_at, GroupSession.id)
    .limit(SHOWN)
)
_MINE_AHEAD = (
    _SESSIONS.where(
        GroupSession.state == SessionState.OPEN,
        GroupSession.ends_at > _now,
        or_(GroupSession.mentor_id == _me, _mine.id.is_not(None)),
    )
    .order_by(GroupSession.starts_at, GroupSession.id)
    .limit(MINE)
)
_ONE = _SESSIONS.add_columns(clashes.OPEN_OF_SESSION.label("clashes")).where(
    GroupSession.id == _session_id, _VISIBLE
)
_ENTITY = select(GroupSession).where(GroupSession.id == _session_id, _VISIBLE)
_COMING = (
    select(GroupSeat.member_id, Membership.name, GroupSeat.state == SeatState.SEATED)
    .join(Membership, Membership.id == GroupSeat.member_id)
    .where(GroupSeat.session_id == _session_id, GroupSeat.state.in_(COMING))
    .order_by(GroupSeat.state, GroupSeat.joined_at, GroupSeat.id)
)
_MY_SEAT = select(GroupSeat).where(
    GroupSeat.session_id == _session_id,
    GroupSeat.member_id == _me,
    GroupSeat.state.in_(COMING),
)
_MENTORS = (
    select(Membership.id, Membership.name)
    .where(Membership.left_at.is_(None), Membership.roles.contains([Role.MENTOR]))
    .order_by(Membership.name, Membership.id)
)
_there = aliased(Membership)
_seat = aliased(GroupSeat)
_IN_CALENDAR = (
    select(
        GroupSession.id,
        _seat.id.label("seat_id"),
        GroupSession.title,
        GroupSession.starts_at,
        GroupSession.ends_at,
        GroupSession.place,
        GroupSession.state,
        GroupSession.asked_at,
        GroupSession.changes,
        GroupSession.changed_at,
        GroupSession.settled_at,
        _seat.state.label("seat_state"),
        _seat.seated_at,
        _seat.ended_at,
    )
    .select_from(GroupSession)
    .join(_there, _there.user_id == bindparam("user_id", type_=Uuid))
    .outerjoin(
        _seat,
        and_(
            _seat.session_id == GroupSession.id,
            _seat.member_id == _there.id,
            _seat.seated_at.is_not(None),
        ),
    )
    .where(
        or_(GroupSession.mentor_id == _there.id, _seat.id.is_not(None)),
        _there.left_at.is_(None),
        GroupSession.state.in_((SessionState.OPEN, SessionState.CALLED_OFF)),
        GroupSession.starts_at > bindparam("since", type_=DateTime(timezone=True)),
    )
    .order_by(GroupSession.starts_at, GroupSession.id, _seat.id)
    .limit(bindparam("most"))
)


def ahead(member: Member, *, now: datetime) -> list[Session]:
    """Sessions that the member may see and that are not over, the soonest first. One statement."""
    rows = db.session.execute(_AHEAD, _who(member) | {"now": now})
    return [_read(row) for row in rows]


def mine_ahead(member: Member, *, now: datetime) -> list[Session]:
    """Sessions that the member holds, or comes to, or waits for. One statement."""
    return [_read(row) for row in db.session.execute(_MINE_AHEAD, _who(member) | {"now": now})]


def one(session_id: UUID, *, member: Member) -> Session:
    """A session that the member may see, in whatever state. One statement.

    :raises NotYours: there is none for this member.
    """
    row = db.session.execute(_ONE, _who(member) | {"session_id": session_id}).one_or_none()
    if row is None:
        raise NotYours
    return _read(row)


def coming(session_id: UUID) -> list[Coming]:
    """Who has a seat, and after them who waits, in order. One statement."""
    return [Coming(*row) for row in db.session.execute(_COMING, {"session_id": session_id})]


def session(session_id: UUID, *, member: Member) -> GroupSession:
    """A session that the member may see, as an entity that verbs may change.

    :raises NotYours: there is none for this member.
    """
    found = db.session.scalars(_ENTITY, _who(member) | {"session_id": session_id}).one_or_none()
    if found is None:
        raise NotYours
    return found


def my_seat(session_id: UUID, *, member: Member) -> GroupSeat:
    """The member's own seat or place in the line, as an entity that verbs may change.

    :raises NotYours: they have none.
    """
    facts = {"session_id": session_id, "member_id": member.id}
    found = db.session.scalars(_MY_SEAT, facts).one_or_none()
    if found is None:
        raise NotYours
    return found


def mentors() -> list[tuple[UUID, str]]:
    """Every mentor of the chapter, by name. One statement."""
    return [(row.id, row.name) for row in db.session.execute(_MENTORS)]


def in_calendar(user_id: UUID, *, since: datetime, most: int) -> list[Row]:
    """This person's sessions of the chapter that was entered, on either side. One statement."""
    facts = {"user_id": user_id, "since": since, "most": most}
    return list(db.session.execute(_IN_CALENDAR, facts))


def _who(member: Member) -> dict[str, object]:
    return {"member_id": member.id, "runs_it": Role.COORDINATOR in member.roles}


def _read(row: Row) -> Session:
    facts = dict(row._mapping)
    facts["audience"] = Audience(row.audience)
    facts["state"] = SessionState(row.state)
    facts["mine"] = SeatState(row.mine) if row.mine else None
    return Session(**facts)
