"""Finding what is due in a chapter, and putting each into its reader's next mail, once."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, func, select
from sqlalchemy.dialects.postgresql import insert

from mentorship.accounts.models import User
from mentorship.foundation import scope
from mentorship.foundation.database import db, uuid7
from mentorship.foundation.queue import defer_each
from mentorship.notifications.nudges import pace
from mentorship.notifications.nudges.choices import Choices
from mentorship.notifications.nudges.kind import Due, NudgeKind
from mentorship.notifications.nudges.models import (
    MailChoices,
    MailState,
    Nudge,
    NudgeMail,
    NudgeState,
)
from mentorship.notifications.nudges.registry import KINDS
from mentorship.tenancy import queries

#: Mails that lie further back than this cannot be too close to the next one.
LATELY = timedelta(days=3)

_BEFORE = select(Nudge.subject_id, Nudge.since, Nudge.member_id, Nudge.settled_at).where(
    Nudge.kind == bindparam("kind"), Nudge.subject_id == func.any(bindparam("subject_ids"))
)
_READERS = (
    select(
        User.id,
        User.zone,
        MailChoices.none,
        MailChoices.off,
        MailChoices.quiet_begins,
        MailChoices.quiet_ends,
        select(func.array_agg(NudgeMail.sent_at))
        .where(NudgeMail.user_id == User.id, NudgeMail.sent_at > bindparam("lately"))
        .scalar_subquery()
        .label("sent"),
    )
    .outerjoin(MailChoices, MailChoices.user_id == User.id)
    .where(User.id == func.any(bindparam("user_ids")))
)
# In the order of the people, so that two chapters who share some cannot block each other.
_OPEN = (
    select(NudgeMail.user_id, NudgeMail.id)
    .where(NudgeMail.user_id == func.any(bindparam("user_ids")), NudgeMail.state == MailState.OPEN)
    .order_by(NudgeMail.user_id)
    .with_for_update()
)


class Reader(NamedTuple):
    """What has to be known of a person before they are nudged."""

    zone: str
    choices: Choices
    sent: list[datetime]
    """Their latest mails of nudges."""

    def next_moment(self, now: datetime) -> datetime:
        return pace.moment(now, zone=self.zone, quiet=self.choices.quiet, sent=self.sent)


class Occasion(NamedTuple):
    """What of, since when and to whom: a nudge of it has a number."""

    subject_id: UUID
    since: date
    member_id: UUID


def begin_round() -> None:
    """Have every chapter looked through."""
    ids = queries.chapter_ids()
    if ids:
        defer_each("find_nudges", [{"chapter_id": str(chapter_id)} for chapter_id in ids])


def find(*, now: datetime) -> int:
    """Write what is due in the chapter that was entered, each for its reader's next mail.

    Found again, by whichever worker, nothing changes. Says how many nudges are new.
    """
    found = [(kind, due) for kind in KINDS.values() for due in kind.find(now=now)]
    readers = readers_of({due.user_id for _, due in found}, now=now)
    ready = [
        (kind, due, number)
        for kind, due, number in _numbered(found, now=now)
        if readers[due.user_id].choices.want(kind.name)
    ]
    return write(ready, readers, now=now)


def write(
    ready: list[tuple[NudgeKind, Due, int]], readers: Mapping[UUID, Reader], *, now: datetime
) -> int:
    """Put these, each with its number, into their readers' next mails. Says how many are new."""
    mails = open_mails({due.user_id: readers[due.user_id] for _, due, _ in ready}, now=now)
    rows = [
        {
            "chapter_id": scope.here(),
            "id": uuid7(),
            "kind": kind.name,
            "subject_id": due.subject_id,
            "since": due.since,
            "member_id": due.member_id,
            "number": number,
            "mail_id": mails[due.user_id],
            "state": NudgeState.WAITING,
            "said": "",
            "found_at": now,
        }
        for kind, due, number in ready
        # A mail that was closed in this very moment takes no more: what it missed is found again.
        if due.user_id in mails
    ]
    if not rows:
        return 0
    new = insert(Nudge).on_conflict_do_nothing().returning(Nudge.id)
    return len(db.session.execute(new, rows).all())


def readers_of(user_ids: Iterable[UUID], *, now: datetime) -> dict[UUID, Reader]:
    """What has to be known of these people."""
    facts = {"user_ids": list(user_ids), "lately": now - LATELY}
    return {
        row.id: Reader(row.zone, Choices.of(row), row.sent or [])
        for row in db.session.execute(_READERS, facts)
    }


def _numbered(
    found: list[tuple[NudgeKind, Due]], *, now: datetime
) -> Iterable[tuple[NudgeKind, Due, int]]:
    """Those of which another may be sent, with its number."""
    sent_before = {
        kind: before(kind, [due.subject_id for of, due in found if of == kind])
        for kind in {kind for kind, _ in found}
    }
    for kind, due in found:
        settled = sent_before[kind].get(Occasion(due.subject_id, due.since, due.member_id), [])
        number = pace.number(settled, times=kind.times, pause=kind.pause, now=now)
        if number is not None:
            yield kind, due, number


def before(kind: NudgeKind, subject_ids: list[UUID]) -> Mapping[Occasion, list[datetime | None]]:
    """When each nudge of a kind about these was sent or dropped: nothing, as long as it waits."""
    facts: dict[str, Any] = {"kind": kind.name, "subject_ids": subject_ids}
    settled = defaultdict(list)
    for row in db.session.execute(_BEFORE, facts):
        settled[Occasion(row.subject_id, row.since, row.member_id)].append(row.settled_at)
    return settled


def open_mails(readers: Mapping[UUID, Reader], *, now: datetime) -> dict[UUID, UUID]:
    """The open mail of each person, made where there was none, and kept from being closed."""
    if not readers:
        return {}
    rows = [
        {
            "user_id": user_id,
            "id": uuid7(),
            "state": MailState.OPEN,
            "problem": "",
            "next_at": readers[user_id].next_moment(now),
        }
        for user_id in sorted(readers)
    ]
    db.session.execute(insert(NudgeMail).on_conflict_do_nothing(), rows)
    found = db.session.execute(_OPEN, {"user_ids": list(readers)})
    return {row.user_id: row.id for row in found}
