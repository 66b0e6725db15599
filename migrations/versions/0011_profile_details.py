"""What matching asks of a profile"""

revision = "0011_profile_details"
down_revision = "0010_feed_clashes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
