"""When a student's rotations end, as they say: a good moment to write to those who helped."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, select

from mentorship.audit import trail
from mentorship.foundation import clock
from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours, Refusal
from mentorship.relationships.contacts.models import Rotation, RotationDeed
from mentorship.tenancy import roles
from mentorship.tenancy.members import Member
from mentorship.tenancy.roles import Permission

#: The longest name of a place, in characters.
LONGEST = 120
#: How far ahead, and how far back, the end of a rotation may lie.
AHEAD, BACK = timedelta(days=730), timedelta(days=30)
#: How many rotations somebody keeps at once.
MOST = 12

_MINE = (
    select(Rotation)
    .where(Rotation.member_id == bindparam("member_id"), Rotation.ends_on >= bindparam("since"))
    .order_by(Rotation.ends_on, Rotation.id)
)
_ONE = select(Rotation).where(
    Rotation.id == bindparam("rotation_id"), Rotation.member_id == bindparam("member_id")
)


class NotNamed(Refusal):
    sentence = f"Say where you rotate, in 1 to {LONGEST} characters."


class NotOnThatDay(Refusal):
    sentence = "Choose the last day of the rotation, from last month on, within two years."


class TooMany(Refusal):
    sentence = f"You have {MOST} rotations here. Remove one, and add this again."


def add(*, place: str, ends_on: date, by: Member, now: datetime) -> Rotation:
    """Say when a rotation ends. `ends_on` is its last day, where `by` is.

    :raises NotNamed: it has no name, or too long a one.
    :raises NotOnThatDay: the day is too far back or ahead.
    :raises TooMany: there are many already.
    """
    place, today = place.strip(), clock.day(now, by.zone)
    if not 1 <= len(place) <= LONGEST:
        raise NotNamed
    if not today - BACK <= ends_on <= today + AHEAD:
        raise NotOnThatDay
    if len(mine(member=by, now=now)) >= MOST:
        raise TooMany
    rotation = Rotation(member_id=by.id, place=place, ends_on=ends_on, created_at=now)
    db.session.add(rotation)
    db.session.flush()
    trail.record(RotationDeed.ADDED, rotation, by=by, now=now)
    return rotation


def remove(rotation: Rotation, *, by: Member, now: datetime) -> None:
    """Take it off the list.

    :raises NotYours: it is somebody else's.
    """
    roles.insist(Permission.ROTATION_KEEP, rotation, by=by)
    trail.record(RotationDeed.REMOVED, rotation, by=by, now=now)
    db.session.delete(rotation)


def mine(*, member: Member, now: datetime) -> Sequence[Rotation]:
    """A student's rotations that end soon, or have ended lately; the first to end first."""
    since = clock.day(now, member.zone) - BACK
    return db.session.scalars(_MINE, {"member_id": member.id, "since": since}).all()


def one(rotation_id: UUID, *, member: Member) -> Rotation:
    """A rotation of this member's.

    :raises NotYours: there is none.
    """
    facts = {"rotation_id": rotation_id, "member_id": member.id}
    found = db.session.scalars(_ONE, facts).one_or_none()
    if found is None:
        raise NotYours
    return found
