"""What a coordinator says of a pair while a draft is in review: always, or never.

A mark holds for every further draft of its run. A pin is kept as far as safety and places allow;
a pair that was excluded, set aside on screen, keeps its draft from being published.
"""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from mentorship.audit import trail
from mentorship.foundation import scope
from mentorship.foundation.database import count_touched, db
from mentorship.matching import runs
from mentorship.matching.models import Mark, MatchingRun, RunDeed, RunMark
from mentorship.tenancy.members import Member
from mentorship.tenancy.roles import Permission
from mentorship.vocabulary.kinds import Kind


def pin(
    run: MatchingRun, *, mentee: Member, mentor: Member, kind: Kind, by: Member, now: datetime
) -> None:
    """Have every further draft keep this pair.

    :raises runs.NotInReview: there is no draft to judge.
    """
    _mark(run, mentee, mentor, kind, Mark.PIN, by=by, now=now)


def exclude(
    run: MatchingRun, *, mentee: Member, mentor: Member, kind: Kind, by: Member, now: datetime
) -> None:
    """Keep this pair out of every further draft.

    :raises runs.NotInReview: there is no draft to judge.
    """
    _mark(run, mentee, mentor, kind, Mark.EXCLUDE, by=by, now=now)


def unmark(
    run: MatchingRun, *, mentee: Member, mentor: Member, kind: Kind, by: Member, now: datetime
) -> None:
    """Take back a pin or an exclusion. Where there is none, nothing changes.

    :raises runs.NotInReview: there is no draft to judge.
    """
    runs.insist_on_review(run, Permission.RUN_JUDGE)
    said = (
        delete(RunMark)
        .where(
            RunMark.run_id == run.id,
            RunMark.mentee_id == mentee.id,
            RunMark.mentor_id == mentor.id,
            RunMark.kind == kind,
        )
        .execution_options(synchronize_session=False)
    )
    if count_touched(said):
        about = {"mentee_id": mentee.id, "mentor_id": mentor.id, "kind": kind}
        trail.record(RunDeed.UNMARKED, run, by=by, now=now, **about)


def _mark(
    run: MatchingRun,
    mentee: Member,
    mentor: Member,
    kind: Kind,
    mark: Mark,
    *,
    by: Member,
    now: datetime,
) -> None:
    runs.insist_on_review(run, Permission.RUN_JUDGE)
    about = {"mentee_id": mentee.id, "mentor_id": mentor.id, "kind": kind}
    db.session.execute(
        insert(RunMark)
        .values(chapter_id=scope.here(), run_id=run.id, mark=mark, **about)
        .on_conflict_do_update(index_elements=["chapter_id", "run_id", *about], set_={"mark": mark})
    )
    trail.record(RunDeed.MARKED, run, by=by, now=now, mark=mark, **about)
