"""Questions about hours, free times and meetings, each on a member's behalf.

What awaits an answer, and from whom, stands in `requests.py`.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from sqlalchemy import Function, SQLColumnExpression, bindparam, func, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from mentorship.accounts.models import User
from mentorship.foundation import clock
from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours
from mentorship.profiles.models import MentorProfile, Offer
from mentorship.profiles.queries import TAKEN
from mentorship.relationships.models import OPEN, Pairing, PairingState
from mentorship.scheduling import holds, slots
from mentorship.scheduling.models import Meeting, MeetingState, WeeklyHours
from mentorship.scheduling.slots import Limits, Span, Weekly
from mentorship.tenancy import queries as tenancy
from mentorship.tenancy.members import Member
from mentorship.tenancy.models import Membership
from mentorship.tenancy.roles import Role
from mentorship.vocabulary.kinds import Kind

#: How soon, how far ahead and how close together people may meet.
LIMITS = Limits()


@dataclass(frozen=True)
class OpenPairing:
    """What two people are to each other already."""

    id: UUID
    kind: Kind
    topic: str | None
    proposed: bool


@dataclass(frozen=True)
class Bookable:
    """A mentor as somebody who may be asked for a meeting."""

    member: Member
    title: str
    institution: str
    lengths: tuple[int, ...]
    offers: dict[Kind, tuple[str, ...]]
    """Kinds offered, each with its topics."""
    paused: bool
    place: str
    hours: tuple[Weekly, ...]
    places: int
    taken: int
    """How many of the places are, over all chapters; a request that waits takes one."""
    waiting: int
    """Requests of who asks that wait for an answer, whoever the mentor is."""
    pairings: tuple[OpenPairing, ...]
    """What is open between the mentor and who asks, oldest first."""

    def pairing_for(self, kind: Kind) -> OpenPairing | None:
        """The pairing that a meeting of this kind belongs to: that kind's, or any there is."""
        same = (each for each in self.pairings if each.kind is kind)
        return next(same, self.pairings[0] if self.pairings else None)

    def open_spans(self, *, now: datetime) -> list[Span]:
        """The mentor's hours, from the earliest to the latest time that can be booked now."""
        return slots.open_spans(
            self.hours,
            clock.zone(self.member.zone),
            since=LIMITS.earliest(now),
            until=LIMITS.latest(now),
        )


def _listed(*columns: SQLColumnExpression, ordered_by: SQLColumnExpression) -> Function:
    return func.json_agg(aggregate_order_by(func.json_build_array(*columns), ordered_by))


_HOURS = (
    select(
        _listed(
            WeeklyHours.weekday, WeeklyHours.opens, WeeklyHours.closes, ordered_by=WeeklyHours.id
        )
    )
    .where(WeeklyHours.user_id == User.id)
    .correlate(User)
    .scalar_subquery()
)
_OFFERS = (
    select(_listed(Offer.kind, Offer.topics, ordered_by=Offer.kind))
    .where(Offer.member_id == Membership.id)
    .correlate(Membership)
    .scalar_subquery()
)
_BETWEEN = (
    select(
        _listed(Pairing.id, Pairing.kind, Pairing.topic, Pairing.state, ordered_by=Pairing.began_at)
    )
    .where(
        Pairing.mentor_id == Membership.id,
        Pairing.mentee_id == bindparam("member_id"),
        Pairing.state.in_(OPEN),
    )
    .correlate(Membership)
    .scalar_subquery()
)
_WAITING = (
    select(func.count())
    .where(Meeting.mentee_id == bindparam("member_id"), Meeting.state == MeetingState.REQUESTED)
    .scalar_subquery()
)
_BOOKABLE = (
    select(
        Membership.id,
        Membership.user_id,
        Membership.name,
        Membership.roles,
        User.email,
        User.zone,
        User.places,
        MentorProfile.title,
        MentorProfile.institution,
        MentorProfile.lengths,
        MentorProfile.paused_at,
        MentorProfile.video_link,
        _HOURS.label("hours"),
        _OFFERS.label("offers"),
        _BETWEEN.label("pairings"),
        TAKEN.label("taken"),
        _WAITING.label("waiting"),
    )
    .join(User, User.id == Membership.user_id)
    .join(MentorProfile, MentorProfile.member_id == Membership.id)
    .where(
        Membership.id == bindparam("mentor_id"),
        Membership.left_at.is_(None),
        Membership.roles.contains([Role.MENTOR]),
    )
)
_MINE = select(Meeting).where(
    Meeting.id == bindparam("meeting_id"),
    or_(Meeting.mentee_id == bindparam("member_id"), Meeting.mentor_id == bindparam("member_id")),
)


def bookable(mentor_id: UUID, *, member: Member) -> Bookable:
    """A mentor of this chapter, with hours and offers, as `member` may book them. One statement.

    :raises NotYours: there is no such mentor here (any more).
    """
    facts = {"mentor_id": mentor_id, "member_id": member.id}
    row = db.session.execute(_BOOKABLE, facts).one_or_none()
    if row is None:
        raise NotYours
    return Bookable(
        member=tenancy.member_of(row),
        title=row.title,
        institution=row.institution,
        lengths=tuple(sorted(row.lengths)),
        offers={Kind(kind): tuple(topics) for kind, topics in row.offers or ()},
        paused=row.paused_at is not None,
        place=row.video_link,
        hours=tuple(
            Weekly(weekday, time.fromisoformat(opens), time.fromisoformat(closes))
            for weekday, opens, closes in row.hours or ()
        ),
        places=row.places or 0,
        taken=row.taken,
        waiting=row.waiting,
        pairings=tuple(
            OpenPairing(UUID(id_), Kind(kind), topic, state == PairingState.PROPOSED)
            for id_, kind, topic, state in row.pairings or ()
        ),
    )


def free_starts(
    mentor: Bookable,
    *,
    with_user_id: UUID,
    minutes: int,
    now: datetime,
    but: Meeting | None = None,
) -> list[datetime]:
    """When a meeting of this mentor with that person may begin. One statement.

    Notice, horizon and buffer are kept, and what either of them has in any chapter is not free.
    `but` is a meeting that is looking for another time: its own hold does not count.
    """
    earliest, latest = LIMITS.earliest(now), LIMITS.latest(now)
    busy = holds.busy_times(
        {mentor.member.user_id, with_user_id},
        since=earliest - LIMITS.buffer,
        until=latest + timedelta(minutes=minutes) + LIMITS.buffer,
        but=but,
    )
    return slots.starts(
        mentor.open_spans(now=now),
        [each.span for each in busy],
        minutes=minutes,
        buffer_minutes=LIMITS.buffer_minutes,
        earliest=earliest,
        latest=latest,
        zone=clock.zone(mentor.member.zone),
    )


def my_meeting(meeting_id: UUID, *, member: Member) -> Meeting:
    """A meeting of this member, as an entity that verbs may change.

    :raises NotYours: the member is not one of its two people.
    """
    facts = {"meeting_id": meeting_id, "member_id": member.id}
    found = db.session.scalars(_MINE, facts).one_or_none()
    if found is None:
        raise NotYours
    return found
