"""What a run would come to if something were otherwise, worked out by a job.

What takes no more than a moment `trials` works out at once; the other policy, and anything of a
large run, is asked for here. The answer is kept and can be held against drafts and other answers.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, select, update

from mentorship.audit import trail
from mentorship.foundation import scope
from mentorship.foundation.database import count_touched, db, transaction
from mentorship.foundation.errors import NotYours, Refusal
from mentorship.foundation.queue import defer
from mentorship.matching import drafts, rematching, reports, runs, trials
from mentorship.matching.engine import solve
from mentorship.matching.models import Attempt, AttemptState, MatchingRun, RunDeed, RunState
from mentorship.matching.preferences import Preferences
from mentorship.matching.trials import Summary
from mentorship.tenancy.members import Member
from mentorship.tenancy.roles import Permission

log = logging.getLogger(__name__)

#: Attempts of a run that are kept, the newest.
KEPT = 12
AT_WORK = (AttemptState.QUEUED, AttemptState.RUNNING)


class OneAtATime(Refusal):
    sentence = "Something else is being worked out. Wait until it is done."


class _Forgotten(Exception):
    """Nobody waits for this attempt anymore."""


@dataclass(frozen=True)
class Tried:
    """An attempt as its pages show it."""

    id: UUID
    draft: int
    change: Mapping[str, Any]
    state: AttemptState
    step: str
    done: int
    asked_at: datetime

    @property
    def at_work(self) -> bool:
        return self.state in AT_WORK


def begin(run: MatchingRun, change: Mapping[str, Any], *, by: Member, now: datetime) -> Attempt:
    """Have a change worked out by a job. What was asked of this draft already is not asked twice.

    `change` is what `trials.changed` takes.

    :raises runs.NotInReview: there is no draft to hold it against.
    :raises OneAtATime: another one of this run is at work.
    """
    runs.insist_on_review(run, Permission.RUN_TRY)
    same = select(Attempt).where(
        Attempt.run_id == run.id,
        Attempt.draft == run.draft,
        Attempt.change == dict(change),
        Attempt.state != AttemptState.FAILED,
    )
    if (asked := db.session.scalars(same).first()) is not None:
        return asked
    busy = select(Attempt.id).where(Attempt.run_id == run.id, Attempt.state.in_(AT_WORK))
    if db.session.execute(busy.limit(1)).first():
        raise OneAtATime
    _forget_the_oldest(run.id)
    attempt = Attempt(
        run_id=run.id,
        draft=run.draft,
        change=dict(change),
        state=AttemptState.QUEUED,
        settings=run.settings,
        asked_at=now,
    )
    db.session.add(attempt)
    db.session.flush()
    trail.record(RunDeed.TRIED, run, by=by, now=now, draft=run.draft, what=change["what"])
    defer(
        "try_matching",
        lock=f"attempt {attempt.id}",
        chapter_id=str(scope.here()),
        attempt_id=str(attempt.id),
    )
    return attempt


def work(attempt_id: UUID, *, now: datetime) -> None:
    """Work an attempt out. For the job; safe to be done again from the start.

    An attempt that was forgotten does nothing, and one that goes wrong says so.
    """
    try:
        with transaction():
            attempt, run = _take_up(attempt_id)
        preferences = Preferences.read(attempt.settings)
        asked = rematching.asked(run.id, run.kinds, preferences, draft=attempt.draft + 1, now=now)
        db.session.rollback()  # nothing was written; no transaction is kept open while it thinks
        changed = trials.changed(attempt.change, asked.problem, preferences)
        asked = replace(asked, problem=changed.problem)
        if not preferences.moves:
            asked = replace(asked, settings=changed.preferences.engine)
        decided = solve.decided(
            asked.problem,
            seed=run.number,
            settings=asked.settings,
            on_step=_teller(attempt_id),
            before=asked.before,
        )
        problem, outcome = asked.told(decided.outcome)
        blocking, endings = reports.rather(decided), asked.endings(decided.outcome)
        done = {
            "settings": changed.preferences.kept(),
            "facts": drafts.in_short(drafts.facts(problem, outcome, endings)),
            "blocking": blocking,
            "pairs": drafts.pairs_kept(outcome),
        }
        with transaction():
            _tell(attempt_id, state=AttemptState.DONE, step="", done=100, **done)
    except (_Forgotten, NotYours):
        db.session.rollback()
        log.info("attempt %s is not wanted anymore", attempt_id)
    except Exception:  # whatever it was, the page has to say so
        log.exception("attempt %s went wrong", attempt_id)
        db.session.rollback()
        _fail(attempt_id)


_COLUMNS = (
    *(Attempt.id, Attempt.draft, Attempt.change, Attempt.state),
    *(Attempt.step, Attempt.done, Attempt.asked_at),
)
_ONE = select(*_COLUMNS).where(
    Attempt.run_id == bindparam("run_id"), Attempt.id == bindparam("attempt_id")
)
_ALL = (
    select(*_COLUMNS, Attempt.settings, Attempt.facts, Attempt.blocking, Attempt.pairs)
    .where(Attempt.run_id == bindparam("run_id"))
    .order_by(Attempt.asked_at.desc(), Attempt.id.desc())
    .limit(KEPT)
)


def one(run_id: UUID, attempt_id: UUID) -> Tried:
    """An attempt of this run.

    :raises NotYours: there is none with this id.
    """
    row = db.session.execute(_ONE, {"run_id": run_id, "attempt_id": attempt_id}).one_or_none()
    if row is None:
        raise NotYours
    return _tried(row)


def kept(run_id: UUID) -> list[tuple[Tried, Summary | None]]:
    """What was tried of a run, the newest first; the outcome of what is done."""
    return [
        (_tried(row), _summary(row) if row.state == AttemptState.DONE else None)
        for row in db.session.execute(_ALL, {"run_id": run_id})
    ]


def _tried(row: Any) -> Tried:
    state = AttemptState(row.state)
    return Tried(row.id, row.draft, row.change, state, row.step, row.done, row.asked_at)


def _summary(row: Any) -> Summary:
    return Summary(
        name="",
        preferences=Preferences.read(row.settings),
        facts=row.facts,
        blocking=row.blocking,
        pairs={tuple(pair): points for *pair, points in row.pairs},
    )


def _forget_the_oldest(run_id: UUID) -> None:
    newest = (
        select(Attempt.id)
        .where(Attempt.run_id == run_id)
        .order_by(Attempt.asked_at.desc(), Attempt.id.desc())
        .limit(KEPT - 1)
    )
    db.session.execute(
        delete(Attempt)
        .where(Attempt.run_id == run_id, Attempt.id.not_in(newest))
        .execution_options(synchronize_session=False)
    )


def _take_up(attempt_id: UUID) -> tuple[Attempt, MatchingRun]:
    asked = select(Attempt).where(Attempt.id == attempt_id, Attempt.state.in_(AT_WORK))
    attempt = db.session.scalars(asked).one_or_none()
    if attempt is None:
        raise _Forgotten
    run = db.session.scalars(select(MatchingRun).where(MatchingRun.id == attempt.run_id)).one()
    if run.state != RunState.REVIEW:
        raise _Forgotten
    attempt.state, attempt.done = AttemptState.RUNNING, 0
    return attempt, run


def _teller(attempt_id: UUID) -> Callable[[str, str], None]:
    def tell(step: str, detail: str) -> None:
        with transaction():
            _tell(attempt_id, step=step, done=runs.STEPS[step])

    return tell


def _tell(attempt_id: UUID, **facts: Any) -> None:
    told = (
        update(Attempt)
        .where(Attempt.id == attempt_id, Attempt.state == AttemptState.RUNNING)
        .values(**facts)
        .execution_options(synchronize_session=False)
    )
    if not count_touched(told):
        raise _Forgotten


def _fail(attempt_id: UUID) -> None:
    try:
        with transaction():
            _tell(attempt_id, state=AttemptState.FAILED, step="")
    except _Forgotten:
        log.info("attempt %s is not wanted anymore", attempt_id)
