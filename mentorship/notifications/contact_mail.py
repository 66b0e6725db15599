"""What is told between meetings as from a person: an update to each mentor alone, and thanks."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select

from mentorship.audit.models import AuditEvent
from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours
from mentorship.foundation.settings import Settings
from mentorship.notifications.telling import Facts, Telling
from mentorship.relationships.contacts import links, updates
from mentorship.relationships.contacts.models import UpdateCopy
from mentorship.relationships.models import UNDER_WAY, Pairing
from mentorship.scheduling.models import Meeting
from mentorship.scheduling.thanks.models import Thanks
from mentorship.tenancy import queries
from mentorship.tenancy.members import Member
from mentorship.vocabulary.kinds import Kind
from mentorship.web.links import absolute

_MENTORS = (
    select(Pairing.mentor_id)
    .join(UpdateCopy, UpdateCopy.pairing_id == Pairing.id)
    .where(UpdateCopy.update_id == bindparam("update_id"), UpdateCopy.sent_at.is_not(None))
)
_THANKS = (
    select(
        Thanks.words,
        Thanks.pairing_id,
        Meeting.starts_at,
        Meeting.mentee_id,
        Meeting.mentor_id,
        Pairing.kind,
        Pairing.state,
    )
    .join(Meeting, Meeting.id == Thanks.meeting_id)
    .join(Pairing, Pairing.id == Thanks.pairing_id)
    .where(Thanks.meeting_id == bindparam("meeting_id"))
)


def _its_mentors(event: AuditEvent) -> Sequence[UUID]:
    return list(db.session.scalars(_MENTORS, {"update_id": event.subject_id}))


def _update(event: AuditEvent, reader: Member, settings: Settings) -> Facts | None:
    """Gather one mentor's copy, unless the pairing has ended meanwhile."""
    try:
        update, copy, pairing = updates.received(event.subject_id, mentor=reader)
    except NotYours:
        return None
    student = queries.member(update.by_id)
    token = links.well_done_token(reader, update, secret=settings.secret_key)
    words = {
        "student": student,
        "update": update,
        "line": copy.line,
        "pairing": pairing,
        "link": absolute("mail_answers.show_well_done", token=token),
    }
    return _from(student, words, reply_to=student.email if update.own_address else "")


def _thanked(event: AuditEvent) -> Sequence[UUID]:
    return [_thanks_of(event).mentor_id]


def _thanks(event: AuditEvent, _reader: Member, _settings: Settings) -> Facts | None:
    """Gather what was said, unless the pairing has ended meanwhile."""
    said = _thanks_of(event)
    if said.state not in UNDER_WAY:
        return None
    student = queries.member(said.mentee_id)
    # Mail may be read over a shoulder: of wellness mentoring it holds nothing they wrote.
    words = "" if said.kind == Kind.WELLNESS else said.words
    return _from(student, {"student": student, "said": said, "words": words})


def _thanks_of(event: AuditEvent) -> Any:
    return db.session.execute(_THANKS, {"meeting_id": event.subject_id}).one()


def _from(student: Member, words: dict[str, Any], *, reply_to: str = "") -> Facts:
    return Facts(words, reply_to=reply_to, from_name=f"{student.name} via Curbside")


UPDATE = Telling("update", _its_mentors, _update)
THANKS = Telling("thanks", _thanked, _thanks)
