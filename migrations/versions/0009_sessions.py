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
    op.create_table(
        "conference_blocks",
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("mentor_id", sa.Uuid(), nullable=False),
        sa.Column("mentor_user_id", sa.Uuid(), nullable=False),
        sa.Column("conference", sa.Text(), nullable=False),
        sa.Column("session", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("minutes", sa.SmallInteger(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("minutes IN (5, 10, 15)", name=op.f("ck_conference_blocks_minutes")),
        sa.CheckConstraint(
            "starts_at < ends_at AND ends_at <= starts_at + interval '8 hours'",
            name=op.f("ck_conference_blocks_span"),
        ),
        _member_key("conference_blocks", "mentor_id", "mentor_user_id"),
        sa.ForeignKeyConstraint(
            ["chapter_id"], ["chapters.id"], name=op.f("fk_conference_blocks_chapter_id")
        ),
        sa.PrimaryKeyConstraint("chapter_id", "id", name=op.f("pk_conference_blocks")),
    )
    op.chapter_table("conference_blocks")
    op.create_index(
        op.f("ix_conference_blocks_chapter_id_ends_at"),
        "conference_blocks",
        ["chapter_id", "ends_at"],
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(
        op.f("ix_conference_blocks_chapter_id_mentor_id"),
        "conference_blocks",
        ["chapter_id", "mentor_id"],
    )
    op.create_table(
        "meet_ups",
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("block_id", sa.Uuid(), nullable=False),
        sa.Column("mentee_id", sa.Uuid(), nullable=False),
        sa.Column("mentee_user_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('taken', 'given_back', 'called_off')", name=op.f("ck_meet_ups_state")
        ),
        sa.CheckConstraint(
            "(state = 'taken') = (ended_at IS NULL)", name=op.f("ck_meet_ups_ended_at")
        ),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_meet_ups_span")),
        sa.ForeignKeyConstraint(
            ["chapter_id", "block_id"],
            ["conference_blocks.chapter_id", "conference_blocks.id"],
            name=op.f("fk_meet_ups_chapter_id_block_id"),
        ),
        _member_key("meet_ups", "mentee_id", "mentee_user_id"),
        sa.ForeignKeyConstraint(
            ["chapter_id"], ["chapters.id"], name=op.f("fk_meet_ups_chapter_id")
        ),
        sa.PrimaryKeyConstraint("chapter_id", "id", name=op.f("pk_meet_ups")),
    )
    op.chapter_table("meet_ups")
    for name, column in (
        ("uq_meet_ups_one_a_slot", "starts_at"),
        ("uq_meet_ups_one_a_student", "mentee_id"),
    ):
        op.create_index(
            name,
            "meet_ups",
            ["chapter_id", "block_id", column],
            unique=True,
            postgresql_where=sa.text("state = 'taken'"),
        )
    op.create_index(
        op.f("ix_meet_ups_chapter_id_mentee_id_starts_at"),
        "meet_ups",
        ["chapter_id", "mentee_id", "starts_at"],
    )


def downgrade() -> None:
    op.drop_table("meet_ups")
    op.drop_table("conference_blocks")
    op.drop_table("waits")


def _member_key(table: str, column: str, user_column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["chapter_id", column, user_column],
        ["memberships.chapter_id", "memberships.id", "memberships.user_id"],
        name=op.f(f"fk_{table}_chapter_id_{column}_{user_column}"),
    )
