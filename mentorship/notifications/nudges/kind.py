"""What a kind of nudge is made of."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from mentorship.foundation.settings import Settings
from mentorship.tenancy.members import Member


@dataclass(frozen=True)
class Due:
    """That one member may be reminded of one thing, from an instant until another."""

    member_id: UUID
    user_id: UUID
    subject_id: UUID
    """What it is about: a pairing, a meeting, an action item."""
    since: date
    """Which occasion of the subject: the last contact, say. A new one is counted anew."""
    due_at: datetime
    lapses_at: datetime
    facts: Any
    """What the words are made of."""


@dataclass(frozen=True)
class Answer:
    """One answer that can be given from the mail itself."""

    label: str
    href: str


@dataclass(frozen=True)
class Said:
    """One nudge in words. The subject stands alone; the mail's own subject shows only that."""

    subject: str
    line: str
    action: str
    """What its link does: Write the agenda."""
    href: str
    answers: tuple[Answer, ...] = ()
    """Answers that need no sign-in, offered before the action."""


class Page(Protocol):
    """The whole address of one of the chapter's pages: `page('scheduling.inbox')`."""

    def __call__(self, endpoint: str, **values: object) -> str: ...


class Find(Protocol):
    """What is due at `now` in the entered chapter: to everybody, or to one member."""

    def __call__(self, *, now: datetime, member_id: UUID | None = None) -> Iterable[Due]: ...


@dataclass(frozen=True)
class NudgeKind:
    """One kind of nudge."""

    name: str
    label: str
    """What it reminds of, as its check box says it."""
    why: str
    """Why somebody got it, in a sentence."""
    find: Find
    say: Callable[[Due, Member, Page, Settings], Said]
    times: int = 2
    """How often for one occasion."""
    pause: timedelta = timedelta(days=7)
    """The least time between two for one occasion."""
