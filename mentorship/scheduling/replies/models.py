"""What is kept of answers by mail: the last one of each person about each meeting, in a word."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from mentorship.foundation.database import Model, one_of
from mentorship.foundation.scope import ChapterScoped, chapter_key
from mentorship.tenancy.models import member_key


class Said(StrEnum):
    """What a mail says: the words of RFC 5545 (3.2.12), a COUNTER, or what nobody can tell."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    TENTATIVE = "tentative"
    COUNTERED = "countered"
    UNCLEAR = "unclear"


class ReplyDeed(StrEnum):
    NOTED = "reply.noted"
    """The calendar says yes or perhaps to a meeting that is agreed."""
    DECLINED = "reply.declined"
    """The calendar says no to a meeting that is agreed: it stands until somebody calls it off."""
    UNUSED = "reply.unused"
    """Nothing could be done with it."""


class MailAnswer(ChapterScoped, Model):
    """The last that somebody has said by mail about a meeting. None of their words are kept."""

    __tablename__ = "mail_answers"
    __table_args__ = (
        chapter_key("meeting_id", to="meetings"),
        member_key("member_id"),
        one_of("said", Said),
        CheckConstraint("(said = 'countered') = (starts_at IS NOT NULL)", name="starts_at"),
        Index(None, "chapter_id", "member_id"),
    )

    meeting_id: Mapped[UUID] = mapped_column(primary_key=True)
    member_id: Mapped[UUID] = mapped_column(primary_key=True)
    said: Mapped[str]
    sequence: Mapped[int] = mapped_column(Integer)
    """Of the meeting, as they saw it."""
    starts_at: Mapped[datetime | None]
    """The other time that they would rather have."""
    stamped_at: Mapped[datetime | None]
    """When their calendar says that they said it (DTSTAMP)."""
    received_at: Mapped[datetime]
