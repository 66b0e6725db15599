"""What is told of a pairing: its pauses and its end, the agreement, and the fit check."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import bindparam, select

from mentorship.audit.models import AuditEvent
from mentorship.foundation.database import db
from mentorship.foundation.settings import Settings
from mentorship.notifications.telling import Facts, Telling
from mentorship.relationships import agreements, fit_checks
from mentorship.relationships.models import (
    UNDER_WAY,
    Pairing,
    PairingChange,
    PairingState,
)
from mentorship.tenancy import mail_links, queries
from mentorship.tenancy.members import Member
from mentorship.vocabulary.kinds import Kind
from mentorship.web.links import absolute

_PAIRING = select(Pairing).where(Pairing.id == bindparam("pairing_id"))
_LAST_CHANGE = (
    select(PairingChange.id, PairingChange.words, PairingChange.until)
    .where(PairingChange.pairing_id == bindparam("pairing_id"))
    .order_by(PairingChange.at.desc(), PairingChange.id.desc())
    .limit(1)
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


def _facts(pairing: Pairing, event: AuditEvent, reader: Member, **more: object) -> Facts:
    other_id = pairing.mentee_id if reader.id == pairing.mentor_id else pairing.mentor_id
    words = {
        "pairing": pairing,
        "other": queries.member(other_id),
        "i_mentor": reader.id == pairing.mentor_id,
        "by_other": event.by_id == other_id,
        "by_time": event.by_id is None,
    }
    return Facts(words | more)


def _change(event: AuditEvent, reader: Member, _settings: Settings) -> Facts | None:
    """Gather who and what, unless the pairing has changed again."""
    pairing = _pairing(event)
    last = db.session.execute(_LAST_CHANGE, {"pairing_id": pairing.id}).first()
    if last is None or str(last.id) != event.facts.get("change_id"):
        return None
    # Mail may be read over a shoulder: of wellness mentoring it holds nothing they wrote.
    said = "" if pairing.kind == Kind.WELLNESS else last.words
    return _facts(pairing, event, reader, said=said, until=last.until)


def _agreement(event: AuditEvent, reader: Member, _settings: Settings) -> Facts | None:
    """Gather who, unless the agreement was changed again or the pairing is over."""
    pairing, found = _pairing(event), agreements.of(event.subject_id)
    if found is None or found[1] != event.facts["version"] or pairing.state not in UNDER_WAY:
        return None
    return _facts(pairing, event, reader)


def _fit_check(event: AuditEvent, reader: Member, settings: Settings) -> Facts | None:
    """Gather the question and its link, unless the reader has answered or the pairing is over."""
    pairing = _pairing(event)
    if pairing.state not in UNDER_WAY or fit_checks.mine(pairing.id, member=reader):
        return None
    token = mail_links.token_for(
        reader,
        purpose=fit_checks.BY_MAIL,
        secret=settings.secret_key,
        until=event.at + fit_checks.LASTS,
        pairing=pairing.id,
    )
    return _facts(pairing, event, reader, link=absolute("mail_answers.show_fit", token=token))


PAUSED = Telling("pairing_paused", _the_other, _change)
RESUMED = Telling("pairing_resumed", _the_other, _change)
ENDED = Telling("pairing_ended", _the_other, _change)
REOPENED = Telling("pairing_reopened", _the_other, _change)
AGREEMENT = Telling("agreement_written", _the_other, _agreement)
FIT_CHECK = Telling("fit_check", _both, _fit_check)
