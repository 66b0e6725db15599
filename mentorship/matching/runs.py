"""What can be done with a matching run.

A run is queued, worked on by a job, reviewed, and published or discarded. The coordinator may
have it drafted again as often as they like; each draft honors what was pinned and set aside.
"""

import logging
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from mentorship.audit import trail
from mentorship.foundation import scope
from mentorship.foundation.database import count_touched, db, transaction
from mentorship.foundation.errors import NotYours, Refusal
from mentorship.foundation.queue import defer
from mentorship.matching import drafts, publication, rematching, reports
from mentorship.matching.engine import solve
from mentorship.matching.models import UNDER_WAY, MatchingRun, RunDeed, RunState
from mentorship.matching.preferences import Preferences
from mentorship.profiles.models import MentorProfile, Offer, Want
from mentorship.tenancy import roles
from mentorship.tenancy.members import Member
from mentorship.tenancy.models import Membership
from mentorship.tenancy.roles import Permission, Role
from mentorship.vocabulary.cycles import cycles
from mentorship.vocabulary.kinds import Kind

log = logging.getLogger(__name__)

#: Percent done as each step of the engine begins.
STEPS = {"reading": 10, "rules": 30, "pairing": 45, "reasons": 75, "report": 85}
WENT_WRONG = "Something went wrong while the pairs were worked out. Nothing was changed."


class AnotherRun(Refusal):
    def __init__(self, number: int) -> None:
        super().__init__(f"Finish or discard run {number} first.")


class NobodyToPair(Refusal):
    pass


class NoSuchCycle(Refusal):
    sentence = "Choose a cycle from the list."


class NoKinds(Refusal):
    sentence = "Choose at least one kind of mentor."


class NotInReview(Refusal):
    def __init__(self, run: MatchingRun) -> None:
        super().__init__(_STANDS[RunState(run.state)].format(number=run.number, draft=run.draft))


_STANDS = {
    RunState.QUEUED: "Draft {draft} of run {number} is not ready yet. Wait until it is.",
    RunState.RUNNING: "Draft {draft} of run {number} is not ready yet. Wait until it is.",
    RunState.REVIEW: "Run {number} is in review already.",
    RunState.PUBLISHED: "Run {number} was published already. Nobody was told twice.",
    RunState.FAILED: "Draft {draft} of run {number} did not finish. Try again first.",
    RunState.DISCARDED: "Run {number} was discarded. Start a new one.",
}


class StaleDraft(Refusal):
    def __init__(self, run: MatchingRun) -> None:
        super().__init__(
            f"Run {run.number} was run again meanwhile. Its draft is number {run.draft} now:"
            " look at that one first."
        )


class _Overtaken(Exception):
    """The run was discarded, or another draft was asked for, while this one was at work."""


def start(
    *,
    cycle: str,
    kinds: Sequence[Kind],
    by: Member,
    now: datetime,
    preferences: Preferences | None = None,
) -> MatchingRun:
    """Begin a matching run for a cycle and these kinds; a job works out its first draft.

    Without `preferences` it seeks the usual.

    :raises NoSuchCycle: there is no such file in `config/cycles/`.
    :raises NoKinds: none was chosen.
    :raises AnotherRun: one is under way in this chapter.
    :raises NobodyToPair: no student wants, or no mentor offers, any of these kinds.
    """
    if cycle not in cycles():
        raise NoSuchCycle
    if not kinds:
        raise NoKinds
    _insist_on_no_other()
    _insist_on_both_sides(kinds)
    number = (db.session.scalar(select(func.max(MatchingRun.number))) or 0) + 1
    run = MatchingRun(
        number=number,
        cycle=cycle,
        kinds=[kind.value for kind in Kind if kind in kinds],
        state=RunState.QUEUED,
        draft=1,
        settings=(preferences or Preferences()).kept(),
        created_at=now,
    )
    try:
        with db.session.begin_nested():
            db.session.add(run)
    except IntegrityError as clash:
        raise AnotherRun(number) from clash
    _queue(run, by=by, now=now)
    return run


def rerun(
    run: MatchingRun, *, by: Member, now: datetime, preferences: Preferences | None = None
) -> None:
    """Have another draft worked out, with every pin and exclusion kept. Also after a failure.

    Of equally good drafts it gets the one nearest to the draft before. Without `preferences` it
    seeks what it sought before.

    :raises NotInReview: it is at work, or over.
    :raises AnotherRun: it had failed, and another was started since.
    """
    _lock(run)
    roles.insist_on_state(Permission.RUN_AGAIN, run, NotInReview(run))
    _insist_on_no_other(than=run)
    run.draft += 1
    if preferences is not None:
        run.settings = preferences.kept()
    run.state, run.step, run.done, run.facts = RunState.QUEUED, "", 0, {}
    run.started_at = run.finished_at = None
    db.session.flush()
    _queue(run, by=by, now=now)


def publish(run: MatchingRun, *, draft: int, by: Member, now: datetime) -> None:
    """Make every pair of the draft a pairing, at once, and have everyone told.

    A pairing that the draft ends has ended then, and whom it was between are told so as well.

    `draft` is the one that was looked at: nobody publishes what they have not seen.

    :raises NotInReview: it was published before, or is at work.
    :raises StaleDraft: it was run again meanwhile.
    :raises publication.NothingProposed: the draft is empty.
    :raises publication.SetAside: a pair of the draft was excluded since it was drafted.
    :raises publication.KeptAfterAll: a pairing that it ends was pinned since.
    :raises publication.Impossible: not every pair can be made anymore. None is made then.
    """
    insist_on_review(run, Permission.RUN_PUBLISH)
    if run.draft != draft:
        raise StaleDraft(run)
    pairs, ended = publication.pair_up(run, by=by, now=now)
    run.state, run.published_at = RunState.PUBLISHED, now
    facts = {"number": run.number, "draft": draft, "pairs": pairs, "left": run.facts["left"]}
    if ended:
        facts["ended"] = ended
    trail.record(RunDeed.PUBLISHED, run, by=by, now=now, **facts)


def discard(run: MatchingRun, *, by: Member, now: datetime) -> None:
    """Give a run up, wherever it stands, and forget what it proposed.

    :raises NotInReview: it was published or discarded before.
    """
    _lock(run)
    roles.insist_on_state(Permission.RUN_DISCARD, run, NotInReview(run))
    before, run.state, run.report = run.state, RunState.DISCARDED, {}
    db.session.flush()
    drafts.forget(run.id)
    trail.record(RunDeed.DISCARDED, run, by=by, now=now, number=run.number, before=before)


def insist_on_review(run: MatchingRun, permission: Permission) -> None:
    """Lock the run, and check that its draft is there to be judged.

    :raises NotInReview: it is not.
    """
    _lock(run)
    roles.insist_on_state(permission, run, NotInReview(run))


def work(run_id: UUID, *, draft: int, now: datetime) -> None:
    """Work out a draft. For the job: commits along the way, so that the page sees it move.

    Safe to be done again from the start, after a crash too. A draft that was overtaken does
    nothing, and one that goes wrong leaves a run that can be tried again.

    :raises NotYours: this chapter has no such run.
    """
    began = time.monotonic()
    try:
        with transaction():
            run = _take_up(run_id, draft, now=now)
        preferences = Preferences.read(run.settings)
        asked = rematching.asked(run.id, run.kinds, preferences, draft=draft, now=now)
        db.session.rollback()  # nothing was written; no transaction is kept open while it thinks
        tell = _teller(run_id, draft)
        decided = solve.decided(
            asked.problem,
            seed=run.number,
            settings=asked.settings,
            on_step=tell,
            before=asked.before,
        )
        tell("report", "What is missing, and who fares how")
        report = reports.report(decided, settings=asked.settings)
        problem, outcome = asked.told(decided.outcome)
        endings = asked.endings(decided.outcome)
        with transaction():
            _insist_on_draft(run, draft)
            drafts.keep(run, problem, outcome, report=report, endings=endings, now=now)
            run.state, run.step, run.done = RunState.REVIEW, "", 100
            run.finished_at = now + timedelta(seconds=time.monotonic() - began)
            facts = {name: run.facts[name] for name in ("pairs", "left")}
            about = {"number": run.number, "draft": draft}
            trail.record(RunDeed.FINISHED, run, by=None, now=now, **about, **facts)
    except (_Overtaken, NotYours):
        db.session.rollback()
        log.info("draft %s of run %s is not wanted anymore", draft, run_id)
    except Exception:  # whatever it was, the page has to say so, and the run can be tried again
        log.exception("draft %s of run %s went wrong", draft, run_id)
        db.session.rollback()
        _fail(run_id, draft, now=now)


def _take_up(run_id: UUID, draft: int, *, now: datetime) -> MatchingRun:
    run = db.session.scalars(select(MatchingRun).where(MatchingRun.id == run_id)).one_or_none()
    if run is None:
        raise NotYours
    _insist_on_draft(run, draft)
    run.state, run.started_at, run.done, run.facts = RunState.RUNNING, now, 0, {}
    return run


def _insist_on_draft(run: MatchingRun, draft: int) -> None:
    _lock(run)
    if run.draft != draft or run.state not in (RunState.QUEUED, RunState.RUNNING):
        raise _Overtaken


def _teller(run_id: UUID, draft: int) -> solve.Step:
    """Let the page see each step as it begins. The engine calls it.

    :raises _Overtaken: nobody waits for this draft anymore.
    """
    steps: dict[str, str] = {}
    awaited = (
        update(MatchingRun)
        .where(
            MatchingRun.id == run_id,
            MatchingRun.draft == draft,
            MatchingRun.state == RunState.RUNNING,
        )
        .execution_options(synchronize_session=False)
    )

    def tell(step: str, detail: str) -> None:
        steps[step] = detail
        with transaction():
            told = awaited.values(step=step, done=STEPS[step], facts={"steps": steps})
            if not count_touched(told):
                raise _Overtaken

    return tell


def _fail(run_id: UUID, draft: int, *, now: datetime) -> None:
    try:
        with transaction():
            run = _take_up(run_id, draft, now=now)
            run.state, run.step = RunState.FAILED, WENT_WRONG
            about = {"number": run.number, "draft": draft}
            trail.record(RunDeed.FAILED, run, by=None, now=now, **about)
    except _Overtaken:
        log.info("draft %s of run %s is not wanted anymore", draft, run_id)


def _queue(run: MatchingRun, *, by: Member, now: datetime) -> None:
    about = {"number": run.number, "draft": run.draft}
    trail.record(RunDeed.STARTED, run, by=by, now=now, **about)
    defer(
        "run_matching",
        lock=f"run {run.id}",
        chapter_id=str(scope.here()),
        run_id=str(run.id),
        draft=str(run.draft),
    )


def _lock(run: MatchingRun) -> None:
    """Wait for whoever else works on this run, and see it as it is now."""
    db.session.refresh(run, with_for_update=True)


def _insist_on_no_other(*, than: MatchingRun | None = None) -> None:
    other = select(MatchingRun.number).where(MatchingRun.state.in_(UNDER_WAY))
    if than is not None:
        other = other.where(MatchingRun.id != than.id)
    number = db.session.scalar(other.limit(1))
    if number is not None:
        raise AnotherRun(number)


def _insist_on_both_sides(kinds: Sequence[Kind]) -> None:
    wanting = (
        select(Want.member_id)
        .join(Membership, Membership.id == Want.member_id)
        .where(Membership.roles.contains([Role.STUDENT]), Want.kind.in_(kinds))
    )
    offering = (
        select(Offer.member_id)
        .join(Membership, Membership.id == Offer.member_id)
        .join(MentorProfile, MentorProfile.member_id == Offer.member_id)
        .where(Membership.roles.contains([Role.MENTOR]), Offer.kind.in_(kinds))
    )
    for asked, sentence in (
        (wanting, "No student has asked for any of these kinds yet. Import a roster first."),
        (offering, "No mentor offers any of these kinds yet. Import a roster first."),
    ):
        if db.session.execute(asked.where(Membership.left_at.is_(None)).limit(1)).first() is None:
            raise NobodyToPair(sentence)
