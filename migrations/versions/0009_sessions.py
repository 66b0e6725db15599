"""Waiting for a place, and time that several people share

Every table here is a chapter's.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009_sessions"
down_revision = "0008_booking"
branch_labels = None
depends_on = None

KINDS = "kind IN ('career', 'content', 'application', 'wellness')"
ON_THE_LIST = "state IN ('waiting', 'offered')"


def upgrade() -> None:
    op.create_table(
        "waits",
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("mentee_id", sa.Uuid(), nullable=False),
        sa.Column("mentor_id", sa.Uuid(), nullable=False),
        sa.Column("mentee_user_id", sa.Uuid(), nullable=False),
        sa.Column("mentor_user_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("offered_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(KINDS, name=op.f("ck_waits_kind")),
        sa.CheckConstraint(
            "state IN ('waiting', 'offered', 'taken', 'left', 'lapsed')",
            name=op.f("ck_waits_state"),
        ),
        sa.CheckConstraint("mentee_user_id <> mentor_user_id", name=op.f("ck_waits_two_people")),
        sa.CheckConstraint(
            "state <> 'offered' OR offered_until IS NOT NULL",
            name=op.f("ck_waits_offered_until"),
        ),
        sa.CheckConstraint(f"({ON_THE_LIST}) = (ended_at IS NULL)", name=op.f("ck_waits_ended_at")),
        _member_key("waits", "mentee_id", "mentee_user_id"),
        _member_key("waits", "mentor_id", "mentor_user_id"),
        sa.ForeignKeyConstraint(["chapter_id"], ["chapters.id"], name=op.f("fk_waits_chapter_id")),
        sa.PrimaryKeyConstraint("chapter_id", "id", name=op.f("pk_waits")),
    )
    op.chapter_table("waits")
    op.create_index(
        "uq_waits_on_the_list",
        "waits",
        ["chapter_id", "mentor_id", "mentee_id"],
        unique=True,
        postgresql_where=sa.text(ON_THE_LIST),
    )
    op.create_index(
        op.f("ix_waits_chapter_id_mentor_user_id_state"),
        "waits",
        ["chapter_id", "mentor_user_id", "state"],
    )
    op.create_index(
        op.f("ix_waits_chapter_id_mentee_id_state"), "waits", ["chapter_id", "mentee_id", "state"]
    )


def downgrade() -> None:
    op.drop_table("waits")


def _member_key(table: str, column: str, user_column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["chapter_id", column, user_column],
        ["memberships.chapter_id", "memberships.id", "memberships.user_id"],
        name=op.f(f"fk_{table}_chapter_id_{column}_{user_column}"),
    )
