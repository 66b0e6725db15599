"""No first meeting in three weeks: to the mentee, who asks for it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

from mentorship.foundation import clock
from mentorship.foundation.settings import Settings
from mentorship.notifications.nudges.kind import Due, NudgeKind, Page, Said
from mentorship.notifications.nudges.kinds import pairs
from mentorship.notifications.nudges.kinds.pairs import Pair
from mentorship.relationships.rhythm import FIRST_MEETING
from mentorship.tenancy.members import Member
from mentorship.web.filters import day, surname_title

#: After so long it is the coordinator who helps.
LAPSES = timedelta(days=30)


def due(pair: Pair, *, now: datetime) -> Due | None:
    """What is due of a pairing that has not met, and is not about to."""
    to = pair.mentee
    if pair.last_contact(to.zone) or pair.in_touch(now):
        return None
    began_on = clock.day(pair.began_at, to.zone)
    due_at = pairs.morning(began_on + FIRST_MEETING, to.zone)
    if not due_at <= now < due_at + LAPSES:
        return None
    since = pair.began_at.astimezone(UTC).date()
    return Due(to.member_id, to.user_id, pair.id, since, due_at, due_at + LAPSES, pair)


def find(*, now: datetime, member_id: UUID | None = None) -> Iterator[Due]:
    return filter(None, (due(pair, now=now) for pair in pairs.going(member_id)))


def say(it: Due, me: Member, page: Page, settings: Settings) -> Said:
    pair: Pair = it.facts
    called = surname_title(pair.mentor.name)
    return Said(
        subject=f"A first meeting with {called}",
        line=f"You and {pair.mentor.name} were paired on {day(pair.began_at, me.zone)}, and have"
        " not met yet. Twenty minutes and one question are enough for a first talk.",
        action=f"Ask {called} for a time",
        href=page("scheduling.ask", mentor_id=pair.mentor.member_id, kind=pair.kind),
    )


FIRST_MEETING_NUDGE = NudgeKind(
    name="first_meeting",
    label="A first meeting that has not happened three weeks after you were paired",
    why="You had been paired for three weeks, and no meeting was on the way.",
    find=find,
    say=say,
)
