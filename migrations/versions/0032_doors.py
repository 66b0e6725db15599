"""A university is offered by domain only once the domain is confirmed to be its

Domains that chapters have listed before are not confirmed: whoever runs the product does that once.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0032_doors"
down_revision = "0031_scheduling"
branch_labels = None
depends_on = None

LIVE = """
CREATE OR REPLACE FUNCTION live_universities(at_slug text, at_domain text)
RETURNS TABLE (slug text, name text) LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
SELECT c.slug, p.name FROM public.university_providers p
JOIN public.chapters c ON c.id = p.chapter_id
WHERE p.state = 'live' AND (c.slug = at_slug OR at_domain = ANY (p.{})) ORDER BY c.slug
$$
"""


def upgrade() -> None:
    op.add_column(
        "university_providers",
        sa.Column(
            "confirmed",
            postgresql.ARRAY(sa.Text()),
            server_default="{}",
            nullable=False,
        ),
    )
    op.create_check_constraint(
        op.f("ck_university_providers_confirmed"), "university_providers", "confirmed <@ domains"
    )
    op.execute(LIVE.format("confirmed"))


def downgrade() -> None:
    op.execute(LIVE.format("domains"))
    op.drop_constraint(op.f("ck_university_providers_confirmed"), "university_providers")
    op.drop_column("university_providers", "confirmed")
