"""What may be asked across chapters: when a person is busy, how full they are, where they belong

Each function runs as the owner and answers without saying whose meeting, whose place or what
else. They are the only way past the policies, and the product's role may only call them.
"""

from alembic import op

revision = "0002_across_chapters"
down_revision = "0001_first_tables"
branch_labels = None
depends_on = None

FUNCTIONS = {
    "busy_times_of(persons uuid[], since timestamptz, until timestamptz)": (
        "TABLE (user_id uuid, starts_at timestamptz, ends_at timestamptz)",
        "SELECT b.user_id, b.starts_at, b.ends_at FROM public.busy_times b"
        " WHERE b.user_id = ANY (persons) AND b.starts_at < until AND b.ends_at > since",
    ),
    "places_taken_by(persons uuid[])": (
        "TABLE (user_id uuid, taken bigint)",
        "SELECT p.user_id, count(*) FROM public.places_taken p"
        " WHERE p.user_id = ANY (persons) GROUP BY p.user_id",
    ),
    "chapters_of(person uuid)": (
        "TABLE (chapter_id uuid, slug text, name text)",
        "SELECT c.id, c.slug, c.name FROM public.affiliations a"
        " JOIN public.chapters c ON c.id = a.chapter_id WHERE a.user_id = person"
        " ORDER BY c.name",
    ),
}


def upgrade() -> None:
    for signature, (returns, body) in FUNCTIONS.items():
        op.execute(
            f"CREATE FUNCTION {signature} RETURNS {returns} LANGUAGE sql STABLE SECURITY DEFINER"
            f" SET search_path = pg_catalog, pg_temp AS $$ {body} $$"
        )
        op.execute(f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO curbside_app")
    op.execute("GRANT SELECT ON alembic_version TO curbside_app")


def downgrade() -> None:
    op.execute("REVOKE SELECT ON alembic_version FROM curbside_app")
    for signature in reversed(FUNCTIONS):
        op.execute(f"DROP FUNCTION {signature}")
