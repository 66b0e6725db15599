"""Questions about pairings and what grows between two people, each on a member's behalf."""

from uuid import UUID

from sqlalchemy import and_, bindparam, or_, select

from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours
from mentorship.relationships.models import OPEN, ActionItem, Pairing
from mentorship.tenancy.members import Member

_OF_MEMBER = or_(
    Pairing.mentee_id == bindparam("member_id"), Pairing.mentor_id == bindparam("member_id")
)
_OF_BOTH = or_(
    and_(Pairing.mentee_id == bindparam("member_id"), Pairing.mentor_id == bindparam("other_id")),
    and_(Pairing.mentor_id == bindparam("member_id"), Pairing.mentee_id == bindparam("other_id")),
)
_MINE = select(Pairing).where(Pairing.id == bindparam("pairing_id"), _OF_MEMBER)
_MINE_WITH = (
    select(Pairing)
    .where(_OF_BOTH, Pairing.state.in_(OPEN))
    .order_by(Pairing.began_at, Pairing.id)
    .limit(1)
)
_OPEN_BETWEEN = select(Pairing).where(_OF_BOTH, Pairing.state.in_(OPEN)).order_by(Pairing.id)
_MY_ITEM = (
    select(ActionItem)
    .join(Pairing, Pairing.id == ActionItem.pairing_id)
    .where(ActionItem.id == bindparam("item_id"), _OF_MEMBER)
)


def my_pairing(pairing_id: UUID, *, member: Member, for_update: bool = False) -> Pairing:
    """A pairing of this member, open or closed, as an entity that verbs may change.

    With `for_update` the other of the two waits until this change is kept or dropped.

    :raises NotYours: the member is not one of the two.
    """
    facts = {"pairing_id": pairing_id, "member_id": member.id}
    wanted = _MINE.with_for_update() if for_update else _MINE
    found = db.session.scalars(wanted, facts).one_or_none()
    if found is None:
        raise NotYours
    return found


def my_pairing_with(other_id: UUID, member: Member) -> Pairing | None:
    """The open pairing of these two, whoever is the mentor; the oldest where there are two."""
    facts = {"other_id": other_id, "member_id": member.id}
    return db.session.scalars(_MINE_WITH, facts).one_or_none()


def open_between(other_id: UUID, member: Member) -> list[Pairing]:
    """Every open pairing of these two, whoever is the mentor."""
    facts = {"other_id": other_id, "member_id": member.id}
    return list(db.session.scalars(_OPEN_BETWEEN, facts))


def my_action_item(item_id: UUID, *, member: Member, for_update: bool = False) -> ActionItem:
    """An action item of one of this member's pairings, whoever of the two owns it.

    With `for_update` the other of the two waits until this change is kept or dropped.

    :raises NotYours: there is none.
    """
    facts = {"item_id": item_id, "member_id": member.id}
    wanted = _MY_ITEM.with_for_update(of=ActionItem) if for_update else _MY_ITEM
    found = db.session.scalars(wanted, facts).one_or_none()
    if found is None:
        raise NotYours
    return found
