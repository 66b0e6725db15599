"""Concerns, and who may not reach whom

Every table here is a chapter's. The steps of a concern are only ever added to.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019_safety"
down_revision = "0018_goals"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "separations",
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("one_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column("set_by_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("one_id <> other_id", name=op.f("ck_separations_two_people")),
        _chapter("separations"),
        *(_inside("separations", name, "memberships") for name in ("one_id", "other_id")),
        _inside("separations", "set_by_id", "memberships"),
        sa.PrimaryKeyConstraint(
            "chapter_id", "one_id", "other_id", "set_by_id", name=op.f("pk_separations")
        ),
    )
    _index("separations", "other_id", "one_id")
    _index("separations", "set_by_id")
    op.chapter_table("separations")
    op.create_table(
        "concerns",
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("about_id", sa.Uuid(), nullable=True),
        sa.Column("pairing_id", sa.Uuid(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("reach", sa.Text(), nullable=False),
        sa.Column("may_name", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("look_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('received', 'looked_at', 'in_hand', 'closed')",
            name=op.f("ck_concerns_state"),
        ),
        sa.CheckConstraint(
            "outcome IN ('talked', 'apart', 'school', 'nothing')", name=op.f("ck_concerns_outcome")
        ),
        sa.CheckConstraint(
            "(state = 'received') = (seen_at IS NULL)", name=op.f("ck_concerns_seen_at")
        ),
        sa.CheckConstraint(
            "(state = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck_concerns_closed_at")
        ),
        sa.CheckConstraint(
            "(outcome IS NULL) = (closed_at IS NULL)", name=op.f("ck_concerns_closed")
        ),
        sa.CheckConstraint("about_id <> by_id", name=op.f("ck_concerns_two_people")),
        _chapter("concerns"),
        _inside("concerns", "by_id", "memberships"),
        _inside("concerns", "about_id", "memberships"),
        _inside("concerns", "pairing_id", "pairings"),
        sa.PrimaryKeyConstraint("chapter_id", "id", name=op.f("pk_concerns")),
    )
    for columns in (("by_id", "at"), ("about_id",), ("pairing_id",), ("state", "at")):
        _index("concerns", *columns)
    op.chapter_table("concerns")
    op.create_table(
        "concern_walls",
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("concern_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        _chapter("concern_walls"),
        _inside("concern_walls", "concern_id", "concerns"),
        _inside("concern_walls", "member_id", "memberships"),
        sa.PrimaryKeyConstraint(
            "chapter_id", "concern_id", "member_id", name=op.f("pk_concern_walls")
        ),
    )
    _index("concern_walls", "member_id")
    op.append_only_chapter_table("concern_walls")
    op.create_table(
        "concern_steps",
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("concern_id", sa.Uuid(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deed", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        _chapter("concern_steps"),
        _inside("concern_steps", "concern_id", "concerns"),
        _inside("concern_steps", "by_id", "memberships"),
        sa.PrimaryKeyConstraint("chapter_id", "id", name=op.f("pk_concern_steps")),
    )
    _index("concern_steps", "concern_id", "at")
    _index("concern_steps", "by_id")
    op.append_only_chapter_table("concern_steps")
    op.create_table(
        "safety_settings",
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("look_within", sa.SmallInteger(), nullable=False),
        sa.Column("resources", postgresql.JSONB(), nullable=False),
        sa.CheckConstraint(
            "look_within BETWEEN 1 AND 5", name=op.f("ck_safety_settings_look_within")
        ),
        _chapter("safety_settings"),
        sa.PrimaryKeyConstraint("chapter_id", name=op.f("pk_safety_settings")),
    )
    op.chapter_table("safety_settings")


def downgrade() -> None:
    for table in ("safety_settings", "concern_steps", "concern_walls", "concerns", "separations"):
        op.drop_table(table)


def _chapter(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["chapter_id"], ["chapters.id"], name=op.f(f"fk_{table}_chapter_id")
    )


def _inside(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["chapter_id", column],
        [f"{to}.chapter_id", f"{to}.id"],
        name=op.f(f"fk_{table}_chapter_id_{column}"),
    )


def _index(table: str, *columns: str) -> None:
    name = "_".join(("ix", table, "chapter_id", *columns))
    op.create_index(op.f(name), table, ["chapter_id", *columns])
