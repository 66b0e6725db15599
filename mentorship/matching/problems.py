"""Reading the chapter into the engine's Problem: who takes part, and all that binds a run.

A dozen statements, however many people there are. Places are counted over all chapters.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, column, select, table

from mentorship.accounts.models import User
from mentorship.foundation import clock, scope
from mentorship.foundation.database import db
from mentorship.matching.fit import Mentee, Mentor, Offer, Problem, Triple, Want
from mentorship.matching.models import LeftOut, Mark, MatchingRun, RunMark, RunState
from mentorship.profiles.models import MenteeProfile, MentorProfile
from mentorship.profiles.models import Offer as OfferRecord
from mentorship.profiles.models import Want as WantRecord
from mentorship.relationships import conflicts, pairings
from mentorship.relationships.models import OPEN, Block, EvaluativeRole, Pairing
from mentorship.tenancy.models import Chapter, Membership
from mentorship.tenancy.roles import Role
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import Stage, Standing

#: Weekly hours are scheduling's, which stands beside matching and not below it: only the columns
#: are named here.
_weekly_hours = table(
    "weekly_hours", column("user_id"), column("weekday"), column("opens"), column("closes")
)
_HOUR = timedelta(hours=1)

_PEOPLE = (
    select(
        Membership.id,
        Membership.user_id,
        Membership.roles,
        User.zone,
        User.places,
        MenteeProfile.stage,
        MenteeProfile.school,
        MenteeProfile.interests.label("mentee_interests"),
        MentorProfile.standing,
        MentorProfile.institution,
        MentorProfile.interests.label("mentor_interests"),
        MentorProfile.recent_cycle,
        MentorProfile.paused_at,
    )
    .join(User, User.id == Membership.user_id)
    .outerjoin(MenteeProfile, MenteeProfile.member_id == Membership.id)
    .outerjoin(MentorProfile, MentorProfile.member_id == Membership.id)
    .where(Membership.left_at.is_(None))
)
_WANTS = select(WantRecord.member_id, WantRecord.kind, WantRecord.topics)
_OFFERS = select(OfferRecord.member_id, OfferRecord.kind, OfferRecord.topics)
_BLOCKS = select(Block.member_id, Block.other_id)
_CURRENT = select(Pairing.mentee_id, Pairing.mentor_id, Pairing.kind).where(Pairing.state.in_(OPEN))
_LAST_PUBLISHED = (
    select(MatchingRun.id)
    .where(MatchingRun.state == RunState.PUBLISHED)
    .order_by(MatchingRun.published_at.desc())
    .limit(1)
)
_WAITED = select(LeftOut.mentee_id).where(
    LeftOut.run_id == _LAST_PUBLISHED.scalar_subquery(), LeftOut.with_nobody
)
_HOURS = select(
    _weekly_hours.c.user_id, _weekly_hours.c.weekday, _weekly_hours.c.opens, _weekly_hours.c.closes
)

#: Weekday (0 is Monday), opening and closing time, on a wall clock.
Hours = tuple[int, time, time]


def of_run(run: MatchingRun, *, now: datetime) -> Problem:
    """What this run has to decide, as the chapter stands at this moment.

    A student takes part who wants at least one of the run's kinds, a mentor who offers any.
    """
    people = db.session.execute(_PEOPLE).all()
    wants = _by_member(_WANTS, Want)
    offers = _by_member(_OFFERS, Offer)
    kinds = tuple(kind for kind in Kind if kind in run.kinds)
    waited = set(db.session.scalars(_WAITED))
    students = [
        row
        for row in people
        if Role.STUDENT in row.roles and any(want.kind in kinds for want in wants[row.id])
    ]
    mentors = [
        row for row in people if Role.MENTOR in row.roles and row.standing and offers[row.id]
    ]
    return Problem(
        mentees=tuple(
            Mentee(
                id=row.id,
                stage=Stage(row.stage) if row.stage else None,
                wants=tuple(wants[row.id]),
                interests=frozenset(row.mentee_interests or ()),
                school=row.school or "",
                waited=row.id in waited,
            )
            for row in students
        ),
        mentors=_mentors(mentors, offers, now=now),
        kinds=kinds,
        blocks=frozenset((one, other) for one, other in db.session.execute(_BLOCKS)),
        pins=_marked(run.id, Mark.PIN),
        exclusions=_marked(run.id, Mark.EXCLUDE),
        current=_triples(_CURRENT),
        one_kind_per_mentor=not _two_kinds_allowed(),
    )


def _mentors(
    rows: list[Any], offers: dict[UUID, list[Offer]], *, now: datetime
) -> tuple[Mentor, ...]:
    places_left = pairings.places_left([row.user_id for row in rows])
    evaluates = _evaluated(now.date())
    free = _free_hours(rows, now=now)
    return tuple(
        Mentor(
            id=row.id,
            standing=Standing(row.standing),
            stage=Stage(row.stage) if row.stage else None,
            offers=tuple(offers[row.id]),
            interests=frozenset(row.mentor_interests),
            places=max(0, places_left[row.user_id]),
            load=(row.places or 0) - places_left[row.user_id],
            paused=row.paused_at is not None,
            recent_cycle=row.recent_cycle,
            evaluates=frozenset(evaluates[row.id] - {None}),
            evaluates_everyone=None in evaluates[row.id],
            free=free.get(row.user_id),
            institution=row.institution,
        )
        for row in rows
    )


def _by_member(question: Select, word: type[Want] | type[Offer]) -> dict[UUID, list]:
    found: dict[UUID, list] = defaultdict(list)
    for member_id, kind, topics in db.session.execute(question):
        found[member_id].append(word(Kind(kind), frozenset(topics)))
    return found


def _evaluated(today: date) -> dict[UUID, set[UUID | None]]:
    """Whom each member evaluates today; None stands for everyone in the chapter."""
    held = select(EvaluativeRole.member_id, EvaluativeRole.mentee_id)
    found: dict[UUID, set[UUID | None]] = defaultdict(set)
    for member_id, mentee_id in db.session.execute(held.where(conflicts.in_force(today))):
        found[member_id].add(mentee_id)
    return found


def _triples(question: Select) -> frozenset[Triple]:
    return frozenset(
        (mentee_id, mentor_id, Kind(kind))
        for mentee_id, mentor_id, kind in db.session.execute(question)
    )


def _marked(run_id: UUID, mark: Mark) -> frozenset[Triple]:
    marks = select(RunMark.mentee_id, RunMark.mentor_id, RunMark.kind)
    return _triples(marks.where(RunMark.run_id == run_id, RunMark.mark == mark))


def _two_kinds_allowed() -> bool:
    allowed = select(Chapter.two_kinds_by_one_mentor).where(Chapter.id == scope.here())
    return db.session.execute(allowed).scalar_one()


def _free_hours(rows: list[Any], *, now: datetime) -> dict[UUID, frozenset[int]]:
    zones = {row.user_id: row.zone for row in rows}
    stated: dict[UUID, list[Hours]] = defaultdict(list)
    for user_id, *hours in db.session.execute(_HOURS.where(_weekly_hours.c.user_id.in_(zones))):
        stated[user_id].append(tuple(hours))
    return {
        user_id: hours_of_week(hours, zone=zones[user_id], now=now)
        for user_id, hours in stated.items()
    }


def hours_of_week(weekly: Iterable[Hours], *, zone: str, now: datetime) -> frozenset[int]:
    """The whole hours of the week in UTC, 0 is Monday 00:00, that lie inside weekly hours.

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
        whole = start.replace(minute=0, second=0, microsecond=0)
        at = whole if whole == start else whole + _HOUR
        while at + _HOUR <= end:
            free.add(at.weekday() * 24 + at.hour)
            at += _HOUR
    return frozenset(free)
