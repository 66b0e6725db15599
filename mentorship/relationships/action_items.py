"""What can be done with an action item: something one of the two has taken on."""

from datetime import date, datetime, timedelta
from uuid import UUID

from mentorship.audit import trail
from mentorship.foundation import clock
from mentorship.foundation.database import db
from mentorship.foundation.errors import Refusal
from mentorship.relationships import queries
from mentorship.relationships.models import UNDER_WAY, ActionItem, ActionItemDeed
from mentorship.tenancy.members import Member

#: The longest an action item may be, in characters.
LONGEST = 300
#: How long a ticked item stays in sight, so that a slip can be taken back.
TICKED = timedelta(days=3)


class NotUnderWay(Refusal):
    sentence = "Action items begin when the two of you are paired, and stop when the pairing ends."


class NotOneOfTheTwo(Refusal):
    sentence = "An action item belongs to one of the two of you. Choose whose it is."


class NotSaid(Refusal):
    sentence = f"Say what is to be done, in 1 to {LONGEST} characters."


class DueInThePast(Refusal):
    sentence = "Choose a due date from today on."


class Dropped(Refusal):
    sentence = "This action item was dropped. Write it down again if it still counts."


def take_on(
    *,
    pairing_id: UUID,
    owner: Member,
    what: str,
    due_on: date | None,
    by: Member,
    now: datetime,
    meeting_id: UUID | None = None,
) -> ActionItem:
    """Write down what one of the two will do, and by when, on the calendar of `by`.

    :raises NotYours: `by` is not of this pairing.
    :raises NotUnderWay: the pairing was not accepted yet, or is over.
    :raises NotOneOfTheTwo: the owner is neither mentor nor mentee of this pairing.
    :raises NotSaid: there is no text, or too much of it.
    :raises DueInThePast: the date has passed where `by` is.
    """
    pairing = queries.my_pairing(pairing_id, member=by)
    if pairing.state not in UNDER_WAY:
        raise NotUnderWay
    if owner.id not in (pairing.mentee_id, pairing.mentor_id):
        raise NotOneOfTheTwo
    if not 1 <= len(what.strip()) <= LONGEST:
        raise NotSaid
    if due_on is not None and due_on < clock.day(now, by.zone):
        raise DueInThePast
    item = ActionItem(
        pairing_id=pairing.id,
        meeting_id=meeting_id,
        owner_id=owner.id,
        what=what.strip(),
        due_on=due_on,
        created_at=now,
    )
    db.session.add(item)
    db.session.flush()
    trail.record(ActionItemDeed.TAKEN_ON, item, by=by, now=now, owner_id=owner.id)
    return item


def finish(item: ActionItem, *, by: Member, now: datetime) -> None:
    """It is done. Ticking it twice changes nothing.

    :raises Dropped: it was dropped meanwhile.
    """
    _insist_on_kept(item)
    if item.done_at is None:
        item.done_at = now
        trail.record(ActionItemDeed.FINISHED, item, by=by, now=now)


def reopen(item: ActionItem, *, by: Member, now: datetime) -> None:
    """It is not done after all.

    :raises Dropped: it was dropped meanwhile.
    """
    _insist_on_kept(item)
    if item.done_at is not None:
        item.done_at = None
        trail.record(ActionItemDeed.REOPENED, item, by=by, now=now)


def drop(item: ActionItem, *, by: Member, now: datetime) -> None:
    """Take it off the list: it was a mistake, or no longer counts. Once is enough."""
    if item.dropped_at is None:
        item.dropped_at = now
        trail.record(ActionItemDeed.DROPPED, item, by=by, now=now)


def _insist_on_kept(item: ActionItem) -> None:
    if item.dropped_at is not None:
        raise Dropped
