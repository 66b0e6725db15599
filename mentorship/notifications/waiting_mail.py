"""What is told of waiting: that a place is offered, was taken, or has gone to the next."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import bindparam, select

from mentorship.audit.models import AuditEvent
from mentorship.foundation.database import db
from mentorship.foundation.settings import Settings
from mentorship.notifications.telling import Facts, Gather, Telling
from mentorship.scheduling.waiting import links
from mentorship.scheduling.waiting.models import Wait, WaitState
from mentorship.tenancy import queries
from mentorship.tenancy.members import Member
from mentorship.vocabulary.kinds import Kind
from mentorship.web.links import absolute

_WAIT = select(Wait).where(Wait.id == bindparam("wait_id"))


def _wait(event: AuditEvent) -> Wait:
    return db.session.scalars(_WAIT, {"wait_id": event.subject_id}).one()


def _who_waits(event: AuditEvent) -> Sequence[UUID]:
    return [_wait(event).mentee_id]


def _the_mentor(event: AuditEvent) -> Sequence[UUID]:
    return [_wait(event).mentor_id]


def _facts(state: WaitState) -> Gather:
    """Gather what one of the two is to know, while the wait stands there."""

    def gather(event: AuditEvent, reader: Member, settings: Settings) -> Facts | None:
        wait = _wait(event)
        if wait.state != state:
            return None
        # Mail may be read over a shoulder: of wellness mentoring it holds nothing they wrote.
        discreet = wait.kind == Kind.WELLNESS
        told = {
            "wait": wait,
            "kind": "" if discreet else wait.kind,
            "why": "" if discreet else wait.why,
            "other": queries.member(
                wait.mentor_id if reader.id == wait.mentee_id else wait.mentee_id
            ),
            "pairing_id": event.facts.get("pairing_id"),
        }
        return Facts(told | {"link": _link(wait, reader, settings)})

    return gather


def _link(wait: Wait, reader: Member, settings: Settings) -> str:
    if wait.state != WaitState.OFFERED or wait.offered_until is None:
        return ""
    token = links.token_for(wait, reader, secret=settings.secret_key, until=wait.offered_until)
    return absolute("answers.show_place", token=token)


OFFERED = Telling("place_offered", _who_waits, _facts(WaitState.OFFERED))
TAKEN = Telling("place_taken", _the_mentor, _facts(WaitState.TAKEN))
LAPSED = Telling("place_lapsed", _who_waits, _facts(WaitState.LAPSED))
