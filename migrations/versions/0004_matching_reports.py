"""What a draft's reports keep, and a chapter's settings for matching"""

revision = "0004_matching_reports"
down_revision = "0003_job_queue"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
