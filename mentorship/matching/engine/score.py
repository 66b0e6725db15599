"""How well two people fit: the hard rules, and one factor at a time with its reason.

Every factor gives marks from 0 to 100, a kind's weights (whole percents, summing to 100) turn
them into points, and the points of the reasons are the score: whole numbers throughout, so an
explanation cannot disagree with it. What is not stated gets NEUTRAL marks, and stating more never
costs any in topics, interests or free hours.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from mentorship.matching.engine import rules
from mentorship.matching.engine.fit import (
    SLOTS_OF_WEEK,
    Fit,
    Mentee,
    Mentor,
    Offer,
    Problem,
    Reason,
    Rule,
    Triple,
    Want,
)
from mentorship.vocabulary import interests
from mentorship.vocabulary.interests import inside
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import Stage, Standing

#: Percent of the score by kind. A kind leaves out the factors that say nothing about it.
WEIGHTS: Mapping[Kind, Mapping[str, int]] = {
    Kind.CAREER: {"interests": 45, "stage": 25, "time": 15, "room": 15},
    Kind.CONTENT: {"topics": 45, "interests": 20, "stage": 10, "time": 15, "room": 10},
    Kind.APPLICATION: {"interests": 30, "stage": 35, "time": 20, "room": 15},
    Kind.WELLNESS: {"interests": 35, "stage": 30, "time": 20, "room": 15},
}
NEUTRAL = 50
#: Shared free half hours a week beyond which more make no difference.
ENOUGH_SLOTS = 8
#: Marks for sharing an interest that everyone has, and what the rarest is worth beyond that.
COMMON_INTEREST, RARITY_BONUS = 30, 30

_NEAR_PEER_KINDS = (Kind.APPLICATION, Kind.WELLNESS)

Table = NDArray[np.int16]


@dataclass(frozen=True, eq=False)
class Fits:
    """Every mentee against every mentor, kind by kind: a row a mentee, a column a mentor."""

    mentees: tuple[Mentee, ...]
    mentors: tuple[Mentor, ...]
    parts: Mapping[Kind, Mapping[str, Table]]
    broken: Mapping[Kind, NDArray[np.uint16]]
    rarity: Mapping[str, int]

    @cached_property
    def rows(self) -> dict[UUID, int]:
        return {mentee.id: row for row, mentee in enumerate(self.mentees)}

    @cached_property
    def columns(self) -> dict[UUID, int]:
        return {mentor.id: column for column, mentor in enumerate(self.mentors)}

    @cached_property
    def points(self) -> dict[Kind, Table]:
        """The score of every pair, whether or not a rule stands against it."""
        return {kind: np.sum([*parts.values()], axis=0) for kind, parts in self.parts.items()}

    def offered(self, kind: Kind) -> NDArray[np.bool_]:
        """Where no rule stands against a pairing of this kind."""
        return self.broken[kind] == 0

    def breaking(self, kind: Kind, any_of: Iterable[Rule]) -> NDArray[np.bool_]:
        """Where at least one of these rules stands against a pairing of this kind."""
        return (self.broken[kind] & sum(rules.BIT[rule] for rule in any_of)) != 0

    def against(self, triple: Triple) -> tuple[Rule, ...]:
        """Every rule that stands against this pairing.

        :raises KeyError: one of the two people takes no part.
        """
        row, column = self.rows[triple[0]], self.columns[triple[1]]
        if triple[2] not in self.broken:
            return (Rule.NOT_IN_RUN,)
        bits = int(self.broken[triple[2]][row, column])
        return tuple(rule for rule in Rule if bits & rules.BIT[rule])

    def fit(self, triple: Triple) -> Fit:
        """The fit of these two with its reasons, whether or not a rule stands against it.

        :raises KeyError: one of the two people, or the kind, takes no part.
        """
        row, column, kind = self.rows[triple[0]], self.columns[triple[1]], triple[2]
        mentee, mentor = self.mentees[row], self.mentors[column]
        shared = topics(mentee) & teaches(mentor) if kind is Kind.CONTENT else frozenset()
        reasons = tuple(
            Reason(
                factor=factor,
                points=int(self.parts[kind][factor][row, column]),
                of=WEIGHTS[kind][factor],
                words=_WORDS[factor](kind, mentee, mentor),
            )
            for factor in WEIGHTS[kind]
        )
        return Fit(
            mentee=mentee.id,
            mentor=mentor.id,
            kind=kind,
            topic=min(shared, key=lambda topic: (-self.rarity[topic], topic), default=None),
            reasons=reasons,
            cautions=rules.cautions(kind, mentee, mentor),
        )


def fits(problem: Problem) -> Fits:
    """Hold every mentee of a problem against every mentor, for each of its kinds."""
    mentees = tuple(sorted(problem.mentees, key=lambda mentee: mentee.id))
    mentors = tuple(sorted(problem.mentors, key=lambda mentor: mentor.id))
    rarity = _rarity(mentees, mentors)
    marks = {
        "topics": _topic_marks(mentees, mentors, rarity),
        "interests": _interest_marks(mentees, mentors, rarity),
        "time": _time_marks(mentees, mentors),
        "room": _room_marks(mentees, mentors),
    }
    no_topic = marks["topics"] == 0
    parts = {}
    for kind in problem.kinds:
        marks["stage"] = _stage_marks(kind, mentees, mentors)
        parts[kind] = {
            factor: _points(marks[factor], weight).astype(np.int16)
            for factor, weight in WEIGHTS[kind].items()
        }
    return Fits(
        mentees=mentees,
        mentors=mentors,
        parts=parts,
        broken={
            kind: rules.broken(problem, kind, mentees, mentors, no_topic) for kind in problem.kinds
        },
        rarity=rarity,
    )


def _points(marks: Any, weight: int) -> Any:
    return (marks * weight + 50) // 100


def neutral_points(weight: int) -> int:
    """The points of a factor of this weight when it says nothing about two people."""
    return _points(NEUTRAL, weight)


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


# The marks, 0 to 100, for all pairs at once.


def _rarity(mentees: Sequence[Mentee], mentors: Sequence[Mentor]) -> dict[str, int]:
    """What sharing each interest or topic is worth: the fewer people have it, the more."""
    named = [(mentee.id, mentee.interests | topics(mentee)) for mentee in mentees]
    named += [(mentor.id, mentor.interests | teaches(mentor)) for mentor in mentors]
    having: dict[str, set[UUID]] = {}
    for person, slugs in named:
        for slug in slugs:
            having.setdefault(slug, set()).add(person)
    everyone = len({person for person, _ in named})
    return {
        slug: COMMON_INTEREST + RARITY_BONUS * (everyone - len(people)) // everyone
        for slug, people in having.items()
    }


def _incidence(named: Sequence[Iterable], places: Mapping) -> NDArray[np.float32]:
    """A row a person, a column a thing, 1 where they named it."""
    table = np.zeros((len(named), len(places)), np.float32)
    for row, things in enumerate(named):
        table[row, [places[thing] for thing in things]] = 1
    return table


def _shared(
    ours: Sequence[Iterable], theirs: Sequence[Iterable], worth: Mapping
) -> NDArray[np.int32]:
    """How much the things that two people both named are worth together.

    The sums are whole numbers far below 2**24, where float32 is exact.
    """
    places = {thing: place for place, thing in enumerate(worth)}
    each = np.fromiter(worth.values(), np.float32, len(worth))
    return ((_incidence(ours, places) * each) @ _incidence(theirs, places).T).astype(np.int32)


def _stated(ours: Sequence[object], theirs: Sequence[object]) -> NDArray[np.bool_]:
    """Where both sides state something."""
    return np.array([*map(bool, ours)], bool)[:, None] & np.array([*map(bool, theirs)], bool)


def _topic_marks(mentees: Sequence[Mentee], mentors: Sequence[Mentor], rarity: Mapping) -> Table:
    """Nothing without a shared topic; less where one side's topics are only interests."""
    ones = dict.fromkeys(rarity, 1)
    shared = _shared([topics(m) for m in mentees], [teaches(m) for m in mentors], ones)
    asked = [named_topics(mentee.wants) for mentee in mentees]
    given = [named_topics(mentor.offers) for mentor in mentors]
    first = np.where(_stated(asked, given), 80, 60)
    return np.where(shared > 0, np.minimum(100, first + 10 * (shared - 1)), 0).astype(np.int16)


def _interest_marks(mentees: Sequence[Mentee], mentors: Sequence[Mentor], rarity: Mapping) -> Table:
    ours, theirs = [m.interests for m in mentees], [m.interests for m in mentors]
    marks = np.minimum(100, _shared(ours, theirs, rarity))
    return np.where(_stated(ours, theirs), marks, NEUTRAL).astype(np.int16)


def _time_marks(mentees: Sequence[Mentee], mentors: Sequence[Mentor]) -> Table:
    """Counts shared half hours, never their share, which would reward stating few."""
    ours, theirs = [m.free for m in mentees], [m.free for m in mentors]
    week = dict.fromkeys(range(SLOTS_OF_WEEK), 1)
    slots = np.minimum(
        ENOUGH_SLOTS, _shared([f or () for f in ours], [f or () for f in theirs], week)
    )
    stated = _stated([f is not None for f in ours], [f is not None for f in theirs])
    return np.where(stated, slots * 100 // ENOUGH_SLOTS, NEUTRAL).astype(np.int16)


def _room_marks(mentees: Sequence[Mentee], mentors: Sequence[Mentor]) -> Table:
    """The share of a mentor's places that is open."""
    shares = [
        100 * max(0, mentor.places) // max(1, mentor.places + mentor.load) for mentor in mentors
    ]
    return np.tile(np.array(shares, np.int16), (len(mentees), 1))


def _stage_marks(kind: Kind, mentees: Sequence[Mentee], mentors: Sequence[Mentor]) -> Table:
    ours = [mentee.stage for mentee in mentees]
    theirs = [_stage(mentor) for mentor in mentors]
    top = max(stage.rank for stage in Stage)
    suits = np.array([_suits(kind, gap) for gap in range(-top, top + 1)], np.int16)
    senior = np.array([stage.rank if stage else 0 for stage in theirs], int)[None, :]
    junior = np.array([stage.rank if stage else 0 for stage in ours], int)[:, None]
    return np.where(_stated(ours, theirs), suits[senior - junior + top], NEUTRAL)


def _stage(mentor: Mentor) -> Stage | None:
    """Where a mentor stands in training, as far as it is known."""
    known = {Standing.FACULTY: Stage.ATTENDING, Standing.FELLOW: Stage.FELLOW}
    return mentor.stage or known.get(mentor.standing)


def _suits(kind: Kind, gap: int) -> int:
    """Marks for a mentor so many years ahead: close for the near-peer kinds, far for career."""
    if kind in _NEAR_PEER_KINDS:
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


# The same factors in words, for one pair.


def _topic_words(kind: Kind, mentee: Mentee, mentor: Mentor) -> str:
    shared = topics(mentee) & teaches(mentor)
    if not shared:
        return "No topic in common"
    if not named_topics(mentee.wants):
        return f"Offers {listed(shared)}, one of the {mentee.noun}'s interests"
    if not named_topics(mentor.offers):
        return f"Asked for {listed(shared)}, one of the mentor's interests"
    return f"Asked for {listed(shared)}, which this mentor offers"


def _interest_words(kind: Kind, mentee: Mentee, mentor: Mentor) -> str:
    if not (mentee.interests and mentor.interests):
        return "Interests not stated by both, so neither for nor against"
    shared = mentee.interests & mentor.interests
    return f"Both named {listed(shared)}" if shared else "No interest in common"


def _time_words(kind: Kind, mentee: Mentee, mentor: Mentor) -> str:
    if mentee.free is None or mentor.free is None:
        return "Free hours not stated by both, so neither for nor against"
    shared = len(mentee.free & mentor.free)
    if not shared:
        return "No shared free time"
    if shared == 1:
        return "Half a shared free hour a week"
    return f"{shared / 2:g} shared free hour{'' if shared == 2 else 's'} a week"


def _room_words(kind: Kind, mentee: Mentee, mentor: Mentor) -> str:
    room = max(0, mentor.places)
    return f"{room} of {room + mentor.load} places open"


def _stage_words(kind: Kind, mentee: Mentee, mentor: Mentor) -> str:
    theirs = _stage(mentor)
    if mentee.stage is None or theirs is None:
        return "Stage of training not stated by both, so neither for nor against"
    gap = theirs.rank - mentee.stage.rank
    if gap < 0:
        apart = "the mentor being earlier in training"
    elif gap == 0:
        apart = "at the same stage"
    elif gap <= 3:
        apart = "close in training"
    elif kind in _NEAR_PEER_KINDS:
        apart = "some years apart" if gap <= 6 else "many years apart"
    else:
        apart = "some years ahead" if gap <= 6 else "with a long view"
    both = f"{_one(theirs)} and {_one(mentee.stage)}"
    return f"{both[0].upper()}{both[1:]}, {apart}"


_WORDS: Mapping[str, Callable[[Kind, Mentee, Mentor], str]] = {
    "topics": _topic_words,
    "interests": _interest_words,
    "stage": _stage_words,
    "time": _time_words,
    "room": _room_words,
}


def _one(stage: Stage) -> str:
    """A person of this stage: `an M4`, `a PGY-2`, `an attending`."""
    if stage is Stage.RESEARCH:
        return "a student in a research year"
    word = "pre-med student" if stage is Stage.PRE_MED else inside(stage.label)
    return f"{'an' if word[0] in 'MIa' else 'a'} {word}"


def listed(slugs: Iterable[str], *, joined: str = "and", most: int = 3) -> str:
    """Interests as people say them in a sentence: `toxicology, EMS, and 2 more`."""
    labels = interests.labels()
    said = [inside(labels.get(slug, slug.replace("-", " "))) for slug in sorted(slugs)]
    if len(said) > most:
        said = [*said[:most], f"{len(said) - most} more"]
    return series(said, joined=joined)


def series(said: Sequence[str], *, joined: str = "and") -> str:
    """Several things in one sentence: `a`, `a and b`, `a, b, and c`."""
    if len(said) < 3:
        return f" {joined} ".join(said)
    return f"{', '.join(said[:-1])}, {joined} {said[-1]}"
