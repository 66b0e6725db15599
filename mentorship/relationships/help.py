"""What the weekly list keeps: who has helped whom, how, and until when that is enough."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, SmallInteger, column
from sqlalchemy.orm import Mapped, mapped_column

from mentorship.foundation.database import Model, one_of
from mentorship.foundation.scope import ChapterRecord
from mentorship.tenancy.models import member_key


class Reason(StrEnum):
    """Why somebody stands on the list, the most urgent first."""

    FIT = "fit"
    WISH = "wish"
    SILENT = "silent"
    NOBODY = "nobody"
    NOT_MET = "not_met"
    HAND = "hand"
    """A wellness pairing. Which of these it is, is between the two."""
    QUIET = "quiet"
    UNANSWERED = "unanswered"
    FEED = "feed"
    NO_PROFILE = "no_profile"


class Outcome(StrEnum):
    """What was done about it."""

    REMINDED = "reminded"
    REMATCHED = "rematched"
    CALLED = "called"
    LATER = "later"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    Outcome.REMINDED: "reminded them",
    Outcome.REMATCHED: "looks for another mentor",
    Outcome.CALLED: "talked to them",
    Outcome.LATER: "looks again later",
}


class HelpDeed(StrEnum):
    GIVEN = "help.given"
    TAKEN_BACK = "help.taken_back"


class Help(ChapterRecord, Model):
    """What somebody did about one line of the list. Once a week for a line, whoever is first."""

    __tablename__ = "weekly_help"
    __table_args__ = (
        member_key("by_id"),
        one_of("reason", Reason),
        one_of("outcome", Outcome),
        CheckConstraint("extract(isodow FROM week) = 1", name="week"),
        CheckConstraint("again_on > week", name="again_on"),
        Index(
            "uq_weekly_help_once",
            *("chapter_id", "week", "reason", "subject_id"),
            unique=True,
            postgresql_where=column("undone_at").is_(None),
        ),
        Index(None, "chapter_id", "again_on"),
        Index(None, "chapter_id", "by_id"),
    )

    week: Mapped[date]
    """Its Monday, on the chapter's calendar."""
    reason: Mapped[str]
    subject_id: Mapped[UUID]
    """A pairing, a member or a wish. No key: help outlives them."""
    since: Mapped[date]
    """Which occasion of the subject: the last contact, say. A new one stands on the list anew."""
    who: Mapped[str]
    """Whom it was about, as the list said it then."""
    outcome: Mapped[str]
    note: Mapped[str]
    again_on: Mapped[date]
    """From when on it is on the list again, if it still holds."""
    listed: Mapped[int] = mapped_column(SmallInteger)
    """How many lines the week had by then, those that were done among them."""
    by_id: Mapped[UUID]
    at: Mapped[datetime]
    undone_at: Mapped[datetime | None]
