"""A relationship that drifts: once to each of the two, since both can write a line.

This is not about the mentee's check-in, which the mentor is never reminded of: it comes when that
is long past, asks for nothing that is owed, and comes once.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from mentorship.foundation.settings import Settings
from mentorship.notifications.nudges.kind import Due, NudgeKind, Page, Said
from mentorship.notifications.nudges.kinds import pairs
from mentorship.notifications.nudges.kinds.pairs import Pair, Side
from mentorship.relationships.rhythm import GRACE
from mentorship.tenancy.members import Member
from mentorship.web.filters import long_day

LAPSES = timedelta(days=60)


def due(pair: Pair, to: Side, *, now: datetime) -> Due | None:
    """What is due of two who have met, and have not been in touch for far too long."""
    since, due_on = pair.last_contact(to.zone), pair.due_on(to.zone)
    if since is None or due_on is None or pair.in_touch(now):
        return None
    due_at = pairs.morning(due_on + GRACE, to.zone)
    if not due_at <= now < due_at + LAPSES:
        return None
    return Due(to.member_id, to.user_id, pair.id, since, due_at, due_at + LAPSES, pair)


def find(*, now: datetime, member_id: UUID | None = None) -> Iterator[Due]:
    for pair in pairs.going(member_id):
        for to in (pair.mentee, pair.mentor):
            if member_id in (None, to.member_id) and (found := due(pair, to, now=now)):
                yield found


def say(it: Due, me: Member, page: Page, settings: Settings) -> Said:
    pair: Pair = it.facts
    other = pair.other(me.id)
    return Said(
        subject=f"A line to {other.name}",
        line=f"You and {other.name} were last in touch on {long_day(it.since)}. A line often"
        " brings a conversation back. If it has run its course, you can say so as well.",
        action="Open your shared page",
        href=page("insights.pairing", pairing_id=pair.id),
    )


QUIET_NUDGE = NudgeKind(
    name="quiet",
    label="A pairing that has gone quiet",
    why="The two of you had not been in touch for long, and nothing was booked.",
    find=find,
    say=say,
    times=1,
)
