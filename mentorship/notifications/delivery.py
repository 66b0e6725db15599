"""Deeds become notices, and notices become mail, once each."""

from datetime import datetime
from uuid import UUID


def tell(event_id: UUID) -> None: ...


def send(notice_id: UUID, *, now: datetime) -> None: ...
