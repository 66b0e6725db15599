"""How often something was tried, counted for all processes together

`tries` is global, unlogged, and holds nothing that anybody could miss. It does what `sign_in_asks`
did for one page. And a link on an agenda leads to a page, whoever writes it.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0024_rates"
down_revision = "0023_outside_places"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tries",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("tried_at", postgresql.ARRAY(sa.DateTime(timezone=True)), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_tries")),
        prefixes=["UNLOGGED"],
    )
    op.global_table("tries")
    op.create_index(op.f("ix_tries_until"), "tries", ["until"])
    op.drop_table("sign_in_asks")
    # What could not be followed safely is left as what it is called.
    op.execute(
        "UPDATE agenda_items SET kind = 'question', link = ''"
        " WHERE link <> '' AND link !~ '^https?://'"
    )
    op.create_check_constraint(
        op.f("ck_agenda_items_link_leads_to_a_page"),
        "agenda_items",
        "link = '' OR link ~ '^https?://'",
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_agenda_items_link_leads_to_a_page"), "agenda_items")
    op.create_table(
        "sign_in_asks",
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("place", "began_at", name=op.f("pk_sign_in_asks")),
    )
    op.global_table("sign_in_asks")
    op.drop_table("tries")
