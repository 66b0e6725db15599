"""What the trail keeps: what was done and seen in chapters and with accounts, and its seals."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Index,
    LargeBinary,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from mentorship.foundation.database import Identified, Model
from mentorship.foundation.scope import ChapterRecord, ChapterScoped


class FromWhere:
    """Mixed into events: see `foundation/origin.py`. Empty in events older than these columns."""

    through: Mapped[str] = mapped_column(server_default="")
    network: Mapped[str] = mapped_column(server_default="")
    session_id: Mapped[UUID | None]


class AuditEvent(FromWhere, ChapterRecord, Model):
    """One deed, or one look. No foreign keys to what it tells of: a trail outlives its subjects."""

    __tablename__ = "audit_events"
    __table_args__ = (
        Index(None, "chapter_id", "subject_id", "at"),
        Index(None, "chapter_id", "at", "id"),
    )

    deed: Mapped[str]
    at: Mapped[datetime]
    by_id: Mapped[UUID | None]
    """The member who did it; nobody when time alone did."""
    subject_id: Mapped[UUID]
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """What must be known after the subject has changed or gone. Ids, instants, numbers."""
    about: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), server_default="{}")
    """The members whose affair it is, so far as the subject says."""


class AccountEvent(FromWhere, Identified, Model):
    """Something that happened to an account: it belongs to the person, and to no chapter."""

    __tablename__ = "account_events"
    __table_args__ = (Index(None, "user_id", "at", "id"),)

    deed: Mapped[str]
    at: Mapped[datetime]
    user_id: Mapped[UUID | None]
    """Nobody's, when it was tried with an address that no account has."""
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)


class Sealed:
    """Mixed into seals, one for each event, in the order in which they were sealed."""

    event_id: Mapped[UUID]
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    """Of the digest before, the event, and when it was sealed: SHA-256."""
    mac: Mapped[bytes] = mapped_column(LargeBinary)
    """Of the digest, with a key that the database does not hold: HMAC-SHA-256."""
    at: Mapped[datetime]


class TrailSeal(Sealed, ChapterScoped, Model):
    __tablename__ = "trail_seals"
    __table_args__ = (
        UniqueConstraint("chapter_id", "event_id"),
        CheckConstraint("number > 0", name="from_one"),
    )

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)


class AccountSeal(Sealed, Model):
    __tablename__ = "account_seals"
    __table_args__ = (UniqueConstraint("event_id"), CheckConstraint("number > 0", name="from_one"))

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)


class TrailCut(Identified, Model):
    """That the older end of a chain was taken away, by whom and when. What follows begins here."""

    __tablename__ = "trail_cuts"
    __table_args__ = (Index(None, "chain", "number"),)

    chain: Mapped[UUID]
    """The chapter's id; of accounts, an id of zeros. No key: the chapter may be gone."""
    number: Mapped[int] = mapped_column(BigInteger)
    """Of the last seal that was taken away."""
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    mac: Mapped[bytes] = mapped_column(LargeBinary)
    """Of everything that this row says."""
    before: Mapped[datetime | None]
    """Everything older than this was taken; nothing when it was all."""
    by_id: Mapped[UUID | None]
    """The person who wanted it, by their account; nobody when the retention did."""
    at: Mapped[datetime]
