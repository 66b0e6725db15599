"""What a matching run would come to if a chapter decided something differently.

A change makes another problem, which is solved like any; what differs between the two outcomes is
told in whole numbers and in a sentence.
"""

from dataclasses import dataclass, replace
from uuid import UUID

from mentorship.matching.engine.fit import Outcome, Pair, Problem
from mentorship.matching.engine.score import series


@dataclass(frozen=True)
class Difference:
    """What one outcome has and another has not. Numbers above 0 are gains."""

    begun: tuple[Pair, ...]
    ended: tuple[Pair, ...]
    #: Mentees with a mentor, requests filled, and points over all fits.
    with_a_mentor: int
    filled: int
    points: int
    #: As many are served, but fewer of those who waited or whose stage comes first.
    passes_over: bool

    @property
    def words(self) -> str:
        """The difference in one sentence, what weighs most first."""
        said = []
        if self.with_a_mentor:
            said.append(_changed(self.with_a_mentor, "student has", "students have", "a mentor"))
        if self.filled and self.filled != self.with_a_mentor:
            said.append(_changed(self.filled, "request is", "requests are", "filled"))
        if self.passes_over:
            said.append("someone who waited or whose stage comes first is passed over")
        if self.points:
            gained = "gain" if self.points > 0 else "lose"
            points = _counted(abs(self.points), "point")
            said.append(f"the fits {gained} {points} over all")
        if self.ended:
            pairs = _counted(len(self.ended), "pair")
            said.append(f"{pairs} would be {'another' if len(self.ended) == 1 else 'others'}")
        if not said:
            return "Nothing else would change."
        sentence = series(said)
        return f"{sentence[0].upper()}{sentence[1:]}."


def with_capacity(problem: Problem, mentor: UUID, capacity: int) -> Problem:
    """The same, but this mentor takes so many mentees in all, those of before counted.

    :raises KeyError: nobody with this id mentors.
    """
    if all(one.id != mentor for one in problem.mentors):
        raise KeyError(mentor)
    mentors = tuple(
        replace(one, places=max(0, capacity - one.load)) if one.id == mentor else one
        for one in problem.mentors
    )
    return replace(problem, mentors=mentors)


def difference(before: Outcome, after: Outcome) -> Difference:
    """What changes from one outcome to another of the same people and kinds."""
    had = {pair.triple: pair for pair in before.pairs}
    has = {pair.triple: pair for pair in after.pairs}
    now, then = before.objective, after.objective
    return Difference(
        begun=tuple(pair for triple, pair in has.items() if triple not in had),
        ended=tuple(pair for triple, pair in had.items() if triple not in has),
        with_a_mentor=then.having[0] - now.having[0] if now.having else 0,
        filled=len(has) - len(had),
        points=_points(after) - _points(before),
        passes_over=then.having == now.having and then.coverage < now.coverage,
    )


def _points(outcome: Outcome) -> int:
    return sum(pair.fit.points for pair in outcome.pairs)


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _changed(by: int, one: str, several: str, what: str) -> str:
    """`2 more requests are filled`, `1 fewer student has a mentor`."""
    noun, verb = (one if abs(by) == 1 else several).split()
    return f"{abs(by):,} {'more' if by > 0 else 'fewer'} {noun} {verb} {what}"
