"""Other times for an agreed meeting; who cancelled it, whether late, and whether it counts

`proposed_times` is a chapter's. The release that is serving beside this one leaves the new
columns alone.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008_booking"
down_revision = "0007_calendar_addresses"
branch_labels = None
depends_on = None

FALSE = sa.text("false")
PARTS = "IN ('mentee', 'mentor')"


def upgrade() -> None:
    op.add_column("meetings", sa.Column("called_off_by", sa.Text(), nullable=True))
    op.add_column("meetings", sa.Column("late", sa.Boolean(), server_default=FALSE, nullable=False))
    op.add_column(
        "meetings", sa.Column("emergency", sa.Boolean(), server_default=FALSE, nullable=False)
    )
    op.create_check_constraint(
        op.f("ck_meetings_called_off_by"), "meetings", f"called_off_by {PARTS}"
    )
    op.create_check_constraint(
        op.f("ck_meetings_called_off"), "meetings", "called_off_by IS NULL OR state = 'cancelled'"
    )
    op.create_check_constraint(
        op.f("ck_meetings_late"), "meetings", "NOT late OR called_off_by IS NOT NULL"
    )
    op.create_table(
        "proposed_times",
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("starts", sa.ARRAY(sa.DateTime(timezone=True)), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(f"part {PARTS}", name=op.f("ck_proposed_times_part")),
        sa.CheckConstraint(
            "outcome IN ('agreed', 'kept', 'countered', 'lapsed')",
            name=op.f("ck_proposed_times_outcome"),
        ),
        sa.CheckConstraint(
            "cardinality(starts) BETWEEN 1 AND 3", name=op.f("ck_proposed_times_starts")
        ),
        sa.CheckConstraint(
            "(outcome IS NULL) = (settled_at IS NULL)", name=op.f("ck_proposed_times_settled")
        ),
        sa.ForeignKeyConstraint(
            ["chapter_id"], ["chapters.id"], name=op.f("fk_proposed_times_chapter_id")
        ),
        sa.ForeignKeyConstraint(
            ["chapter_id", "meeting_id"],
            ["meetings.chapter_id", "meetings.id"],
            name=op.f("fk_proposed_times_chapter_id_meeting_id"),
        ),
        sa.PrimaryKeyConstraint("chapter_id", "id", name=op.f("pk_proposed_times")),
    )
    op.chapter_table("proposed_times")
    op.create_index(
        op.f("ix_proposed_times_chapter_id_meeting_id_asked_at"),
        "proposed_times",
        ["chapter_id", "meeting_id", "asked_at"],
    )
    op.create_index(
        "uq_proposed_times_open",
        "proposed_times",
        ["chapter_id", "meeting_id"],
        unique=True,
        postgresql_where=sa.text("outcome IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("proposed_times")
    op.drop_constraint(op.f("ck_meetings_late"), "meetings")
    op.drop_constraint(op.f("ck_meetings_called_off"), "meetings")
    op.drop_constraint(op.f("ck_meetings_called_off_by"), "meetings")
    op.drop_column("meetings", "emergency")
    op.drop_column("meetings", "late")
    op.drop_column("meetings", "called_off_by")
