"""Reading the chapter into the engine's Problem: who takes part, and all that binds a run.

Two statements, however many people there are. Places are counted over all chapters.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Select,
    SQLColumnExpression,
    Text,
    bindparam,
    cast,
    column,
    func,
    literal,
    null,
    select,
    table,
    union_all,
)

from mentorship.accounts.models import User
from mentorship.foundation import clock
from mentorship.foundation.database import db
from mentorship.matching.engine.fit import (
    Factor,
    Mentee,
    Mentor,
    Offer,
    Problem,
    Triple,
    Want,
)
from mentorship.matching.models import LeftOut, Mark, MatchingRun, RunMark, RunState
from mentorship.profiles.models import MenteeProfile, MentorProfile
from mentorship.profiles.models import Offer as OfferRecord
from mentorship.profiles.models import Want as WantRecord
from mentorship.relationships import conflicts
from mentorship.relationships.models import (
    OPEN,
    Block,
    EvaluativeRole,
    Pairing,
    PairingState,
)
from mentorship.tenancy.models import Chapter, Membership
from mentorship.tenancy.roles import Role
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import Stage, Standing

#: Weekly hours are scheduling's, which stands beside matching and not below it: only the columns
#: are named here.
_weekly_hours = table(
    "weekly_hours", column("user_id"), column("weekday"), column("opens"), column("closes")
)
_SLOT = timedelta(minutes=30)


def _gathered(whose: Any, *columns: Any) -> Any:
    """What another table keeps of the same person, as lists inside their row."""
    of_them = select(func.json_agg(func.json_build_array(*columns))).where(whose)
    return of_them.correlate(Membership).scalar_subquery()


_last_published = (
    select(MatchingRun.id)
    .where(MatchingRun.state == RunState.PUBLISHED)
    .order_by(MatchingRun.published_at.desc())
    .limit(1)
)
_waiting = select(LeftOut.mentee_id).where(
    LeftOut.run_id == _last_published.scalar_subquery(), LeftOut.with_nobody
)
_everyone = select(func.array_agg(Membership.user_id)).scalar_subquery()
_places = func.places_taken_by(_everyone).table_valued("user_id", "taken").render_derived()

_PEOPLE = (
    select(
        Membership.id,
        Membership.user_id,
        Membership.roles,
        Chapter.two_kinds_by_one_mentor,
        User.zone,
        func.coalesce(User.places, 0).label("places"),
        func.coalesce(_places.c.taken, 0).label("taken"),
        MenteeProfile.stage,
        MenteeProfile.school,
        MenteeProfile.interests.label("mentee_interests"),
        MentorProfile.standing,
        MentorProfile.institution,
        MentorProfile.interests.label("mentor_interests"),
        MentorProfile.recent_cycle,
        MentorProfile.paused_at,
        Membership.id.in_(_waiting).label("waited"),
        _gathered(WantRecord.member_id == Membership.id, WantRecord.kind, WantRecord.topics).label(
            "wants"
        ),
        _gathered(
            OfferRecord.member_id == Membership.id, OfferRecord.kind, OfferRecord.topics
        ).label("offers"),
        _gathered(
            _weekly_hours.c.user_id == Membership.user_id,
            *(_weekly_hours.c.weekday, _weekly_hours.c.opens, _weekly_hours.c.closes),
        ).label("hours"),
    )
    .join(Chapter, Chapter.id == Membership.chapter_id)
    .join(User, User.id == Membership.user_id)
    .outerjoin(_places, _places.c.user_id == Membership.user_id)
    .outerjoin(MenteeProfile, MenteeProfile.member_id == Membership.id)
    .outerjoin(MentorProfile, MentorProfile.member_id == Membership.id)
    .where(Membership.left_at.is_(None))
)
_PAIRED, _PAST, _OVER = "paired", "past", "over"
_BLOCKED, _EVALUATES = "blocked", "evaluates"
_no_kind = cast(null(), Text)


def _tie(
    what: SQLColumnExpression[str],
    one: SQLColumnExpression[UUID | None],
    other: SQLColumnExpression[UUID | None],
    kind: SQLColumnExpression[str | None],
) -> Select[str, UUID | None, UUID | None, str | None]:
    return select(what, one, other, kind)


#: All that ties two people together or keeps them apart, and of which kind where it is of one.
_TIES = union_all(
    _tie(literal(_PAIRED), Pairing.mentee_id, Pairing.mentor_id, Pairing.kind).where(
        Pairing.state.in_(OPEN)
    ),
    _tie(literal(_PAST), Pairing.mentee_id, Pairing.mentor_id, Pairing.kind).where(
        Pairing.state == PairingState.COMPLETED
    ),
    _tie(literal(_OVER), Pairing.mentee_id, Pairing.mentor_id, Pairing.kind).where(
        Pairing.state == PairingState.ENDED, Pairing.first_met_at.is_not(None)
    ),
    _tie(literal(_BLOCKED), Block.member_id, Block.other_id, _no_kind),
    _tie(literal(_EVALUATES), EvaluativeRole.member_id, EvaluativeRole.mentee_id, _no_kind).where(
        conflicts.in_force(bindparam("today"))
    ),
    _tie(RunMark.mark, RunMark.mentee_id, RunMark.mentor_id, RunMark.kind).where(
        RunMark.run_id == bindparam("run_id")
    ),
)

#: What profiles ask of students and of mentors; whatever else could be looked at nobody is asked.
ASKED = frozenset({Factor.TOPICS, Factor.INTERESTS, Factor.STAGE, Factor.ROOM, Factor.PAST})

#: Weekday (0 is Monday), opening and closing time, on a wall clock.
Hours = tuple[int, time, time]


def of_run(run_id: UUID, kinds: Iterable[str], *, now: datetime) -> Problem:
    """What a run for these kinds has to decide, as the chapter stands at this moment.

    A student takes part who wants at least one of the kinds, a mentor who offers any at all.
    """
    people = db.session.execute(_PEOPLE).all()
    ties: dict[str, list[tuple]] = defaultdict(list)
    for what, *tie in db.session.execute(_TIES, {"run_id": run_id, "today": now.date()}):
        ties[what].append(tuple(tie))
    asked = tuple(kind for kind in Kind if kind in kinds)
    evaluates: dict[UUID, set[UUID | None]] = defaultdict(set)
    for mentor_id, mentee_id, _ in ties[_EVALUATES]:
        evaluates[mentor_id].add(mentee_id)
    pins = _triples(ties[Mark.PIN])
    mentees = (_mentee(row) for row in people if Role.STUDENT in row.roles)
    return Problem(
        mentees=tuple(
            mentee for mentee in mentees if any(want.kind in asked for want in mentee.wants)
        ),
        mentors=tuple(
            _mentor(row, evaluates[row.id], now=now)
            for row in people
            if Role.MENTOR in row.roles and row.standing and row.offers
        ),
        kinds=asked,
        blocks=frozenset((one, other) for one, other, _ in ties[_BLOCKED]),
        pins=pins,
        # Two who met and ended it are not sent back to each other, save by a pin.
        exclusions=_triples(ties[Mark.EXCLUDE]) | (_triples(ties[_OVER]) - pins),
        current=_triples(ties[_PAIRED]),
        one_kind_per_mentor=not any(row.two_kinds_by_one_mentor for row in people),
        past=frozenset((mentee_id, mentor_id) for mentee_id, mentor_id, _ in ties[_PAST]),
        factors=ASKED,
    )


def _mentee(row: Any) -> Mentee:
    return Mentee(
        id=row.id,
        stage=Stage(row.stage) if row.stage else None,
        wants=tuple(Want(Kind(kind), frozenset(topics)) for kind, topics in row.wants or ()),
        interests=frozenset(row.mentee_interests or ()),
        school=row.school or "",
        waited=row.waited,
    )


def _mentor(row: Any, evaluates: set[UUID | None], *, now: datetime) -> Mentor:
    return Mentor(
        id=row.id,
        standing=Standing(row.standing),
        stage=Stage(row.stage) if row.stage else None,
        offers=tuple(Offer(Kind(kind), frozenset(topics)) for kind, topics in row.offers),
        interests=frozenset(row.mentor_interests),
        places=max(0, row.places - row.taken),
        load=row.taken,
        paused=row.paused_at is not None,
        recent_cycle=row.recent_cycle,
        evaluates=frozenset(mentee_id for mentee_id in evaluates if mentee_id is not None),
        # Nobody in particular stands for everyone in the chapter.
        evaluates_everyone=None in evaluates,
        free=_free(row.hours, zone=row.zone, now=now),
        institution=row.institution,
    )


def _triples(ties: Iterable[tuple]) -> frozenset[Triple]:
    return frozenset((mentee_id, mentor_id, Kind(kind)) for mentee_id, mentor_id, kind in ties)


def _free(stated: list[Any] | None, *, zone: str, now: datetime) -> frozenset[int] | None:
    if not stated:
        return None
    weekly = (
        (weekday, time.fromisoformat(opens), time.fromisoformat(closes))
        for weekday, opens, closes in stated
    )
    return slots_of_week(weekly, zone=zone, now=now)


def slots_of_week(weekly: Iterable[Hours], *, zone: str, now: datetime) -> frozenset[int]:
    """The whole half hours of the week in UTC, 0 is Monday 00:00, that lie inside weekly hours.

    `weekly` is on the wall clock of `zone`, as it stands in the week of `now`. Hours that close
    at or before they open run past midnight.
    """
    here = clock.zone(zone)
    today = now.astimezone(here).date()
    monday = today - timedelta(days=today.weekday())
    free = set()
    for weekday, opens, closes in weekly:
        day = monday + timedelta(days=weekday)
        start = datetime.combine(day, opens, here).astimezone(UTC)
        end = datetime.combine(day + timedelta(days=closes <= opens), closes, here).astimezone(UTC)
        at = start + (datetime.min.replace(tzinfo=UTC) - start) % _SLOT
        while at + _SLOT <= end:
            free.add(at.weekday() * 48 + at.hour * 2 + at.minute // 30)
            at += _SLOT
    return frozenset(free)
