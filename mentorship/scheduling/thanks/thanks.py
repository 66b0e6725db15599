"""Thanking a mentor for a meeting: within two days it is a habit, and later still a kindness."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Row, bindparam, exists, func, select
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.orm import aliased

from mentorship.audit import trail
from mentorship.foundation import scope
from mentorship.foundation.database import db
from mentorship.foundation.errors import Refusal
from mentorship.relationships.models import UNDER_WAY, ActionItem, Pairing
from mentorship.scheduling.models import AgendaItem, ItemKind, Meeting, MeetingState
from mentorship.scheduling.thanks.models import LONGEST, Thanks, ThanksDeed
from mentorship.tenancy import roles
from mentorship.tenancy.members import Member
from mentorship.tenancy.roles import Permission
from mentorship.vocabulary.kinds import Kind
from mentorship.web.filters import day

#: Within how long after a meeting thanks are due. Source: mentoring guides for the field.
DUE = timedelta(hours=48)
#: How much of what was talked about a line takes up, in characters.
TASTE = 160

_PAIRING = select(Pairing.state, Pairing.kind).where(Pairing.id == bindparam("pairing_id"))
_mine = aliased(ActionItem)
#: What the mentee took on, or else what both had on the agenda, or else what it was asked for.
#: Nothing private, and of no other mentor's meeting.
_TALKS = (
    select(
        Meeting.id,
        Meeting.pairing_id,
        Meeting.starts_at,
        Meeting.purpose,
        Pairing.kind,
        select(_mine.what)
        .where(
            _mine.meeting_id == Meeting.id,
            _mine.owner_id == Meeting.mentee_id,
            _mine.dropped_at.is_(None),
        )
        .order_by(_mine.done_at.desc().nulls_last(), _mine.created_at, _mine.id)
        .limit(1)
        .correlate(Meeting)
        .scalar_subquery()
        .label("took_on"),
        select(AgendaItem.what)
        .where(
            AgendaItem.meeting_id == Meeting.id,
            AgendaItem.kind.in_((ItemKind.QUESTION, ItemKind.TOPIC)),
        )
        .order_by(AgendaItem.position, AgendaItem.id)
        .limit(1)
        .correlate(Meeting)
        .scalar_subquery()
        .label("topic"),
    )
    .join(Pairing, Pairing.id == Meeting.pairing_id)
    .where(Meeting.state == MeetingState.HELD, Meeting.mentee_id == bindparam("member_id"))
)
_OF_ONE = _TALKS.where(Meeting.id == bindparam("meeting_id")).add_columns(
    exists(select(Thanks.meeting_id).where(Thanks.meeting_id == Meeting.id)).label("said")
)
_LAST_OF_EACH = (
    _TALKS.where(Meeting.pairing_id == func.any(bindparam("pairing_ids")))
    .ext(distinct_on(Meeting.pairing_id))
    .order_by(Meeting.pairing_id, Meeting.starts_at.desc())
)


class Beginning(NamedTuple):
    """What the page of thanks begins with."""

    words: str
    said: bool
    """Whether thanks were said for the meeting."""


class NotSaid(Refusal):
    sentence = f"Say what you are thankful for, in 1 to {LONGEST} characters."


class NotHeld(Refusal):
    sentence = "Say first that you have met. Then there is something to say thanks for."


class NotUnderWay(Refusal):
    sentence = "This pairing is over, so nothing more is sent between the two of you here."


class SaidAlready(Refusal):
    sentence = "You have said thanks for this meeting already. Once is enough."


def say(meeting: Meeting, *, words: str, by: Member, now: datetime) -> None:
    """Thank the mentor of a meeting, by mail and on the line of the pairing. Once each.

    :raises NotYours: `by` is not its mentee.
    :raises NotHeld: the two have not met, or nobody has said so.
    :raises NotUnderWay: the pairing is over.
    :raises NotSaid: there is no text, or too much.
    :raises SaidAlready: it was said.
    """
    roles.insist(Permission.THANKS_SAY, meeting, by=by)
    roles.insist_on_state(Permission.THANKS_SAY, meeting, NotHeld)
    state = db.session.execute(_PAIRING, {"pairing_id": meeting.pairing_id}).one().state
    if state not in UNDER_WAY:
        raise NotUnderWay
    if not 1 <= len(words.strip()) <= LONGEST:
        raise NotSaid
    row = {
        "chapter_id": scope.here(),
        "meeting_id": meeting.id,
        "pairing_id": meeting.pairing_id,
        "words": words.strip(),
        "at": now,
    }
    new = insert(Thanks).values(row).on_conflict_do_nothing().returning(Thanks.meeting_id)
    if db.session.execute(new).first() is None:
        raise SaidAlready
    trail.record(ThanksDeed.SENT, meeting, by=by, now=now)


def beginning(meeting_id: UUID, *, member: Member) -> Beginning:
    """What thanks begin with: words that name something from the meeting itself."""
    facts = {"meeting_id": meeting_id, "member_id": member.id}
    row = db.session.execute(_OF_ONE, facts).first()
    return Beginning(_first_words(row), row is not None and row.said)


def callbacks(pairing_ids: Iterable[UUID], *, member: Member) -> Mapping[UUID, str]:
    """For each pairing a line about its last talk, for an update to begin with.

    Of wellness mentoring it says no more than when that was: mail is read over shoulders.
    """
    facts = {"pairing_ids": list(pairing_ids), "member_id": member.id}
    return {
        row.pairing_id: _callback(row, member) for row in db.session.execute(_LAST_OF_EACH, facts)
    }


def _first_words(row: Row | None) -> str:
    if row is None or row.kind == Kind.WELLNESS:
        return "Thank you for our talk. It helped."
    if row.took_on:
        return f"Thank you for our talk. What I take from it first: {_taste(row.took_on)}"
    about = row.topic or row.purpose
    return f"Thank you for our talk. What you said about this helped me: {_taste(about)}"


def _callback(row: Row, member: Member) -> str:
    on = day(row.starts_at, member.zone)
    took_on, about = row.took_on, row.topic or row.purpose
    if row.kind == Kind.WELLNESS:
        return f"Thank you again for our talk on {on}."
    if took_on:
        return f"When we talked on {on}, I took this on: {_taste(took_on)}"
    return f"When we talked on {on}, it was about this: {_taste(about)}"


def _taste(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= TASTE else text[: TASTE - 1].rsplit(" ", 1)[0] + "…"
