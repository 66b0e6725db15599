"""Evaluative roles a mentor declares, and the wellness pairings that cannot stand beside them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, func, or_, select
from sqlalchemy.orm import aliased

from mentorship.accounts import users
from mentorship.foundation import clock
from mentorship.foundation.database import db
from mentorship.foundation.errors import Refusal
from mentorship.relationships import conflicts, pairings
from mentorship.relationships.models import OPEN, EvaluativeRole, Pairing
from mentorship.tenancy import memberships
from mentorship.tenancy.members import Member
from mentorship.tenancy.models import Membership
from mentorship.tenancy.roles import Role
from mentorship.vocabulary.kinds import Kind

#: The roles people name most; anything else is said in their own words.
ROLES = (
    "Clerkship director",
    "Program director",
    "Associate program director",
    "SLOE author",
    "Clinical competency committee",
    "Promotions committee",
    "Direct grader",
)
#: The longest name of a role, in characters.
LONGEST = 80

_mentee = aliased(Membership)
_MINE = (
    select(
        EvaluativeRole.id,
        EvaluativeRole.role,
        EvaluativeRole.starts_on,
        EvaluativeRole.ends_on,
        _mentee.name.label("mentee_name"),
    )
    .outerjoin(_mentee, _mentee.id == EvaluativeRole.mentee_id)
    .where(
        EvaluativeRole.member_id == bindparam("member_id"),
        conflicts.in_force(conflicts.NOW),
    )
    .order_by(EvaluativeRole.starts_on.desc(), EvaluativeRole.id)
)


class NotNamed(Refusal):
    sentence = f"Say which role it is, in at most {LONGEST} characters."


class EndsBeforeItStarts(Refusal):
    sentence = "Choose a last day on or after the first."


class OverAlready(Refusal):
    sentence = "This role is over already, so there is nothing to declare."


class AlreadyDeclared(Refusal):
    sentence = "You have declared this role already. It is in the list."


class NotAStudent(Refusal):
    sentence = "Nobody with this address is a student of this chapter. Check the spelling."


@dataclass(frozen=True)
class Ending:
    """A wellness pairing that the role would end."""

    pairing_id: UUID
    mentee_name: str


class WellnessMustEnd(Refusal):
    sentence = (
        "You are a wellness mentor to somebody you would evaluate. Agree that this ends,"
        " then declare the role."
    )

    def __init__(self, endings: Sequence[Ending]) -> None:
        super().__init__()
        self.endings = tuple(endings)


def declare(
    *,
    role: str,
    starts_on: date,
    ends_on: date | None,
    mentee: Member | None,
    ending_wellness: bool = False,
    by: Member,
    now: datetime,
) -> EvaluativeRole:
    """Say that `by` judges one student, or all of this chapter's (`mentee` is None).

    Wellness pairings with those they judge cannot go on. They are ended with
    `ending_wellness`, the mentor's consent, and without it the role is refused.

    :raises NotNamed, EndsBeforeItStarts, OverAlready: the role makes no sense as it stands.
    :raises NotAStudent: the one who is judged is no student here, or is `by`.
    :raises AlreadyDeclared: the same role for the same students is not over yet.
    :raises WellnessMustEnd: there are such pairings; they are named in it.
    """
    if not 1 <= len(role.strip()) <= LONGEST:
        raise NotNamed
    if ends_on is not None and ends_on < starts_on:
        raise EndsBeforeItStarts
    today = clock.day(now, by.zone)
    if ends_on is not None and ends_on < today:
        raise OverAlready
    if mentee is not None and (not mentee.is_student or mentee.id == by.id):
        raise NotAStudent
    # Whoever would pair them at this moment waits, and finds the role. Everybody concerned is
    # locked at once, so that two who do this together cannot block each other.
    users.lock(by.user_id, *_mentees_of(by))
    _insist_on_new(role, mentee=mentee, by=by, now=now)
    endings = conflicting(by, mentee=mentee)
    if endings and not ending_wellness:
        raise WellnessMustEnd(endings)
    held = conflicts.declare_evaluation(
        role=role.strip(), starts_on=starts_on, ends_on=ends_on, mentee=mentee, by=by, now=now
    )
    ids = [ending.pairing_id for ending in endings]
    for pairing in db.session.scalars(select(Pairing).where(Pairing.id.in_(ids))):
        pairings.end(pairing, by=by, now=now)
    return held


def conflicting(mentor: Member, *, mentee: Member | None) -> list[Ending]:
    """The mentor's open wellness pairings, with everyone or with one mentee."""
    whom = _wellness_of(mentor, Pairing.id, _mentee.name)
    whom = whom.join(_mentee, _mentee.id == Pairing.mentee_id)
    if mentee is not None:
        whom = whom.where(Pairing.mentee_id == mentee.id)
    return [Ending(*row) for row in db.session.execute(whom.order_by(_mentee.name, Pairing.id))]


def mine(member: Member, *, now: datetime) -> list:
    """The roles this member has declared that are not over, newest first."""
    return list(db.session.execute(_MINE, {"member_id": member.id, "now": now}))


@memberships.appoints_along
def insist_on_no_judge(member: Member, role: Role, *, now: datetime) -> None:
    """Check, before somebody has a role, that none of their wellness pairings holds a judge.

    :raises conflicts.Evaluates: in one of them the mentor evaluates the mentee.
    """
    judged = select(Pairing.id).where(
        or_(Pairing.mentor_id == member.id, Pairing.mentee_id == member.id),
        Pairing.kind == Kind.WELLNESS,
        Pairing.state.in_(OPEN),
        conflicts.judging(Pairing.mentor_id, Pairing.mentee_id, now=now),
    )
    if db.session.execute(judged.limit(1)).first():
        raise conflicts.Evaluates


def _mentees_of(mentor: Member) -> list[UUID]:
    """The people in the mentor's open wellness pairings."""
    return list(db.session.scalars(_wellness_of(mentor, Pairing.mentee_user_id)))


def _wellness_of(mentor: Member, *columns: Any) -> Select:
    return select(*columns).where(
        Pairing.mentor_id == mentor.id, Pairing.kind == Kind.WELLNESS, Pairing.state.in_(OPEN)
    )


def _insist_on_new(role: str, *, mentee: Member | None, by: Member, now: datetime) -> None:
    same = select(EvaluativeRole.id).where(
        EvaluativeRole.member_id == by.id,
        EvaluativeRole.mentee_id.is_not_distinct_from(mentee.id if mentee else None),
        func.lower(EvaluativeRole.role) == role.strip().lower(),
        conflicts.in_force(now),
    )
    if db.session.execute(same.limit(1)).first():
        raise AlreadyDeclared
