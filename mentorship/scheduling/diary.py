"""A member's meetings as the pages list them: to settle, to come, and those that were."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import BindParameter, Row, bindparam, case, exists, or_, select, tuple_
from sqlalchemy.orm import aliased

from mentorship.foundation.database import db
from mentorship.relationships.models import Pairing
from mentorship.scheduling import rules
from mentorship.scheduling.models import LIVE, AgendaItem, Meeting, MeetingState, Part
from mentorship.tenancy.members import Member
from mentorship.tenancy.models import Membership
from mentorship.vocabulary.kinds import Kind
from mentorship.web.filters import called

#: How many past meetings one page of the list shows, and how many live ones it reads at most.
SHOWN = 20
MOST_LIVE = 100
#: States of a meeting that did not and will not take place, for whatever reason.
OFF = (
    MeetingState.DECLINED,
    MeetingState.WITHDRAWN,
    MeetingState.LAPSED,
    MeetingState.CANCELLED,
)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One meeting in a member's list."""

    id: UUID
    kind: Kind
    topic: str | None
    i_mentor: bool
    other_id: UUID
    other_name: str
    starts_at: datetime
    ends_at: datetime
    state: MeetingState
    awaiting: Part | None
    answer_by: datetime | None
    absent: Part | None
    place: str
    purpose: str
    agenda_blank: bool
    notes_blank: bool
    now: datetime

    @property
    def minutes(self) -> int:
        return int((self.ends_at - self.starts_at).total_seconds() // 60)

    @property
    def called(self) -> str:
        """The other one, as one says it in a sentence."""
        return called(self.other_name, mentor=not self.i_mentor)

    @property
    def label(self) -> str:
        """The kind in words, with its topic."""
        return self.kind.about(self.topic)

    @property
    def part(self) -> Part:
        return Part.MENTOR if self.i_mentor else Part.MENTEE

    @property
    def mine_to_answer(self) -> bool:
        return self.awaiting == self.part and not self.unanswered

    @property
    def unanswered(self) -> bool:
        """Whether the time to answer is over, and nobody has."""
        return self.answer_by is not None and self.answer_by <= self.now

    @property
    def requested(self) -> bool:
        return self.state == MeetingState.REQUESTED

    @property
    def accepted(self) -> bool:
        return self.state == MeetingState.ACCEPTED

    @property
    def held(self) -> bool:
        return self.state == MeetingState.HELD

    @property
    def live(self) -> bool:
        return self.state in LIVE

    @property
    def off(self) -> bool:
        return self.state in OFF

    @property
    def begun(self) -> bool:
        return self.starts_at <= self.now

    @property
    def over(self) -> bool:
        return self.ends_at <= self.now

    @property
    def to_settle(self) -> bool:
        """Whether it is over and nobody has said how it went."""
        return self.accepted and self.over

    @property
    def may_miss(self) -> bool:
        """Whether it is late enough to say that somebody did not come."""
        return self.accepted and self.now >= self.starts_at + rules.NO_SHOW_AFTER

    @property
    def i_was_absent(self) -> bool:
        return self.absent == self.part

    @property
    def link_waits(self) -> bool:
        """Whether there is a link, which the student is only given with the yes."""
        return self.requested and not self.i_mentor and self.place.lower().startswith("https://")

    @property
    def video_link(self) -> str:
        """The place, where it is a link that is safe to follow; else nothing."""
        return "" if self.link_waits else safe_link(self.place)


class Diary(NamedTuple):
    """A member's meetings, in the order in which they want attention."""

    to_settle: list[Entry]
    coming: list[Entry]
    past: list[Entry]
    earlier: str
    """Where the next page of past meetings begins; empty when there is none."""


class Person(NamedTuple):
    """Somebody the member has had to do with, to narrow the list by."""

    id: UUID
    name: str


_me: BindParameter[UUID] = bindparam("member_id")
_i_mentor = Meeting.mentor_id == _me
_mine = or_(Meeting.mentee_id == _me, Meeting.mentor_id == _me)
other = aliased(Membership)
#: Every meeting of a member, in the columns of which `facts_of` makes an entry.
ENTRIES = (
    select(
        Meeting.id,
        Pairing.kind,
        Pairing.topic,
        _i_mentor.label("i_mentor"),
        other.id.label("other_id"),
        other.name.label("other_name"),
        Meeting.starts_at,
        Meeting.ends_at,
        Meeting.state,
        Meeting.awaiting,
        Meeting.answer_by,
        Meeting.absent,
        Meeting.place,
        Meeting.purpose,
        (~exists(select(AgendaItem.id).where(AgendaItem.meeting_id == Meeting.id))).label(
            "agenda_blank"
        ),
        (Meeting.notes == "").label("notes_blank"),
    )
    .join(Pairing, Pairing.id == Meeting.pairing_id)
    .join(other, other.id == case((_i_mentor, Meeting.mentee_id), else_=Meeting.mentor_id))
    .where(_mine)
)
_LIVE = (
    ENTRIES.where(Meeting.state.in_(LIVE)).order_by(Meeting.starts_at, Meeting.id).limit(MOST_LIVE)
)
_PAST = (
    ENTRIES.where(Meeting.state.not_in(LIVE))
    .order_by(Meeting.starts_at.desc(), Meeting.id.desc())
    .limit(SHOWN + 1)
)
_EARLIER = _PAST.where(
    tuple_(Meeting.starts_at, Meeting.id) < tuple_(bindparam("starts_at"), bindparam("id"))
)
_with = other.id == bindparam("other_id")
#: By whether it goes on from somewhere, and whether it is narrowed to one person.
_PASTS = {
    (False, False): _PAST,
    (False, True): _PAST.where(_with),
    (True, False): _EARLIER,
    (True, True): _EARLIER.where(_with),
}
_LIVES = {False: _LIVE, True: _LIVE.where(_with)}
_PEOPLE = (
    select(other.id, other.name)
    .where(
        other.id.in_(
            select(
                case((Pairing.mentor_id == _me, Pairing.mentee_id), else_=Pairing.mentor_id)
            ).where(or_(Pairing.mentee_id == _me, Pairing.mentor_id == _me))
        )
    )
    .order_by(other.name, other.id)
    .limit(MOST_LIVE)
)


def meetings(
    member: Member, *, now: datetime, other_id: UUID | None = None, since: str = ""
) -> Diary:
    """The member's meetings, all or those with one person. Two statements.

    `since` is where an earlier page of past meetings ended; what cannot be read begins anew.
    """
    narrowed = other_id is not None
    facts: dict[str, Any] = {"member_id": member.id}
    if narrowed:
        facts["other_id"] = other_id
    live = [_entry(row, now=now) for row in db.session.execute(_LIVES[narrowed], facts)]
    place = _place(since)
    if place is not None:
        facts |= place
    rows = db.session.execute(_PASTS[place is not None, narrowed], facts).all()
    past = [_entry(row, now=now) for row in rows[:SHOWN]]
    return Diary(
        to_settle=[entry for entry in live if entry.to_settle],
        coming=[entry for entry in live if not entry.to_settle],
        past=past,
        earlier=_written(past[-1]) if len(rows) > SHOWN else "",
    )


def people(member: Member) -> list[Person]:
    """Everybody the member is or was paired with, by name. One statement."""
    return [Person(*row) for row in db.session.execute(_PEOPLE, {"member_id": member.id})]


def safe_link(place: str) -> str:
    """A place, where it is a web address that is what it seems; else nothing."""
    if "\\" in place or any(letter.isspace() for letter in place):
        return ""
    try:
        parts = urlsplit(place)
        plain = parts.scheme in ("https", "http") and parts.hostname and "@" not in parts.netloc
    except ValueError:
        return ""
    return place if plain else ""


def _entry(row: Row, *, now: datetime) -> Entry:
    return Entry(**facts_of(row, now=now))


def facts_of(row: Row, *, now: datetime) -> dict[str, Any]:
    """What an entry is made of, from a row of `ENTRIES`."""
    return {
        "id": row.id,
        "kind": Kind(row.kind),
        "topic": row.topic,
        "i_mentor": row.i_mentor,
        "other_id": row.other_id,
        "other_name": row.other_name,
        "starts_at": row.starts_at,
        "ends_at": row.ends_at,
        "state": MeetingState(row.state),
        "awaiting": Part(row.awaiting) if row.awaiting else None,
        "answer_by": row.answer_by,
        "absent": Part(row.absent) if row.absent else None,
        "place": row.place,
        "purpose": row.purpose,
        "agenda_blank": row.agenda_blank,
        "notes_blank": row.notes_blank,
        "now": now,
    }


def _written(entry: Entry) -> str:
    """A place in the list of past meetings, as an address carries it."""
    return f"{entry.starts_at.isoformat()}~{entry.id}"


def _place(written: str) -> dict[str, Any] | None:
    at, _, id_ = written.partition("~")
    try:
        starts_at = datetime.fromisoformat(at)
        return {"starts_at": starts_at, "id": UUID(id_)} if starts_at.tzinfo else None
    except ValueError:
        return None
