"""The hard rules of matching: a pair that breaks one is not possible, and each can be named.

A rule is a bit. Most rules speak of one person or of some few pairs; those that have to look at
every pair (a shared topic, shared free time) are answered by the features that count the same.
So the rules of any rows and columns can be told alone, and nobody needs the whole table. Cautions
stand beside them: what no rule decides and a person should look at.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from mentorship.matching.engine.features import Features
from mentorship.matching.engine.fit import Mentee, Mentor, Problem, Rule, school_key
from mentorship.matching.engine.market import Index
from mentorship.matching.engine.shapes import looked_up
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import Stage, Standing

BIT = {rule: 1 << place for place, rule in enumerate(Rule)}

#: Rules as bits.
Bits = NDArray[np.uint32]


@dataclass(frozen=True, eq=False)
class Few:
    """Bits of some few pairs, all others having none. Sorted by key: row times mentors + column."""

    keys: Index
    bits: Bits
    mentors: int

    def at(self, mentee: Index, mentor: Index) -> Bits:
        asked = np.asarray(mentee, np.int64) * self.mentors + mentor
        return looked_up(self.keys, self.bits, asked)


@dataclass(frozen=True, eq=False)
class Rules:
    """All that stands against each pair, for mentees in rows and mentors in columns."""

    features: Features
    of_mentee: Mapping[Kind, Bits]
    of_mentor: Mapping[Kind, Bits]
    few: Mapping[Kind, Few]
    #: What limits on who bring: a class of mentees by a class of mentors, and who is in which.
    limits: Bits
    our_limit: Index
    their_limit: Index

    @property
    def limited(self) -> bool:
        """Whether any mentor limits on whom they take."""
        return bool(self.limits.any())

    def rows(self, kind: Kind) -> Index:
        """The mentees whom this kind concerns at all."""
        return np.flatnonzero(self.of_mentee[kind] == 0)

    def columns(self, kind: Kind) -> Index:
        """The mentors who have a place of this kind for anybody."""
        return np.flatnonzero(self.of_mentor[kind] == 0)

    def at(self, kind: Kind, mentee: Index, mentor: Index) -> Bits:
        """Every rule that stands against each of these pairs."""
        bits = self.of_mentee[kind][mentee] | self.of_mentor[kind][mentor]
        bits |= self.few[kind].at(mentee, mentor)
        bits |= self.limits[self.our_limit[mentee], self.their_limit[mentor]]
        if kind is Kind.CONTENT:
            ours, theirs = self.features.any_topic
            apart = self.features.topics.at(mentee, mentor) == 0
            apart &= ~(ours[mentee] | theirs[mentor])
            bits[apart] |= np.uint32(BIT[Rule.NO_SHARED_TOPIC])
        bits[self.features.hours.never(mentee, mentor)] |= np.uint32(BIT[Rule.NO_SHARED_TIME])
        return bits


def rules(
    problem: Problem, features: Features, mentees: Sequence[Mentee], mentors: Sequence[Mentor]
) -> Rules:
    """The rules of a problem for these people, in this order."""
    limits, our_limit, their_limit = _limits(mentees, mentors)
    return Rules(
        features=features,
        of_mentee={kind: _of_mentees(problem, kind, mentees) for kind in problem.kinds},
        of_mentor={kind: _of_mentors(kind, mentors) for kind in problem.kinds},
        few=_few(problem, mentees, mentors),
        limits=limits,
        our_limit=our_limit,
        their_limit=their_limit,
    )


def _of_mentees(problem: Problem, kind: Kind, mentees: Sequence[Mentee]) -> Bits:
    stands: dict[Rule, Callable[[Mentee], bool]] = {
        Rule.NOT_WANTED: lambda one: all(want.kind is not kind for want in one.wants),
    }
    if held := {mentee for mentee, _, kept in problem.current if kept is kind}:
        stands[Rule.HELD] = lambda one: one.id in held
    return _noted(mentees, stands)


def _of_mentors(kind: Kind, mentors: Sequence[Mentor]) -> Bits:
    def kind_full(one: Mentor) -> bool:
        limits = [offer.places for offer in one.offers if offer.kind is kind]
        return bool(limits) and limits[0] is not None and limits[0] <= 0

    stands: dict[Rule, Callable[[Mentor], bool]] = {
        Rule.NOT_OFFERED: lambda one: all(offer.kind is not kind for offer in one.offers),
        Rule.PAUSED: lambda one: one.paused,
        Rule.FULL: lambda one: one.places <= 0,
        Rule.KIND_FULL: kind_full,
    }
    if kind is Kind.APPLICATION:
        stands[Rule.NO_RECENT_CYCLE] = lambda one: not one.recent_cycle
    if kind is Kind.WELLNESS:
        stands[Rule.EVALUATES] = lambda one: one.evaluates_everyone
    return _noted(mentors, stands)


def _noted(people: Sequence, stands: Mapping[Rule, Callable[..., bool]]) -> Bits:
    bits = np.zeros(len(people), np.uint32)
    for rule, holds in stands.items():
        where = np.fromiter((holds(one) for one in people), bool, len(people))
        bits[where] |= np.uint32(BIT[rule])
    return bits


def _few(problem: Problem, mentees: Sequence[Mentee], mentors: Sequence[Mentor]) -> dict[Kind, Few]:
    rows = {mentee.id: row for row, mentee in enumerate(mentees)}
    columns = {mentor.id: column for column, mentor in enumerate(mentors)}

    def noted(rule: Rule, pairs: Iterable[tuple[UUID, UUID]]) -> tuple[Index, Bits]:
        """Where the rule stands. People who take no part stand nowhere."""
        both = ((rows.get(mentee), columns.get(mentor)) for mentee, mentor in pairs)
        keys = [
            row * len(mentors) + column
            for row, column in both
            if row is not None and column is not None
        ]
        return np.array(keys, np.int64), np.full(len(keys), BIT[rule], np.uint32)

    blocked = [pair for one, other in problem.blocks for pair in ((one, other), (other, one))]
    graded = [(mentee, mentor.id) for mentor in mentors for mentee in mentor.evaluates]
    everywhere = [
        noted(Rule.ONESELF, ((mentor.id, mentor.id) for mentor in mentors)),
        noted(Rule.BLOCKED, blocked),
    ]

    def of(kind: Kind) -> Few:
        paired = (
            pair[:2] for pair in problem.current if problem.one_kind_per_mentor or pair[2] is kind
        )
        stands = [
            *everywhere,
            noted(Rule.EXCLUDED, (pair[:2] for pair in problem.exclusions if pair[2] is kind)),
            noted(Rule.ALREADY_PAIRED, paired),
            noted(Rule.EVALUATES, graded if kind is Kind.WELLNESS else []),
        ]
        all_keys, all_bits = map(np.concatenate, zip(*stands, strict=True))
        keys, where = np.unique(all_keys, return_inverse=True)
        bits = np.zeros(len(keys), np.uint32)
        np.bitwise_or.at(bits, where, all_bits)
        return Few(keys, bits, len(mentors))

    return {kind: of(kind) for kind in problem.kinds}


def _limits(mentees: Sequence[Mentee], mentors: Sequence[Mentor]) -> tuple[Bits, Index, Index]:
    """Mentors' limits on stages and schools, tabulated by what they depend on.

    Who states no stage is in none that a mentor names, and who states no school is of no mentor's
    own; otherwise keeping silent would open doors that stating closes.
    """
    limit_of = [
        (mentor.stages, mentor.own_school if mentor.outside_places == 0 else None)
        for mentor in mentors
    ]
    homes = {home for _, home in limit_of if home is not None}
    stated = any(stages is not None for stages, _ in limit_of)
    of = [
        (mentee.stage if stated else None, school if school in homes else None)
        for mentee in mentees
        for school in [school_key(mentee.school)]
    ]
    one_side, our_limit = _varieties(of)
    other_side, their_limit = _varieties(limit_of)
    table = np.zeros((len(one_side), len(other_side)), np.uint32)
    for column, (stages, home) in enumerate(other_side):
        for row, (stage, school) in enumerate(one_side):
            table[row, column] = _against(stages, stage) | _outside(home, school)
    return table, our_limit, their_limit


def _against(stages: frozenset[Stage] | None, stage: Stage | None) -> int:
    return 0 if stages is None or stage in stages else BIT[Rule.NOT_THEIR_STAGE]


def _outside(home: str | None, school: str | None) -> int:
    return 0 if home is None or home == school else BIT[Rule.FROM_OUTSIDE]


def _varieties(of: Sequence[tuple]) -> tuple[list[tuple], Index]:
    places: dict[tuple, int] = {}
    which = [places.setdefault(one, len(places)) for one in of]
    return list(places), np.array(which, np.int64)


def cautions(kind: Kind, mentee: Mentee, mentor: Mentor) -> tuple[str, ...]:
    """What a coordinator should look at, where no rule decides."""
    found = []
    if kind is not Kind.WELLNESS and mentor.may_evaluate(mentee.id):
        found.append(f"This mentor has a part in evaluating this {mentee.noun}")
    at_home = mentee.school and mentee.school.casefold() == mentor.institution.casefold()
    if kind is Kind.WELLNESS and at_home and mentor.standing is Standing.FACULTY:
        found.append(f"Faculty at the {mentee.noun}'s own school, so check who grades")
    return tuple(found)
