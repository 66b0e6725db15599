"""Notes with a history, and agendas from templates"""

revision = "0016_notes_and_agendas"
down_revision = "0015_nudges"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
