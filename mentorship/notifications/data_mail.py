"""What is told of a chapter's end: to whoever has to confirm it, and to everyone once it is set."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from mentorship.audit.models import AuditEvent
from mentorship.foundation.database import db
from mentorship.foundation.settings import Settings
from mentorship.notifications.telling import Facts, Telling
from mentorship.own_data import chapters
from mentorship.tenancy import queries
from mentorship.tenancy.members import Member
from mentorship.tenancy.models import Membership
from mentorship.tenancy.roles import Role
from mentorship.web.links import absolute

_RUN_IT = select(Membership.id).where(
    Membership.left_at.is_(None),
    Membership.roles.overlap([Role.COORDINATOR, Role.ADVISOR]),
)


def _who_run_it(event: AuditEvent) -> Sequence[UUID]:
    return [who for who in db.session.scalars(_RUN_IT) if who != event.by_id]


def _everyone(_event: AuditEvent) -> Sequence[UUID]:
    return chapters.everyone()


def _everyone_if_told(event: AuditEvent) -> Sequence[UUID]:
    return chapters.everyone() if event.facts["was_sure"] else _who_run_it(event)


def _asked(event: AuditEvent, _reader: Member, _settings: Settings) -> Facts | None:
    wish = chapters.wish()
    if wish is None or wish.due_at:
        return None
    return Facts({"wish": wish})


def _confirmed(event: AuditEvent, _reader: Member, _settings: Settings) -> Facts | None:
    wish = chapters.wish()
    if wish is None or wish.due_at is None:
        return None
    return Facts({"wish": wish, "address": absolute("own_data.show")})


def _stopped(event: AuditEvent, _reader: Member, _settings: Settings) -> Facts | None:
    if chapters.wish() or event.by_id is None:
        return None
    return Facts({"by": queries.member(event.by_id)})


REMOVAL_ASKED = Telling("chapter_end_asked", _who_run_it, _asked)
REMOVAL_CONFIRMED = Telling("chapter_end_set", _everyone, _confirmed)
REMOVAL_STOPPED = Telling("chapter_end_stopped", _everyone_if_told, _stopped)
