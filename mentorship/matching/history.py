"""Who did what in a run and when, read from the trail."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select

from mentorship.audit.models import AuditEvent
from mentorship.foundation.database import db
from mentorship.matching.models import Draft, Mark, RunDeed
from mentorship.matching.preferences import Preferences
from mentorship.tenancy.models import Membership
from mentorship.vocabulary.kinds import Kind

#: So many deeds are told, the newest.
TOLD = 200


@dataclass(frozen=True)
class Done:
    """One deed, as the history of a run tells it."""

    at: datetime
    #: Empty where time alone did it.
    by: str
    deed: RunDeed
    facts: dict[str, Any]


@dataclass(frozen=True)
class Drafted:
    """A draft in short, with what it sought and how it was proven."""

    number: int
    made_at: datetime
    preferences: Preferences
    facts: dict[str, Any]
    report: dict[str, Any]


_DONE = (
    select(AuditEvent.at, AuditEvent.deed, AuditEvent.facts, Membership.name)
    .outerjoin(Membership, Membership.id == AuditEvent.by_id)
    .where(AuditEvent.subject_id == bindparam("run_id"), AuditEvent.deed.in_(list(RunDeed)))
    .order_by(AuditEvent.at.desc(), AuditEvent.id.desc())
    .limit(TOLD)
)
_DRAFTS = (
    select(Draft.number, Draft.made_at, Draft.settings, Draft.facts, Draft.report)
    .where(Draft.run_id == bindparam("run_id"))
    .order_by(Draft.number.desc())
)


def done(run_id: UUID) -> list[Done]:
    """What was done, newest first."""
    rows = db.session.execute(_DONE, {"run_id": run_id})
    return [Done(row.at, row.name or "", RunDeed(row.deed), row.facts) for row in rows]


def drafted(run_id: UUID) -> list[Drafted]:
    """The drafts that are kept, newest first."""
    return [
        Drafted(row.number, row.made_at, Preferences.read(row.settings), row.facts, row.report)
        for row in db.session.execute(_DRAFTS, {"run_id": run_id})
    ]


def spoken_of(deeds: list[Done]) -> set[str]:
    """The ids of the people whom deeds name."""
    return {
        deed.facts[side]
        for deed in deeds
        for side in ("mentee_id", "mentor_id")
        if side in deed.facts
    }


def words(deed: Done, called: dict[str, str]) -> str:
    """A deed in a sentence, without who did it."""
    facts = deed.facts
    if deed.deed in (RunDeed.MARKED, RunDeed.UNMARKED):
        mentee = called.get(facts["mentee_id"], "a former student")
        mentor = called.get(facts["mentor_id"], "a former mentor")
        pair = f"{mentee} with {mentor}, {Kind(facts['kind']).value}"
        if deed.deed is RunDeed.UNMARKED:
            return f"Took back what was said of {pair}"
        return f"{'Pinned' if facts['mark'] == Mark.PIN else 'Set aside'} {pair}"
    number = facts.get("draft")
    match deed.deed:
        case RunDeed.STARTED:
            return "Started the run" if number == 1 else f"Ran it again: draft {number}"
        case RunDeed.FINISHED:
            return f"Draft {number} was ready: {_brought(facts)}"
        case RunDeed.FAILED:
            return f"Draft {number} did not finish"
        case RunDeed.TRIED:
            return f"Tried something beside draft {number}"
        case RunDeed.PUBLISHED:
            return f"Published draft {number}: {_brought(facts)}"
        case _:
            return "Discarded the run"


def _brought(facts: dict[str, Any]) -> str:
    pairs = facts["pairs"]
    return f"{pairs:,} {'pair' if pairs == 1 else 'pairs'}, {facts['left']:,} left over"
