"""What road maps keep: a chapter's own steps, and what each student did with a step."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from mentorship.foundation.database import Model, one_of
from mentorship.foundation.scope import ChapterScoped
from mentorship.tenancy.models import member_key
from mentorship.vocabulary.stages import Stage


class Mark(StrEnum):
    """Hidden by the student, or taken on: as a goal, or as an action item."""

    HIDDEN = "hidden"
    GOAL = "goal"
    ITEM = "item"


class RoadDeed(StrEnum):
    CHANGED = "road.changed"
    RESET = "road.reset"
    MARKED = "road.marked"


class ChapterRoad(ChapterScoped, Model):
    """The steps of a stage, where a chapter wants others than the usual ones."""

    __tablename__ = "chapter_roads"
    __table_args__ = (one_of("stage", Stage),)

    stage: Mapped[str] = mapped_column(primary_key=True)
    steps: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)


class RoadMark(ChapterScoped, Model):
    """What a student did with a step in one cycle; in the next one it comes up anew."""

    __tablename__ = "road_marks"
    __table_args__ = (member_key("member_id"), one_of("mark", Mark))

    member_id: Mapped[UUID] = mapped_column(primary_key=True)
    cycle: Mapped[str] = mapped_column(primary_key=True)
    step: Mapped[str] = mapped_column(primary_key=True)
    mark: Mapped[str]
    at: Mapped[datetime]
