"""How often something was tried, counted for all processes together"""

revision = "0024_rates"
down_revision = "0023_outside_places"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
