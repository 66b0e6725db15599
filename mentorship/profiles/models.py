"""What profiles keep: what a member offers and what a member looks for."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Integer, SmallInteger
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from mentorship.foundation.database import Model, one_of
from mentorship.foundation.scope import ChapterRecord, ChapterScoped
from mentorship.tenancy.models import member_key
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.lengths import CUSTOMARY, LENGTHS
from mentorship.vocabulary.stages import Stage, Standing

#: Where a mentor practices; somebody may do so in several settings.
FACETS: Mapping[str, str] = {
    "academic": "Academic",
    "community": "Community",
    "hybrid": "Hybrid",
    "county": "County",
    "VA": "VA",
    "military": "Military",
    "rural": "Rural",
}


class ProfileDeed(StrEnum):
    SAVED = "profile.saved"
    PAUSED = "profile.paused"
    RESUMED = "profile.resumed"


class RosterDeed(StrEnum):
    IMPORTED = "roster.imported"


class MenteeProfile(ChapterScoped, Model):
    """What a mentee says of themselves. Everything may wait; half a profile is a profile."""

    __tablename__ = "mentee_profiles"
    __table_args__ = (
        member_key("member_id"),
        one_of("stage", Stage),
        CheckConstraint("class_year BETWEEN 1950 AND 2100", name="class_year"),
    )

    member_id: Mapped[UUID] = mapped_column(primary_key=True)
    stage: Mapped[str | None]
    class_year: Mapped[int | None] = mapped_column(SmallInteger)
    school: Mapped[str] = mapped_column(default="")
    interests: Mapped[list[str]] = mapped_column(default=list)
    story: Mapped[str] = mapped_column(default="")
    """The one-minute story, in their own words."""
    updated_at: Mapped[datetime]


class Want(ChapterScoped, Model):
    """A kind of mentor that a mentee looks for, and what for."""

    __tablename__ = "wants"
    __table_args__ = (member_key("member_id"), one_of("kind", Kind))

    member_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    topics: Mapped[list[str]] = mapped_column(default=list)
    looking_for: Mapped[str] = mapped_column(default="")


class MentorProfile(ChapterScoped, Model):
    """What a mentor says of themselves to one chapter."""

    __tablename__ = "mentor_profiles"
    __table_args__ = (
        member_key("member_id"),
        one_of("standing", Standing),
        CheckConstraint(f"lengths <@ ARRAY{[*LENGTHS]}", name="lengths"),
    )

    member_id: Mapped[UUID] = mapped_column(primary_key=True)
    standing: Mapped[str] = mapped_column(default=Standing.FACULTY)
    title: Mapped[str] = mapped_column(default="")
    institution: Mapped[str] = mapped_column(default="")
    interests: Mapped[list[str]] = mapped_column(default=list)
    facets: Mapped[list[str]] = mapped_column(default=list)
    """Practice facets: academic, community, county, …"""
    story: Mapped[str] = mapped_column(default="")
    lengths: Mapped[list[int]] = mapped_column(ARRAY(Integer), default=lambda: [*CUSTOMARY])
    """The lengths of meeting this mentor takes, in minutes."""
    video_link: Mapped[str] = mapped_column(default="")
    recent_cycle: Mapped[bool] = mapped_column(default=False)
    """Whether they know a recent application cycle first hand."""
    paused_at: Mapped[datetime | None]
    search: Mapped[str] = mapped_column(TSVECTOR, default="")
    """Words to be found by: name, title, institution, story, topics and interests."""
    updated_at: Mapped[datetime]


class Offer(ChapterScoped, Model):
    """A kind of mentoring that a mentor offers; content mentoring names its topics."""

    __tablename__ = "offers"
    __table_args__ = (
        member_key("member_id"),
        one_of("kind", Kind),
        Index(None, "chapter_id", "kind", "member_id"),
    )

    member_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    topics: Mapped[list[str]] = mapped_column(default=list)


class UploadState(StrEnum):
    """Where a roster that was uploaded stands."""

    CHECKED = "checked"
    QUEUED = "queued"
    IMPORTING = "importing"
    IMPORTED = "imported"
    FAILED = "failed"


class RosterUpload(ChapterRecord, Model):
    """A roster that was checked and waits for its coordinator's word. Forgotten within days."""

    __tablename__ = "roster_uploads"
    __table_args__ = (
        member_key("by_id"),
        one_of("state", UploadState),
        Index(None, "chapter_id", "created_at"),
        Index(None, "chapter_id", "by_id"),
    )

    by_id: Mapped[UUID]
    file_name: Mapped[str]
    content: Mapped[bytes] = mapped_column(deferred=True)
    """The file as it came; emptied once it was imported, and never kept when it has errors."""
    state: Mapped[str] = mapped_column(default=UploadState.CHECKED)
    step: Mapped[str] = mapped_column(default="")
    """What the import is doing, while it is under way."""
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    """What the check found, as the page shows it; what the import did, once it is done."""
    created_at: Mapped[datetime]
    imported_at: Mapped[datetime | None]
