"""What becomes of jobs whose worker died."""

import logging

from procrastinate.jobs import Status
from procrastinate.manager import JobManager

#: A job of a worker that has been silent for this many seconds is given to another.
SILENT = 60
#: A job that so many workers have died of is given up: it is the job that kills them.
DEATHS = 5

log = logging.getLogger("mentorship.job")


async def rescue_from(manager: JobManager) -> None:
    """Give the jobs of workers that died to the living; they begin again from the start."""
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=SILENT):
        if job.attempts < DEATHS:
            await manager.retry_job(job)
        else:
            log.error("job given up", extra={"task": job.task_name, "job": job.id, "why": "deaths"})
            await manager.finish_job(job, status=Status.FAILED, delete_job=False)
