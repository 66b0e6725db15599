"""Nudges, and who wants which

`nudges` are a chapter's. `nudge_mails` and `mail_choices` are a person's, the same in every
chapter, and so global: they name no chapter.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015_nudges"
down_revision = "0014_relationship_states"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "nudges",
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("mail_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("said", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("number >= 1", name=op.f("ck_nudges_number")),
        sa.CheckConstraint(
            "(state = 'waiting') = (settled_at IS NULL)", name=op.f("ck_nudges_settled_at")
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'sent', 'failed', 'overtaken')", name=op.f("ck_nudges_state")
        ),
        sa.ForeignKeyConstraint(["chapter_id"], ["chapters.id"], name=op.f("fk_nudges_chapter_id")),
        sa.ForeignKeyConstraint(
            ["chapter_id", "member_id"],
            ["memberships.chapter_id", "memberships.id"],
            name=op.f("fk_nudges_chapter_id_member_id"),
        ),
        sa.PrimaryKeyConstraint("chapter_id", "id", name=op.f("pk_nudges")),
        sa.UniqueConstraint(
            *("chapter_id", "kind", "subject_id", "since", "member_id", "number"),
            name=op.f("uq_nudges_chapter_id_kind_subject_id_since_member_id_number"),
        ),
    )
    op.create_index(op.f("ix_nudges_chapter_id_mail_id"), "nudges", ["chapter_id", "mail_id"])
    op.create_index(
        op.f("ix_nudges_chapter_id_member_id_settled_at_id"),
        "nudges",
        ["chapter_id", "member_id", "settled_at", "id"],
    )
    op.chapter_table("nudges")
    op.create_table(
        "nudge_mails",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_on", sa.Date(), nullable=True),
        sa.Column("clear_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint(
            "state IN ('open', 'closed', 'sent', 'failed', 'empty')",
            name=op.f("ck_nudge_mails_state"),
        ),
        sa.CheckConstraint(
            "(state = 'sent') = (sent_at IS NOT NULL)", name=op.f("ck_nudge_mails_sent_at")
        ),
        sa.CheckConstraint(
            "(sent_at IS NULL) = (sent_on IS NULL)", name=op.f("ck_nudge_mails_sent_on")
        ),
        sa.CheckConstraint(
            "(sent_at IS NULL) = (clear_at IS NULL)", name=op.f("ck_nudge_mails_clear_at")
        ),
        postgresql.ExcludeConstraint(
            (sa.column("user_id"), "="),
            (sa.func.tstzrange(sa.column("sent_at"), sa.column("clear_at")), "&&"),
            where=sa.text("sent_at IS NOT NULL"),
            name="ex_nudge_mails_apart",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_nudge_mails_user_id")),
        sa.PrimaryKeyConstraint("user_id", "id", name=op.f("pk_nudge_mails")),
        sa.UniqueConstraint("user_id", "sent_on", name=op.f("uq_nudge_mails_user_id_sent_on")),
    )
    op.create_index(
        "uq_nudge_mails_open",
        "nudge_mails",
        ["user_id"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        op.f("ix_nudge_mails_next_at"),
        "nudge_mails",
        ["next_at"],
        postgresql_where=sa.text("next_at IS NOT NULL"),
    )
    op.global_table("nudge_mails")
    op.create_table(
        "mail_choices",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("none", sa.Boolean(), nullable=False),
        sa.Column("off", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("quiet_begins", sa.SmallInteger(), nullable=False),
        sa.Column("quiet_ends", sa.SmallInteger(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "quiet_begins BETWEEN 0 AND 23", name=op.f("ck_mail_choices_quiet_begins")
        ),
        sa.CheckConstraint("quiet_ends BETWEEN 0 AND 23", name=op.f("ck_mail_choices_quiet_ends")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_mail_choices_user_id")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_mail_choices")),
    )
    op.global_table("mail_choices")


def downgrade() -> None:
    op.drop_table("mail_choices")
    op.drop_table("nudge_mails")
    op.drop_table("nudges")
