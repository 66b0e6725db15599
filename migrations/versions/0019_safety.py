"""Concerns, and who may not reach whom"""

revision = "0019_safety"
down_revision = "0018_goals"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
