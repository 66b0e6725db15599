"""The fit check: after their first meeting each of the two is asked once, in private.

Neither ever learns what the other has said. Coordinators see that a hand is wanted, and read a
line only if it was written for them; of wellness mentoring they see no more than the hand.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import and_, bindparam, or_, select
from sqlalchemy.orm import aliased

from mentorship.audit import trail
from mentorship.foundation.database import db
from mentorship.foundation.errors import Refusal
from mentorship.relationships import pairings, partings
from mentorship.relationships.models import (
    UNDER_WAY,
    Fit,
    FitCheck,
    FitCheckDeed,
    Pairing,
    Why,
)
from mentorship.tenancy import roles
from mentorship.tenancy.members import Member
from mentorship.tenancy.models import Membership
from mentorship.tenancy.roles import Permission
from mentorship.vocabulary.kinds import Kind

#: The longest line for the coordinators, in characters.
LONGEST = 500
#: The purpose of links to it in mail, and for how long they work. Then its page takes an answer.
BY_MAIL, LASTS = "fit", timedelta(days=21)
#: For how long a pairing that was no fit stays on the coordinators' list.
LATELY = timedelta(days=30)

_MINE = select(FitCheck).where(
    FitCheck.pairing_id == bindparam("pairing_id"), FitCheck.member_id == bindparam("member_id")
)
_mentee, _mentor, _by = aliased(Membership), aliased(Membership), aliased(Membership)
_newer = aliased(Pairing)
_replaced = (
    select(_newer.id)
    .where(
        _newer.mentee_id == Pairing.mentee_id,
        _newer.kind == Pairing.kind,
        _newer.state.in_(UNDER_WAY),
    )
    .exists()
)
_WANTING = (
    select(
        FitCheck.pairing_id,
        Pairing.kind,
        Pairing.mentee_id,
        Pairing.mentor_id,
        _mentee.name.label("mentee_name"),
        _mentor.name.label("mentor_name"),
        _by.name.label("by_name"),
        FitCheck.line,
        FitCheck.at,
    )
    .join(Pairing, Pairing.id == FitCheck.pairing_id)
    .join(_mentee, _mentee.id == Pairing.mentee_id)
    .join(_mentor, _mentor.id == Pairing.mentor_id)
    .join(_by, _by.id == FitCheck.member_id)
    .where(
        _mentee.left_at.is_(None),
        or_(
            and_(FitCheck.answer == Fit.UNSURE, Pairing.state.in_(UNDER_WAY)),
            and_(
                FitCheck.answer == Fit.NOT_A_FIT,
                Pairing.state.not_in(UNDER_WAY),
                Pairing.ended_at > bindparam("since"),
                ~_replaced,
            ),
        ),
    )
    .order_by(FitCheck.at, FitCheck.pairing_id, FitCheck.member_id)
)


class NotMetYet(Refusal):
    sentence = "The two of you have not met yet. You are asked after your first meeting."


class NotUnderWay(Refusal):
    sentence = "This pairing is not under way anymore, so there is nothing to answer."


class TooLong(Refusal):
    sentence = f"Keep the line within {LONGEST} characters."


class StaysBetweenTheTwo(Refusal):
    sentence = "Of wellness mentoring, coordinators see only that a hand is wanted, and no words."


class AnsweredAlready(Refusal):
    sentence = "You have answered already. On the page of the pairing you can change your answer."


class Wanting(NamedTuple):
    """A pairing whose fit check wants a coordinator's hand.

    `by_name`, `line` and `at` are empty where the words were not for coordinators.
    """

    pairing_id: UUID
    kind: Kind
    mentee_id: UUID
    mentor_id: UUID
    mentee_name: str
    mentor_name: str
    by_name: str
    line: str
    at: datetime | None


def ask(pairing: Pairing, *, now: datetime) -> None:
    """The two have met for the first time: have each of them asked, by one mail."""
    trail.record(FitCheckDeed.ASKED, pairing, by=None, now=now)


def answer(
    pairing: Pairing,
    said: Fit,
    *,
    line: str = "",
    another: bool = False,
    once: bool = False,
    by: Member,
    now: datetime,
) -> None:
    """Say how it fits. Where it does not, the pairing ends as gently as any other.

    `line` is for the coordinators. With `another` a mentee whom it does not fit asks for another
    mentor. `once` takes a first answer only: an answer by mail is not changed by mail.

    :raises NotYours: `by` is not one of the two.
    :raises TooLong: the line is for a few sentences.
    :raises StaysBetweenTheTwo: it is wellness mentoring, and there is a line.
    :raises NotMetYet: there is nothing to judge by.
    :raises NotUnderWay: it is over, or was never accepted.
    :raises AnsweredAlready: there is an answer, and this one was to be the first.
    """
    roles.insist(Permission.FIT_ANSWER, pairing, by=by)
    line = line.strip()
    if len(line) > LONGEST:
        raise TooLong
    if line and pairing.kind == Kind.WELLNESS:
        raise StaysBetweenTheTwo
    pairings.alone(pairing)
    check = mine(pairing.id, member=by)
    if check is not None and once:
        raise AnsweredAlready
    if pairing.first_met_at is None:
        raise NotMetYet
    roles.insist_on_state(Permission.FIT_ANSWER, pairing, NotUnderWay)
    if check is None:
        check = FitCheck(pairing_id=pairing.id, member_id=by.id)
        db.session.add(check)
    check.answer, check.line, check.at = said, line, now
    # The trail says that there is an answer. What it says is for one person to know.
    trail.record(FitCheckDeed.ANSWERED, pairing, by=by, now=now)
    if said is Fit.NOT_A_FIT:
        partings.finish(pairing, by=by, now=now, why=Why.FIT, another=another)


def mine(pairing_id: UUID, *, member: Member) -> FitCheck | None:
    """What this member has said of the pairing."""
    facts = {"pairing_id": pairing_id, "member_id": member.id}
    return db.session.scalars(_MINE, facts).one_or_none()


def wanting_a_hand(*, now: datetime) -> Sequence[Wanting]:
    """Pairings for a coordinator to look at, longest waiting first.

    Those of which somebody is unsure, and those that were no fit in the last 30 days while the
    student has nobody else of the kind. A pairing stands here once.
    """
    found: dict[UUID, Wanting] = {}
    for row in db.session.execute(_WANTING, {"since": now - LATELY}):
        kind = Kind(row.kind)
        wanting = Wanting(**row._asdict() | {"kind": kind})
        if not row.line or kind is Kind.WELLNESS:
            wanting = wanting._replace(by_name="", line="", at=None)
        if not found.get(row.pairing_id, wanting._replace(line="")).line:
            found[row.pairing_id] = wanting
    return list(found.values())
