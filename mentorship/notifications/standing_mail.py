"""What is told of standing meetings. Each date is invited to as a meeting is."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select

from mentorship.audit.models import AuditEvent
from mentorship.foundation.database import db
from mentorship.foundation.settings import Settings
from mentorship.notifications.telling import Facts, Gather, Telling
from mentorship.relationships.models import Pairing
from mentorship.scheduling.models import Part
from mentorship.scheduling.standing import queries as standing_queries
from mentorship.scheduling.standing import wording
from mentorship.scheduling.standing.models import StandingDeed, StandingMeeting, StandingState, Why
from mentorship.tenancy import queries
from mentorship.tenancy.members import Member
from mentorship.vocabulary.kinds import Kind

_STANDING = (
    select(StandingMeeting, Pairing.kind)
    .join(Pairing, Pairing.id == StandingMeeting.pairing_id)
    .where(StandingMeeting.id == bindparam("standing_id"))
)


def _standing(event: AuditEvent) -> tuple[StandingMeeting, str]:
    return db.session.execute(_STANDING, {"standing_id": event.subject_id}).one()


def _both(event: AuditEvent) -> Sequence[UUID]:
    standing, _ = _standing(event)
    return [standing.mentee_id, standing.mentor_id]


def _the_other(event: AuditEvent) -> Sequence[UUID]:
    return [who for who in _both(event) if who != event.by_id]


def _who_proposed(event: AuditEvent) -> Sequence[UUID]:
    standing, _ = _standing(event)
    return [standing.mentor_id if standing.part == Part.MENTOR else standing.mentee_id]


def _who_is_asked(event: AuditEvent) -> Sequence[UUID]:
    return [who for who in _both(event) if who not in _who_proposed(event)]


def _facts(*states: StandingState) -> Gather:
    """Gather what one of the two is to know, while the standing meeting stands there."""

    def gather(event: AuditEvent, reader: Member, settings: Settings) -> Facts | None:
        standing, kind = _standing(event)
        if standing.state not in states:
            return None
        two = queries.members([standing.mentee_id, standing.mentor_id])
        mentee, mentor = two[standing.mentee_id], two[standing.mentor_id]
        # Mail may be read over a shoulder: of wellness mentoring it holds nothing they wrote.
        discreet = kind == Kind.WELLNESS

        def why(why: Why) -> str:
            return wording.left_out(why, mentor=mentor, mentee=mentee, reader=reader)

        return Facts(
            {
                "standing": standing,
                "rhythm": wording.rhythm(standing),
                "purpose": "" if discreet else standing.purpose,
                "word": "" if discreet else standing.word,
                "other": mentee if reader.id == mentor.id else mentor,
                "deed": StandingDeed(event.deed).name.lower(),
                "why": why,
            }
        )

    return gather


def _agreed(event: AuditEvent, reader: Member, settings: Settings) -> Facts | None:
    """Gather the dates as they are decided by now."""
    facts = _facts(StandingState.AGREED)(event, reader, settings)
    if facts is None:
        return None
    dates = standing_queries.dates(facts.words["standing"])
    return Facts(facts.words | {"dates": dates})


def _left_out(event: AuditEvent, reader: Member, settings: Settings) -> Facts | None:
    """Gather which date was left out, and why."""
    facts = _facts(StandingState.AGREED)(event, reader, settings)
    if facts is None:
        return None
    at = datetime.fromisoformat(event.facts["starts_at"])
    return Facts(facts.words | {"at": at, "reason": facts.words["why"](Why(event.facts["why"]))})


PROPOSED = Telling("standing_proposed", _the_other, _facts(StandingState.PROPOSED))
REMINDED = Telling("standing_proposed", _who_is_asked, _facts(StandingState.PROPOSED))
#: Whoever agreed has just seen the dates; both have the invitation to each.
AGREED = Telling("standing_agreed", _who_proposed, _agreed)
DECLINED = Telling("standing_closed", _who_proposed, _facts(StandingState.DECLINED))
WITHDRAWN = Telling("standing_closed", _the_other, _facts(StandingState.WITHDRAWN))
LAPSED = Telling("standing_closed", _who_proposed, _facts(StandingState.LAPSED))
LEFT_OUT = Telling("standing_left_out", _both, _left_out)
STOPPED = Telling("standing_stopped", _the_other, _facts(StandingState.STOPPED))
