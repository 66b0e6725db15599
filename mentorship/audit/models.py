"""What the trail keeps."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from mentorship.foundation.database import Model
from mentorship.foundation.scope import ChapterRecord


class AuditEvent(ChapterRecord, Model):
    """One deed. No foreign keys to what it tells of: a trail outlives its subjects."""

    __tablename__ = "audit_events"
    __table_args__ = (Index(None, "chapter_id", "subject_id", "at"),)

    deed: Mapped[str]
    at: Mapped[datetime]
    by_id: Mapped[UUID | None]
    """The member who did it; nobody when time alone did."""
    subject_id: Mapped[UUID]
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """What must be known after the subject has changed or gone. Ids, instants, numbers."""
