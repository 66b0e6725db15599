"""Standing meetings, and sessions with seats"""

revision = "0012_series_and_groups"
down_revision = "0011_profile_details"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
