"""Why a mentee has the mentors they have, and why not another: in lines, by the ids of files."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from mentorship.foundation.text import nearest, quoted
from mentorship.matching.engine import contest, solve
from mentorship.matching.engine.contest import Contest, Price
from mentorship.matching.engine.files import checking, report, unmatched
from mentorship.matching.engine.files.cells import KINDS
from mentorship.matching.engine.files.instance import Instance
from mentorship.matching.engine.files.tables import BadFiles, Flaw
from mentorship.matching.engine.market import Edges
from mentorship.matching.engine.solution import Solution, Unsolved


def explain(
    made: Instance,
    mentee_id: str,
    mentor_id: str | None,
    pairs: Path | None,
    on_step: Callable[[str, str], None],
) -> Iterator[str]:
    """Tell of one mentee's pairs, or of the mentee and one mentor.

    :raises BadFiles: one of the two is not there, or the pairs cannot be read.
    """
    given = made.given
    mentee = _place(given.mentee_ids, mentee_id, "mentee")
    mentor = None if mentor_id is None else _place(given.mentor_ids, mentor_id, "mentor")
    if pairs is not None:
        solution = _as_solution(checking.pairs(made, pairs))
    else:
        solution = report.solved(made, on_step).solution
    told = _Told(made, solution, mentee)
    return told.of_mentee() if mentor is None else told.of_mentor(mentor)


def _place(ids: tuple[str, ...], who: str, noun: str) -> int:
    if who not in ids:
        words = f"There is no {noun} {quoted(who)}.{nearest(who, ids)}"
        raise BadFiles([Flaw(f"--{noun}", 0, words)])
    return ids.index(who)


def _as_solution(chosen: Edges) -> Solution:
    """Pairs that somebody else chose: nothing is known of them but that they were."""
    return Solution(
        chosen=chosen,
        levels=(),
        prices=None,
        certificate={},
        objective=0,
        bound=0,
        gap=0.0,
        seconds={},
        proven=False,
    )


class _Told:
    def __init__(self, made: Instance, solution: Solution, mentee: int) -> None:
        self._made, self._solution, self._mentee = made, solution, mentee

    def of_mentee(self) -> Iterator[str]:
        """Each want of the mentee: who serves it and why, or why nobody does."""
        made, mentee = self._made, self._mentee
        mine = self._solution.chosen[self._solution.chosen.mentee == mentee]
        for kind in range(len(KINDS)):
            theirs = mine.mentor[mine.kind == kind].tolist()
            for mentor in theirs:
                yield from self._pair(kind, mentor)
            if not theirs and made.market.wants[mentee, kind]:
                could = int(unmatched.could_serve(made)[mentee, kind])
                yield f"{KINDS[kind].label}: nobody."
                yield f"  {unmatched.why_unfilled(made, mentee, kind, could)[1]}"
        if not made.market.wants[mentee].any():
            yield f"{made.mentee(mentee)} asks for nothing."

    def of_mentor(self, mentor: int) -> Iterator[str]:
        """This mentor for each kind that the mentee wants: the pair, or what stands against it."""
        made, mentee = self._made, self._mentee
        for kind in range(len(KINDS)):
            if not made.market.wants[mentee, kind]:
                continue
            chosen = self._solution.chosen
            here = (chosen.mentee == mentee) & (chosen.mentor == mentor) & (chosen.kind == kind)
            if here.any():
                yield from self._pair(kind, mentor)
            elif words := made.against(mentee, kind, mentor):
                yield f"{KINDS[kind].label}: not {made.mentor(mentor)}. {words}"
            else:
                yield from self._not_chosen(kind, mentor)
        if not made.market.wants[mentee].any():
            yield f"{made.mentee(mentee)} asks for nothing."

    def _pair(self, kind: int, mentor: int) -> Iterator[str]:
        made = self._made
        yield f"{KINDS[kind].label}: {made.mentor(mentor)}, score {self._score(kind, mentor)}."
        if made.given.scores is not None:
            return
        fit = made.fits.fit(made.triple(self._mentee, kind, mentor))
        for reason in fit.reasons:
            yield f"  {reason.points:>3} of {reason.of:>2}  {reason.words}."
        yield f"  {fit.points} points of 100, a {fit.strength} fit."
        yield from (f"  Look at this: {caution}." for caution in fit.cautions)

    def _score(self, kind: int, mentor: int) -> str:
        place = (np.array([number]) for number in (self._mentee, kind, mentor))
        return self._made.given.unit.written(int(self._made.market.possible.worths(*place)[0]))

    def _not_chosen(self, kind: int, mentor: int) -> Iterator[str]:
        made, mentee = self._made, self._mentee
        found = contest.contest(
            made.market,
            self._solution,
            mentee=mentee,
            kind=kind,
            mentor=mentor,
            settings=made.given.settings,
        )
        label, who = KINDS[kind].label, made.mentor(mentor)
        if found is None:
            yield f"{label}: not {who}, who has no place for this."
            return
        yield f"{label}: not {who}, though no rule stands against it."
        yield f"  Their score is {self._score(kind, mentor)}."
        yield from self._stands_between(found)

    def _stands_between(self, found: Contest) -> Iterator[str]:
        made = self._made
        written = made.given.unit.written
        for mentor, worth in zip(
            found.instead.mentor.tolist(), found.instead.worth.tolist(), strict=True
        ):
            yield f"  {made.mentor(mentor)} is their mentor for it instead, score {written(worth)}."
        for kind in found.met.kind.tolist():
            yield f"  They are paired for {KINDS[kind]} already, and one person is one kind."
        holders = list(
            zip(found.holders.mentee.tolist(), found.holders.worth.tolist(), strict=True)
        )
        if holders:
            names = ", ".join(f"{made.mentee(one)} ({written(worth)})" for one, worth in holders)
            yield f"  Their places are held by {names}."
        else:
            yield "  They have a place left."
        if found.at_least is not None and found.at_least != Price(0, 0):
            yield f"  The pair would cost at least {self._price(found.at_least)} over all."
        if made.market.possible.count() <= report.SOLVED_AGAIN_BELOW:
            yield from self._exactly(found)

    def _exactly(self, found: Contest) -> Iterator[str]:
        """What it costs, found by solving again with the two paired."""
        made = self._made
        if not self._solution.levels:
            # Somebody else's pairs are no best to hold another outcome against.
            return
        settings = replace(made.given.settings)
        again = partial(solve.solve, settings=settings, wishes=made.given.wishes)
        try:
            cost = contest.cost(
                made.market, self._solution, found.pair, solve=again, settings=settings
            )
        except Unsolved:
            yield "  A pin takes what the pair would need, so the two cannot be paired beside it."
            return
        fewer = cost.now.filled - cost.then.filled
        nobody = cost.now.with_a_mentor - cost.then.with_a_mentor
        parts = [f"the total score by {made.given.unit.written(cost.worth)}"] if cost.worth else []
        parts += [f"the wants that are filled by {fewer}"] if fewer else []
        parts += [f"the mentees with a mentor by {nobody}"] if nobody else []
        if parts:
            yield f"  Paired all the same, it would lower {' and '.join(parts)}."
        elif cost.passes_over:
            yield "  Paired all the same, others would be passed over who come first."
        else:
            yield "  Paired all the same, it would cost nothing that comes before even load."
        enough = contest.enough_places(made.market, found.pair, solve=again)
        if enough is not None:
            places = "1 more place" if enough.count == 1 else f"{enough.count} more places"
            yield f"  {places} with {made.mentor(enough.mentor)} would bring it about."

    def _price(self, price: Price) -> str:
        worth = self._made.given.unit.written(price.worth)
        if not price.steps:
            return f"{worth} of score"
        steps = "1 step of coverage" if price.steps == 1 else f"{price.steps} steps of coverage"
        return f"{steps} and {worth} of score"
