"""Calendar feeds and the busy times read from them"""

revision = "0005_calendar_feeds"
down_revision = "0004_matching_reports"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
