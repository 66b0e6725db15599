"""Where a timeline is read from: one statement, a UNION ALL of sources, newest first.

Each source is asked for no more than a page, and shows a row only to those who may read it: the
reader is `member_id`. To add one, write a `select` of `_row(...)`, put it into `_SOURCES`, and say
in `wording.py` how one of its rows reads.
"""

from collections.abc import Iterable, Mapping
from datetime import time
from enum import StrEnum
from itertools import chain
from typing import Any

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
from mentorship.relationships.contacts.models import Contact, Update, UpdateCopy
from mentorship.relationships.goals.models import Goal
from mentorship.relationships.goals.queries import seen_by_mentor_of
from mentorship.relationships.models import (
    OPEN,
    UNDER_WAY,
    ActionItem,
    CheckIn,
    FitCheck,
    Pairing,
    PairingChange,
)
from mentorship.scheduling.models import LIVE, Meeting, MeetingState
from mentorship.scheduling.thanks.models import Thanks

#: How many stops a page shows.
PAGE = 30


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


_here: Any = bindparam("pairing_id", type_=Uuid)
_reader: Any = bindparam("member_id", type_=Uuid)
_zone: Any = bindparam("zone", type_=Text)
_now: Any = bindparam("now", type_=DateTime(timezone=True))
_nobody, _no_words = cast(null(), Uuid), literal("")


def _row(
    source: str,
    at: Any,
    id_: Any,
    *,
    by: Any = _nobody,
    words: Any = _no_words,
    facts: Mapping[str, Any] | None = None,
) -> Select:
    """One row: when, its id, whose doing, what was written, and what else its words need."""
    told = func.json_build_object(*chain.from_iterable((facts or {}).items()))
    return select(
        literal(source).label("source"),
        at.label("at"),
        id_.label("id"),
        by.label("by_id"),
        words.label("words"),
        cast(told, JSONB).label("facts"),
    )


def _on_its_day(happened_on: Any, noted_at: Any) -> Any:
    """When something of a day stands: when it was noted, if on that day, else at the day's end.

    Without an hour it comes after what happened that day; two of one day keep their order.
    """
    noted_on = cast(func.timezone(_zone, noted_at), happened_on.type)
    end_of_day = func.timezone(_zone, cast(happened_on, DateTime) + time(23, 59))
    return case((noted_on == happened_on, noted_at), else_=end_of_day)


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
    facts={
        "state": Meeting.state,
        "starts_at": Meeting.starts_at,
        "ends_at": Meeting.ends_at,
        "purpose": Meeting.purpose,
        "number": func.count()
        .filter(Meeting.state == MeetingState.HELD)
        .over(order_by=Meeting.starts_at),
    },
).where(Meeting.pairing_id == _here)

_check_ins = _row(
    "check_in",
    _on_its_day(CheckIn.happened_on, CheckIn.created_at),
    CheckIn.id,
    by=CheckIn.by_id,
    words=CheckIn.line,
    facts={"how": CheckIn.how, "on": CheckIn.happened_on},
).where(CheckIn.pairing_id == _here)
_contacts = _row(
    "contact",
    _on_its_day(Contact.happened_on, Contact.created_at),
    Contact.id,
    by=Contact.by_id,
    facts={"way": Contact.way, "on": Contact.happened_on, "noted": Contact.created_at},
).where(Contact.pairing_id == _here)
#: Once it has gone out: a draft is the student's own.
_updates = _row(
    "update",
    UpdateCopy.sent_at,
    UpdateCopy.update_id,
    by=Update.by_id,
    words=func.concat_ws("\n", func.nullif(UpdateCopy.line, ""), Update.words),
    facts={"well_done": UpdateCopy.well_done_at.is_not(None)},
).where(
    UpdateCopy.pairing_id == _here,
    UpdateCopy.sent_at.is_not(None),
    Update.id == UpdateCopy.update_id,
)
_thanks = _row(
    "thanks", Thanks.at, Thanks.meeting_id, by=Pairing.mentee_id, words=Thanks.words
).where(Thanks.pairing_id == _here, Pairing.id == Thanks.pairing_id)

#: An open item of a meeting stands with the meeting; done, it has a stop of its own.
_action_items = _row(
    "action_item",
    func.coalesce(ActionItem.done_at, ActionItem.created_at),
    ActionItem.id,
    by=ActionItem.owner_id,
    words=ActionItem.what,
    facts={"done": ActionItem.done_at.is_not(None), "came_of_it": ActionItem.came_of_it},
).where(
    ActionItem.pairing_id == _here,
    ActionItem.dropped_at.is_(None),
    or_(ActionItem.meeting_id.is_(None), ActionItem.done_at.is_not(None)),
)

#: Goals that the mentor sees as well, while the two are paired.
_goals = (
    _row(
        "goal",
        func.coalesce(Goal.settled_at, Goal.created_at),
        Goal.id,
        by=Goal.member_id,
        words=Goal.what,
        facts={"state": Goal.state, "word": Goal.word},
    )
    .join_from(Goal, Pairing, seen_by_mentor_of(Pairing))
    .where(Pairing.id == _here, Pairing.state.in_(UNDER_WAY))
)

#: Every version of what the two show each other now.
_files = (
    _row(
        "file",
        func.greatest(DocumentVersion.at, DocumentShare.at),
        DocumentVersion.id,
        by=Document.owner_id,
        words=Document.name,
        facts={"number": DocumentVersion.number},
    )
    .select_from(DocumentShare)
    .join(Document, Document.id == DocumentShare.document_id)
    .join(DocumentVersion, DocumentVersion.document_id == Document.id)
    .join(Pairing, Pairing.id == DocumentShare.pairing_id)
    .where(DocumentShare.pairing_id == _here, holds(_now))
)

_began = _row("began", Pairing.began_at, Pairing.id).where(Pairing.id == _here)
_changes = _row(
    "change",
    PairingChange.at,
    PairingChange.id,
    by=PairingChange.by_id,
    words=PairingChange.words,
    facts={
        "before": PairingChange.before,
        "state": PairingChange.state,
        "until": PairingChange.until,
    },
).where(PairingChange.pairing_id == _here)
#: Pairings that ended before their changes were kept.
_ended = _row("ended", Pairing.ended_at, Pairing.id, facts={"state": Pairing.state}).where(
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
    facts={"answer": FitCheck.answer},
).where(FitCheck.pairing_id == _here, FitCheck.member_id == _reader)

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


#: By what is looked at alone (None for everything), and whether it goes on below a page.
STATEMENTS = {
    (only, below): _page_of(
        [one for sort in ([only] if only else Sort) for one in _SOURCES[sort]], below=below
    )
    for only in (None, *Sort)
    for below in (False, True)
}
