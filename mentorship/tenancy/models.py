"""What tenancy keeps: chapters, who belongs to them, and which submits were already done."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    CheckConstraint,
    ColumnElement,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Text,
    UniqueConstraint,
    and_,
    bindparam,
    case,
    func,
    literal,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, column_property, mapped_column

from mentorship.foundation import clock
from mentorship.foundation.database import Identified, Model, one_of
from mentorship.foundation.scope import ChapterRecord, ChapterScoped, chapter_key
from mentorship.tenancy.roles import Reach, Role


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


# What counts today is asked in nearly every statement, and always about the moment of asking.
_now = bindparam("roles_at", type_=DateTime(timezone=True), callable_=lambda: clock.now())


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
    held: Mapped[list[str]] = mapped_column("roles", ARRAY(Text))
    """Every role that they were given, whether it counts today or not. To write, not to ask."""
    terms: Mapped[dict[str, Any]] = mapped_column(
        JSONB, default=dict, server_default=text("'{}'::jsonb")
    )
    """From when until when a role counts, as `tenancy/terms.py` keeps it."""
    roles: Mapped[list[str]] = column_property(
        case(
            (terms == literal({}, JSONB), held),
            else_=func.roles_at(held, terms, _now, type_=ARRAY(Text)),
        )
    )
    """The roles that count at this instant. Every question about roles asks this one."""
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
    left_at: Mapped[datetime | None]


class MemberDeed(StrEnum):
    """What is done to somebody's place in a chapter; the subject is the member."""

    APPOINTED = "member.appointed"
    DISMISSED = "member.dismissed"
    HANDED_OVER = "member.handed_over"
    LEFT = "member.left"
    TAKEN_OUT = "member.taken_out"
    BROUGHT_BACK = "member.brought_back"
    INVITED = "member.invited"


class SupportDeed(StrEnum):
    """What becomes of a visit; the subject is the visit, but for a look: that is of the visitor."""

    ASKED = "support.asked"
    BEGAN = "support.began"
    ENDED = "support.ended"
    LAPSED = "support.lapsed"
    LOOKED = "support.looked"


class SupportVisit(ChapterRecord, Model):
    """That a network admin asked to help in a chapter, and may until an instant if it consented."""

    __tablename__ = "support_visits"
    __table_args__ = (
        one_of("reach", Reach),
        CheckConstraint(
            "num_nulls(began_at, until, consented_by_id, member_id) IN (0, 4)", name="consent"
        ),
        CheckConstraint("until <= began_at + interval '7 days'", name="short"),
        chapter_key("member_id", "user_id", to="memberships", on=("id", "user_id")),
        chapter_key("consented_by_id", to="memberships"),
        chapter_key("ended_by_id", to="memberships"),
        Index(
            None,
            "chapter_id",
            "user_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    member_id: Mapped[UUID | None]
    """As whom they act in the chapter: a member without a role."""
    why: Mapped[str]
    reach: Mapped[str]
    asked_at: Mapped[datetime]
    began_at: Mapped[datetime | None]
    until: Mapped[datetime | None]
    consented_by_id: Mapped[UUID | None]
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[UUID | None]


def visit_goes_on(now: BindParameter[datetime]) -> ColumnElement[bool]:
    """The condition that a chapter has consented to a visit, and neither has ended it nor time."""
    return and_(SupportVisit.until > now, SupportVisit.ended_at.is_(None))


class Handover(ChapterRecord, Model):
    """That somebody named who follows them in a role, from when, and what to know."""

    __tablename__ = "handovers"
    __table_args__ = (
        CheckConstraint("from_id <> to_id", name="two_people"),
        chapter_key("from_id", to="memberships"),
        chapter_key("to_id", to="memberships"),
        Index(None, "chapter_id", "to_id"),
    )

    from_id: Mapped[UUID]
    to_id: Mapped[UUID]
    role: Mapped[str]
    starts_at: Mapped[datetime]
    words: Mapped[str]
    made_at: Mapped[datetime]


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
