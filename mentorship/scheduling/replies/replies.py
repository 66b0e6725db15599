"""What an answer by mail does. It goes the way of the pages: through the verbs of a meeting."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from mentorship.audit import trail
from mentorship.foundation import scope
from mentorship.foundation.database import db
from mentorship.foundation.errors import Refusal
from mentorship.scheduling import meetings, reschedules, rules
from mentorship.scheduling.models import LIVE, Meeting, MeetingState, Part
from mentorship.scheduling.replies.models import MailAnswer, ReplyDeed, Said
from mentorship.tenancy.members import Member
from mentorship.tenancy.roles import Permission


@dataclass(frozen=True)
class Reply:
    """What somebody's mail says about a meeting.

    `sequence` is that of the meeting as they saw it, where it is known, `starts_at` when it began
    then. `instead` is the time that they would rather have. `typed` tells a person's own words
    from a calendar's.
    """

    said: Said
    sequence: int | None = None
    starts_at: datetime | None = None
    instead: datetime | None = None
    stamped_at: datetime | None = None
    typed: bool = False


class Came(StrEnum):
    """What came of an answer by mail."""

    DONE = "done"
    NOTED = "noted"
    REPEATED = "repeated"
    STALE = "stale"
    OVER = "over"
    UNUSED = "unused"


class OthersAreProposed(Refusal):
    sentence = (
        "Other times are proposed for this meeting, and a yes or no by mail does not say to which."
        " Please choose on the page."
    )


class Unclear(Refusal):
    sentence = (
        "We could not tell whether your mail says yes or no. Please use the buttons on the page."
    )


def take(meeting: Meeting, reply: Reply, *, by: Member, now: datetime) -> Came:
    """Do what somebody says by mail about a meeting of theirs. The same again does nothing.

    A request is accepted or declined by it; a COUNTER proposes another time. A calendar's no to a
    meeting that is agreed calls nothing off, since one tap too many is easily done there: the other
    is told, and whoever said it is asked. Where a person's answer cannot be used, they are told.

    :raises NotYours: `by` is not one of the two.
    """
    part = meetings.take(meeting, Permission.MEETING_SEE, by=by)
    if meeting.state not in LIVE or now >= meeting.ends_at:
        return Came.OVER
    current = _is_current(meeting, reply)
    if not current and not reply.typed:
        return Came.STALE  # their calendar has, or gets, the newer invitation
    before = _last(meeting, by)
    if before is not None and before.sequence == _seen(meeting, reply):
        if (before.said, before.starts_at) == (reply.said, reply.instead):
            return Came.REPEATED
        if before.stamped_at and reply.stamped_at and reply.stamped_at < before.stamped_at:
            return Came.STALE
    _keep(meeting, reply, by=by, now=now)
    try:
        if not current:
            raise rules.Moved
        with db.session.begin_nested():  # a refusal leaves nothing behind
            return _do(meeting, reply, part, by=by, now=now)
    except Refusal as refusal:
        _record(ReplyDeed.UNUSED, meeting, by=by, now=now, why=str(refusal))
        return Came.UNUSED


def _do(meeting: Meeting, reply: Reply, part: Part, *, by: Member, now: datetime) -> Came:
    asked = meeting.state == MeetingState.REQUESTED
    if reply.typed and not asked and reschedules.is_open(meeting):
        raise OthersAreProposed
    match reply.said:
        case Said.UNCLEAR:
            raise Unclear
        case Said.COUNTERED:
            assert reply.instead is not None
            if asked:
                meetings.propose_other_time(meeting, starts_at=reply.instead, by=by, now=now)
            else:
                reschedules.propose(meeting, starts=[reply.instead], by=by, now=now)
        case Said.ACCEPTED if asked:
            meetings.accept(meeting, by=by, now=now)
        case Said.DECLINED if asked and part is Part.MENTOR:
            meetings.decline(meeting, by=by, now=now)
        case Said.DECLINED if asked:
            meetings.withdraw(meeting, by=by, now=now)
        case Said.DECLINED:
            _record(ReplyDeed.DECLINED, meeting, by=by, now=now)
        case _:
            _record(ReplyDeed.NOTED, meeting, by=by, now=now, said=reply.said)
            return Came.NOTED
    return Came.DONE


def _is_current(meeting: Meeting, reply: Reply) -> bool:
    """Whether they have seen the meeting as it is. Some calendars leave the SEQUENCE out."""
    if reply.sequence is not None:
        return reply.sequence == meeting.sequence
    return reply.starts_at is None or reply.starts_at == meeting.starts_at


def _seen(meeting: Meeting, reply: Reply) -> int:
    return meeting.sequence if reply.sequence is None else reply.sequence


def _last(meeting: Meeting, by: Member) -> MailAnswer | None:
    one = select(MailAnswer).where(
        MailAnswer.meeting_id == meeting.id, MailAnswer.member_id == by.id
    )
    return db.session.scalars(one.execution_options(populate_existing=True)).one_or_none()


def _keep(meeting: Meeting, reply: Reply, *, by: Member, now: datetime) -> None:
    said = {
        "said": reply.said,
        "sequence": _seen(meeting, reply),
        "starts_at": reply.instead,
        "stamped_at": reply.stamped_at,
        "received_at": now,
    }
    key = {"chapter_id": scope.here(), "meeting_id": meeting.id, "member_id": by.id}
    row = insert(MailAnswer).values(**key, **said)
    db.session.execute(row.on_conflict_do_update(index_elements=list(key), set_=said))


def _record(
    deed: ReplyDeed, meeting: Meeting, *, by: Member, now: datetime, **more: object
) -> None:
    trail.record(deed, meeting, by=by, now=now, sequence=meeting.sequence, **more)
