"""How the chapter's program stands: who is covered, who needs a hand, who carries how much.

Counts, names and kinds. Nothing that two people said to each other comes this far, and of
wellness pairings only whether there was contact.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, and_, bindparam, case, cast, exists, extract, func, or_, select
from sqlalchemy.orm import aliased

from mentorship.accounts.models import User
from mentorship.foundation import clock
from mentorship.foundation.database import db
from mentorship.insights import coverage
from mentorship.insights.coverage import Coverage
from mentorship.matching.models import UNDER_WAY as RUN_UNDER_WAY
from mentorship.matching.models import MatchingRun, RunState
from mentorship.profiles.models import MenteeProfile, MentorProfile, Offer
from mentorship.relationships import rhythm
from mentorship.relationships.models import OPEN, Pairing, PairingState
from mentorship.scheduling.models import Meeting, MeetingState
from mentorship.tenancy.members import Member
from mentorship.tenancy.models import Membership
from mentorship.tenancy.roles import Permission, Role
from mentorship.vocabulary.kinds import Kind, cadence
from mentorship.vocabulary.stages import Stage

#: How many people or pairings a list names; of more it says that there are more.
SHOWN = 8
#: A number smaller than this may point at somebody.
FEW = 5
#: After how long without an answer a request is listed.
SLOW = timedelta(hours=48)
#: Over how long meetings are counted, and first meetings measured.
LATELY, MEASURED = timedelta(days=30), timedelta(days=365)

_now: Any = bindparam("now")
_mentee, _mentor = aliased(Membership), aliased(Membership)


def _member_as(role: Role, of: Any = Membership) -> Any:
    return and_(of.left_at.is_(None), of.roles.contains([role]))


def _days_between_contacts() -> Any:
    """The vocabulary's cadence, as the database can compare with it; in days."""
    month = extract("month", Pairing.last_contact_on)
    usual = {kind: cadence(kind, stage=None, on=date(2026, 6, 1)) for kind in Kind}
    other = [
        (and_(Pairing.kind == kind, MenteeProfile.stage == stage, month == one), every.days)
        for kind in Kind
        for stage in Stage
        for one in range(1, 13)
        if (every := cadence(kind, stage=stage, on=date(2026, one, 1))) != usual[kind]
    ]
    rest = [(Pairing.kind == kind, every.days) for kind, every in usual.items()]
    return case(*other, *rest, else_=max(usual.values()).days)


#: By when, at the latest, there should have been contact; then a pairing needs a hand.
_overdue_on = case(
    (
        Pairing.last_contact_on.is_(None),
        cast(Pairing.began_at, Pairing.last_contact_on.type) + rhythm.FIRST_MEETING.days,
    ),
    else_=Pairing.last_contact_on + cast(_days_between_contacts() + rhythm.GRACE.days, Integer),
)
_booked = exists().where(
    Meeting.pairing_id == Pairing.id,
    Meeting.state == MeetingState.ACCEPTED,
    Meeting.ends_at > _now,
)
_NEED_A_HAND = (
    select(
        Pairing.kind,
        Pairing.state,
        Pairing.began_at,
        Pairing.last_contact_on,
        MenteeProfile.stage,
        _mentee.name.label("mentee_name"),
        _mentor.name.label("mentor_name"),
    )
    .join(_mentee, _mentee.id == Pairing.mentee_id)
    .join(_mentor, _mentor.id == Pairing.mentor_id)
    .outerjoin(MenteeProfile, MenteeProfile.member_id == Pairing.mentee_id)
    .where(
        Pairing.state.in_((PairingState.ACCEPTED, PairingState.ACTIVE)),
        _overdue_on < bindparam("today"),
        ~_booked,
    )
    .order_by(_overdue_on, Pairing.id)
    .limit(SHOWN + 1)
)
_NOBODY = (
    select(Membership.id, Membership.name, MenteeProfile.stage, Membership.joined_at)
    .outerjoin(MenteeProfile, MenteeProfile.member_id == Membership.id)
    .where(
        _member_as(Role.STUDENT),
        ~exists().where(Pairing.mentee_id == Membership.id, Pairing.state.in_(OPEN)),
    )
    .order_by(Membership.joined_at, Membership.name, Membership.id)
    .limit(SHOWN + 1)
)

_mentors = (
    select(Membership.id, Membership.name, Membership.user_id)
    .where(_member_as(Role.MENTOR))
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
class NeedsAHand:
    kind: Kind
    mentee_name: str
    mentor_name: str
    words: str


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
class Alone:
    """A student who has no mentor of any kind, and none in sight."""

    name: str
    stage: Stage | None
    joined_at: datetime


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
    need_a_hand: Sequence[NeedsAHand]
    more_need_a_hand: bool
    nobody: Sequence[Alone]
    more_with_nobody: bool
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
    """The chapter's health, for those who look after it. Five statements, however large it is."""
    today = clock.day(now, member.zone)
    needy = list(db.session.execute(_NEED_A_HAND, {"today": today, "now": now}))
    alone = list(db.session.execute(_NOBODY))
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
        need_a_hand=[_needs_a_hand(row, member, today=today) for row in needy[:SHOWN]],
        more_need_a_hand=len(needy) > SHOWN,
        nobody=[
            Alone(row.name, Stage(row.stage) if row.stage else None, row.joined_at)
            for row in alone[:SHOWN]
        ],
        more_with_nobody=len(alone) > SHOWN,
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


def _needs_a_hand(row: Any, member: Member, *, today: date) -> NeedsAHand:
    kind = Kind(row.kind)
    facts = rhythm.Facts(
        kind=kind,
        stage=Stage(row.stage) if row.stage else None,
        state=PairingState(row.state),
        began_on=clock.day(row.began_at, member.zone),
        last_contact_on=row.last_contact_on,
    )
    # How long two people have not talked about wellness is theirs alone.
    words = "Needs a hand" if kind is Kind.WELLNESS else rhythm.of(facts, today=today).words
    return NeedsAHand(kind, row.mentee_name, row.mentor_name, words)


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
