"""Terms of office, who left, and support by consent"""

revision = "0029_members"
down_revision = "0028_university"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
