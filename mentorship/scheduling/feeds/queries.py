"""What calendar feeds say about people's time, asked of what was read before."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    DateTime,
    Uuid,
    any_,
    bindparam,
    func,
    literal,
    or_,
    select,
    union_all,
)

from mentorship.accounts.models import User
from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours
from mentorship.scheduling.feeds.kinds import AllDay, Blocks, Holds, Shift
from mentorship.scheduling.feeds.models import Feed, FeedState, FeedTime, IgnoredTime
from mentorship.scheduling.slots import Span

#: Why time is blocked that no reading speaks of: a calendar could not be read for too long.
UNREAD = "unread"


class Blocked(NamedTuple):
    """That one person's time is taken by a calendar of theirs, and in what way."""

    user_id: UUID
    span: Span
    why: str
    """One of `Blocks`, or `UNREAD`."""


#: True of a time that its owner has not said to ignore.
COUNTS = ~(
    select(literal(1))
    .where(
        IgnoredTime.user_id == FeedTime.user_id,
        IgnoredTime.feed_id == FeedTime.feed_id,
        IgnoredTime.starts_at == FeedTime.starts_at,
        IgnoredTime.ends_at == FeedTime.ends_at,
    )
    .correlate(FeedTime)
    .exists()
)
_persons = any_(bindparam("persons", type_=ARRAY(Uuid)))
_since = bindparam("since", type_=DateTime(timezone=True))
_until = bindparam("until", type_=DateTime(timezone=True))
#: Asks for `persons`, `since`, `until` and `now`; answers as `Blocked` does.
BLOCKED = union_all(
    select(FeedTime.user_id, FeedTime.starts_at, FeedTime.ends_at, FeedTime.blocks).where(
        FeedTime.user_id == _persons,
        FeedTime.starts_at < _until,
        FeedTime.ends_at > _since,
        COUNTS,
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


_last_shift = (
    select(func.max(FeedTime.ends_at))
    .where(
        FeedTime.user_id == Feed.user_id,
        FeedTime.feed_id == Feed.id,
        FeedTime.blocks == Blocks.SHIFT,
    )
    .correlate(Feed)
    .scalar_subquery()
)
#: When the shifts of a user end that are published so far, of several schedules the first to end;
#: none without a schedule, or where it has shown no shift yet.
PUBLISHED_UNTIL = (
    select(func.min(_last_shift))
    .where(Feed.user_id == User.id, Feed.holds == Holds.SHIFTS)
    .correlate(User)
    .scalar_subquery()
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


@dataclass(frozen=True)
class Linked:
    """A calendar as its owner sees it. Its address is shown to nobody, only whose server it is."""

    id: UUID
    name: str
    host: str
    """Empty for a file."""
    holds: Holds
    all_day: AllDay
    zone: str
    rules: tuple[tuple[str, str], ...]
    state: FeedState
    problem: str
    read_at: datetime | None
    good_until: datetime | None
    covers_until: datetime | None
    counts: dict[str, Any]

    @property
    def is_file(self) -> bool:
        return not self.host

    @property
    def waits(self) -> bool:
        """Whether it is being read for the first time."""
        return self.state is FeedState.NEW

    def keeps_back(self, now: datetime) -> bool:
        """Whether its owner's times are not offered because of it."""
        return self.good_until is None or self.good_until <= now

    @property
    def shifts(self) -> list[tuple[Shift, int]]:
        """How many shifts of each kind were read."""
        return [(Shift(kind), count) for kind, count in self.counts.get("shifts", {}).items()]

    @property
    def warnings(self) -> list[str]:
        return self.counts.get("warnings", [])


class Kept(NamedTuple):
    """One time that a calendar takes, as its owner sees it."""

    span: Span
    shift: Shift | None
    """None where it is busy, and no shift."""
    ignored: bool


_LINKED = (
    select(
        Feed.id,
        Feed.name,
        Feed.host,
        Feed.holds,
        Feed.all_day,
        Feed.zone,
        Feed.rules,
        Feed.state,
        Feed.problem,
        Feed.read_at,
        Feed.good_until,
        Feed.covers_until,
        Feed.counts,
    )
    .where(Feed.user_id == bindparam("user_id", type_=Uuid))
    .order_by(Feed.created_at, Feed.id)
)


def linked(user_id: UUID) -> list[Linked]:
    """Somebody's calendars, oldest first. One statement."""
    return [
        Linked(
            id=row.id,
            name=row.name,
            host=row.host,
            holds=Holds(row.holds),
            all_day=AllDay(row.all_day),
            zone=row.zone,
            rules=tuple((pattern, meaning) for pattern, meaning in row.rules),
            state=FeedState(row.state),
            problem=row.problem,
            read_at=row.read_at,
            good_until=row.good_until,
            covers_until=row.covers_until,
            counts=row.counts,
        )
        for row in db.session.execute(_LINKED, {"user_id": user_id})
    ]


def one_linked(feed_id: UUID, *, user_id: UUID) -> Linked:
    """One of somebody's calendars.

    :raises NotYours: there is none with this id.
    """
    found = next((each for each in linked(user_id) if each.id == feed_id), None)
    if found is None:
        raise NotYours
    return found


#: Times of a calendar on one page.
A_PAGE = 30
_KEPT = (
    select(FeedTime.starts_at, FeedTime.ends_at, FeedTime.shift, COUNTS.label("counts"))
    .where(
        FeedTime.user_id == bindparam("user_id"),
        FeedTime.feed_id == bindparam("feed_id"),
        FeedTime.blocks != Blocks.REST,
        FeedTime.ends_at > bindparam("now"),
        FeedTime.starts_at >= bindparam("since"),
    )
    .order_by(FeedTime.starts_at, FeedTime.ends_at, FeedTime.blocks)
    .limit(A_PAGE + 1)
)
_LONG_AGO = datetime(1, 1, 2, tzinfo=UTC)


def kept(
    feed_id: UUID, *, user_id: UUID, now: datetime, since: datetime | None = None
) -> tuple[list[Kept], datetime | None]:
    """What a calendar takes from now on, without rest, in order: a page of it. One statement.

    And from when to ask for the next page, where there is one.
    """
    facts = {"user_id": user_id, "feed_id": feed_id, "now": now, "since": since or _LONG_AGO}
    found = [
        Kept(Span(starts_at, ends_at), Shift(shift) if shift else None, not counts)
        for starts_at, ends_at, shift, counts in db.session.execute(_KEPT, facts)
    ]
    if len(found) <= A_PAGE:
        return found, None
    # Those that begin together stay together, as long as they fit on a page.
    more = found[-1].span.starts_at
    page = [each for each in found if each.span.starts_at < more]
    return (page, more) if page else (found[:A_PAGE], more + timedelta(microseconds=1))
