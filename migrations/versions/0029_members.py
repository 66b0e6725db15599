"""Terms of office, who left, and support by consent

What roles count is answered in one place, `roles_at`, from what a member holds and its terms.
Support visits and handovers are a chapter's.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0029_members"
down_revision = "0028_university"
branch_labels = None
depends_on = None

#: STABLE, since what an instant's text means could depend on the session's zone; ours name theirs.
ROLES_AT = """
CREATE FUNCTION roles_at(held text[], terms jsonb, at timestamptz) RETURNS text[]
LANGUAGE sql STABLE PARALLEL SAFE AS $$
SELECT coalesce(array_agg(role), '{}') FROM unnest(held) AS role
WHERE coalesce((terms -> role ->> 'from')::timestamptz <= at, true)
AND coalesce(at < (terms -> role ->> 'until')::timestamptz, true)
$$
"""
CHAPTERS_OF = """
CREATE OR REPLACE FUNCTION chapters_of(person uuid)
RETURNS TABLE (chapter_id uuid, slug text, name text) LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
SELECT c.id, c.slug, c.name FROM public.affiliations a
JOIN public.chapters c ON c.id = a.chapter_id WHERE a.user_id = person{} ORDER BY c.name
$$
"""


def upgrade() -> None:
    op.add_column(
        "memberships",
        sa.Column(
            "terms",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
    )
    op.execute(ROLES_AT)
    op.add_column("affiliations", sa.Column("left_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(CHAPTERS_OF.format(" AND a.left_at IS NULL"))
    op.create_table(
        "support_visits",
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("reach", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("consented_by_id", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("reach IN ('reads', 'runs')", name=op.f("ck_support_visits_reach")),
        sa.CheckConstraint(
            "num_nulls(began_at, until, consented_by_id, member_id) IN (0, 4)",
            name=op.f("ck_support_visits_consent"),
        ),
        sa.CheckConstraint(
            "until <= began_at + interval '7 days'", name=op.f("ck_support_visits_short")
        ),
        sa.ForeignKeyConstraint(
            ["chapter_id"], ["chapters.id"], name=op.f("fk_support_visits_chapter_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_support_visits_user_id")),
        *(_member("support_visits", name) for name in ("consented_by_id", "ended_by_id")),
        sa.ForeignKeyConstraint(
            ["chapter_id", "member_id", "user_id"],
            ["memberships.chapter_id", "memberships.id", "memberships.user_id"],
            name=op.f("fk_support_visits_chapter_id_member_id_user_id"),
        ),
        sa.PrimaryKeyConstraint("chapter_id", "id", name=op.f("pk_support_visits")),
    )
    op.chapter_table("support_visits")
    op.create_index(
        op.f("ix_support_visits_chapter_id_user_id"),
        "support_visits",
        ["chapter_id", "user_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "handovers",
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("from_id", sa.Uuid(), nullable=False),
        sa.Column("to_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("from_id <> to_id", name=op.f("ck_handovers_two_people")),
        sa.ForeignKeyConstraint(
            ["chapter_id"], ["chapters.id"], name=op.f("fk_handovers_chapter_id")
        ),
        *(_member("handovers", name) for name in ("from_id", "to_id")),
        sa.PrimaryKeyConstraint("chapter_id", "id", name=op.f("pk_handovers")),
    )
    op.chapter_table("handovers")
    op.create_index(
        op.f("ix_handovers_chapter_id_to_id"), "handovers", ["chapter_id", "to_id"], unique=False
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_handovers_chapter_id_to_id"), table_name="handovers")
    op.drop_table("handovers")
    op.drop_index(op.f("ix_support_visits_chapter_id_user_id"), table_name="support_visits")
    op.drop_table("support_visits")
    op.execute(CHAPTERS_OF.format(""))
    op.drop_column("affiliations", "left_at")
    op.execute("DROP FUNCTION roles_at(text[], jsonb, timestamptz)")
    op.drop_column("memberships", "terms")


def _member(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["chapter_id", column],
        ["memberships.chapter_id", "memberships.id"],
        name=op.f(f"fk_{table}_chapter_id_{column}"),
    )
