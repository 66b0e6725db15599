"""Where a pairing stands, and why

Every table here is a chapter's.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014_relationship_states"
down_revision = "0013_replies"
branch_labels = None
depends_on = None

STATES = "state IN ('proposed', 'accepted', 'active', 'paused', 'completed', 'ended')"


def upgrade() -> None:
    op.add_column("pairings", sa.Column("paused_until", sa.Date(), nullable=True))
    op.create_check_constraint(
        op.f("ck_pairings_paused_until"), "pairings", "paused_until IS NULL OR state = 'paused'"
    )
    _table(
        "pairing_changes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("pairing_id", sa.Uuid(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.CheckConstraint(STATES, name=op.f("ck_pairing_changes_state")),
        member="by_id",
        key=("id",),
    )
    _index("pairing_changes", "pairing_id", "at")
    _index("pairing_changes", "by_id")
    _table(
        "agreements",
        sa.Column("pairing_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("how_often", sa.Text(), nullable=False),
        sa.Column("by_what", sa.Text(), nullable=False),
        sa.Column("what_for", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Text(), nullable=False),
        member="by_id",
        key=("pairing_id",),
    )
    _index("agreements", "by_id")
    _table(
        "partings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("pairing_id", sa.Uuid(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "why IN ('fit', 'goals', 'time', 'silence', 'moved', 'other')",
            name=op.f("ck_partings_why"),
        ),
        member="by_id",
        key=("id",),
    )
    _index("partings", "pairing_id")
    _index("partings", "by_id")
    _index("partings", "at", where="told")
    _table(
        "fit_checks",
        sa.Column("pairing_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "answer IN ('continue', 'unsure', 'not_a_fit')", name=op.f("ck_fit_checks_answer")
        ),
        member="member_id",
        key=("pairing_id", "member_id"),
    )
    _index("fit_checks", "answer", "at")
    _index("fit_checks", "member_id")
    _table(
        "rematch_wishes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("mentee_id", sa.Uuid(), nullable=False),
        sa.Column("pairing_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=True),
        sa.Column("wished_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('career', 'content', 'application', 'wellness')",
            name=op.f("ck_rematch_wishes_kind"),
        ),
        member="mentee_id",
        key=("id",),
    )
    op.create_index(
        "uq_rematch_wishes_open",
        "rematch_wishes",
        ["chapter_id", "mentee_id", "kind"],
        unique=True,
        postgresql_where=sa.text("settled_at IS NULL"),
    )
    _index("rematch_wishes", "mentee_id")
    _index("rematch_wishes", "pairing_id")


def downgrade() -> None:
    for table in ("rematch_wishes", "fit_checks", "partings", "agreements", "pairing_changes"):
        op.drop_table(table)
    op.drop_constraint(op.f("ck_pairings_paused_until"), "pairings")
    op.drop_column("pairings", "paused_until")


def _table(name: str, *parts: sa.Column | sa.Constraint, member: str, key: tuple[str, ...]) -> None:
    """What hangs on a pairing and names a member, inside one chapter."""
    op.create_table(
        name,
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        *parts,
        sa.ForeignKeyConstraint(
            ["chapter_id", "pairing_id"],
            ["pairings.chapter_id", "pairings.id"],
            name=op.f(f"fk_{name}_chapter_id_pairing_id"),
        ),
        sa.ForeignKeyConstraint(
            ["chapter_id", member],
            ["memberships.chapter_id", "memberships.id"],
            name=op.f(f"fk_{name}_chapter_id_{member}"),
        ),
        sa.ForeignKeyConstraint(
            ["chapter_id"], ["chapters.id"], name=op.f(f"fk_{name}_chapter_id")
        ),
        sa.PrimaryKeyConstraint("chapter_id", *key, name=op.f(f"pk_{name}")),
    )
    op.chapter_table(name)


def _index(table: str, *columns: str, where: str | None = None) -> None:
    op.create_index(
        op.f("_".join(("ix", table, "chapter_id", *columns))),
        table,
        ["chapter_id", *columns],
        postgresql_where=sa.text(where) if where else None,
    )
