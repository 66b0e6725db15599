"""If no answer comes: whom a student has chosen beforehand to be asked next.

When the request is declined, or lapses, the next one goes out by itself, once: the same words, at
the free time nearest to the one that was asked for. The student is told, and may take it back.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from mentorship.accounts import users
from mentorship.audit import trail
from mentorship.foundation import scope
from mentorship.foundation.database import Model, count_touched, db
from mentorship.foundation.errors import NotYours, Refusal
from mentorship.foundation.scope import ChapterScoped, chapter_key
from mentorship.relationships.models import Pairing
from mentorship.scheduling import meetings, onward, picker, queries, rules
from mentorship.scheduling.models import AgendaItem, Meeting
from mentorship.scheduling.onward import CAME_TO_NOTHING, Next
from mentorship.tenancy import mail_links
from mentorship.tenancy.members import Member
from mentorship.tenancy.models import member_key
from mentorship.tenancy.roles import Permission
from mentorship.vocabulary.kinds import Kind


class NextDeed(StrEnum):
    CHOSEN = "next.chosen"
    DROPPED = "next.dropped"
    ASKED = "next.asked"
    """The next request went out. Its subject is the one that came to nothing."""
    NOT_ASKED = "next.not_asked"


class NextChoice(ChapterScoped, Model):
    """Whom the student of a request would ask next; settled once that was done, or failed."""

    __tablename__ = "next_choices"
    __table_args__ = (
        chapter_key("meeting_id", to="meetings"),
        member_key("mentor_id"),
        Index(None, "chapter_id", "mentor_id"),
    )

    meeting_id: Mapped[UUID] = mapped_column(primary_key=True)
    mentor_id: Mapped[UUID]
    chosen_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]


class NotAmongThem(Refusal):
    sentence = "Choose somebody from the list. They take this kind, and have a place."


class NoFreeTime(Refusal):
    sentence = "No time of theirs is free in the weeks ahead."


def candidates(meeting: Meeting, *, now: datetime) -> Sequence[Next]:
    """Whom the student may choose: their other mentors first, then who has a place and hours.

    Two statements.
    """
    pairing = _pairing(meeting)
    return onward.candidates(
        meeting.id,
        kind=Kind(pairing.kind),
        topic=pairing.topic,
        mentee_id=meeting.mentee_id,
        mentor_id=meeting.mentor_id,
        now=now,
    )


def chosen(meeting_id: UUID) -> UUID | None:
    """Who is to be asked next, or was. One statement."""
    return db.session.scalar(
        select(NextChoice.mentor_id).where(NextChoice.meeting_id == meeting_id)
    )


def choose(meeting: Meeting, *, mentor_id: UUID | None, by: Member, now: datetime) -> None:
    """Say whom to ask next, or with None that nobody is. Twice changes nothing.

    :raises NotYours: `by` did not ask.
    :raises rules.Settled: the request waits no more.
    :raises NotAmongThem: that one cannot be asked.
    """
    meetings.take(meeting, Permission.MEETING_WITHDRAW, by=by)
    rules.insist_on_state(Permission.MEETING_WITHDRAW, meeting)
    if mentor_id == chosen(meeting.id):
        return
    if mentor_id is None:
        count_touched(delete(NextChoice).where(NextChoice.meeting_id == meeting.id))
        trail.record(NextDeed.DROPPED, meeting, by=by, now=now)
        return
    if mentor_id not in {each.id for each in candidates(meeting, now=now)}:
        raise NotAmongThem
    key = {"chapter_id": scope.here(), "meeting_id": meeting.id}
    said = {"mentor_id": mentor_id, "chosen_at": now}
    row = insert(NextChoice).values(**key, **said)
    db.session.execute(row.on_conflict_do_update(index_elements=list(key), set_=said))
    trail.record(NextDeed.CHOSEN, meeting, by=by, now=now, mentor_id=mentor_id)


def go_on(meeting_id: UUID, *, now: datetime) -> None:
    """Ask the next mentor, if one was chosen and the request has come to nothing. Once.

    Everything that holds for a request of the student's own holds for this one: room to ask, the
    mentor's places, hours and limits. Where it does not, the student is told that nobody was asked.
    """
    meeting = db.session.scalars(select(Meeting).where(Meeting.id == meeting_id)).one_or_none()
    one = select(NextChoice).where(
        NextChoice.meeting_id == meeting_id, NextChoice.settled_at.is_(None)
    )
    choice = db.session.scalars(one.with_for_update()).one_or_none()
    if meeting is None or choice is None or meeting.state not in CAME_TO_NOTHING:
        return
    choice.settled_at = now
    db.session.flush()
    try:
        student = mail_links.still_here(meeting.mentee_id)
    except NotYours:
        return
    try:
        mentor = mail_links.still_here(choice.mentor_id)
        with db.session.begin_nested():  # a refusal leaves nothing behind
            asked = _ask(meeting, mentor=mentor, by=student, now=now)
    except (NotYours, Refusal) as refusal:
        _tell(NextDeed.NOT_ASKED, meeting, now=now, mentor_id=choice.mentor_id, why=str(refusal))
    else:
        _tell(NextDeed.ASKED, meeting, now=now, mentor_id=mentor.id, asked_id=asked.id)


def _ask(meeting: Meeting, *, mentor: Member, by: Member, now: datetime) -> Meeting:
    users.lock(mentor.user_id, by.user_id)
    card = queries.bookable(mentor.id, member=by)
    starts = queries.free_starts(card, with_user_id=by.user_id, minutes=meeting.minutes, now=now)
    starts_at = picker.nearest(starts, meeting.starts_at)
    if starts_at is None:
        raise NoFreeTime
    pairing = _pairing(meeting)
    questions = select(AgendaItem.what).where(
        AgendaItem.meeting_id == meeting.id, AgendaItem.by_id == by.id
    )
    return meetings.request(
        mentor=mentor,
        kind=Kind(pairing.kind),
        topic=pairing.topic,
        starts_at=starts_at,
        minutes=meeting.minutes,
        purpose=meeting.purpose,
        questions=db.session.scalars(questions.order_by(AgendaItem.position)).all(),
        by=by,
        now=now,
    )


def _tell(deed: NextDeed, meeting: Meeting, *, now: datetime, **facts: object) -> None:
    trail.record(deed, meeting, by=None, now=now, sequence=meeting.sequence, **facts)


def _pairing(meeting: Meeting) -> Pairing:
    return db.session.scalars(select(Pairing).where(Pairing.id == meeting.pairing_id)).one()
