"""Asking for meetings in tests, with everything said that a test is not about."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from mentorship.audit.models import AuditEvent
from mentorship.foundation import scope
from mentorship.foundation.database import db
from mentorship.relationships.models import Pairing, PlaceTaken
from mentorship.scheduling import meetings, queries
from mentorship.scheduling.holds import busy_times
from mentorship.scheduling.models import Meeting
from mentorship.tenancy.members import Member
from mentorship.vocabulary.kinds import Kind

#: Two in the afternoon in Chicago, on the Wednesday of the week in which the tests happen.
WEDNESDAY_AT_TWO = datetime(2026, 3, 4, 20, tzinfo=UTC)
HALF_AN_HOUR = timedelta(minutes=30)


def ask(mentor: Member, mentee: Member, *, now: datetime, **more: Any) -> UUID:
    """Ask as `mentee`, and keep it. The id of the meeting."""
    with scope.chapter(mentee.chapter_id):
        meeting = request(mentor, mentee, now=now, **more)
        db.session.commit()
        return meeting.id


def request(mentor: Member, mentee: Member, *, now: datetime, **more: Any) -> Meeting:
    """Ask as `mentee`, inside the chapter that was entered."""
    said = {
        "kind": Kind.CAREER,
        "starts_at": WEDNESDAY_AT_TWO,
        "minutes": 25,
        "purpose": "Academic or community: how did you decide?",
    }
    return meetings.request(mentor=mentor, by=mentee, now=now, **(said | more))


def mine(meeting_id: UUID, member: Member) -> Meeting:
    return queries.my_meeting(meeting_id, member=member)


def held(*members: Member) -> list[tuple[UUID, datetime]]:
    """When each of these people is held in the weeks around, in any chapter."""
    spans = busy_times(
        [member.user_id for member in members],
        since=datetime(2026, 1, 1, tzinfo=UTC),
        until=datetime(2026, 6, 1, tzinfo=UTC),
    )
    return sorted((busy.user_id, busy.span.starts_at) for busy in spans)


def deeds(subject_id: UUID) -> list[str]:
    """What the trail says was done to one thing, oldest first."""
    told = select(AuditEvent.deed).where(AuditEvent.subject_id == subject_id)
    return list(db.session.scalars(told.order_by(AuditEvent.id)))


def pairing_of(meeting: Meeting) -> Pairing:
    return db.session.scalars(select(Pairing).where(Pairing.id == meeting.pairing_id)).one()


def places_taken(mentor: Member) -> int:
    taken = select(PlaceTaken).where(PlaceTaken.user_id == mentor.user_id)
    return len(list(db.session.scalars(taken)))
