"""A member's pairings, each as they see it, in one statement."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, case, exists, func, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased

from mentorship.files.queries import shown_between, shown_in
from mentorship.foundation import clock
from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours
from mentorship.insights.pair import Agreed, Booking, Kept, Pair, SharedGoal, Turn
from mentorship.profiles.models import MenteeProfile, MentorProfile
from mentorship.relationships import rhythm
from mentorship.relationships.agreements import Terms
from mentorship.relationships.contacts.models import Contact, UpdateCopy
from mentorship.relationships.goals.models import Goal, GoalState, GoalStep
from mentorship.relationships.goals.queries import seen_by_mentor_of
from mentorship.relationships.models import (
    OPEN,
    UNDER_WAY,
    Agreement,
    Block,
    CheckIn,
    Fit,
    FitCheck,
    Pairing,
    PairingChange,
    PairingState,
    RematchWish,
)
from mentorship.scheduling.models import LIVE, AgendaItem, Meeting, MeetingState, Part, Proposed
from mentorship.tenancy.members import Member
from mentorship.tenancy.models import Membership
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import Stage

_i_mentor = Pairing.mentor_id == bindparam("member_id")
_mine = or_(Pairing.mentee_id == bindparam("member_id"), _i_mentor)
_other = aliased(Membership)
_since: Any = bindparam("since")


def _dates(column: Any, *where: Any) -> Any:
    return select(func.json_agg(column)).where(*where).scalar_subquery()


_questions = select(func.count()).select_from(AgendaItem).where(AgendaItem.meeting_id == Meeting.id)
_proposed_by = (
    select(Proposed.part)
    .where(
        Proposed.meeting_id == Meeting.id,
        Proposed.outcome.is_(None),
        Meeting.state == MeetingState.ACCEPTED,
    )
    .scalar_subquery()
)
_bookings = (
    select(
        func.json_agg(
            func.json_build_array(
                Meeting.id,
                Meeting.starts_at,
                Meeting.ends_at,
                Meeting.state,
                Meeting.awaiting,
                Meeting.place,
                Meeting.asked_at,
                _questions.where(AgendaItem.by_id == bindparam("member_id")).scalar_subquery(),
                _questions.scalar_subquery(),
                _proposed_by,
            )
        )
    )
    .where(Meeting.pairing_id == Pairing.id, Meeting.state.in_(LIVE))
    .correlate(Pairing)
    .scalar_subquery()
)
_PAIRS = (
    select(
        Pairing.id,
        Pairing.kind,
        Pairing.topic,
        Pairing.state,
        _i_mentor.label("i_mentor"),
        _other.id.label("other_id"),
        _other.name.label("other_name"),
        MentorProfile.title,
        MentorProfile.institution,
        MenteeProfile.stage,
        MenteeProfile.school,
        Pairing.fit,
        Pairing.reasons,
        Pairing.began_at,
        Pairing.ended_at,
        Pairing.last_contact_on,
        Pairing.paused_until,
        _bookings.label("bookings"),
        _dates(
            Meeting.starts_at,
            Meeting.pairing_id == Pairing.id,
            Meeting.state == MeetingState.HELD,
            Meeting.starts_at >= _since,
        ).label("met"),
        _dates(
            CheckIn.happened_on,
            CheckIn.pairing_id == Pairing.id,
            CheckIn.happened_on >= func.date(_since),
        ).label("checked_in"),
        _dates(
            Contact.happened_on,
            Contact.pairing_id == Pairing.id,
            Contact.happened_on >= func.date(_since),
        ).label("in_touch"),
        _dates(
            UpdateCopy.sent_at,
            UpdateCopy.pairing_id == Pairing.id,
            UpdateCopy.sent_at >= _since,
        ).label("updated"),
        exists(
            select(Block.member_id).where(
                Block.member_id == bindparam("member_id"), Block.other_id == _other.id
            )
        ).label("blocked"),
    )
    .join(_other, _other.id == case((_i_mentor, Pairing.mentee_id), else_=Pairing.mentor_id))
    .outerjoin(MentorProfile, MentorProfile.member_id == Pairing.mentor_id)
    .outerjoin(MenteeProfile, MenteeProfile.member_id == Pairing.mentee_id)
    .where(_mine)
    .order_by(Pairing.began_at, Pairing.id)
)
_OPEN_PAIRS = _PAIRS.where(Pairing.state.in_(OPEN))


def _one(*columns: Any, where: Any, newest: Any = None) -> Any:
    """What another table keeps of a pairing, as one list."""
    found = select(func.json_build_array(*columns)).where(where)
    if newest is not None:
        found = found.order_by(newest.desc()).limit(1)
    return found.correlate(Pairing).scalar_subquery()


_goal = func.json_build_array(
    *(Goal.id, Goal.what, Goal.how_known, Goal.due_on),
    select(
        func.json_agg(
            aggregate_order_by(
                func.json_build_array(GoalStep.what, GoalStep.done_at.is_not(None)),
                *(GoalStep.position, GoalStep.id),
            )
        )
    )
    .where(GoalStep.goal_id == Goal.id)
    .correlate(Goal)
    .scalar_subquery(),
)
_ONE_PAIR = _PAIRS.where(Pairing.id == bindparam("pairing_id")).add_columns(
    Pairing.first_met_at,
    _one(
        *(Agreement.how_often, Agreement.by_what, Agreement.what_for, Agreement.confidence),
        *(Agreement.by_id, Agreement.at),
        where=Agreement.pairing_id == Pairing.id,
    ).label("agreed"),
    _one(
        *(PairingChange.by_id, PairingChange.at, PairingChange.before, PairingChange.words),
        where=PairingChange.pairing_id == Pairing.id,
        newest=PairingChange.at,
    ).label("turn"),
    select(FitCheck.answer)
    .where(FitCheck.pairing_id == Pairing.id, FitCheck.member_id == bindparam("member_id"))
    .correlate(Pairing)
    .scalar_subquery()
    .label("my_fit"),
    exists(
        select(RematchWish.id).where(
            RematchWish.mentee_id == Pairing.mentee_id,
            RematchWish.kind == Pairing.kind,
            RematchWish.settled_at.is_(None),
        )
    ).label("wishes_another"),
    shown_in(Pairing).label("files"),
    select(func.json_agg(aggregate_order_by(_goal, Goal.due_on, Goal.id)))
    .where(
        Goal.state == GoalState.ACTIVE,
        seen_by_mentor_of(Pairing),
        Pairing.state.in_(UNDER_WAY),
    )
    .correlate(Pairing)
    .scalar_subquery()
    .label("goals"),
)
#: Ended pairings keep their places in the history, the newest of them.
HISTORY = 30
_RECENT = (
    select(Pairing.id)
    .where(_mine, Pairing.state.not_in(OPEN))
    .order_by(Pairing.ended_at.desc(), Pairing.id)
    .limit(HISTORY)
)
_WITH_HISTORY = _PAIRS.where(or_(Pairing.state.in_(OPEN), Pairing.id.in_(_RECENT)))


def open_pairs(member: Member, *, now: datetime) -> list[Pair]:
    """The member's open pairings, as mentee and as mentor, oldest first."""
    return _pairs(_OPEN_PAIRS, member, now=now)


def all_pairs(member: Member, *, now: datetime) -> list[Pair]:
    """The member's open pairings and the newest of the ended ones, oldest first."""
    return _pairs(_WITH_HISTORY, member, now=now)


def my_pair(pairing_id: UUID, *, member: Member, now: datetime) -> Pair:
    """One pairing of the member, open or ended.

    :raises NotYours: the member is not one of the two.
    """
    rows = _rows(_ONE_PAIR, member, now=now, pairing_id=pairing_id)
    if not rows:
        raise NotYours
    return replace(_pair(rows[0], member, now=now), kept=_kept(rows[0]))


def _pairs(statement: Select, member: Member, *, now: datetime) -> list[Pair]:
    return [_pair(row, member, now=now) for row in _rows(statement, member, now=now)]


def _rows(statement: Select, member: Member, *, now: datetime, **facts: Any) -> Sequence[Any]:
    facts |= {"member_id": member.id, "since": now - rhythm.WINDOW - timedelta(days=1), "now": now}
    return db.session.execute(statement, facts).all()


def _kept(row: Any) -> Kept:
    agreed = turn = None
    if row.agreed:
        *terms, by, at = row.agreed
        agreed = Agreed(Terms(*terms), UUID(by), datetime.fromisoformat(at))
    if row.turn:
        by, at, before, words = row.turn
        by_id = UUID(by) if by else None
        turn = Turn(by_id, datetime.fromisoformat(at), PairingState(before), words)
    return Kept(
        agreed,
        turn,
        my_fit=Fit(row.my_fit) if row.my_fit else None,
        met=row.first_met_at is not None,
        wishes_another=row.wishes_another and not row.i_mentor,  # for the mentee to tell
        goals=tuple(map(_goal_of, row.goals or ())),
        files=shown_between(row.files),
    )


def _goal_of(facts: list) -> SharedGoal:
    id_, what, how_known, due_on, steps = facts
    done = tuple((step, is_done) for step, is_done in steps or ())
    return SharedGoal(UUID(id_), what, how_known, date.fromisoformat(due_on), done)


def _pair(row: Any, member: Member, *, now: datetime) -> Pair:
    bookings = tuple(sorted(map(_booking, row.bookings or ()), key=lambda one: one.starts_at))
    mentor_line = ", ".join(filter(None, (row.title, row.institution)))
    stage = Stage(row.stage) if row.stage else None
    mentee_line = ", ".join(filter(None, (stage.label if stage else "", row.school)))
    today = clock.day(now, member.zone)
    ahead = [one.starts_at for one in bookings if one.accepted and one.ends_at > now]
    # Where the reader is, a contact of today may still lie in tomorrow's date of the chapter.
    last_contact_on = min(row.last_contact_on, today) if row.last_contact_on else None
    facts = rhythm.Facts(
        kind=Kind(row.kind),
        stage=stage,
        state=PairingState(row.state),
        began_on=clock.day(row.began_at, member.zone),
        last_contact_on=last_contact_on,
        met_on=tuple(clock.day(instant, member.zone) for instant in _instants(row.met)),
        checked_in_on=(
            *(date.fromisoformat(one) for one in (row.checked_in or []) + (row.in_touch or [])),
            *(clock.day(instant, member.zone) for instant in _instants(row.updated)),
        ),
        next_meeting_on=clock.day(min(ahead), member.zone) if ahead else None,
    )
    return Pair(
        id=row.id,
        kind=facts.kind,
        topic=row.topic,
        state=facts.state,
        i_mentor=row.i_mentor,
        other_id=row.other_id,
        other_name=row.other_name,
        other_line=mentee_line if row.i_mentor else mentor_line,
        fit=row.fit,
        reasons=row.reasons,
        began_at=row.began_at,
        ended_at=row.ended_at,
        last_contact_on=last_contact_on,
        bookings=bookings,
        blocked=row.blocked,
        rhythm=rhythm.of(facts, today=today),
        every=rhythm.every(facts.kind, stage=stage, on=last_contact_on or today),
        now=now,
        paused_until=row.paused_until,
    )


def _booking(facts: list) -> Booking:
    id_, starts_at, ends_at, state, awaiting, place, asked_at, mine, all_, proposed_by = facts
    return Booking(
        id=UUID(id_),
        starts_at=datetime.fromisoformat(starts_at),
        ends_at=datetime.fromisoformat(ends_at),
        state=MeetingState(state),
        awaiting=Part(awaiting) if awaiting else None,
        place=place,
        asked_at=datetime.fromisoformat(asked_at),
        my_questions=mine,
        questions=all_,
        proposed_by=Part(proposed_by) if proposed_by else None,
    )


def _instants(values: list[str] | None) -> Iterable[datetime]:
    return map(datetime.fromisoformat, values or ())
