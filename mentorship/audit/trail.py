"""The trail: what happened, written in the same transaction as the change itself."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import insert

from mentorship.audit.models import AuditEvent
from mentorship.foundation import scope
from mentorship.foundation.database import db, uuid7
from mentorship.foundation.queue import defer, defer_each


class Actor(Protocol):
    """Whoever acts in a chapter: a member."""

    @property
    def id(self) -> UUID: ...


class Subject(Protocol):
    @property
    def id(self) -> UUID: ...


def record(
    deed: StrEnum, subject: Subject, *, by: Actor | None, now: datetime, **facts: Any
) -> AuditEvent:
    """Note that `by` did `deed` to `subject`, and have whoever should know told of it.

    The telling is a job in this same transaction, so that mail goes out if and only if the
    deed was done. `by` is None for what time alone has done.
    """
    event = AuditEvent(
        deed=deed,
        at=now,
        by_id=by.id if by else None,
        subject_id=subject.id,
        facts={name: _plain(fact) for name, fact in facts.items()},
    )
    db.session.add(event)
    db.session.flush()
    # The lock has the deeds of one subject told in their order.
    chapter_id, event_id = str(scope.here()), str(event.id)
    defer("tell", lock=f"tell {subject.id}", chapter_id=chapter_id, event_id=event_id)
    return event


def record_each(
    deed: StrEnum,
    subjects: Mapping[UUID, Mapping[str, Any]],
    *,
    by: Actor | None,
    now: datetime,
) -> None:
    """Note one deed of many subjects, by their ids and each with its facts, as `record` does."""
    rows = [
        {
            "chapter_id": scope.here(),
            "id": uuid7(),
            "deed": deed,
            "at": now,
            "by_id": by.id if by else None,
            "subject_id": subject_id,
            "facts": {name: _plain(fact) for name, fact in facts.items()},
        }
        for subject_id, facts in subjects.items()
    ]
    db.session.execute(insert(AuditEvent), rows)
    here = str(scope.here())
    defer_each("tell", [{"chapter_id": here, "event_id": str(row["id"])} for row in rows])


def _plain(fact: Any) -> Any:
    if isinstance(fact, datetime):
        return fact.isoformat()
    if isinstance(fact, UUID):
        return str(fact)
    return fact
