"""An agenda on its way: when it goes ahead by mail to both, and what the mentee sends along."""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, exists, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from mentorship.audit import trail
from mentorship.audit.models import AuditEvent
from mentorship.foundation import scope
from mentorship.foundation.database import db
from mentorship.foundation.errors import Refusal
from mentorship.scheduling import notes
from mentorship.scheduling.models import (
    AgendaItem,
    AgendaSending,
    Meeting,
    MeetingDeed,
    MeetingState,
)
from mentorship.tenancy import roles
from mentorship.tenancy.members import Member
from mentorship.tenancy.roles import Permission

#: How long before the meeting it goes, unless they choose otherwise, and what they choose among.
HOURS = 24
CHOICES = (2, 12, 24, 48, 72)
#: The longest text that goes along, in characters.
LONGEST = 5_000
#: An agenda that somebody is still writing waits until it has been left alone for so long.
LEFT_ALONE = timedelta(minutes=15)

_SENDING = select(AgendaSending.hours_before, AgendaSending.along, AgendaSending.sent_for).where(
    AgendaSending.meeting_id == bindparam("meeting_id")
)
_hours = func.coalesce(AgendaSending.hours_before, HOURS)
_DUE = (
    select(Meeting.id)
    .outerjoin(AgendaSending, AgendaSending.meeting_id == Meeting.id)
    .where(
        Meeting.state == MeetingState.ACCEPTED,
        Meeting.starts_at > bindparam("now"),
        Meeting.starts_at - func.make_interval(0, 0, 0, 0, _hours) <= bindparam("now"),
        # No row is the usual time; a row without hours is a no.
        or_(AgendaSending.meeting_id.is_(None), AgendaSending.hours_before.is_not(None)),
        AgendaSending.sent_for.is_distinct_from(Meeting.starts_at),
        exists().where(AgendaItem.meeting_id == Meeting.id),
        ~exists().where(
            AuditEvent.subject_id == Meeting.id,
            AuditEvent.deed == MeetingDeed.AGENDA_CHANGED,
            AuditEvent.at > bindparam("left_alone"),
        ),
    )
    .order_by(Meeting.starts_at)
)


class NotThen(Refusal):
    sentence = "Choose one of the times that are offered."


class TooMuchAlong(Refusal):
    sentence = f"Keep what you send along within {LONGEST:,} characters."


class MenteesOwn(Refusal):
    sentence = "What goes along is the mentee’s to choose."


class Over(Refusal):
    sentence = "There is nothing to send anymore: this meeting is over, or will not take place."


class Sending(NamedTuple):
    """How an agenda goes ahead."""

    hours_before: int | None = HOURS
    along: str = ""
    sent_for: datetime | None = None


def of(meeting_id: UUID) -> Sending:
    """How this meeting's agenda goes ahead."""
    row = db.session.execute(_SENDING, {"meeting_id": meeting_id}).one_or_none()
    return Sending(*row) if row else Sending()


def plan(
    *,
    meeting: Meeting,
    hours_before: int | None,
    along: str | None,
    by: Member,
    now: datetime,
    anyway: bool = False,
) -> None:
    """Say when the agenda goes ahead, if at all, and what goes along with it.

    Either of the two says when. What goes along is the mentee's alone: None leaves it as it is.

    :raises NotYours: `by` is not one of the two.
    :raises NotThen, TooMuchAlong, MenteesOwn: it cannot go so.
    :raises Over: the meeting is over, or was called off.
    :raises notes.AboutAPatient: what goes along looks like a patient's, and it is not `anyway`.
    :raises notes.NoContact: one of the two has blocked the other.
    """
    if hours_before is not None and hours_before not in CHOICES:
        raise NotThen
    notes.take(meeting, Permission.AGENDA_WRITE, by=by)
    roles.insist_on_state(Permission.AGENDA_WRITE, meeting, Over)
    notes.insist_on_contact(meeting)
    before = of(meeting.id)
    along = before.along if along is None else along.replace("\r\n", "\n").strip()
    if along != before.along and by.id != meeting.mentee_id:
        raise MenteesOwn
    if len(along) > LONGEST:
        raise TooMuchAlong
    if before[:2] == (hours_before, along):
        return
    notes.insist_on_no_patient(along, before=before.along, anyway=anyway)
    _keep(meeting.id, hours_before=hours_before, along=along)
    trail.record(MeetingDeed.AGENDA_PLANNED, meeting, by=by, now=now, hours_before=hours_before)


def send_due(*, now: datetime) -> int:
    """Have every agenda of this chapter told whose time has come. Says how many.

    Each once for the time at which its meeting begins: one that has moved goes again.
    """
    facts = {"now": now, "left_alone": now - LEFT_ALONE}
    due = db.session.scalars(_DUE.with_for_update(of=Meeting, skip_locked=True), facts)
    meetings = select(Meeting).where(Meeting.id.in_(due.all()))
    sent = 0
    for meeting in db.session.scalars(meetings):
        # Another worker may have been first since these were found.
        if _keep(meeting.id, sent_for=meeting.starts_at):
            starts_at = meeting.starts_at
            trail.record(MeetingDeed.AGENDA_SENT, meeting, by=None, now=now, starts_at=starts_at)
            sent += 1
    return sent


def _keep(meeting_id: UUID, **values: object) -> bool:
    """Write these down. Says whether anything is new in them."""
    first = {"hours_before": HOURS, **values}
    row = insert(AgendaSending).values(chapter_id=scope.here(), meeting_id=meeting_id, **first)
    columns = AgendaSending.__table__.columns
    kept = row.on_conflict_do_update(
        index_elements=["chapter_id", "meeting_id"],
        set_=values,
        where=or_(*(columns[name].is_distinct_from(value) for name, value in values.items())),
    )
    return db.session.execute(kept.returning(AgendaSending.meeting_id)).first() is not None
