"""Another mentor in place of one: the student's wish, which the next matching run sees."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert

from mentorship.audit import trail
from mentorship.foundation import scope
from mentorship.foundation.database import db, uuid7
from mentorship.foundation.errors import Refusal
from mentorship.relationships.models import (
    OPEN,
    Pairing,
    PairingState,
    RematchDeed,
    RematchWish,
)
from mentorship.tenancy import roles
from mentorship.tenancy.members import Member
from mentorship.tenancy.models import Membership
from mentorship.tenancy.roles import Permission
from mentorship.vocabulary.kinds import Kind

_OPEN_WISH = select(RematchWish).where(
    RematchWish.mentee_id == bindparam("mentee_id"),
    RematchWish.kind == bindparam("kind"),
    RematchWish.settled_at.is_(None),
)
_WANTING = (
    select(
        RematchWish.id,
        RematchWish.mentee_id,
        Membership.name.label("mentee_name"),
        Pairing.mentor_id,
        RematchWish.pairing_id,
        RematchWish.kind,
        RematchWish.topic,
        RematchWish.wished_at,
    )
    .join(Membership, Membership.id == RematchWish.mentee_id)
    .join(Pairing, Pairing.id == RematchWish.pairing_id)
    .where(RematchWish.settled_at.is_(None), Membership.left_at.is_(None))
    .order_by(RematchWish.wished_at, RematchWish.id)
)
_WITH_ANOTHER = select(Pairing.id).where(
    Pairing.mentee_id == bindparam("mentee_id"),
    Pairing.kind == bindparam("kind"),
    Pairing.state.in_(OPEN),
    Pairing.state != PairingState.PROPOSED,
)


class StillOpen(Refusal):
    sentence = "This pairing is still open. Finish it first, then another mentor can be found."


class FoundAlready(Refusal):
    sentence = "You have a mentor of this kind already."


class Wanting(NamedTuple):
    """A student who would like another mentor, since when, and from whom they come."""

    id: UUID
    mentee_id: UUID
    mentee_name: str
    mentor_id: UUID
    """Whom the pairing was with. Not to be proposed again for this kind."""
    pairing_id: UUID
    kind: Kind
    topic: str | None
    wished_at: datetime


def wanting_a_rematch() -> Sequence[Wanting]:
    """Every student of the chapter who waits for another mentor, who has waited longest first."""
    return [
        Wanting(**row._asdict() | {"kind": Kind(row.kind)}) for row in db.session.execute(_WANTING)
    ]


def wish(pairing: Pairing, *, by: Member, now: datetime) -> None:
    """Ask for another mentor of the same kind. Asking twice changes nothing.

    :raises NotYours: `by` is not the mentee of this pairing.
    :raises StillOpen: it has not ended.
    :raises FoundAlready: there is another mentor of this kind.
    """
    roles.insist(Permission.REMATCH_WISH, pairing, by=by)
    roles.insist_on_state(Permission.REMATCH_WISH, pairing, StillOpen)
    facts = {"mentee_id": by.id, "kind": pairing.kind}
    if db.session.execute(_WITH_ANOTHER, facts).first():
        raise FoundAlready
    made = db.session.execute(
        insert(RematchWish)
        .values(
            chapter_id=scope.here(),
            id=uuid7(),
            pairing_id=pairing.id,
            topic=pairing.topic,
            wished_at=now,
            **facts,
        )
        .on_conflict_do_nothing()
        .returning(RematchWish.id)
    ).first()
    if made:
        trail.record(RematchDeed.WISHED, pairing, by=by, now=now, kind=pairing.kind)


def withdraw(pairing: Pairing, *, by: Member, now: datetime) -> None:
    """Take the wish back. Without one nothing changes.

    :raises NotYours: `by` is not the mentee of this pairing.
    """
    roles.insist(Permission.REMATCH_WISH, pairing, by=by)
    if _settle(pairing, now=now):
        trail.record(RematchDeed.WITHDRAWN, pairing, by=by, now=now, kind=pairing.kind)


def found(pairing: Pairing, *, now: datetime) -> None:
    """A mentor of this kind was found: nothing is left to wish for."""
    _settle(pairing, now=now)


def _settle(pairing: Pairing, *, now: datetime) -> bool:
    facts = {"mentee_id": pairing.mentee_id, "kind": pairing.kind}
    wish = db.session.scalars(_OPEN_WISH, facts).one_or_none()
    if wish is None:
        return False
    wish.settled_at = now
    return True
