"""What calendar feeds say about people's time, asked of what was read before."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, Uuid, any_, bindparam, literal, or_, select, union_all

from mentorship.foundation.database import db
from mentorship.scheduling.feeds.models import Feed, FeedTime
from mentorship.scheduling.slots import Span

#: Why time is blocked that no reading speaks of: a calendar could not be read for too long.
UNREAD = "unread"


class Blocked(NamedTuple):
    """That one person's time is taken by a calendar of theirs, and in what way."""

    user_id: UUID
    span: Span
    why: str
    """One of `Blocks`, or `UNREAD`."""


_persons = any_(bindparam("persons", type_=ARRAY(Uuid)))
_since = bindparam("since", type_=DateTime(timezone=True))
_until = bindparam("until", type_=DateTime(timezone=True))
#: Asks for `persons`, `since`, `until` and `now`; answers as `Blocked` does.
BLOCKED = union_all(
    select(FeedTime.user_id, FeedTime.starts_at, FeedTime.ends_at, FeedTime.blocks).where(
        FeedTime.user_id == _persons, FeedTime.starts_at < _until, FeedTime.ends_at > _since
    ),
    # A calendar that was not read for too long may hide anything: all of the time is taken.
    select(Feed.user_id, _since.label("starts_at"), _until.label("ends_at"), literal(UNREAD)).where(
        Feed.user_id == _persons,
        or_(
            Feed.good_until.is_(None),
            Feed.good_until <= bindparam("now", type_=DateTime(timezone=True)),
        ),
    ),
)


def busy_of(
    user_ids: Iterable[UUID], *, since: datetime, until: datetime, now: datetime
) -> list[Blocked]:
    """When these people's calendars keep them from meeting, between two instants. One statement.

    Busy times, shifts, and rest around shifts, whole (not cut at `since` and `until`), in no
    order, and overlapping where calendars do. Somebody with a calendar that was not read for
    too long is blocked from `since` to `until`.
    """
    facts = {"persons": list(user_ids), "since": since, "until": until, "now": now}
    return [
        Blocked(user_id, Span(starts_at, ends_at), why)
        for user_id, starts_at, ends_at, why in db.session.execute(BLOCKED, facts)
    ]
