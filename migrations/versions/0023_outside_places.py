"""How many students of other schools a mentor takes beside those of their own"""

import sqlalchemy as sa
from alembic import op

revision = "0023_outside_places"
down_revision = "0022_trials"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "mentor_profiles",
        sa.Column("outside_places", sa.SmallInteger(), server_default="0", nullable=False),
    )
    op.create_check_constraint(
        op.f("ck_mentor_profiles_outside_places"),
        "mentor_profiles",
        "outside_places BETWEEN 0 AND 50",
    )


def downgrade() -> None:
    op.drop_column("mentor_profiles", "outside_places")
