"""${message}

Safe beside the release that runs now? Add first, move data on its own, drop last. Nothing here
may wait long for a lock, and nothing that the running release reads may change its meaning.
"""

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
