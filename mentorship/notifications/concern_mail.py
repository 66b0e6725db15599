"""What is told of concerns: that there is one, or that it has moved, and never a word of it."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import bindparam, select

from mentorship.audit.models import AuditEvent
from mentorship.foundation.database import db
from mentorship.foundation.settings import Settings
from mentorship.notifications.telling import Facts, Telling
from mentorship.safety import queries
from mentorship.safety.models import Concern, ConcernState
from mentorship.tenancy.members import Member

_STANDS = select(Concern.id, Concern.by_id, Concern.state, Concern.look_by).where(
    Concern.id == bindparam("concern_id")
)


def _whoever_may_look(event: AuditEvent) -> Sequence[UUID]:
    return [one.id for one in queries.triagers(event.subject_id)]


def _whoever_reported(event: AuditEvent) -> Sequence[UUID]:
    by_id = db.session.execute(_STANDS, {"concern_id": event.subject_id}).one().by_id
    return [] if by_id == event.by_id else [by_id]


def _unseen(event: AuditEvent, reader: Member, _settings: Settings) -> Facts | None:
    """Gather that a concern waits, unless somebody has looked or the reader may not anymore."""
    stands = db.session.execute(_STANDS, {"concern_id": event.subject_id}).one()
    may = reader.id in {one.id for one in queries.triagers(stands.id)}
    if stands.state != ConcernState.RECEIVED or not may:
        return None
    return Facts({"concern_id": stands.id, "look_by": stands.look_by})


def _moved(event: AuditEvent, _reader: Member, _settings: Settings) -> Facts:
    return Facts({"concern_id": event.subject_id})


WAITS = Telling("concern_waits", _whoever_may_look, _unseen)
REMINDED = Telling("concern_late", _whoever_may_look, _unseen)
MOVED = Telling("concern_moved", _whoever_reported, _moved)
