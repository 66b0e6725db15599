"""What permissions need to know"""

revision = "0031_permissions"
down_revision = "0030_own_data"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
