"""What conference meet-ups keep: where a mentor is and until when, and who takes which minutes."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from mentorship.foundation.database import Model, one_of
from mentorship.foundation.scope import ChapterRecord, chapter_key
from mentorship.tenancy.models import member_key

#: Minutes that one student may take, of which the mentor chooses.
LENGTHS = (5, 10, 15)


class MeetUpState(StrEnum):
    TAKEN = "taken"
    GIVEN_BACK = "given_back"
    CALLED_OFF = "called_off"


class ConferenceDeed(StrEnum):
    OPENED = "conference.opened"
    CHANGED = "conference.changed"
    CLASHED = "conference.clashed"
    CLASH_KEPT = "conference.clash_kept"
    CLOSED = "conference.closed"
    TAKEN = "conference.taken"
    GIVEN_BACK = "conference.given_back"
    CALLED_OFF = "conference.called_off"


class ConferenceBlock(ChapterRecord, Model):
    """That a mentor can be met at a conference, from when until when, for short talks in a row.

    The mentor's time is held for the whole of it, under the id of the block.
    """

    __tablename__ = "conference_blocks"
    __table_args__ = (
        member_key("mentor_id", "mentor_user_id"),
        CheckConstraint(f"minutes IN ({', '.join(map(str, LENGTHS))})", name="minutes"),
        CheckConstraint(
            "starts_at < ends_at AND ends_at <= starts_at + interval '8 hours'", name="span"
        ),
        Index(None, "chapter_id", "ends_at", postgresql_where=text("closed_at IS NULL")),
        Index(None, "chapter_id", "mentor_id"),
    )

    mentor_id: Mapped[UUID]
    mentor_user_id: Mapped[UUID]
    conference: Mapped[str]
    session: Mapped[str] = mapped_column(default="")
    """The session of the conference that it is tied to: after the tox session."""
    place: Mapped[str]
    zone: Mapped[str]
    """Where the conference is: everybody there reads that clock."""
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    minutes: Mapped[int] = mapped_column(SmallInteger)
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    changes: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    """How many times its time or its place has changed."""

    @property
    def sequence(self) -> int:
        """Of the invitations to its meet-ups, as long as they are on."""
        return self.changes


class MeetUp(ChapterRecord, Model):
    """A few minutes of a block, taken by a student, with a line of what they want to ask.

    The student's time is held under the id of the meet-up.
    """

    __tablename__ = "meet_ups"
    __table_args__ = (
        chapter_key("block_id", to="conference_blocks"),
        member_key("mentee_id", "mentee_user_id"),
        one_of("state", MeetUpState),
        CheckConstraint("(state = 'taken') = (ended_at IS NULL)", name="ended_at"),
        CheckConstraint("starts_at < ends_at", name="span"),
        Index(
            "uq_meet_ups_one_a_slot",
            "chapter_id",
            "block_id",
            "starts_at",
            unique=True,
            postgresql_where=text("state = 'taken'"),
        ),
        Index(
            "uq_meet_ups_one_a_student",
            "chapter_id",
            "block_id",
            "mentee_id",
            unique=True,
            postgresql_where=text("state = 'taken'"),
        ),
        Index(None, "chapter_id", "mentee_id", "starts_at"),
    )

    block_id: Mapped[UUID]
    mentee_id: Mapped[UUID]
    mentee_user_id: Mapped[UUID]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    question: Mapped[str]
    state: Mapped[str]
    taken_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    def sequence(self, block: ConferenceBlock) -> int:
        """Of the calendar invitation: it moves with its block, and is called off at most once."""
        return block.sequence + int(self.state != MeetUpState.TAKEN)
