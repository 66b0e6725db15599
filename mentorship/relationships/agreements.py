"""What the two agree on: how often, by what, what for, and what stays between them.

An agreement carries a version. Who writes on top of words they have not seen is refused and is
shown both; nothing is overwritten unseen.
"""

from dataclasses import astuple, dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select

from mentorship.audit import trail
from mentorship.foundation.database import db
from mentorship.foundation.errors import Refusal
from mentorship.relationships import pairings
from mentorship.relationships.models import Agreement, AgreementDeed, Pairing
from mentorship.tenancy import roles
from mentorship.tenancy.members import Member
from mentorship.tenancy.roles import Permission
from mentorship.vocabulary.kinds import Kind

#: The longest of its four parts, in characters.
LONGEST = 500

_ONE = select(Agreement).where(Agreement.pairing_id == bindparam("pairing_id"))


@dataclass(frozen=True)
class Terms:
    """The four parts, in the two people's own words."""

    how_often: str
    by_what: str
    what_for: str
    confidence: str


_BETWEEN_US = (
    "What we say stays between us, unless one of us says otherwise or somebody is in danger."
    " Nothing about patients."
)
#: Where to begin. How often is the program's own cadence, filled in by `starting_point`.
_TEMPLATES = {
    Kind.CAREER: Terms(
        "25 minutes each time",
        "Video or in person; a few lines in between",
        "Emergency medicine or not, where and in what setting, and what to try next",
        _BETWEEN_US,
    ),
    Kind.CONTENT: Terms(
        "25 minutes each time",
        "Video or in person; papers and drafts by email",
        "To know the niche and who works in it, with one small project of our own",
        _BETWEEN_US,
    ),
    Kind.APPLICATION: Terms(
        "25 minutes each time, and more often in interview season",
        "Video or phone; drafts a week before they are due",
        "Rotations, SLOEs, the program list, interviews and the rank list, in good time",
        _BETWEEN_US,
    ),
    Kind.WELLNESS: Terms(
        "When it is wanted; the student may stop at any time",
        "A walk, a call or a coffee",
        "Candid talk about life, setbacks and rest. No grades, no letters",
        "What we say stays between us, always, unless somebody is in danger."
        " No coordinator reads any of it.",
    ),
}


class NotUnderWay(Refusal):
    sentence = "An agreement is for a pairing that is under way."


class NothingSaid(Refusal):
    sentence = "Write at least one of the four."


class TooLong(Refusal):
    sentence = f"Keep each part within {LONGEST} characters."


class Overtaken(Refusal):
    """The other one wrote since. Nothing was changed; both are there to be merged."""

    sentence = "The agreement was changed meanwhile. Both are here: keep what counts."

    def __init__(self, *, terms: Terms, version: int) -> None:
        super().__init__()
        self.terms = terms
        self.version = version


def starting_point(kind: Kind, *, every: str) -> Terms:
    """Words to begin with, for a kind. `every` is the program's cadence: Every 2 months."""
    terms = _TEMPLATES[kind]
    return Terms(f"{every}. {terms.how_often}", *astuple(terms)[1:])


def of(pairing_id: UUID) -> tuple[Terms, int] | None:
    """What the two have agreed on and its version, if they have."""
    record = db.session.scalars(_ONE, {"pairing_id": pairing_id}).one_or_none()
    return (_terms(record), record.version) if record else None


def write(pairing: Pairing, terms: Terms, *, seen_version: int, by: Member, now: datetime) -> int:
    """Write down what the two agree on, and say its version. The same again changes nothing.

    `seen_version` is that of what `by` had before them: 0 where there was nothing.

    :raises NotYours: `by` is not one of the two.
    :raises NotUnderWay: the pairing was not accepted yet, or is over.
    :raises NothingSaid, TooLong: it is no agreement.
    :raises Overtaken: it was changed since `by` saw it.
    """
    roles.insist(Permission.PAIRING_AGREE, pairing, by=by)
    terms = Terms(*(part.strip() for part in astuple(terms)))
    if not any(astuple(terms)):
        raise NothingSaid
    if max(map(len, astuple(terms))) > LONGEST:
        raise TooLong
    pairings.alone(pairing)
    roles.insist_on_state(Permission.PAIRING_AGREE, pairing, NotUnderWay)
    record = db.session.scalars(_ONE, {"pairing_id": pairing.id}).one_or_none()
    before, version = (_terms(record), record.version) if record else (None, 0)
    if terms == before:
        return version
    if seen_version != version:
        raise Overtaken(terms=before or terms, version=version)
    if record is None:
        record = Agreement(pairing_id=pairing.id)
        db.session.add(record)
    record.version, record.by_id, record.at = version + 1, by.id, now
    record.how_often, record.by_what, record.what_for, record.confidence = astuple(terms)
    trail.record(AgreementDeed.WRITTEN, pairing, by=by, now=now, version=record.version)
    return record.version


def _terms(record: Agreement) -> Terms:
    return Terms(record.how_often, record.by_what, record.what_for, record.confidence)
