"""What was seen and from where, and a chain that shows tampering

The columns have defaults, so that the release that still serves can write events without them.
Nothing here can be changed or deleted by the role that the product works as.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0025_trail"
down_revision = "0024_rates"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in _from_where():
        op.add_column("audit_events", column)
    op.add_column(
        "audit_events",
        sa.Column("about", postgresql.ARRAY(sa.Uuid()), server_default="{}", nullable=False),
    )
    op.create_index(
        op.f("ix_audit_events_chapter_id_at_id"), "audit_events", ["chapter_id", "at", "id"]
    )
    op.create_table(
        "account_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("deed", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("facts", postgresql.JSONB(), nullable=False),
        *_from_where(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_events")),
    )
    op.create_index(
        op.f("ix_account_events_user_id_at_id"), "account_events", ["user_id", "at", "id"]
    )
    op.append_only_global_table("account_events")
    op.create_table(
        "trail_seals",
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        *_seal("trail_seals"),
        sa.ForeignKeyConstraint(
            ["chapter_id"], ["chapters.id"], name=op.f("fk_trail_seals_chapter_id")
        ),
        sa.PrimaryKeyConstraint("chapter_id", "number", name=op.f("pk_trail_seals")),
        sa.UniqueConstraint(
            "chapter_id", "event_id", name=op.f("uq_trail_seals_chapter_id_event_id")
        ),
    )
    op.append_only_chapter_table("trail_seals")
    op.create_table(
        "account_seals",
        *_seal("account_seals"),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_account_seals")),
        sa.UniqueConstraint("event_id", name=op.f("uq_account_seals_event_id")),
    )
    op.append_only_global_table("account_seals")
    op.create_table(
        "trail_cuts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("chain", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.Column("before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trail_cuts")),
    )
    op.create_index(op.f("ix_trail_cuts_chain_number"), "trail_cuts", ["chain", "number"])
    op.append_only_global_table("trail_cuts")
    _key_of_notices(ondelete="CASCADE")


def downgrade() -> None:
    _key_of_notices(ondelete=None)
    for table in ("trail_cuts", "account_seals", "trail_seals", "account_events"):
        op.drop_table(table)
    op.drop_index(op.f("ix_audit_events_chapter_id_at_id"), table_name="audit_events")
    for column in ("about", "session_id", "network", "through"):
        op.drop_column("audit_events", column)


def _key_of_notices(*, ondelete: str | None) -> None:
    """Checked in a second step, which does not keep notices from being written meanwhile."""
    name = op.f("fk_notices_chapter_id_event_id")
    op.drop_constraint(name, "notices", type_="foreignkey")
    op.create_foreign_key(
        name,
        "notices",
        "audit_events",
        ["chapter_id", "event_id"],
        ["chapter_id", "id"],
        ondelete=ondelete,
        postgresql_not_valid=True,
    )
    op.execute(f"ALTER TABLE notices VALIDATE CONSTRAINT {name}")


def _from_where() -> list[sa.Column]:
    return [
        sa.Column("through", sa.Text(), server_default="", nullable=False),
        sa.Column("network", sa.Text(), server_default="", nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=True),
    ]


def _seal(table: str) -> list[sa.Column | sa.CheckConstraint]:
    return [
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f(f"ck_{table}_from_one")),
    ]
