"""What relationships keep: the pairing, and what grows between two people."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from mentorship.foundation.database import Model, among, one_of
from mentorship.foundation.scope import ChapterRecord, ChapterScoped, chapter_key
from mentorship.tenancy.models import member_key
from mentorship.vocabulary.kinds import Kind


class PairingState(StrEnum):
    """Proposed: asked, not answered. Accepted: paired, not met yet. Active: they have met."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    ACTIVE = "active"
    PAUSED = "paused"
    COMPLETED = "completed"
    ENDED = "ended"


#: States in which a pairing takes one of the mentor's places.
OPEN = (PairingState.PROPOSED, PairingState.ACCEPTED, PairingState.ACTIVE, PairingState.PAUSED)
#: States in which the two keep in touch.
UNDER_WAY = (PairingState.ACCEPTED, PairingState.ACTIVE, PairingState.PAUSED)
OPEN_SQL = among("state", OPEN)


class PairingDeed(StrEnum):
    PROPOSED = "pairing.proposed"
    ACCEPTED = "pairing.accepted"
    ENDED = "pairing.ended"


class CheckInDeed(StrEnum):
    LOGGED = "check_in.logged"


class ActionItemDeed(StrEnum):
    TAKEN_ON = "action_item.taken_on"
    FINISHED = "action_item.finished"
    REOPENED = "action_item.reopened"
    DROPPED = "action_item.dropped"


class EvaluationDeed(StrEnum):
    DECLARED = "evaluation.declared"
    ENDED = "evaluation.ended"


class BlockDeed(StrEnum):
    SET = "block.set"
    LIFTED = "block.lifted"


class Pairing(ChapterRecord, Model):
    """One mentor and one mentee, for one kind of mentoring, from when until when."""

    __tablename__ = "pairings"
    __table_args__ = (
        member_key("mentee_id", "mentee_user_id"),
        member_key("mentor_id", "mentor_user_id"),
        one_of("state", PairingState),
        one_of("kind", Kind),
        CheckConstraint("mentee_user_id <> mentor_user_id", name="two_people"),
        CheckConstraint(f"({OPEN_SQL}) = (ended_at IS NULL)", name="ended_at"),
        Index(
            "uq_pairings_open",
            "chapter_id",
            "mentee_id",
            "mentor_id",
            "kind",
            unique=True,
            postgresql_where=text(OPEN_SQL),
        ),
        Index(None, "chapter_id", "mentor_id", "state"),
        Index(None, "chapter_id", "state", "last_contact_on"),
    )

    mentee_id: Mapped[UUID]
    mentor_id: Mapped[UUID]
    mentee_user_id: Mapped[UUID]
    mentor_user_id: Mapped[UUID]
    kind: Mapped[str]
    topic: Mapped[str | None]
    state: Mapped[str]
    fit: Mapped[int | None] = mapped_column(SmallInteger)
    """How well the two fitted when they were paired, of a hundred."""
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    began_at: Mapped[datetime]
    first_met_at: Mapped[datetime | None]
    last_contact_on: Mapped[date | None]
    """The last meeting or check-in, on the chapter's calendar."""
    ended_at: Mapped[datetime | None]


class PlaceTaken(Model):
    """One of a mentor's places, taken by an open pairing in whichever chapter.

    Found by the person. Only the owner of the database reads it whole; the product asks
    `places_taken_by()`, which says how many and not by whom.
    """

    __tablename__ = "places_taken"
    __table_args__ = (Index(None, "chapter_id", "pairing_id"),)

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    pairing_id: Mapped[UUID] = mapped_column(primary_key=True)
    chapter_id: Mapped[UUID]


class CheckIn(ChapterRecord, Model):
    """A sign of life between meetings: one line to the other person, no reply needed."""

    __tablename__ = "check_ins"
    __table_args__ = (
        chapter_key("pairing_id", to="pairings"),
        member_key("by_id"),
        CheckConstraint("how IN ('well', 'need_a_date', 'stuck', 'done')", name="how"),
        Index(None, "chapter_id", "pairing_id", "happened_on"),
        Index(None, "chapter_id", "by_id"),
    )

    pairing_id: Mapped[UUID]
    by_id: Mapped[UUID]
    happened_on: Mapped[date]
    how: Mapped[str]
    line: Mapped[str]
    created_at: Mapped[datetime]


class ActionItem(ChapterRecord, Model):
    """Something one of the two has taken on."""

    __tablename__ = "action_items"
    __table_args__ = (
        chapter_key("pairing_id", to="pairings"),
        member_key("owner_id"),
        Index(None, "chapter_id", "pairing_id", "due_on"),
        Index(
            None,
            "chapter_id",
            "owner_id",
            "due_on",
            postgresql_where=text("done_at IS NULL AND dropped_at IS NULL"),
        ),
    )

    pairing_id: Mapped[UUID]
    meeting_id: Mapped[UUID | None]
    """The meeting it came from. No key: meetings stand above relationships."""
    owner_id: Mapped[UUID]
    what: Mapped[str]
    due_on: Mapped[date | None]
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    dropped_at: Mapped[datetime | None]


class Block(ChapterScoped, Model):
    """That one member is not to be paired, or to meet, with another. Holds both ways."""

    __tablename__ = "blocks"
    __table_args__ = (
        member_key("member_id"),
        member_key("other_id"),
        UniqueConstraint("chapter_id", "other_id", "member_id"),
        CheckConstraint("member_id <> other_id", name="two_people"),
    )

    member_id: Mapped[UUID] = mapped_column(primary_key=True)
    other_id: Mapped[UUID] = mapped_column(primary_key=True)
    created_at: Mapped[datetime]


class EvaluativeRole(ChapterRecord, Model):
    """A role in which a mentor judges mentees: one of them, or all of this chapter's.

    Whoever holds one today may not be a wellness mentor to those they evaluate.
    """

    __tablename__ = "evaluative_roles"
    __table_args__ = (
        member_key("member_id"),
        member_key("mentee_id"),
        CheckConstraint("ends_on >= starts_on", name="dates"),
        Index(None, "chapter_id", "member_id"),
        Index(None, "chapter_id", "mentee_id"),
    )

    member_id: Mapped[UUID]
    role: Mapped[str]
    mentee_id: Mapped[UUID | None]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
