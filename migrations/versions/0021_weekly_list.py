"""What a coordinator has done about whom"""

revision = "0021_weekly_list"
down_revision = "0020_files"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
