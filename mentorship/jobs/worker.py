"""The worker: does the queue's work until it is told to stop, and finishes what it began."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from flask import Flask
from procrastinate import App, JobContext, PsycopgConnector
from procrastinate.worker import Worker

from mentorship.foundation.database import as_role, psycopg_dsn
from mentorship.foundation.queue import tasks
from mentorship.foundation.schema import ROLE
from mentorship.foundation.settings import Settings
from mentorship.jobs import running
from mentorship.jobs import tasks as _known  # noqa: F401  they are known once they are imported
from mentorship.jobs.rescue import SILENT, log, rescue_from

#: Jobs at once in one worker. Each holds a database connection while it works.
AT_ONCE = 4
#: Seconds a job may take to finish after the worker was told to stop.
GRACE = 20


def work(app: Flask, settings: Settings, *, once: bool = False) -> None:
    """Do jobs as they come, or (`once`) those that are due and what follows from them.

    First of all it takes up what a worker that died has left. SIGTERM and SIGINT stop it: no
    new job is begun, and those under way are finished.
    """
    running.use(app)
    connector = PsycopgConnector(
        conninfo=psycopg_dsn(as_role(settings.database_url, ROLE)), min_size=1, max_size=AT_ONCE + 2
    )
    with tasks.replace_connector(connector) as live:
        asyncio.run(_work_once(live) if once else _work(live))


async def _work(live: App) -> None:
    async with live.open_async():
        await rescue_from(live.job_manager)
        await live.run_worker_async(**_MANNERS, fetch_job_polling_interval=2)


async def _work_once(live: App) -> None:
    async with live.open_async():
        await rescue_from(live.job_manager)
        done: list[int] = []
        while True:
            before = len(done)
            await live.run_worker_async(
                **_MANNERS,
                wait=False,
                listen_notify=False,
                install_signal_handlers=False,
                additional_context={"done": done},
            )
            # The last jobs may have caused others, after it had looked for the last time.
            if len(done) == before:
                return


async def _tell(do: Callable[[], Awaitable[Any]], context: JobContext, _worker: Worker) -> Any:
    """One log line a job. The library's own hold the job's facts, and those are people's."""
    job, began = context.job, time.perf_counter()
    context.additional_context.get("done", []).append(job.id)
    facts: dict[str, Any] = {"task": job.task_name, "job": job.id, "attempt": job.attempts + 1}
    try:
        result = await do()
    except Exception as error:
        again = context.task.get_retry_exception(exception=error, job=job)
        if again is None:
            log.error("job given up", extra=facts, exc_info=error)
        else:
            facts |= {"again_at": again.retry_decision.retry_at, "why": type(error).__name__}
            log.warning("job to be tried again", extra=facts)
        raise
    log.info("job", extra=facts | {"ms": round((time.perf_counter() - began) * 1000, 1)})
    return result


_MANNERS: dict[str, Any] = {
    "concurrency": AT_ONCE,
    "shutdown_graceful_timeout": GRACE,
    "stalled_worker_timeout": SILENT,
    "delete_jobs": "successful",
    "worker_middleware": [_tell],
}
