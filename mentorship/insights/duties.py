"""What is due from somebody: action items, those ticked just now, and check-ins."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, case, or_, select
from sqlalchemy.orm import aliased

from mentorship.foundation import clock
from mentorship.foundation.database import db
from mentorship.insights.pair import Pair
from mentorship.relationships import action_items
from mentorship.relationships.models import OPEN, UNDER_WAY, ActionItem, Pairing
from mentorship.tenancy.members import Member
from mentorship.tenancy.models import Membership
from mentorship.web.filters import called

#: How many items a home page lists, and how many the page of all.
SHOWN, LISTED = 8, 200

_other = aliased(Membership)
_i_mentor = Pairing.mentor_id == bindparam("member_id")
_MINE = (
    select(
        ActionItem.id,
        ActionItem.pairing_id,
        ActionItem.meeting_id,
        ActionItem.owner_id,
        ActionItem.what,
        ActionItem.due_on,
        ActionItem.created_at,
        ActionItem.done_at,
        ActionItem.came_of_it,
        ActionItem.dropped_at,
        Pairing.state,
        _other.left_at.label("other_left_at"),
        _other.name.label("other_name"),
        _i_mentor.label("i_mentor"),
    )
    .join(Pairing, Pairing.id == ActionItem.pairing_id)
    .join(_other, _other.id == case((_i_mentor, Pairing.mentee_id), else_=Pairing.mentor_id))
    .where(or_(_i_mentor, Pairing.mentee_id == bindparam("member_id")))
)
_kept = ActionItem.dropped_at.is_(None)
#: What was dropped just now can be put back.
_kept_or_just_dropped = or_(_kept, ActionItem.dropped_at >= bindparam("since"))
_OPEN_OR_JUST_DONE = or_(ActionItem.done_at.is_(None), ActionItem.done_at >= bindparam("since"))
_DUE = (
    _MINE.where(
        _kept,
        ActionItem.owner_id == bindparam("member_id"),
        Pairing.state.in_(OPEN),
        _OPEN_OR_JUST_DONE,
    )
    .order_by(ActionItem.done_at.is_not(None), ActionItem.due_on.asc().nulls_last(), ActionItem.id)
    .limit(SHOWN)
)
_OF_PAIRING = _MINE.where(
    ActionItem.pairing_id == bindparam("pairing_id"), _kept_or_just_dropped
).order_by(
    ActionItem.done_at.is_not(None),
    ActionItem.due_on.asc().nulls_last(),
    ActionItem.id,
)
_mine = ActionItem.owner_id == bindparam("member_id")
_OWED = (
    _MINE.where(_kept_or_just_dropped, _OPEN_OR_JUST_DONE)
    .order_by(
        _mine.desc(),
        ActionItem.done_at.is_not(None),
        ActionItem.due_on.asc().nulls_last(),
        ActionItem.id,
    )
    .limit(LISTED)
)


@dataclass(frozen=True)
class Item:
    id: UUID
    pairing_id: UUID
    meeting_id: UUID | None
    mine: bool
    what: str
    due_on: date | None
    created_at: datetime
    done_at: datetime | None
    other_name: str
    i_mentor: bool
    overdue: bool
    came_of_it: str = ""
    dropped_at: datetime | None = None
    under_way: bool = True
    """Whether the two are still paired."""
    other_left: bool = False

    @property
    def called(self) -> str:
        """The other one, as one says it in a sentence."""
        return called(self.other_name, mentor=not self.i_mentor)

    @property
    def whose(self) -> str:
        return "Yours" if self.mine else self.called

    @property
    def open(self) -> bool:
        return self.done_at is None and self.dropped_at is None


@dataclass(frozen=True)
class Owed:
    """What is open over all pairings of somebody, the overdue first; and what changed just now."""

    mine: list[Item]
    theirs: list[Item]
    stranded: list[Item]
    """Open items of pairings that are over: nobody waits for them anymore."""
    done: list[Item]
    dropped: list[Item]


def due_from(member: Member, *, now: datetime) -> list[Item]:
    """The member's own items over all open pairings: by due date, and then the just ticked."""
    return _items(_DUE, member, now=now, since=now - action_items.TICKED)


def of_pairing(pairing_id: UUID, *, member: Member, now: datetime) -> list[Item]:
    """Every item of a pairing that is the member's own to see, open ones first."""
    since = now - action_items.TICKED
    return _items(_OF_PAIRING, member, now=now, pairing_id=pairing_id, since=since)


def owed(member: Member, *, now: datetime) -> Owed:
    """The items of both over all pairings of the member: open, and ticked or dropped just now."""
    every = _items(_OWED, member, now=now, since=now - action_items.TICKED)
    going = [item for item in every if item.open and item.under_way]
    return Owed(
        mine=[item for item in going if item.mine],
        theirs=[item for item in going if not item.mine],
        stranded=[item for item in every if item.open and not item.under_way],
        done=[item for item in every if item.done_at and not item.dropped_at],
        dropped=[item for item in every if item.dropped_at],
    )


def check_ins_due(pairs: Iterable[Pair]) -> list[Pair]:
    """Pairings in which the two should be in touch soon or should have been, the longest first.

    A booked meeting counts as being in touch; what waits for an answer is not due.
    """
    due = [pair for pair in pairs if pair.rhythm.wants_attention and not pair.asked]
    return sorted(due, key=lambda pair: pair.rhythm.due_on or pair.now.date())


def _items(statement: Any, member: Member, *, now: datetime, **facts: Any) -> list[Item]:
    today = clock.day(now, member.zone)
    return [
        Item(
            id=row.id,
            pairing_id=row.pairing_id,
            meeting_id=row.meeting_id,
            mine=row.owner_id == member.id,
            what=row.what,
            due_on=row.due_on,
            created_at=row.created_at,
            done_at=row.done_at,
            other_name=row.other_name,
            i_mentor=row.i_mentor,
            overdue=row.done_at is None and row.due_on is not None and row.due_on < today,
            came_of_it=row.came_of_it,
            dropped_at=row.dropped_at,
            under_way=row.state in UNDER_WAY,
            other_left=row.other_left_at is not None,
        )
        for row in db.session.execute(statement, facts | {"member_id": member.id})
    ]
