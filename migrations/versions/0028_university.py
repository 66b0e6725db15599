"""Sign-in through a university

A provider and the people it knows are a chapter's. Two questions go across chapters, because
nobody has entered one yet: which live provider stands at a chapter's address or vouches for a
domain, and which universities a person has to do with.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0028_university"
down_revision = "0027_passkeys"
branch_labels = None
depends_on = None

FUNCTIONS = {
    "live_universities(at_slug text, at_domain text)": (
        "TABLE (slug text, name text)",
        "SELECT c.slug, p.name FROM public.university_providers p"
        " JOIN public.chapters c ON c.id = p.chapter_id"
        " WHERE p.state = 'live' AND (c.slug = at_slug OR at_domain = ANY (p.domains))"
        " ORDER BY c.slug",
    ),
    "universities_of(person uuid)": (
        "TABLE (slug text, chapter text, name text, connected_at timestamptz)",
        "SELECT c.slug, c.name, p.name, i.connected_at FROM public.affiliations a"
        " JOIN public.memberships m ON m.chapter_id = a.chapter_id AND m.user_id = a.user_id"
        " AND m.left_at IS NULL"
        " JOIN public.chapters c ON c.id = a.chapter_id"
        " JOIN public.university_providers p ON p.chapter_id = a.chapter_id AND p.state = 'live'"
        " LEFT JOIN public.university_identities i ON i.chapter_id = a.chapter_id"
        " AND i.user_id = person AND i.issuer = p.issuer"
        " WHERE a.user_id = person ORDER BY c.name",
    ),
}


def upgrade() -> None:
    op.create_table(
        "university_providers",
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("preset", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("secret_ends_on", sa.Date(), nullable=True),
        sa.Column("warned_days", sa.SmallInteger(), nullable=True),
        sa.Column("domains", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("joining", sa.Text(), nullable=False),
        sa.Column("claim_name", sa.Text(), nullable=False),
        sa.Column("claim_value", sa.Text(), nullable=False),
        sa.Column("joins_as", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("tested_version", sa.Integer(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "preset IN ('google', 'entra', 'okta', 'other')",
            name=op.f("ck_university_providers_preset"),
        ),
        sa.CheckConstraint(
            "joining IN ('invited', 'domain', 'claim')",
            name=op.f("ck_university_providers_joining"),
        ),
        sa.CheckConstraint(
            "joins_as IN ('student', 'mentor')", name=op.f("ck_university_providers_joins_as")
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'live')", name=op.f("ck_university_providers_state")
        ),
        sa.CheckConstraint(
            "state = 'draft' OR tested_version = version",
            name=op.f("ck_university_providers_live_is_tested"),
        ),
        sa.CheckConstraint(
            "joining <> 'claim' OR (claim_name <> '' AND claim_value <> '')",
            name=op.f("ck_university_providers_claim"),
        ),
        _chapter("university_providers"),
        sa.PrimaryKeyConstraint("chapter_id", "id", name=op.f("pk_university_providers")),
        sa.UniqueConstraint("chapter_id", name=op.f("uq_university_providers_chapter_id")),
    )
    op.create_table(
        "university_identities",
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("connected_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "how IN ('joined', 'email', 'mail', 'self')", name=op.f("ck_university_identities_how")
        ),
        _chapter("university_identities"),
        sa.ForeignKeyConstraint(
            ["chapter_id", "user_id"],
            ["memberships.chapter_id", "memberships.user_id"],
            name=op.f("fk_university_identities_chapter_id_user_id"),
        ),
        sa.PrimaryKeyConstraint("chapter_id", "id", name=op.f("pk_university_identities")),
        sa.UniqueConstraint(
            "chapter_id",
            "issuer",
            "subject",
            name=op.f("uq_university_identities_chapter_id_issuer_subject"),
        ),
        sa.UniqueConstraint(
            "chapter_id",
            "user_id",
            "issuer",
            name=op.f("uq_university_identities_chapter_id_user_id_issuer"),
        ),
    )
    op.create_table(
        "university_arrivals",
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("admitted", sa.Boolean(), nullable=False),
        sa.Column("next_path", sa.Text(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        _chapter("university_arrivals"),
        sa.PrimaryKeyConstraint("chapter_id", "id", name=op.f("pk_university_arrivals")),
    )
    op.create_index(
        op.f("ix_university_arrivals_chapter_id_ends_at"),
        "university_arrivals",
        ["chapter_id", "ends_at"],
    )
    for table in ("university_providers", "university_identities", "university_arrivals"):
        op.chapter_table(table)
    for table in ("university_providers", "university_identities"):
        op.execute(
            f"CREATE POLICY {table}_owner ON {table} FOR SELECT TO CURRENT_USER USING (true)"
        )
    for signature, (returns, body) in FUNCTIONS.items():
        op.execute(
            f"CREATE FUNCTION {signature} RETURNS {returns} LANGUAGE sql STABLE SECURITY DEFINER"
            f" SET search_path = pg_catalog, pg_temp AS $$ {body} $$"
        )
        op.execute(f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO curbside_app")


def downgrade() -> None:
    for signature in reversed(FUNCTIONS):
        op.execute(f"DROP FUNCTION {signature}")
    for table in ("university_arrivals", "university_identities", "university_providers"):
        op.drop_table(table)


def _chapter(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["chapter_id"], ["chapters.id"], name=op.f(f"fk_{table}_chapter_id")
    )
