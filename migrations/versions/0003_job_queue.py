"""The job queue: Procrastinate's own tables and functions, by its own SQL

Taken from the locked version of the library. When the library brings a change of schema, a new
revision here runs the library's migration, and this one keeps to what it was (3.10).
"""

import re

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0003_job_queue"
down_revision = "0002_across_chapters"
branch_labels = None
depends_on = None

DROP = """
DO $$ DECLARE thing text; BEGIN
  FOR thing IN SELECT oid::regclass::text FROM pg_class
    WHERE relname LIKE 'procrastinate%' AND relkind = 'r' AND relnamespace = 'public'::regnamespace
  LOOP EXECUTE 'DROP TABLE IF EXISTS ' || thing || ' CASCADE'; END LOOP;
  FOR thing IN SELECT oid::regprocedure::text FROM pg_proc
    WHERE proname LIKE 'procrastinate%' AND pronamespace = 'public'::regnamespace
  LOOP EXECUTE 'DROP FUNCTION ' || thing || ' CASCADE'; END LOOP;
  FOR thing IN SELECT oid::regtype::text FROM pg_type
    WHERE typname LIKE 'procrastinate%' AND typtype IN ('e', 'c') AND typnamespace = 'public'::regnamespace
  LOOP EXECUTE 'DROP TYPE IF EXISTS ' || thing || ' CASCADE'; END LOOP;
END $$
"""
GRANT = """
DO $$ DECLARE thing text; BEGIN
  FOR thing IN SELECT oid::regclass::text FROM pg_class
    WHERE relname LIKE 'procrastinate%' AND relkind = 'r' AND relnamespace = 'public'::regnamespace
  LOOP EXECUTE 'GRANT SELECT, INSERT, UPDATE, DELETE ON ' || thing || ' TO curbside_app'; END LOOP;
  FOR thing IN SELECT oid::regclass::text FROM pg_class
    WHERE relname LIKE 'procrastinate%' AND relkind = 'S' AND relnamespace = 'public'::regnamespace
  LOOP EXECUTE 'GRANT USAGE ON SEQUENCE ' || thing || ' TO curbside_app'; END LOOP;
END $$
"""


def upgrade() -> None:
    connection = op.get_bind().connection
    with connection.cursor() as cursor:  # many statements at once, so past SQLAlchemy
        cursor.execute(re.sub(r"(?m)^--.*$", "", SchemaManager.get_schema()))
    op.execute(GRANT)


def downgrade() -> None:
    op.execute(DROP)
