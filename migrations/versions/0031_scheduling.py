"""Calendars over group sessions and meet-ups, and a reminder of proposals to meet regularly

Which clashes were told, and which are kept: both tables are a chapter's, as what they speak of is.
"""

import sqlalchemy as sa
from alembic import op

revision = "0031_scheduling"
down_revision = "0030_own_data"
branch_labels = None
depends_on = None

WHEN = sa.DateTime(timezone=True)
#: Each table, with the column that says of what it is, and the table that this names.
CLASHES = (
    ("session_clashes", "session_id", "group_sessions"),
    ("block_clashes", "block_id", "conference_blocks"),
)


def upgrade() -> None:
    for table, of, held in CLASHES:
        op.create_table(
            table,
            sa.Column("chapter_id", sa.Uuid(), nullable=False),
            sa.Column(of, sa.Uuid(), nullable=False),
            sa.Column("starts_at", WHEN, nullable=False),
            sa.Column("taken_from", WHEN, nullable=False),
            sa.Column("taken_until", WHEN, nullable=False),
            sa.Column("found_at", WHEN, nullable=False),
            sa.Column("kept_at", WHEN, nullable=True),
            sa.CheckConstraint("taken_from < taken_until", name=op.f(f"ck_{table}_taken")),
            sa.ForeignKeyConstraint(
                ["chapter_id"], ["chapters.id"], name=op.f(f"fk_{table}_chapter_id")
            ),
            sa.ForeignKeyConstraint(
                ["chapter_id", of],
                [f"{held}.chapter_id", f"{held}.id"],
                name=op.f(f"fk_{table}_chapter_id_{of}"),
            ),
            sa.PrimaryKeyConstraint(
                *("chapter_id", of, "starts_at", "taken_from", "taken_until"),
                name=op.f(f"pk_{table}"),
            ),
        )
        op.chapter_table(table)
    op.add_column("standing_meetings", sa.Column("reminded_at", WHEN, nullable=True))


def downgrade() -> None:
    op.drop_column("standing_meetings", "reminded_at")
    for table, *_ in reversed(CLASHES):
        op.drop_table(table)
