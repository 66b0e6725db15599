"""An action item that is due or overdue: to whoever has taken it on, and to nobody else."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, case, select
from sqlalchemy.orm import aliased

from mentorship.accounts.models import User
from mentorship.foundation.settings import Settings
from mentorship.notifications.nudges.kind import Due, NudgeKind, Page, Said
from mentorship.notifications.nudges.kinds import pairs
from mentorship.relationships.models import ActionItem, Pairing
from mentorship.tenancy.members import Member
from mentorship.tenancy.models import Membership
from mentorship.vocabulary.kinds import Kind
from mentorship.web.filters import long_day

LAPSES = timedelta(days=30)

_owner, _other = aliased(Membership), aliased(Membership)
_of_mentee = ActionItem.owner_id == Pairing.mentee_id
_ITEMS = (
    select(
        ActionItem.id,
        ActionItem.pairing_id,
        ActionItem.what,
        ActionItem.due_on,
        Pairing.kind,
        _owner.id.label("member_id"),
        _owner.user_id,
        _other.name.label("other_name"),
        User.zone,
    )
    .join(Pairing, Pairing.id == ActionItem.pairing_id)
    .join(_owner, _owner.id == ActionItem.owner_id)
    .join(User, User.id == _owner.user_id)
    .join(_other, _other.id == case((_of_mentee, Pairing.mentor_id), else_=Pairing.mentee_id))
    .where(
        ActionItem.done_at.is_(None),
        ActionItem.dropped_at.is_(None),
        ActionItem.due_on.between(bindparam("first"), bindparam("last")),
        Pairing.state.in_(pairs.GOING),
        _owner.left_at.is_(None),
        _other.left_at.is_(None),
        pairs.NOT_BLOCKED,
    )
)
_OF_ONE = _ITEMS.where(ActionItem.owner_id == bindparam("member_id"))


@dataclass(frozen=True)
class Item:
    """Something that one of the two has taken on, and not done."""

    id: UUID
    pairing_id: UUID
    what: str
    due_on: date
    kind: str
    member_id: UUID
    """The owner's, as are the account and the zone."""
    user_id: UUID
    other_name: str
    zone: str


def due(item: Item, *, now: datetime) -> Due | None:
    """What is due of an open item, from the morning of its day on."""
    due_at = pairs.morning(item.due_on, item.zone)
    if not due_at <= now < due_at + LAPSES:
        return None
    # Whoever moves the date has looked at it: it is a promise anew.
    since, lapses_at = item.due_on, due_at + LAPSES
    return Due(item.member_id, item.user_id, item.id, since, due_at, lapses_at, item)


def find(*, now: datetime, member_id: UUID | None = None) -> Iterator[Due]:
    # A day more on either side: in which zone the owner is, the rule looks at.
    today = now.astimezone(UTC).date()
    first, last = today - LAPSES - timedelta(days=2), today + timedelta(days=1)
    rows = pairs.rows(_ITEMS, _OF_ONE, member_id, first=first, last=last)
    return filter(None, (due(Item(**row._mapping), now=now) for row in rows))


def say(it: Due, me: Member, page: Page, settings: Settings) -> Said:
    item: Item = it.facts
    # Mail may be read over a shoulder: of wellness mentoring it holds nothing they wrote.
    what = "" if item.kind == Kind.WELLNESS else f": “{item.what}”"
    return Said(
        subject=f"An action item was for {long_day(item.due_on)}",
        line=f"You took something on with {item.other_name}, for {long_day(item.due_on)}{what}."
        " Tick it if it is done, move the date, or drop it.",
        action="See your action items",
        href=page("insights.pairing", pairing_id=item.pairing_id),
    )


ACTION_ITEM_NUDGE = NudgeKind(
    name="action_item",
    label="An action item of yours whose day has come",
    why="You had taken it on, and its day had come.",
    find=find,
    say=say,
)
