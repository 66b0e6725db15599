"""Sign-in through a university"""

revision = "0028_university"
down_revision = "0027_passkeys"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
