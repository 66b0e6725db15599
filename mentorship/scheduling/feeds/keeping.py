"""Putting what was read of a calendar into the place of what was read before."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from mentorship.foundation import clock
from mentorship.foundation.database import count_touched, db
from mentorship.scheduling.feeds import rest
from mentorship.scheduling.feeds.kinds import Blocks, Shift
from mentorship.scheduling.feeds.models import Feed, FeedTime, IgnoredTime, RestRule
from mentorship.scheduling.feeds.queries import COUNTS
from mentorship.scheduling.feeds.reading import Reading
from mentorship.scheduling.feeds.rest import Rest, Worked
from mentorship.scheduling.slots import Span

#: What is read at a time: long enough back for rest after a night, and further ahead than
#: anybody may book.
BEHIND, AHEAD = timedelta(days=3), timedelta(days=180)


def window(now: datetime) -> Span:
    """The time of which a calendar is read now."""
    return Span(now - BEHIND, now + AHEAD)


def keep(feed: Feed, found: Reading, *, now: datetime, forget: timedelta) -> None:
    """Keep what a whole answer says, inside the time that it speaks for.

    It speaks for the time from now to the end of its last event: many systems show some weeks
    only. What was known of other times stays, until no answer has held it for `forget`.
    """
    _forget(feed, found.covers, now=now, forget=forget)
    rows = {
        (each.blocks, each.span): each.shift
        for each in found.taken
        if each.blocks is not Blocks.REST
    }
    _write(
        feed,
        [(blocks, span, shift) for (blocks, span), shift in rows.items()],
        seen_at=now,
    )
    rest_again(feed, rest_of(feed.user_id), now=now)


def seen_again(feed: Feed, *, now: datetime) -> None:
    """The answer was the same as the last one: all that it held is as fresh as now."""
    db.session.execute(
        update(FeedTime)
        .where(
            FeedTime.user_id == feed.user_id,
            FeedTime.feed_id == feed.id,
            FeedTime.seen_at == feed.read_at,
        )
        .values(seen_at=now)
        .execution_options(synchronize_session=False)
    )


def rest_again(feed: Feed, wanted: Rest, *, now: datetime) -> None:
    """Work out anew when the owner rests around the shifts of a calendar that count."""
    mine = and_(FeedTime.user_id == feed.user_id, FeedTime.feed_id == feed.id)
    db.session.execute(
        delete(FeedTime)
        .where(mine, FeedTime.blocks == Blocks.REST)
        .execution_options(synchronize_session=False)
    )
    worked = [
        Worked(Span(starts_at, ends_at), Shift(shift))
        for starts_at, ends_at, shift in db.session.execute(
            select(FeedTime.starts_at, FeedTime.ends_at, FeedTime.shift).where(
                mine, FeedTime.blocks == Blocks.SHIFT, COUNTS
            )
        )
        if shift is not None  # as the database insists
    ]
    spans = set(rest.around(worked, clock.zone(feed.zone), wanted))
    _write(feed, [(Blocks.REST, span, None) for span in spans], seen_at=now)


def rest_of(user_id: UUID) -> Rest:
    """How somebody wants to rest: as they said, or by default."""
    found = db.session.execute(
        select(RestRule.after_hours, RestRule.not_before, RestRule.before_minutes).where(
            RestRule.user_id == user_id
        )
    ).one_or_none()
    return Rest(*found) if found else Rest()


def ignore(feed: Feed, span: Span, *, now: datetime) -> bool:
    """Count a time of a calendar no longer, nor the rest around it. Says whether it did before."""
    one = insert(IgnoredTime).values(
        user_id=feed.user_id, feed_id=feed.id, starts_at=span.starts_at, ends_at=span.ends_at
    )
    made = db.session.execute(one.on_conflict_do_nothing().returning(IgnoredTime.feed_id)).first()
    rest_again(feed, rest_of(feed.user_id), now=now)
    return made is not None


def count_again(feed: Feed, span: Span, *, now: datetime) -> bool:
    """Count a time that was ignored, with the rest around it. Says whether it was."""
    found = count_touched(
        delete(IgnoredTime)
        .where(
            IgnoredTime.user_id == feed.user_id,
            IgnoredTime.feed_id == feed.id,
            IgnoredTime.starts_at == span.starts_at,
            IgnoredTime.ends_at == span.ends_at,
        )
        .execution_options(synchronize_session=False)
    )
    rest_again(feed, rest_of(feed.user_id), now=now)
    return bool(found)


def _forget(feed: Feed, covers: Span | None, *, now: datetime, forget: timedelta) -> None:
    gone = [FeedTime.ends_at < now - BEHIND, FeedTime.seen_at < now - forget]
    if covers is not None:
        since = min(covers.starts_at, now)
        gone.append(and_(FeedTime.starts_at >= since, FeedTime.starts_at < covers.ends_at))
    db.session.execute(
        delete(FeedTime)
        .where(FeedTime.user_id == feed.user_id, FeedTime.feed_id == feed.id, or_(*gone))
        .execution_options(synchronize_session=False)
    )
    db.session.execute(
        delete(IgnoredTime)
        .where(
            IgnoredTime.user_id == feed.user_id,
            IgnoredTime.feed_id == feed.id,
            IgnoredTime.ends_at < now - BEHIND,
        )
        .execution_options(synchronize_session=False)
    )


def _write(
    feed: Feed, rows: Iterable[tuple[Blocks, Span, Shift | None]], *, seen_at: datetime
) -> None:
    values = [
        {
            "user_id": feed.user_id,
            "feed_id": feed.id,
            "blocks": blocks,
            "starts_at": span.starts_at,
            "ends_at": span.ends_at,
            "shift": shift,
            "seen_at": seen_at,
        }
        for blocks, span, shift in rows
    ]
    if not values:
        return
    writing = insert(FeedTime)
    writing = writing.on_conflict_do_update(
        index_elements=["user_id", "feed_id", "blocks", "starts_at", "ends_at"],
        set_={"shift": writing.excluded.shift, "seen_at": writing.excluded.seen_at},
    )
    db.session.execute(writing, values)
