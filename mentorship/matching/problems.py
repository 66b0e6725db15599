"""Reading the chapter into the engine's Problem: who takes part, and all that binds a run.

Two statements, however many people there are. Places are counted over all chapters.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import replace
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
    school_key,
)
from mentorship.matching.models import LeftOut, Mark, MatchingRun, RunMark, RunState
from mentorship.profiles.details import weekly_hours
from mentorship.profiles.models import (
    Affinity,
    MenteeProfile,
    MentorProfile,
    MentorWish,
    StudentWish,
)
from mentorship.profiles.models import Offer as OfferRecord
from mentorship.profiles.models import Want as WantRecord
from mentorship.relationships import conflicts
from mentorship.relationships.models import (
    OPEN,
    Block,
    EvaluativeRole,
    Pairing,
    PairingState,
    RematchWish,
    Separation,
)
from mentorship.tenancy.models import Chapter, Membership
from mentorship.tenancy.roles import Role
from mentorship.vocabulary import backgrounds
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
        *(MenteeProfile.goals.label("mentee_goals"), MentorProfile.goals.label("mentor_goals")),
        *(MenteeProfile.settings.label("mentee_settings"), MentorProfile.facets),
        *(MenteeProfile.region.label("mentee_region"), MentorProfile.region.label("mentor_region")),
        *(MenteeProfile.path.label("mentee_path"), MentorProfile.path.label("mentor_path")),
        MenteeProfile.languages.label("mentee_languages"),
        MentorProfile.languages.label("mentor_languages"),
        *(MenteeProfile.free, MentorProfile.stages),
        *(MentorProfile.only_school, MentorProfile.outside_places),
        Affinity.groups,
        Membership.id.in_(_waiting).label("waited"),
        _gathered(WantRecord.member_id == Membership.id, WantRecord.kind, WantRecord.topics).label(
            "wants"
        ),
        _gathered(
            OfferRecord.member_id == Membership.id,
            *(OfferRecord.kind, OfferRecord.topics, OfferRecord.places),
        ).label("offers"),
        _gathered(
            MentorWish.member_id == Membership.id, MentorWish.rank, MentorWish.mentor_id
        ).label("wishes"),
        _gathered(
            StudentWish.member_id == Membership.id, StudentWish.rank, StudentWish.student_id
        ).label("student_wishes"),
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
    .outerjoin(Affinity, Affinity.member_id == Membership.id)
    .where(Membership.left_at.is_(None))
)
_PAIRED, _PAST, _OVER, _ANOTHER = "paired", "past", "over", "another"
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
    _tie(literal(_ANOTHER), RematchWish.mentee_id, Pairing.mentor_id, RematchWish.kind)
    .join(Pairing, Pairing.id == RematchWish.pairing_id)
    .where(RematchWish.settled_at.is_(None)),
    _tie(literal(_BLOCKED), Block.member_id, Block.other_id, _no_kind),
    _tie(literal(_BLOCKED), Separation.one_id, Separation.other_id, _no_kind),
    _tie(literal(_EVALUATES), EvaluativeRole.member_id, EvaluativeRole.mentee_id, _no_kind).where(
        conflicts.in_force(conflicts.NOW)
    ),
    _tie(RunMark.mark, RunMark.mentee_id, RunMark.mentor_id, RunMark.kind).where(
        RunMark.run_id == bindparam("run_id")
    ),
)

#: What profiles ask of students and of mentors.
ASKED = frozenset(Factor)

#: Weekday (0 is Monday), opening and closing time, on a wall clock.
Hours = tuple[int, time, time]


def of_run(run_id: UUID, kinds: Iterable[str], *, now: datetime) -> Problem:
    """What a run for these kinds has to decide, as the chapter stands at this moment.

    A student takes part who wants at least one of the kinds, a mentor who offers any at all.
    """
    people = db.session.execute(_PEOPLE).all()
    ties: dict[str, list[tuple]] = defaultdict(list)
    for what, *tie in db.session.execute(_TIES, {"run_id": run_id, "now": now}):
        ties[what].append(tuple(tie))
    asked = tuple(kind for kind in Kind if kind in kinds)
    evaluates: dict[UUID, set[UUID | None]] = defaultdict(set)
    for mentor_id, mentee_id, _ in ties[_EVALUATES]:
        evaluates[mentor_id].add(mentee_id)
    pins, current = _triples(ties[Mark.PIN]), _triples(ties[_PAIRED])
    held = Counter((mentor_id, kind) for _, mentor_id, kind in current)
    elsewhere = _from_elsewhere(people, current)
    another = _triples(ties[_ANOTHER])
    wishing: dict[UUID, set[Kind]] = defaultdict(set)
    for mentee_id, _, kind in another:
        wishing[mentee_id].add(kind)
    everyone = (
        _wanting_another(_mentee(row, now=now), wishing[row.id].intersection(asked))
        for row in people
        if Role.STUDENT in row.roles
    )
    mentees = tuple(one for one in everyone if any(want.kind in asked for want in one.wants))
    mentors = tuple(
        _mentor(row, evaluates[row.id], held, elsewhere[row.id], now=now)
        for row in people
        if Role.MENTOR in row.roles and row.standing and row.offers
    )
    return Problem(
        mentees=mentees,
        mentors=mentors,
        kinds=asked,
        blocks=frozenset((one, other) for one, other, _ in ties[_BLOCKED]),
        pins=pins,
        # Two who met and ended it are not sent back to each other, save by a pin; nor is whoever
        # has asked for another mentor.
        exclusions=_triples(ties[Mark.EXCLUDE]) | ((_triples(ties[_OVER]) | another) - pins),
        current=current,
        one_kind_per_mentor=not any(row.two_kinds_by_one_mentor for row in people),
        past=frozenset((mentee_id, mentor_id) for mentee_id, mentor_id, _ in ties[_PAST]),
        factors=ASKED - _unanswered(mentees, mentors),
    )


def _from_elsewhere(people: Sequence[Any], current: Iterable[Triple]) -> Counter[UUID]:
    """How many each mentor who names a school has from other schools."""
    theirs = {row.id: school_key(row.school or "") for row in people}
    own = {row.id: school_key(row.only_school) for row in people if row.only_school}
    return Counter(
        mentor_id
        for mentee_id, mentor_id, _ in current
        if mentor_id in own and theirs.get(mentee_id) != own[mentor_id]
    )


def _wanting_another(mentee: Mentee, kinds: Set[Kind]) -> Mentee:
    """Who asked for another mentor of a kind wants that kind, and goes first like who waited."""
    if not kinds:
        return mentee
    more = kinds - {want.kind for want in mentee.wants}
    wants = (*mentee.wants, *(Want(kind, frozenset()) for kind in Kind if kind in more))
    return replace(mentee, wants=wants, waited=True)


def _unanswered(mentees: Sequence[Mentee], mentors: Sequence[Mentor]) -> set[Factor]:
    """What nobody on one of the two sides has said anything of, so that it tells no two apart.

    It would only draw every fit toward the middle; its weight goes to the other factors.
    """

    def silent(people: Sequence[Mentee] | Sequence[Mentor], name: str) -> bool:
        said = (getattr(one, name) for one in people)
        return not any(one is not None if name == "free" else one for one in said)

    unanswered = {
        factor
        for factor, name in _ANSWERS.items()
        if silent(mentees, name) or silent(mentors, name)
    }
    wishing: list[tuple[Factor, Sequence[Mentee] | Sequence[Mentor]]] = [
        (Factor.WISH, mentees),
        (Factor.WISHED, mentors),
    ]
    return unanswered | {factor for factor, people in wishing if silent(people, "wishes")}


#: What both sides have to have said for a factor to count, by its name on either.
_ANSWERS = {
    Factor.GOALS: "goals",
    Factor.SETTING: "settings",
    Factor.REGION: "region",
    Factor.PATH: "path",
    Factor.LANGUAGES: "languages",
    Factor.TIME: "free",
    Factor.AFFINITY: "affinity",
}


def _mentee(row: Any, *, now: datetime) -> Mentee:
    return Mentee(
        id=row.id,
        stage=Stage(row.stage) if row.stage else None,
        wants=tuple(Want(Kind(kind), frozenset(topics)) for kind, topics in row.wants or ()),
        interests=frozenset(row.mentee_interests or ()),
        school=row.school or "",
        waited=row.waited,
        free=_free(weekly_hours(row.free or ()), zone=row.zone, now=now),
        goals=_spoken(row.mentee_goals, backgrounds.goals()),
        settings=frozenset(row.mentee_settings or ()),
        region=_region(row.mentee_region),
        path=backgrounds.paths().get(row.mentee_path or "", ""),
        languages=_spoken(row.mentee_languages, backgrounds.languages()),
        affinity=frozenset(row.groups or ()),
        wishes=_ranked(row.wishes),
    )


def _mentor(
    row: Any,
    evaluates: set[UUID | None],
    held: Mapping[tuple[UUID, Kind], int],
    elsewhere: int,
    *,
    now: datetime,
) -> Mentor:
    return Mentor(
        id=row.id,
        standing=Standing(row.standing),
        stage=Stage(row.stage) if row.stage else None,
        offers=tuple(
            Offer(Kind(kind), frozenset(topics), _left(places, held[row.id, Kind(kind)]))
            for kind, topics, places in row.offers
        ),
        interests=frozenset(row.mentor_interests),
        places=max(0, row.places - row.taken),
        load=row.taken,
        paused=row.paused_at is not None,
        recent_cycle=row.recent_cycle,
        evaluates=frozenset(mentee_id for mentee_id in evaluates if mentee_id is not None),
        # Nobody in particular stands for everyone in the chapter.
        evaluates_everyone=None in evaluates,
        free=_free(_stated(row.hours), zone=row.zone, now=now),
        institution=row.institution,
        school=row.only_school,
        goals=_spoken(row.mentor_goals, backgrounds.goals()),
        settings=frozenset(row.facets),
        region=_region(row.mentor_region),
        path=backgrounds.paths().get(row.mentor_path, ""),
        languages=_spoken(row.mentor_languages, backgrounds.languages()),
        affinity=frozenset(row.groups or ()),
        wishes=_ranked(row.student_wishes),
        stages=frozenset(map(Stage, row.stages)) or None,
        outside_places=max(0, row.outside_places - elsewhere) if row.only_school else None,
    )


def _ranked(wishes: list[Any] | None) -> tuple[UUID, ...]:
    return tuple(UUID(person) for _, person in sorted(wishes or ()))


def _left(places: int | None, held: int) -> int | None:
    """Places of a kind still open, where the kind has a limit of its own."""
    return None if places is None else max(0, places - held)


def _spoken(slugs: Iterable[str] | None, labels: Mapping[str, str]) -> frozenset[str]:
    """Slugs as the engine's sentences say them; what has left its list is no longer counted."""
    return frozenset(labels[slug] for slug in slugs or () if slug in labels)


def _region(slug: str | None) -> str:
    return backgrounds.region_name(slug) if slug and slug in backgrounds.regions() else ""


def _triples(ties: Iterable[tuple]) -> frozenset[Triple]:
    return frozenset((mentee_id, mentor_id, Kind(kind)) for mentee_id, mentor_id, kind in ties)


def _stated(hours: list[Any] | None) -> list[Hours]:
    return [
        (weekday, time.fromisoformat(opens), time.fromisoformat(closes))
        for weekday, opens, closes in hours or ()
    ]


def _free(weekly: Sequence[Hours], *, zone: str, now: datetime) -> frozenset[int] | None:
    return slots_of_week(weekly, zone=zone, now=now) if weekly else None


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
