"""Questions about standing meetings, each on a member's behalf."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import DateTime, Uuid, bindparam, func, or_, select

from mentorship.foundation.database import db
from mentorship.relationships import queries as relationships
from mentorship.relationships.models import UNDER_WAY, Pairing
from mentorship.scheduling import queries as scheduling
from mentorship.scheduling.models import Meeting, MeetingState, Part
from mentorship.scheduling.queries import Bookable
from mentorship.scheduling.standing import series, wording
from mentorship.scheduling.standing.models import (
    StandingDate,
    StandingMeeting,
    StandingState,
    Why,
)
from mentorship.tenancy import queries as tenancy
from mentorship.tenancy.members import Member
from mentorship.web.filters import called


@dataclass(frozen=True)
class DateLine:
    """One date, as the page lists it."""

    starts_at: datetime
    ends_at: datetime
    meeting_id: UUID | None
    state: MeetingState | None
    """Of its meeting, if it has one."""
    why: Why | None

    @property
    def is_set(self) -> bool:
        return self.state == MeetingState.ACCEPTED


@dataclass(frozen=True)
class Opened:
    """A pairing with its latest standing meeting, as one of the two sees it."""

    pairing: Pairing
    me: Member
    mentee: Member
    mentor: Member
    standing: StandingMeeting | None

    @property
    def i_mentor(self) -> bool:
        return self.me.id == self.mentor.id

    @property
    def other(self) -> Member:
        return self.mentee if self.i_mentor else self.mentor

    @property
    def called(self) -> str:
        """The other one, as one says it in a sentence."""
        return called(self.other.name, mentor=not self.i_mentor)

    @property
    def under_way(self) -> bool:
        return self.pairing.state in UNDER_WAY

    @property
    def waits(self) -> bool:
        return self.standing is not None and self.standing.state == StandingState.PROPOSED

    @property
    def agreed(self) -> bool:
        return self.standing is not None and self.standing.state == StandingState.AGREED

    @property
    def by_me(self) -> bool:
        """Whether the reader has proposed it."""
        mine = Part.MENTOR if self.i_mentor else Part.MENTEE
        return self.standing is not None and self.standing.part == mine

    @property
    def rhythm(self) -> str:
        assert self.standing is not None
        return wording.rhythm(self.standing)

    def why(self, why: Why) -> str:
        """Why a date was left out, as the reader is told."""
        return wording.left_out(why, mentor=self.mentor, mentee=self.mentee, reader=self.me)


_LATEST = (
    select(StandingMeeting)
    .where(StandingMeeting.pairing_id == bindparam("pairing_id", type_=Uuid))
    .order_by(StandingMeeting.asked_at.desc(), StandingMeeting.id.desc())
    .limit(1)
)
_starts_at = func.coalesce(Meeting.starts_at, StandingDate.starts_at)
_DATES = (
    select(
        StandingDate.number,
        _starts_at.label("starts_at"),
        Meeting.ends_at,
        StandingDate.meeting_id,
        Meeting.state,
        StandingDate.why,
    )
    .outerjoin(Meeting, Meeting.id == StandingDate.meeting_id)
    .where(StandingDate.standing_id == bindparam("standing_id", type_=Uuid))
    .order_by(_starts_at, StandingDate.number)
)
_AHEAD = _DATES.where(
    or_(
        Meeting.ends_at > bindparam("now", type_=DateTime(timezone=True)),
        StandingDate.starts_at > bindparam("now", type_=DateTime(timezone=True)),
    )
)


def opened(pairing_id: UUID, *, member: Member) -> Opened:
    """A pairing of this member, with its latest standing meeting. Three statements.

    :raises NotYours: the member is not one of the two.
    """
    pairing = relationships.my_pairing(pairing_id, member=member)
    two = tenancy.members([pairing.mentee_id, pairing.mentor_id])
    standing = db.session.scalars(_LATEST, {"pairing_id": pairing.id}).one_or_none()
    return Opened(pairing, member, two[pairing.mentee_id], two[pairing.mentor_id], standing)


def dates(standing: StandingMeeting, *, now: datetime | None = None) -> list[DateLine]:
    """Its dates that are decided, in order; with `now`, those that are not over. One statement."""
    facts: dict[str, object] = {"standing_id": standing.id}
    statement = _DATES
    if now is not None:
        statement, facts = _AHEAD, facts | {"now": now}
    length = timedelta(minutes=standing.minutes)
    return [
        DateLine(
            starts_at=row.starts_at,
            ends_at=row.ends_at or row.starts_at + length,
            meeting_id=row.meeting_id,
            state=MeetingState(row.state) if row.state else None,
            why=Why(row.why) if row.why else None,
        )
        for row in db.session.execute(statement, facts)
    ]


def preview(standing: StandingMeeting, mentor: Bookable, *, now: datetime) -> list[DateLine]:
    """The dates that a yes would set now, and those that it would leave out. One statement."""
    return [
        DateLine(each.span.starts_at, each.span.ends_at, None, None, each.why)
        for each in series.ahead(standing, mentor, now=now)
    ]


def mentor_of(shown: Opened) -> Bookable:
    """The mentor of the two, as somebody who is booked. One statement.

    :raises NotYours: they are no mentor here anymore.
    """
    return scheduling.bookable(shown.mentor.id, member=shown.mentee)
