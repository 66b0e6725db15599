"""What can be done with a matching run."""

from datetime import datetime
from uuid import UUID


def work(run_id: UUID, *, draft: int, now: datetime) -> None: ...
