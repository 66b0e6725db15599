"""Dated openings and time away, and each mentor's own limits"""

revision = "0006_availability"
down_revision = "0005_calendar_feeds"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
