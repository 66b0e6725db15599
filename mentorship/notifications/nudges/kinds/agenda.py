"""An agenda that is empty a day before the meeting: to the mentee, who writes it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, exists, select

from mentorship.foundation.settings import Settings
from mentorship.notifications.nudges.kind import Due, NudgeKind, Page, Said
from mentorship.notifications.nudges.kinds import pairs
from mentorship.notifications.nudges.kinds.pairs import GOING, NOT_BLOCKED, mentee, mentor
from mentorship.relationships.models import Pairing
from mentorship.scheduling.models import AgendaItem, Meeting, MeetingState
from mentorship.tenancy.members import Member
from mentorship.web.filters import long_day, span, surname_title, when

AHEAD = timedelta(hours=24)
#: Later than this before the meeting, nobody has the time to write one.
LAPSES = timedelta(minutes=30)

_MEETINGS = (
    select(
        Meeting.id,
        Meeting.starts_at,
        Meeting.ends_at,
        mentee.id.label("member_id"),
        mentee.user_id,
        mentor.name.label("mentor_name"),
        exists(select(AgendaItem.id).where(AgendaItem.meeting_id == Meeting.id)).label("written"),
    )
    .join(Pairing, Pairing.id == Meeting.pairing_id)
    .join(mentee, mentee.id == Meeting.mentee_id)
    .join(mentor, mentor.id == Meeting.mentor_id)
    .where(
        Meeting.state == MeetingState.ACCEPTED,
        Meeting.starts_at > bindparam("now"),
        Meeting.starts_at <= bindparam("until"),
        Pairing.state.in_(GOING),
        mentee.left_at.is_(None),
        mentor.left_at.is_(None),
        NOT_BLOCKED,
    )
)
_OF_ONE = _MEETINGS.where(Meeting.mentee_id == bindparam("member_id"))


@dataclass(frozen=True)
class Ahead:
    """A meeting that both have agreed to."""

    id: UUID
    starts_at: datetime
    ends_at: datetime
    member_id: UUID
    """The mentee's, as is the account."""
    user_id: UUID
    mentor_name: str
    written: bool
    """Whether anything stands on its agenda, whoever wrote it."""


def due(meeting: Ahead, *, now: datetime) -> Due | None:
    """What is due of a meeting that nobody has written anything for."""
    due_at, lapses_at = meeting.starts_at - AHEAD, meeting.starts_at - LAPSES
    if meeting.written or not due_at <= now < lapses_at:
        return None
    since = meeting.starts_at.astimezone(UTC).date()
    return Due(meeting.member_id, meeting.user_id, meeting.id, since, due_at, lapses_at, meeting)


def find(*, now: datetime, member_id: UUID | None = None) -> Iterator[Due]:
    rows = pairs.rows(_MEETINGS, _OF_ONE, member_id, now=now, until=now + AHEAD)
    return filter(None, (due(Ahead(**row._mapping), now=now) for row in rows))


def say(it: Due, me: Member, page: Page, settings: Settings) -> Said:
    meeting: Ahead = it.facts
    start, end = meeting.starts_at, meeting.ends_at
    return Said(
        subject=f"The agenda for {when(start, me.zone)} is still blank",
        line=f"You meet {meeting.mentor_name} on {long_day(start, me.zone)},"
        f" {span(start, end, me.zone)}, and the agenda is blank. One question is enough;"
        f" {surname_title(meeting.mentor_name)} sees it before you meet.",
        action="Write the agenda",
        href=page("scheduling.meeting", meeting_id=meeting.id),
    )


AGENDA_NUDGE = NudgeKind(
    name="agenda",
    label="An agenda that is blank a day before a meeting",
    why="A meeting was a day away, and its agenda was blank.",
    find=find,
    say=say,
    times=1,
)
