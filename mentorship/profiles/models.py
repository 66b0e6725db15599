"""What profiles keep: what a member offers and what a member looks for."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Integer, SmallInteger, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import SchemaItem

from mentorship.foundation.database import Model, one_of
from mentorship.foundation.scope import ChapterRecord, ChapterScoped
from mentorship.tenancy.models import member_key
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.lengths import CUSTOMARY, LENGTHS
from mentorship.vocabulary.purposes import Asked
from mentorship.vocabulary.stages import MENTEE_STAGES, Stage, Standing

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

#: So many people of the other side somebody wishes for at most.
MOST_WISHES = 5
_NONE = "{}"


class ProfileDeed(StrEnum):
    SAVED = "profile.saved"
    PAUSED = "profile.paused"
    RESUMED = "profile.resumed"


class RosterDeed(StrEnum):
    IMPORTED = "roster.imported"
    CHANGED = "roster.changed"
    """By an import, somebody who was there before. Its subject is the member."""


class MenteeProfile(ChapterScoped, Model):
    """What a mentee says of themselves. Everything may wait; half a profile is a profile."""

    __tablename__ = "mentee_profiles"
    __table_args__ = (
        member_key("member_id"),
        one_of("stage", Stage),
        CheckConstraint("class_year BETWEEN 1950 AND 2100", name="class_year"),
        CheckConstraint("0 <= ALL (free) AND 20 >= ALL (free)", name="free"),
    )

    member_id: Mapped[UUID] = mapped_column(primary_key=True)
    stage: Mapped[str | None]
    class_year: Mapped[int | None] = mapped_column(SmallInteger)
    school: Mapped[str] = mapped_column(default="")
    interests: Mapped[list[str]] = mapped_column(default=list)
    story: Mapped[str] = mapped_column(default="")
    """The one-minute story, in their own words."""
    goals: Mapped[list[str]] = mapped_column(default=list, server_default=_NONE)
    settings: Mapped[list[str]] = mapped_column(default=list, server_default=_NONE)
    """Practice facets in which they would like to work."""
    region: Mapped[str] = mapped_column(default="", server_default="")
    """Where they hope to train, a slug as in the lists beside it; empty is not said."""
    path: Mapped[str] = mapped_column(default="", server_default="")
    languages: Mapped[list[str]] = mapped_column(default=list, server_default=_NONE)
    free: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger), default=list, server_default=_NONE)
    """Parts of the week in which they are mostly free, as `details.PartOfDay.of_week` counts."""
    updated_at: Mapped[datetime]


class _Wish(ChapterScoped):
    """Whom somebody wishes for, the first of all at rank 1."""

    member_id: Mapped[UUID] = mapped_column(primary_key=True)
    rank: Mapped[int] = mapped_column(SmallInteger, primary_key=True)


def _wish_for(column: str) -> tuple[SchemaItem, ...]:
    """What holds of a wish for the person whom a column names."""
    return (
        member_key("member_id"),
        member_key(column),
        UniqueConstraint("chapter_id", "member_id", column),
        CheckConstraint(f"rank BETWEEN 1 AND {MOST_WISHES}", name="rank"),
        CheckConstraint(f"member_id <> {column}", name="two_people"),
        Index(None, "chapter_id", column),
    )


class MentorWish(_Wish, Model):
    """A mentor whom a mentee wishes for."""

    __tablename__ = "mentor_wishes"
    __table_args__ = _wish_for("mentor_id")

    mentor_id: Mapped[UUID]


class StudentWish(_Wish, Model):
    """A student whom a mentor would like to mentor."""

    __tablename__ = "student_wishes"
    __table_args__ = _wish_for("student_id")

    student_id: Mapped[UUID]


class Affinity(ChapterScoped, Model):
    """The groups that somebody agreed to have counted when they are paired.

    A table of its own, so that nothing that reads a profile can show them. Who takes back their
    word has no row.
    """

    __tablename__ = "affinities"
    __table_args__ = (
        member_key("member_id"),
        CheckConstraint("cardinality(groups) > 0", name="groups"),
    )

    member_id: Mapped[UUID] = mapped_column(primary_key=True)
    groups: Mapped[list[str]]
    agreed_at: Mapped[datetime]


class Consent(ChapterRecord, Model):
    """A yes or a no to a purpose that needs one. Only added to; the last one counts."""

    __tablename__ = "consents"
    __table_args__ = (
        member_key("member_id"),
        one_of("purpose", Asked),
        Index(None, "chapter_id", "member_id", "at"),
    )

    member_id: Mapped[UUID]
    purpose: Mapped[str]
    wording: Mapped[int] = mapped_column(SmallInteger)
    """The number of the words that they read."""
    given: Mapped[bool]
    at: Mapped[datetime]


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
        CheckConstraint("outside_places BETWEEN 0 AND 50", name="outside_places"),
        CheckConstraint(
            "stages <@ ARRAY[" + ", ".join(f"'{one}'" for one in MENTEE_STAGES) + "]::text[]",
            name="stages",
        ),
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
    goals: Mapped[list[str]] = mapped_column(default=list, server_default=_NONE)
    """What they can help with."""
    region: Mapped[str] = mapped_column(default="", server_default="")
    path: Mapped[str] = mapped_column(default="", server_default="")
    """How they trained."""
    languages: Mapped[list[str]] = mapped_column(default=list, server_default=_NONE)
    stages: Mapped[list[str]] = mapped_column(default=list, server_default=_NONE)
    """The stages they take in a matching run; none named is all."""
    only_school: Mapped[str] = mapped_column(default="", server_default="")
    """The school whose students alone they take in a matching run; empty is any."""
    outside_places: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    """So many students of other schools they take all the same."""
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
        CheckConstraint("places BETWEEN 0 AND 50", name="places"),
    )

    member_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    topics: Mapped[list[str]] = mapped_column(default=list)
    places: Mapped[int | None] = mapped_column(SmallInteger)
    """Mentees of this kind at most, within their places; None has no limit of its own."""


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
