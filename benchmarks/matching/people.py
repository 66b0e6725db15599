"""Made-up people for a matching run: as many as asked for, and the same ones for the same seed.

What they state is spread as it would be among students and mentors: a few interests are common
and most are rare, evenings are freer than nights, schools differ in size, half of what is
optional stays empty. Places are as many as wants over all kinds (`places` says how many times).
Of four offers in five the mentor says how many may be of that kind, about half of all; so whoever
pairs carelessly leaves people out. Ids are numbers, schools and languages letters; there is nobody
behind any of it.
"""

from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from mentorship.matching.engine.fit import SLOTS_OF_WEEK, Mentee, Mentor, Offer, Problem, Want
from mentorship.vocabulary import interests
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import Stage, Standing

KINDS = tuple(Kind)
STAGES = (Stage.M1, Stage.M2, Stage.M3, Stage.M4, Stage.PGY1)
GOALS = tuple(f"goal-{place}" for place in range(12))
SETTINGS = ("academic", "community", "county", "rural")
REGIONS = tuple(f"region-{place}" for place in range(10))
PATHS = ("MD", "DO", "MBBS", "MD/PhD")
LANGUAGES = tuple(f"language-{place}" for place in range(20))
GROUPS = tuple(f"group-{place}" for place in range(8))
#: Students a school has in the run.
SCHOOL_SIZE = 50
#: The share of offers with a limit of their own beside the mentor's places over all kinds.
LIMITED = 0.8


@dataclass(frozen=True)
class Size:
    mentees: int
    mentors: int

    def __str__(self) -> str:
        return f"{self.mentees:,} × {self.mentors:,}"

    @property
    def slug(self) -> str:
        return f"{self.mentees}x{self.mentors}"

    @classmethod
    def parse(cls, text: str) -> "Size":
        """:raises ValueError: it is not written like `1000x300`."""
        mentees, mentors = text.lower().replace(",", "").split("x")
        return cls(int(mentees), int(mentors))


def problem(size: Size, *, seed: int = 0, places: float = 1.0, wants: float = 2.8) -> Problem:
    """A run of this size. `wants` is how many kinds of mentor a mentee asks for on average."""
    rng = np.random.default_rng([seed, size.mentees, size.mentors])
    schools = max(3, size.mentees // SCHOOL_SIZE)
    region_of = rng.integers(0, len(REGIONS), schools)
    asked = _at_least_one(rng, rng.random((size.mentees, len(KINDS))) < wants / len(KINDS))
    capacity = np.maximum(1, rng.poisson(places * asked.sum() / size.mentors, size.mentors))
    return Problem(
        mentees=_mentees(rng, size, asked, schools, region_of),
        mentors=_mentors(rng, size, capacity, schools, region_of),
        blocks=_blocks(rng, size),
        past=frozenset(
            (mentee_id(mentee), mentor_id(mentor))
            for mentee, mentor in zip(
                rng.choice(size.mentees, size.mentees // 5, replace=False).tolist(),
                rng.integers(0, size.mentors, size.mentees // 5).tolist(),
                strict=True,
            )
        ),
    )


def mentee_id(number: int) -> UUID:
    return UUID(int=(1 << 64) + number)


def mentor_id(number: int) -> UUID:
    return UUID(int=(2 << 64) + number)


def _mentees(
    rng: Generator, size: Size, asked: NDArray, schools: int, region_of: NDArray
) -> tuple[Mentee, ...]:
    count = size.mentees
    slugs = tuple(interests.labels())
    liked = _some(rng, count, slugs, mean=4, rarity=0.8)
    topics = _some(rng, count, slugs, mean=2, rarity=0.8)
    names_topics = rng.random(count) < 0.5
    goals = _some(rng, count, GOALS, mean=2, rarity=0.5)
    settings = _some(rng, count, SETTINGS, mean=1.3, rarity=0.3)
    languages = _stated(rng, 0.35, _some(rng, count, LANGUAGES, mean=1.3, rarity=1))
    affinity = _stated(rng, 0.2, _some(rng, count, GROUPS, mean=1, rarity=0.3))
    free = _stated(rng, 0.9, _free(rng, count), nothing=None)
    school = rng.integers(0, schools, count)
    stage = rng.choice(len(STAGES), count, p=(0.22, 0.22, 0.25, 0.25, 0.06))
    path = rng.choice(len(PATHS), count, p=(0.6, 0.25, 0.1, 0.05))
    wishes = _wishes(rng, count, size.mentors, 3, share=0.5, identify=mentor_id)
    waited = rng.random(count) < 0.05
    return tuple(
        Mentee(
            id=mentee_id(row),
            stage=STAGES[stage[row]],
            wants=tuple(
                Want(
                    kind,
                    topics[row] if kind is Kind.CONTENT and names_topics[row] else frozenset(),
                )
                for place, kind in enumerate(KINDS)
                if asked[row, place]
            ),
            interests=liked[row],
            school=f"school-{school[row]}",
            waited=bool(waited[row]),
            free=free[row],
            goals=goals[row],
            settings=settings[row],
            region=REGIONS[region_of[school[row]]],
            path=PATHS[path[row]],
            languages=languages[row],
            affinity=affinity[row],
            wishes=wishes[row],
        )
        for row in range(count)
    )


def _mentors(
    rng: Generator, size: Size, capacity: NDArray, schools: int, region_of: NDArray
) -> tuple[Mentor, ...]:
    count = size.mentors
    slugs = tuple(interests.labels())
    liked = _some(rng, count, slugs, mean=5, rarity=0.8)
    goals = _some(rng, count, GOALS, mean=3, rarity=0.5)
    settings = _some(rng, count, SETTINGS, mean=1.2, rarity=0.3)
    languages = _stated(rng, 0.35, _some(rng, count, LANGUAGES, mean=1.3, rarity=1))
    affinity = _stated(rng, 0.3, _some(rng, count, GROUPS, mean=1, rarity=0.3))
    free = _stated(rng, 0.9, _free(rng, count), nothing=None)
    recent = rng.random(count) < 0.45
    offered = rng.random((count, len(KINDS))) < 0.55
    # Some offer application mentoring who do not know a recent cycle: there the rule bites.
    offered[:, KINDS.index(Kind.APPLICATION)] &= recent | (rng.random(count) < 0.3)
    offered = _at_least_one(rng, offered)
    most = np.maximum(1, rng.binomial(capacity[:, None], 0.5, offered.shape))
    limits = rng.random(offered.shape) < LIMITED
    school = rng.integers(0, schools, count)
    standing = rng.choice(len(Standing), count, p=(0.6, 0.1, 0.25, 0.05))
    resident = rng.integers(0, 3, count)
    path = rng.choice(len(PATHS), count, p=(0.6, 0.25, 0.1, 0.05))
    wishes = _wishes(rng, count, size.mentees, 2, share=0.3, identify=mentee_id)
    graded = rng.integers(0, size.mentees, (count, 3))
    return tuple(
        Mentor(
            id=mentor_id(row),
            standing=(whose := tuple(Standing)[standing[row]]),
            stage=_stage_of(whose, resident[row]),
            offers=tuple(
                Offer(kind, places=int(most[row, place]) if limits[row, place] else None)
                for place, kind in enumerate(KINDS)
                if offered[row, place]
            ),
            interests=liked[row],
            places=int(capacity[row]),
            load=int(row % 3 == 0),
            recent_cycle=bool(recent[row]),
            evaluates=frozenset(map(mentee_id, graded[row].tolist())),
            free=free[row],
            institution=f"school-{school[row]}",
            goals=goals[row],
            settings=settings[row],
            region=REGIONS[region_of[school[row]]],
            path=PATHS[path[row]],
            languages=languages[row],
            affinity=affinity[row],
            wishes=wishes[row],
        )
        for row in range(count)
    )


def _stage_of(standing: Standing, year: int) -> Stage | None:
    if standing is Standing.RESIDENT:
        return (Stage.PGY1, Stage.PGY2, Stage.PGY3)[year]
    return {Standing.FACULTY: Stage.ATTENDING, Standing.FELLOW: Stage.FELLOW}.get(standing)


def _blocks(rng: Generator, size: Size) -> frozenset[tuple[UUID, UUID]]:
    """One in five has one person on the other side whom they never want to meet."""
    count = size.mentees // 5
    return frozenset(
        (mentee_id(mentee), mentor_id(mentor))
        for mentee, mentor in zip(
            rng.integers(0, size.mentees, count).tolist(),
            rng.integers(0, size.mentors, count).tolist(),
            strict=True,
        )
    )


def _at_least_one(rng: Generator, table: NDArray) -> NDArray:
    nothing = np.flatnonzero(~table.any(axis=1))
    table[nothing, rng.integers(0, table.shape[1], len(nothing))] = True
    return table


def _some(
    rng: Generator, count: int, of: tuple[str, ...], *, mean: float, rarity: float
) -> list[frozenset[str]]:
    """For each person one or more of these, the nth as popular as `1 / n**rarity`."""
    how_many = 1 + rng.poisson(mean - 1, count)
    popular = -rarity * np.log(np.arange(1, len(of) + 1))
    # Gumbel noise on log popularity draws without replacement, in proportion to popularity.
    order = np.argsort(-(popular + rng.gumbel(size=(count, len(of)))), axis=1).tolist()
    return [
        frozenset(of[place] for place in places[:many])
        for places, many in zip(order, how_many.tolist(), strict=True)
    ]


def _stated(rng: Generator, share: float, values: list, *, nothing: object = frozenset()) -> list:
    """These for about this share of the people; the others state nothing."""
    states = (rng.random(len(values)) < share).tolist()
    return [value if said else nothing for value, said in zip(values, states, strict=True)]


def _free(rng: Generator, count: int) -> list[frozenset[int]]:
    """Three to seven stretches of up to two hours, most of them around the evening."""
    day = rng.integers(0, 7, (count, 7))
    hour = (34 + rng.normal(0, 6, (count, 7))).astype(int).clip(0, 47)
    length = rng.integers(1, 5, (count, 7))
    first = (day * 48 + hour).tolist()
    return [
        frozenset(
            (begin + slot) % SLOTS_OF_WEEK
            for begin, long in zip(begins[:many], lengths, strict=False)
            for slot in range(long)
        )
        for begins, lengths, many in zip(
            first, length.tolist(), rng.integers(3, 8, count).tolist(), strict=True
        )
    ]


def _wishes(
    rng: Generator, count: int, others: int, most: int, *, share: float, identify
) -> list[tuple[UUID, ...]]:
    wished = rng.integers(0, others, (count, most)).tolist()
    lists = [tuple(map(identify, dict.fromkeys(row))) for row in wished]
    return _stated(rng, share, lists, nothing=())
