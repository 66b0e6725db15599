"""What is told of a pairing: its pauses and its end, the agreement, and the fit check."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import bindparam, select

from mentorship.audit.models import AuditEvent
from mentorship.foundation.database import db
from mentorship.foundation.settings import Settings
from mentorship.notifications.telling import Facts, Gather, Telling
from mentorship.relationships import agreements, fit_checks, fit_links
from mentorship.relationships.models import (
    OPEN,
    UNDER_WAY,
    Pairing,
    PairingChange,
    PairingState,
)
from mentorship.tenancy import queries
from mentorship.tenancy.members import Member
from mentorship.vocabulary.kinds import Kind
from mentorship.web.links import absolute

_PAIRING = select(Pairing).where(Pairing.id == bindparam("pairing_id"))
_CHANGE = select(PairingChange.words, PairingChange.until).where(
    PairingChange.pairing_id == bindparam("pairing_id"),
    PairingChange.at == bindparam("at"),
    PairingChange.state == bindparam("state"),
)


def _pairing(event: AuditEvent) -> Pairing:
    return db.session.scalars(_PAIRING, {"pairing_id": event.subject_id}).one()


def _both(event: AuditEvent) -> Sequence[UUID]:
    pairing = _pairing(event)
    return [pairing.mentee_id, pairing.mentor_id]


def _the_other(event: AuditEvent) -> Sequence[UUID]:
    """Whoever did not do it; both, when time or the chapter did."""
    if event.facts.get("before") == PairingState.PROPOSED:
        return []  # it was only asked for: the mail about the request says how that ended
    return [who for who in _both(event) if who != event.by_id]


def _while(*states: PairingState) -> Gather:
    """Gather who and what, while the pairing stands as it was told."""

    def gather(event: AuditEvent, reader: Member, _settings: Settings) -> Facts | None:
        pairing = _pairing(event)
        if pairing.state not in states:
            return None
        i_mentor = reader.id == pairing.mentor_id
        other_id = pairing.mentee_id if i_mentor else pairing.mentor_id
        said = db.session.execute(
            _CHANGE, {"pairing_id": pairing.id, "at": event.at, "state": pairing.state}
        ).one_or_none()
        # Mail may be read over a shoulder: of wellness mentoring it holds nothing they wrote.
        discreet = pairing.kind == Kind.WELLNESS
        return Facts(
            {
                "pairing": pairing,
                "other": queries.member(other_id),
                "i_mentor": i_mentor,
                "by_other": event.by_id == other_id,
                "by_time": event.by_id is None,
                "said": said.words if said and not discreet else "",
                "until": said.until if said else None,
            }
        )

    return gather


def _agreement(event: AuditEvent, reader: Member, settings: Settings) -> Facts | None:
    """Gather facts, unless the agreement was changed again."""
    found = agreements.of(event.subject_id)
    if found is None or found[1] != event.facts["version"]:
        return None
    return _while(*UNDER_WAY)(event, reader, settings)


def _fit_check(event: AuditEvent, reader: Member, settings: Settings) -> Facts | None:
    """Gather the question and its link, while the reader has not answered."""
    facts = _while(*UNDER_WAY)(event, reader, settings)
    if facts is None or fit_checks.mine(event.subject_id, member=reader):
        return None
    token = fit_links.token_for(
        facts.words["pairing"], reader, secret=settings.secret_key, asked_at=event.at
    )
    return Facts(facts.words | {"link": absolute("fit_links.show", token=token)})


PAUSED = Telling("pairing_paused", _the_other, _while(PairingState.PAUSED))
RESUMED = Telling("pairing_resumed", _the_other, _while(PairingState.ACCEPTED, PairingState.ACTIVE))
ENDED = Telling("pairing_ended", _the_other, _while(PairingState.COMPLETED, PairingState.ENDED))
REOPENED = Telling("pairing_reopened", _the_other, _while(*OPEN))
AGREEMENT = Telling("agreement_written", _the_other, _agreement)
FIT_CHECK = Telling("fit_check", _both, _fit_check)
