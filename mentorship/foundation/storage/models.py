"""What the database keeps of files, where it is the store."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from mentorship.foundation.database import Model
from mentorship.foundation.scope import ChapterScoped


class StoredChunk(ChapterScoped, Model):
    """A part of a file's bytes, a megabyte at most."""

    __tablename__ = "stored_chunks"
    __table_args__ = (Index(None, "chapter_id", "kept_at"),)

    key: Mapped[str] = mapped_column(primary_key=True)
    part: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[bytes]
    kept_at: Mapped[datetime]
