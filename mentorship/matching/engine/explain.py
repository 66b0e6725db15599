"""In sentences a person would accept: why somebody is left out, and why not this pair.

Nothing here names a person or gives away a block; whoever shows a sentence knows the names.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from mentorship.matching.engine import score
from mentorship.matching.engine.fit import (
    BrokenPin,
    Fit,
    LeftOut,
    Mentee,
    Mentor,
    Problem,
    Rule,
    Triple,
)
from mentorship.matching.engine.rules import BIT
from mentorship.matching.engine.score import Fits, series
from mentorship.matching.engine.settings import Settings
from mentorship.vocabulary.kinds import Kind

#: Beside the rules' own, the codes of why a pair that breaks none is not proposed.
PAIRED, ELSEWHERE, OPEN = "paired", "elsewhere", "open"
#: One more mentor from there would be more than the chapter allows.
ENOUGH_FROM_THERE = "enough_from_there"
#: A pin whose person left the run, or that another pin stands against.
ABSENT, OTHER_PIN = "absent", "other_pin"


@dataclass(frozen=True)
class WhyNot:
    """Why a pair is not proposed: a rule, or the fits that took its place, best first."""

    code: str
    words: str
    instead: tuple[Fit, ...] = ()
    #: A pin would bring it about: nothing that is anybody's safety or no stands against it.
    may_pin: bool = False


#: In the order in which a rule is blamed, if several stand against one mentor; what is said of
#: one mentor, and of several. A block is told in the same words as an exclusion.
_BLAME: dict[str, tuple[str, str]] = {
    Rule.NO_RECENT_CYCLE: (
        "does not know a recent application cycle",
        "do not know a recent application cycle",
    ),
    Rule.EVALUATES: ("evaluates this {noun}", "evaluate this {noun}"),
    Rule.NOT_THEIR_STAGE: (
        "does not take on {noun}s of this stage",
        "do not take on {noun}s of this stage",
    ),
    Rule.FROM_OUTSIDE: (
        "has no place for {noun}s of other schools",
        "have no place for {noun}s of other schools",
    ),
    Rule.NO_SHARED_TIME: (
        "has no free half hour in common with this {noun}",
        "have no free half hour in common with this {noun}",
    ),
    Rule.EXCLUDED: (
        "cannot be paired with this {noun} in this run",
        "cannot be paired with this {noun} in this run",
    ),
    Rule.ALREADY_PAIRED: (
        "is already a mentor of this {noun}",
        "are already mentors of this {noun}",
    ),
    Rule.PAUSED: ("is paused", "are paused"),
    Rule.FULL: ("is full", "are full"),
    Rule.KIND_FULL: ("has no place of this kind", "have no place of this kind"),
    ENOUGH_FROM_THERE: (
        "is from an institution that this {noun} has enough mentors from",
        "are from an institution that this {noun} has enough mentors from",
    ),
    OPEN: ("has a place", "have places"),
}
_BLAME_BITS: dict[str, int] = {cause: BIT[cause] for cause in _BLAME if isinstance(cause, Rule)}
_BLAME_BITS[Rule.EXCLUDED] |= BIT[Rule.BLOCKED]
# What depends on the pairs that are made has a bit beside those of the rules, blamed last.
_BLAME_BITS[ENOUGH_FROM_THERE] = 1 << len(Rule)
#: Whoever fails by one of these is no mentor of what was asked for in the first place.
_OUT_OF_REACH = (Rule.ONESELF, Rule.NOT_OFFERED, Rule.NO_SHARED_TOPIC)


def left_out(
    problem: Problem,
    fits: Fits,
    chosen: Collection[Triple],
    *,
    most_from_one_institution: int | None = None,
) -> tuple[LeftOut, ...]:
    """Say why each open want that these pairs leave unfilled is unfilled."""
    served = {(mentee, kind) for mentee, _, kind in chosen}
    somebody = {mentee for mentee, _, _ in (*problem.current, *chosen)}
    made = _Made(problem, fits, chosen, most_from_one_institution)
    found = []
    for (row, mentee), kind in product(enumerate(fits.mentees), Kind):
        if (mentee.id, kind) not in problem.open_wants or (mentee.id, kind) in served:
            continue
        blamed = _blame(made.against(row, kind))
        code, words = _blaming(blamed, mentee, kind, themselves=mentee.id in fits.columns)
        found.append(
            LeftOut(
                mentee=mentee.id,
                kind=kind,
                code=str(code),
                words=words,
                with_nobody=mentee.id not in somebody,
            )
        )
    return tuple(found)


class _Made:
    """What stands against a further pair once these pairs are made."""

    def __init__(
        self, problem: Problem, fits: Fits, chosen: Collection[Triple], most: int | None
    ) -> None:
        self._fits, self._most = fits, most
        taken = Counter(mentor for _, mentor, _ in chosen)
        taken_of_kind = Counter((mentor, kind) for _, mentor, kind in chosen)
        full = [taken[mentor.id] >= mentor.places for mentor in fits.mentors]
        self._full = np.where(full, BIT[Rule.FULL], 0).astype(np.uint32)
        self._kind_full = {
            kind: np.where(
                [_full_of_kind(one, kind, taken_of_kind[one.id, kind]) for one in fits.mentors],
                BIT[Rule.KIND_FULL],
                0,
            ).astype(np.uint32)
            for kind in problem.kinds
        }
        self._met: dict[UUID, list[int]] = {}
        self._from_there: Counter[tuple[UUID, str]] = Counter()
        for mentee, mentor, _ in chosen:
            self._met.setdefault(mentee, []).append(fits.columns[mentor])
        homes = {mentor.id: mentor.institution for mentor in fits.mentors}
        for mentee, mentor, _ in (*problem.current, *chosen):
            self._from_there[mentee, homes.get(mentor, "")] += 1
        self._one_kind = problem.one_kind_per_mentor
        given: dict[UUID, list[UUID]] = {}
        for mentee, mentor, _ in chosen:
            given.setdefault(mentor, []).append(mentee)
        self._quota_met = [
            column
            for column, mentor in enumerate(fits.mentors)
            if mentor.outside_places is not None
            and len(_from_elsewhere(mentor, fits, given.get(mentor.id, ())))
            >= mentor.outside_places
        ]

    def against(self, row: int, kind: Kind) -> NDArray[np.uint32]:
        """(mentors,): the rules against each of them for this mentee, as bits."""
        mentee = self._fits.mentees[row].id
        everyone = np.arange(len(self._full))
        # Of one mentee at a time: a table of all pairs would not fit a national run.
        bits = self._fits.rules.at(kind, np.full_like(everyone, row), everyone)
        bits |= self._full | self._kind_full[kind]
        if self._one_kind:
            bits[self._met.get(mentee, [])] |= BIT[Rule.ALREADY_PAIRED]
        for column in self._quota_met:
            if self._fits.mentors[column].from_elsewhere(self._fits.mentees[row]):
                bits[column] |= BIT[Rule.FROM_OUTSIDE]
        if self._most is not None:
            enough = [
                bool(mentor.institution)
                and self._from_there[mentee, mentor.institution] >= self._most
                for mentor in self._fits.mentors
            ]
            bits[enough] |= _BLAME_BITS[ENOUGH_FROM_THERE]
        return bits


def _from_elsewhere(mentor: Mentor, fits: Fits, mentees: Iterable[UUID]) -> list[UUID]:
    """Those of these mentees who take a mentor's places for other schools."""
    here = (mentee for mentee in mentees if mentee in fits.rows)
    return [one for one in here if mentor.from_elsewhere(fits.mentees[fits.rows[one]])]


def _full_of_kind(mentor: Mentor, kind: Kind, taken: int) -> bool:
    """Whether a mentor's own limit for a kind is reached."""
    limits = [offer.places for offer in mentor.offers if offer.kind is kind]
    return any(places is not None and taken >= places for places in limits)


def _blame(rules: NDArray[np.uint32]) -> Counter[str]:
    """Of the mentors who offer what is asked for, how many fail by each cause, one cause each."""
    out_of_reach = sum(BIT[rule] for rule in _OUT_OF_REACH)
    left = rules[(rules & out_of_reach) == 0]
    blamed: Counter[str] = Counter()
    for cause, bits in _BLAME_BITS.items():
        stands = (left & bits) != 0
        if stands.any():
            blamed[cause] = int(stands.sum())
        left = left[~stands]
    if len(left):
        blamed[OPEN] = len(left)
    return blamed


def _blaming(
    blamed: Counter[str], mentee: Mentee, kind: Kind, *, themselves: bool
) -> tuple[str, str]:
    """The code and the sentence for so many mentors within reach, each with its cause."""
    asked = f"{kind.value} mentoring"
    if kind is Kind.CONTENT:
        named = score.named_topics(mentee.wants)
        if not score.topics(mentee):
            return Rule.NO_SHARED_TOPIC, f"This {mentee.noun} has named no topic and no interest."
        if named:
            asked = score.listed(named, joined="or")
        else:
            asked = f"any of this {mentee.noun}'s interests"
    if not blamed:
        who = "No other mentor" if themselves else "No mentor"
        missing = Rule.NO_SHARED_TOPIC if kind is Kind.CONTENT else Rule.NOT_OFFERED
        return missing, f"{who} in this chapter offers {asked}."

    causes = sorted(blamed, key=list(_BLAME).index)
    code = max(causes, key=blamed.__getitem__)
    all_of_them = blamed.total()
    if len(causes) == 1:
        one, several = (said.format(noun=mentee.noun) for said in _BLAME[code])
        if all_of_them == 1:
            return code, f"The only mentor who offers {asked} {one}."
        who = "Both mentors" if all_of_them == 2 else f"All {all_of_them} mentors"
        return code, f"{who} who offer {asked} {several}."
    said = [
        f"{blamed[cause]} {_BLAME[cause][blamed[cause] > 1].format(noun=mentee.noun)}"
        for cause in causes
    ]
    return code, f"Of {all_of_them} mentors who offer {asked}, {series(said)}."


def why_not(
    problem: Problem,
    proposed: Collection[Fit],
    *,
    mentee: UUID,
    mentor: UUID,
    kind: Kind,
    settings: Settings | None = None,
) -> WhyNot:
    """Say what stands between two people: the rules, or who has the place and at what fit.

    `proposed` is every pair that the draft proposes to one of the two; others do no harm.
    `settings` are those of the draft.

    :raises KeyError: one of the two takes no part.
    """
    fits = score.fits(problem, settings)
    noun = fits.mentees[fits.rows[mentee]].noun
    rules = fits.against((mentee, mentor, kind))
    theirs = [fit for fit in proposed if fit.mentee == mentee]
    if any((fit.mentor, fit.kind) == (mentor, kind) for fit in theirs):
        return WhyNot(PAIRED, "They are paired in this run.")
    if rules:
        words = " ".join(rule.words(kind, noun) for rule in rules)
        may_pin = all(rule.yields_to_pins for rule in rules)
        return WhyNot(rules[0].value, words, may_pin=may_pin)

    here = fits.fit((mentee, mentor, kind))
    holders = [fit for fit in proposed if fit.mentor == mentor]
    of_kind = [fit for fit in holders if fit.kind is kind]
    gives = fits.mentors[fits.columns[mentor]]
    for fit in theirs:
        if fit.mentor == mentor and problem.one_kind_per_mentor:
            words = f"This mentor is proposed to this {noun} for {fit.kind.value} mentoring."
            return WhyNot(Rule.ALREADY_PAIRED.value, words, (fit,), may_pin=True)
    if _full_of_kind(gives, kind, len(of_kind)):
        return _outweighed(here, of_kind, theirs)
    if gives.outside_places is not None and gives.from_elsewhere(fits.mentees[fits.rows[mentee]]):
        others = _from_elsewhere(gives, fits, [fit.mentee for fit in holders])
        if len(others) >= gives.outside_places:
            return _outweighed(here, [fit for fit in holders if fit.mentee in others], theirs)
    if len(holders) >= gives.places:
        return _outweighed(here, holders, theirs)
    for fit in theirs:
        if fit.kind is kind:
            words = f"Another {kind.value} mentor is proposed, at {fit.points} to {here.points}."
            return WhyNot(ELSEWHERE, words, (fit,), may_pin=True)
    return WhyNot(OPEN, "Nothing stands in the way of this pair.", may_pin=True)


def _outweighed(here: Fit, holders: Sequence[Fit], theirs: Sequence[Fit]) -> WhyNot:
    """Who holds the places of a full mentor, and what weighed more if they fit less well."""
    holders = sorted(holders, key=lambda fit: (-fit.points, fit.mentee))
    scores = series([str(fit.points) for fit in holders])
    if len(holders) == 1:
        said = f"The open place went to a fit of {scores}"
    else:
        who = "Both" if len(holders) == 2 else f"All {len(holders)}"
        said = f"{who} open places went to fits of {scores}"
    words = f"{said}, against {here.points} here."
    if any(fit.kind is here.kind for fit in theirs):
        words += f" Another {here.kind.value} mentor is proposed."
    elif holders[-1].points < here.points:
        words += (
            " Whoever has fewer mentors, has waited, or is pinned comes first, and then what is"
            " best for all together."
        )
    return WhyNot(Rule.FULL.value, words, tuple(holders), may_pin=True)


def to_them(words: str) -> str:
    """The sentence of why somebody is left out, as it is said to them."""
    for noun in ("student", "resident"):
        for third, second in (
            (f"This {noun} has", "You have"),
            (f"this {noun}'s", "your"),
            (f"mentor of this {noun}", "mentor of yours"),
            (f"mentors of this {noun}", "mentors of yours"),
            (f"this {noun}", "you"),
        ):
            words = words.replace(third, second)
    return words


def broken_pins(problem: Problem, fits: Fits, pinned: Collection[Triple]) -> tuple[BrokenPin, ...]:
    """Say why each pin that is not among those honored could not be."""
    met = {(mentee, mentor) for mentee, mentor, _ in pinned}
    served = {(mentee, kind) for mentee, _, kind in pinned}
    found = []
    for triple in sorted(problem.pins - set(pinned)):
        mentee, mentor, kind = triple
        if mentee not in fits.rows or mentor not in fits.columns:
            code, words = ABSENT, "One of these two people takes no part in this run."
        elif against := [rule for rule in fits.against(triple) if not rule.yields_to_pins]:
            noun = fits.mentees[fits.rows[mentee]].noun
            code, words = against[0].value, against[0].words(kind, noun)
        elif (mentee, kind) in served:
            code, words = OTHER_PIN, f"Another pin already gives them a mentor for {kind.value}."
        elif problem.one_kind_per_mentor and (mentee, mentor) in met:
            code, words = OTHER_PIN, "Another pin already pairs these two people."
        else:
            code, words = OTHER_PIN, "Other pins take every open place of this mentor."
        found.append(BrokenPin(mentee=mentee, mentor=mentor, kind=kind, code=code, words=words))
    return tuple(found)
