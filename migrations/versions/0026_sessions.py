"""Who is signed in on which device"""

revision = "0026_sessions"
down_revision = "0025_trail"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
