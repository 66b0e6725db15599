"""Contact elsewhere, answers from the mail itself, updates and thanks

Every table here is a chapter's.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017_check_ins"
down_revision = "0016_notes_and_agendas"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _table(
        "contacts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("pairing_id", sa.Uuid(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("before_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "way IN ('hallway', 'text', 'call', 'email')", name=op.f("ck_contacts_way")
        ),
        key=("id",),
        to={"pairing_id": "pairings", "by_id": "memberships"},
    )
    _index("contacts", "pairing_id", "happened_on")
    _index("contacts", "by_id")
    _table(
        "reminder_answers",
        sa.Column("pairing_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        key=("pairing_id", "member_id", "since"),
        to={"pairing_id": "pairings", "member_id": "memberships"},
    )
    _index("reminder_answers", "member_id")
    _table(
        "updates",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("own_address", sa.Boolean(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("send_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("char_length(words) BETWEEN 1 AND 600", name=op.f("ck_updates_words")),
        sa.CheckConstraint("sent_at IS NULL OR send_at IS NOT NULL", name=op.f("ck_updates_sent")),
        key=("id",),
        to={"by_id": "memberships"},
    )
    _index("updates", "by_id", "saved_at")
    _table(
        "update_copies",
        sa.Column("update_id", sa.Uuid(), nullable=False),
        sa.Column("pairing_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("well_done_at", sa.DateTime(timezone=True), nullable=True),
        key=("update_id", "pairing_id"),
        to={"update_id": "updates", "pairing_id": "pairings"},
    )
    _index("update_copies", "pairing_id", "sent_at")
    _table(
        "rotations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        key=("id",),
        to={"member_id": "memberships"},
    )
    _index("rotations", "member_id", "ends_on")
    _table(
        "thanks",
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("pairing_id", sa.Uuid(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("char_length(words) BETWEEN 1 AND 500", name=op.f("ck_thanks_words")),
        key=("meeting_id",),
        to={"meeting_id": "meetings", "pairing_id": "pairings"},
    )
    _index("thanks", "pairing_id", "at")


def downgrade() -> None:
    for table in (
        "thanks",
        "rotations",
        "update_copies",
        "updates",
        "reminder_answers",
        "contacts",
    ):
        op.drop_table(table)


def _table(
    name: str, *parts: sa.Column | sa.Constraint, key: tuple[str, ...], to: dict[str, str]
) -> None:
    """A table of a chapter's, and what its columns name inside the same chapter."""
    op.create_table(
        name,
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        *parts,
        *(
            sa.ForeignKeyConstraint(
                ["chapter_id", column],
                [f"{table}.chapter_id", f"{table}.id"],
                name=op.f(f"fk_{name}_chapter_id_{column}"),
            )
            for column, table in to.items()
        ),
        sa.ForeignKeyConstraint(
            ["chapter_id"], ["chapters.id"], name=op.f(f"fk_{name}_chapter_id")
        ),
        sa.PrimaryKeyConstraint("chapter_id", *key, name=op.f(f"pk_{name}")),
    )
    op.chapter_table(name)


def _index(table: str, *columns: str) -> None:
    op.create_index(
        op.f("_".join(("ix", table, "chapter_id", *columns))), table, ["chapter_id", *columns]
    )
