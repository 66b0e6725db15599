"""What waiting keeps: who waits for a place with whom, and whether it was offered."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped

from mentorship.foundation.database import Model, among, one_of
from mentorship.foundation.scope import ChapterRecord
from mentorship.tenancy.models import member_key
from mentorship.vocabulary.kinds import Kind


class WaitState(StrEnum):
    """Waiting until a place is offered. Taken, left and lapsed are how it ended."""

    WAITING = "waiting"
    OFFERED = "offered"
    TAKEN = "taken"
    LEFT = "left"
    LAPSED = "lapsed"


#: States in which somebody is on the list.
ON_THE_LIST = (WaitState.WAITING, WaitState.OFFERED)
_ON_THE_LIST_SQL = among("state", ON_THE_LIST)


class WaitDeed(StrEnum):
    JOINED = "wait.joined"
    LEFT = "wait.left"
    OFFERED = "wait.offered"
    TAKEN = "wait.taken"
    LAPSED = "wait.lapsed"


class Wait(ChapterRecord, Model):
    """That a student waits for a place with a mentor, for one kind of mentoring.

    A place that is offered is held: it counts as taken until the answer is here.
    """

    __tablename__ = "waits"
    __table_args__ = (
        member_key("mentee_id", "mentee_user_id"),
        member_key("mentor_id", "mentor_user_id"),
        one_of("kind", Kind),
        one_of("state", WaitState),
        CheckConstraint("mentee_user_id <> mentor_user_id", name="two_people"),
        CheckConstraint("state <> 'offered' OR offered_until IS NOT NULL", name="offered_until"),
        CheckConstraint(f"({_ON_THE_LIST_SQL}) = (ended_at IS NULL)", name="ended_at"),
        Index(
            "uq_waits_on_the_list",
            "chapter_id",
            "mentor_id",
            "mentee_id",
            unique=True,
            postgresql_where=text(_ON_THE_LIST_SQL),
        ),
        Index(None, "chapter_id", "mentor_user_id", "state"),
        Index(None, "chapter_id", "mentee_id", "state"),
    )

    mentee_id: Mapped[UUID]
    mentor_id: Mapped[UUID]
    mentee_user_id: Mapped[UUID]
    mentor_user_id: Mapped[UUID]
    kind: Mapped[str]
    why: Mapped[str]
    """One line; the mentor reads it once the place is taken."""
    state: Mapped[str]
    joined_at: Mapped[datetime]
    offered_until: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
