"""Reminding somebody because a person asks for it, by the same rules as all nudges.

Nothing here goes round them: two for one thing at most, one mail a day, outside the quiet hours,
and none to whoever turned them off. Only the pause between two is not waited for.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, func, select

from mentorship.foundation.database import db
from mentorship.foundation.errors import Refusal
from mentorship.foundation.queue import defer
from mentorship.notifications.nudges import finding
from mentorship.notifications.nudges.kind import Due
from mentorship.notifications.nudges.models import Nudge
from mentorship.notifications.nudges.registry import KINDS

#: Of one thing, one person is reminded so often and no more, whoever asks.
MOST = 2
#: The kinds that a pairing may be reminded by.
_OF_PAIRINGS = ("first_meeting", "quiet")

_SENT = (
    select(Nudge.subject_id, Nudge.since, func.max(Nudge.number).label("sent"))
    .where(Nudge.kind.in_(_OF_PAIRINGS), Nudge.subject_id == func.any(bindparam("subject_ids")))
    .group_by(Nudge.subject_id, Nudge.since)
    .order_by(Nudge.since)
)


class NothingDue(Refusal):
    sentence = "There is nothing to remind them of by mail anymore. A call helps more now."


class NotWanted(Refusal):
    sentence = "They have turned these reminders off. A call helps more now."


class Enough(Refusal):
    sentence = "Two reminders have gone out, or are on their way. A call helps more now."


class Reminders(NamedTuple):
    """How many there were of one occasion, and since when that is."""

    since: date
    sent: int


class Reminded(NamedTuple):
    """To whom a reminder goes, and when: now, or when their quiet hours or their day allow it."""

    member_id: UUID
    at: datetime


def reminded(pairing_ids: Iterable[UUID]) -> Mapping[UUID, Reminders]:
    """The latest reminders about each of these pairings, those on their way among them."""
    rows = db.session.execute(_SENT, {"subject_ids": list(pairing_ids)})
    return {row.subject_id: Reminders(row.since, row.sent) for row in rows}


def remind(pairing_id: UUID, *, now: datetime) -> list[Reminded]:
    """Remind whoever can act on what is due between two, as soon as they may be.

    :raises NothingDue: it was done meanwhile, or is too long ago.
    :raises NotWanted: they turned such reminders off.
    :raises Enough: they had two.
    """
    due = [
        (kind, one)
        for kind in (KINDS[name] for name in _OF_PAIRINGS)
        for one in kind.find(now=now)
        if one.subject_id == pairing_id
    ]
    if not due:
        raise NothingDue
    readers = finding.readers_of({one.user_id for _, one in due}, now=now)
    wanted = [(kind, one) for kind, one in due if readers[one.user_id].choices.want(kind.name)]
    if not wanted:
        raise NotWanted
    ready = []
    for kind, one in wanted:
        occasion = finding.Occasion(one.subject_id, one.since, one.member_id)
        settled = finding.before(kind, [pairing_id]).get(occasion, [])
        # One that waits has its mail already.
        if len(settled) < MOST and None not in settled:
            ready.append((kind, one, len(settled) + 1))
    if not finding.write(ready, readers, now=now):
        raise Enough
    return [_soon(one, readers[one.user_id], now=now) for _, one, _ in ready]


def _soon(due: Due, reader: finding.Reader, *, now: datetime) -> Reminded:
    at = reader.next_moment(now)
    if at <= now:
        mail_id = finding.open_mails({due.user_id: reader}, now=now)[due.user_id]
        defer("send_nudges", user_id=str(due.user_id), mail_id=str(mail_id))
    return Reminded(due.member_id, at)
