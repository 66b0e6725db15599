"""How the chapter's program stands: who is covered, who waits, who carries how much.

Counts, names and kinds. Nothing that two people said to each other comes this far, and of
wellness pairings only whether there was contact.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, case, func, or_, select
from sqlalchemy.orm import aliased

from mentorship.accounts.models import User
from mentorship.foundation.database import db
from mentorship.insights import coverage
from mentorship.insights.coverage import Coverage
from mentorship.matching.models import UNDER_WAY as RUN_UNDER_WAY
from mentorship.matching.models import MatchingRun, RunState
from mentorship.profiles.models import MentorProfile, Offer
from mentorship.relationships import rhythm
from mentorship.relationships.models import OPEN, Pairing, PairingState
from mentorship.scheduling.models import Meeting, MeetingState
from mentorship.tenancy.members import Member
from mentorship.tenancy.models import Membership
from mentorship.tenancy.roles import Permission, Role
from mentorship.vocabulary.kinds import Kind

#: How many people or pairings a list names; of more it says that there are more.
SHOWN = 8
#: A number smaller than this may point at somebody.
FEW = 5
#: After how long without an answer a request is listed.
SLOW = timedelta(hours=48)
#: Over how long meetings are counted, and first meetings measured.
LATELY, MEASURED = timedelta(days=30), timedelta(days=365)

_mentee, _mentor = aliased(Membership), aliased(Membership)
_mentors = (
    select(Membership.id, Membership.name, Membership.user_id)
    .where(Membership.left_at.is_(None), Membership.roles.contains([Role.MENTOR]))
    .subquery()
)
_taken = func.places_taken_by(
    select(func.array_agg(_mentors.c.user_id)).scalar_subquery()
).table_valued("user_id", "taken")
_here = (
    select(
        Pairing.mentor_id,
        func.count().filter(Pairing.state == PairingState.PROPOSED).label("held"),
    )
    .where(Pairing.state.in_(OPEN))
    .group_by(Pairing.mentor_id)
    .subquery()
)
_of_mentor = (
    select(func.json_agg(Offer.kind))
    .where(Offer.member_id == _mentors.c.id)
    .correlate(_mentors)
    .scalar_subquery()
)
_LOADS = (
    select(
        _mentors.c.id,
        _mentors.c.name,
        User.places,
        func.coalesce(_taken.c.taken, 0).label("taken"),
        func.coalesce(_here.c.held, 0).label("held"),
        MentorProfile.paused_at,
        _of_mentor.label("kinds"),
        func.count().over().label("mentors"),
        func.sum(
            case(
                (
                    and_(
                        MentorProfile.paused_at.is_(None),
                        func.coalesce(User.places, 0) > func.coalesce(_taken.c.taken, 0),
                    ),
                    1,
                ),
                else_=0,
            )
        )
        .over()
        .label("with_a_place"),
    )
    .join(User, User.id == _mentors.c.user_id)
    .outerjoin(_taken, _taken.c.user_id == _mentors.c.user_id)
    .outerjoin(_here, _here.c.mentor_id == _mentors.c.id)
    .outerjoin(MentorProfile, MentorProfile.member_id == _mentors.c.id)
    .order_by(
        (func.coalesce(_taken.c.taken, 0) - func.coalesce(User.places, 0)).desc(),
        func.coalesce(_taken.c.taken, 0).desc(),
        _mentors.c.name,
        _mentors.c.id,
    )
    .limit(SHOWN)
)

_slow = (
    select(
        Pairing.kind,
        _mentor.name.label("mentor_name"),
        _mentee.name.label("mentee_name"),
        Meeting.awaiting,
        Meeting.asked_at,
    )
    .join(Pairing, Pairing.id == Meeting.pairing_id)
    .join(_mentor, _mentor.id == Meeting.mentor_id)
    .join(_mentee, _mentee.id == Meeting.mentee_id)
    .where(Meeting.state == MeetingState.REQUESTED, Meeting.asked_at < bindparam("slow"))
    .order_by(Meeting.asked_at, Meeting.id)
    .limit(SHOWN + 1)
    .subquery()
)
_run = (
    select(func.json_build_array(MatchingRun.id, MatchingRun.number, MatchingRun.state))
    .where(MatchingRun.state.in_(RUN_UNDER_WAY))
    .limit(1)
    .scalar_subquery()
)
_measured = and_(
    Pairing.began_at > bindparam("measured_from"),
    Pairing.began_at <= bindparam("measured_to"),
    # A request that came to nothing was never a pairing.
    or_(
        Pairing.first_met_at.is_not(None),
        Pairing.state.in_((PairingState.ACCEPTED, PairingState.ACTIVE, PairingState.PAUSED)),
    ),
)


def _pairings_with(*where: Any) -> Any:
    return select(func.count()).select_from(Pairing).where(*where).scalar_subquery()


def _lately_counting(*where: Any) -> Any:
    """How many meetings of late this holds of. An emergency counts against nobody."""
    counted = select(func.count()).select_from(Meeting)
    since = Meeting.starts_at > bindparam("lately")
    return counted.where(since, ~Meeting.emergency, *where).scalar_subquery()


_NUMBERS = select(
    _run.label("run"),
    select(
        func.json_agg(
            func.json_build_array(
                _slow.c.kind,
                _slow.c.mentor_name,
                _slow.c.mentee_name,
                _slow.c.awaiting,
                _slow.c.asked_at,
            )
        )
    )
    .scalar_subquery()
    .label("slow"),
    select(func.count())
    .select_from(Meeting)
    .where(Meeting.state == MeetingState.HELD, Meeting.starts_at > bindparam("lately"))
    .scalar_subquery()
    .label("held_lately"),
    _lately_counting(Meeting.late).label("called_off_late"),
    _lately_counting(Meeting.state == MeetingState.NO_SHOW).label("missed"),
    _pairings_with(Pairing.state.in_((PairingState.ACCEPTED, PairingState.ACTIVE))).label("pairs"),
    _pairings_with(_measured).label("begun"),
    _pairings_with(
        _measured, Pairing.first_met_at <= Pairing.began_at + rhythm.FIRST_MEETING
    ).label("met_in_time"),
)


@dataclass(frozen=True)
class Waiting:
    """A request that nobody has answered for two days."""

    kind: Kind
    mentor_name: str
    mentee_name: str
    """Nobody's, in wellness mentoring: who asked stays between the two."""
    for_mentor: bool
    """Whose answer is awaited."""
    asked_at: datetime


@dataclass(frozen=True)
class Load:
    mentor_id: UUID
    name: str
    kinds: tuple[Kind, ...]
    places: int
    taken: int
    """Places in use or held, over all chapters."""
    held: int
    """Those of them that requests of this chapter hold."""
    paused: bool

    @property
    def used(self) -> int:
        return self.taken - self.held

    @property
    def over(self) -> int:
        return max(self.used - self.places, 0)


@dataclass(frozen=True)
class Run:
    id: UUID
    number: int
    state: RunState

    @property
    def in_review(self) -> bool:
        return self.state == RunState.REVIEW


@dataclass(frozen=True)
class Dashboard:
    coverage: Coverage
    slow: Sequence[Waiting]
    more_slow: bool
    loads: Sequence[Load]
    """The fullest mentors."""
    mentors: int
    with_a_place: int
    run: Run | None
    pairs: int
    held_lately: int
    begun: int
    """Pairings old enough to have met within the time, within a year."""
    met_in_time: int
    called_off_late: str
    """How many meetings of the last 30 days were, in words; emergencies are left out."""
    missed: str


def of(member: Member, *, now: datetime) -> Dashboard:
    """The chapter's health, for those who look after it. Three statements, however large it is."""
    loads = list(db.session.execute(_LOADS))
    numbers = db.session.execute(
        _NUMBERS,
        {
            "slow": now - SLOW,
            "lately": now - LATELY,
            "measured_from": now - MEASURED,
            "measured_to": now - rhythm.FIRST_MEETING,
        },
    ).one()
    slow = numbers.slow or []
    may_see_runs = member.may(Permission.RUN_SEE)
    return Dashboard(
        coverage=coverage.now(),
        slow=[_waiting(facts) for facts in slow[:SHOWN]],
        more_slow=len(slow) > SHOWN,
        loads=[_load(row) for row in loads],
        mentors=loads[0].mentors if loads else 0,
        with_a_place=loads[0].with_a_place if loads else 0,
        run=_run_of(numbers.run) if may_see_runs and numbers.run else None,
        pairs=numbers.pairs,
        held_lately=numbers.held_lately,
        begun=numbers.begun,
        met_in_time=numbers.met_in_time,
        called_off_late=in_words(numbers.called_off_late),
        missed=in_words(numbers.missed),
    )


def in_words(count: int) -> str:
    """A number of things that people would rather not be known by: few are not told apart."""
    if count == 0:
        return "None"
    return "Fewer than five" if count < FEW else str(count)


def _waiting(facts: list) -> Waiting:
    kind, mentor_name, mentee_name, awaiting, asked_at = facts
    return Waiting(
        kind=Kind(kind),
        mentor_name=mentor_name,
        mentee_name="" if kind == Kind.WELLNESS else mentee_name,
        for_mentor=awaiting == "mentor",
        asked_at=datetime.fromisoformat(asked_at).astimezone(UTC),
    )


def _load(row: Any) -> Load:
    return Load(
        mentor_id=row.id,
        name=row.name,
        kinds=tuple(kind for kind in Kind if kind in (row.kinds or ())),
        places=row.places or 0,
        taken=row.taken,
        held=row.held,
        paused=row.paused_at is not None,
    )


def _run_of(facts: list) -> Run:
    id_, number, state = facts
    return Run(UUID(id_), number, RunState(state))
