"""The mail on Monday morning, to those who coordinate: how many want help, and the first three."""

from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from uuid import UUID

from sqlalchemy import select

from mentorship.foundation import clock
from mentorship.foundation.database import db
from mentorship.foundation.settings import Settings
from mentorship.notifications.nudges.kind import Due, NudgeKind, Page, Said
from mentorship.notifications.nudges.registry import KINDS
from mentorship.relationships.help import Reason
from mentorship.tenancy import queries
from mentorship.tenancy.members import Member
from mentorship.tenancy.models import Membership
from mentorship.tenancy.roles import Role
from mentorship.vocabulary.kinds import Kind
from mentorship.web.filters import plural
from mentorship.weekly import finding
from mentorship.weekly.finding import Line, Week

#: When it comes, by the reader's own clock, and until when it still makes sense.
AT, LAPSES = time(8), timedelta(days=1)
#: How many lines it quotes.
TOP = 3

_COORDINATORS = (
    select(Membership.id)
    .where(Membership.left_at.is_(None), Membership.roles.contains([Role.COORDINATOR]))
    .order_by(Membership.id)
)


def find(*, now: datetime, member_id: UUID | None = None) -> Iterator[Due]:
    zone = queries.card().zone
    ids = [one for one in db.session.scalars(_COORDINATORS) if member_id in (None, one)]
    for reader in queries.members(ids).values():
        today = clock.day(now, reader.zone)
        due_at = datetime.combine(today, AT, clock.zone(reader.zone))
        if today.weekday() != 0 or not due_at <= now < due_at + LAPSES:
            continue
        week = finding.this_week(reader, zone=zone, now=now)
        if week.lines:
            yield Due(reader.id, reader.user_id, reader.id, today, due_at, due_at + LAPSES, week)


def say(it: Due, me: Member, page: Page, settings: Settings) -> Said:
    week: Week = it.facts
    want = plural(len(week.lines), "thing")
    return Said(
        subject=f"This week: {want} to look at",
        line=f"{want} on this week's list. First: {_first(week.lines[:TOP])}",
        action="Open this week",
        href=page("weekly.week"),
    )


def _first(lines: Sequence[Line]) -> str:
    """The lines in a mail, which may be read over a shoulder."""
    return " ".join(_discreet(line) for line in lines)


def _discreet(line: Line) -> str:
    if line.kind is Kind.WELLNESS:
        return "A wellness pairing needs a hand."
    if line.reason in (Reason.FIT, Reason.WISH):
        return f"A hand is wanted with {line.kind.one if line.kind else 'a'} pairing."
    return f"{line.who}: {line.words}"


WEEK_NUDGE = NudgeKind(
    name="week",
    label="The weekly list of whom to help, on Monday morning",
    why="You coordinate the program, and it was Monday.",
    find=find,
    say=say,
    times=1,
)

KINDS[WEEK_NUDGE.name] = WEEK_NUDGE
