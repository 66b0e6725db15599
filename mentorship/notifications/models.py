"""What notifications keep: who was, or is to be, told of what."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mentorship.foundation.database import Model, one_of
from mentorship.foundation.scope import ChapterRecord
from mentorship.tenancy.models import member_key


class NoticeState(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    OVERTAKEN = "overtaken"
    """What it would have said is no longer so."""


class Notice(ChapterRecord, Model):
    """A deed told to one member by mail. Unique, so that nobody is told twice."""

    __tablename__ = "notices"
    __table_args__ = (
        UniqueConstraint("chapter_id", "event_id", "member_id"),
        # A notice goes with its event, when the older end of a trail is taken away.
        ForeignKeyConstraint(
            ["chapter_id", "event_id"],
            ["audit_events.chapter_id", "audit_events.id"],
            ondelete="CASCADE",
        ),
        member_key("member_id"),
        one_of("state", NoticeState),
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent_at"),
    )

    event_id: Mapped[UUID]
    member_id: Mapped[UUID]
    telling: Mapped[str]
    """The name of what is said; its words stand in `templates/mail/`."""
    state: Mapped[str]
    sent_at: Mapped[datetime | None]
    problem: Mapped[str] = mapped_column(default="")
