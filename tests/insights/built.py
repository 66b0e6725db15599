"""Builders of what home pages are made of, without a database. Say only what a test is about."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from mentorship.foundation import clock
from mentorship.foundation.database import uuid7
from mentorship.insights.pair import Booking, Pair
from mentorship.insights.readiness import Readiness
from mentorship.relationships import rhythm
from mentorship.relationships.models import PairingState
from mentorship.scheduling.models import MeetingState, Part
from mentorship.tenancy.members import Member
from mentorship.tenancy.roles import Role
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import Stage

NOW = datetime(2026, 3, 2, 18, tzinfo=UTC)
"""Noon in Chicago, on a Monday."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def member(*roles: Role, name: str = "Sol Adair", zone: str = "America/Chicago") -> Member:
    return Member(uuid7(), uuid7(), UUID(int=1), name, "x@example.org", zone, frozenset(roles))


STUDENT = member(Role.STUDENT)
MENTOR = member(Role.MENTOR, name="Dr. Mara Quist")
BOTH = member(Role.STUDENT, Role.MENTOR, name="Rhea Stone")
READY = Readiness(
    stage=Stage.M3,
    wants=4,
    mentee_profile=True,
    mentor_profile=True,
    offers=2,
    hours=5,
    lengths=(25,),
    places=3,
    taken=1,
    offered={kind: 4 for kind in Kind},
)


def booking(
    starts_in: timedelta,
    *,
    awaiting: Part | None = None,
    my_questions: int = 1,
    questions: int = 1,
    place: str = "",
    asked: timedelta = 3 * HOUR,
) -> Booking:
    return Booking(
        id=uuid7(),
        starts_at=NOW + starts_in,
        ends_at=NOW + starts_in + timedelta(minutes=25),
        state=MeetingState.REQUESTED if awaiting else MeetingState.ACCEPTED,
        awaiting=awaiting,
        place=place,
        asked_at=NOW - asked,
        proposed_by=None,
        my_questions=my_questions,
        questions=questions,
    )


def pair(
    *bookings: Booking,
    kind: Kind = Kind.CAREER,
    state: PairingState = PairingState.ACTIVE,
    i_mentor: bool = False,
    name: str = "",
    began: int = 100,
    contact: int | None = 5,
    topic: str | None = None,
    zone: str = "America/Chicago",
) -> Pair:
    """A pairing that began so many days ago, with the last contact so many days ago."""
    there = clock.zone(zone)
    today = NOW.astimezone(there).date()
    last = today - contact * DAY if contact is not None else None
    ahead = [one.starts_at for one in bookings if one.accepted and one.ends_at > NOW]
    facts = rhythm.Facts(
        kind=kind,
        stage=Stage.M3,
        state=state,
        began_on=today - began * DAY,
        last_contact_on=last,
        next_meeting_on=min(ahead).astimezone(there).date() if ahead else None,
    )
    return Pair(
        id=uuid7(),
        kind=kind,
        topic=topic,
        state=state,
        i_mentor=i_mentor,
        other_id=uuid7(),
        other_name=name or ("Kit Moor" if i_mentor else "Dr. Ana de la Cruz"),
        other_line="",
        fit=None,
        reasons=[],
        began_at=NOW - began * DAY,
        ended_at=None,
        last_contact_on=last,
        bookings=tuple(sorted(bookings, key=lambda one: one.starts_at)),
        blocked=False,
        rhythm=rhythm.of(facts, today=today),
        every=rhythm.every(kind, stage=Stage.M3, on=today),
        now=NOW,
    )


def day(text: str) -> date:
    return date.fromisoformat(text)
