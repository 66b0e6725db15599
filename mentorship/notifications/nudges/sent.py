"""What a member was sent, and why: their nudges and the reminders of requests, newest first."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, literal, select, tuple_, union_all

from mentorship.foundation.database import db
from mentorship.notifications.models import Notice, NoticeState
from mentorship.notifications.nudges.models import Nudge, NudgeState
from mentorship.notifications.nudges.registry import KINDS
from mentorship.tenancy.members import Member

#: Reminders on a page.
A_PAGE = 30

#: The reminder of a request is mailed at once, as a notice, but it is a reminder all the same.
REQUEST = "meeting_reminder"
_REQUEST = ("A request that waited for your answer", "Two days had passed since you were asked.")

_nudges = select(
    Nudge.id, Nudge.kind, Nudge.said, Nudge.number, Nudge.settled_at.label("sent_at")
).where(Nudge.member_id == bindparam("member_id"), Nudge.state == NudgeState.SENT)
_notices = select(
    Notice.id,
    Notice.telling.label("kind"),
    literal(_REQUEST[0]).label("said"),
    literal(1).label("number"),
    Notice.sent_at,
).where(
    Notice.member_id == bindparam("member_id"),
    Notice.telling == REQUEST,
    Notice.state == NoticeState.SENT,
)
_sent = union_all(_nudges, _notices).subquery()
_NEWEST = select(_sent).order_by(_sent.c.sent_at.desc(), _sent.c.id.desc()).limit(A_PAGE + 1)
_OLDER = _NEWEST.where(
    tuple_(_sent.c.sent_at, _sent.c.id) < tuple_(bindparam("sent_at"), bindparam("id"))
)


@dataclass(frozen=True)
class Sent:
    """One reminder that was mailed."""

    id: UUID
    said: str
    why: str
    number: int
    """Which one of its occasion it was, counted from 1."""
    sent_at: datetime


class Before(NamedTuple):
    """The reminder that a page comes after."""

    sent_at: datetime
    id: UUID


class Page(NamedTuple):
    sent: list[Sent]
    more: Before | None
    """The last one on this page, when there are more."""


def to(member: Member, *, before: Before | None = None) -> Page:
    """What this member was sent in this chapter, from the one before `before` on. One statement."""
    facts: dict[str, object] = {"member_id": member.id}
    statement = _NEWEST
    if before is not None:
        statement, facts = _OLDER, facts | before._asdict()
    rows = db.session.execute(statement, facts).all()
    sent = [Sent(row.id, row.said, _why(row.kind), row.number, row.sent_at) for row in rows]
    shown = sent[:A_PAGE]
    more = Before(shown[-1].sent_at, shown[-1].id) if len(sent) > A_PAGE else None
    return Page(shown, more)


def _why(kind: str) -> str:
    if kind == REQUEST:
        return _REQUEST[1]
    return KINDS[kind].why if kind in KINDS else ""
