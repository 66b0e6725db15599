"""What can be done about a line of the weekly list, and taken back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert

from mentorship.audit import trail
from mentorship.foundation import clock, scope
from mentorship.foundation.database import db, uuid7
from mentorship.foundation.errors import NotYours, Refusal
from mentorship.matching import queries as matching
from mentorship.matching import runs
from mentorship.notifications.nudges import asked
from mentorship.notifications.nudges.asked import Reminded
from mentorship.relationships.help import Help, HelpDeed, Outcome, Reason
from mentorship.tenancy.members import Member
from mentorship.tenancy.roles import Permission
from mentorship.vocabulary import cycles
from mentorship.vocabulary.kinds import Kind
from mentorship.weekly import finding
from mentorship.weekly.finding import Action, Line, Week

#: After how many weeks a line may be looked at again.
WEEKS = (1, 2, 4)
#: The longest note, in characters.
LONGEST = 500

_ONE = select(Help).where(Help.id == bindparam("help_id")).with_for_update()


class NotOnTheList(Refusal):
    sentence = "That is not on the list anymore. Somebody may have seen to it already."


class NotThisWay(Refusal):
    sentence = "That cannot be done about this line. A call may help."


class NotThatLong(Refusal):
    sentence = "Look at it again in one, two or four weeks."


class TooLong(Refusal):
    sentence = f"Keep the note within {LONGEST} characters."


class TooLate(Refusal):
    sentence = "That week is over. What still holds is on this week's list."


@dataclass(frozen=True)
class Given:
    """What came of it."""

    line: Line
    reminded: Sequence[Reminded] = ()
    run_begun: bool = False
    """Whether a matching run was started for it; otherwise one is under way."""


def give(
    reason: Reason,
    subject_id: UUID,
    outcome: Outcome,
    *,
    note: str = "",
    weeks: int = 1,
    by: Member,
    zone: str,
    now: datetime,
) -> Given:
    """Do the one thing about a line, or say what was done. It is off the list for so many weeks.

    `zone` is the chapter's. Two who press at once do it once.

    :raises NotOnTheList: it does not hold anymore, or was done already.
    :raises NotThisWay: nobody is to be reminded or matched there, or it is not for `by` to do.
    :raises NotThatLong: see `WEEKS`.
    :raises TooLong: the note is a line or two.
    :raises asked.NothingDue, asked.NotWanted, asked.Enough: as `asked.remind` does.
    :raises runs.NobodyToPair: as `runs.start` does.
    """
    note = note.strip()
    if len(note) > LONGEST:
        raise TooLong
    if weeks not in WEEKS:
        raise NotThatLong
    week = finding.this_week(by, zone=zone, now=now)
    line = week.line(reason, subject_id)
    if line is None:
        raise NotOnTheList
    again_on = clock.day(now, zone) + timedelta(weeks=weeks)
    kept = _kept(line, week, outcome=outcome, note=note, again_on=again_on, by_id=by.id, at=now)
    if kept is None:
        raise NotOnTheList
    given = _done(Given(line), outcome, by=by, now=now)
    trail.record(HelpDeed.GIVEN, kept, by=by, now=now, reason=kept.reason, outcome=kept.outcome)
    return given


def take_back(help_id: UUID, *, by: Member, zone: str, now: datetime) -> None:
    """Put a line back on the list. Twice changes nothing. A mail that has gone out is gone.

    :raises NotYours: there is nothing of the kind.
    :raises TooLate: it was done in a week that is over.
    """
    given = db.session.scalars(_ONE, {"help_id": help_id}).one_or_none()
    if given is None:
        raise NotYours
    if given.week != finding.monday_of(now, zone):
        raise TooLate
    if given.undone_at is None:
        given.undone_at = now
        trail.record(HelpDeed.TAKEN_BACK, given, by=by, now=now, reason=given.reason)


def _kept(line: Line, week: Week, **facts: Any) -> Help | None:
    """What was done about a line of this week, or None where somebody has kept the same before."""
    values = {
        "chapter_id": scope.here(),
        "id": uuid7(),
        "week": week.monday,
        "listed": week.listed,
        "reason": line.reason,
        "subject_id": line.subject_id,
        "since": line.since,
        "who": line.who,
        **facts,
    }
    made = insert(Help).values(values).on_conflict_do_nothing().returning(Help)
    return db.session.scalars(made).one_or_none()


def _done(given: Given, outcome: Outcome, *, by: Member, now: datetime) -> Given:
    if outcome is Outcome.REMINDED:
        if given.line.action is not Action.REMIND:
            raise NotThisWay
        return replace(given, reminded=asked.remind(given.line.subject_id, now=now))
    if outcome is Outcome.REMATCHED:
        if given.line.action is not Action.REMATCH or not by.may(Permission.RUN_WORK):
            raise NotThisWay
        return replace(given, run_begun=_have_gaps_filled(by=by, now=now))
    return given


def _have_gaps_filled(*, by: Member, now: datetime) -> bool:
    """Have somebody found for everybody who waits, with every pairing kept. Says whether a run was
    begun: one that is under way is not disturbed."""
    try:
        runs.start(
            cycle=cycles.current(now.date()).key,
            kinds=list(Kind),
            preferences=replace(matching.last_preferences(), rematch=True, moves=False),
            by=by,
            now=now,
        )
    except runs.AnotherRun:
        return False
    return True
