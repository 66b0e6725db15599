"""Keeping personal data to oneself costs nobody a mentor: a chapter lived through, many times."""

from collections import Counter
from dataclasses import replace
from random import Random
from statistics import mean

import pytest

from mentorship.matching.engine import score, solve
from mentorship.matching.engine.fit import Mentee, Mentor, Offer, Problem, Want
from mentorship.matching.engine.settings import Settings
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import Stage, Standing
from tests.matching.engine.problems import person

MENTEES, MENTORS, SEEDS = 240, 72, (0, 1, 2, 3)
#: So many places for each want: every fourth want is in vain, and somebody loses.
PLACES = 0.75
#: What a mentee may keep back.
PERSONAL = {"languages": frozenset(), "affinity": frozenset()}
OPTIONAL = PERSONAL | {"region": "", "path": "", "settings": frozenset(), "goals": frozenset()}


def population(seed: int) -> tuple[list[Mentee], list[Mentor]]:
    """Mentees who state everything, and mentors half of whom keep personal data back."""
    luck = Random(seed)
    ids = luck.sample(range(1, 10_000), MENTEES + MENTORS)
    topics = [f"topic-{number}" for number in range(50)]
    popular = [1 / (place + 1) ** 0.8 for place in range(50)]

    def said(*, personal: bool = True) -> dict:
        stated = {
            "interests": frozenset(luck.choices(topics, popular, k=luck.randint(2, 5))),
            "goals": frozenset(luck.sample(topics[:12], luck.randint(1, 3))),
            "settings": frozenset({luck.choice(["academic", "community"])}),
            "region": luck.choice("abcdefgh"),
            "path": luck.choice(["MD", "MD", "DO", "MBBS"]),
            "languages": frozenset(luck.sample(topics[:12], 1)),
            "affinity": frozenset({luck.choice("abcdef")}),
        }
        return stated if personal else stated | PERSONAL

    mentees = [
        Mentee(
            id=person(ids.pop()),
            stage=luck.choice([Stage.M1, Stage.M2, Stage.M3, Stage.M4]),
            wants=tuple(Want(kind) for kind in luck.sample(list(Kind), luck.randint(2, 4))),
            **said(),
        )
        for _ in range(MENTEES)
    ]
    each = PLACES * sum(len(one.wants) for one in mentees) / MENTORS
    mentors = [
        Mentor(
            id=person(ids.pop()),
            standing=luck.choice([Standing.FACULTY, Standing.FACULTY, Standing.FELLOW]),
            offers=tuple(Offer(kind) for kind in luck.sample(list(Kind), luck.randint(2, 4))),
            places=max(1, round(luck.gauss(each, each / 3))),
            recent_cycle=luck.random() < 0.7,
            **said(personal=luck.random() < 0.5),
        )
        for _ in range(MENTORS)
    ]
    return mentees, mentors


def penalty(seed: int, kept_back: dict, settings: Settings) -> float:
    """By how many points of wants filled those who keep this back fall behind.

    Half of the mentees keep it back, then the other half, so that nothing else differs.
    """
    mentees, mentors = population(seed)
    luck = Random(-1 - seed)
    half = [luck.random() < 0.5 for _ in mentees]
    filled: Counter[bool] = Counter()
    wanted: Counter[bool] = Counter()
    for turn in (True, False):
        people = [
            replace(one, **kept_back) if silent is turn else one
            for one, silent in zip(mentees, half, strict=True)
        ]
        problem = Problem(tuple(people), tuple(mentors), one_kind_per_mentor=False)
        found = solve.best(problem, score.fits(problem, settings), seed=seed, settings=settings)
        having = Counter(mentee for mentee, _, _ in found.chosen)
        for one, silent in zip(people, half, strict=True):
            filled[silent is turn] += having[one.id]
            wanted[silent is turn] += len(one.wants)
    return 100 * (filled[False] / wanted[False] - filled[True] / wanted[True])


@pytest.mark.parametrize(
    "kept_back", [PERSONAL, OPTIONAL], ids=["personal", "all that is optional"]
)
def test_keeping_data_back_costs_at_most_two_points_of_wants_filled(kept_back):
    settings = Settings(floors=(), one_kind_per_mentor=False)

    # Nor is it a way to get ahead.
    assert abs(mean(penalty(seed, kept_back, settings) for seed in SEEDS)) <= 2


def test_plain_points_would_cost_more():
    settings = Settings(floors=(), one_kind_per_mentor=False, own_best=False)

    assert mean(penalty(seed, OPTIONAL, settings) for seed in SEEDS) > 2
