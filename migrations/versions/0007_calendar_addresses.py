"""The secret address under which a person's own calendar shows their meetings

A person's, the same in every chapter, and so global: it names no chapter.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007_calendar_addresses"
down_revision = "0006_availability"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calendar_addresses",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_calendar_addresses_user_id")
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_calendar_addresses")),
    )
    op.global_table("calendar_addresses")


def downgrade() -> None:
    op.drop_table("calendar_addresses")
