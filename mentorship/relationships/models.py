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


class Why(StrEnum):
    """Why somebody ended a pairing, as they say it in private."""

    FIT = "fit"
    GOALS = "goals"
    TIME = "time"
    SILENCE = "silence"
    MOVED = "moved"
    OTHER = "other"

    @property
    def label(self) -> str:
        return _WHY[self]


_WHY = {
    Why.FIT: "We are not the right fit",
    Why.GOALS: "My plans have changed",
    Why.TIME: "There is no time for it now",
    Why.SILENCE: "We could not get hold of each other",
    Why.MOVED: "One of us has moved on",
    Why.OTHER: "Something else",
}


class Fit(StrEnum):
    """What one of the two says after the first meeting."""

    CONTINUE = "continue"
    UNSURE = "unsure"
    NOT_A_FIT = "not_a_fit"

    @property
    def label(self) -> str:
        return _FIT[self]


_FIT = {
    Fit.CONTINUE: "Yes, let us go on",
    Fit.UNSURE: "I am not sure yet",
    Fit.NOT_A_FIT: "It is not a fit",
}


class PairingDeed(StrEnum):
    PROPOSED = "pairing.proposed"
    ACCEPTED = "pairing.accepted"
    PAUSED = "pairing.paused"
    RESUMED = "pairing.resumed"
    ENDED = "pairing.ended"
    REOPENED = "pairing.reopened"


class AgreementDeed(StrEnum):
    WRITTEN = "agreement.written"


class FitCheckDeed(StrEnum):
    ASKED = "fit_check.asked"
    ANSWERED = "fit_check.answered"


class RematchDeed(StrEnum):
    WISHED = "rematch.wished"
    WITHDRAWN = "rematch.withdrawn"


class CheckInDeed(StrEnum):
    LOGGED = "check_in.logged"


class ActionItemDeed(StrEnum):
    TAKEN_ON = "action_item.taken_on"
    FINISHED = "action_item.finished"
    REOPENED = "action_item.reopened"
    CHANGED = "action_item.changed"
    REASSIGNED = "action_item.reassigned"
    DROPPED = "action_item.dropped"
    RESTORED = "action_item.restored"


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
        CheckConstraint("paused_until IS NULL OR state = 'paused'", name="paused_until"),
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
    paused_until: Mapped[date | None]
    """The day on which a pause is over by itself, on the chapter's calendar."""
    ended_at: Mapped[datetime | None]


class PairingChange(ChapterRecord, Model):
    """A change of state after the beginning, with what both of the two may read of it."""

    __tablename__ = "pairing_changes"
    __table_args__ = (
        chapter_key("pairing_id", to="pairings"),
        member_key("by_id"),
        one_of("state", PairingState),
        Index(None, "chapter_id", "pairing_id", "at"),
        Index(None, "chapter_id", "by_id"),
    )

    pairing_id: Mapped[UUID]
    by_id: Mapped[UUID | None]
    """Who changed it; nobody when time alone did."""
    at: Mapped[datetime]
    before: Mapped[str]
    state: Mapped[str]
    """What it became."""
    words: Mapped[str]
    until: Mapped[date | None]


class Agreement(ChapterScoped, Model):
    """What the two have agreed on. One a pairing; both may change it, nobody unseen."""

    __tablename__ = "agreements"
    __table_args__ = (
        chapter_key("pairing_id", to="pairings"),
        member_key("by_id"),
        Index(None, "chapter_id", "by_id"),
    )

    pairing_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int]
    by_id: Mapped[UUID]
    at: Mapped[datetime]
    how_often: Mapped[str]
    by_what: Mapped[str]
    what_for: Mapped[str]
    confidence: Mapped[str]
    """What stays between the two."""


class Parting(ChapterRecord, Model):
    """Why somebody ended a pairing. Never for the other one to read."""

    __tablename__ = "partings"
    __table_args__ = (
        chapter_key("pairing_id", to="pairings"),
        member_key("by_id"),
        one_of("why", Why),
        Index(None, "chapter_id", "pairing_id"),
        Index(None, "chapter_id", "by_id"),
        Index(None, "chapter_id", "at", postgresql_where=text("told")),
    )

    pairing_id: Mapped[UUID]
    by_id: Mapped[UUID]
    at: Mapped[datetime]
    why: Mapped[str]
    words: Mapped[str]
    told: Mapped[bool]
    """Whether coordinators may read it."""


class FitCheck(ChapterScoped, Model):
    """What one of the two says of the fit after their first meeting. Never for the other."""

    __tablename__ = "fit_checks"
    __table_args__ = (
        chapter_key("pairing_id", to="pairings"),
        member_key("member_id"),
        one_of("answer", Fit),
        Index(None, "chapter_id", "answer", "at"),
        Index(None, "chapter_id", "member_id"),
    )

    pairing_id: Mapped[UUID] = mapped_column(primary_key=True)
    member_id: Mapped[UUID] = mapped_column(primary_key=True)
    answer: Mapped[str]
    line: Mapped[str]
    """For the coordinators, and for nobody else."""
    at: Mapped[datetime]


class RematchWish(ChapterRecord, Model):
    """That a student would like another mentor in place of one whom a pairing has ended with."""

    __tablename__ = "rematch_wishes"
    __table_args__ = (
        chapter_key("pairing_id", to="pairings"),
        member_key("mentee_id"),
        one_of("kind", Kind),
        Index(
            "uq_rematch_wishes_open",
            "chapter_id",
            "mentee_id",
            "kind",
            unique=True,
            postgresql_where=text("settled_at IS NULL"),
        ),
        Index(None, "chapter_id", "mentee_id"),
        Index(None, "chapter_id", "pairing_id"),
    )

    mentee_id: Mapped[UUID]
    pairing_id: Mapped[UUID]
    kind: Mapped[str]
    topic: Mapped[str | None]
    wished_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    """When somebody else was found, or the wish was taken back."""


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
    came_of_it: Mapped[str] = mapped_column(server_default="", default="")
    """Evidence, or a line of what came of it."""
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


class Separation(ChapterScoped, Model):
    """That somebody else keeps two members apart, for as long as they see fit. Holds both ways."""

    __tablename__ = "separations"
    __table_args__ = (
        member_key("one_id"),
        member_key("other_id"),
        member_key("set_by_id"),
        CheckConstraint("one_id <> other_id", name="two_people"),
        Index(None, "chapter_id", "other_id", "one_id"),
        Index(None, "chapter_id", "set_by_id"),
    )

    one_id: Mapped[UUID] = mapped_column(primary_key=True)
    other_id: Mapped[UUID] = mapped_column(primary_key=True)
    set_by_id: Mapped[UUID] = mapped_column(primary_key=True)
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
