"""What can be done with a membership."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from mentorship.accounts import users
from mentorship.foundation import scope
from mentorship.foundation.database import db
from mentorship.tenancy.models import Affiliation, Membership
from mentorship.tenancy.roles import Role


def join(*, email: str, name: str, roles: Iterable[Role], zone: str, now: datetime) -> Membership:
    """Make sure a person belongs to this chapter with at least these roles.

    Someone who is there already keeps their other roles and takes the new name; someone who
    left comes back. `zone` is only for people who have no account yet.
    """
    user_id = users.find_or_create(email=email, zone=zone, now=now)
    membership = db.session.scalars(
        select(Membership).where(Membership.user_id == user_id)
    ).one_or_none()
    if membership is None:
        membership = Membership(user_id=user_id, name=name, held=sorted(set(roles)), joined_at=now)
        db.session.add(membership)
    else:
        membership.name = name
        membership.held = sorted({*membership.held, *roles})
        membership.left_at = None
    _affiliate(user_id)
    db.session.flush()
    return membership


def _affiliate(user_id: UUID) -> None:
    db.session.execute(
        insert(Affiliation)
        .values(user_id=user_id, chapter_id=scope.here())
        .on_conflict_do_nothing()
    )
