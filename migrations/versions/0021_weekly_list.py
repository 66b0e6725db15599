"""What those who run a chapter have done about whom

`weekly_help` is a chapter's.
"""

import sqlalchemy as sa
from alembic import op

revision = "0021_weekly_list"
down_revision = "0020_files"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "weekly_help",
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("again_on", sa.Date(), nullable=False),
        sa.Column("listed", sa.SmallInteger(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "reason IN ('fit', 'wish', 'silent', 'nobody', 'not_met', 'hand', 'quiet',"
            " 'unanswered', 'feed', 'no_profile')",
            name=op.f("ck_weekly_help_reason"),
        ),
        sa.CheckConstraint(
            "outcome IN ('reminded', 'rematched', 'called', 'later')",
            name=op.f("ck_weekly_help_outcome"),
        ),
        sa.CheckConstraint("extract(isodow FROM week) = 1", name=op.f("ck_weekly_help_week")),
        sa.CheckConstraint("again_on > week", name=op.f("ck_weekly_help_again_on")),
        sa.ForeignKeyConstraint(
            ["chapter_id"], ["chapters.id"], name=op.f("fk_weekly_help_chapter_id")
        ),
        sa.ForeignKeyConstraint(
            ["chapter_id", "by_id"],
            ["memberships.chapter_id", "memberships.id"],
            name=op.f("fk_weekly_help_chapter_id_by_id"),
        ),
        sa.PrimaryKeyConstraint("chapter_id", "id", name=op.f("pk_weekly_help")),
    )
    op.create_index(
        "uq_weekly_help_once",
        "weekly_help",
        ["chapter_id", "week", "reason", "subject_id"],
        unique=True,
        postgresql_where=sa.text("undone_at IS NULL"),
    )
    op.create_index(
        op.f("ix_weekly_help_chapter_id_again_on"), "weekly_help", ["chapter_id", "again_on"]
    )
    op.create_index(op.f("ix_weekly_help_chapter_id_by_id"), "weekly_help", ["chapter_id", "by_id"])
    op.chapter_table("weekly_help")


def downgrade() -> None:
    op.drop_table("weekly_help")
