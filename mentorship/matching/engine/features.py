"""What speaks for two people: every factor, and how it is marked.

All factors are marked alike, from 0 to FULL_MARKS. Each is 0 where nothing is known or nothing is
shared; what is known and suits adds up to the full marks; nothing ever subtracts. So what is not
stated is neither for nor against, and stating more never costs anybody a point. A kind's weights
are whole percents that sum to 100: marks times weights are worth, from 0 to `market.SCALE`, in
whole numbers that float32 adds up exactly.

What each factor adds:

- topics (content only): each shared topic 7,056; 5,040 where one of the two only has it as an
  interest, 3,600 where both do;
- interests: each shared interest 2,900 if everyone has it, up to 6,400 if only these two do, by
  the logarithm of how few have it: the inverse document frequency of Spärck Jones (1972);
- goals: each goal of the mentee that the mentor can help with 6,400;
- setting, region, path, languages: all of it for the same (one in common is enough);
- stage: by years apart, see `suited`: near-peers for application and wellness, breadth for career;
- time: 1,250 for each shared free half hour a week, so four hours are enough. Shared ones are
  counted, never their part of those stated, which would reward stating few;
- room: the part of the mentor's places that is open;
- wish, wished: the first wish of the mentee (the mentor) all of it, each further one a fifth
  less, and the fifth and later ones a fifth. Mentors' wishes weigh five percent at most, since
  they can carry bias;
- past: all of it, where the two have worked together well before;
- affinity: all of it for a group that both opted into. It is shown to nobody.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import log
from operator import attrgetter
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from mentorship.matching.engine.fit import (
    SLOTS_OF_WEEK,
    Factor,
    Mentee,
    Mentor,
    Offer,
    Problem,
    Want,
)
from mentorship.matching.engine.shapes import (
    FULL_MARKS,
    Block,
    Classes,
    Feature,
    Hours,
    Pairs,
    Shared,
    incidence,
    tabulated,
)
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import Stage, Standing

#: What sharing an interest adds that everyone has, and how much more the rarest adds.
COMMON_INTEREST, RARITY_BONUS = 2_900, 3_500
#: A topic counts by the product of how the two came to it: they named it, or it is an interest.
NAMED, IMPLIED = 84, 60
GOAL = 6_400
NEAR_PEER_KINDS = (Kind.APPLICATION, Kind.WELLNESS)


@dataclass(frozen=True, eq=False)
class Features:
    """Every factor for all mentees and mentors of a problem."""

    by_factor: Mapping[Factor, Feature]
    #: Stage is marked differently by kind.
    stage: Mapping[Kind, Classes]
    hours: Hours
    topics: Shared
    #: Who takes any topic of content mentoring, and who gives any.
    any_topic: tuple[NDArray[np.bool_], NDArray[np.bool_]]
    rarity: Mapping[str, int]

    def of(self, kind: Kind, factor: Factor) -> Feature:
        return self.stage[kind] if factor is Factor.STAGE else self.by_factor[factor]


def features(problem: Problem, mentees: Sequence[Mentee], mentors: Sequence[Mentor]) -> Features:
    """Look at these people, in this order, under every factor."""
    rarity = _rarity(mentees, mentors)
    everything = dict.fromkeys(sorted(rarity))
    topical, hours = _topical(mentees, mentors, everything), _hours(mentees, mentors)
    pairs = partial(
        _pairs,
        rows={one.id: row for row, one in enumerate(mentees)},
        columns={one.id: column for column, one in enumerate(mentors)},
    )

    def stated(name: str) -> tuple[list[Any], list[Any]]:
        of = attrgetter(name)
        return [of(one) for one in mentees], [of(one) for one in mentors]

    return Features(
        by_factor={
            Factor.TOPICS: topical,
            Factor.INTERESTS: _by_interests(*stated("interests"), rarity),
            Factor.GOALS: _in_common(*stated("goals"), GOAL),
            Factor.SETTING: _in_common(*stated("settings")),
            Factor.REGION: _same(*stated("region")),
            Factor.PATH: _same(*stated("path")),
            Factor.LANGUAGES: _in_common(*stated("languages")),
            Factor.AFFINITY: _in_common(*stated("affinity")),
            Factor.TIME: hours,
            Factor.ROOM: _room(mentees, mentors),
            Factor.WISH: pairs(
                (one.id, wish, _wished_for(rank))
                for one in mentees
                for rank, wish in enumerate(one.wishes)
            ),
            Factor.WISHED: pairs(
                (wish, one.id, _wished_for(rank))
                for one in mentors
                for rank, wish in enumerate(one.wishes)
            ),
            Factor.PAST: pairs((mentee, mentor, FULL_MARKS) for mentee, mentor in problem.past),
        },
        stage={kind: _stages(kind, mentees, mentors) for kind in Kind},
        hours=hours,
        topics=topical,
        any_topic=(
            np.array([any(want.any_topic for want in one.wants) for one in mentees], bool),
            np.array([any(offer.any_topic for offer in one.offers) for one in mentors], bool),
        ),
        rarity=rarity,
    )


def _by_interests(
    ours: Sequence[frozenset[str]], theirs: Sequence[frozenset[str]], rarity: Mapping[str, int]
) -> Shared:
    slugs = sorted(rarity)
    adds = np.array([rarity[slug] for slug in slugs], np.float32)
    return Shared(incidence(ours, slugs) * adds, incidence(theirs, slugs))


def _topical(
    mentees: Sequence[Mentee], mentors: Sequence[Mentor], everything: Collection[str]
) -> Shared:
    return Shared(
        incidence([topics(one) for one in mentees], everything)
        * _came_by([named_topics(one.wants) for one in mentees]),
        incidence([teaches(one) for one in mentors], everything)
        * _came_by([named_topics(one.offers) for one in mentors]),
    )


def _hours(mentees: Sequence[Mentee], mentors: Sequence[Mentor]) -> Hours:
    ours, theirs = [one.free for one in mentees], [one.free for one in mentors]
    return Hours(
        incidence([free or () for free in ours], range(SLOTS_OF_WEEK)),
        incidence([free or () for free in theirs], range(SLOTS_OF_WEEK)),
        np.array([free is not None for free in ours], bool),
        np.array([free is not None for free in theirs], bool),
    )


def _pairs(
    found: Iterable[tuple[UUID, UUID, int]], rows: Mapping[UUID, int], columns: Mapping[UUID, int]
) -> Pairs:
    """What is added for these two. People who take no part stand nowhere."""
    known = sorted(
        (rows[mentee], columns[mentor], adds)
        for mentee, mentor, adds in found
        if mentee in rows and mentor in columns
    )
    table = np.array(known, np.int64).reshape(len(known), 3)
    return Pairs(table[:, 0], table[:, 1], table[:, 2], len(columns))


def topics(mentee: Mentee) -> frozenset[str]:
    """What a mentee wants content mentoring about: the topics named, else their interests."""
    return named_topics(mentee.wants) or mentee.interests


def teaches(mentor: Mentor) -> frozenset[str]:
    """What a mentor gives content mentoring about: the topics named, else their interests."""
    return named_topics(mentor.offers) or mentor.interests


def named_topics(asked_or_given: Iterable[Want | Offer]) -> frozenset[str]:
    """The topics that someone's wants, or offers, name for content mentoring."""
    named = (one.topics for one in asked_or_given if one.kind is Kind.CONTENT)
    return frozenset().union(*named)


def _came_by(named: Sequence[frozenset[str]]) -> Block:
    return np.array([[NAMED if topics else IMPLIED] for topics in named], np.float32).reshape(-1, 1)


def _rarity(mentees: Sequence[Mentee], mentors: Sequence[Mentor]) -> dict[str, int]:
    """What sharing each interest adds: the fewer people have it, the more."""
    named = {mentee.id: mentee.interests | topics(mentee) for mentee in mentees}
    for mentor in mentors:
        # Who is both counts once.
        also = named.get(mentor.id, frozenset())
        named[mentor.id] = mentor.interests | teaches(mentor) | also
    having = Counter(slug for slugs in named.values() for slug in slugs)
    everyone = len(named)
    # Two share it at least, so nothing that counts is rarer than that.
    rarest = log(max(everyone, 3) / 2)
    return {
        slug: COMMON_INTEREST + int(RARITY_BONUS * min(1, log(everyone / people) / rarest))
        for slug, people in having.items()
    }


def _same(ours: Sequence[str], theirs: Sequence[str]) -> Classes:
    """The same word on both sides, whatever its case; nothing where one is silent."""
    return tabulated(
        [word.strip().casefold() for word in ours],
        [word.strip().casefold() for word in theirs],
        lambda one, other: FULL_MARKS if one and one == other else 0,
    )


#: Sets that come in so many varieties at most are compared by variety, others thing by thing.
_FEW = 24


def _in_common(
    ours: Sequence[frozenset[str]], theirs: Sequence[frozenset[str]], each: int = FULL_MARKS
) -> Feature:
    """So much for each thing that both named."""
    if min(len(set(ours)), len(set(theirs))) <= _FEW:
        return tabulated(ours, theirs, lambda one, other: min(FULL_MARKS, each * len(one & other)))
    things = sorted(frozenset().union(*ours) & frozenset().union(*theirs))
    kept = frozenset(things)
    return Shared(
        incidence([some & kept for some in ours], things) * np.float32(each),
        incidence([some & kept for some in theirs], things),
    )


def _room(mentees: Sequence[Mentee], mentors: Sequence[Mentor]) -> Classes:
    """The part of a mentor's places that is open, in whole percents."""
    open_places = [
        100 * max(0, one.places) // max(1, max(0, one.places) + one.load) for one in mentors
    ]
    return tabulated(
        [None] * len(mentees), open_places, lambda _, percent: FULL_MARKS // 100 * percent
    )


def _wished_for(rank: int) -> int:
    """What the wish at this place, from 0, adds."""
    return FULL_MARKS // 5 * max(1, 5 - rank)


def _stages(kind: Kind, mentees: Sequence[Mentee], mentors: Sequence[Mentor]) -> Classes:
    def adds(one: Stage | None, other: Stage | None) -> int:
        if one is None or other is None:
            return 0
        return FULL_MARKS // 100 * suited(kind, other.rank - one.rank)

    return tabulated([one.stage for one in mentees], [stands(one) for one in mentors], adds)


def stands(mentor: Mentor) -> Stage | None:
    """Where a mentor stands in training, as far as it is known."""
    known = {Standing.FACULTY: Stage.ATTENDING, Standing.FELLOW: Stage.FELLOW}
    return mentor.stage or known.get(mentor.standing)


def suited(kind: Kind, gap: int) -> int:
    """Percent that a mentor so many years ahead suits: near-peers, or breadth for a career."""
    if kind in NEAR_PEER_KINDS:
        if gap <= 0:
            return 40 if gap == 0 else 0
        return max(30, 100 - 10 * max(0, gap - 3))
    if kind is Kind.CAREER:
        if gap <= 0:
            return 20 if gap == 0 else 0
        return min(100, 40 + 10 * gap)
    if gap <= 0:
        return 60 if gap == 0 else 20
    return 100 if gap > 3 else 90
