"""What files keep: a document, its versions, whom it is shown to, and what was said of it."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mentorship.files.formats import Format
from mentorship.foundation.database import Model, one_of
from mentorship.foundation.scope import ChapterRecord, ChapterScoped, chapter_key
from mentorship.foundation.storage.models import StoredChunk  # noqa: F401  it is migrated with these
from mentorship.tenancy.models import member_key


class Sort(StrEnum):
    """What a document is."""

    CV = "cv"
    STATEMENT = "statement"
    READING = "reading"

    @property
    def label(self) -> str:
        return _SORTS[self]


_SORTS = {
    Sort.CV: "CV",
    Sort.STATEMENT: "Personal statement",
    Sort.READING: "Something to read",
}


class DocumentDeed(StrEnum):
    ADDED = "document.added"
    RENEWED = "document.renewed"
    RESTORED = "document.restored"
    SHARED = "document.shared"
    UNSHARED = "document.unshared"
    COMMENTED = "document.commented"
    READ = "document.read"
    DELETED = "document.deleted"


class Document(ChapterRecord, Model):
    """A file that somebody keeps here. Its owner's alone, until they share it."""

    __tablename__ = "documents"
    __table_args__ = (
        member_key("owner_id"),
        one_of("sort", Sort),
        Index(None, "chapter_id", "owner_id"),
    )

    owner_id: Mapped[UUID]
    sort: Mapped[str]
    name: Mapped[str]
    """As its owner calls it, and as it is called when it is downloaded, without an ending."""
    created_at: Mapped[datetime]


class DocumentVersion(ChapterRecord, Model):
    """One state of a document, never changed. Restoring an older one makes a new one."""

    __tablename__ = "document_versions"
    __table_args__ = (
        chapter_key("document_id", to="documents"),
        one_of("format", Format),
        CheckConstraint("size > 0", name="size"),
        UniqueConstraint("chapter_id", "document_id", "number"),
        Index(None, "chapter_id", "key"),
    )

    document_id: Mapped[UUID]
    number: Mapped[int]
    at: Mapped[datetime]
    note: Mapped[str]
    format: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    """In bytes."""
    digest: Mapped[str]
    """SHA-256 of the bytes, in hexadecimal."""
    key: Mapped[str]
    """What the store knows the bytes by. A restored version has that of the older one."""


class DocumentShare(ChapterScoped, Model):
    """That the other one of a pairing may read a document, until an instant.

    It holds while the pairing is under way and neither has blocked the other.
    """

    __tablename__ = "document_shares"
    __table_args__ = (
        chapter_key("document_id", to="documents"),
        chapter_key("pairing_id", to="pairings"),
        Index(None, "chapter_id", "pairing_id"),
    )

    document_id: Mapped[UUID] = mapped_column(primary_key=True)
    pairing_id: Mapped[UUID] = mapped_column(primary_key=True)
    until: Mapped[datetime]
    """The end of the last day, where its owner is."""
    at: Mapped[datetime]


class DocumentComment(ChapterRecord, Model):
    """What one of two people says of a version. Other readers of the document never see it."""

    __tablename__ = "document_comments"
    __table_args__ = (
        chapter_key("version_id", to="document_versions"),
        chapter_key("pairing_id", to="pairings"),
        member_key("by_id"),
        Index(None, "chapter_id", "version_id", "at"),
        Index(None, "chapter_id", "pairing_id"),
        Index(None, "chapter_id", "by_id"),
    )

    version_id: Mapped[UUID]
    pairing_id: Mapped[UUID]
    by_id: Mapped[UUID]
    at: Mapped[datetime]
    words: Mapped[str]
