"""A member's meetings as the pages show them: those to come, those that were, and one of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import (
    Row,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    tuple_,
)
from sqlalchemy.orm import aliased

from mentorship.accounts.models import User
from mentorship.foundation import clock
from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours
from mentorship.profiles.models import MenteeProfile
from mentorship.relationships import rhythm
from mentorship.relationships.models import ActionItem, Pairing, PairingState
from mentorship.scheduling import agendas, rules
from mentorship.scheduling.models import (
    LIVE,
    AgendaItem,
    Meeting,
    MeetingState,
    Part,
    PrivateNote,
)
from mentorship.tenancy.members import Member
from mentorship.tenancy.models import Membership
from mentorship.vocabulary.interests import labels
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import Stage
from mentorship.web.filters import first_name, surname_title

#: How many past meetings one page of the list shows, and how many live ones it reads at most.
SHOWN = 20
MOST_LIVE = 100
#: How many action items a meeting's page reads at most.
MOST_ITEMS = 60
#: How long a ticked item stays in sight, so that a slip can be taken back.
TICKED = timedelta(days=3)

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
        return first_name(self.other_name) if self.i_mentor else surname_title(self.other_name)

    @property
    def label(self) -> str:
        """The kind in words, with its topic."""
        return f"{self.kind.label}: {labels().get(self.topic, self.topic)}" if self.topic else ""

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
    def video_link(self) -> str:
        """The place, where it is a link that is safe to follow; else nothing."""
        return safe_link(self.place)


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


@dataclass(frozen=True)
class Line:
    """One item of an agenda."""

    id: UUID
    what: str
    minutes: int
    mine: bool
    mark: str


@dataclass(frozen=True)
class Task:
    """An action item, as a meeting's page shows it."""

    id: UUID
    what: str
    mine: bool
    due_on: date | None
    done: bool
    overdue: bool
    since: datetime
    """When the meeting was that it comes from, or when it was written down."""


class LastTime(NamedTuple):
    """The meeting before this one."""

    id: UUID
    starts_at: datetime
    notes: str


@dataclass(frozen=True, kw_only=True)
class Opened(Entry):
    """A meeting on its own page, with everything that stands there."""

    pairing_id: UUID
    pairing_open: bool
    other_zone: str
    sequence: int
    word: str
    referred_to_id: UUID | None
    referred_to_name: str | None
    nth: int
    """Which of their meetings it is, counting those that were held before."""
    notes: str
    notes_version: int
    private: str
    last: LastTime | None
    next_starts_at: datetime | None
    """When they meet next, where that is agreed."""
    due_on: date | None
    """When they should be in touch next."""
    agenda: tuple[Line, ...]
    carried: tuple[Task, ...]
    """Action items from before, the open ones first."""
    tasks: tuple[Task, ...]
    """Action items of this meeting."""

    @property
    def planned(self) -> int:
        """How many minutes the agenda asks for."""
        return sum(line.minutes for line in self.agenda)

    @property
    def step(self) -> str:
        """Which part of the page the clock is at: prepare, meet or wrap."""
        if self.held or self.state == MeetingState.NO_SHOW or self.to_settle:
            return "wrap"
        return "meet" if self.accepted and self.begun else "prepare"


_me = bindparam("member_id")
_i_mentor = Meeting.mentor_id == _me
_mine = or_(Meeting.mentee_id == _me, Meeting.mentor_id == _me)
_other = aliased(Membership)
_ENTRIES = (
    select(
        Meeting.id,
        Pairing.kind,
        Pairing.topic,
        _i_mentor.label("i_mentor"),
        _other.id.label("other_id"),
        _other.name.label("other_name"),
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
    .join(_other, _other.id == case((_i_mentor, Meeting.mentee_id), else_=Meeting.mentor_id))
    .where(_mine)
)
_LIVE = (
    _ENTRIES.where(Meeting.state.in_(LIVE)).order_by(Meeting.starts_at, Meeting.id).limit(MOST_LIVE)
)
_PAST = (
    _ENTRIES.where(Meeting.state.not_in(LIVE))
    .order_by(Meeting.starts_at.desc(), Meeting.id.desc())
    .limit(SHOWN + 1)
)
_EARLIER = _PAST.where(
    tuple_(Meeting.starts_at, Meeting.id) < tuple_(bindparam("starts_at"), bindparam("id"))
)
_with = _other.id == bindparam("other_id")
#: By whether it goes on from somewhere, and whether it is narrowed to one person.
_PASTS = {
    (False, False): _PAST,
    (False, True): _PAST.where(_with),
    (True, False): _EARLIER,
    (True, True): _EARLIER.where(_with),
}
_LIVES = {False: _LIVE, True: _LIVE.where(_with)}
_PEOPLE = (
    select(_other.id, _other.name)
    .where(
        _other.id.in_(
            select(
                case((Pairing.mentor_id == _me, Pairing.mentee_id), else_=Pairing.mentor_id)
            ).where(or_(Pairing.mentee_id == _me, Pairing.mentor_id == _me))
        )
    )
    .order_by(_other.name, _other.id)
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


_before = aliased(Meeting)
_of_the_two_before = and_(
    _before.pairing_id == Meeting.pairing_id,
    _before.state == MeetingState.HELD,
    _before.starts_at < Meeting.starts_at,
)
_LAST = (
    select(func.json_build_array(_before.id, _before.starts_at, _before.notes))
    .where(_of_the_two_before)
    .order_by(_before.starts_at.desc())
    .limit(1)
    .correlate(Meeting)
    .scalar_subquery()
)
_COUNT = select(func.count()).where(_of_the_two_before).correlate(Meeting).scalar_subquery()
_NEXT = (
    select(func.min(_before.starts_at))
    .where(
        _before.pairing_id == Meeting.pairing_id,
        _before.state == MeetingState.ACCEPTED,
        _before.id != Meeting.id,
        _before.starts_at > bindparam("now"),
    )
    .correlate(Meeting)
    .scalar_subquery()
)
_referred = aliased(Membership)
_OPENED = (
    _ENTRIES.add_columns(
        Meeting.pairing_id,
        Pairing.state.label("pairing_state"),
        Pairing.began_at,
        Pairing.last_contact_on,
        MenteeProfile.stage,
        User.zone.label("other_zone"),
        Meeting.sequence,
        Meeting.word,
        Meeting.referred_to_id,
        _referred.name.label("referred_to_name"),
        Meeting.notes,
        Meeting.notes_version,
        func.coalesce(PrivateNote.words, literal("")).label("private"),
        _LAST.label("last"),
        _COUNT.label("before"),
        _NEXT.label("next_starts_at"),
    )
    .join(User, User.id == _other.user_id)
    .outerjoin(MenteeProfile, MenteeProfile.member_id == Meeting.mentee_id)
    .outerjoin(_referred, _referred.id == Meeting.referred_to_id)
    .outerjoin(
        PrivateNote, and_(PrivateNote.meeting_id == Meeting.id, PrivateNote.member_id == _me)
    )
    .where(Meeting.id == bindparam("meeting_id"))
)
_AGENDA = (
    select(AgendaItem.id, AgendaItem.what, AgendaItem.minutes, AgendaItem.by_id)
    .where(AgendaItem.meeting_id == bindparam("meeting_id"))
    .order_by(AgendaItem.position, AgendaItem.id)
)
_this = bindparam("meeting_id")
_TASKS = (
    select(
        ActionItem.id,
        ActionItem.what,
        ActionItem.owner_id,
        ActionItem.due_on,
        ActionItem.done_at,
        (ActionItem.meeting_id == _this).label("of_this"),
        func.coalesce(Meeting.starts_at, ActionItem.created_at).label("since"),
    )
    .outerjoin(Meeting, Meeting.id == ActionItem.meeting_id)
    .where(
        ActionItem.pairing_id == bindparam("pairing_id"),
        ActionItem.dropped_at.is_(None),
        or_(
            ActionItem.meeting_id == _this,
            and_(
                ActionItem.created_at <= bindparam("ends_at"),
                or_(ActionItem.done_at.is_(None), ActionItem.done_at >= bindparam("ticked_since")),
            ),
        ),
    )
    .order_by(ActionItem.done_at.is_not(None), ActionItem.due_on.asc().nulls_last(), ActionItem.id)
    .limit(MOST_ITEMS)
)


def opened(meeting_id: UUID, *, member: Member, now: datetime) -> Opened:
    """One meeting of the member, with its agenda, notes and action items. Three statements.

    :raises NotYours: the member is not one of its two people.
    """
    facts = {"member_id": member.id, "meeting_id": meeting_id, "now": now}
    row = db.session.execute(_OPENED, facts).one_or_none()
    if row is None:
        raise NotYours
    agenda = db.session.execute(_AGENDA, {"meeting_id": meeting_id})
    tasks = _tasks(row, member, now=now)
    return Opened(
        **_facts(row, now=now),
        pairing_id=row.pairing_id,
        pairing_open=row.pairing_state in (PairingState.ACCEPTED, PairingState.ACTIVE),
        other_zone=row.other_zone,
        sequence=row.sequence,
        word=row.word,
        referred_to_id=row.referred_to_id,
        referred_to_name=row.referred_to_name,
        nth=row.before + 1,
        notes=row.notes,
        notes_version=row.notes_version,
        private=row.private,
        last=_last(row.last),
        next_starts_at=row.next_starts_at,
        due_on=_due_on(row, member),
        agenda=tuple(
            Line(id_, what, minutes, by_id == member.id, agendas.mark(what, minutes))
            for id_, what, minutes, by_id in agenda
        ),
        carried=tuple(task for of_this, task in tasks if not of_this),
        tasks=tuple(task for of_this, task in tasks if of_this),
    )


def safe_link(place: str) -> str:
    """A place, where it is a web address that is what it seems; else nothing."""
    if any(letter.isspace() for letter in place):
        return ""
    try:
        parts = urlsplit(place)
        plain = parts.scheme in ("https", "http") and parts.hostname and "@" not in parts.netloc
    except ValueError:
        return ""
    return place if plain else ""


def _entry(row: Row, *, now: datetime) -> Entry:
    return Entry(**_facts(row, now=now))


def _facts(row: Row, *, now: datetime) -> dict[str, Any]:
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


def _tasks(row: Row, member: Member, *, now: datetime) -> Sequence[tuple[bool, Task]]:
    today = now.astimezone(clock.zone(member.zone)).date()
    facts = {
        "meeting_id": row.id,
        "pairing_id": row.pairing_id,
        "ends_at": row.ends_at,
        "ticked_since": now - TICKED,
    }
    return [
        (
            bool(one.of_this),
            Task(
                id=one.id,
                what=one.what,
                mine=one.owner_id == member.id,
                due_on=one.due_on,
                done=one.done_at is not None,
                overdue=one.done_at is None and one.due_on is not None and one.due_on < today,
                since=one.since,
            ),
        )
        for one in db.session.execute(_TASKS, facts)
    ]


def _last(facts: list | None) -> LastTime | None:
    if facts is None:
        return None
    id_, starts_at, notes = facts
    return LastTime(UUID(id_), datetime.fromisoformat(starts_at), notes)


def _due_on(row: Row, member: Member) -> date | None:
    """When the two should be in touch next, by the rhythm of their pairing."""
    return rhythm.next_due(
        rhythm.Facts(
            kind=Kind(row.kind),
            stage=Stage(row.stage) if row.stage else None,
            state=PairingState(row.pairing_state),
            began_on=row.began_at.astimezone(clock.zone(member.zone)).date(),
            last_contact_on=row.last_contact_on,
        )
    )


def _written(entry: Entry) -> str:
    """A place in the list of past meetings, as an address carries it."""
    return f"{entry.starts_at.timestamp():.6f}~{entry.id}"


def _place(written: str) -> dict[str, Any] | None:
    at, _, id_ = written.partition("~")
    try:
        return {"starts_at": datetime.fromtimestamp(float(at), UTC), "id": UUID(id_)}
    except (ValueError, OverflowError, OSError):
        return None
