"""What matching keeps: runs, the pairings they propose, and what the coordinator said of them."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, Integer, SmallInteger, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from mentorship.foundation.database import Model, among, one_of
from mentorship.foundation.scope import ChapterRecord, ChapterScoped, chapter_key
from mentorship.tenancy.models import member_key
from mentorship.vocabulary.kinds import Kind


class RunState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    REVIEW = "review"
    PUBLISHED = "published"
    FAILED = "failed"
    DISCARDED = "discarded"


class RunDeed(StrEnum):
    STARTED = "run.started"
    FINISHED = "run.finished"
    FAILED = "run.failed"
    PUBLISHED = "run.published"
    DISCARDED = "run.discarded"
    MARKED = "run.marked"
    UNMARKED = "run.unmarked"
    TRIED = "run.tried"


#: States in which a run is under way; a chapter has one such run at a time.
UNDER_WAY = (RunState.QUEUED, RunState.RUNNING, RunState.REVIEW)


class Mark(StrEnum):
    """What a coordinator says of a pair before the next draft: always, or never."""

    PIN = "pin"
    EXCLUDE = "exclude"


class MatchingRun(ChapterRecord, Model):
    """A cohort pairing from the first draft to the day it is published."""

    __tablename__ = "matching_runs"
    __table_args__ = (
        UniqueConstraint("chapter_id", "number"),
        one_of("state", RunState),
        Index(
            "uq_matching_runs_under_way",
            "chapter_id",
            unique=True,
            postgresql_where=text(among("state", UNDER_WAY)),
        ),
    )

    number: Mapped[int] = mapped_column(Integer)
    cycle: Mapped[str]
    """The key of a cycle in `config/cycles/`."""
    kinds: Mapped[list[str]]
    state: Mapped[str]
    draft: Mapped[int] = mapped_column(SmallInteger, default=1)
    step: Mapped[str] = mapped_column(default="")
    """What it is doing, in words, while it runs; what went wrong, when it failed."""
    done: Mapped[int] = mapped_column(SmallInteger, default=0)
    """How far it is, in percent."""
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    """Of the draft: the steps taken while it runs; what `drafts.keep` says of it once finished."""
    settings: Mapped[dict[str, Any]] = mapped_column(
        JSONB, default=dict, server_default=text("'{}'::jsonb")
    )
    """What the run seeks, as `preferences.Preferences` writes it."""
    report: Mapped[dict[str, Any]] = mapped_column(
        JSONB, default=dict, server_default=text("'{}'::jsonb")
    )
    """What can be said of the draft beyond its facts, as `reports.report` writes it."""
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]


class Draft(ChapterScoped, Model):
    """A draft in short, kept so that later ones can be held against it."""

    __tablename__ = "drafts"
    __table_args__ = (chapter_key("run_id", to="matching_runs"),)

    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    settings: Mapped[dict[str, Any]] = mapped_column(JSONB)
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    report: Mapped[dict[str, Any]] = mapped_column(JSONB)
    pairs: Mapped[list[list[Any]]] = mapped_column(JSONB)
    """Each as the ids of mentee and mentor, the kind, and the points of the fit."""
    made_at: Mapped[datetime]


class AttemptState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Attempt(ChapterRecord, Model):
    """What a run would come to if something were otherwise, as a job works it out."""

    __tablename__ = "attempts"
    __table_args__ = (
        chapter_key("run_id", to="matching_runs"),
        one_of("state", AttemptState),
        Index(None, "chapter_id", "run_id", "asked_at"),
    )

    run_id: Mapped[UUID]
    draft: Mapped[int] = mapped_column(SmallInteger)
    """The draft it was asked beside."""
    change: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """What would be otherwise, as `trials.changed` takes it."""
    state: Mapped[str]
    step: Mapped[str] = mapped_column(default="")
    done: Mapped[int] = mapped_column(SmallInteger, default=0)
    settings: Mapped[dict[str, Any]] = mapped_column(JSONB)
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    blocking: Mapped[int] = mapped_column(Integer, default=0)
    pairs: Mapped[list[list[Any]]] = mapped_column(JSONB, default=list)
    asked_at: Mapped[datetime]


class Proposal(ChapterRecord, Model):
    """A pairing that a draft proposes. Nobody but coordinators sees it before it is published."""

    __tablename__ = "proposals"
    __table_args__ = (
        chapter_key("run_id", to="matching_runs"),
        member_key("mentee_id"),
        member_key("mentor_id"),
        one_of("kind", Kind),
        UniqueConstraint("chapter_id", "run_id", "mentee_id", "mentor_id", "kind"),
        Index(None, "chapter_id", "run_id", "fit", "id"),
        Index(None, "chapter_id", "mentee_id"),
        Index(None, "chapter_id", "mentor_id"),
    )

    run_id: Mapped[UUID]
    mentee_id: Mapped[UUID]
    mentor_id: Mapped[UUID]
    kind: Mapped[str]
    topic: Mapped[str | None]
    fit: Mapped[int] = mapped_column(SmallInteger)
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    cautions: Mapped[list[str]] = mapped_column(default=list)
    """What a coordinator should look at before saying yes, and the rules that a pin set aside."""


class LeftOut(ChapterScoped, Model):
    """A kind that a mentee wanted and did not get in a draft, and the true reason."""

    __tablename__ = "left_outs"
    __table_args__ = (
        chapter_key("run_id", to="matching_runs"),
        member_key("mentee_id"),
        one_of("kind", Kind),
        Index(None, "chapter_id", "mentee_id"),
    )

    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    mentee_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str]
    words: Mapped[str]
    with_nobody: Mapped[bool]
    """Whether the mentee has no mentor of any kind after this run: first in line next time."""


class RunMark(ChapterScoped, Model):
    """A pair that the coordinator pinned or excluded; it holds for every further draft."""

    __tablename__ = "run_marks"
    __table_args__ = (
        chapter_key("run_id", to="matching_runs"),
        member_key("mentee_id"),
        member_key("mentor_id"),
        one_of("kind", Kind),
        one_of("mark", Mark),
        Index(None, "chapter_id", "mentee_id"),
        Index(None, "chapter_id", "mentor_id"),
    )

    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    mentee_id: Mapped[UUID] = mapped_column(primary_key=True)
    mentor_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    mark: Mapped[str]
