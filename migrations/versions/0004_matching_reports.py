"""What a run was told to seek, what its draft comes to, and the drafts before it

Each draft's summary is a chapter's own, like the run it belongs to.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004_matching_reports"
down_revision = "0003_job_queue"
branch_labels = None
depends_on = None

EMPTY = sa.text("'{}'::jsonb")


def upgrade() -> None:
    for column in ("settings", "report"):
        op.add_column(
            "matching_runs",
            sa.Column(
                column,
                postgresql.JSONB(astext_type=sa.Text()),
                nullable=False,
                server_default=EMPTY,
            ),
        )
    op.create_table(
        "drafts",
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("settings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("report", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("pairs", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["chapter_id", "run_id"],
            ["matching_runs.chapter_id", "matching_runs.id"],
            name=op.f("fk_drafts_chapter_id_run_id"),
        ),
        sa.ForeignKeyConstraint(["chapter_id"], ["chapters.id"], name=op.f("fk_drafts_chapter_id")),
        sa.PrimaryKeyConstraint("chapter_id", "run_id", "number", name=op.f("pk_drafts")),
    )
    op.chapter_table("drafts")


def downgrade() -> None:
    op.drop_table("drafts")
    for column in ("report", "settings"):
        op.drop_column("matching_runs", column)
