"""What is told of group sessions. Each invitation names its reader, and nobody else who comes."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select

from mentorship.audit.models import AuditEvent
from mentorship.foundation import clock
from mentorship.foundation.database import db
from mentorship.foundation.settings import Settings
from mentorship.notifications.telling import Facts, Gather, Invitation, Telling
from mentorship.scheduling import invitations
from mentorship.scheduling.groups import calendar
from mentorship.scheduling.groups.models import (
    COMING,
    GroupSeat,
    GroupSession,
    SeatDeed,
    SeatState,
    SessionState,
)
from mentorship.tenancy import queries
from mentorship.tenancy.members import Member

_SESSION = select(GroupSession).where(GroupSession.id == bindparam("session_id"))
_SEAT = (
    select(GroupSeat, GroupSession)
    .join(GroupSession, GroupSession.id == GroupSeat.session_id)
    .where(GroupSeat.id == bindparam("seat_id"))
)


def _session(event: AuditEvent) -> GroupSession:
    return db.session.scalars(_SESSION, {"session_id": event.subject_id}).one()


def _seat(event: AuditEvent) -> tuple[GroupSeat, GroupSession]:
    return db.session.execute(_SEAT, {"seat_id": event.subject_id}).one()


def _the_mentor(event: AuditEvent) -> Sequence[UUID]:
    return [_session(event).mentor_id]


def _who_asked(event: AuditEvent) -> Sequence[UUID]:
    return [_session(event).opened_by_id]


def _who_comes(event: AuditEvent) -> Sequence[UUID]:
    return [_seat(event)[0].member_id]


def _mentors(state: SessionState, *, invite: invitations.Method | None = None) -> Gather:
    """Gather what the mentor, or whoever asked, is to know while the session stands there."""

    def gather(event: AuditEvent, reader: Member, settings: Settings) -> Facts | None:
        session = _session(event)
        if session.state != state:
            return None
        if event.facts.get("changes", session.changes) != session.changes:
            return None
        words = _words(event, session, reader)
        if not invite:
            return Facts(words)
        sequence = session.sequence
        return Facts(words, _entry(session.id, sequence, session, reader, settings, invite))

    return gather


def _clash(event: AuditEvent, reader: Member, settings: Settings) -> Facts | None:
    """Gather what the mentor's calendar now lies on."""
    session = _session(event)
    as_told = datetime.fromisoformat(event.facts["starts_at"]) == session.starts_at
    if session.state != SessionState.OPEN or not as_told:
        return None
    return Facts({"held": session, "title": session.title})


def _students(*states: SeatState, invite: invitations.Method | None) -> Gather:
    """Gather what a student is to know, while the seat stands there.

    Who only waited for a seat has nothing in the calendar, and knows when they left the line.
    """

    def gather(event: AuditEvent, reader: Member, settings: Settings) -> Facts | None:
        seat, session = _seat(event)
        waited = seat.seated_at is None
        if seat.state not in states or (waited and event.deed == SeatDeed.LEFT):
            return None
        if event.facts.get("changes", session.changes) != session.changes:
            return None
        words = _words(event, session, reader) | {
            "moved_up": event.deed == SeatDeed.MOVED_UP,
            "waited": waited,
            "busy": event.facts.get("busy", False),
        }
        if waited or not invite:
            return Facts(words)
        sequence = seat.sequence(session)
        return Facts(words, _entry(seat.id, sequence, session, reader, settings, invite))

    return gather


def _words(event: AuditEvent, session: GroupSession, reader: Member) -> dict:
    return {
        "session": session,
        "mentor": queries.member(session.mentor_id),
        "i_mentor": reader.id == session.mentor_id,
        "by_me": event.by_id == reader.id,
        "waited": False,
        "word": session.word,
    }


def _entry(
    id_: UUID,
    sequence: int,
    session: GroupSession,
    reader: Member,
    settings: Settings,
    method: invitations.Method,
) -> Invitation:
    entry = calendar.entry(
        id_=id_,
        session_id=session.id,
        sequence=sequence,
        title=session.title,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        place=session.place,
        changed_at=session.changed_at or session.asked_at,
        reader=(reader.email, reader.name),
        chapter=queries.card(),
        settings=settings,
    )
    return invitations.to_ics(entry, method=method, now=clock.now()), method


ASKED = Telling("session_asked", _the_mentor, _mentors(SessionState.ASKED))
OPENED = Telling("session_opened", _the_mentor, _mentors(SessionState.OPEN, invite="REQUEST"))
CHANGED = Telling("session_changed", _the_mentor, _mentors(SessionState.OPEN, invite="REQUEST"))
REMINDED = Telling("session_reminder", _the_mentor, _mentors(SessionState.OPEN))
CLASHED = Telling("time_clash", _the_mentor, _clash)
DECLINED = Telling("session_declined", _who_asked, _mentors(SessionState.DECLINED))
CALLED_OFF = Telling(
    "session_called_off", _the_mentor, _mentors(SessionState.CALLED_OFF, invite="CANCEL")
)
SEAT_TAKEN = Telling("seat_taken", _who_comes, _students(SeatState.SEATED, invite="REQUEST"))
SEAT_CHANGED = Telling("session_changed", _who_comes, _students(*COMING, invite="REQUEST"))
SEAT_REMINDED = Telling("session_reminder", _who_comes, _students(SeatState.SEATED, invite=None))
SEAT_ENDED = Telling("seat_ended", _who_comes, _students(SeatState.CALLED_OFF, invite="CANCEL"))
SEAT_LEFT = Telling("seat_left", _who_comes, _students(SeatState.LEFT, invite="CANCEL"))
SEAT_CALLED_OFF = Telling(
    "session_called_off", _who_comes, _students(SeatState.CALLED_OFF, invite="CANCEL")
)
