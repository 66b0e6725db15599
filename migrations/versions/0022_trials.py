"""What a run would come to if something were otherwise, as a job works it out

Each is a chapter's own, like the run it belongs to.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0022_trials"
down_revision = "0021_weekly_list"
branch_labels = None
depends_on = None

JSON = postgresql.JSONB(astext_type=sa.Text())
STATES = "state IN ('queued', 'running', 'done', 'failed')"


def upgrade() -> None:
    op.create_table(
        "attempts",
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("draft", sa.SmallInteger(), nullable=False),
        sa.Column("change", JSON, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("done", sa.SmallInteger(), nullable=False),
        sa.Column("settings", JSON, nullable=False),
        sa.Column("facts", JSON, nullable=False),
        sa.Column("blocking", sa.Integer(), nullable=False),
        sa.Column("pairs", JSON, nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(STATES, name=op.f("ck_attempts_state")),
        sa.ForeignKeyConstraint(
            ["chapter_id", "run_id"],
            ["matching_runs.chapter_id", "matching_runs.id"],
            name=op.f("fk_attempts_chapter_id_run_id"),
        ),
        sa.ForeignKeyConstraint(
            ["chapter_id"], ["chapters.id"], name=op.f("fk_attempts_chapter_id")
        ),
        sa.PrimaryKeyConstraint("chapter_id", "id", name=op.f("pk_attempts")),
    )
    op.create_index(
        op.f("ix_attempts_chapter_id_run_id_asked_at"),
        "attempts",
        ["chapter_id", "run_id", "asked_at"],
    )
    op.chapter_table("attempts")


def downgrade() -> None:
    op.drop_table("attempts")
