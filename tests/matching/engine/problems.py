"""Small matching problems: builders that say only what a test is about, and a slow exact answer."""

from collections import Counter
from itertools import combinations, product
from uuid import UUID

import numpy as np
from hypothesis import strategies as st

from mentorship.matching.engine import score
from mentorship.matching.engine.fit import (
    Mentee,
    Mentor,
    Objective,
    Offer,
    Outcome,
    Problem,
    Triple,
    Want,
)
from mentorship.matching.engine.market import SCALE
from mentorship.matching.engine.settings import FLOORS
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import Stage, Standing
from tests.matching.engine.luck import LUCK, Luck

SLUGS = ("toxicology", "simulation", "ems")
SCHOOLS = ("", "Lakeshore", "Cedar Valley")
KINDS, STAGES, STANDINGS = tuple(Kind), tuple(Stage), tuple(Standing)


def person(number: int) -> UUID:
    return UUID(int=number)


def mentee(number: int, *kinds: Kind, topics: tuple[str, ...] = (), **stated) -> Mentee:
    """A student who wants these kinds; `topics` are for content mentoring."""
    wants = tuple(
        Want(kind, frozenset(topics) if kind is Kind.CONTENT else frozenset()) for kind in kinds
    )
    stated.setdefault("stage", Stage.M3)
    return Mentee(id=person(number), wants=wants, **stated)


def mentor(number: int, *kinds: Kind, topics: tuple[str, ...] = (), **stated) -> Mentor:
    """A faculty mentor with three open places and recent knowledge, unless stated otherwise."""
    offers = tuple(
        Offer(kind, frozenset(topics) if kind is Kind.CONTENT else frozenset()) for kind in kinds
    )
    stated.setdefault("standing", Standing.FACULTY)
    stated.setdefault("places", 3)
    stated.setdefault("recent_cycle", True)
    return Mentor(id=person(number), offers=offers, **stated)


def run(mentees, mentors, **rules) -> Problem:
    return Problem(mentees=tuple(mentees), mentors=tuple(mentors), **rules)


def triples(outcome: Outcome) -> set[Triple]:
    return {pair.triple for pair in outcome.pairs}


@st.composite
def problems(draw, *, pins: bool = True) -> Problem:
    """Anything that can happen in a chapter of a handful, with at most six wants."""
    luck = draw(LUCK)

    def said() -> dict:
        return {
            "stage": luck.perhaps(STAGES),
            "interests": frozenset(luck.some(SLUGS)),
            "free": frozenset(luck.some(range(6))) if luck.yes() else None,
        }

    def some(of: type, kinds: list[Kind]) -> tuple:
        return tuple(of(kind, frozenset(luck.some(SLUGS))) for kind in kinds)

    mentees, open_wants = [], 6
    for number in range(1, luck.whole(0, 4) + 1):
        kinds = luck.some(KINDS, most=min(4, open_wants))
        open_wants -= len(kinds)
        mentees.append(
            Mentee(
                id=person(number),
                wants=some(Want, kinds),
                school=luck.one(SCHOOLS),
                waited=luck.yes(),
                **said(),
            )
        )
    # A mentor may be one of the mentees: a resident wears both hats.
    numbers = luck.some(range(3, 9), most=4)
    anyone = [person(number) for number in range(1, 9)]
    mentors = [
        Mentor(
            id=person(number),
            standing=luck.one(STANDINGS),
            offers=some(Offer, luck.some(KINDS, least=1)),
            places=luck.whole(-1, 3),
            load=luck.whole(0, 3),
            paused=luck.yes(of=6),
            recent_cycle=luck.yes(),
            evaluates=frozenset(luck.some(anyone, most=2)),
            evaluates_everyone=luck.yes(of=6),
            institution=luck.one(SCHOOLS),
            **said(),
        )
        for number in numbers
    ]
    return Problem(
        mentees=tuple(mentees),
        mentors=tuple(mentors),
        kinds=tuple(luck.some(KINDS, least=1)),
        blocks=frozenset(two(luck, anyone) for _ in range(luck.whole(0, 2))),
        pins=marks(luck, anyone) if pins else frozenset(),
        exclusions=marks(luck, anyone),
        current=marks(luck, anyone),
        one_kind_per_mentor=luck.yes(),
    )


def two(luck: Luck, anyone: list[UUID]) -> tuple[UUID, UUID]:
    """Two of them, who may be one and the same."""
    return luck.one(anyone), luck.one(anyone)


def marks(luck: Luck, anyone: list[UUID]) -> frozenset[Triple]:
    """Up to three marks, on anyone with anyone."""
    return frozenset((*two(luck, anyone), luck.one(KINDS)) for _ in range(luck.whole(0, 3)))


@st.composite
def crowds(draw, *, pins: bool = True) -> Problem:
    """More wants than places, and little else in the way: where the order of goods decides."""
    luck = draw(LUCK)
    mentees, open_wants = [], 6
    for number in range(1, luck.whole(2, 4) + 1):
        kinds = luck.some(KINDS, least=1, most=max(1, open_wants - 2))
        open_wants -= len(kinds)
        interests = frozenset(luck.some(SLUGS))
        mentees.append(mentee(number, *kinds, topics=SLUGS, waited=luck.yes(), interests=interests))
    mentors = [
        mentor(
            number,
            *luck.some(KINDS, least=2),
            topics=SLUGS,
            places=luck.whole(1, 2),
            load=luck.whole(0, 2),
            interests=frozenset(luck.some(SLUGS)),
        )
        for number in range(7, luck.whole(7, 9) + 1)
    ]
    everybody = list(product([one.id for one in mentees], [one.id for one in mentors], KINDS))
    return Problem(
        mentees=tuple(mentees),
        mentors=tuple(mentors),
        pins=frozenset(luck.some(everybody, most=2)) if pins else frozenset(),
        current=frozenset(luck.some(everybody, most=2)),
        one_kind_per_mentor=luck.yes(),
    )


def safe(problem: Problem, triple: Triple) -> bool:
    """Whether two people may be paired as this kind at all: nobody's safety or no against it."""
    one, other, kind = triple
    mentees = {mentee.id: mentee for mentee in problem.mentees}
    mentors = {mentor.id: mentor for mentor in problem.mentors}
    if one == other or one not in mentees or other not in mentors or kind not in problem.kinds:
        return False
    by = mentors[other]
    met = [held for held in problem.current if held[:2] == (one, other)]
    return not (
        by.paused
        or by.places < 1
        or (kind is Kind.WELLNESS and (by.evaluates_everyone or one in by.evaluates))
        or (one, other) in problem.blocks
        or (other, one) in problem.blocks
        or triple in problem.exclusions
        or any(held[0] == one and held[2] is kind for held in problem.current)
        or (met and problem.one_kind_per_mentor)
    )


def suits(problem: Problem, triple: Triple) -> bool:
    """Whether what one of them asks for is what the other gives."""
    one = next(mentee for mentee in problem.mentees if mentee.id == triple[0])
    other = next(mentor for mentor in problem.mentors if mentor.id == triple[1])
    if one.free is not None and other.free is not None and not one.free & other.free:
        return False
    asked = [want for want in one.wants if want.kind is triple[2]]
    given = [offer for offer in other.offers if offer.kind is triple[2]]
    if triple[2] is Kind.CONTENT and asked and given:
        wanted = asked[0].topics or one.interests
        taught = given[0].topics or other.interests
        return bool(wanted & taught)
    return bool(asked and given) and (triple[2] is not Kind.APPLICATION or other.recent_cycle)


def possible(problem: Problem) -> list[Triple]:
    """Every pairing that breaks no rule, found one by one."""
    everybody = product(
        (mentee.id for mentee in problem.mentees),
        (mentor.id for mentor in problem.mentors),
        problem.kinds,
    )
    return [triple for triple in everybody if safe(problem, triple) and suits(problem, triple)]


def fit_together(problem: Problem, chosen) -> bool:
    """Whether these pairs can all be made: one of a kind, one kind a mentor, places enough."""
    places = {mentor.id: mentor.places for mentor in problem.mentors}
    kinds = Counter((mentee, kind) for mentee, _, kind in chosen)
    people = Counter((mentee, mentor) for mentee, mentor, _ in chosen)
    taken = Counter(mentor for _, mentor, _ in chosen)
    return (
        max(kinds.values(), default=0) <= 1
        and (max(people.values(), default=0) <= 1 or not problem.one_kind_per_mentor)
        and all(count <= places[mentor] for mentor, count in taken.items())
    )


def pins_together(problem: Problem) -> list[tuple[Triple, ...]]:
    """The largest sets of safe pins that can all be kept."""
    pins = [pin for pin in problem.pins if safe(problem, pin)]
    for size in range(len(pins), -1, -1):
        if found := [some for some in combinations(pins, size) if fit_together(problem, some)]:
            return found
    raise AssertionError("no pins at all always fit together")


def worth(problem: Problem, chosen) -> Objective:
    """The objective of these pairs, counted plainly."""
    fits = score.fits(problem)
    count = Counter(mentee for mentee, _, _ in (*problem.current, *chosen))
    before = Counter(mentee for mentee, _, _ in problem.current)
    most = max((before[mentee.id] for mentee in problem.mentees), default=0)
    ranks = range(1, most + len(problem.kinds) + 1)
    fullness, taken = 0, Counter()
    for _, other, _ in chosen:
        by = next(mentor for mentor in problem.mentors if mentor.id == other)
        taken[other] += 1
        fullness += 100 * (by.load + taken[other]) // (by.load + by.places)
    worths = [sought(fits, triple) for triple in chosen]
    return Objective(
        coverage=tuple(
            _in_line([m for m in problem.mentees if count[m.id] >= rank], problem, first=rank == 1)
            for rank in ranks
        ),
        above=tuple(-sum(one < floor * SCALE // 100 for one in worths) for floor in FLOORS),
        worth=sum(worths),
        evenness=-fullness,
    )


def sought(fits: score.Fits, triple: Triple) -> int:
    """What a pair is worth to a run: by default the percent of the mentee's own best."""
    mentee, mentor, kind = triple
    row = (fits.rows[mentee], fits.kinds.index(kind), fits.columns[mentor])
    return int(fits.sought(*(np.array([place]) for place in row))[0])


def _in_line(having: list[Mentee], problem: Problem, *, first: bool) -> tuple[int, ...]:
    """How many have so many mentors, and how many of those come first."""

    def place(mentee: Mentee) -> int:
        return {Stage.M4: 2, Stage.M3: 1}.get(mentee.stage, 0)

    waited = sum(mentee.waited for mentee in having)
    by_stage = [
        sum(place(mentee) == of for mentee in having)
        for of in sorted({place(mentee) for mentee in problem.mentees}, reverse=True)
    ]
    return len(having), *((waited, *by_stage) if first else (*by_stage, waited))


def brute_force(problem: Problem, pinned: tuple[Triple, ...]) -> Objective:
    """The best objective beside these pins, by trying everything."""
    wants: dict[tuple[UUID, Kind], list[Triple | None]] = {}
    served = {(mentee, kind) for mentee, _, kind in pinned}
    for triple in possible(problem):
        if (triple[0], triple[2]) not in served:
            wants.setdefault((triple[0], triple[2]), [None]).append(triple)
    tried = (
        (*pinned, *(triple for triple in choice if triple)) for choice in product(*wants.values())
    )
    return max(worth(problem, chosen) for chosen in tried if fit_together(problem, chosen))
