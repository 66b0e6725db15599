"""Consents, exports, erasure and how long things are kept"""

revision = "0030_own_data"
down_revision = "0029_members"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
