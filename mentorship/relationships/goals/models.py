"""What goals keep."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from mentorship.foundation.database import Model, one_of
from mentorship.foundation.scope import ChapterRecord, ChapterScoped, chapter_key
from mentorship.tenancy.models import member_key


class GoalState(StrEnum):
    ACTIVE = "active"
    REACHED = "reached"
    LET_GO = "let_go"


class GoalDeed(StrEnum):
    BEGUN = "goal.begun"
    CHANGED = "goal.changed"
    SHARED = "goal.shared"
    REACHED = "goal.reached"
    LET_GO = "goal.let_go"
    TAKEN_UP = "goal.taken_up"


class Goal(ChapterRecord, Model):
    """What somebody is working toward. Theirs alone, unless they share it with a mentor."""

    __tablename__ = "goals"
    __table_args__ = (
        member_key("member_id"),
        one_of("state", GoalState),
        CheckConstraint("(state = 'active') = (settled_at IS NULL)", name="settled_at"),
        Index(None, "chapter_id", "member_id", "position"),
    )

    member_id: Mapped[UUID]
    position: Mapped[int]
    what: Mapped[str]
    how_known: Mapped[str]
    """How they will know that it is reached."""
    due_on: Mapped[date]
    state: Mapped[str]
    word: Mapped[str]
    """What they said when it was reached, or when they let it go."""
    with_all: Mapped[bool]
    """Whether every mentor of theirs sees it, those of later on as well."""
    created_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]


class GoalStep(ChapterRecord, Model):
    """One step on the way to a goal."""

    __tablename__ = "goal_steps"
    __table_args__ = (
        chapter_key("goal_id", to="goals"),
        Index(None, "chapter_id", "goal_id", "position"),
    )

    goal_id: Mapped[UUID]
    position: Mapped[int]
    what: Mapped[str]
    done_at: Mapped[datetime | None]


class GoalShare(ChapterScoped, Model):
    """That a mentor may see a goal, for as long as the two are paired."""

    __tablename__ = "goal_shares"
    __table_args__ = (
        chapter_key("goal_id", to="goals"),
        member_key("mentor_id"),
        Index(None, "chapter_id", "mentor_id"),
    )

    goal_id: Mapped[UUID] = mapped_column(primary_key=True)
    mentor_id: Mapped[UUID] = mapped_column(primary_key=True)


class GoalItem(ChapterScoped, Model):
    """That an action item serves a goal: one at most."""

    __tablename__ = "goal_items"
    __table_args__ = (
        chapter_key("item_id", to="action_items"),
        chapter_key("goal_id", to="goals"),
        Index(None, "chapter_id", "goal_id"),
    )

    item_id: Mapped[UUID] = mapped_column(primary_key=True)
    goal_id: Mapped[UUID]
