"""What can be done with a meeting."""

from datetime import datetime
from uuid import UUID


def remind(meeting_id: UUID, *, now: datetime) -> None: ...


def lapse(meeting_id: UUID, *, now: datetime) -> None: ...
