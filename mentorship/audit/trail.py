"""The trail: what happened, written in the same transaction as the change, and what was seen.

A deed is kept if and only if the change is. A look changes nothing, so it is written when the
answer is known: see `foundation/afterwards.py`.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Any, Protocol, cast
from uuid import UUID

from sqlalchemy import Table, bindparam, insert, select

from mentorship.audit.models import AuditEvent
from mentorship.foundation import afterwards, origin, scope
from mentorship.foundation.database import db, uuid7
from mentorship.foundation.queue import defer, defer_each

#: Whoever looks again within this time is not noted again: a page may reload itself.
SAME_LOOK = timedelta(minutes=15)
#: What a subject calls the members whose affair it is.
_WHOSE = ("mentee_id", "mentor_id", "member_id", "owner_id", "student_id")


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
        facts={name: plain(fact) for name, fact in facts.items()},
        about=_about(subject),
        **_from_where(),
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
    about: Mapping[UUID, Sequence[UUID]] | None = None,
    told: bool = True,
) -> None:
    """Note one deed of many subjects, by their ids and each with its facts, as `record` does.

    `told` is no for a deed that is silent anyway, where a job for each would be many.
    """
    whose = about or {}
    rows = [
        {
            "chapter_id": scope.here(),
            "id": uuid7(),
            "deed": deed,
            "at": now,
            "by_id": by.id if by else None,
            "subject_id": subject_id,
            "facts": {name: plain(fact) for name, fact in facts.items()},
            "about": [*whose.get(subject_id, ())],
            **_from_where(),
        }
        for subject_id, facts in subjects.items()
    ]
    db.session.execute(insert(AuditEvent), rows)
    if not told:
        return
    here = str(scope.here())
    defer_each("tell", [{"chapter_id": here, "event_id": str(row["id"])} for row in rows])


def saw(
    what: StrEnum,
    subject_id: UUID,
    *,
    by: Actor,
    now: datetime,
    about: Iterable[UUID] = (),
    **facts: Any,
) -> None:
    """Note that `by` was shown what is not theirs, when the page is on its way to them.

    `about` are the members whose affair it is; nobody's look at what is their own is noted, nor a
    second one within a quarter of an hour.
    """
    whose = [*about]
    if whose == [by.id]:
        return
    look = {
        "chapter_id": scope.here(),
        "id": uuid7(),
        "deed": what,
        "at": now,
        "by_id": by.id,
        "subject_id": subject_id,
        "about": whose,
        "facts": {name: plain(fact) for name, fact in facts.items()},
        "since": now - SAME_LOOK,
        **_from_where(),
    }
    afterwards.note(partial(db.session.execute, _LOOK, look))


def _about(subject: Subject) -> list[UUID]:
    found = (getattr(subject, name, None) for name in _WHOSE)
    return [whose for whose in found if isinstance(whose, UUID)]


def _from_where() -> dict[str, Any]:
    here = origin.here()
    return {"through": here.through, "network": here.network, "session_id": here.session_id}


_WHERE = ("through", "network", "session_id")
_TABLE = cast(Table, AuditEvent.__table__)  # as always for a class of records
_BEFORE = select(AuditEvent.id).where(
    AuditEvent.subject_id == bindparam("subject_id"),
    AuditEvent.by_id == bindparam("by_id"),
    AuditEvent.deed == bindparam("deed"),
    AuditEvent.at > bindparam("since"),
)
_LOOKED = ("chapter_id", "id", "deed", "at", "by_id", "subject_id", "about", *_WHERE, "facts")
_LOOK = insert(_TABLE).from_select(
    _LOOKED,
    select(*(bindparam(name, type_=_TABLE.c[name].type) for name in _LOOKED)).where(
        ~_BEFORE.exists()
    ),
)


def plain(fact: Any) -> Any:
    """A fact as JSON holds it."""
    if isinstance(fact, datetime):
        return fact.isoformat()
    return str(fact) if isinstance(fact, UUID) else fact
