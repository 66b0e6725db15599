"""Passkeys, and sign-in links bound to the browser that asked"""

revision = "0027_passkeys"
down_revision = "0026_sessions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
