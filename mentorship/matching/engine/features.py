"""What speaks for two people: every factor, what it weighs, and how it is marked.

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
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from math import log
from operator import attrgetter
from typing import Any, Protocol, TypeVar
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
from mentorship.matching.engine.market import Index, Whole
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import Stage, Standing

#: Marks of what could not be better.
FULL_MARKS = 10_000
#: Percent of the worth by kind: the defaults, and what they mean. A factor that nobody was asked
#: about (`Problem.factors`) leaves its percents to the others, see `weights`. Deep likeness (what
#: people want and care about) weighs most: it goes with good mentoring far more than traits do
#: (Eby and others, 2013); identity counts only where it was opted into.
WEIGHTS: Mapping[Kind, Mapping[Factor, int]] = {
    kind: {factor: row[place] for factor, row in table.items() if row[place]}
    for table in [
        {
            # career, content, application, wellness
            Factor.TOPICS: (0, 30, 0, 0),
            Factor.INTERESTS: (20, 12, 8, 12),
            Factor.GOALS: (15, 5, 10, 5),
            Factor.SETTING: (10, 3, 8, 3),
            Factor.REGION: (3, 2, 12, 5),
            Factor.PATH: (4, 0, 10, 5),
            Factor.LANGUAGES: (2, 2, 2, 8),
            Factor.STAGE: (12, 5, 18, 20),
            Factor.TIME: (7, 8, 8, 10),
            Factor.ROOM: (4, 4, 4, 4),
            Factor.WISH: (12, 14, 10, 14),
            Factor.WISHED: (3, 3, 3, 3),
            Factor.PAST: (5, 9, 4, 5),
            Factor.AFFINITY: (3, 3, 3, 6),
        }
    ]
    for place, kind in enumerate(Kind)
}
#: Percent that mentors' wishes weigh at most.
MOST_FOR_WISHED = 5
#: What sharing an interest adds that everyone has, and how much more the rarest adds.
COMMON_INTEREST, RARITY_BONUS = 2_900, 3_500
#: A topic counts by the product of how the two came to it: they named it, or it is an interest.
NAMED, IMPLIED = 84, 60
GOAL = 6_400
#: Shared free half hours a week beyond which more make no difference.
ENOUGH_SLOTS = 8
#: Factors whose share of the worth is shown to nobody.
UNSHOWN = frozenset({Factor.AFFINITY})

NEAR_PEER_KINDS = (Kind.APPLICATION, Kind.WELLNESS)

Block = NDArray[np.float32]
One = TypeVar("One")
Other = TypeVar("Other")


def weights(
    chosen: Mapping[Kind, Mapping[str, int]], asked: Collection[Factor]
) -> dict[Kind, dict[Factor, int]]:
    """Whole percents by kind and factor, of the factors that people were asked about.

    `chosen` replaces a kind's defaults. What the factors not asked about weigh is shared out in
    proportion, the percents left over going to the largest remainders; mentors' wishes stay at
    MOST_FOR_WISHED all the same, unless nothing else counts.

    :raises ValueError: a factor is unknown or belongs to another kind, a kind's percents are no
        whole numbers from 0 that sum to 100, or mentors' wishes weigh more than MOST_FOR_WISHED.
    """
    found = {}
    for kind in Kind:
        given = chosen.get(kind)
        table = WEIGHTS[kind] if given is None else _checked(kind, given)
        kept = {factor: table[factor] for factor in Factor if factor in asked and table.get(factor)}
        found[kind] = _of_hundred(kept)
        rest = dict(kept)
        rest.pop(Factor.WISHED, None)
        if rest and found[kind].get(Factor.WISHED, 0) > MOST_FOR_WISHED:
            found[kind] |= _of_hundred(rest, 100 - MOST_FOR_WISHED)
            found[kind][Factor.WISHED] = MOST_FOR_WISHED
    return found


def _of_hundred(parts: Mapping[Factor, int], whole: int = 100) -> dict[Factor, int]:
    return dict(zip(parts, shared_out(list(parts.values()), whole), strict=True))


def _checked(kind: Kind, given: Mapping[str, int]) -> dict[Factor, int]:
    try:
        table = {Factor(factor): percent for factor, percent in given.items()}
    except ValueError:
        unknown = ", ".join(sorted(set(given) - set(Factor)))
        raise ValueError(f"{kind.label}: there is no factor {unknown}") from None
    if any(not isinstance(one, int) or isinstance(one, bool) or one < 0 for one in table.values()):
        raise ValueError(f"{kind.label}: weights are whole percents from 0 up")
    if sum(table.values()) != 100:
        raise ValueError(f"{kind.label}: weights sum to {sum(table.values())}, not to 100")
    if kind is not Kind.CONTENT and table.get(Factor.TOPICS):
        raise ValueError(f"{kind.label}: topics belong to content mentoring only")
    if table.get(Factor.WISHED, 0) > MOST_FOR_WISHED:
        raise ValueError(f"{kind.label}: mentors' wishes weigh {MOST_FOR_WISHED} percent at most")
    return table


def shared_out(parts: Sequence[int], whole: int) -> list[int]:
    """Whole numbers in proportion to these parts, which sum to `whole`.

    Rounded down, and the rest goes to the largest remainders, the earlier first. All zero where
    the parts are.
    """
    total = sum(parts)
    if not total:
        return [0] * len(parts)
    shares = [part * whole // total for part in parts]
    remainders = sorted(range(len(parts)), key=lambda at: -(parts[at] * whole % total))
    for at in remainders[: whole - sum(shares)]:
        shares[at] += 1
    return shares


# What two people have, in the three shapes that can be summed over everyone at once.


class Feature(Protocol):
    """What a factor marks, from 0 to FULL_MARKS, for any mentee and mentor."""

    def at(self, mentee: Index, mentor: Index) -> Whole:
        """One by one."""


@dataclass(frozen=True, eq=False)
class Classes:
    """Depends on which of a few classes each of the two is in."""

    #: A row a class of mentees, a column a class of mentors.
    table: Whole
    ours: Index
    theirs: Index

    def at(self, mentee: Index, mentor: Index) -> Whole:
        return self.table[self.ours[mentee], self.theirs[mentor]]

    def vectors(self, weight: int) -> tuple[Block, Block]:
        """A row each, of whole numbers whose inner products are the weighted table."""
        table = (self.table * weight).astype(np.float32)
        if len(table) <= table.shape[1]:
            return np.eye(len(table), dtype=np.float32)[self.ours], table.T[self.theirs]
        return table[self.ours], np.eye(table.shape[1], dtype=np.float32)[self.theirs]


@dataclass(frozen=True, eq=False)
class Shared:
    """Sums up what the things are worth that both have, up to FULL_MARKS."""

    #: A row a person, a column a thing; inner products are the sums. Whole numbers.
    ours: Block
    theirs: Block

    def at(self, mentee: Index, mentor: Index) -> Whole:
        sums = np.empty(len(mentee), np.int64)
        for start in range(0, len(mentee), 2**16):
            part = slice(start, start + 2**16)
            ours, theirs = self.ours[mentee[part]], self.theirs[mentor[part]]
            sums[part] = np.einsum("pt,pt->p", ours, theirs)
        return np.minimum(sums, FULL_MARKS)


@dataclass(frozen=True, eq=False)
class Hours:
    """Counts the free half hours that both have, up to ENOUGH_SLOTS."""

    ours: Block
    theirs: Block
    #: Who states their free time at all.
    ours_stated: NDArray[np.bool_]
    theirs_stated: NDArray[np.bool_]

    def at(self, mentee: Index, mentor: Index) -> Whole:
        return np.minimum(self.slots(mentee, mentor) * (FULL_MARKS // ENOUGH_SLOTS), FULL_MARKS)

    def slots(self, mentee: Index, mentor: Index) -> Whole:
        both = np.empty(len(mentee), np.int64)
        # Word by word, and few enough at once to stay near: four times as fast.
        for start in range(0, len(mentee), 2**14):
            part = slice(start, start + 2**14)
            us, them = mentee[part], mentor[part]
            shared = np.zeros(len(us), np.uint16)
            for ours, theirs in zip(*self._words, strict=True):
                shared += np.bitwise_count(ours.take(us) & theirs.take(them))
            both[part] = shared
        return both

    def never(self, mentee: Index, mentor: Index) -> NDArray[np.bool_]:
        """Where both state their free time and share none."""
        stated = self.ours_stated[mentee] & self.theirs_stated[mentor]
        stated[stated] = self.slots(mentee[stated], mentor[stated]) == 0
        return stated

    @cached_property
    def _words(self) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
        return _in_words(self.ours), _in_words(self.theirs)


def _in_words(side: Block) -> NDArray[np.uint64]:
    """A bit a half hour, filled up to whole words of 64: a row a word, a column a person."""
    bits = np.zeros((len(side), SLOTS_OF_WEEK + -SLOTS_OF_WEEK % 64), bool)
    bits[:, :SLOTS_OF_WEEK] = side > 0
    return np.ascontiguousarray(np.packbits(bits, axis=1).view(np.uint64).T)


@dataclass(frozen=True, eq=False)
class Pairs:
    """Is written down for some few pairs, and 0 for all others. Sorted by mentee and mentor."""

    mentee: Index
    mentor: Index
    adds: Whole
    mentors: int

    def at(self, mentee: Index, mentor: Index) -> Whole:
        if not len(self.adds):
            return np.zeros(len(mentee), np.int64)
        asked = np.asarray(mentee, np.int64) * self.mentors + mentor
        place = np.minimum(np.searchsorted(self._keys, asked), len(self._keys) - 1)
        return np.where(self._keys[place] == asked, self.adds[place], 0)

    @cached_property
    def _keys(self) -> Index:
        return self.mentee * self.mentors + self.mentor


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
            Factor.INTERESTS: Shared(
                _incidence([one.interests for one in mentees], everything)
                * np.array([rarity[slug] for slug in everything], np.float32),
                _incidence([one.interests for one in mentors], everything),
            ),
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


def _topical(
    mentees: Sequence[Mentee], mentors: Sequence[Mentor], everything: Collection[str]
) -> Shared:
    return Shared(
        _incidence([topics(one) for one in mentees], everything)
        * _came_by([named_topics(one.wants) for one in mentees]),
        _incidence([teaches(one) for one in mentors], everything)
        * _came_by([named_topics(one.offers) for one in mentors]),
    )


def _hours(mentees: Sequence[Mentee], mentors: Sequence[Mentor]) -> Hours:
    ours, theirs = [one.free for one in mentees], [one.free for one in mentors]
    return Hours(
        _incidence([free or () for free in ours], range(SLOTS_OF_WEEK)),
        _incidence([free or () for free in theirs], range(SLOTS_OF_WEEK)),
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


def _incidence(named: Sequence[Collection], things: Iterable) -> Block:
    """A row a person, a column a thing, 1 where they named it."""
    places = {thing: place for place, thing in enumerate(things)}
    table = np.zeros((len(named), len(places)), np.float32)
    rows = np.repeat(np.arange(len(named)), [len(some) for some in named])
    columns = [places[thing] for some in named for thing in some]
    table[rows, np.array(columns, int)] = 1
    return table


def _classes(of: Sequence[One]) -> tuple[list[One], Index]:
    """The different values, and which of them each one is."""
    places: dict[One, int] = {}
    which = [places.setdefault(one, len(places)) for one in of]
    return list(places), np.array(which, np.int64)


def _tabulated(
    ours: Sequence[One], theirs: Sequence[Other], adds: Callable[[One, Other], int]
) -> Classes:
    """`adds` for each two that differ from those before."""
    one_side, our_class = _classes(ours)
    other_side, their_class = _classes(theirs)
    table = [[adds(one, other) for other in other_side] for one in one_side]
    shape = len(one_side), len(other_side)
    return Classes(np.array(table, np.int64).reshape(shape), our_class, their_class)


def _same(ours: Sequence[str], theirs: Sequence[str]) -> Classes:
    """The same word on both sides, whatever its case; nothing where one is silent."""
    return _tabulated(
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
        return _tabulated(ours, theirs, lambda one, other: min(FULL_MARKS, each * len(one & other)))
    things = sorted(frozenset().union(*ours) & frozenset().union(*theirs))
    kept = frozenset(things)
    return Shared(
        _incidence([some & kept for some in ours], things) * np.float32(each),
        _incidence([some & kept for some in theirs], things),
    )


def _room(mentees: Sequence[Mentee], mentors: Sequence[Mentor]) -> Classes:
    """The part of a mentor's places that is open, in whole percents."""
    open_places = [
        100 * max(0, one.places) // max(1, max(0, one.places) + one.load) for one in mentors
    ]
    return _tabulated(
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

    return _tabulated([one.stage for one in mentees], [stands(one) for one in mentors], adds)


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
