"""Questions about documents, each on a member's behalf."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import DateTime, ScalarSelect, and_, bindparam, case, exists, func, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased

from mentorship.audit.models import AuditEvent
from mentorship.files import shares
from mentorship.files.formats import Format
from mentorship.files.models import (
    Document,
    DocumentComment,
    DocumentDeed,
    DocumentShare,
    DocumentVersion,
    Sort,
)
from mentorship.foundation import clock
from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours
from mentorship.relationships import conflicts
from mentorship.relationships.models import UNDER_WAY, Pairing
from mentorship.tenancy.members import Member
from mentorship.tenancy.models import Membership
from mentorship.vocabulary.kinds import Kind

#: How many documents of others one page lists, and how many readers.
LISTED = 100

_me: Any = bindparam("member_id")
_now: Any = bindparam("now", type_=DateTime(timezone=True))
_other_id = case((Pairing.mentee_id == _me, Pairing.mentor_id), else_=Pairing.mentee_id)
_owner = aliased(Membership)

_shown = (
    select(DocumentShare.document_id)
    .join(Pairing, Pairing.id == DocumentShare.pairing_id)
    .where(DocumentShare.document_id == Document.id, shares.holds(_now))
    .correlate(Document)
)
_shown_to_me = exists(_shown.where(shares.of_the_two(_me)))
_mine_or_shown = or_(Document.owner_id == _me, _shown_to_me)

_DOCUMENT = select(Document).where(Document.id == bindparam("document_id"), _mine_or_shown)
_VERSION = (
    select(DocumentVersion, Document)
    .join(Document, Document.id == DocumentVersion.document_id)
    .where(DocumentVersion.id == bindparam("version_id"), _mine_or_shown)
)
_newest = (
    select(func.max(DocumentVersion.number))
    .where(DocumentVersion.document_id == Document.id)
    .correlate(Document)
    .scalar_subquery()
)
_LISTED = (
    select(
        Document.id,
        Document.name,
        Document.sort,
        _owner.name.label("owner_name"),
        DocumentVersion.number,
        DocumentVersion.at,
        DocumentVersion.format,
        DocumentVersion.size,
        select(func.count())
        .select_from(DocumentShare)
        .join(Pairing, Pairing.id == DocumentShare.pairing_id)
        .where(DocumentShare.document_id == Document.id, shares.holds(_now))
        .correlate(Document)
        .scalar_subquery()
        .label("shown_to"),
    )
    .join(_owner, _owner.id == Document.owner_id)
    .join(
        DocumentVersion,
        and_(DocumentVersion.document_id == Document.id, DocumentVersion.number == _newest),
    )
    .order_by(DocumentVersion.at.desc(), Document.id)
    .limit(LISTED)
)
_MINE = _LISTED.where(Document.owner_id == _me)
_SHOWN = _LISTED.where(Document.owner_id != _me, _shown_to_me)
_PAIRINGS = (
    select(
        Pairing.id.label("pairing_id"),
        Pairing.kind,
        Membership.name,
        (Pairing.mentor_id == _other_id).label("is_mentor"),
        DocumentShare.until,
    )
    .join(Membership, Membership.id == _other_id)
    .outerjoin(
        DocumentShare,
        and_(
            DocumentShare.pairing_id == Pairing.id,
            DocumentShare.document_id == bindparam("document_id"),
            DocumentShare.until > _now,
        ),
    )
    .where(
        shares.of_the_two(_me),
        Pairing.state.in_(UNDER_WAY),
        ~conflicts.kept_apart(Pairing.mentee_id, Pairing.mentor_id),
    )
    .order_by(Membership.name, Pairing.id)
)
_VERSIONS = (
    select(
        *(DocumentVersion.id, DocumentVersion.number, DocumentVersion.at, DocumentVersion.note),
        *(DocumentVersion.format, DocumentVersion.size),
    )
    .where(DocumentVersion.document_id == bindparam("document_id"))
    .order_by(DocumentVersion.number.desc())
)
_COMMENTS = (
    select(
        DocumentComment.id,
        DocumentComment.version_id,
        DocumentComment.pairing_id,
        DocumentComment.by_id,
        Membership.name.label("by_name"),
        DocumentComment.at,
        DocumentComment.words,
    )
    .join(DocumentVersion, DocumentVersion.id == DocumentComment.version_id)
    .join(Pairing, Pairing.id == DocumentComment.pairing_id)
    .join(Membership, Membership.id == DocumentComment.by_id)
    .where(DocumentVersion.document_id == bindparam("document_id"), shares.of_the_two(_me))
    .order_by(DocumentComment.at, DocumentComment.id)
)
_READERS = (
    select(
        Membership.name,
        func.count().label("times"),
        func.max(AuditEvent.at).label("last_at"),
        func.max(AuditEvent.facts["version"].as_integer()).label("newest"),
    )
    .join(Membership, Membership.id == AuditEvent.by_id)
    .where(AuditEvent.subject_id == bindparam("document_id"), AuditEvent.deed == DocumentDeed.READ)
    .group_by(Membership.id, Membership.name)
    .order_by(func.max(AuditEvent.at).desc())
    .limit(LISTED)
)


_NAME_IN_PAIRING = (
    select(Document.name)
    .join(DocumentShare, DocumentShare.document_id == Document.id)
    .join(Pairing, Pairing.id == DocumentShare.pairing_id)
    .where(
        Document.id == bindparam("document_id"),
        Pairing.id == bindparam("pairing_id"),
        shares.of_the_two(_me),
        shares.holds(_now),
    )
)


class Shown(NamedTuple):
    """A document that the two of a pairing see now."""

    id: UUID
    name: str
    owner_id: UUID
    number: int
    until: datetime

    def last_day(self, zone: str) -> date:
        """The last day on which it is shown, on the reader's calendar."""
        return _last_day(self.until, zone)


class Listed(NamedTuple):
    """A document in a list, by its newest version."""

    id: UUID
    name: str
    sort: Sort
    owner_name: str
    number: int
    at: datetime
    format: Format
    size: int
    shown_to: int
    """In how many pairings it is shown now."""


class Place(NamedTuple):
    """A pairing that a document is shown in, or could be."""

    pairing_id: UUID
    kind: Kind
    name: str
    is_mentor: bool
    """Whether the other one is the mentor of the two."""
    until: datetime | None
    """When the document stops being shown; None where it is not."""

    def last_day(self, zone: str) -> date | None:
        """The last day on which it is shown, on the reader's calendar."""
        return _last_day(self.until, zone) if self.until else None


class Reader(NamedTuple):
    name: str
    times: int
    last_at: datetime
    newest: int
    """The newest version that they have had."""


class Comment(NamedTuple):
    id: UUID
    version_id: UUID
    pairing_id: UUID
    by_id: UUID
    by_name: str
    at: datetime
    words: str


class Version(NamedTuple):
    id: UUID
    number: int
    at: datetime
    note: str
    format: Format
    size: int


@dataclass(frozen=True)
class Seen:
    """A document's page, as its owner or somebody whom it is shown to sees it."""

    document: Document
    mine: bool
    owner_name: str
    versions: Sequence[Version]
    """The newest first."""
    comments: Sequence[Comment]
    places: Sequence[Place]
    readers: Sequence[Reader]
    """For its owner only."""

    @property
    def sort(self) -> Sort:
        return Sort(self.document.sort)

    def said_of(self, version: Version, place: Place) -> list[Comment]:
        """What two people have said to each other of a version."""
        return [
            one
            for one in self.comments
            if (one.version_id, one.pairing_id) == (version.id, place.pairing_id)
        ]

    @property
    def shown(self) -> list[Place]:
        """The pairings of the reader that it is shown in now."""
        return [place for place in self.places if place.until is not None]


def mine(member: Member, *, now: datetime) -> list[Listed]:
    """The member's own documents, the last changed first."""
    return _listed(_MINE, member, now=now)


def shown_to(member: Member, *, now: datetime) -> list[Listed]:
    """What others show this member, the last changed first."""
    return _listed(_SHOWN, member, now=now)


def my_document(document_id: UUID, *, member: Member, now: datetime) -> Document:
    """A document that this member keeps, or is shown.

    :raises NotYours: there is none.
    """
    facts = {"document_id": document_id, "member_id": member.id, "now": now}
    found = db.session.scalars(_DOCUMENT, facts).one_or_none()
    if found is None:
        raise NotYours
    return found


def my_version(
    version_id: UUID, *, member: Member, now: datetime
) -> tuple[DocumentVersion, Document]:
    """A version of a document that this member keeps, or is shown.

    :raises NotYours: there is none.
    """
    facts = {"version_id": version_id, "member_id": member.id, "now": now}
    found = db.session.execute(_VERSION, facts).one_or_none()
    if found is None:
        raise NotYours
    return found[0], found[1]


def places(member: Member, *, now: datetime, document_id: UUID | None = None) -> list[Place]:
    """The pairings in which this member can show a document, and until when this one is shown."""
    facts = {"member_id": member.id, "now": now, "document_id": document_id}
    return [
        Place(**row._asdict() | {"kind": Kind(row.kind)})
        for row in db.session.execute(_PAIRINGS, facts)
    ]


def seen(document_id: UUID, *, member: Member, now: datetime) -> Seen:
    """All of a document's page: five statements at most, whatever there is.

    :raises NotYours: the member neither keeps it nor is shown it.
    """
    document = my_document(document_id, member=member, now=now)
    mine = document.owner_id == member.id
    facts = {"document_id": document.id, "member_id": member.id}
    versions = [
        Version(**row._asdict() | {"format": Format(row.format)})
        for row in db.session.execute(_VERSIONS, facts)
    ]
    shown_in = places(member, now=now, document_id=document.id)
    if not mine:
        shown_in = [place for place in shown_in if place.until is not None]
    return Seen(
        document=document,
        mine=mine,
        owner_name=member.name if mine else shown_in[0].name,
        versions=versions,
        comments=[Comment(*row) for row in db.session.execute(_COMMENTS, facts)],
        places=shown_in,
        readers=[Reader(*row) for row in db.session.execute(_READERS, facts)] if mine else (),
    )


def shown_in(pairing: type[Pairing]) -> ScalarSelect[Any]:
    """What is shown in a pairing now, as a column of a statement about it that has `now`."""
    one = func.json_build_array(
        *(Document.id, Document.name, Document.owner_id, _newest, DocumentShare.until)
    )
    return (
        select(func.json_agg(aggregate_order_by(one, Document.name, Document.id)))
        .select_from(DocumentShare)
        .join(Document, Document.id == DocumentShare.document_id)
        .where(DocumentShare.pairing_id == pairing.id, shares.holds(_now))
        .correlate(pairing)
        .scalar_subquery()
    )


def shown_between(column: list[list[Any]] | None) -> tuple[Shown, ...]:
    """What `shown_in` has found."""
    return tuple(
        Shown(UUID(id_), name, UUID(owner_id), number, datetime.fromisoformat(until))
        for id_, name, owner_id, number, until in column or ()
    )


def name_in_pairing(document_id: UUID, *, pairing_id: UUID, member: Member, now: datetime) -> str:
    """What a document is called that the two of the member's pairing see now.

    :raises NotYours: it is not shown there, or the pairing is not the member's.
    """
    facts = {"document_id": document_id, "pairing_id": pairing_id, "member_id": member.id}
    name = db.session.scalar(_NAME_IN_PAIRING, facts | {"now": now})
    if name is None:
        raise NotYours
    return name


def _last_day(until: datetime, zone: str) -> date:
    return clock.day(until - timedelta(microseconds=1), zone)


def _listed(statement: Any, member: Member, *, now: datetime) -> list[Listed]:
    facts = {"member_id": member.id, "now": now}
    return [
        Listed(**row._asdict() | {"sort": Sort(row.sort), "format": Format(row.format)})
        for row in db.session.execute(statement, facts)
    ]
