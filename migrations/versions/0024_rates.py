"""How often something was tried, counted for all processes together

`tries` is global, unlogged, and holds nothing that anybody could miss. It does what `sign_in_asks`
did for one page.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0024_rates"
down_revision = "0023_outside_places"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tries",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("tried_at", postgresql.ARRAY(sa.DateTime(timezone=True)), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_tries")),
        prefixes=["UNLOGGED"],
    )
    op.global_table("tries")
    op.create_index(op.f("ix_tries_until"), "tries", ["until"])
    op.drop_table("sign_in_asks")


def downgrade() -> None:
    op.create_table(
        "sign_in_asks",
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("place", "began_at", name=op.f("pk_sign_in_asks")),
    )
    op.global_table("sign_in_asks")
    op.drop_table("tries")
