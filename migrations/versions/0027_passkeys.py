"""Passkeys, and sign-in links bound to the browser that asked

Both new tables are global: a passkey is a person's, the same in every chapter.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0027_passkeys"
down_revision = "0026_sessions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "passkeys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("aaguid", sa.Uuid(), nullable=False),
        sa.Column("transports", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("is_synced", sa.Boolean(), nullable=False),
        sa.Column("is_backed_up", sa.Boolean(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("sign_count >= 0", name=op.f("ck_passkeys_sign_count")),
        sa.CheckConstraint(
            "length(credential_id) BETWEEN 16 AND 1023", name=op.f("ck_passkeys_credential_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_passkeys_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkeys")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkeys_credential_id")),
    )
    op.global_table("passkeys")
    op.create_index(op.f("ix_passkeys_user_id"), "passkeys", ["user_id"])
    op.create_table(
        "spent_challenges",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_spent_challenges")),
    )
    op.global_table("spent_challenges")
    op.create_index(op.f("ix_spent_challenges_until"), "spent_challenges", ["until"])
    # Links of the release before are bound to no browser; none of them lives longer than a quarter
    # of an hour, but for those that the demo prints.
    op.add_column(
        "sign_in_links",
        sa.Column("is_bound", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.add_column(
        "sign_in_links", sa.Column("asked_from", sa.Text(), server_default="", nullable=False)
    )


def downgrade() -> None:
    op.drop_column("sign_in_links", "asked_from")
    op.drop_column("sign_in_links", "is_bound")
    op.drop_table("spent_challenges")
    op.drop_table("passkeys")
