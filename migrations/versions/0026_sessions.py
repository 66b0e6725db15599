"""Who is signed in on which device, and changes of addresses

Both belong to people, over all chapters, and are global. Who oversees a chapter anywhere is
signed out sooner, so that may be asked across chapters, without saying where.
"""

import sqlalchemy as sa
from alembic import op

revision = "0026_sessions"
down_revision = "0025_trail"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "device_sessions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("token_digest", sa.LargeBinary(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proven_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_why", sa.Text(), nullable=True),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("logout_hint", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (ended_why IS NULL)", name=op.f("ck_device_sessions_ended")
        ),
        sa.CheckConstraint(
            "octet_length(token_digest) = 32", name=op.f("ck_device_sessions_token_digest")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_device_sessions_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device_sessions")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_device_sessions_token_digest")),
    )
    op.create_index(op.f("ix_device_sessions_user_id"), "device_sessions", ["user_id"])
    op.global_table("device_sessions")
    op.create_table(
        "address_changes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("old_email", sa.Text(), nullable=False),
        sa.Column("new_email", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "new_email = lower(new_email)", name=op.f("ck_address_changes_new_email_is_lower")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_address_changes_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address_changes")),
    )
    op.create_index(op.f("ix_address_changes_user_id"), "address_changes", ["user_id"])
    op.global_table("address_changes")
    op.execute(
        "CREATE POLICY memberships_owner ON memberships FOR SELECT TO CURRENT_USER USING (true)"
    )
    op.execute(
        "CREATE FUNCTION oversees(person uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER"
        " SET search_path = pg_catalog, pg_temp AS $$"
        " SELECT EXISTS (SELECT FROM public.users u WHERE u.id = person AND u.is_network_admin)"
        " OR EXISTS (SELECT FROM public.affiliations a JOIN public.memberships m"
        " ON m.chapter_id = a.chapter_id AND m.user_id = a.user_id"
        " WHERE a.user_id = person AND m.left_at IS NULL AND m.roles && ARRAY['coordinator', 'advisor'])"
        " $$"
    )
    op.execute("REVOKE ALL ON FUNCTION oversees(uuid) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION oversees(uuid) TO curbside_app")


def downgrade() -> None:
    op.execute("DROP FUNCTION oversees(uuid)")
    op.execute("DROP POLICY memberships_owner ON memberships")
    op.drop_table("address_changes")
    op.drop_table("device_sessions")
