"""Whom mentors would like to mentor

These wishes are a chapter's, as those of students are.
"""

import sqlalchemy as sa
from alembic import op

revision = "0033_mentor_wishes"
down_revision = "0032_doors"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "student_wishes",
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("rank", sa.SmallInteger(), nullable=False),
        sa.Column("student_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("rank BETWEEN 1 AND 5", name=op.f("ck_student_wishes_rank")),
        sa.CheckConstraint("member_id <> student_id", name=op.f("ck_student_wishes_two_people")),
        *(_member_key(column) for column in ("member_id", "student_id")),
        sa.ForeignKeyConstraint(
            ["chapter_id"], ["chapters.id"], name=op.f("fk_student_wishes_chapter_id")
        ),
        sa.PrimaryKeyConstraint("chapter_id", "member_id", "rank", name=op.f("pk_student_wishes")),
        sa.UniqueConstraint(
            *("chapter_id", "member_id", "student_id"),
            name=op.f("uq_student_wishes_chapter_id_member_id_student_id"),
        ),
    )
    op.chapter_table("student_wishes")
    op.create_index(
        *(op.f("ix_student_wishes_chapter_id_student_id"), "student_wishes"),
        ["chapter_id", "student_id"],
    )


def downgrade() -> None:
    op.drop_table("student_wishes")


def _member_key(column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["chapter_id", column],
        ["memberships.chapter_id", "memberships.id"],
        name=op.f(f"fk_student_wishes_chapter_id_{column}"),
    )
