"""The shape of what is told: a name, to whom, and the facts that its words need."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from mentorship.audit.models import AuditEvent
from mentorship.foundation.settings import Settings
from mentorship.tenancy.members import Member

Invitation = tuple[bytes, str]


@dataclass(frozen=True)
class Facts:
    """What the templates of one mail are given, and the calendar object that travels with it."""

    words: dict[str, Any] = field(default_factory=dict)
    invitation: Invitation | None = None
    reply_to: str = ""
    organizer: str = ""
    from_name: str = ""
    """As whom it comes, where a person wrote it; otherwise it comes from the chapter."""


Gather = Callable[[AuditEvent, Member, Settings], Facts | None]


@dataclass(frozen=True)
class Telling:
    """What is said of one deed.

    `name` is that of its templates in `templates/mail/`, `to` says who is told, and `facts`
    gathers what one reader is to know: None when it has been overtaken and nothing is sent.
    """

    name: str
    to: Callable[[AuditEvent], Sequence[UUID]]
    facts: Gather
