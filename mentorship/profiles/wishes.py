"""Whom people wish for, first of all first: students for mentors, and mentors for students.

Coordinators see it where a run is reviewed, and those who are wished for never do.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, insert, literal, select, union_all

from mentorship.accounts import users
from mentorship.audit import trail
from mentorship.foundation import scope
from mentorship.foundation.database import db
from mentorship.foundation.errors import Refusal
from mentorship.profiles.details import NotListed
from mentorship.profiles.models import (
    MOST_WISHES,
    MentorProfile,
    MentorWish,
    Offer,
    ProfileDeed,
    StudentWish,
    Want,
)
from mentorship.relationships import conflicts
from mentorship.tenancy.members import Member
from mentorship.tenancy.models import Membership
from mentorship.tenancy.roles import Role


class NamedTwice(Refusal):
    sentence = "You named the same person twice. Each can be one wish only."


class TooManyWishes(Refusal):
    sentence = f"Name at most {MOST_WISHES} people."


class Wished(StrEnum):
    """Who is wished for."""

    MENTORS = "mentors"
    STUDENTS = "students"


def _people(role: Role, *said: Any) -> Any:
    """Members of this role, with what they have to have said, whom no wall keeps from a member."""
    return (
        select(Membership.id, Membership.name)
        .where(
            Membership.left_at.is_(None),
            Membership.roles.contains([role]),
            Membership.id != bindparam("member_id"),
            *(statement.exists() for statement in said),
            ~conflicts.kept_apart(Membership.id, bindparam("member_id")),
        )
        .order_by(Membership.name, Membership.id)
    )


def _wished(what: Wished, wish: Any, whom: Any) -> Any:
    return (
        select(literal(what).label("what"), wish.rank, Membership.id, Membership.name)
        .select_from(Membership)
        .join(wish, whom == Membership.id)
        .where(
            wish.member_id == bindparam("member_id"),
            Membership.left_at.is_(None),
            ~conflicts.kept_apart(Membership.id, bindparam("member_id")),
        )
    )


_CANDIDATES = {
    Wished.MENTORS: _people(
        Role.MENTOR,
        select(MentorProfile.member_id).where(MentorProfile.member_id == Membership.id),
        select(Offer.kind).where(Offer.member_id == Membership.id),
    ),
    # Who asks for no mentor is nobody's wish, and their name nobody's to read.
    Wished.STUDENTS: _people(
        Role.STUDENT, select(Want.kind).where(Want.member_id == Membership.id)
    ),
}
_RECORDS: dict[Wished, tuple[Any, str, str]] = {
    Wished.MENTORS: (MentorWish, "mentor_id", "mentee"),
    Wished.STUDENTS: (StudentWish, "student_id", "mentor"),
}
_MINE = union_all(
    _wished(Wished.MENTORS, MentorWish, MentorWish.mentor_id),
    _wished(Wished.STUDENTS, StudentWish, StudentWish.student_id),
).order_by("rank")


def candidates(member: Member, whom: Wished = Wished.MENTORS) -> dict[UUID, str]:
    """The people of this chapter whom this member may wish for, with their names, by name."""
    found = db.session.execute(_CANDIDATES[whom], {"member_id": member.id})
    return {row.id: row.name for row in found}


def of_both(member: Member) -> dict[Wished, dict[UUID, str]]:
    """The mentors and the students whom this member wishes for, each with the first first."""
    found: dict[Wished, dict[UUID, str]] = {whom: {} for whom in Wished}
    for row in db.session.execute(_MINE, {"member_id": member.id}):
        found[Wished(row.what)][row.id] = row.name
    return found


def mine(member: Member, whom: Wished = Wished.MENTORS) -> dict[UUID, str]:
    """Whom this member wishes for, with their names, the first of all first."""
    return of_both(member)[whom]


def save(
    people: Sequence[UUID], *, by: Member, now: datetime, whom: Wished = Wished.MENTORS
) -> None:
    """Wish for these people, most of all first, in the place of those before.

    :raises TooManyWishes: more than five.
    :raises NamedTwice: one of them twice.
    :raises NotListed: one is not among those whom this member may wish for.
    """
    if len(people) > MOST_WISHES:
        raise TooManyWishes
    if len(set(people)) < len(people):
        raise NamedTwice
    if not candidates(by, whom).keys() >= set(people):
        raise NotListed
    wish, column, part = _RECORDS[whom]
    users.lock(by.user_id)
    db.session.execute(
        delete(wish).where(wish.member_id == by.id),
        execution_options={"synchronize_session": False},
    )
    if people:
        rows = [
            {"chapter_id": scope.here(), "member_id": by.id, "rank": rank, column: person}
            for rank, person in enumerate(people, 1)
        ]
        db.session.execute(insert(wish), rows)
    trail.record(ProfileDeed.SAVED, by, by=by, now=now, part=part)
