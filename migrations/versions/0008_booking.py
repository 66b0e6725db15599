"""Booking more than once: standing meetings, and how often a time has changed"""

revision = "0008_booking"
down_revision = "0007_calendar_addresses"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
