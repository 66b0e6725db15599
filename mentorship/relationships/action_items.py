"""What can be done with an action item: something one of the two has taken on."""

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, select

from mentorship.audit import trail
from mentorship.foundation import clock
from mentorship.foundation.database import db
from mentorship.foundation.errors import Refusal
from mentorship.relationships import conflicts, queries
from mentorship.relationships.models import ActionItem, ActionItemDeed, Pairing
from mentorship.tenancy import roles
from mentorship.tenancy.members import Member
from mentorship.tenancy.models import Membership
from mentorship.tenancy.roles import Permission

#: The longest an action item may be, and the line of what came of it, in characters.
LONGEST = 300
#: How long a ticked or a dropped item stays in sight, so that a slip can be taken back.
TICKED = timedelta(days=3)

_LEFT = select(Membership.left_at).where(Membership.id == bindparam("member_id"))


class NotUnderWay(Refusal):
    sentence = "Action items begin when the two of you are paired, and stop when the pairing ends."


class NotOneOfTheTwo(Refusal):
    sentence = "An action item belongs to one of the two of you. Choose whose it is."


class HasLeft(Refusal):
    sentence = "They have left the chapter, and take on nothing more here. Take it on yourself."


class NotSaid(Refusal):
    sentence = f"Say what is to be done, in 1 to {LONGEST} characters."


class TooLong(Refusal):
    sentence = f"Say what came of it in one line, of at most {LONGEST} characters."


class NoContact(Refusal):
    # Nobody is told who set the block.
    sentence = "Nothing more can be written between the two of you."


class DueInThePast(Refusal):
    sentence = "Choose a due date from today on."


class Dropped(Refusal):
    sentence = "This action item was dropped. Write it down again if it still counts."


class Done(Refusal):
    sentence = "This action item is done. Open it again first."


class TooLate(Refusal):
    sentence = (
        f"This was dropped more than {TICKED.days} days ago. Write it down again if it still"
        " counts."
    )


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
    :raises HasLeft: the owner has left the chapter.
    :raises NotSaid: there is no text, or too much of it.
    :raises DueInThePast: the date has passed where `by` is.
    """
    pairing = queries.my_pairing(pairing_id, member=by)
    _insist_on_owner(owner, pairing, by=by)
    if due_on is not None and due_on < clock.day(now, by.zone):
        raise DueInThePast
    item = ActionItem(
        pairing_id=pairing.id,
        meeting_id=meeting_id,
        owner_id=owner.id,
        what=_fitting(what),
        due_on=due_on,
        created_at=now,
    )
    db.session.add(item)
    db.session.flush()
    trail.record(ActionItemDeed.TAKEN_ON, item, by=by, now=now, owner_id=owner.id)
    return item


def change(
    item: ActionItem,
    *,
    what: str,
    owner: Member,
    due_on: date | None,
    by: Member,
    now: datetime,
) -> None:
    """Say it better, give it another day, or hand it to the other of the two, who is told.

    A day that has passed may stay as it is; a new one lies ahead. The same again changes nothing.

    :raises Dropped, Done: there is nothing left to change.
    :raises Refusal: as `take_on` does.
    """
    _insist_on_kept(item)
    if item.done_at is not None:
        raise Done
    pairing = queries.my_pairing(item.pairing_id, member=by)
    _insist_on_owner(owner, pairing, by=by)
    if due_on not in (None, item.due_on) and due_on < clock.day(now, by.zone):
        raise DueInThePast
    handed_over, before = owner.id != item.owner_id, (item.what, item.due_on)
    item.what, item.due_on, item.owner_id = _fitting(what), due_on, owner.id
    if handed_over:
        trail.record(ActionItemDeed.REASSIGNED, item, by=by, now=now, owner_id=owner.id)
    elif before != (item.what, item.due_on):
        trail.record(ActionItemDeed.CHANGED, item, by=by, now=now)


def finish(item: ActionItem, *, by: Member, now: datetime, came_of_it: str | None = None) -> None:
    """It is done, perhaps with a line of what came of it. Ticking it twice changes nothing.

    Without a line the one that stands there stays.

    :raises Dropped: it was dropped meanwhile.
    :raises TooLong: the line is no line.
    :raises NoContact: there is a new line, and one of the two has blocked the other.
    """
    _insist_on_kept(item)
    if came_of_it is not None:
        came_of_it = " ".join(came_of_it.split())
        if len(came_of_it) > LONGEST:
            raise TooLong
    said = item.came_of_it if came_of_it is None else came_of_it
    if said not in ("", item.came_of_it):
        _insist_on_contact(item, by=by)
    if item.done_at is None:
        item.done_at = now
        item.came_of_it = said
        trail.record(ActionItemDeed.FINISHED, item, by=by, now=now)
    elif said != item.came_of_it:
        item.came_of_it = said
        trail.record(ActionItemDeed.CHANGED, item, by=by, now=now)


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


def restore(item: ActionItem, *, by: Member, now: datetime) -> None:
    """Put back what was dropped by a slip. What was not dropped stays as it is.

    :raises TooLate: that was days ago.
    """
    if item.dropped_at is None:
        return
    if now - item.dropped_at > TICKED:
        raise TooLate
    item.dropped_at = None
    trail.record(ActionItemDeed.RESTORED, item, by=by, now=now)


def _insist_on_owner(owner: Member, pairing: Pairing, *, by: Member) -> None:
    roles.insist_on_state(Permission.ITEM_TAKE_ON, pairing, NotUnderWay)
    if owner.id not in (pairing.mentee_id, pairing.mentor_id):
        raise NotOneOfTheTwo
    if owner.id != by.id and db.session.scalar(_LEFT, {"member_id": owner.id}) is not None:
        raise HasLeft


def _insist_on_kept(item: ActionItem) -> None:
    if item.dropped_at is not None:
        raise Dropped


def _insist_on_contact(item: ActionItem, *, by: Member) -> None:
    pairing = queries.my_pairing(item.pairing_id, member=by)
    if conflicts.blocked(pairing.mentee_id, pairing.mentor_id):
        raise NoContact


def _fitting(what: str) -> str:
    what = what.strip()
    if not 1 <= len(what) <= LONGEST:
        raise NotSaid
    return what
