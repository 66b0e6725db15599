"""The score and the rules once more, pair by pair in plain Python, and people with everything."""

from math import log
from uuid import UUID

from hypothesis import strategies as st

from mentorship.matching.engine.fit import Factor, Mentee, Mentor, Offer, Problem, Rule, Want
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import Stage, Standing
from tests.matching.engine.luck import LUCK
from tests.matching.engine.problems import (
    KINDS,
    SCHOOLS,
    SLUGS,
    STAGES,
    STANDINGS,
    marks,
    person,
    two,
)

CONTENT, APPLICATION, WELLNESS = Kind.CONTENT, Kind.APPLICATION, Kind.WELLNESS


def _topics(one: Mentee | Mentor) -> tuple[frozenset[str], bool]:
    """What content mentoring is about, and whether it was named."""
    asked = one.wants if isinstance(one, Mentee) else one.offers
    named = {topic for of in asked if of.kind is CONTENT for topic in of.topics}
    return (frozenset(named), True) if named else (one.interests, False)


def _rarity(problem: Problem, slug: str) -> int:
    people = {one.id for one in (*problem.mentees, *problem.mentors)}
    having = {
        one.id
        for one in (*problem.mentees, *problem.mentors)
        if slug in one.interests or slug in _topics(one)[0]
    }
    few = log(len(people) / len(having)) / log(max(3, len(people)) / 2)
    return 2900 + int(3500 * min(1, few))


def _distance(kind: Kind, mentee: Mentee, mentor: Mentor) -> int:
    theirs = mentor.stage
    if theirs is None and mentor.standing is Standing.FACULTY:
        theirs = Stage.ATTENDING
    if theirs is None and mentor.standing is Standing.FELLOW:
        theirs = Stage.FELLOW
    if mentee.stage is None or theirs is None:
        return 0
    ahead = theirs.rank - mentee.stage.rank
    if kind in (APPLICATION, WELLNESS):
        percent = 0 if ahead < 0 else 40 if ahead == 0 else min(100, max(30, 130 - 10 * ahead))
    elif kind is Kind.CAREER:
        percent = 0 if ahead < 0 else 20 if ahead == 0 else min(100, 40 + 10 * ahead)
    else:
        percent = 20 if ahead < 0 else 60 if ahead == 0 else 90 if ahead <= 3 else 100
    return 100 * percent


def _wish(wishes: tuple[UUID, ...], whom: UUID) -> int:
    return [10000, 8000, 6000, 4000, 2000][min(4, wishes.index(whom))] if whom in wishes else 0


def adds(problem: Problem, factor: Factor, kind: Kind, mentee: Mentee, mentor: Mentor) -> int:
    """The marks of a factor."""

    def same(one: str, other: str) -> int:
        return 10000 if one and one.casefold() == other.casefold() else 0

    match factor:
        case Factor.TOPICS:
            (ours, asked), (theirs, given) = _topics(mentee), _topics(mentor)
            return min(10000, len(ours & theirs) * (84 if asked else 60) * (84 if given else 60))
        case Factor.INTERESTS:
            shared = mentee.interests & mentor.interests
            return min(10000, sum(_rarity(problem, slug) for slug in shared))
        case Factor.GOALS:
            return min(10000, 6400 * len(mentee.goals & mentor.goals))
        case Factor.SETTING:
            return 10000 if mentee.settings & mentor.settings else 0
        case Factor.REGION:
            return same(mentee.region, mentor.region)
        case Factor.PATH:
            return same(mentee.path, mentor.path)
        case Factor.LANGUAGES:
            return 10000 if mentee.languages & mentor.languages else 0
        case Factor.STAGE:
            return _distance(kind, mentee, mentor)
        case Factor.TIME:
            return min(10000, 1250 * len((mentee.free or set()) & (mentor.free or set())))
        case Factor.ROOM:
            room = max(0, mentor.places)
            return 100 * (100 * room // max(1, room + mentor.load))
        case Factor.WISH:
            return _wish(mentee.wishes, mentor.id)
        case Factor.WISHED:
            return _wish(mentor.wishes, mentee.id)
        case Factor.PAST:
            return 10000 if (mentee.id, mentor.id) in problem.past else 0
        case Factor.AFFINITY:
            return 10000 if mentee.affinity & mentor.affinity else 0


def worth(problem: Problem, weights, kind: Kind, mentee: Mentee, mentor: Mentor) -> int:
    """The sum of marks times percents."""
    return sum(
        percent * adds(problem, factor, kind, mentee, mentor)
        for factor, percent in weights[kind].items()
    )


def against(problem: Problem, kind: Kind, mentee: Mentee, mentor: Mentor) -> set[Rule]:
    """Every rule that stands between two people."""
    wants = [want for want in mentee.wants if want.kind is kind]
    offers = [offer for offer in mentor.offers if offer.kind is kind]
    any_topic = any(one.any_topic for one in (*mentee.wants, *mentor.offers))
    paired = {held[2] for held in problem.current if held[:2] == (mentee.id, mentor.id)}
    home = (mentor.school or mentor.institution).casefold()
    both = (mentee.id, mentor.id)
    stands = {
        Rule.ONESELF: mentee.id == mentor.id,
        Rule.NOT_WANTED: not wants,
        Rule.NOT_OFFERED: not offers,
        Rule.HELD: any(held[0] == mentee.id and held[2] is kind for held in problem.current),
        Rule.NO_SHARED_TOPIC: kind is CONTENT
        and not any_topic
        and not _topics(mentee)[0] & _topics(mentor)[0],
        Rule.NO_RECENT_CYCLE: kind is APPLICATION and not mentor.recent_cycle,
        Rule.PAUSED: mentor.paused,
        Rule.EVALUATES: kind is WELLNESS and mentor.may_evaluate(mentee.id),
        Rule.BLOCKED: both in problem.blocks or both[::-1] in problem.blocks,
        Rule.EXCLUDED: (*both, kind) in problem.exclusions,
        Rule.ALREADY_PAIRED: bool(paired) if problem.one_kind_per_mentor else kind in paired,
        Rule.FULL: mentor.places <= 0,
        Rule.KIND_FULL: any(offer.places is not None and offer.places <= 0 for offer in offers),
        Rule.NOT_THEIR_STAGE: mentor.stages is not None and mentee.stage not in mentor.stages,
        Rule.FROM_OUTSIDE: mentor.outside_places is not None
        and mentor.outside_places <= 0
        and bool(home)
        and mentee.school.casefold() != home,
        Rule.NO_SHARED_TIME: mentee.free is not None
        and mentor.free is not None
        and not mentee.free & mentor.free,
    }
    return {rule for rule, holds in stands.items() if holds}


@st.composite
def crowded(draw, *, most: int = 4) -> Problem:
    """A handful of people who state anything that can be stated, and all that can bind a run."""
    luck = draw(LUCK)
    anyone = [person(number) for number in range(1, 2 * most + 1)]

    def slugs() -> frozenset[str]:
        return frozenset(luck.some(SLUGS))

    def pairs(few: int) -> frozenset[tuple[UUID, UUID]]:
        return frozenset(two(luck, anyone) for _ in range(luck.whole(0, few)))

    def said() -> dict:
        return {
            "stage": luck.perhaps(STAGES),
            "interests": slugs(),
            "free": frozenset(luck.some([0, 1, 63, 64, 200, 335])) if luck.yes() else None,
            "goals": slugs(),
            "settings": slugs(),
            "region": luck.one(["", "Midwest", "South"]),
            "path": luck.one(["", "MD", "do", "DO"]),
            "languages": slugs(),
            "affinity": slugs(),
            "wishes": tuple(luck.some(anyone, most=7)),
            "school": luck.one(SCHOOLS),
        }

    mentees = range(1, luck.whole(0, most) + 1)
    mentors = luck.some(range(most - 1, 2 * most + 1), most=most)
    return Problem(
        mentees=tuple(
            Mentee(
                id=person(number),
                wants=tuple(Want(k, slugs(), luck.yes()) for k in luck.some(KINDS)),
                waited=luck.yes(),
                **said(),
            )
            for number in mentees
        ),
        mentors=tuple(
            Mentor(
                id=person(number),
                standing=luck.one(STANDINGS),
                offers=tuple(
                    Offer(k, slugs(), luck.perhaps(range(3)), luck.yes(of=6))
                    for k in luck.some(KINDS)
                ),
                places=luck.whole(-1, 3),
                load=luck.whole(0, 3),
                paused=luck.yes(of=6),
                recent_cycle=luck.yes(),
                evaluates=frozenset(luck.some(anyone, most=2)),
                evaluates_everyone=luck.yes(of=6),
                institution=luck.one(SCHOOLS),
                stages=frozenset(luck.some(STAGES, most=3)) if luck.yes() else None,
                outside_places=luck.perhaps(range(3)),
                **said(),
            )
            for number in mentors
        ),
        kinds=tuple(luck.some(KINDS, least=1)),
        blocks=pairs(2),
        exclusions=marks(luck, anyone),
        current=marks(luck, anyone),
        one_kind_per_mentor=luck.yes(),
        past=pairs(3),
        factors=frozenset(luck.some(list(Factor))),
    )
