"""Answers by mail, and whom to ask next

Both tables are a chapter's.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013_replies"
down_revision = "0012_series_and_groups"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mail_answers",
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stamped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "said IN ('accepted', 'declined', 'tentative', 'countered', 'unclear')",
            name=op.f("ck_mail_answers_said"),
        ),
        sa.CheckConstraint(
            "(said = 'countered') = (starts_at IS NOT NULL)", name=op.f("ck_mail_answers_starts_at")
        ),
        sa.ForeignKeyConstraint(
            ["chapter_id"], ["chapters.id"], name=op.f("fk_mail_answers_chapter_id")
        ),
        sa.ForeignKeyConstraint(
            ["chapter_id", "meeting_id"],
            ["meetings.chapter_id", "meetings.id"],
            name=op.f("fk_mail_answers_chapter_id_meeting_id"),
        ),
        sa.ForeignKeyConstraint(
            ["chapter_id", "member_id"],
            ["memberships.chapter_id", "memberships.id"],
            name=op.f("fk_mail_answers_chapter_id_member_id"),
        ),
        sa.PrimaryKeyConstraint(
            "chapter_id", "meeting_id", "member_id", name=op.f("pk_mail_answers")
        ),
    )
    op.chapter_table("mail_answers")
    op.create_index(
        op.f("ix_mail_answers_chapter_id_member_id"), "mail_answers", ["chapter_id", "member_id"]
    )
    op.create_table(
        "next_choices",
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("mentor_id", sa.Uuid(), nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["chapter_id"], ["chapters.id"], name=op.f("fk_next_choices_chapter_id")
        ),
        sa.ForeignKeyConstraint(
            ["chapter_id", "meeting_id"],
            ["meetings.chapter_id", "meetings.id"],
            name=op.f("fk_next_choices_chapter_id_meeting_id"),
        ),
        sa.ForeignKeyConstraint(
            ["chapter_id", "mentor_id"],
            ["memberships.chapter_id", "memberships.id"],
            name=op.f("fk_next_choices_chapter_id_mentor_id"),
        ),
        sa.PrimaryKeyConstraint("chapter_id", "meeting_id", name=op.f("pk_next_choices")),
    )
    op.chapter_table("next_choices")
    op.create_index(
        op.f("ix_next_choices_chapter_id_mentor_id"), "next_choices", ["chapter_id", "mentor_id"]
    )


def downgrade() -> None:
    op.drop_table("next_choices")
    op.drop_table("mail_answers")
