"""The timeline of a pairing: everything that happened between two people, a page at a time.

One statement: a UNION ALL of sources, newest first, each asked for no more than a page. To add a
source, write a `select` of `_row(...)` below, put it into `_SOURCES`, and say in `_WORDS` how one
of its rows reads. A source shows a row only to those who may read it: the reader is `member_id`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    DateTime,
    Select,
    Text,
    Uuid,
    bindparam,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSONB

from mentorship.files.models import Document, DocumentShare, DocumentVersion
from mentorship.files.shares import holds
from mentorship.foundation import clock
from mentorship.foundation.database import db
from mentorship.insights.duties import Item
from mentorship.insights.pairs import Pair
from mentorship.matching import told
from mentorship.relationships.check_ins import How
from mentorship.relationships.contacts import contacts
from mentorship.relationships.contacts.models import Contact, Update, UpdateCopy, Way
from mentorship.relationships.goals.models import Goal, GoalState
from mentorship.relationships.goals.queries import seen_by_mentor_of
from mentorship.relationships.models import (
    OPEN,
    UNDER_WAY,
    ActionItem,
    CheckIn,
    Fit,
    FitCheck,
    Pairing,
    PairingChange,
    PairingState,
)
from mentorship.scheduling.models import LIVE, Meeting, MeetingState
from mentorship.scheduling.thanks.models import Thanks
from mentorship.tenancy.members import Member
from mentorship.web.filters import day, plural, span

#: How many stops a page shows.
PAGE = 30
#: How much of a meeting's notes stands here, in characters; the meeting has them all.
TASTE = 320


class Sort(StrEnum):
    """What can be looked at alone."""

    MEETINGS = "meetings"
    CHECK_INS = "check-ins"
    ACTION_ITEMS = "action-items"
    GOALS = "goals"
    FILES = "files"
    CHANGES = "changes"

    @property
    def label(self) -> str:
        return self.value.replace("-", " ").capitalize().replace("Check ins", "Check-ins")


@dataclass(frozen=True)
class Stop:
    at: datetime
    look: str
    """ahead, met or minor: how the stop is drawn."""
    when: str
    title: str
    text: str = ""
    quote: str = ""
    meeting_id: UUID | None = None
    items: tuple[Item, ...] = field(default=())
    undo_id: UUID | None = None
    """A contact that the reader has just noted, and can still take back."""


@dataclass(frozen=True)
class Page:
    stops: list[Stop]
    after: str
    """What the next page begins after; empty on the last."""


@dataclass(frozen=True)
class Reading:
    """Who reads what, and when."""

    pair: Pair
    member: Member
    items: Mapping[UUID, tuple[Item, ...]]
    """Action items by the meeting that they came from."""
    now: datetime

    def who(self, by_id: UUID | None) -> str:
        """Whoever did something, at the beginning of a sentence."""
        return "You" if by_id == self.member.id else self.pair.called

    def day(self, instant: datetime) -> str:
        return day(instant, self.member.zone)


def of(
    pair: Pair,
    items: Iterable[Item],
    *,
    member: Member,
    now: datetime,
    only: Sort | None = None,
    after: str = "",
) -> Page:
    """A page of what happened between the two and of what is ahead, newest first.

    The reader must be one of the two: `pair` says so, it is theirs. `after` is a page's own; what
    is not one begins at the top.
    """
    by_meeting: dict[UUID, tuple[Item, ...]] = {}
    for item in items:
        if item.meeting_id is not None and not item.dropped_at:
            by_meeting[item.meeting_id] = (*by_meeting.get(item.meeting_id, ()), item)
    reading = Reading(pair, member, by_meeting, now)
    below = _read(after)
    rows = db.session.execute(
        _STATEMENTS[only, below is not None],
        {
            "pairing_id": pair.id,
            "member_id": member.id,
            "zone": str(clock.zone(member.zone)),
            "now": now,
            "before_at": below and below[0],
            "before_id": below and below[1],
        },
    ).all()
    stops = [_WORDS[row.source](row, reading) for row in rows[:PAGE]]
    if below is None and only in (None, Sort.MEETINGS):
        stops = _due(pair, member) + stops
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    return Page(stops, f"{last.at.isoformat()}_{last.id}" if last else "")


def _read(after: str) -> tuple[datetime, UUID] | None:
    at, _, id_ = after.partition("_")
    try:
        below = datetime.fromisoformat(at), UUID(id_)
    except ValueError:
        return None
    return below if below[0].tzinfo and 1 < below[0].year < 9999 else None


# The sources. Every one of them gives the same columns.

_here: Any = bindparam("pairing_id", type_=Uuid)
_reader: Any = bindparam("member_id", type_=Uuid)
_zone: Any = bindparam("zone", type_=Text)
_now: Any = bindparam("now", type_=DateTime(timezone=True))


def _row(
    source: str, at: Any, id_: Any, *, by: Any = None, words: Any = "", facts: Any = None
) -> Select:
    """One row: when, its id, whose doing, what was written, and what else its words need."""
    return select(
        literal(source).label("source"),
        at.label("at"),
        id_.label("id"),
        (cast(null(), Uuid) if by is None else by).label("by_id"),
        (literal(words) if isinstance(words, str) else words).label("words"),
        (cast(null(), JSONB) if facts is None else cast(facts, JSONB)).label("facts"),
    )


#: A request that came to nothing stands where it was settled, not where it would have been.
_settled_at = func.least(func.coalesce(Meeting.settled_at, Meeting.starts_at), Meeting.starts_at)
_meetings = _row(
    "meeting",
    case(
        (Meeting.state.in_((*LIVE, MeetingState.HELD)), Meeting.starts_at),
        (
            Meeting.state.in_((MeetingState.NO_SHOW, MeetingState.CANCELLED)),
            func.least(Meeting.starts_at, _now),
        ),
        else_=_settled_at,
    ),
    Meeting.id,
    words=case((func.trim(Meeting.notes) != "", Meeting.notes), else_=Meeting.purpose),
    facts=func.json_build_object(
        "state",
        Meeting.state,
        "starts_at",
        Meeting.starts_at,
        "ends_at",
        Meeting.ends_at,
        "purpose",
        Meeting.purpose,
        "number",
        func.count().filter(Meeting.state == MeetingState.HELD).over(order_by=Meeting.starts_at),
    ),
).where(Meeting.pairing_id == _here)

#: A day without an hour comes after what happened on it; two of one day keep their order.
_end_of_day = func.timezone(_zone, cast(CheckIn.happened_on, DateTime) + time(23, 59))
_check_ins = _row(
    "check_in",
    case(
        (
            cast(func.timezone(_zone, CheckIn.created_at), CheckIn.happened_on.type)
            == CheckIn.happened_on,
            CheckIn.created_at,
        ),
        else_=_end_of_day,
    ),
    CheckIn.id,
    by=CheckIn.by_id,
    words=CheckIn.line,
    facts=func.json_build_object("how", CheckIn.how, "on", CheckIn.happened_on),
).where(CheckIn.pairing_id == _here)

#: An open item of a meeting stands with the meeting; done, it has a stop of its own.
_action_items = _row(
    "action_item",
    func.coalesce(ActionItem.done_at, ActionItem.created_at),
    ActionItem.id,
    by=ActionItem.owner_id,
    words=ActionItem.what,
    facts=func.json_build_object(
        "done", ActionItem.done_at.is_not(None), "came_of_it", ActionItem.came_of_it
    ),
).where(
    ActionItem.pairing_id == _here,
    ActionItem.dropped_at.is_(None),
    or_(ActionItem.meeting_id.is_(None), ActionItem.done_at.is_not(None)),
)

_changes = _row(
    "change",
    PairingChange.at,
    PairingChange.id,
    by=PairingChange.by_id,
    words=PairingChange.words,
    facts=func.json_build_object(
        "before",
        PairingChange.before,
        "state",
        PairingChange.state,
        "until",
        PairingChange.until,
    ),
).where(PairingChange.pairing_id == _here)
#: Every version of what the two show each other now.
_files = (
    _row(
        "file",
        func.greatest(DocumentVersion.at, DocumentShare.at),
        DocumentVersion.id,
        by=Document.owner_id,
        words=Document.name,
        facts=func.json_build_object("number", DocumentVersion.number),
    )
    .select_from(DocumentShare)
    .join(Document, Document.id == DocumentShare.document_id)
    .join(DocumentVersion, DocumentVersion.document_id == Document.id)
    .join(Pairing, Pairing.id == DocumentShare.pairing_id)
    .where(DocumentShare.pairing_id == _here, holds(_now))
)
_began = _row("began", Pairing.began_at, Pairing.id).where(Pairing.id == _here)
#: Pairings that ended before their changes were kept.
_ended = _row(
    "ended", Pairing.ended_at, Pairing.id, facts=func.json_build_object("state", Pairing.state)
).where(
    Pairing.id == _here,
    Pairing.ended_at.is_not(None),
    ~select(PairingChange.id)
    .where(PairingChange.pairing_id == _here, PairingChange.state.not_in(OPEN))
    .exists(),
)
#: Of fit checks everybody sees their own.
_fit_checks = _row(
    "fit_check",
    FitCheck.at,
    FitCheck.member_id,
    by=FitCheck.member_id,
    words=FitCheck.line,
    facts=func.json_build_object("answer", FitCheck.answer),
).where(FitCheck.pairing_id == _here, FitCheck.member_id == _reader)

#: Goals that the mentor sees as well, while the two are paired.
_goals = (
    _row(
        "goal",
        func.coalesce(Goal.settled_at, Goal.created_at),
        Goal.id,
        by=Goal.member_id,
        words=Goal.what,
        facts=func.json_build_object("state", Goal.state, "word", Goal.word),
    )
    .join_from(Goal, Pairing, seen_by_mentor_of(Pairing))
    .where(Pairing.id == _here, Pairing.state.in_(UNDER_WAY))
)

_contacts = _row(
    "contact",
    case(
        (
            cast(func.timezone(_zone, Contact.created_at), Contact.happened_on.type)
            == Contact.happened_on,
            Contact.created_at,
        ),
        else_=func.timezone(_zone, cast(Contact.happened_on, DateTime) + time(23, 59)),
    ),
    Contact.id,
    by=Contact.by_id,
    facts=func.json_build_object(
        "way", Contact.way, "on", Contact.happened_on, "noted", Contact.created_at
    ),
).where(Contact.pairing_id == _here)
#: Once it has gone out: a draft is the student's own.
_updates = _row(
    "update",
    UpdateCopy.sent_at,
    UpdateCopy.update_id,
    by=Update.by_id,
    words=func.concat_ws("\n", func.nullif(UpdateCopy.line, ""), Update.words),
    facts=func.json_build_object("well_done", UpdateCopy.well_done_at.is_not(None)),
).where(
    UpdateCopy.pairing_id == _here,
    UpdateCopy.sent_at.is_not(None),
    Update.id == UpdateCopy.update_id,
)
_thanks = _row(
    "thanks", Thanks.at, Thanks.meeting_id, by=Pairing.mentee_id, words=Thanks.words
).where(Thanks.pairing_id == _here, Pairing.id == Thanks.pairing_id)

_SOURCES: dict[Sort, tuple[Select, ...]] = {
    Sort.MEETINGS: (_meetings,),
    Sort.CHECK_INS: (_check_ins, _contacts, _updates, _thanks),
    Sort.ACTION_ITEMS: (_action_items,),
    Sort.GOALS: (_goals,),
    Sort.FILES: (_files,),
    Sort.CHANGES: (_began, _changes, _ended, _fit_checks),
}


def _page_of(sources: Iterable[Select], *, below: bool) -> Select:
    """The newest of these sources, one more than a page; `below` the keyset, or from the top."""
    parts = []
    for source in sources:
        rows = source.subquery()
        newest = select(rows).order_by(rows.c.at.desc(), rows.c.id.desc()).limit(PAGE + 1)
        if below:
            edge = tuple_(
                bindparam("before_at", type_=DateTime(timezone=True)),
                bindparam("before_id", type_=Uuid),
            )
            newest = newest.where(tuple_(rows.c.at, rows.c.id) < edge)
        parts.append(select(newest.subquery()))
    every = union_all(*parts).subquery()
    return select(every).order_by(every.c.at.desc(), every.c.id.desc()).limit(PAGE + 1)


_STATEMENTS = {
    (only, below): _page_of(
        [one for sort in ([only] if only else Sort) for one in _SOURCES[sort]], below=below
    )
    for only in (None, *Sort)
    for below in (False, True)
}

# How a row of each source reads.

_UNHELD = {
    MeetingState.NO_SHOW: "The meeting did not take place",
    MeetingState.DECLINED: "A request was declined",
    MeetingState.WITHDRAWN: "A request was withdrawn",
    MeetingState.LAPSED: "A request lapsed without an answer",
    MeetingState.CANCELLED: "A meeting was cancelled",
}


def _meeting(row: Any, reading: Reading) -> Stop:
    state = MeetingState(row.facts["state"])
    starts_at, ends_at = (
        datetime.fromisoformat(row.facts[end]) for end in ("starts_at", "ends_at")
    )
    zone, of_day = reading.member.zone, reading.day(starts_at)
    more: dict[str, Any] = {"meeting_id": row.id, "items": reading.items.get(row.id, ())}
    if state is MeetingState.HELD:
        when = f"{of_day}, {plural(int((ends_at - starts_at).total_seconds() // 60), 'minute')}"
        title = f"Meeting {row.facts['number']}"
        return Stop(row.at, "met", when, title, _taste(row.words), **more)
    if state in LIVE:
        title = "Asked for, not answered"
        if state is MeetingState.ACCEPTED:
            title = "Say whether you met" if ends_at <= reading.now else "Next meeting"
        when = f"{of_day}, {span(starts_at, ends_at, zone)}"
        return Stop(row.at, "ahead", when, title, row.facts["purpose"], **more)
    planned = state in (MeetingState.NO_SHOW, MeetingState.CANCELLED)
    when = f"Planned for {of_day}" if planned else reading.day(row.at)
    return Stop(row.at, "minor", when, _UNHELD[state], **more)


def _taste(text: str) -> str:
    text = text.strip()
    return text if len(text) <= TASTE else text[: TASTE - 1].rsplit(" ", 1)[0] + "…"


_SAID = {
    How.WELL: "going well",
    How.NEED_A_DATE: "a date is needed",
    How.STUCK: "stuck",
    How.DONE: "done",
}


def _check_in(row: Any, reading: Reading) -> Stop:
    when = day(datetime.fromisoformat(row.facts["on"]).date())
    title = f"{reading.who(row.by_id)} checked in: {_SAID[How(row.facts['how'])]}"
    return Stop(row.at, "minor", when, title, quote=row.words)


def _contact(row: Any, reading: Reading) -> Stop:
    when = day(datetime.fromisoformat(row.facts["on"]).date())
    title = f"{reading.who(row.by_id)} noted {Way(row.facts['way']).told}"
    noted = datetime.fromisoformat(row.facts["noted"])
    mine = row.by_id == reading.member.id and reading.now - noted <= contacts.REGRET
    return Stop(row.at, "minor", when, title, undo_id=row.id if mine else None)


def _update(row: Any, reading: Reading) -> Stop:
    title = f"{reading.who(row.by_id)} sent an update"
    if row.facts["well_done"]:
        by = "You" if reading.pair.i_mentor else reading.pair.called
        title += f". {by} said: well done"
    return Stop(row.at, "minor", reading.day(row.at), title, quote=row.words)


def _thank(row: Any, reading: Reading) -> Stop:
    title = f"{reading.who(row.by_id)} said thanks"
    return Stop(row.at, "minor", reading.day(row.at), title, quote=row.words)


def _action_item(row: Any, reading: Reading) -> Stop:
    title = f"{reading.who(row.by_id)} {'did' if row.facts['done'] else 'took on'}"
    came_of_it = row.facts["came_of_it"] if row.facts["done"] else ""
    return Stop(row.at, "minor", reading.day(row.at), title, row.words, quote=came_of_it)


def _goal(row: Any, reading: Reading) -> Stop:
    owner = "You have" if row.by_id == reading.member.id else f"{reading.pair.called} has"
    title = f"{owner} {_GOAL[GoalState(row.facts['state'])]}"
    return Stop(row.at, "minor", reading.day(row.at), title, row.words, quote=row.facts["word"])


_GOAL = {
    GoalState.ACTIVE: "set a goal",
    GoalState.REACHED: "reached a goal",
    GoalState.LET_GO: "let a goal go",
}


def _change(row: Any, reading: Reading) -> Stop:
    before, state = PairingState(row.facts["before"]), PairingState(row.facts["state"])
    done = _became(before, state)
    if row.facts["until"]:
        done += f" until {day(datetime.fromisoformat(row.facts['until']).date())}"
    # What neither of the two did, time or the chapter has done.
    if row.by_id in (reading.member.id, reading.pair.other_id):
        done += " by you" if row.by_id == reading.member.id else f" by {reading.pair.called}"
    return Stop(row.at, "minor", reading.day(row.at), done, quote=row.words)


def _became(before: PairingState, state: PairingState) -> str:
    if state not in (PairingState.ACCEPTED, PairingState.ACTIVE):
        return state.value.capitalize()
    words = {PairingState.PAUSED: "Resumed", PairingState.PROPOSED: "Accepted"}
    return words.get(before, "Opened again")


def _beginning(row: Any, reading: Reading) -> Stop:
    pair = reading.pair
    title = "Asked to be paired" if pair.waits else f"Paired for {pair.kind.value} mentoring"
    why = " ".join(f"{words}." for words in told.why(pair.reasons, mentoring=pair.i_mentor))
    return Stop(row.at, "minor", reading.day(row.at), title, why)


def _closed(row: Any, reading: Reading) -> Stop:
    word = "Completed" if row.facts["state"] == PairingState.COMPLETED else "Ended"
    return Stop(row.at, "minor", reading.day(row.at), word)


def _file(row: Any, reading: Reading) -> Stop:
    number = row.facts["number"]
    done = "showed a file" if number == 1 else f"showed version {number} of a file"
    title = f"{reading.who(row.by_id)} {done}"
    return Stop(row.at, "minor", reading.day(row.at), title, row.words)


_MY_FIT = {
    Fit.CONTINUE: "it is a fit",
    Fit.UNSURE: "you are not sure yet",
    Fit.NOT_A_FIT: "it is not a fit",
}


def _fit_check(row: Any, reading: Reading) -> Stop:
    title = f"You said, in private: {_MY_FIT[Fit(row.facts['answer'])]}"
    return Stop(row.at, "minor", reading.day(row.at), title, quote=row.words)


_WORDS: dict[str, Callable[[Any, Reading], Stop]] = {
    "meeting": _meeting,
    "check_in": _check_in,
    "contact": _contact,
    "update": _update,
    "thanks": _thank,
    "action_item": _action_item,
    "goal": _goal,
    "change": _change,
    "began": _beginning,
    "ended": _closed,
    "fit_check": _fit_check,
    "file": _file,
}


def _due(pair: Pair, member: Member) -> list[Stop]:
    """What should come next, unless it is booked."""
    due_on = pair.rhythm.due_on
    if due_on is None or pair.bookings:
        return []
    what = "Check-in" if pair.last_contact_on else "First meeting"
    at = datetime.combine(due_on, time(12), clock.zone(member.zone))
    late = at < pair.now
    return [Stop(max(at, pair.now), "ahead", f"{'Was due' if late else 'Due'} {day(due_on)}", what)]
