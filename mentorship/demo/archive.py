"""The older past of the demo's many pairings, written down at once.

A chapter's months hold thousands of deeds that hardly anybody opens. Doing each with its verb
takes minutes, so here are the records that the verbs would have left, as rows; a test plays the
same meeting both ways and compares. The leads' own history, and all that is recent, is done
with the verbs (`scripts`).
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from mentorship.audit.models import AuditEvent
from mentorship.demo.cast import Cast
from mentorship.demo.ids import steady_id
from mentorship.demo.scripts import (
    ACCEPTED_TO_AGENDA,
    HELD_AFTER,
    NOTED_AFTER,
    TOPIC_MINUTES,
    Fate,
    Pair,
    Talk,
    day_of,
    done_at,
    thanked_at,
)
from mentorship.foundation import clock, origin, scope
from mentorship.foundation.database import Model, db
from mentorship.relationships import pairings
from mentorship.relationships.check_ins import How
from mentorship.relationships.models import (
    ActionItem,
    ActionItemDeed,
    CheckIn,
    CheckInDeed,
    FitCheckDeed,
    Pairing,
)
from mentorship.scheduling.models import (
    AgendaItem,
    BusyTime,
    Meeting,
    MeetingDeed,
    MeetingState,
    Part,
    PrivateNote,
)
from mentorship.tenancy.members import Member

#: In the order of their foreign keys.
_TABLES = (Meeting, BusyTime, AgendaItem, PrivateNote, ActionItem, CheckIn, AuditEvent)


class Archive:
    """Rows of one chapter, collected and then written together."""

    def __init__(self, cast: Cast, now: datetime) -> None:
        self._cast, self._now = cast, now
        self._rows: dict[type[Model], list[dict[str, Any]]] = defaultdict(list)
        self._pairings = {
            (pairing.mentee_id, pairing.mentor_id): pairing
            for pairing in db.session.scalars(select(Pairing).where(Pairing.ended_at.is_(None)))
        }

    def write(self) -> None:
        """Keep what was collected."""
        for record in _TABLES:
            rows = self._rows.pop(record, [])
            if rows:
                db.session.execute(insert(record), rows)

    def meet(self, talk: Talk) -> None:
        """A meeting that was held or missed, with all that came of it up to now."""
        both = mentee, mentor = self._people(talk.pair)
        meeting_id = self._booked(talk)
        settled = {
            "starts_at": talk.starts_at.isoformat(),
            "ends_at": talk.ends_at.isoformat(),
            "minutes": talk.minutes,
            "sequence": 0,
            "awaiting": None,
        }
        asked, missed = settled | {"awaiting": Part.MENTOR}, settled | {"absent": Part.MENTOR}
        asked_at, answered_at, held_at = talk.asked_at, talk.answered_at, talk.ends_at + HELD_AFTER
        self._record(MeetingDeed.REQUESTED, meeting_id, mentee, asked_at, whose=both, **asked)
        self._record(MeetingDeed.ACCEPTED, meeting_id, mentor, answered_at, whose=both, **settled)
        self._agenda(meeting_id, talk)
        if talk.fate is Fate.MISSED:
            deed, ended_at = MeetingDeed.NOT_HELD, talk.ends_at
            self._record(deed, meeting_id, mentee, ended_at, whose=both, **missed)
        else:
            self._record(MeetingDeed.HELD, meeting_id, mentee, held_at, whose=both, **settled)
            self._came_of(meeting_id, talk, at=held_at)

    def _booked(self, talk: Talk) -> UUID:
        """The meeting itself, and the time that it takes of both."""
        mentee, mentor = self._people(talk.pair)
        missed = talk.fate is Fate.MISSED
        span = {"starts_at": talk.starts_at, "ends_at": talk.ends_at}
        meeting_id = self._add(
            Meeting,
            talk.asked_at,
            **span,
            pairing_id=self._pairings[mentee.id, mentor.id].id,
            mentee_id=mentee.id,
            mentor_id=mentor.id,
            mentee_user_id=mentee.user_id,
            mentor_user_id=mentor.user_id,
            state=MeetingState.NO_SHOW if missed else MeetingState.HELD,
            purpose=talk.words.purpose,
            place=self._cast.mentors[talk.pair.mentor].video_link or "",
            asked_at=talk.asked_at,
            settled_at=talk.answered_at,
            sequence=0,
            absent=Part.MENTOR if missed else None,
            word="",
            notes="" if missed else talk.words.notes,
            notes_version=0 if missed else 1,
        )
        busy = {"meeting_id": meeting_id, "chapter_id": scope.here(), **span}
        self._rows[BusyTime] += [{"user_id": who.user_id, **busy} for who in (mentor, mentee)]
        return meeting_id

    def _came_of(self, meeting_id: UUID, talk: Talk, *, at: datetime) -> None:
        """What follows once two have met."""
        both = mentee, mentor = self._people(talk.pair)
        pairing = self._pairings[mentee.id, mentor.id]
        first = pairing.first_met_at is None
        pairings.met(pairing, on=day_of(talk.starts_at, self._cast), now=at)
        if first:
            self._record(FitCheckDeed.ASKED, pairing.id, None, at, whose=both)
        self._notes(meeting_id, talk)
        self._action_items(meeting_id, pairing.id, talk)
        if talk.thanks and talk.words.thanks:
            self.check_in(talk.pair, line=talk.words.thanks, at=thanked_at(talk))

    def check_in(self, pair: Pair, *, line: str, at: datetime, how: How = How.WELL) -> None:
        """A few lines from the mentee, if that has happened by now."""
        if at > self._now:
            return
        mentee, mentor = self._people(pair)
        pairing = self._pairings[mentee.id, mentor.id]
        on = clock.day(at, mentee.zone)
        check_in_id = self._add(
            CheckIn,
            at,
            pairing_id=pairing.id,
            by_id=mentee.id,
            happened_on=on,
            how=how,
            line=line,
            created_at=at,
        )
        pairings.touched(pairing, on=on)
        self._record(CheckInDeed.LOGGED, check_in_id, mentee, at, pairing_id=str(pairing.id))

    def _agenda(self, meeting_id: UUID, talk: Talk) -> None:
        both = mentee, _ = self._people(talk.pair)
        topics = talk.words.agenda[: talk.topics]
        lines = [(what, 5) for what in talk.words.questions]
        lines += [(what, TOPIC_MINUTES) for what in topics]
        at = talk.answered_at + ACCEPTED_TO_AGENDA
        for position, (what, minutes) in enumerate(lines, 1):
            item_id = self._add(
                AgendaItem,
                talk.asked_at,
                meeting_id=meeting_id,
                by_id=mentee.id,
                position=position,
                what=what,
                minutes=minutes,
            )
            if position > len(talk.words.questions):
                facts = {"how": "added", "item_id": str(item_id)}
                deed = MeetingDeed.AGENDA_CHANGED
                self._record(deed, meeting_id, mentee, at, whose=both, **facts)

    def _notes(self, meeting_id: UUID, talk: Talk) -> None:
        both = mentee, _ = self._people(talk.pair)
        deed, at = MeetingDeed.NOTES_WRITTEN, talk.ends_at + NOTED_AFTER
        self._record(deed, meeting_id, mentee, at, whose=both, version=1)
        if talk.words.private:
            self._rows[PrivateNote].append(
                {
                    "chapter_id": scope.here(),
                    "meeting_id": meeting_id,
                    "member_id": mentee.id,
                    "words": talk.words.private,
                }
            )
            self._record(deed, meeting_id, mentee, at, whose=both, private=True)

    def _action_items(self, meeting_id: UUID, pairing_id: UUID, talk: Talk) -> None:
        mentee, mentor = self._people(talk.pair)
        at = talk.ends_at + NOTED_AFTER
        for number, line in enumerate(talk.words.actions, 1):
            owner = mentee if line.who == "mentee" else mentor
            finished_at = done_at(talk, line, number)
            if finished_at and finished_at > self._now:
                finished_at = None
            item_id = self._add(
                ActionItem,
                at,
                pairing_id=pairing_id,
                meeting_id=meeting_id,
                owner_id=owner.id,
                what=line.text,
                due_on=day_of(talk.starts_at, self._cast) + timedelta(days=line.days),
                created_at=at,
                done_at=finished_at,
            )
            taken_on, finished = ActionItemDeed.TAKEN_ON, ActionItemDeed.FINISHED
            self._record(taken_on, item_id, mentee, at, whose=[owner], owner_id=str(owner.id))
            if finished_at:
                self._record(finished, item_id, owner, finished_at, whose=[owner])

    def _people(self, pair: Pair) -> tuple[Member, Member]:
        return self._cast[pair.mentee], self._cast[pair.mentor]

    def _add(self, record: type[Model], told_of: datetime, **facts: Any) -> UUID:
        """One row more, with an id that sorts by the time it tells of."""
        rows = self._rows[record]
        lot = f"{self._cast.chapter.slug} {record.__tablename__} {len(rows)}"
        row = {"chapter_id": scope.here(), "id": steady_id(told_of, lot), **facts}
        rows.append(row)
        return row["id"]

    def _record(
        self,
        deed: str,
        subject_id: UUID,
        by: Member | None,
        at: datetime,
        *,
        whose: Sequence[Member] = (),
        **facts: Any,
    ) -> None:
        self._add(
            AuditEvent,
            at,
            deed=deed,
            at=at,
            by_id=by.id if by else None,
            subject_id=subject_id,
            facts=facts,
            about=[member.id for member in whose],
            through=origin.here().through,
        )
