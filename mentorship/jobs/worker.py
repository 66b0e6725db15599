"""The worker: does the queue's work until it is told to stop, and finishes what it began."""

from flask import Flask
from procrastinate import PsycopgConnector

from mentorship.foundation.database import as_role, psycopg_dsn
from mentorship.foundation.queue import tasks
from mentorship.foundation.schema import ROLE
from mentorship.foundation.settings import Settings
from mentorship.jobs import tasks as known

#: Jobs at once in one worker. Each holds a database connection while it works.
AT_ONCE = 4
#: Seconds a job may take to finish after the worker was told to stop.
GRACE = 20


def work(app: Flask, settings: Settings, *, once: bool = False) -> None:
    """Do jobs as they come, or (`once`) those that are due, and return.

    SIGTERM and SIGINT stop it: no new job is begun, and those under way are finished.
    """
    known.use(app)
    connector = PsycopgConnector(
        conninfo=psycopg_dsn(as_role(settings.database_url, ROLE)), min_size=1, max_size=AT_ONCE + 2
    )
    with tasks.replace_connector(connector) as live:
        live.run_worker(
            concurrency=AT_ONCE,
            wait=not once,
            install_signal_handlers=not once,
            listen_notify=not once,
            fetch_job_polling_interval=2,
            shutdown_graceful_timeout=GRACE,
            delete_jobs="successful",
        )
