"""Which dates of a standing meeting can be, as things stand. Nothing is written."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from mentorship.scheduling import holds
from mentorship.scheduling.feeds.kinds import Blocks
from mentorship.scheduling.feeds.queries import UNREAD, Blocked
from mentorship.scheduling.queries import Bookable
from mentorship.scheduling.slots import Span
from mentorship.scheduling.standing import dates
from mentorship.scheduling.standing.dates import Taken
from mentorship.scheduling.standing.models import Why


class Planned(NamedTuple):
    """A date, and why the two cannot meet then; None when they can."""

    number: int
    span: Span
    why: Why | None


def plan(
    mentor: Bookable,
    spans: Iterable[tuple[int, Span]],
    *,
    mentee_user_id: UUID,
    now: datetime,
    but: Span | None = None,
) -> list[Planned]:
    """Say of each date whether the two can meet then. One statement, or none without dates.

    The mentor's weekly hours do not matter: they have said yes to the time itself. Whatever else
    they have, in any chapter and calendar, does, and how many meetings they want. `but` is a time
    that is held for these two already: only one hold of a person can lie there.
    """
    wanted = list(spans)
    if not wanted:
        return []
    me, limits = mentor.member.user_id, mentor.limits
    counted = limits.counted(Span(wanted[0][1].starts_at, wanted[-1][1].ends_at))
    found = holds.taken(
        {me, mentee_user_id},
        since=counted.starts_at - limits.buffer,
        until=counted.ends_at + limits.buffer,
        now=now,
    )
    sorted_out = dates.sort_out(
        wanted,
        taken=_taken([one for one in found if not _is_hold(one, but)], me),
        away=mentor.away.values(),
        limits=limits,
        zone=mentor.zone,
    )
    return [Planned(*each) for each in sorted_out]


def _is_hold(blocked: Blocked, span: Span | None) -> bool:
    return blocked.why == holds.MEETING and blocked.span == span


def _taken(found: list[Blocked], mentor_user_id: UUID) -> Taken:
    mine = [each for each in found if each.user_id == mentor_user_id]
    return Taken(
        mentor=[each.span for each in mine if each.why == holds.MEETING],
        # Whoever has a calendar that cannot be read knows what is in it; so does who needs rest.
        mentee=[
            each.span
            for each in found
            if each.user_id != mentor_user_id and each.why not in (UNREAD, Blocks.REST)
        ],
        calendar=[
            each.span for each in mine if each.why not in (holds.MEETING, UNREAD, Blocks.REST)
        ],
        rest=[each.span for each in mine if each.why == Blocks.REST],
        unread=any(each.why == UNREAD for each in mine),
    )
