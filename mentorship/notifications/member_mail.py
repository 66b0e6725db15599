"""What is told of somebody's place in a chapter: roles, leaving, handing over, support access."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select

from mentorship.audit.models import AuditEvent
from mentorship.foundation.database import db
from mentorship.foundation.settings import Settings
from mentorship.notifications.telling import Facts, Telling
from mentorship.tenancy import queries, support
from mentorship.tenancy.members import Member
from mentorship.tenancy.models import Handover, MemberDeed, SupportDeed, SupportVisit
from mentorship.tenancy.roles import Role
from mentorship.tenancy.running import queries as running
from mentorship.tenancy.terms import Term

_SUCCESSOR = select(Handover.to_id).where(Handover.id == bindparam("handover_id"))
_VISITOR = select(SupportVisit.member_id).where(SupportVisit.id == bindparam("visit_id"))


def _they(event: AuditEvent) -> Sequence[UUID]:
    """Whoever it was done to, unless they did it themselves."""
    return [] if event.by_id == event.subject_id else [event.subject_id]


def _role(event: AuditEvent, _reader: Member, _settings: Settings) -> Facts:
    begins_at, ends_at = (
        datetime.fromisoformat(end) if (end := event.facts.get(name)) else None
        for name in ("begins_at", "ends_at")
    )
    term, zone = Term(begins_at, ends_at), queries.card().zone
    return Facts(
        {
            "role": Role(event.facts["role"]),
            "given": event.deed == MemberDeed.APPOINTED,
            "first_day": term.first_day(zone) if begins_at and begins_at > event.at else None,
            "last_day": term.last_day(zone),
        }
    )


def _membership(event: AuditEvent, _reader: Member, _settings: Settings) -> Facts:
    return Facts({"deed": event.deed})


def _successor(event: AuditEvent) -> Sequence[UUID]:
    return list(db.session.scalars(_SUCCESSOR, {"handover_id": event.subject_id}))


def _handover(event: AuditEvent, _reader: Member, _settings: Settings) -> Facts:
    # What was written may be meant for nobody else, and mail is read over shoulders.
    return Facts({"handover": running.handover(event.subject_id), "zone": queries.card().zone})


def _whoever_runs_it(event: AuditEvent) -> Sequence[UUID]:
    """Everybody who runs the chapter, and the visitor, where they have been let in."""
    visitor = db.session.scalar(_VISITOR, {"visit_id": event.subject_id})
    return [*running.runners(), *([visitor] if visitor else [])]


def _visit(event: AuditEvent, _reader: Member, _settings: Settings) -> Facts | None:
    """Gather what was asked or begun, unless it is over by now; of an end, that it was."""
    visit = support.visit(event.subject_id)
    over = event.deed in (SupportDeed.ENDED, SupportDeed.LAPSED)
    if visit.ended_at is not None and not over:
        return None
    return Facts({"deed": event.deed, "visit": visit})


ROLE = Telling("role_changed", _they, _role)
MEMBERSHIP = Telling("membership", _they, _membership)
HANDED_OVER = Telling("handed_over", _successor, _handover)
SUPPORT = Telling("support", _whoever_runs_it, _visit)
