"""Questions about runs and what they propose."""

from uuid import UUID


def told_by_run(run_id: UUID) -> dict:
    return {}
