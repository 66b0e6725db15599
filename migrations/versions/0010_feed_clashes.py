"""Calendars over booked meetings: which clashes were told, and times that do not count

`feed_clashes` is a chapter's, as meetings are. `ignored_times` is a person's, the same in every
chapter, and so global: it names no chapter.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010_feed_clashes"
down_revision = "0009_sessions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "feed_clashes",
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("taken_from < taken_until", name=op.f("ck_feed_clashes_taken")),
        sa.ForeignKeyConstraint(
            ["chapter_id"], ["chapters.id"], name=op.f("fk_feed_clashes_chapter_id")
        ),
        sa.ForeignKeyConstraint(
            ["chapter_id", "meeting_id"],
            ["meetings.chapter_id", "meetings.id"],
            name=op.f("fk_feed_clashes_chapter_id_meeting_id"),
        ),
        sa.PrimaryKeyConstraint(
            *("chapter_id", "meeting_id", "starts_at", "taken_from", "taken_until"),
            name=op.f("pk_feed_clashes"),
        ),
    )
    op.chapter_table("feed_clashes")
    op.create_table(
        "ignored_times",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("feed_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_ignored_times_span")),
        sa.ForeignKeyConstraint(
            ["user_id", "feed_id"],
            ["calendar_feeds.user_id", "calendar_feeds.id"],
            name=op.f("fk_ignored_times_user_id_feed_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "user_id", "feed_id", "starts_at", "ends_at", name=op.f("pk_ignored_times")
        ),
    )
    op.global_table("ignored_times")


def downgrade() -> None:
    op.drop_table("ignored_times")
    op.drop_table("feed_clashes")
