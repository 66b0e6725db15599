"""What standing meetings keep: the agreement, and what became of each of its dates."""

from datetime import date, datetime, time
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from mentorship.foundation.database import Model, among, one_of
from mentorship.foundation.scope import ChapterRecord, ChapterScoped, chapter_key
from mentorship.scheduling.models import Part
from mentorship.tenancy.models import member_key
from mentorship.vocabulary.lengths import LENGTHS

#: As many weeks may lie between two dates, and so many dates may be agreed on at once.
MOST_WEEKS, MOST_TIMES = 12, 52


class StandingState(StrEnum):
    """Proposed: an answer is awaited. Agreed: dates are set. The rest says how it ended."""

    PROPOSED = "proposed"
    AGREED = "agreed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    STOPPED = "stopped"
    ENDED = "ended"


#: A pairing has one of these at most.
LIVE = (StandingState.PROPOSED, StandingState.AGREED)
_LIVE_SQL = among("state", LIVE)


class Why(StrEnum):
    """Why a date was left out. Whose calendar it is, and not what stands in it."""

    MENTOR_BUSY = "mentor_busy"
    MENTEE_BUSY = "mentee_busy"
    CALENDAR = "calendar"
    UNREAD = "unread"
    AWAY = "away"
    DAY_FULL = "day_full"
    WEEK_FULL = "week_full"
    MONTH_FULL = "month_full"


class StandingDeed(StrEnum):
    PROPOSED = "standing.proposed"
    REMINDED = "standing.reminded"
    AGREED = "standing.agreed"
    DECLINED = "standing.declined"
    WITHDRAWN = "standing.withdrawn"
    LAPSED = "standing.lapsed"
    DATE_SET = "standing.date_set"
    LEFT_OUT = "standing.left_out"
    STOPPED = "standing.stopped"
    ENDED = "standing.ended"


class StandingMeeting(ChapterRecord, Model):
    """That two people meet every so many weeks, by the mentor's wall clock.

    Until a day, so many times, or until one of them stops it.
    """

    __tablename__ = "standing_meetings"
    __table_args__ = (
        chapter_key("pairing_id", to="pairings"),
        member_key("mentee_id", "mentee_user_id"),
        member_key("mentor_id", "mentor_user_id"),
        one_of("part", Part),
        one_of("state", StandingState),
        CheckConstraint(f"minutes IN ({', '.join(map(str, LENGTHS))})", name="minutes"),
        CheckConstraint(f"every BETWEEN 1 AND {MOST_WEEKS}", name="every"),
        CheckConstraint(f"times BETWEEN 2 AND {MOST_TIMES}", name="times"),
        CheckConstraint("until >= first_on", name="until"),
        CheckConstraint("until IS NULL OR times IS NULL", name="one_end"),
        CheckConstraint("(state = 'proposed') = (answer_by IS NOT NULL)", name="answer_by"),
        Index(
            "uq_standing_meetings_live",
            "chapter_id",
            "pairing_id",
            unique=True,
            postgresql_where=text(_LIVE_SQL),
        ),
        Index(None, "chapter_id", "mentee_id"),
        Index(None, "chapter_id", "mentor_id"),
    )

    pairing_id: Mapped[UUID]
    mentee_id: Mapped[UUID]
    mentor_id: Mapped[UUID]
    mentee_user_id: Mapped[UUID]
    mentor_user_id: Mapped[UUID]
    part: Mapped[str]
    """Which of the two has proposed it."""
    state: Mapped[str]
    first_on: Mapped[date]
    at: Mapped[time]
    zone: Mapped[str]
    """The mentor's, when it was proposed: the clock that the dates follow."""
    minutes: Mapped[int] = mapped_column(SmallInteger)
    every: Mapped[int] = mapped_column(SmallInteger)
    """Weeks from one date to the next."""
    until: Mapped[date | None]
    times: Mapped[int | None] = mapped_column(SmallInteger)
    purpose: Mapped[str]
    asked_at: Mapped[datetime]
    answer_by: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    """When it was answered, or came to its end."""
    word: Mapped[str] = mapped_column(default="")
    """What was said on declining or stopping."""


class StandingDate(ChapterScoped, Model):
    """What became of one date: an ordinary meeting, or why it was left out."""

    __tablename__ = "standing_dates"
    __table_args__ = (
        chapter_key("standing_id", to="standing_meetings"),
        chapter_key("meeting_id", to="meetings"),
        one_of("why", Why),
        CheckConstraint("(meeting_id IS NULL) = (why IS NOT NULL)", name="set_or_left_out"),
        CheckConstraint("number >= 0", name="number"),
        Index(None, "chapter_id", "meeting_id"),
    )

    standing_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    """Counted from the first date, which is 0."""
    starts_at: Mapped[datetime]
    """When it was to begin; a meeting may have moved since."""
    meeting_id: Mapped[UUID | None]
    why: Mapped[str | None]
