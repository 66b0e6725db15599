"""Questions about hours, free times and meetings, each on a member's behalf.

What awaits an answer, and from whom, stands in `requests.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import (
    Function,
    Row,
    SQLColumnExpression,
    bindparam,
    exists,
    func,
    or_,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from mentorship.accounts.models import User
from mentorship.foundation import clock
from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours
from mentorship.profiles.models import MentorProfile, Offer
from mentorship.profiles.queries import TAKEN
from mentorship.relationships.models import OPEN, UNDER_WAY, Pairing, PairingState
from mentorship.scheduling import holds, limits, slots
from mentorship.scheduling.feeds.kinds import Blocks
from mentorship.scheduling.feeds.queries import PUBLISHED_UNTIL, UNREAD, Blocked
from mentorship.scheduling.models import BookingLimits, ExtraHours, Meeting, TimeAway, WeeklyHours
from mentorship.scheduling.slots import Away, Full, Limits, Opening, Span, Weekly
from mentorship.tenancy import queries as tenancy
from mentorship.tenancy.members import Member
from mentorship.tenancy.models import Membership
from mentorship.tenancy.roles import Role
from mentorship.vocabulary.kinds import Kind


@dataclass(frozen=True)
class OpenPairing:
    """What two people are to each other already."""

    id: UUID
    kind: Kind
    topic: str | None
    proposed: bool
    last_contact_on: date | None = None


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
    openings: dict[UUID, Opening]
    away: dict[UUID, Away]
    limits: Limits
    places: int
    taken: int
    """How many of the places are, over all chapters; a request that waits takes one."""
    waiting: int
    """Requests of who asks that wait for an answer, in any chapter, whoever the mentor is."""
    pairings: tuple[OpenPairing, ...]
    """What is open between the mentor and who asks, oldest first."""
    published_until: datetime | None = None
    """When the last shift ends that their schedule shows: what comes after is not known yet."""

    @property
    def mentor_id(self) -> UUID:
        return self.member.id

    def pairing_for(self, kind: Kind) -> OpenPairing | None:
        """The pairing that a meeting of this kind belongs to: that kind's, or any there is."""
        same = (each for each in self.pairings if each.kind is kind)
        return next(same, self.pairings[0] if self.pairings else None)

    def open_spans(self, *, now: datetime) -> list[Span]:
        """When the mentor is open, from the earliest to the latest that can be booked now.

        Past the last published shift weekly hours mean nothing yet: a shift may come to lie there.
        A date that the mentor has opened on purpose stays open.
        """
        earliest, latest = self.limits.earliest(now), self.limits.latest(now)
        known = latest if self.published_until is None else min(latest, self.published_until)
        spans: list[Span] = []
        for hours, since, until in (
            (self.hours, earliest, max(known, earliest)),
            ((), max(known, earliest), latest),
        ):
            if since < until:
                spans += slots.open_spans(
                    hours,
                    self.zone,
                    since=since,
                    until=until,
                    openings=self.openings.values(),
                    away=self.away.values(),
                )
        return slots.merged(spans)

    @property
    def zone(self) -> ZoneInfo:
        return clock.zone(self.member.zone)

    @property
    def says_when(self) -> bool:
        """Whether the mentor has named any hours at all."""
        return bool(self.hours or self.openings)

    @property
    def ahead(self) -> str:
        """How far ahead the mentor can be booked: `six weeks`."""
        return limits.worded(self.limits.horizon)


@dataclass(frozen=True)
class Free:
    """When a meeting may begin, and what else keeps it from beginning than hours and meetings."""

    starts: list[datetime]
    full: Full
    """Days on which the mentor has as many meetings as they want, in any chapter."""
    unread: bool
    """Whether a calendar of the mentor's could not be read for too long: nothing is offered."""
    load: int
    """How many meetings the mentor has in the time that can be booked, in any chapter."""


def _listed(*columns: SQLColumnExpression, ordered_by: SQLColumnExpression) -> Function:
    return func.json_agg(aggregate_order_by(func.json_build_array(*columns), ordered_by))


_HOURS = (
    select(
        _listed(
            WeeklyHours.weekday,
            WeeklyHours.opens,
            WeeklyHours.closes,
            WeeklyHours.every,
            WeeklyHours.since,
            ordered_by=WeeklyHours.id,
        )
    )
    .where(WeeklyHours.user_id == User.id)
    .correlate(User)
    .scalar_subquery()
)
_OPENINGS = (
    select(
        _listed(
            ExtraHours.id,
            ExtraHours.day,
            ExtraHours.opens,
            ExtraHours.closes,
            ordered_by=tuple_(ExtraHours.day, ExtraHours.opens, ExtraHours.id),
        )
    )
    .where(ExtraHours.user_id == User.id)
    .correlate(User)
    .scalar_subquery()
)
_AWAY = (
    select(
        _listed(
            TimeAway.id,
            TimeAway.first,
            TimeAway.last,
            TimeAway.since,
            TimeAway.until,
            ordered_by=tuple_(TimeAway.first, TimeAway.since, TimeAway.id),
        )
    )
    .where(TimeAway.user_id == User.id)
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
        _listed(
            Pairing.id,
            Pairing.kind,
            Pairing.topic,
            Pairing.state,
            Pairing.last_contact_on,
            ordered_by=Pairing.began_at,
        )
    )
    .where(
        Pairing.mentor_id == Membership.id,
        Pairing.mentee_id == bindparam("member_id"),
        Pairing.state.in_(OPEN),
    )
    .correlate(Membership)
    .scalar_subquery()
)
_MENTORS = (
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
        _OPENINGS.label("openings"),
        _AWAY.label("away"),
        *limits.COLUMNS,
        _OFFERS.label("offers"),
        _BETWEEN.label("pairings"),
        TAKEN.label("taken"),
        PUBLISHED_UNTIL.label("published_until"),
        holds.WAITING.label("waiting"),
    )
    .join(User, User.id == Membership.user_id)
    .join(MentorProfile, MentorProfile.member_id == Membership.id)
    .outerjoin(BookingLimits, BookingLimits.user_id == User.id)
    .where(Membership.left_at.is_(None), Membership.roles.contains([Role.MENTOR]))
)
_BOOKABLE = _MENTORS.where(Membership.id == bindparam("mentor_id"))
_MY_MENTORS = _MENTORS.where(
    exists(
        select(Pairing.id).where(
            Pairing.mentor_id == Membership.id,
            Pairing.mentee_id == bindparam("member_id"),
            Pairing.state.in_(UNDER_WAY),
        )
    )
).order_by(Membership.name, Membership.id)
_MINE = select(Meeting).where(
    Meeting.id == bindparam("meeting_id"),
    or_(Meeting.mentee_id == bindparam("member_id"), Meeting.mentor_id == bindparam("member_id")),
)


def bookable(mentor_id: UUID, *, member: Member) -> Bookable:
    """A mentor of this chapter, with hours and offers, as `member` may book them. One statement.

    :raises NotYours: there is no such mentor here (anymore).
    """
    facts = {"mentor_id": mentor_id, "member_id": member.id, "user_id": member.user_id}
    row = db.session.execute(_BOOKABLE, facts).one_or_none()
    if row is None:
        raise NotYours
    return _bookable(row)


def my_mentors(member: Member) -> list[Bookable]:
    """Everybody of this chapter whom the member is paired with as a mentee. One statement."""
    facts = {"member_id": member.id, "user_id": member.user_id}
    return [_bookable(row) for row in db.session.execute(_MY_MENTORS, facts)]


def _bookable(row: Row) -> Bookable:
    return Bookable(
        member=tenancy.member_of(row),
        title=row.title,
        institution=row.institution,
        lengths=tuple(sorted(row.lengths)),
        offers={Kind(kind): tuple(topics) for kind, topics in row.offers or ()},
        paused=row.paused_at is not None,
        place=row.video_link,
        hours=tuple(
            Weekly(
                weekday,
                time.fromisoformat(opens),
                time.fromisoformat(closes),
                every,
                date.fromisoformat(since) if since else None,
            )
            for weekday, opens, closes, every, since in row.hours or ()
        ),
        openings={
            UUID(id_): Opening(
                date.fromisoformat(day), time.fromisoformat(opens), time.fromisoformat(closes)
            )
            for id_, day, opens, closes in row.openings or ()
        },
        away={
            UUID(id_): Away(
                date.fromisoformat(first),
                date.fromisoformat(last),
                time.fromisoformat(since) if since else None,
                time.fromisoformat(until) if until else None,
            )
            for id_, first, last, since, until in row.away or ()
        },
        limits=limits.read(*(getattr(row, column.key) for column in limits.COLUMNS)),
        places=row.places or 0,
        taken=row.taken,
        published_until=row.published_until,
        waiting=row.waiting,
        pairings=tuple(
            OpenPairing(
                UUID(id_),
                Kind(kind),
                topic,
                state == PairingState.PROPOSED,
                date.fromisoformat(contact) if contact else None,
            )
            for id_, kind, topic, state, contact in row.pairings or ()
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
    """When a meeting of this mentor with that person may begin: see `free`."""
    return free(mentor, with_user_id=with_user_id, minutes=minutes, now=now, but=but).starts


def free(
    mentor: Bookable,
    *,
    with_user_id: UUID,
    minutes: int,
    now: datetime,
    but: Meeting | None = None,
) -> Free:
    """When a meeting of this mentor with that person may begin. One statement.

    The mentor's limits are kept; what either of them has in any chapter or calendar is not free.
    `but` is a meeting that is looking for another time: its own hold does not count.
    """
    span = _looked_at(mentor, minutes=minutes, now=now)
    taken = holds.taken(
        {mentor.member.user_id, with_user_id},
        since=span.starts_at,
        until=span.ends_at,
        now=now,
        but=but,
    )
    return _free(mentor, taken, minutes=minutes, now=now)


def free_of(
    mentors: Sequence[Bookable], *, with_user_id: UUID, minutes: int, now: datetime
) -> dict[UUID, Free]:
    """When a meeting of each of these mentors with that person may begin. One statement."""
    if not mentors:
        return {}
    spans = [_looked_at(mentor, minutes=minutes, now=now) for mentor in mentors]
    taken = holds.taken(
        {with_user_id, *(mentor.member.user_id for mentor in mentors)},
        since=min(span.starts_at for span in spans),
        until=max(span.ends_at for span in spans),
        now=now,
    )
    return {
        mentor.member.id: _free(
            mentor,
            [each for each in taken if each.user_id in (mentor.member.user_id, with_user_id)],
            minutes=minutes,
            now=now,
        )
        for mentor in mentors
    }


def _looked_at(mentor: Bookable, *, minutes: int, now: datetime) -> Span:
    """The time of which must be known what takes it, to say when the mentor is free."""
    limits = mentor.limits
    ends_at = limits.latest(now) + timedelta(minutes=minutes) + limits.buffer
    return limits.counted(Span(limits.earliest(now) - limits.buffer, ends_at))


def _free(mentor: Bookable, taken: list[Blocked], *, minutes: int, now: datetime) -> Free:
    limits, me = mentor.limits, mentor.member.user_id
    earliest, latest = limits.earliest(now), limits.latest(now)
    unread = any(each.user_id == me and each.why == UNREAD for each in taken)
    meetings = [
        each.span.starts_at for each in taken if each.user_id == me and each.why == holds.MEETING
    ]
    full = limits.full(meetings, mentor.zone)
    starts = slots.starts(
        [] if unread else mentor.open_spans(now=now),
        # Whoever asks and has a calendar that cannot be read knows what is in it.
        [each.span for each in taken if each.why not in (Blocks.REST, UNREAD)],
        minutes=minutes,
        buffer_minutes=limits.buffer_minutes,
        earliest=earliest,
        latest=latest,
        zone=mentor.zone,
        rest=[each.span for each in taken if each.why == Blocks.REST],
        full=full,
    )
    return Free(starts, full, unread, sum(at > now for at in meetings))


def my_meeting(meeting_id: UUID, *, member: Member) -> Meeting:
    """A meeting of this member, as an entity that verbs may change.

    :raises NotYours: the member is not one of its two people.
    """
    facts = {"meeting_id": meeting_id, "member_id": member.id}
    found = db.session.scalars(_MINE, facts).one_or_none()
    if found is None:
        raise NotYours
    return found
