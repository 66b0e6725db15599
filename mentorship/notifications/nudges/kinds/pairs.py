"""What is known of the pairings that somebody may be nudged about, in one question."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, exists, func, or_, select
from sqlalchemy.orm import aliased

from mentorship.accounts.models import User
from mentorship.foundation import clock
from mentorship.foundation.database import db
from mentorship.profiles.models import MenteeProfile
from mentorship.relationships import conflicts, rhythm
from mentorship.relationships.models import Pairing, PairingState
from mentorship.scheduling.models import Meeting, MeetingState
from mentorship.tenancy.models import Membership
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import Stage

#: Pairings whose two may be nudged: neither only asked for, nor paused, nor over.
GOING = (PairingState.ACCEPTED, PairingState.ACTIVE)

mentee, mentor = aliased(Membership), aliased(Membership)
_mentee_user, _mentor_user = aliased(User), aliased(User)

#: Nothing keeps the two apart.
NOT_BLOCKED = ~conflicts.kept_apart(Pairing.mentee_id, Pairing.mentor_id)
_agreed = (
    select(func.max(Meeting.starts_at))
    .where(Meeting.pairing_id == Pairing.id, Meeting.state == MeetingState.ACCEPTED)
    .scalar_subquery()
)
_asked = exists(
    select(Meeting.id).where(
        Meeting.pairing_id == Pairing.id, Meeting.state == MeetingState.REQUESTED
    )
)
_PAIRS = (
    select(
        Pairing.id,
        Pairing.kind,
        Pairing.state,
        Pairing.began_at,
        Pairing.last_contact_on,
        MenteeProfile.stage,
        _agreed.label("agreed_at"),
        _asked.label("asked"),
        mentee.id.label("mentee_id"),
        mentee.user_id.label("mentee_user_id"),
        mentee.name.label("mentee_name"),
        _mentee_user.zone.label("mentee_zone"),
        mentor.id.label("mentor_id"),
        mentor.user_id.label("mentor_user_id"),
        mentor.name.label("mentor_name"),
        _mentor_user.zone.label("mentor_zone"),
    )
    .join(mentee, mentee.id == Pairing.mentee_id)
    .join(mentor, mentor.id == Pairing.mentor_id)
    .join(_mentee_user, _mentee_user.id == mentee.user_id)
    .join(_mentor_user, _mentor_user.id == mentor.user_id)
    .outerjoin(MenteeProfile, MenteeProfile.member_id == Pairing.mentee_id)
    .where(
        Pairing.state.in_(GOING), mentee.left_at.is_(None), mentor.left_at.is_(None), NOT_BLOCKED
    )
)
_OF_ONE = _PAIRS.where(
    or_(Pairing.mentee_id == bindparam("member_id"), Pairing.mentor_id == bindparam("member_id"))
)


@dataclass(frozen=True)
class Side:
    """One of the two."""

    member_id: UUID
    user_id: UUID
    name: str
    zone: str


@dataclass(frozen=True)
class Pair:
    """A pairing that goes on between two who are both there."""

    id: UUID
    kind: Kind
    stage: Stage | None
    state: PairingState
    began_at: datetime
    last_contact_on: date | None
    agreed_at: datetime | None
    """When the latest meeting that both agreed to begins, ahead or just past: nobody has said yet
    whether it was held."""
    asked: bool
    """Whether one of the two waits for the other's answer to a request."""
    mentee: Side
    mentor: Side

    def side(self, member_id: UUID) -> Side:
        return self.mentee if self.mentee.member_id == member_id else self.mentor

    def other(self, member_id: UUID) -> Side:
        return self.mentor if self.mentee.member_id == member_id else self.mentee

    def in_touch(self, now: datetime) -> bool:
        """Whether they are about to meet, or to agree on when."""
        return self.asked or (self.agreed_at is not None and self.agreed_at >= now)

    def last_contact(self, zone: str) -> date | None:
        """Their last contact; a meeting that is past counts, unless somebody says otherwise."""
        agreed_on = clock.day(self.agreed_at, zone) if self.agreed_at else None
        return max(filter(None, (self.last_contact_on, agreed_on)), default=None)

    def due_on(self, zone: str) -> date | None:
        """When the two should next be in touch."""
        return rhythm.next_due(
            rhythm.Facts(
                kind=self.kind,
                stage=self.stage,
                state=self.state,
                began_on=clock.day(self.began_at, zone),
                last_contact_on=self.last_contact(zone),
            )
        )


def rows(everybodys: Select, ones: Select, member_id: UUID | None, **facts: Any) -> Sequence[Any]:
    """What is to be looked at: everybody's, or one member's."""
    if member_id is None:
        return db.session.execute(everybodys, facts).all()
    return db.session.execute(ones, facts | {"member_id": member_id}).all()


def going(member_id: UUID | None = None) -> Iterator[Pair]:
    """Every such pairing of the chapter that was entered, or those of one member."""
    for row in rows(_PAIRS, _OF_ONE, member_id):
        yield Pair(
            id=row.id,
            kind=Kind(row.kind),
            stage=Stage(row.stage) if row.stage else None,
            state=PairingState(row.state),
            began_at=row.began_at,
            last_contact_on=row.last_contact_on,
            agreed_at=row.agreed_at,
            asked=row.asked,
            mentee=Side(row.mentee_id, row.mentee_user_id, row.mentee_name, row.mentee_zone),
            mentor=Side(row.mentor_id, row.mentor_user_id, row.mentor_name, row.mentor_zone),
        )


def morning(day: date, zone: str) -> datetime:
    """The instant at which a day begins there."""
    return datetime.combine(day, time(), clock.zone(zone)).astimezone(UTC)
