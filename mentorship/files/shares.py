"""What can be done with a document between two people: show it, stop showing it, speak of it.

A document is shown to the other one of a pairing, until a day. The pairing's end, and a block, end
it too, without anything being done: whether somebody may read is asked each time.
"""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, and_, bindparam, delete, or_, select
from sqlalchemy.dialects.postgresql import insert

from mentorship.audit import trail
from mentorship.files.models import (
    Document,
    DocumentComment,
    DocumentDeed,
    DocumentShare,
    DocumentVersion,
)
from mentorship.foundation import clock, scope
from mentorship.foundation.database import count_touched, db
from mentorship.foundation.errors import NotYours, Refusal
from mentorship.foundation.text import clean
from mentorship.relationships import conflicts
from mentorship.relationships.models import UNDER_WAY, Pairing
from mentorship.relationships.queries import my_pairing
from mentorship.tenancy import roles
from mentorship.tenancy.members import Member
from mentorship.tenancy.roles import Permission

#: For how long a document is shown unless its owner says otherwise, and at most: one season.
USUAL = timedelta(days=60)
LONGEST = timedelta(days=366)
#: The longest comment, in characters, and how many one version bears between two people.
LONGEST_COMMENT = 2_000
MOST_COMMENTS = 50

_SAID = select(DocumentComment.id).where(
    DocumentComment.version_id == bindparam("version_id"),
    DocumentComment.pairing_id == bindparam("pairing_id"),
)


class NotUnderWay(Refusal):
    sentence = "Files are shown in a pairing that is under way, and while neither blocks the other."


class DayOff(Refusal):
    sentence = "Choose a last day from today on, within a year."


class NothingSaid(Refusal):
    sentence = f"Say something, in at most {LONGEST_COMMENT:,} characters."


class Full(Refusal):
    sentence = "There are many comments on this version already. Talk about it, and go on."


def show(
    document: Document, *, pairing_id: UUID, until: date | None, by: Member, now: datetime
) -> None:
    """Let the other one of a pairing read a document, to the end of a day where `by` is.

    Shown already, it is shown until the new day.

    :raises NotYours: the document or the pairing is not of `by`.
    :raises NotUnderWay: the pairing was not accepted, is over, or one has blocked the other.
    :raises DayOff: the day is past, or more than a year away.
    """
    roles.insist(Permission.FILE_CHANGE, document, by=by)
    pairing = my_pairing(pairing_id, member=by)
    if pairing.state not in UNDER_WAY or conflicts.blocked(pairing.mentee_id, pairing.mentor_id):
        raise NotUnderWay
    again = _shown_in(document.id, pairing.id, by=by, now=now)
    today = clock.day(now, by.zone)
    last = until or today + USUAL
    if not today <= last <= today + LONGEST:
        raise DayOff
    ends = datetime.combine(last + timedelta(days=1), time(0), clock.zone(by.zone))
    shown = insert(DocumentShare).values(
        chapter_id=scope.here(),
        document_id=document.id,
        pairing_id=pairing.id,
        until=ends,
        at=now,
    )
    db.session.execute(
        shown.on_conflict_do_update(
            index_elements=["chapter_id", "document_id", "pairing_id"],
            set_={"until": ends, "at": now},
        )
    )
    facts = {"pairing_id": pairing.id, "until": ends, "again": again}
    trail.record(DocumentDeed.SHARED, document, by=by, now=now, **facts)


def stop(document: Document, *, pairing_id: UUID, by: Member, now: datetime) -> None:
    """Stop showing a document to the other one of a pairing, at once. Twice changes nothing.

    :raises NotYours: the document is not of `by`.
    """
    roles.insist(Permission.FILE_CHANGE, document, by=by)
    shown = delete(DocumentShare).where(
        DocumentShare.document_id == document.id, DocumentShare.pairing_id == pairing_id
    )
    if count_touched(shown.execution_options(synchronize_session=False)):
        trail.record(DocumentDeed.UNSHARED, document, by=by, now=now, pairing_id=pairing_id)


def comment(
    version: DocumentVersion, *, pairing_id: UUID, words: str, by: Member, now: datetime
) -> DocumentComment:
    """Say something of a version to the other one of a pairing that it is shown in.

    :raises NotYours: it is not shown in that pairing, or the pairing is not of `by`.
    :raises NothingSaid, Full: it is no comment, or one too many.
    """
    if not _shown_in(version.document_id, pairing_id, by=by, now=now):
        raise NotYours
    words = clean(words)
    if not 0 < len(words) <= LONGEST_COMMENT:
        raise NothingSaid
    facts = {"version_id": version.id, "pairing_id": pairing_id}
    if len(db.session.scalars(_SAID, facts).all()) >= MOST_COMMENTS:
        raise Full
    said = DocumentComment(**facts, by_id=by.id, at=now, words=words)
    db.session.add(said)
    db.session.flush()
    trail.record(
        DocumentDeed.COMMENTED, said, by=by, now=now, document_id=version.document_id, **facts
    )
    return said


def holds(now: Any) -> ColumnElement[bool]:
    """The condition that a share counts, where `DocumentShare` and `Pairing` are joined.

    `now` is an instant, or the parameter that holds it.
    """
    return and_(
        DocumentShare.until > now,
        Pairing.state.in_(UNDER_WAY),
        ~conflicts.kept_apart(Pairing.mentee_id, Pairing.mentor_id),
    )


def of_the_two(member_id: Any) -> ColumnElement[bool]:
    """The condition that a pairing is this member's."""
    return or_(Pairing.mentee_id == member_id, Pairing.mentor_id == member_id)


_IN_PAIRING = (
    select(DocumentShare.document_id)
    .join(Pairing, Pairing.id == DocumentShare.pairing_id)
    .where(
        DocumentShare.document_id == bindparam("document_id"),
        DocumentShare.pairing_id == bindparam("pairing_id"),
        holds(bindparam("now", type_=DateTime(timezone=True))),
        of_the_two(bindparam("member_id")),
    )
)


def _shown_in(document_id: UUID, pairing_id: UUID, *, by: Member, now: datetime) -> bool:
    facts = {"document_id": document_id, "pairing_id": pairing_id, "member_id": by.id, "now": now}
    return db.session.scalar(_IN_PAIRING, facts) is not None
