"""What is told of an action item: that it was handed to the other of the two."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import bindparam, select

from mentorship.audit.models import AuditEvent
from mentorship.foundation.database import db
from mentorship.foundation.settings import Settings
from mentorship.notifications.telling import Facts, Telling
from mentorship.relationships.models import UNDER_WAY, ActionItem, Pairing
from mentorship.tenancy import queries
from mentorship.tenancy.members import Member
from mentorship.vocabulary.kinds import Kind

_ITEM = (
    select(
        ActionItem.what,
        ActionItem.due_on,
        ActionItem.owner_id,
        ActionItem.done_at,
        ActionItem.dropped_at,
        Pairing.id.label("pairing_id"),
        Pairing.kind,
        Pairing.state,
        Pairing.mentee_id,
        Pairing.mentor_id,
    )
    .join(Pairing, Pairing.id == ActionItem.pairing_id)
    .where(ActionItem.id == bindparam("item_id"))
)


def _the_other(event: AuditEvent) -> Sequence[UUID]:
    item = db.session.execute(_ITEM, {"item_id": event.subject_id}).one()
    return [who for who in (item.mentee_id, item.mentor_id) if who != event.by_id]


def _handed_over(event: AuditEvent, reader: Member, _settings: Settings) -> Facts | None:
    """Gather what it is and whose, unless that has changed again or it is off the list."""
    item = db.session.execute(_ITEM, {"item_id": event.subject_id}).one()
    still = str(item.owner_id) == event.facts["owner_id"] and item.state in UNDER_WAY
    if not still or item.done_at or item.dropped_at:
        return None
    other_id = item.mentor_id if reader.id == item.mentee_id else item.mentee_id
    return Facts(
        {
            "pairing_id": item.pairing_id,
            "kind": item.kind,
            "other": queries.member(other_id),
            "mine_now": item.owner_id == reader.id,
            "due_on": item.due_on,
            # Mail may be read over a shoulder: of wellness mentoring it holds nothing they wrote.
            "what": "" if item.kind == Kind.WELLNESS else item.what,
        }
    )


HANDED_OVER = Telling("item_handed_over", _the_other, _handed_over)
