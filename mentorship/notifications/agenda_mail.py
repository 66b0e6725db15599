"""The agenda as it goes ahead of a meeting, to both of its people."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select

from mentorship.audit.models import AuditEvent
from mentorship.foundation.database import db
from mentorship.foundation.settings import Settings
from mentorship.notifications.telling import Facts, Telling
from mentorship.relationships.models import ActionItem, Pairing
from mentorship.scheduling import sendings
from mentorship.scheduling.models import AgendaItem, Meeting, MeetingState
from mentorship.tenancy import queries
from mentorship.tenancy.members import Member
from mentorship.vocabulary.kinds import Kind

_MEETING = (
    select(Meeting, Pairing.kind)
    .join(Pairing, Pairing.id == Meeting.pairing_id)
    .where(Meeting.id == bindparam("meeting_id"))
)
_ITEMS = (
    select(AgendaItem)
    .where(AgendaItem.meeting_id == bindparam("meeting_id"))
    .order_by(AgendaItem.position, AgendaItem.id)
)
_OPEN = (
    select(ActionItem.what, ActionItem.owner_id)
    .where(
        ActionItem.pairing_id == bindparam("pairing_id"),
        ActionItem.done_at.is_(None),
        ActionItem.dropped_at.is_(None),
    )
    .order_by(ActionItem.due_on.asc().nulls_last(), ActionItem.id)
    .limit(20)
)


def _both(event: AuditEvent) -> Sequence[UUID]:
    meeting, _ = db.session.execute(_MEETING, {"meeting_id": event.subject_id}).one()
    return [meeting.mentee_id, meeting.mentor_id]


def _agenda(event: AuditEvent, reader: Member, _settings: Settings) -> Facts | None:
    """Gather the agenda as it stands, unless the meeting was moved or called off meanwhile."""
    meeting, kind = db.session.execute(_MEETING, {"meeting_id": event.subject_id}).one()
    starts_at = datetime.fromisoformat(event.facts["starts_at"])
    if meeting.state != MeetingState.ACCEPTED or meeting.starts_at != starts_at:
        return None
    items = list(db.session.scalars(_ITEMS, {"meeting_id": meeting.id}))
    if not items:
        return None
    mentoring = reader.id == meeting.mentor_id
    # Mail may be read over a shoulder: of wellness mentoring it holds nothing they wrote.
    discreet = kind == Kind.WELLNESS
    open_items = db.session.execute(_OPEN, {"pairing_id": meeting.pairing_id}).all()
    # Files that a mentee chooses would be named here, beside the words.
    along = "" if discreet else sendings.of(meeting.id).along
    return Facts(
        {
            "meeting": meeting,
            "mentoring": mentoring,
            "other": queries.member(meeting.mentee_id if mentoring else meeting.mentor_id),
            "discreet": discreet,
            "items": [] if discreet else items,
            "count": len(items),
            "open_items": [] if discreet else open_items,
            "along": along,
        }
    )


SENT = Telling("agenda", _both, _agenda)
