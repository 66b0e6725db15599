"""What scheduling keeps: weekly hours, meetings with their agendas and notes, and busy times."""

from datetime import date, datetime, time
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    Uuid,
    column,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mentorship.foundation.database import Identified, Model, one_of, uuid7
from mentorship.foundation.scope import ChapterRecord, ChapterScoped, chapter_key
from mentorship.tenancy.models import member_key
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.lengths import LENGTHS
from mentorship.vocabulary.stages import Phase


class MeetingState(StrEnum):
    """Requested: the slot is held and an answer awaited. The rest says how it ended."""

    REQUESTED = "requested"
    ACCEPTED = "accepted"
    HELD = "held"
    NO_SHOW = "no_show"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    CANCELLED = "cancelled"


#: States in which a meeting is still ahead.
LIVE = (MeetingState.REQUESTED, MeetingState.ACCEPTED)


class Part(StrEnum):
    MENTEE = "mentee"
    MENTOR = "mentor"


class MeetingDeed(StrEnum):
    REQUESTED = "meeting.requested"
    REMINDED = "meeting.reminded"
    MOVED = "meeting.moved"
    ACCEPTED = "meeting.accepted"
    DECLINED = "meeting.declined"
    WITHDRAWN = "meeting.withdrawn"
    LAPSED = "meeting.lapsed"
    CANCELLED = "meeting.cancelled"
    OTHER_TIMES = "meeting.other_times"
    RESCHEDULED = "meeting.rescheduled"
    TIME_KEPT = "meeting.time_kept"
    HELD = "meeting.held"
    NOT_HELD = "meeting.not_held"
    EXCUSED = "meeting.excused"
    AGENDA_CHANGED = "meeting.agenda_changed"
    AGENDA_PLANNED = "meeting.agenda_planned"
    AGENDA_SENT = "meeting.agenda_sent"
    ITEM_REPORTED = "meeting.item_reported"
    NOTES_WRITTEN = "meeting.notes_written"


_MEETING_LENGTHS = ", ".join(f"'{minutes} minutes'" for minutes in LENGTHS)


class AgendaTemplateDeed(StrEnum):
    CHANGED = "agenda_template.changed"
    RESET = "agenda_template.reset"


class CalendarDeed(StrEnum):
    OPENED = "calendar.opened"
    CLOSED = "calendar.closed"


class HoursDeed(StrEnum):
    SET = "hours.set"
    LIMITED = "hours.limited"
    OPENED = "hours.opened"
    CLOSED = "hours.closed"
    LEFT = "hours.left"
    RETURNED = "hours.returned"


class WeeklyHours(Identified, Model):
    """When a mentor can be booked every week, in the mentor's own wall time.

    A person's, not a chapter's. Hours that close at or before they open run past midnight. Those
    of some weeks are there in every `every`-th week, counted from the week of `since`.
    """

    __tablename__ = "weekly_hours"
    __table_args__ = (
        ForeignKeyConstraint(["user_id"], ["users.id"]),
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("every BETWEEN 1 AND 8", name="every"),
        CheckConstraint("every = 1 OR since IS NOT NULL", name="since"),
        Index(None, "user_id", "weekday"),
    )

    user_id: Mapped[UUID]
    weekday: Mapped[int] = mapped_column(SmallInteger)
    """0 is Monday."""
    opens: Mapped[time]
    closes: Mapped[time]
    every: Mapped[int] = mapped_column(SmallInteger, default=1, server_default=text("1"))
    since: Mapped[date | None]


class ExtraHours(Model):
    """When a mentor can be booked on one day besides, in the mentor's own wall time.

    A person's, not a chapter's. Hours that close at or before they open run past midnight.
    """

    __tablename__ = "extra_hours"
    __table_args__ = (
        ForeignKeyConstraint(["user_id"], ["users.id"]),
        Index(None, "user_id", "day"),
    )

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid7)
    day: Mapped[date]
    opens: Mapped[time]
    closes: Mapped[time]


class TimeAway(Model):
    """When a mentor cannot be booked, whatever the hours say, in the mentor's own wall time.

    A person's, not a chapter's. Without a time it begins as the first day begins, and ends as
    the last one ends.
    """

    __tablename__ = "times_away"
    __table_args__ = (
        ForeignKeyConstraint(["user_id"], ["users.id"]),
        CheckConstraint("first <= last", name="days"),
        Index(None, "user_id", "last"),
    )

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid7)
    first: Mapped[date]
    last: Mapped[date]
    since: Mapped[time | None]
    until: Mapped[time | None]


class BookingLimits(Model):
    """How a mentor wants to be booked, where it differs from the program's way.

    A person's, not a chapter's: meetings count over all chapters.
    """

    __tablename__ = "booking_limits"
    __table_args__ = (
        ForeignKeyConstraint(["user_id"], ["users.id"]),
        CheckConstraint("notice_hours BETWEEN 1 AND 336", name="notice_hours"),
        CheckConstraint("horizon_days BETWEEN 7 AND 182", name="horizon_days"),
        CheckConstraint("notice_hours < horizon_days * 24", name="something_left"),
        CheckConstraint("buffer_minutes BETWEEN 0 AND 120", name="buffer_minutes"),
        CheckConstraint("per_day >= 1", name="per_day"),
        CheckConstraint("per_week >= 1", name="per_week"),
        CheckConstraint("per_month >= 1", name="per_month"),
    )

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    notice_hours: Mapped[int] = mapped_column(SmallInteger)
    horizon_days: Mapped[int] = mapped_column(SmallInteger)
    buffer_minutes: Mapped[int] = mapped_column(SmallInteger)
    per_day: Mapped[int | None] = mapped_column(SmallInteger)
    """The most meetings that begin on a day; none is as many as fit."""
    per_week: Mapped[int | None] = mapped_column(SmallInteger)
    per_month: Mapped[int | None] = mapped_column(SmallInteger)


class CalendarAddress(Model):
    """The secret address under which a person's own calendar shows their meetings.

    A person's, not a chapter's. The address is derived from `key`; a new key ends the old one.
    """

    __tablename__ = "calendar_addresses"
    __table_args__ = (ForeignKeyConstraint(["user_id"], ["users.id"]),)

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str]
    made_at: Mapped[datetime]


class Meeting(ChapterRecord, Model):
    """Ten to thirty minutes of a pairing: asked for, answered, held."""

    __tablename__ = "meetings"
    __table_args__ = (
        chapter_key("pairing_id", to="pairings"),
        member_key("mentee_id", "mentee_user_id"),
        member_key("mentor_id", "mentor_user_id"),
        member_key("referred_to_id"),
        one_of("state", MeetingState),
        one_of("awaiting", Part),
        CheckConstraint("(state = 'requested') = (awaiting IS NOT NULL)", name="awaited"),
        CheckConstraint("(state = 'requested') = (answer_by IS NOT NULL)", name="answer_by"),
        one_of("absent", Part),
        CheckConstraint("(state = 'no_show') = (absent IS NOT NULL)", name="no_show"),
        one_of("called_off_by", Part),
        CheckConstraint("called_off_by IS NULL OR state = 'cancelled'", name="called_off"),
        CheckConstraint("NOT late OR called_off_by IS NOT NULL", name="late"),
        CheckConstraint(f"ends_at - starts_at IN ({_MEETING_LENGTHS})", name="length"),
        Index(None, "chapter_id", "pairing_id", "starts_at"),
        Index(None, "chapter_id", "mentee_id", "starts_at"),
        Index(None, "chapter_id", "mentor_id", "starts_at"),
        Index(
            None,
            "chapter_id",
            "mentor_id",
            "asked_at",
            postgresql_where=text("state = 'requested'"),
        ),
        Index(None, "chapter_id", "referred_to_id"),
    )

    pairing_id: Mapped[UUID]
    mentee_id: Mapped[UUID]
    mentor_id: Mapped[UUID]
    mentee_user_id: Mapped[UUID]
    mentor_user_id: Mapped[UUID]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    state: Mapped[str]
    awaiting: Mapped[str | None]
    """Whose answer is awaited; a counter-proposal turns it round."""
    purpose: Mapped[str]
    place: Mapped[str] = mapped_column(default="")
    """A link or a room."""
    asked_at: Mapped[datetime]
    answer_by: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    """When it was accepted, declined, withdrawn or lapsed."""
    sequence: Mapped[int] = mapped_column(Integer, default=0)
    """Of the calendar invitation: one up with every change of time and on cancelling."""
    absent: Mapped[str | None]
    """Who did not come, when it was a no-show."""
    word: Mapped[str] = mapped_column(default="")
    """What was said on declining or cancelling."""
    called_off_by: Mapped[str | None]
    """Who of the two cancelled it."""
    late: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """Whether it was cancelled too close to its start."""
    emergency: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """Whether an emergency was the reason: then neither lateness nor absence counts."""
    referred_to_id: Mapped[UUID | None]
    notes: Mapped[str] = mapped_column(default="")
    """Shared by the two of them, and by nobody else."""
    notes_version: Mapped[int] = mapped_column(Integer, default=0)

    @property
    def awaited_until(self) -> datetime:
        """Until when a request may be answered. Only a request has it."""
        assert self.answer_by is not None  # the database insists on it as long as it is requested
        return self.answer_by

    @property
    def minutes(self) -> int:
        return int((self.ends_at - self.starts_at).total_seconds() // 60)


class Outcome(StrEnum):
    """What became of other times that were proposed for an agreed meeting."""

    AGREED = "agreed"
    KEPT = "kept"
    COUNTERED = "countered"
    LAPSED = "lapsed"


#: How many other times one proposal may name.
MOST_TIMES = 3


class Proposed(ChapterRecord, Model):
    """Other times that one of the two proposes for a meeting that is agreed already.

    The meeting stays where it is, and holds its time, until the other one agrees to one of them.
    """

    __tablename__ = "proposed_times"
    __table_args__ = (
        chapter_key("meeting_id", to="meetings"),
        one_of("part", Part),
        one_of("outcome", Outcome),
        CheckConstraint(f"cardinality(starts) BETWEEN 1 AND {MOST_TIMES}", name="starts"),
        CheckConstraint("(outcome IS NULL) = (settled_at IS NULL)", name="settled"),
        Index(None, "chapter_id", "meeting_id", "asked_at"),
        Index(
            "uq_proposed_times_open",
            "chapter_id",
            "meeting_id",
            unique=True,
            postgresql_where=text("outcome IS NULL"),
        ),
    )

    meeting_id: Mapped[UUID]
    part: Mapped[str]
    """Which of the two proposes them."""
    starts: Mapped[list[datetime]] = mapped_column(ARRAY(DateTime(timezone=True)))
    word: Mapped[str] = mapped_column(default="")
    asked_at: Mapped[datetime]
    answer_by: Mapped[datetime]
    outcome: Mapped[str | None]
    """Nothing, as long as the answer is awaited."""
    settled_at: Mapped[datetime | None]


class ItemKind(StrEnum):
    """What an item of an agenda is: to talk about, to come away with, or to read first."""

    QUESTION = "question"
    TOPIC = "topic"
    WANT = "want"
    READING = "reading"

    @property
    def label(self) -> str:
        return _ITEM_LABELS[self]

    @property
    def timed(self) -> bool:
        """Whether it takes minutes of the meeting."""
        return self in (ItemKind.QUESTION, ItemKind.TOPIC)


_ITEM_LABELS = {
    ItemKind.QUESTION: "Question",
    ItemKind.TOPIC: "Topic",
    ItemKind.WANT: "What I want from this",
    ItemKind.READING: "To read before",
}


class AgendaItem(ChapterRecord, Model):
    """Something that somebody wants to get to, to come away with, or to have read before."""

    __tablename__ = "agenda_items"
    __table_args__ = (
        chapter_key("meeting_id", to="meetings"),
        member_key("by_id"),
        one_of("kind", ItemKind),
        CheckConstraint("minutes BETWEEN 0 AND 30", name="minutes"),
        CheckConstraint("(kind = 'reading') = (link <> '')", name="link"),
        # A page makes it a link, and an address of another kind could be a script.
        CheckConstraint("link = '' OR link ~ '^https?://'", name="link_leads_to_a_page"),
        Index(None, "chapter_id", "meeting_id", "position"),
        Index(None, "chapter_id", "by_id"),
    )

    meeting_id: Mapped[UUID]
    by_id: Mapped[UUID]
    position: Mapped[int] = mapped_column(SmallInteger)
    kind: Mapped[str] = mapped_column(default=ItemKind.QUESTION, server_default="question")
    what: Mapped[str]
    minutes: Mapped[int] = mapped_column(SmallInteger, default=5)
    """None for what takes no time of the meeting: then 0."""
    link: Mapped[str] = mapped_column(default="", server_default="")
    """Where it can be read, for what is to be read: an https address."""


class AgendaSending(ChapterScoped, Model):
    """When a meeting's agenda goes ahead by mail, and what the mentee sends along.

    Without a record it goes at the usual time, with nothing along.
    """

    __tablename__ = "agenda_sendings"
    __table_args__ = (
        chapter_key("meeting_id", to="meetings"),
        CheckConstraint("hours_before BETWEEN 1 AND 168", name="hours_before"),
    )

    meeting_id: Mapped[UUID] = mapped_column(primary_key=True)
    hours_before: Mapped[int | None] = mapped_column(SmallInteger)
    """Nothing where it is not to be sent."""
    along: Mapped[str] = mapped_column(default="", server_default="")
    """What the mentee wants the mentor to know first: an honest record, the gist of a CV."""
    sent_for: Mapped[datetime | None]
    """The start for which it was sent; a meeting that has moved since is sent again."""


class ItemReport(ChapterScoped, Model):
    """What was said at a meeting of an action item from before: done, or not yet."""

    __tablename__ = "item_reports"
    __table_args__ = (
        chapter_key("meeting_id", to="meetings"),
        chapter_key("item_id", to="action_items"),
        member_key("by_id"),
        Index(None, "chapter_id", "item_id"),
        Index(None, "chapter_id", "by_id"),
    )

    meeting_id: Mapped[UUID] = mapped_column(primary_key=True)
    item_id: Mapped[UUID] = mapped_column(primary_key=True)
    by_id: Mapped[UUID]
    done: Mapped[bool]
    at: Mapped[datetime]


class AgendaTemplate(ChapterScoped, Model):
    """What a chapter starts an agenda with, where it wants other items than the usual ones."""

    __tablename__ = "agenda_templates"
    __table_args__ = (one_of("kind", Kind), one_of("phase", Phase))

    kind: Mapped[str] = mapped_column(primary_key=True)
    phase: Mapped[str] = mapped_column(primary_key=True)
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    """Each with its kind, words and minutes, in order."""


class NotesVersion(ChapterScoped, Model):
    """Shared notes as somebody left them."""

    __tablename__ = "notes_versions"
    __table_args__ = (
        chapter_key("meeting_id", to="meetings"),
        member_key("by_id"),
        Index(None, "chapter_id", "by_id"),
    )

    meeting_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    by_id: Mapped[UUID | None]
    """Nobody known, for what was written before there was a history."""
    at: Mapped[datetime | None]
    words: Mapped[str]


class PrivateNote(ChapterScoped, Model):
    """What one of the two wrote for themselves about a meeting."""

    __tablename__ = "private_notes"
    __table_args__ = (chapter_key("meeting_id", to="meetings"), member_key("member_id"))

    meeting_id: Mapped[UUID] = mapped_column(primary_key=True)
    member_id: Mapped[UUID] = mapped_column(primary_key=True)
    words: Mapped[str]


class BusyTime(Model):
    """That a person's time is held by a meeting, in whichever chapter.

    By one that waits for an answer, is accepted, or took place: past ones still count to what
    somebody wants at most in a day, a week or a month. Nobody can be held twice at once; the
    database itself sees to that, across chapters. Only its owner reads the table whole; the
    product asks `busy_times_of()`, which says when and not with whom, and
    `requests_waiting_of()`, which only counts.
    """

    __tablename__ = "busy_times"
    __table_args__ = (
        ExcludeConstraint(
            (column("user_id"), "="),
            (func.tstzrange(column("starts_at"), column("ends_at")), "&&"),
            name="ex_busy_times_one_at_a_time",
        ),
        CheckConstraint("starts_at < ends_at", name="span"),
        Index(None, "chapter_id", "meeting_id"),
        CheckConstraint("ends_at <= starts_at + interval '1 day'", name="within_a_day"),
        Index(None, "user_id", "starts_at"),
        Index(None, "user_id", postgresql_where=text("asked")),
    )

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    meeting_id: Mapped[UUID] = mapped_column(primary_key=True)
    chapter_id: Mapped[UUID]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    asked: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """Whether this person has asked for the meeting, and waits for the answer."""
