"""Which nudges a person wants, and when: what is known of it, and what can be done with it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert

from mentorship.audit import trail
from mentorship.foundation.database import db
from mentorship.foundation.errors import Refusal
from mentorship.notifications.nudges.models import MailChoices, MailDeed
from mentorship.notifications.nudges.pace import Quiet
from mentorship.tenancy.members import Member

_MINE = select(
    MailChoices.none, MailChoices.off, MailChoices.quiet_begins, MailChoices.quiet_ends
).where(MailChoices.user_id == bindparam("user_id"))


class NoSuchKind(Refusal):
    sentence = "Choose from the reminders that are listed."


class NoSuchHour(Refusal):
    sentence = "Choose full hours of the day for the quiet time."


@dataclass(frozen=True)
class Choices:
    """What a person wants; without a word from them, every kind, outside the night."""

    none: bool = False
    off: frozenset[str] = frozenset()
    quiet: Quiet = field(default_factory=Quiet)

    @classmethod
    def of(cls, row: Any) -> "Choices":
        """From a row with the columns of one, all empty where nothing was chosen."""
        if row is None or row.none is None:
            return cls()
        return cls(row.none, frozenset(row.off), Quiet(row.quiet_begins, row.quiet_ends))

    def want(self, kind: str) -> bool:
        return not self.none and kind not in self.off


def mine(user_id: UUID) -> Choices:
    """What this person has chosen."""
    return Choices.of(db.session.execute(_MINE, {"user_id": user_id}).one_or_none())


def choose(
    *, wanted: Iterable[str], listed: Iterable[str], quiet: Quiet, by: Member, now: datetime
) -> None:
    """Want these of the kinds that were listed, and none at all when none is wanted.

    :raises NoSuchKind: something else is wanted.
    :raises NoSuchHour: a quiet hour is not one of a day.
    """
    wanted, listed = set(wanted), set(listed)
    if not wanted <= listed:
        raise NoSuchKind
    if not {quiet.begins, quiet.ends} <= set(range(24)):
        raise NoSuchHour
    off = (mine(by.user_id).off - listed) | (listed - wanted)
    _keep(by.user_id, Choices(not wanted, frozenset(off), quiet), now=now)
    trail.record(MailDeed.CHOSEN, by, by=by, now=now, off=sorted(off))


def stop(*, kind: str | None, by: Member, now: datetime) -> None:
    """Want no more of a kind, or of any kind there is or will be. Twice changes nothing."""
    before = mine(by.user_id)
    after = Choices(
        before.none or kind is None, before.off | ({kind} if kind else set()), before.quiet
    )
    if after != before:
        _keep(by.user_id, after, now=now)
        trail.record(MailDeed.STOPPED, by, by=by, now=now, kind=kind or "")


def _keep(user_id: UUID, choices: Choices, *, now: datetime) -> None:
    values = {
        "none": choices.none,
        "off": sorted(choices.off),
        "quiet_begins": choices.quiet.begins,
        "quiet_ends": choices.quiet.ends,
        "changed_at": now,
    }
    db.session.execute(
        insert(MailChoices)
        .values(user_id=user_id, **values)
        .on_conflict_do_update(index_elements=["user_id"], set_=values)
    )
