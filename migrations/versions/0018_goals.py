"""Goals with steps, and the road of a stage

Every table here is a chapter's. The release before still writes action items: what is new in them
has a default.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018_goals"
down_revision = "0017_check_ins"
branch_labels = None
depends_on = None

STAGES = (
    "stage IN ('pre-med', 'm1', 'm2', 'm3', 'm4', 'research', 'img', 'pgy1', 'pgy2', 'pgy3',"
    " 'pgy4', 'chief', 'fellow', 'attending')"
)


def upgrade() -> None:
    op.add_column(
        "action_items", sa.Column("came_of_it", sa.Text(), server_default="", nullable=False)
    )
    op.create_table(
        "goals",
        *_record(),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("how_known", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("with_all", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('active', 'reached', 'let_go')", name=op.f("ck_goals_state")),
        sa.CheckConstraint(
            "(state = 'active') = (settled_at IS NULL)", name=op.f("ck_goals_settled_at")
        ),
        _chapter("goals"),
        _inside("goals", "member_id", "memberships"),
        sa.PrimaryKeyConstraint("chapter_id", "id", name=op.f("pk_goals")),
    )
    op.create_index(
        op.f("ix_goals_chapter_id_member_id_position"),
        "goals",
        ["chapter_id", "member_id", "position"],
    )
    op.create_table(
        "goal_steps",
        *_record(),
        sa.Column("goal_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        _chapter("goal_steps"),
        _inside("goal_steps", "goal_id", "goals"),
        sa.PrimaryKeyConstraint("chapter_id", "id", name=op.f("pk_goal_steps")),
    )
    op.create_index(
        op.f("ix_goal_steps_chapter_id_goal_id_position"),
        "goal_steps",
        ["chapter_id", "goal_id", "position"],
    )
    op.create_table(
        "goal_shares",
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("goal_id", sa.Uuid(), nullable=False),
        sa.Column("mentor_id", sa.Uuid(), nullable=False),
        _chapter("goal_shares"),
        _inside("goal_shares", "goal_id", "goals"),
        _inside("goal_shares", "mentor_id", "memberships"),
        sa.PrimaryKeyConstraint("chapter_id", "goal_id", "mentor_id", name=op.f("pk_goal_shares")),
    )
    op.create_index(
        op.f("ix_goal_shares_chapter_id_mentor_id"), "goal_shares", ["chapter_id", "mentor_id"]
    )
    op.create_table(
        "goal_items",
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("goal_id", sa.Uuid(), nullable=False),
        _chapter("goal_items"),
        _inside("goal_items", "item_id", "action_items"),
        _inside("goal_items", "goal_id", "goals"),
        sa.PrimaryKeyConstraint("chapter_id", "item_id", name=op.f("pk_goal_items")),
    )
    op.create_index(
        op.f("ix_goal_items_chapter_id_goal_id"), "goal_items", ["chapter_id", "goal_id"]
    )
    op.create_table(
        "chapter_roads",
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("steps", postgresql.JSONB(), nullable=False),
        sa.CheckConstraint(STAGES, name=op.f("ck_chapter_roads_stage")),
        _chapter("chapter_roads"),
        sa.PrimaryKeyConstraint("chapter_id", "stage", name=op.f("pk_chapter_roads")),
    )
    op.create_table(
        "road_marks",
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("cycle", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("mark IN ('hidden', 'goal', 'item')", name=op.f("ck_road_marks_mark")),
        _chapter("road_marks"),
        _inside("road_marks", "member_id", "memberships"),
        sa.PrimaryKeyConstraint(
            "chapter_id", "member_id", "cycle", "step", name=op.f("pk_road_marks")
        ),
    )
    for table in TABLES:
        op.chapter_table(table)


TABLES = ("goals", "goal_steps", "goal_shares", "goal_items", "chapter_roads", "road_marks")


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    op.drop_column("action_items", "came_of_it")


def _record() -> tuple[sa.Column, sa.Column]:
    return (
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
    )


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
