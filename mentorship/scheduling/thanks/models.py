"""What is kept of thanks."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from mentorship.foundation.database import Model
from mentorship.foundation.scope import ChapterScoped, chapter_key

#: The longest thanks, in characters.
LONGEST = 500


class ThanksDeed(StrEnum):
    SENT = "thanks.sent"


class Thanks(ChapterScoped, Model):
    """What the mentee of a meeting thanks the mentor for. The key says: once for each meeting."""

    __tablename__ = "thanks"
    __table_args__ = (
        chapter_key("meeting_id", to="meetings"),
        chapter_key("pairing_id", to="pairings"),
        CheckConstraint(f"char_length(words) BETWEEN 1 AND {LONGEST}", name="words"),
        Index(None, "chapter_id", "pairing_id", "at"),
    )

    meeting_id: Mapped[UUID] = mapped_column(primary_key=True)
    pairing_id: Mapped[UUID]
    words: Mapped[str]
    at: Mapped[datetime]
