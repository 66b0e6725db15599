"""What nudges keep: each nudge in its chapter, each mail of them, and what a person wants."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    UniqueConstraint,
    Uuid,
    column,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mentorship.foundation.database import Model, one_of, uuid7
from mentorship.foundation.scope import ChapterRecord
from mentorship.tenancy.models import member_key


class NudgeState(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    OVERTAKEN = "overtaken"
    """It was done meanwhile, or is no longer wanted."""


class MailState(StrEnum):
    """Open: more may join it. Closed: its nudges are settled. The rest says how it ended."""

    OPEN = "open"
    CLOSED = "closed"
    SENT = "sent"
    FAILED = "failed"
    EMPTY = "empty"


class MailDeed(StrEnum):
    CHOSEN = "mail.chosen"
    STOPPED = "mail.stopped"


class Nudge(ChapterRecord, Model):
    """One reminder to one member. Unique, so that nobody is reminded twice of the same."""

    __tablename__ = "nudges"
    __table_args__ = (
        UniqueConstraint("chapter_id", "kind", "subject_id", "since", "member_id", "number"),
        member_key("member_id"),
        one_of("state", NudgeState),
        CheckConstraint("number >= 1", name="number"),
        CheckConstraint("(state = 'waiting') = (settled_at IS NULL)", name="settled_at"),
        Index(None, "chapter_id", "mail_id"),
        Index(None, "chapter_id", "member_id", "settled_at", "id"),
    )

    kind: Mapped[str]
    subject_id: Mapped[UUID]
    """No key: kinds are about many things, and a nudge outlives them."""
    since: Mapped[date]
    member_id: Mapped[UUID]
    number: Mapped[int] = mapped_column(SmallInteger)
    mail_id: Mapped[UUID]
    """The mail that it travels in. No key: that is the person's, over all their chapters."""
    state: Mapped[str]
    said: Mapped[str] = mapped_column(default="", server_default=text("''"))
    """How the mail put it, in a line that tells nothing private."""
    found_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]


class NudgeMail(Model):
    """One mail of nudges to one person, from whichever chapters.

    A person's, not a chapter's, and says of no chapter anything. At most one is open, so that
    what is found meanwhile joins it; and the database itself sees to it that none is sent on the
    day of another, or within hours of it.
    """

    __tablename__ = "nudge_mails"
    __table_args__ = (
        ForeignKeyConstraint(["user_id"], ["users.id"]),
        one_of("state", MailState),
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent_at"),
        CheckConstraint("(sent_at IS NULL) = (sent_on IS NULL)", name="sent_on"),
        CheckConstraint("(sent_at IS NULL) = (clear_at IS NULL)", name="clear_at"),
        UniqueConstraint("user_id", "sent_on"),
        ExcludeConstraint(
            (column("user_id"), "="),
            (func.tstzrange(column("sent_at"), column("clear_at")), "&&"),
            where=text("sent_at IS NOT NULL"),
            name="ex_nudge_mails_apart",
        ),
        Index(
            "uq_nudge_mails_open", "user_id", unique=True, postgresql_where=text("state = 'open'")
        ),
        Index(None, "next_at", postgresql_where=text("next_at IS NOT NULL")),
    )

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid7)
    state: Mapped[str]
    next_at: Mapped[datetime | None]
    """When it is to be worked on next; nothing, once all is done and written down."""
    sent_at: Mapped[datetime | None]
    sent_on: Mapped[date | None]
    """The day on which it was sent, there where the person was."""
    clear_at: Mapped[datetime | None]
    """Until when no other may follow."""
    problem: Mapped[str] = mapped_column(default="", server_default=text("''"))


class MailChoices(Model):
    """Which nudges a person wants, and when not. A person's, the same in every chapter."""

    __tablename__ = "mail_choices"
    __table_args__ = (
        ForeignKeyConstraint(["user_id"], ["users.id"]),
        CheckConstraint("quiet_begins BETWEEN 0 AND 23", name="quiet_begins"),
        CheckConstraint("quiet_ends BETWEEN 0 AND 23", name="quiet_ends"),
    )

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    none: Mapped[bool]
    """Whether they want no nudges at all, of kinds to come either."""
    off: Mapped[list[str]]
    """The kinds that they turned off, by name."""
    quiet_begins: Mapped[int] = mapped_column(SmallInteger)
    quiet_ends: Mapped[int] = mapped_column(SmallInteger)
    changed_at: Mapped[datetime]
