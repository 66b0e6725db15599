"""Calendar feeds and the busy times read from them

All three tables are a person's, the same in every chapter, and so global: they name no chapter.
Their keys begin with the person.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005_calendar_feeds"
down_revision = "0004_matching_reports"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calendar_feeds",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=True),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("holds", sa.Text(), nullable=False),
        sa.Column("all_day", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("rules", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("failures", sa.SmallInteger(), nullable=False),
        sa.Column("etag", sa.Text(), nullable=False),
        sa.Column("modified", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("good_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("covers_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("covers_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("next_pull_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "all_day IN ('busy', 'ignore', 'shift')", name=op.f("ck_calendar_feeds_all_day")
        ),
        sa.CheckConstraint("covers_from < covers_until", name=op.f("ck_calendar_feeds_covers")),
        sa.CheckConstraint("holds IN ('busy', 'shifts')", name=op.f("ck_calendar_feeds_holds")),
        sa.CheckConstraint(
            "state IN ('new', 'good', 'failing', 'off')", name=op.f("ck_calendar_feeds_state")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_calendar_feeds_user_id")),
        sa.PrimaryKeyConstraint("user_id", "id", name=op.f("pk_calendar_feeds")),
    )
    op.global_table("calendar_feeds")
    op.create_index(
        op.f("ix_calendar_feeds_next_pull_at"), "calendar_feeds", ["next_pull_at"], unique=False
    )
    op.create_table(
        "feed_times",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("feed_id", sa.Uuid(), nullable=False),
        sa.Column("blocks", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shift", sa.Text(), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(blocks = 'shift') = (shift IS NOT NULL)", name=op.f("ck_feed_times_shift_of_shifts")
        ),
        sa.CheckConstraint(
            "blocks IN ('busy', 'shift', 'rest')", name=op.f("ck_feed_times_blocks")
        ),
        sa.CheckConstraint(
            "shift IN ('day', 'evening', 'night', 'on_call')", name=op.f("ck_feed_times_shift")
        ),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_feed_times_span")),
        sa.ForeignKeyConstraint(
            ["user_id", "feed_id"],
            ["calendar_feeds.user_id", "calendar_feeds.id"],
            name=op.f("fk_feed_times_user_id_feed_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "user_id", "feed_id", "blocks", "starts_at", "ends_at", name=op.f("pk_feed_times")
        ),
    )
    op.global_table("feed_times")
    op.create_index(
        op.f("ix_feed_times_user_id_ends_at"), "feed_times", ["user_id", "ends_at"], unique=False
    )
    op.create_table(
        "rest_rules",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("after_hours", sa.SmallInteger(), nullable=False),
        sa.Column("not_before", sa.Time(), nullable=False),
        sa.Column("before_minutes", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("after_hours BETWEEN 0 AND 24", name=op.f("ck_rest_rules_after_hours")),
        sa.CheckConstraint(
            "before_minutes BETWEEN 0 AND 720", name=op.f("ck_rest_rules_before_minutes")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_rest_rules_user_id")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_rest_rules")),
    )
    op.global_table("rest_rules")


def downgrade() -> None:
    op.drop_table("rest_rules")
    op.drop_table("feed_times")
    op.drop_table("calendar_feeds")
