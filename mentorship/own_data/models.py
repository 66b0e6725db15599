"""What is kept of people's and chapters' own data: copies, farewells, and how long things stay."""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    Uuid,
)
from sqlalchemy.orm import Mapped, mapped_column

from mentorship.foundation.database import Model, one_of, uuid7
from mentorship.foundation.scope import ChapterScoped
from mentorship.tenancy.models import member_key


class ExportState(StrEnum):
    WAITING = "waiting"
    WORKING = "working"
    READY = "ready"


class Kept(StrEnum):
    """What a chapter may keep for longer or shorter, and says for how long."""

    MEETING_WORDS = "meeting_words"
    CHECK_INS = "check_ins"
    HELP = "help"
    CONCERNS = "concerns"
    RUNS = "runs"
    MAIL = "mail"
    FORMER_MEMBERS = "former_members"


class DataDeed(StrEnum):
    """What is done with a chapter's data as a whole."""

    KEEPING_SET = "keeping.set"
    TIDIED = "keeping.tidied"
    COPY_ASKED = "chapter.copy_asked"
    MEMBER_ERASED = "member.erased"
    REMOVAL_ASKED = "chapter.removal_asked"
    REMOVAL_CONFIRMED = "chapter.removal_confirmed"
    REMOVAL_STOPPED = "chapter.removal_stopped"


class Export(Model):
    """A copy of everything about one person, or of a chapter for one who runs it.

    A person's, not a chapter's: it holds what several chapters keep of them. Of a chapter's copy
    only whoever asked for it has the row, and it goes with the chapter.
    """

    __tablename__ = "exports"
    __table_args__ = (
        one_of("state", ExportState),
        CheckConstraint("(state = 'ready') = (ready_at IS NOT NULL)", name="ready_at"),
        CheckConstraint("(ready_at IS NULL) = (kept_until IS NULL)", name="kept_until"),
        Index(None, "asked_at"),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid7)
    chapter_slug: Mapped[str | None]
    """Of which chapter it is a copy; none for a person's own."""
    state: Mapped[str] = mapped_column(default=ExportState.WAITING)
    done: Mapped[int] = mapped_column(SmallInteger, default=0)
    steps: Mapped[int] = mapped_column(SmallInteger, default=1)
    size: Mapped[int] = mapped_column(BigInteger, default=0)
    """In bytes."""
    asked_at: Mapped[datetime]
    ready_at: Mapped[datetime | None]
    kept_until: Mapped[datetime | None]
    taken_at: Mapped[datetime | None]
    """When it was downloaded last."""


class ExportPart(Model):
    """A part of a copy's bytes, a megabyte at most."""

    __tablename__ = "export_parts"
    __table_args__ = (
        ForeignKeyConstraint(
            ["user_id", "export_id"], ["exports.user_id", "exports.id"], ondelete="CASCADE"
        ),
    )

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    export_id: Mapped[UUID] = mapped_column(primary_key=True)
    part: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[bytes]


class Erasure(Model):
    """That a person asked for their account to be deleted, and when it is, or was.

    Taken back, it has no row.
    """

    __tablename__ = "erasures"
    __table_args__ = (CheckConstraint("due_at > asked_at", name="due_at"),)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


class KeepingRule(ChapterScoped, Model):
    """For how long a chapter keeps something, where it differs from the default."""

    __tablename__ = "keeping_rules"
    __table_args__ = (
        one_of("what", Kept),
        CheckConstraint("months BETWEEN 1 AND 120", name="months"),
    )

    what: Mapped[str] = mapped_column(primary_key=True)
    months: Mapped[int] = mapped_column(SmallInteger)


class ChapterRemoval(ChapterScoped, Model):
    """That one person wants the chapter gone; with a second, from when on it is."""

    __tablename__ = "chapter_removals"
    __table_args__ = (
        member_key("asked_by_id"),
        member_key("confirmed_by_id"),
        CheckConstraint("confirmed_by_id <> asked_by_id", name="two_people"),
        CheckConstraint("(confirmed_by_id IS NULL) = (due_at IS NULL)", name="due_at"),
    )

    asked_by_id: Mapped[UUID]
    asked_at: Mapped[datetime]
    confirmed_by_id: Mapped[UUID | None]
    due_at: Mapped[datetime | None]


class RemovedChapter(Model):
    """The address of a chapter that was removed. No other gets it: old links lead nowhere."""

    __tablename__ = "removed_chapters"

    slug: Mapped[str] = mapped_column(primary_key=True)
    removed_at: Mapped[datetime]


#: How long a copy waits to be fetched.
COPY_KEPT = timedelta(days=7)
#: How often somebody may ask for one.
COPY_EVERY = timedelta(days=1)
#: How long the deletion of an account can be taken back, and that of a chapter.
SECOND_THOUGHTS, CHAPTER_SECOND_THOUGHTS = timedelta(days=7), timedelta(days=14)
