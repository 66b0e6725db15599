"""A draft: what the engine decided for a run, as rows and facts for the coordinator to review."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from statistics import median
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select

from mentorship.foundation import scope
from mentorship.foundation.database import db, uuid7
from mentorship.matching.endings import Ending
from mentorship.matching.engine.fit import Outcome, Pair, Problem, Triple, strength
from mentorship.matching.models import Attempt, Draft, LeftOut, MatchingRun, Proposal, RunMark
from mentorship.vocabulary.kinds import Kind


def keep(
    run: MatchingRun,
    problem: Problem,
    outcome: Outcome,
    *,
    report: Mapping[str, Any],
    now: datetime,
    endings: Collection[Ending] = (),
) -> None:
    """Put this outcome in the place of the run's draft before, which stays known in short.

    `endings` are the pairings that it would end.
    """
    clear(run.id)
    proposals = [_proposal(run.id, pair) for pair in outcome.pairs]
    if proposals:
        db.session.execute(insert(Proposal), proposals)
    left_out = [
        {
            "chapter_id": scope.here(),
            "run_id": run.id,
            "mentee_id": left.mentee,
            "kind": left.kind,
            "code": left.code,
            "words": left.words,
            "with_nobody": left.with_nobody,
        }
        for left in outcome.left_out
    ]
    if left_out:
        db.session.execute(insert(LeftOut), left_out)
    changed = _changed(pairs_before(run.id, run.draft), outcome)
    run.facts = facts(problem, outcome, endings) | {"marks": _marks(run.id)}
    run.report = dict(report) | changed | {"ends": [ending.kept() for ending in endings]}
    db.session.add(
        Draft(
            run_id=run.id,
            number=run.draft,
            settings=run.settings,
            facts=in_short(run.facts),
            report=run.report,
            pairs=pairs_kept(outcome),
            made_at=now,
        )
    )


def pairs_before(run_id: UUID, number: int) -> tuple[Triple, ...]:
    """What the last draft before this number proposed; nothing where there was none."""
    last = (
        select(Draft.pairs)
        .where(Draft.run_id == run_id, Draft.number < number)
        .order_by(Draft.number.desc())
        .limit(1)
    )
    return tuple(
        (UUID(mentee), UUID(mentor), Kind(kind))
        for mentee, mentor, kind, _ in db.session.scalar(last) or ()
    )


def _changed(before: Collection[Triple], outcome: Outcome) -> dict[str, Any]:
    """The pairs that came and went since the draft before; of a first draft nothing is said."""
    if not before:
        return {}
    has = {pair.triple for pair in outcome.pairs}
    return {
        "changed": {
            name: [[str(mentee), str(mentor), kind] for mentee, mentor, kind in sorted(pairs)]
            for name, pairs in (("begun", has - set(before)), ("ended", set(before) - has))
        }
    }


def pairs_kept(outcome: Outcome) -> list[list[Any]]:
    """The pairs as `Draft.pairs` has them."""
    return [
        [str(pair.fit.mentee), str(pair.fit.mentor), pair.fit.kind, pair.fit.points]
        for pair in outcome.pairs
    ]


def in_short(facts: Mapping[str, Any]) -> dict[str, Any]:
    """What is compared between drafts."""
    compared = ("pairs", "wanted", "left", "median", "mentees", "with_first", "with_nobody")
    return {name: facts[name] for name in (*compared, "coverage", "loads")}


def clear(run_id: UUID) -> None:
    """Forget what the run's draft proposed."""
    for kept in (Proposal, LeftOut):
        db.session.execute(
            delete(kept).where(kept.run_id == run_id).execution_options(synchronize_session=False)
        )


def forget(run_id: UUID) -> None:
    """Forget all that the run ever proposed."""
    clear(run_id)
    for kept in (Draft, Attempt):
        db.session.execute(
            delete(kept).where(kept.run_id == run_id).execution_options(synchronize_session=False)
        )


def facts(problem: Problem, outcome: Outcome, endings: Collection[Ending] = ()) -> dict[str, Any]:
    """What the review says above and beside the pairs; ids as text, since they are kept as JSON."""
    points = [pair.fit.points for pair in outcome.pairs]
    waiting = {left.mentee for left in outcome.left_out}
    return {
        "pairs": len(outcome.pairs),
        "wanted": len(problem.open_wants),
        "left": len(outcome.left_out),
        "median": round(median(points)) if points else None,
        "mentees": len(problem.mentees),
        "with_first": outcome.objective.having[0],
        "with_nobody": len({left.mentee for left in outcome.left_out if left.with_nobody}),
        "proven": outcome.proven,
        "to_look_at": sum(bool(_cautions(pair)) for pair in outcome.pairs),
        "overruled": sum(bool(pair.overruled) for pair in outcome.pairs),
        "coverage": [[one.kind, one.wanted, one.filled] for one in outcome.coverage],
        "loads": [
            [str(load.mentor), load.before, load.after, load.places] for load in outcome.loads
        ],
        "broken_pins": [
            [str(pin.mentee), str(pin.mentor), pin.kind, pin.words] for pin in outcome.broken_pins
        ],
        "told": _told(outcome.pairs, waiting, endings),
    }


def _marks(run_id: UUID) -> list[list[str]]:
    """What was said of pairs when this draft was worked out: marks stand still meanwhile."""
    said = select(RunMark.mentee_id, RunMark.mentor_id, RunMark.kind, RunMark.mark)
    rows = db.session.execute(said.where(RunMark.run_id == run_id))
    return sorted([str(mentee), str(mentor), kind, mark] for mentee, mentor, kind, mark in rows)


def _told(
    pairs: Iterable[Pair], waiting: Collection[UUID], endings: Collection[Ending]
) -> dict[str, int]:
    """How many people hear of the run once it is published, each of them once."""
    mentees = {pair.fit.mentee for pair in pairs}
    mentors = {pair.fit.mentor for pair in pairs} - mentees
    only_waiting = set(waiting) - mentees - mentors
    parted = {who for one in endings for who in (one.mentee, one.mentor)}
    return {
        "mentees": len(mentees),
        "mentors": len(mentors),
        "waiting": len(only_waiting),
        "people": len(mentees | mentors | only_waiting | parted),
    } | ({"parted": len(parted)} if parted else {})


def _proposal(run_id: UUID, pair: Pair) -> dict[str, Any]:
    return {
        "chapter_id": scope.here(),
        "id": uuid7(),
        "run_id": run_id,
        "mentee_id": pair.fit.mentee,
        "mentor_id": pair.fit.mentor,
        "kind": pair.fit.kind,
        "topic": pair.fit.topic,
        "fit": pair.fit.points,
        "reasons": [asdict(reason) for reason in pair.fit.reasons],
        "cautions": _cautions(pair),
    }


def _cautions(pair: Pair) -> list[str]:
    """What to look at before this pair is published. A weak fit is one of these."""
    weak = strength(pair.fit.points) == "stretch"
    return [
        *(f"Pinned, although: {words}" for words in pair.overruled),
        *pair.fit.cautions,
        *(["A stretch: little speaks for this pair but that both have room"] if weak else []),
    ]
