"""Nudges, and who wants which"""

revision = "0015_nudges"
down_revision = "0014_relationship_states"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
