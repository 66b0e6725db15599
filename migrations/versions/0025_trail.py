"""What was seen and from where, and a chain that shows tampering"""

revision = "0025_trail"
down_revision = "0024_rates"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
