"""What tenancy keeps: chapters, who belongs to them, and which submits were already done."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mentorship.foundation.database import Identified, Model
from mentorship.foundation.scope import ChapterRecord, ChapterScoped, chapter_key
from mentorship.tenancy.roles import Role


class Chapter(Identified, Model):
    """An interest group at one school: the tenant. Its slug never changes."""

    __tablename__ = "chapters"
    __table_args__ = (CheckConstraint("slug ~ '^[a-z0-9][a-z0-9-]{1,38}$'", name="slug"),)

    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    school: Mapped[str]
    zone: Mapped[str]
    two_kinds_by_one_mentor: Mapped[bool] = mapped_column(default=False)
    """Whether one person may hold two kinds for one mentee. No, unless the chapter says so."""
    created_at: Mapped[datetime]


class Membership(ChapterRecord, Model):
    """A person in a chapter. Everything done in a chapter is done by a member."""

    __tablename__ = "memberships"
    __table_args__ = (
        UniqueConstraint("chapter_id", "user_id"),
        # The other half of the keys that also speak of the person, across chapters.
        UniqueConstraint("chapter_id", "id", "user_id"),
        CheckConstraint(
            "roles <@ ARRAY[" + ", ".join(f"'{role}'" for role in Role) + "]::text[]", name="roles"
        ),
        Index(None, "chapter_id", "name", "id"),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    name: Mapped[str]
    roles: Mapped[list[str]]
    joined_at: Mapped[datetime]
    left_at: Mapped[datetime | None]


class Affiliation(Model):
    """That a person belongs to a chapter, found by the person.

    Only the owner of the database reads it whole; the product asks `chapters_of()`.
    """

    __tablename__ = "affiliations"
    __table_args__ = (
        ForeignKeyConstraint(["user_id"], ["users.id"]),
        ForeignKeyConstraint(["chapter_id"], ["chapters.id"]),
        Index(None, "chapter_id"),
    )

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    chapter_id: Mapped[UUID] = mapped_column(primary_key=True)


class Submission(ChapterScoped, Model):
    """A form that was sent and worked. The same form again gets the same answer."""

    __tablename__ = "submissions"
    __table_args__ = (Index(None, "chapter_id", "at"),)

    digest: Mapped[str] = mapped_column(primary_key=True)
    """Of who sent what where, with the form's own one-time key."""
    location: Mapped[str]
    at: Mapped[datetime]


def member_key(column: str, user_column: str | None = None) -> ForeignKeyConstraint:
    """A key to a member of the same chapter, with their account where a row speaks of it."""
    if user_column:
        return chapter_key(column, user_column, to="memberships", on=("id", "user_id"))
    return chapter_key(column, to="memberships")
