"""Files between two people"""

revision = "0020_files"
down_revision = "0019_safety"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
