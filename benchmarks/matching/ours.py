"""The engine on one question, as `contest.run` runs any contender.

    python -m benchmarks.matching.ours QUESTION SIZE ANSWER

QUESTION is one of `QUESTIONS` below. The answer says `seconds` of CPU time from people to a
proven result (scoring, solving and looks at every pair), the parts of it, and `peak_mb`; the
pairs come as a table of mentee, kind, mentor and worth.
"""

import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.matching import people, questions
from benchmarks.matching.peers.plain import Instance, peak_mb
from benchmarks.matching.people import Size
from benchmarks.matching.questions import QUESTIONS, Question
from mentorship.matching.engine import certificate
from mentorship.matching.engine.fit import Problem
from mentorship.matching.engine.market import Better, Edges, Index, Market, Possible, Whole
from mentorship.matching.engine.solve import solve


class Watch:
    """CPU seconds by what they were spent on, this process's threads all counted."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()

    def __call__(self, part: str, work: Callable, *given: Any, **named: Any) -> Any:
        began = time.process_time()
        try:
            return work(*given, **named)
        finally:
            self.seconds[part] += time.process_time() - began


class Watched:
    """A market's possible pairs, and a watch on what is asked of them."""

    def __init__(self, possible: Possible, watch: Watch) -> None:
        self.possible, self.watch, self.looks = possible, watch, 0

    def count(self) -> int:
        return self.possible.count()

    def every(self) -> Edges:
        return self.watch("every", self.possible.every)

    def top(self) -> int:
        return self.possible.top()

    def shortlist(self, *, of_a_want: int) -> Edges:
        return self.watch("shortlist", self.possible.shortlist, of_a_want=of_a_want)

    def near(self, offer: Whole, **named: Any) -> Edges:
        return self.watch("shortlist", self.possible.near, offer, **named)

    def better(self, want: Whole, offer: Whole, *, most: int) -> Better:
        self.looks += 1
        return self.watch("look", self.possible.better, want, offer, most=most)

    def worths(self, mentee: Index, kind: Index, mentor: Index) -> Whole:
        return self.watch("worths", self.possible.worths, mentee, kind, mentor)


def answer(question: Question, size: Size) -> tuple[dict[str, Any], Edges]:
    """Solve, and say what it took."""
    problem, watch = people.problem(size, places=question.places), Watch()
    checked = certificate.check
    certificate.check = lambda *given: watch("certificate", checked, *given)
    began = time.process_time()
    scored, market = watch("scoring", questions.market, problem, question)
    if question.change:
        market = question.change.made(market)
    watched = Watched(market.possible, watch)
    solution = solve(replace(market, possible=watched), question.settings)
    total = time.process_time() - began
    adds = watch("contributions", questions.contributions, scored, solution.chosen)
    questions.add_up(scored, solution.chosen, adds)
    watch("sentences", questions.sentences, scored, solution.chosen)
    return {
        "seconds": total,
        "parts": dict(watch.seconds),
        "looks": watched.looks,
        "possible": market.possible.count(),
        "gap": solution.gap,
        "proven": solution.proven,
        "levels": [[level.name, level.value, level.bound] for level in solution.levels],
        "left_out": list(solution.left_out),
        **_counted(market, solution.chosen),
        "filled_where": _filled_where(problem, market, solution.chosen),
    }, solution.chosen


def _counted(market: Market, chosen: Edges) -> dict[str, Any]:
    mentors_of = np.bincount(chosen.mentee, minlength=len(market.wants))
    asking = market.wants.any(axis=1)
    return {
        "wanted": int(market.wants.sum()),
        "filled": len(chosen),
        "with_nobody": int((asking & (mentors_of == 0)).sum()),
        "worth": int(chosen.worth.sum()),
    }


def _filled_where(problem: Problem, market: Market, chosen: Edges) -> dict[str, list[float]]:
    """The share of wants filled of those who state what is optional, and of those who do not."""
    wanted = market.wants.sum(axis=1)
    filled = np.bincount(chosen.mentee, minlength=len(wanted))
    mentees = sorted(problem.mentees, key=lambda mentee: mentee.id)
    stated = {
        "languages": [bool(mentee.languages) for mentee in mentees],
        "affinity": [bool(mentee.affinity) for mentee in mentees],
        "wishes": [bool(mentee.wishes) for mentee in mentees],
        "free time": [mentee.free is not None for mentee in mentees],
    }
    return {
        what: [float(filled[who].sum() / wanted[who].sum()) for who in (said, ~said)]
        for what, said in ((what, np.array(who)) for what, who in stated.items())
    }


def as_instance(market: Market, pairs: Edges, *, seed: int = 0) -> Instance:
    """The same question for peers, with these of its pairs."""
    rng = np.random.default_rng([seed, len(market.wants)])
    return Instance(
        mentee=pairs.mentee.astype(np.int32),
        kind=pairs.kind.astype(np.int8),
        mentor=pairs.mentor.astype(np.int32),
        worth=pairs.worth.astype(np.int32),
        wants=market.wants,
        places=market.places,
        places_by_kind=market.places_by_kind,
        signed_up=rng.permutation(len(market.wants)),
    )


def main() -> None:
    named, size, path = sys.argv[1:]
    said, chosen = answer(QUESTIONS[named], Size.parse(size))
    said["peak_mb"] = peak_mb()
    target = Path(path)
    np.save(target.with_suffix(".npy"), np.stack(_columns(chosen), axis=1))
    target.write_text(json.dumps(said))


def _columns(pairs: Edges) -> list[np.ndarray]:
    return [pairs.mentee, pairs.kind, pairs.mentor, pairs.worth]


if __name__ == "__main__":
    main()
