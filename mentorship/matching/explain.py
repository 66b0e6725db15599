"""In sentences a person would accept: why somebody is left out, and why not this pair.

Nothing here names a person or gives away a block; whoever shows a sentence knows the names.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

from mentorship.matching import score
from mentorship.matching.fit import (
    BrokenPin,
    Fit,
    LeftOut,
    Mentee,
    Outcome,
    Pair,
    Problem,
    Rule,
    Triple,
)
from mentorship.matching.score import Fits
from mentorship.vocabulary.kinds import Kind

#: Beside the rules' own, the codes of why a pair that breaks none is not proposed.
PAIRED, ELSEWHERE, OPEN = "paired", "elsewhere", "open"
#: A pin whose person left the run, or that another pin stands against.
ABSENT, OTHER_PIN = "absent", "other_pin"


@dataclass(frozen=True)
class WhyNot:
    """Why a pair is not proposed: a rule, or the fits that took its place, best first."""

    code: str
    words: str
    instead: tuple[Fit, ...] = ()


# Who is left out.

#: In the order in which a rule is blamed, if several stand against one mentor.
_BLAME = (
    Rule.NO_RECENT_CYCLE,
    Rule.EVALUATES,
    Rule.BLOCKED,
    Rule.EXCLUDED,
    Rule.ALREADY_PAIRED,
    Rule.PAUSED,
    Rule.FULL,
)
#: What is said of one mentor, and of several.
_SAID = {
    Rule.NO_RECENT_CYCLE: (
        "does not know a recent application cycle",
        "do not know a recent application cycle",
    ),
    Rule.EVALUATES: ("evaluates this {noun}", "evaluate this {noun}"),
    Rule.BLOCKED: ("cannot be paired with this {noun}", "cannot be paired with this {noun}"),
    Rule.ALREADY_PAIRED: (
        "is already a mentor of this {noun}",
        "are already mentors of this {noun}",
    ),
    Rule.PAUSED: ("is paused", "are paused"),
    Rule.FULL: ("is full", "are full"),
    OPEN: ("has a place", "have places"),
}


def left_out(problem: Problem, fits: Fits, chosen: Collection[Triple]) -> tuple[LeftOut, ...]:
    """Say why each open want that these pairs leave unfilled is unfilled."""
    served = {(mentee, kind) for mentee, _, kind in chosen}
    somebody = {mentee for mentee, _, _ in (*problem.current, *chosen)}
    taken = Counter(mentor for _, mentor, _ in chosen)
    found = []
    for mentee in fits.mentees:
        theirs = {mentor for one, mentor, _ in chosen if one == mentee.id}
