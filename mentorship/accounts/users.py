"""What can be done with an account."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from mentorship.accounts.models import User
from mentorship.foundation import clock
from mentorship.foundation.database import db, uuid7
from mentorship.foundation.errors import Refusal


class NoSuchZone(Refusal):
    sentence = "Choose a time zone from the list."


def find_or_create(*, email: str, zone: str, now: datetime) -> UUID:
    """The account with this address, whatever its case; a new one if there is none."""
    email = email.strip().lower()
    made = db.session.execute(
        insert(User)
        .values(id=uuid7(), email=email, zone=zone, is_network_admin=False, created_at=now)
        .on_conflict_do_nothing(index_elements=["email"])
        .returning(User.id)
    ).scalar_one_or_none()
    if made is not None:
        return made
    return db.session.execute(select(User.id).where(User.email == email)).scalar_one()


def known(email: str) -> UUID:
    """The account with this address, whatever its case.

    :raises Refusal: nobody has it.
    """
    found = db.session.execute(select(User.id).where(User.email == email.strip().lower()))
    user_id = found.scalar_one_or_none()
    if user_id is None:
        raise Refusal(f"Nobody has the address {email}.")
    return user_id


def address(user_id: UUID) -> str:
    """The address of somebody who has an account."""
    return db.session.execute(select(User.email).where(User.id == user_id)).scalar_one()


def ids() -> list[UUID]:
    """Every account there is."""
    return list(db.session.scalars(select(User.id).order_by(User.id)))


def lock(*user_ids: UUID) -> None:
    """Make whoever else wants to book or pair these people wait for this transaction.

    Always in the same order, so that two who want the same two people cannot block each other.
    """
    rows = select(User.id).where(User.id.in_(user_ids)).order_by(User.id)
    db.session.execute(rows.with_for_update(key_share=True))


def set_zone(user_id: UUID, *, zone: str) -> None:
    """Show this person every time in another zone from now on.

    :raises NoSuchZone: it is not in the tables.
    """
    if zone not in clock.zones():
        raise NoSuchZone
    db.session.execute(update(User).where(User.id == user_id).values(zone=zone))


def set_places(user_id: UUID, *, places: int) -> None:
    """How many mentees this person has room for, over all kinds and chapters: 0 to 50."""
    db.session.execute(update(User).where(User.id == user_id).values(places=places))


def make_network_admin(user_id: UUID, *, is_one: bool) -> None:
    """Let somebody ask chapters to be let in, or no more. It opens no chapter."""
    one = update(User).where(User.id == user_id)
    db.session.execute(one.values(is_network_admin=is_one))
