"""What is told of files: that one is shown. Its address goes by mail, never its bytes."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import bindparam, select

from mentorship.audit.models import AuditEvent
from mentorship.files import queries as files
from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours
from mentorship.foundation.settings import Settings
from mentorship.notifications.telling import Facts, Telling
from mentorship.relationships.models import Pairing
from mentorship.tenancy import queries
from mentorship.tenancy.members import Member
from mentorship.vocabulary.kinds import Kind

_PAIRING = select(Pairing).where(Pairing.id == bindparam("pairing_id"))


def _pairing(event: AuditEvent) -> Pairing:
    return db.session.scalars(_PAIRING, {"pairing_id": UUID(event.facts["pairing_id"])}).one()


def _the_other(event: AuditEvent) -> Sequence[UUID]:
    """Whoever is shown it; nobody, when only the last day has changed."""
    if event.facts["again"]:
        return []
    pairing = _pairing(event)
    return [who for who in (pairing.mentee_id, pairing.mentor_id) if who != event.by_id]


def _shown(event: AuditEvent, reader: Member, _settings: Settings) -> Facts | None:
    """Gather who and what, unless it is no longer shown."""
    pairing = _pairing(event)
    try:
        name = files.name_in_pairing(
            event.subject_id, pairing_id=pairing.id, member=reader, now=event.at
        )
    except NotYours:
        return None
    other_id = pairing.mentee_id if reader.id == pairing.mentor_id else pairing.mentor_id
    # Mail may be read over a shoulder: of wellness mentoring it names nothing they share.
    words = {
        "file_name": "" if pairing.kind == Kind.WELLNESS else name,
        "document_id": event.subject_id,
        "other": queries.member(other_id),
    }
    return Facts(words)


SHOWN = Telling("file_shown", _the_other, _shown)
