"""A check-in that is due: to the mentee, who keeps the rhythm, never to the mentor."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from mentorship.foundation.settings import Settings
from mentorship.notifications.nudges.kind import Answer, Due, NudgeKind, Page, Said
from mentorship.notifications.nudges.kinds import pairs
from mentorship.notifications.nudges.kinds.pairs import Pair
from mentorship.relationships.check_ins import How
from mentorship.relationships.contacts import links
from mentorship.relationships.rhythm import GRACE
from mentorship.tenancy.members import Member
from mentorship.web.filters import long_day
from mentorship.web.links import absolute

#: How much longer than the reminder itself its answers work: mail is read late.
LATER = timedelta(days=14)


def due(pair: Pair, *, now: datetime) -> Due | None:
    """What is due of two who have met and are not about to, until the pairing counts as quiet."""
    to = pair.mentee
    since, due_on = pair.last_contact(to.zone), pair.due_on(to.zone)
    if since is None or due_on is None or pair.in_touch(now):
        return None
    due_at, lapses_at = pairs.morning(due_on, to.zone), pairs.morning(due_on + GRACE, to.zone)
    if not due_at <= now < lapses_at:
        return None
    return Due(to.member_id, to.user_id, pair.id, since, due_at, lapses_at, pair)


def find(*, now: datetime, member_id: UUID | None = None) -> Iterator[Due]:
    return filter(None, (due(pair, now=now) for pair in pairs.going(member_id)))


def say(it: Due, me: Member, page: Page, settings: Settings) -> Said:
    pair: Pair = it.facts
    return Said(
        subject=f"A check-in with {pair.mentor.name}",
        line=f"You and {pair.mentor.name} were last in touch on {long_day(it.since)}. A check-in"
        " is one tap and, if you like, one line. No reply is needed.",
        action="Write more",
        href=page("relationships.check_in", pairing_id=pair.id),
        answers=tuple(Answer(how.label, _address(it, how, me, settings)) for how in How),
    )


def _address(it: Due, how: How, me: Member, settings: Settings) -> str:
    token = links.check_in_token(
        me,
        pairing_id=it.subject_id,
        since=it.since,
        how=how,
        secret=settings.secret_key,
        until=it.lapses_at + LATER,
    )
    return absolute("mail_answers.show_check_in", token=token)


CHECK_IN_NUDGE = NudgeKind(
    name="check_in",
    label="A check-in that is due",
    why="It was time for a check-in, and nothing was booked.",
    find=find,
    say=say,
)
