"""Notes with a history, and agendas from templates

Every table here is a chapter's. The release before still reads and writes agenda items: what is
new in them has a default.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016_notes_and_agendas"
down_revision = "0015_nudges"
branch_labels = None
depends_on = None

KINDS = "kind IN ('career', 'content', 'application', 'wellness')"
PHASES = "phase IN ('early', 'clerkships', 'applying', 'residency')"
ITEM_KINDS = "kind IN ('question', 'topic', 'want', 'reading')"


def upgrade() -> None:
    op.add_column(
        "agenda_items", sa.Column("kind", sa.Text(), server_default="question", nullable=False)
    )
    op.add_column("agenda_items", sa.Column("link", sa.Text(), server_default="", nullable=False))
    op.create_check_constraint(op.f("ck_agenda_items_kind"), "agenda_items", ITEM_KINDS)
    op.create_check_constraint(
        op.f("ck_agenda_items_link"), "agenda_items", "(kind = 'reading') = (link <> '')"
    )
    _let_minutes_be("BETWEEN 0 AND 30")
    op.create_table(
        "agenda_sendings",
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("hours_before", sa.SmallInteger(), nullable=True),
        sa.Column("along", sa.Text(), server_default="", nullable=False),
        sa.Column("sent_for", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "hours_before BETWEEN 1 AND 168", name=op.f("ck_agenda_sendings_hours_before")
        ),
        _chapter("agenda_sendings"),
        _inside("agenda_sendings", "meeting_id", "meetings"),
        sa.PrimaryKeyConstraint("chapter_id", "meeting_id", name=op.f("pk_agenda_sendings")),
    )
    op.chapter_table("agenda_sendings")
    op.create_table(
        "item_reports",
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        _chapter("item_reports"),
        _inside("item_reports", "meeting_id", "meetings"),
        _inside("item_reports", "item_id", "action_items"),
        _inside("item_reports", "by_id", "memberships"),
        sa.PrimaryKeyConstraint(
            "chapter_id", "meeting_id", "item_id", name=op.f("pk_item_reports")
        ),
    )
    op.chapter_table("item_reports")
    for column in ("item_id", "by_id"):
        op.create_index(
            op.f(f"ix_item_reports_chapter_id_{column}"), "item_reports", ["chapter_id", column]
        )
    op.create_table(
        "agenda_templates",
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("phase", sa.Text(), nullable=False),
        sa.Column("lines", postgresql.JSONB(), nullable=False),
        sa.CheckConstraint(KINDS, name=op.f("ck_agenda_templates_kind")),
        sa.CheckConstraint(PHASES, name=op.f("ck_agenda_templates_phase")),
        _chapter("agenda_templates"),
        sa.PrimaryKeyConstraint("chapter_id", "kind", "phase", name=op.f("pk_agenda_templates")),
    )
    op.chapter_table("agenda_templates")
    op.create_table(
        "notes_versions",
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        _chapter("notes_versions"),
        _inside("notes_versions", "meeting_id", "meetings"),
        _inside("notes_versions", "by_id", "memberships"),
        sa.PrimaryKeyConstraint(
            "chapter_id", "meeting_id", "version", name=op.f("pk_notes_versions")
        ),
    )
    op.chapter_table("notes_versions")
    op.create_index(
        op.f("ix_notes_versions_chapter_id_by_id"), "notes_versions", ["chapter_id", "by_id"]
    )


def downgrade() -> None:
    for table in ("notes_versions", "agenda_templates", "item_reports", "agenda_sendings"):
        op.drop_table(table)
    # What takes no minutes takes the least that the release before knows, in every chapter.
    op.execute("ALTER TABLE agenda_items NO FORCE ROW LEVEL SECURITY")
    op.execute("UPDATE agenda_items SET minutes = 1 WHERE minutes = 0")
    op.execute("ALTER TABLE agenda_items FORCE ROW LEVEL SECURITY")
    _let_minutes_be("BETWEEN 1 AND 30")
    op.drop_constraint(op.f("ck_agenda_items_link"), "agenda_items")
    op.drop_constraint(op.f("ck_agenda_items_kind"), "agenda_items")
    op.drop_column("agenda_items", "link")
    op.drop_column("agenda_items", "kind")


def _let_minutes_be(span: str) -> None:
    name = op.f("ck_agenda_items_minutes")
    op.drop_constraint(name, "agenda_items")
    op.create_check_constraint(name, "agenda_items", f"minutes {span}")


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
