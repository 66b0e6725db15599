"""Where a pairing stands, and why"""

revision = "0014_relationship_states"
down_revision = "0013_replies"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
