"""Answers from the mail itself, updates and thanks"""

revision = "0017_check_ins"
down_revision = "0016_notes_and_agendas"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
