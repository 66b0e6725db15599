"""One meeting as its page shows it: agenda, notes, action items, and what went before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import BindParameter, Row, and_, bindparam, func, literal, or_, select
from sqlalchemy.orm import aliased

from mentorship.accounts.models import User
from mentorship.foundation import clock
from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours
from mentorship.profiles.models import MenteeProfile
from mentorship.relationships import action_items, rhythm
from mentorship.relationships.models import UNDER_WAY, ActionItem, Pairing, PairingState
from mentorship.scheduling import diary
from mentorship.scheduling.diary import Entry
from mentorship.scheduling.feeds import clashes
from mentorship.scheduling.models import (
    LIVE,
    AgendaItem,
    AgendaSending,
    ItemKind,
    ItemReport,
    Meeting,
    MeetingState,
    Part,
    PrivateNote,
    Proposed,
)
from mentorship.scheduling.sendings import Sending
from mentorship.scheduling.standing.models import StandingDate
from mentorship.tenancy.members import Member
from mentorship.tenancy.models import Membership
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import Stage

#: How many action items a meeting's page reads at most.
MOST_ITEMS = 60


@dataclass(frozen=True)
class Line:
    """One item of an agenda."""

    id: UUID
    kind: ItemKind
    what: str
    minutes: int
    link: str
    mine: bool


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
    reported: bool
    """Whether something was said of it at this meeting: that it is done, or not yet."""
    came_of_it: str = ""


class OtherTimes(NamedTuple):
    """Other times that are proposed for an agreed meeting, and wait for an answer."""

    mine: bool
    """Whether the reader has proposed them."""
    starts: tuple[datetime, ...]
    word: str
    answer_by: datetime


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
    called_off_by_me: bool
    late: bool
    emergency: bool
    """Whether it was one, so that lateness or absence does not count."""
    other_times: OtherTimes | None
    clashes: bool
    """Whether a calendar of the mentor's now takes its time, and nobody has said to keep it."""
    referred_to_id: UUID | None
    referred_to_name: str | None
    of_series: bool
    """Whether it is a date of a standing meeting."""
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
    sending: Sending
    """When the agenda goes ahead by mail, and what goes along."""
    agenda: tuple[Line, ...]
    carried: tuple[Task, ...]
    """Action items from before, the open ones first."""
    tasks: tuple[Task, ...]
    """Action items of this meeting."""

    @property
    def planned(self) -> int:
        """How many minutes of the meeting the agenda asks for."""
        return sum(line.minutes for line in self.agenda)

    @property
    def step(self) -> str:
        """Which part of the page the clock is at: prepare, meet or wrap."""
        if self.held or self.state == MeetingState.NO_SHOW or self.to_settle:
            return "wrap"
        return "meet" if self.accepted and self.begun else "prepare"


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
_OF_SERIES = (
    select(StandingDate.number)
    .where(StandingDate.meeting_id == Meeting.id)
    .correlate(Meeting)
    .exists()
)
_PROPOSED = (
    select(func.json_build_array(Proposed.part, Proposed.starts, Proposed.word, Proposed.answer_by))
    .where(Proposed.meeting_id == Meeting.id, Proposed.outcome.is_(None))
    .correlate(Meeting)
    .scalar_subquery()
)
_referred = aliased(Membership)
_OPENED = (
    diary.ENTRIES.add_columns(
        Meeting.pairing_id,
        Pairing.state.label("pairing_state"),
        Pairing.began_at,
        Pairing.last_contact_on,
        MenteeProfile.stage,
        User.zone.label("other_zone"),
        Meeting.sequence,
        Meeting.word,
        Meeting.called_off_by,
        Meeting.late,
        Meeting.emergency,
        _PROPOSED.label("proposed"),
        clashes.OPEN.label("clashes"),
        Meeting.referred_to_id,
        _referred.name.label("referred_to_name"),
        Meeting.notes,
        Meeting.notes_version,
        AgendaSending.meeting_id.is_not(None).label("planned"),
        AgendaSending.hours_before,
        AgendaSending.along,
        AgendaSending.sent_for,
        func.coalesce(PrivateNote.words, literal("")).label("private"),
        _OF_SERIES.label("of_series"),
        _LAST.label("last"),
        _COUNT.label("before"),
        _NEXT.label("next_starts_at"),
    )
    .join(User, User.id == diary.other.user_id)
    .outerjoin(MenteeProfile, MenteeProfile.member_id == Meeting.mentee_id)
    .outerjoin(_referred, _referred.id == Meeting.referred_to_id)
    .outerjoin(AgendaSending, AgendaSending.meeting_id == Meeting.id)
    .outerjoin(
        PrivateNote,
        and_(PrivateNote.meeting_id == Meeting.id, PrivateNote.member_id == bindparam("member_id")),
    )
    .where(Meeting.id == bindparam("meeting_id"))
)
_AGENDA = (
    select(
        AgendaItem.id,
        AgendaItem.kind,
        AgendaItem.what,
        AgendaItem.minutes,
        AgendaItem.link,
        AgendaItem.by_id,
    )
    .where(AgendaItem.meeting_id == bindparam("meeting_id"))
    .order_by(AgendaItem.position, AgendaItem.id)
)
_this: BindParameter[UUID] = bindparam("meeting_id")
_TASKS = (
    select(
        ActionItem.id,
        ActionItem.what,
        ActionItem.owner_id,
        ActionItem.due_on,
        ActionItem.done_at,
        ActionItem.came_of_it,
        (ActionItem.meeting_id == _this).label("of_this"),
        func.coalesce(Meeting.starts_at, ActionItem.created_at).label("since"),
        ItemReport.item_id.is_not(None).label("reported"),
    )
    .outerjoin(
        ItemReport, and_(ItemReport.item_id == ActionItem.id, ItemReport.meeting_id == _this)
    )
    .outerjoin(Meeting, Meeting.id == ActionItem.meeting_id)
    .where(
        ActionItem.pairing_id == bindparam("pairing_id"),
        ActionItem.dropped_at.is_(None),
        or_(
            ActionItem.meeting_id == _this,
            and_(
                ActionItem.created_at <= bindparam("ends_at"),
                or_(
                    ActionItem.done_at.is_(None),
                    ActionItem.done_at >= bindparam("ticked_since"),
                    # What was done since the two last met is reported back, whenever that was.
                    ActionItem.done_at.between(bindparam("last_met_at"), bindparam("ends_at")),
                    ItemReport.item_id.is_not(None),
                ),
            ),
        ),
    )
    .order_by(ActionItem.done_at.is_not(None), ActionItem.due_on.asc().nulls_last(), ActionItem.id)
    .limit(MOST_ITEMS)
)


def meeting(meeting_id: UUID, *, member: Member, now: datetime) -> Opened:
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
        **diary.facts_of(row, now=now),
        pairing_id=row.pairing_id,
        pairing_open=row.pairing_state in UNDER_WAY,
        other_zone=row.other_zone,
        sequence=row.sequence,
        word=row.word,
        called_off_by_me=row.called_off_by == (Part.MENTOR if row.i_mentor else Part.MENTEE),
        late=row.late,
        emergency=row.emergency,
        other_times=_other_times(row, now=now),
        clashes=row.clashes and row.state in LIVE and row.starts_at > now,
        referred_to_id=row.referred_to_id,
        referred_to_name=row.referred_to_name,
        of_series=row.of_series,
        nth=row.before + 1,
        notes=row.notes,
        notes_version=row.notes_version,
        private=row.private,
        last=_last(row.last),
        next_starts_at=row.next_starts_at,
        due_on=_due_on(row, member),
        sending=Sending(row.hours_before, row.along, row.sent_for) if row.planned else Sending(),
        agenda=tuple(
            Line(id_, ItemKind(kind), what, minutes, link, by_id == member.id)
            for id_, kind, what, minutes, link, by_id in agenda
        ),
        carried=tuple(task for of_this, task in tasks if not of_this),
        tasks=tuple(task for of_this, task in tasks if of_this),
    )


def _tasks(row: Row, member: Member, *, now: datetime) -> Sequence[tuple[bool, Task]]:
    today = clock.day(now, member.zone)
    last = _last(row.last)
    facts = {
        "meeting_id": row.id,
        "pairing_id": row.pairing_id,
        "ends_at": row.ends_at,
        "last_met_at": last.starts_at if last else row.ends_at,
        "ticked_since": now - action_items.TICKED,
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
                reported=one.reported,
                came_of_it=one.came_of_it,
            ),
        )
        for one in db.session.execute(_TASKS, facts)
    ]


def _other_times(row: Row, *, now: datetime) -> OtherTimes | None:
    if row.proposed is None or row.state != MeetingState.ACCEPTED:
        return None
    part, starts, word, answer_by = row.proposed
    until = datetime.fromisoformat(answer_by)
    if now >= until:
        return None
    return OtherTimes(
        mine=(part == Part.MENTOR) == row.i_mentor,
        starts=tuple(datetime.fromisoformat(at) for at in starts),
        word=word,
        answer_by=until,
    )


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
            began_on=clock.day(row.began_at, member.zone),
            last_contact_on=row.last_contact_on,
        )
    )
