"""What safety keeps: concerns with their steps, who is kept from reading them, and whom to call."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, SmallInteger
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from mentorship.foundation.database import Model, one_of
from mentorship.foundation.scope import ChapterRecord, ChapterScoped, chapter_key
from mentorship.tenancy.models import member_key


class ConcernState(StrEnum):
    """How far somebody has come with a concern. It is never moved by time alone."""

    RECEIVED = "received"
    LOOKED_AT = "looked_at"
    IN_HAND = "in_hand"
    CLOSED = "closed"

    @property
    def label(self) -> str:
        return _STATES[self]


_STATES = {
    ConcernState.RECEIVED: "Received",
    ConcernState.LOOKED_AT: "Looked at",
    ConcernState.IN_HAND: "In hand",
    ConcernState.CLOSED: "Closed",
}


class Outcome(StrEnum):
    """What came of a concern, as whoever reported it reads it."""

    TALKED = "talked"
    APART = "apart"
    SCHOOL = "school"
    NOTHING = "nothing"

    @property
    def label(self) -> str:
        return _OUTCOMES[self]


_OUTCOMES = {
    Outcome.TALKED: "Talked over with those concerned",
    Outcome.APART: "Contact was stopped",
    Outcome.SCHOOL: "Taken to the school",
    Outcome.NOTHING: "Nothing more was needed",
}


class ConcernDeed(StrEnum):
    REPORTED = "concern.reported"
    REMINDED = "concern.reminded"
    LOOKED_AT = "concern.looked_at"
    TAKEN = "concern.taken"
    NOTED = "concern.noted"
    PASSED_ON = "concern.passed_on"
    KEPT_APART = "concern.kept_apart"
    LET_TOGETHER = "concern.let_together"
    CLOSED = "concern.closed"
    REOPENED = "concern.reopened"

    @property
    def label(self) -> str:
        return _DEEDS[self]


_DEEDS = {
    ConcernDeed.REPORTED: "Reported",
    ConcernDeed.REMINDED: "Reminded",
    ConcernDeed.LOOKED_AT: "Looked at",
    ConcernDeed.TAKEN: "Taken in hand",
    ConcernDeed.NOTED: "Note",
    ConcernDeed.PASSED_ON: "Passed on",
    ConcernDeed.KEPT_APART: "The two are kept apart",
    ConcernDeed.LET_TOGETHER: "No longer kept apart",
    ConcernDeed.CLOSED: "Closed",
    ConcernDeed.REOPENED: "Opened again",
}


class ResourceDeed(StrEnum):
    CHANGED = "help_resources.changed"


class Concern(ChapterRecord, Model):
    """What somebody is worried about, for the faculty advisor."""

    __tablename__ = "concerns"
    __table_args__ = (
        member_key("by_id"),
        member_key("about_id"),
        chapter_key("pairing_id", to="pairings"),
        one_of("state", ConcernState),
        one_of("outcome", Outcome),
        CheckConstraint("(state = 'received') = (seen_at IS NULL)", name="seen_at"),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_at"),
        CheckConstraint("(outcome IS NULL) = (closed_at IS NULL)", name="closed"),
        CheckConstraint("about_id <> by_id", name="two_people"),
        Index(None, "chapter_id", "by_id", "at"),
        Index(None, "chapter_id", "about_id"),
        Index(None, "chapter_id", "pairing_id"),
        Index(None, "chapter_id", "state", "at"),
    )

    by_id: Mapped[UUID]
    about_id: Mapped[UUID | None]
    pairing_id: Mapped[UUID | None]
    words: Mapped[str]
    reach: Mapped[str]
    """How they want to be reached; empty for their address."""
    may_name: Mapped[bool]
    """Whether those concerned may be told who reported it."""
    state: Mapped[str]
    outcome: Mapped[str | None]
    at: Mapped[datetime]
    look_by: Mapped[datetime]
    """By when somebody should have looked at it."""
    seen_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]


class ConcernWall(ChapterScoped, Model):
    """That a member must never read a concern, whatever their role: it is about them, or may be."""

    __tablename__ = "concern_walls"
    __table_args__ = (
        chapter_key("concern_id", to="concerns"),
        member_key("member_id"),
        Index(None, "chapter_id", "member_id"),
    )

    concern_id: Mapped[UUID] = mapped_column(primary_key=True)
    member_id: Mapped[UUID] = mapped_column(primary_key=True)


class ConcernStep(ChapterRecord, Model):
    """Something done about a concern, with a note for those who look into it. Only added to."""

    __tablename__ = "concern_steps"
    __table_args__ = (
        chapter_key("concern_id", to="concerns"),
        member_key("by_id"),
        Index(None, "chapter_id", "concern_id", "at"),
        Index(None, "chapter_id", "by_id"),
    )

    concern_id: Mapped[UUID]
    by_id: Mapped[UUID]
    at: Mapped[datetime]
    deed: Mapped[str]
    words: Mapped[str]


class SafetySettings(ChapterScoped, Model):
    """What a chapter has set: whom to call, and how soon a concern is looked at."""

    __tablename__ = "safety_settings"
    __table_args__ = (CheckConstraint("look_within BETWEEN 1 AND 5", name="look_within"),)

    look_within: Mapped[int] = mapped_column(SmallInteger)
    """In working days."""
    resources: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
