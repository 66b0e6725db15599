"""Goals with steps, and the road of a stage"""

revision = "0018_goals"
down_revision = "0017_check_ins"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
