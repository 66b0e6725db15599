"""Whom a mentee wishes for, first of all first. Coordinators see it where a run is reviewed."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, bindparam, delete, insert, select

from mentorship.accounts import users
from mentorship.audit import trail
from mentorship.foundation import scope
from mentorship.foundation.database import db
from mentorship.foundation.errors import Refusal
from mentorship.profiles.details import NotListed
from mentorship.profiles.models import MOST_WISHES, MentorProfile, MentorWish, Offer, ProfileDeed
from mentorship.relationships import conflicts
from mentorship.tenancy.members import Member
from mentorship.tenancy.models import Membership
from mentorship.tenancy.roles import Role


class NamedTwice(Refusal):
    sentence = "You named the same mentor twice. Each can be one wish only."


class TooManyWishes(Refusal):
    sentence = f"Name at most {MOST_WISHES} mentors."


_CANDIDATES = (
    select(Membership.id, Membership.name)
    .join(MentorProfile, MentorProfile.member_id == Membership.id)
    .where(
        Membership.left_at.is_(None),
        Membership.roles.contains([Role.MENTOR]),
        Membership.id != bindparam("member_id"),
        select(Offer.kind).where(Offer.member_id == Membership.id).exists(),
        ~conflicts.kept_apart(Membership.id, bindparam("member_id")),
    )
    .order_by(Membership.name, Membership.id)
)
_MINE = (
    select(Membership.id, Membership.name)
    .join(MentorWish, MentorWish.mentor_id == Membership.id)
    .where(
        MentorWish.member_id == bindparam("member_id"),
        Membership.left_at.is_(None),
        ~conflicts.kept_apart(Membership.id, bindparam("member_id")),
    )
    .order_by(MentorWish.rank)
)


def candidates(member: Member) -> dict[UUID, str]:
    """The mentors of this chapter whom this member may wish for, with their names, by name."""
    return _named(_CANDIDATES, member)


def mine(member: Member) -> dict[UUID, str]:
    """Whom this member wishes for, with their names, the first of all first."""
    return _named(_MINE, member)


def save(mentors: Sequence[UUID], *, by: Member, now: datetime) -> None:
    """Wish for these mentors, most of all first, in the place of those before.

    :raises TooManyWishes: more than five.
    :raises NamedTwice: one of them twice.
    :raises NotListed: one is not among those whom this member may wish for.
    """
    if len(mentors) > MOST_WISHES:
        raise TooManyWishes
    if len(set(mentors)) < len(mentors):
        raise NamedTwice
    if not candidates(by).keys() >= set(mentors):
        raise NotListed
    users.lock(by.user_id)
    db.session.execute(
        delete(MentorWish).where(MentorWish.member_id == by.id),
        execution_options={"synchronize_session": False},
    )
    if mentors:
        rows = [
            {"chapter_id": scope.here(), "member_id": by.id, "rank": rank, "mentor_id": mentor_id}
            for rank, mentor_id in enumerate(mentors, 1)
        ]
        db.session.execute(insert(MentorWish), rows)
    trail.record(ProfileDeed.SAVED, by, by=by, now=now, part="mentee")


def _named(statement: Select[UUID, str], member: Member) -> dict[UUID, str]:
    return {row.id: row.name for row in db.session.execute(statement, {"member_id": member.id})}
