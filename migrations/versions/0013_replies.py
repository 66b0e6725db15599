"""Answers by mail, and whom to ask next"""

revision = "0013_replies"
down_revision = "0012_series_and_groups"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
