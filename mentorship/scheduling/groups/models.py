"""What group sessions keep: when, where and for whom they are, and who has a seat or waits."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from mentorship.foundation.database import Model, among, one_of
from mentorship.foundation.scope import ChapterRecord, chapter_key
from mentorship.tenancy.models import member_key

#: Minutes that a session may take, and seats that it may have.
LENGTHS = (30, 45, 60, 75, 90)
MOST_SEATS = 100


class Audience(StrEnum):
    """Who may come: whoever is paired with the mentor, or every student of the chapter."""

    MENTEES = "mentees"
    CHAPTER = "chapter"


class SessionState(StrEnum):
    """Asked: a coordinator waits for the mentor's yes. Open: students sign up."""

    ASKED = "asked"
    OPEN = "open"
    DECLINED = "declined"
    CALLED_OFF = "called_off"


class SeatState(StrEnum):
    """Left: by whose seat it is. Called off: with the session, or as it is theirs no more."""

    SEATED = "seated"
    WAITING = "waiting"
    LEFT = "left"
    CALLED_OFF = "called_off"


#: A student has one of these at most in a session.
COMING = (SeatState.SEATED, SeatState.WAITING)
_COMING_SQL = among("state", COMING)


class SessionDeed(StrEnum):
    ASKED = "session.asked"
    OPENED = "session.opened"
    CHANGED = "session.changed"
    CLASHED = "session.clashed"
    CLASH_KEPT = "session.clash_kept"
    REMINDED = "session.reminded"
    DECLINED = "session.declined"
    CALLED_OFF = "session.called_off"


class SeatDeed(StrEnum):
    TAKEN = "seat.taken"
    QUEUED = "seat.queued"
    MOVED_UP = "seat.moved_up"
    CHANGED = "seat.changed"
    REMINDED = "seat.reminded"
    LEFT = "seat.left"
    ENDED = "seat.ended"
    CALLED_OFF = "seat.called_off"


class GroupSession(ChapterRecord, Model):
    """A meeting of one mentor with several students. It holds the mentor's time once open."""

    __tablename__ = "group_sessions"
    __table_args__ = (
        member_key("mentor_id", "mentor_user_id"),
        member_key("opened_by_id"),
        one_of("audience", Audience),
        one_of("state", SessionState),
        CheckConstraint(f"seats BETWEEN 1 AND {MOST_SEATS}", name="seats"),
        CheckConstraint(
            "ends_at - starts_at IN (" + ", ".join(f"'{each} minutes'" for each in LENGTHS) + ")",
            name="length",
        ),
        Index(None, "chapter_id", "starts_at", postgresql_where=text("state IN ('asked', 'open')")),
        Index(None, "chapter_id", "mentor_id", "starts_at"),
        Index(None, "chapter_id", "opened_by_id"),
    )

    mentor_id: Mapped[UUID]
    mentor_user_id: Mapped[UUID]
    opened_by_id: Mapped[UUID]
    title: Mapped[str]
    about: Mapped[str] = mapped_column(default="")
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    seats: Mapped[int] = mapped_column(SmallInteger)
    place: Mapped[str]
    """A link or a room."""
    audience: Mapped[str]
    state: Mapped[str]
    asked_at: Mapped[datetime]
    changes: Mapped[int] = mapped_column(SmallInteger, default=0)
    """How many times its time or its place has changed."""
    changed_at: Mapped[datetime | None]
    reminded_for: Mapped[datetime | None]
    """The beginning of which whoever comes was reminded."""
    settled_at: Mapped[datetime | None]
    """When it was declined or called off."""
    word: Mapped[str] = mapped_column(default="")
    """What was said on declining or calling off."""

    @property
    def sequence(self) -> int:
        """Of the mentor's invitation."""
        return self.changes + int(self.state == SessionState.CALLED_OFF)


class GroupSeat(ChapterRecord, Model):
    """That a student comes to a session, or waits in line for a seat.

    Whoever is seated is held under the id of the seat; who waits is not held.
    """

    __tablename__ = "group_seats"
    __table_args__ = (
        chapter_key("session_id", to="group_sessions"),
        member_key("member_id", "user_id"),
        one_of("state", SeatState),
        CheckConstraint(f"({_COMING_SQL}) = (ended_at IS NULL)", name="ended_at"),
        CheckConstraint("state <> 'seated' OR seated_at IS NOT NULL", name="seated_at"),
        Index(
            "uq_group_seats_coming",
            "chapter_id",
            "session_id",
            "member_id",
            unique=True,
            postgresql_where=text(_COMING_SQL),
        ),
        Index(None, "chapter_id", "session_id", "state", "joined_at"),
        Index(None, "chapter_id", "member_id"),
    )

    session_id: Mapped[UUID]
    member_id: Mapped[UUID]
    user_id: Mapped[UUID]
    state: Mapped[str]
    joined_at: Mapped[datetime]
    seated_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    def sequence(self, session: GroupSession) -> int:
        """Of the student's invitation. Who comes back has another seat, and another invitation."""
        return session.changes + int(self.state not in COMING)
