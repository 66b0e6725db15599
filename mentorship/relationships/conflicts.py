"""Who may not be paired with whom: blocks between two members, and evaluative roles."""

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Date,
    DateTime,
    Exists,
    SQLColumnExpression,
    and_,
    bindparam,
    cast,
    delete,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import insert

from mentorship.accounts.models import User
from mentorship.audit import trail
from mentorship.foundation import clock, scope
from mentorship.foundation.database import count_touched, db
from mentorship.foundation.errors import NotYours, Refusal
from mentorship.relationships.models import (
    Block,
    BlockDeed,
    EvaluationDeed,
    EvaluativeRole,
    Separation,
)
from mentorship.tenancy.members import Member
from mentorship.tenancy.models import Membership
from mentorship.vocabulary.kinds import Kind

#: A member by id, in a condition: the id itself, or the column or parameter that holds it.
Someone = UUID | SQLColumnExpression[UUID]
#: An instant, or the parameter that holds it.
Moment = datetime | BindParameter[datetime]
#: For statements that are written once and told the instant as `now`.
NOW = bindparam("now", type_=DateTime(timezone=True))


class Blocked(Refusal):
    # Nobody is told who set the block.
    sentence = "These two people cannot be paired with each other."


class Evaluates(Refusal):
    sentence = (
        "A wellness mentor may not evaluate the student, and this mentor does."
        " Every other kind is open."
    )


def insist_on_none(*, mentee: Member, mentor: Member, kind: Kind, now: datetime) -> None:
    """Check that nothing speaks against pairing these two for this kind.

    :raises Blocked: one of them asked not to be paired with the other.
    :raises Evaluates: it is wellness mentoring, and the mentor judges the mentee these days.
    """
    if blocked(mentee.id, mentor.id):
        raise Blocked
    if kind is Kind.WELLNESS and evaluates(mentor.id, mentee.id, now=now):
        raise Evaluates


def blocked(one_id: UUID, other_id: UUID) -> bool:
    """Whether either of the two has asked to be kept from the other."""
    return bool(db.session.scalar(select(kept_apart(one_id, other_id))))


def evaluates(mentor_id: UUID, mentee_id: UUID, *, now: datetime) -> bool:
    """Whether the mentor holds, or has declared to hold soon, a role that judges this mentee."""
    return bool(db.session.scalar(select(judging(mentor_id, mentee_id, now=now))))


def kept_apart(one_id: Someone, other_id: Someone) -> ColumnElement[bool]:
    """The condition that one of the two, or somebody for them, has the two kept apart."""
    blocked = or_(
        and_(Block.member_id == one_id, Block.other_id == other_id),
        and_(Block.member_id == other_id, Block.other_id == one_id),
    )
    separated = or_(
        and_(Separation.one_id == one_id, Separation.other_id == other_id),
        and_(Separation.one_id == other_id, Separation.other_id == one_id),
    )
    return or_(
        select(Block.member_id).where(blocked).exists(),
        select(Separation.one_id).where(separated).exists(),
    )


def judging(mentor_id: Someone, mentee_id: Someone, *, now: Moment) -> Exists:
    """The condition that the mentor evaluates this mentee, or everyone in the chapter."""
    held = select(EvaluativeRole.id).where(
        EvaluativeRole.member_id == mentor_id,
        in_force(now),
        or_(EvaluativeRole.mentee_id.is_(None), EvaluativeRole.mentee_id == mentee_id),
    )
    return held.exists()


def in_force(now: Moment) -> ColumnElement[bool]:
    """The condition that an evaluative role counts: it is not over; its last day is in it.

    That day is one where the holder's clocks are: in the evening of it, the role still counts.

    One that is still to begin counts too. A wellness pairing begun today would outlast the day
    on which its mentor becomes the student's judge.
    """
    zone = (
        select(User.zone)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.id == EvaluativeRole.member_id)
        .correlate(EvaluativeRole)
        .scalar_subquery()
    )
    today = cast(func.timezone(zone, literal(now) if isinstance(now, datetime) else now), Date)
    return or_(EvaluativeRole.ends_on.is_(None), EvaluativeRole.ends_on >= today)


def block(*, other: Member, by: Member, now: datetime) -> None:
    """Keep the two apart from now on. Setting it twice changes nothing."""
    made = db.session.execute(
        insert(Block)
        .values(chapter_id=scope.here(), member_id=by.id, other_id=other.id, created_at=now)
        .on_conflict_do_nothing()
        .returning(Block.member_id)
    ).first()
    if made:
        trail.record(BlockDeed.SET, other, by=by, now=now)


def lift(*, other: Member, by: Member, now: datetime) -> None:
    """Take back one's own block."""
    own = delete(Block).where(Block.member_id == by.id, Block.other_id == other.id)
    if count_touched(own):
        trail.record(BlockDeed.LIFTED, other, by=by, now=now)


def separate(*, one: Member, other: Member, by: Member, now: datetime) -> bool:
    """Keep two others apart from now on. Says whether `by` had not done so before."""
    made = (
        insert(Separation)
        .values(one_id=one.id, other_id=other.id, set_by_id=by.id, created_at=now)
        .values(chapter_id=scope.here())
        .on_conflict_do_nothing()
        .returning(Separation.one_id)
    )
    return db.session.execute(made).first() is not None


def let_together(*, one: Member, other: Member, by: Member) -> bool:
    """Take back one's own keeping two others apart. Says whether there was any."""
    own = delete(Separation).where(
        Separation.one_id == one.id,
        Separation.other_id == other.id,
        Separation.set_by_id == by.id,
    )
    return bool(count_touched(own))


def declare_evaluation(
    *,
    role: str,
    starts_on: date,
    ends_on: date | None,
    mentee: Member | None,
    by: Member,
    now: datetime,
) -> EvaluativeRole:
    """Say that `by` judges one mentee, or all of this chapter's (`mentee` is None)."""
    held = EvaluativeRole(
        member_id=by.id,
        role=role,
        starts_on=starts_on,
        ends_on=ends_on,
        mentee_id=mentee.id if mentee else None,
    )
    db.session.add(held)
    db.session.flush()
    trail.record(EvaluationDeed.DECLARED, held, by=by, now=now, role=role)
    return held


def end_evaluation(role_id: UUID, *, by: Member, now: datetime) -> None:
    """The role is over as of today, where `by` is. Ending it twice changes nothing.

    Its last day was yesterday. One that has not stood for a whole day never stood: it goes, and
    the trail remembers it.

    :raises NotYours: it is not a role of `by`.
    """
    held = db.session.scalars(
        select(EvaluativeRole)
        .where(EvaluativeRole.id == role_id, EvaluativeRole.member_id == by.id)
        .with_for_update()
    ).one_or_none()
    if held is None:
        raise NotYours
    yesterday = clock.day(now, by.zone) - timedelta(days=1)
    if held.ends_on is not None and held.ends_on <= yesterday:
        return
    if held.starts_on <= yesterday:
        held.ends_on = yesterday
    else:
        db.session.delete(held)
    trail.record(EvaluationDeed.ENDED, held, by=by, now=now, role=held.role)
