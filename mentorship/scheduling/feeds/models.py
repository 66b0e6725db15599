"""What is kept of a person's calendars: where they are, how they were read, and busy times."""

from datetime import datetime, time
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, SmallInteger, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from mentorship.foundation.database import Model, one_of, uuid7
from mentorship.foundation.scope import ChapterScoped, chapter_key
from mentorship.scheduling.feeds.kinds import AllDay, Blocks, Holds, Shift


class FeedState(StrEnum):
    """New: never read. Failing: tried again by itself. Off: only its owner can mend it."""

    NEW = "new"
    GOOD = "good"
    FAILING = "failing"
    OFF = "off"


class FeedDeed(StrEnum):
    ADDED = "feed.added"
    CHANGED = "feed.changed"
    REMOVED = "feed.removed"
    UPLOADED = "feed.uploaded"
    WENT_QUIET = "feed.went_quiet"
    REST_SET = "feed.rest_set"
    CLASHED = "feed.clashed"
    CLASH_KEPT = "feed.clash_kept"
    IGNORED = "feed.time_ignored"
    COUNTED = "feed.time_counted"


class Feed(Model):
    """One calendar of a person: an address that is read again and again, or a file.

    A person's, not a chapter's. An address is a password for the calendar behind it, so it is
    kept encrypted (`sealing`), and only the name of its server is shown.
    """

    __tablename__ = "calendar_feeds"
    __table_args__ = (
        ForeignKeyConstraint(["user_id"], ["users.id"]),
        one_of("holds", Holds),
        one_of("all_day", AllDay),
        one_of("state", FeedState),
        CheckConstraint("covers_from < covers_until", name="covers"),
        Index(None, "next_pull_at"),
    )

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid7)
    name: Mapped[str]
    """What its owner calls it."""
    address: Mapped[bytes | None]
    """Encrypted; none for a file."""
    host: Mapped[str] = mapped_column(default="")
    holds: Mapped[str]
    all_day: Mapped[str]
    zone: Mapped[str]
    """Where its floating times, whole days and nights are: a hospital does not travel along."""
    rules: Mapped[list[list[str]]] = mapped_column(JSONB, default=list)
    """Its owner's corrections, each a pattern of a title and a kind; the first that fits counts."""
    created_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default=FeedState.NEW)
    problem: Mapped[str] = mapped_column(default="")
    """What went wrong last, in words for its owner; empty when all is well."""
    failures: Mapped[int] = mapped_column(SmallInteger, default=0)
    """How often in a row it could not be read."""
    etag: Mapped[str] = mapped_column(default="")
    modified: Mapped[str] = mapped_column(default="")
    digest: Mapped[str] = mapped_column(default="")
    """Of what was read and how: the same again is not read again."""
    tried_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
    """When it was last read, whole: what its "as of" says."""
    good_until: Mapped[datetime | None]
    """From then on its owner's times are not offered; from the start while it was never read."""
    covers_from: Mapped[datetime | None]
    covers_until: Mapped[datetime | None]
    counts: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    """Of the last reading: events, shifts by kind, and what could not be read. Numbers only."""
    next_pull_at: Mapped[datetime | None]
    told_at: Mapped[datetime | None]
    """When its owner was told that it has gone quiet."""


class FeedTime(Model):
    """A stretch of time that a calendar takes: busy, a shift, or rest around one."""

    __tablename__ = "feed_times"
    __table_args__ = (
        ForeignKeyConstraint(
            ["user_id", "feed_id"],
            ["calendar_feeds.user_id", "calendar_feeds.id"],
            ondelete="CASCADE",
        ),
        one_of("blocks", Blocks),
        one_of("shift", Shift),
        CheckConstraint("(blocks = 'shift') = (shift IS NOT NULL)", name="shift_of_shifts"),
        CheckConstraint("starts_at < ends_at", name="span"),
        Index(None, "user_id", "ends_at"),
    )

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    feed_id: Mapped[UUID] = mapped_column(primary_key=True)
    blocks: Mapped[str] = mapped_column(primary_key=True)
    starts_at: Mapped[datetime] = mapped_column(primary_key=True)
    ends_at: Mapped[datetime] = mapped_column(primary_key=True)
    shift: Mapped[str | None]
    seen_at: Mapped[datetime]
    """When an answer last contained it."""


class IgnoredTime(Model):
    """A stretch of time that a calendar takes and its owner has said not to count.

    Not a mark on the time itself: that goes and comes back with each reading. One that begins or
    ends otherwise by then is another, and counts.
    """

    __tablename__ = "ignored_times"
    __table_args__ = (
        ForeignKeyConstraint(
            ["user_id", "feed_id"],
            ["calendar_feeds.user_id", "calendar_feeds.id"],
            ondelete="CASCADE",
        ),
        CheckConstraint("starts_at < ends_at", name="span"),
    )

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    feed_id: Mapped[UUID] = mapped_column(primary_key=True)
    starts_at: Mapped[datetime] = mapped_column(primary_key=True)
    ends_at: Mapped[datetime] = mapped_column(primary_key=True)


class _Clash(ChapterScoped):
    """That it was told: a calendar of a mentor's now takes the time of something they hold.

    One for each part of that time that was ever found taken, so that a calendar that says the
    same again, or now this and now that, is told once.
    """

    starts_at: Mapped[datetime] = mapped_column(primary_key=True)
    """When it was to begin: what moves is out of the way."""
    taken_from: Mapped[datetime] = mapped_column(primary_key=True)
    taken_until: Mapped[datetime] = mapped_column(primary_key=True)
    found_at: Mapped[datetime]
    kept_at: Mapped[datetime | None]
    """When the mentor said that it stays."""


class FeedClash(_Clash, Model):
    """Of a meeting: both were told."""

    __tablename__ = "feed_clashes"
    __table_args__ = (
        chapter_key("meeting_id", to="meetings"),
        CheckConstraint("taken_from < taken_until", name="taken"),
    )

    meeting_id: Mapped[UUID] = mapped_column(primary_key=True)


class SessionClash(_Clash, Model):
    """Of a group session: its mentor alone was told."""

    __tablename__ = "session_clashes"
    __table_args__ = (
        chapter_key("session_id", to="group_sessions"),
        CheckConstraint("taken_from < taken_until", name="taken"),
    )

    session_id: Mapped[UUID] = mapped_column(primary_key=True)


class BlockClash(_Clash, Model):
    """Of meet-ups at a conference: their mentor alone was told."""

    __tablename__ = "block_clashes"
    __table_args__ = (
        chapter_key("block_id", to="conference_blocks"),
        CheckConstraint("taken_from < taken_until", name="taken"),
    )

    block_id: Mapped[UUID] = mapped_column(primary_key=True)


class RestRule(Model):
    """How a mentor wants to rest around shifts, where it differs from the default."""

    __tablename__ = "rest_rules"
    __table_args__ = (
        ForeignKeyConstraint(["user_id"], ["users.id"]),
        CheckConstraint("after_hours BETWEEN 0 AND 24", name="after_hours"),
        CheckConstraint("before_minutes BETWEEN 0 AND 720", name="before_minutes"),
    )

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    after_hours: Mapped[int] = mapped_column(SmallInteger)
    not_before: Mapped[time]
    before_minutes: Mapped[int] = mapped_column(SmallInteger)
