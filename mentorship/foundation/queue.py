"""Work for later, put into the caller's own transaction: it exists if its cause was committed.

The tasks themselves stand in `jobs/tasks.py`; a verb knows only their names.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from procrastinate import App, SyncPsycopgConnector
from procrastinate.jobs import JobDeferrer
from procrastinate.manager import JobManager
from procrastinate.types import JSONDict
from sqlalchemy import Text, cast, column, delete, or_, table
from sqlalchemy.dialects.postgresql import JSONB

from mentorship.foundation.database import db

#: Never opened for deferring: every job travels on the session's connection.
tasks = App(connector=SyncPsycopgConnector())
_jobs = table("procrastinate_jobs", column("status"), column("args", JSONB))
_by_the_session = JobManager(SyncPsycopgConnector())


def defer(task: str, *, at: datetime | None = None, lock: str | None = None, **facts: str) -> None:
    """Have the worker do `task` once this transaction is committed, or at an instant after.

    `facts` are ids and words only, since they are stored as JSON. Two jobs with the same
    `lock` never run at the same time.
    """
    _deferrer(task, schedule_at=at, lock=lock).defer(**facts)


def defer_each(task: str, jobs: Sequence[Mapping[str, str]]) -> None:
    """Have the worker do `task` for each of these facts, once this transaction is committed."""
    each: list[JSONDict] = [{**facts} for facts in jobs]
    _deferrer(task).batch_defer(*each)


def forget(**facts: str) -> None:
    """Drop every job that holds one of these facts, done or not, but for those under way."""
    held = or_(*(_jobs.c.args[name].astext == value for name, value in facts.items()))
    db.session.execute(delete(_jobs).where(cast(_jobs.c.status, Text) != "doing", held))


def _deferrer(task: str, **options: Any) -> JobDeferrer:
    db.session.flush()
    connection = db.session.connection().connection.driver_connection
    deferrer = tasks.configure_task(task, connection=connection, **options)
    # While a worker runs, the tasks have its asynchronous connector, which cannot use the session's
    # connection; what a job defers goes the same way as everything else.
    deferrer.job_manager = _by_the_session
    return deferrer
