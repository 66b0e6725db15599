"""How migrations run: as the owner, one deploy at a time, never waiting long for a lock."""

import re
import sys
from importlib import import_module
from pathlib import Path

from alembic import context
from alembic.util import CommandError

sys.path.insert(0, str(Path(__file__).parent))

from operations import writer

from mentorship.foundation.database import db
from mentorship.foundation.schema import LOCK, NOT_OURS
from mentorship.foundation.settings import ROOT

for models in sorted(ROOT.glob("mentorship/**/models.py")):
    import_module(".".join(models.relative_to(ROOT).with_suffix("").parts))


def include(obj: object, name: str | None, kind: str, *_: object) -> bool:
    return not (kind == "table" and str(name).startswith(NOT_OURS))


def number(migration_context: object, revision: object, directives: list) -> None:
    """Name a migration 0007_what_it_does, and write none where nothing has changed."""
    writer(migration_context, revision, directives)
    [script] = directives
    if script.message is None:  # `alembic check` only asks whether anything has changed
        return
    if script.upgrade_ops.is_empty():
        directives.clear()
        return
    head = context.get_head_revision()
    words = "_".join(re.findall(r"\w+", script.message.lower()))
    script.rev_id = f"{int(str(head)[:4]) + 1 if head else 1:04}_{words}"
    if len(script.rev_id) > 32:
        raise CommandError(f"{script.rev_id}: the database keeps 32 letters; say it shorter")


def run() -> None:
    connection = context.config.attributes["connection"]
    # Of two deploys at once, the second waits here and then finds nothing to do.
    connection.exec_driver_sql(f"SELECT pg_advisory_lock({LOCK})")
    # A migration that cannot have its lock gives up; it must not queue readers behind it.
    connection.exec_driver_sql("SET lock_timeout = '3s'")
    connection.exec_driver_sql("SET statement_timeout = '15min'")
    connection.commit()
    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        include_object=include,
        compare_server_default=True,
        transaction_per_migration=True,
        process_revision_directives=number,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
