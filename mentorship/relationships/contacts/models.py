"""What is kept of contact between meetings."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from mentorship.foundation.database import Model, one_of
from mentorship.foundation.scope import ChapterRecord, ChapterScoped, chapter_key
from mentorship.tenancy.models import member_key

#: The longest update, in characters.
LONGEST = 600


class Way(StrEnum):
    """How two people were in touch outside the product."""

    HALLWAY = "hallway"
    TEXT = "text"
    CALL = "call"
    EMAIL = "email"

    @property
    def label(self) -> str:
        return _LABELS[self]

    @property
    def told(self) -> str:
        """What happened, after the name of whoever noted it: noted a call."""
        return _TOLD[self]


_LABELS = {
    Way.HALLWAY: "In person",
    Way.TEXT: "By text",
    Way.CALL: "On the phone",
    Way.EMAIL: "By email",
}
_TOLD = {
    Way.HALLWAY: "a talk in person",
    Way.TEXT: "a text message",
    Way.CALL: "a phone call",
    Way.EMAIL: "an email",
}


class ContactDeed(StrEnum):
    LOGGED = "contact.logged"
    UNDONE = "contact.undone"


class UpdateDeed(StrEnum):
    SAVED = "update.saved"
    DROPPED = "update.dropped"
    SENDING = "update.sending"
    TAKEN_BACK = "update.taken_back"
    SENT = "update.sent"
    WELL_DONE = "update.well_done"


class RotationDeed(StrEnum):
    ADDED = "rotation.added"
    REMOVED = "rotation.removed"


class Contact(ChapterRecord, Model):
    """That two people were in touch elsewhere, as one of them notes, and not what was said."""

    __tablename__ = "contacts"
    __table_args__ = (
        chapter_key("pairing_id", to="pairings"),
        member_key("by_id"),
        one_of("way", Way),
        Index(None, "chapter_id", "pairing_id", "happened_on"),
        Index(None, "chapter_id", "by_id"),
    )

    pairing_id: Mapped[UUID]
    by_id: Mapped[UUID]
    way: Mapped[str]
    happened_on: Mapped[date]
    created_at: Mapped[datetime]
    before_on: Mapped[date | None]
    """The pairing's last contact as it stood before, for taking this back."""


class ReminderAnswer(ChapterScoped, Model):
    """That somebody has answered a reminder of a check-in from its mail: its links are used."""

    __tablename__ = "reminder_answers"
    __table_args__ = (
        chapter_key("pairing_id", to="pairings"),
        member_key("member_id"),
        Index(None, "chapter_id", "member_id"),
    )

    pairing_id: Mapped[UUID] = mapped_column(primary_key=True)
    member_id: Mapped[UUID] = mapped_column(primary_key=True)
    since: Mapped[date] = mapped_column(primary_key=True)
    """The last contact from which the reminder counted."""
    at: Mapped[datetime]


class Update(ChapterRecord, Model):
    """A few lines to several mentors at once: a draft, on its way, or sent."""

    __tablename__ = "updates"
    __table_args__ = (
        member_key("by_id"),
        CheckConstraint(f"char_length(words) BETWEEN 1 AND {LONGEST}", name="words"),
        CheckConstraint("sent_at IS NULL OR send_at IS NOT NULL", name="sent"),
        Index(None, "chapter_id", "by_id", "saved_at"),
    )

    by_id: Mapped[UUID]
    words: Mapped[str]
    own_address: Mapped[bool]
    """Whether an answer goes to the writer's own address, as they agreed."""
    saved_at: Mapped[datetime]
    send_at: Mapped[datetime | None]
    """When it goes out, unless it is taken back; nothing for a draft."""
    sent_at: Mapped[datetime | None]


class UpdateCopy(ChapterScoped, Model):
    """An update as it goes to one mentor: under a line of its own."""

    __tablename__ = "update_copies"
    __table_args__ = (
        chapter_key("update_id", to="updates"),
        chapter_key("pairing_id", to="pairings"),
        Index(None, "chapter_id", "pairing_id", "sent_at"),
    )

    update_id: Mapped[UUID] = mapped_column(primary_key=True)
    pairing_id: Mapped[UUID] = mapped_column(primary_key=True)
    line: Mapped[str]
    """What refers to the last talk with this mentor. No other one sees it."""
    sent_at: Mapped[datetime | None]
    well_done_at: Mapped[datetime | None]


class Rotation(ChapterRecord, Model):
    """A rotation of a student's, of which the end is a moment to write to mentors."""

    __tablename__ = "rotations"
    __table_args__ = (member_key("member_id"), Index(None, "chapter_id", "member_id", "ends_on"))

    member_id: Mapped[UUID]
    place: Mapped[str]
    ends_on: Mapped[date]
    created_at: Mapped[datetime]
