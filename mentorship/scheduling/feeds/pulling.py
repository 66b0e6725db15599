"""Reading calendars again and again, each in its turn and none at the cost of another.

Nothing here writes an address, or a word of a calendar, anywhere.
"""

import hashlib
import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, or_, select, update

from mentorship.accounts import users
from mentorship.audit import trail
from mentorship.foundation import clock, outbound, scope
from mentorship.foundation.database import db, transaction
from mentorship.foundation.outbound import Reach
from mentorship.foundation.queue import defer_each
from mentorship.foundation.settings import Settings
from mentorship.scheduling.feeds import addresses, child, clashes, fetching, keeping, sealing
from mentorship.scheduling.feeds.addresses import Address
from mentorship.scheduling.feeds.fetching import Answer, Failed, Refused
from mentorship.scheduling.feeds.kinds import AllDay, Blocks, Holds
from mentorship.scheduling.feeds.lines import TooMuch, Untrusted
from mentorship.scheduling.feeds.models import Feed, FeedDeed, FeedState
from mentorship.scheduling.feeds.reading import How, Reading
from mentorship.scheduling.feeds.shifts import Meaning
from mentorship.tenancy import queries as tenancy
from mentorship.tenancy.models import Membership

log = logging.getLogger(__name__)

#: How many calendars one round hands out.
A_ROUND = 500
#: A calendar that was handed out and not read comes up again after so long.
_AGAIN = timedelta(hours=1)
#: Seconds over which calendars with the same rhythm are spread.
_SPREAD = 45 * 60
_LONGEST_WAIT = timedelta(hours=24)
#: Changes whenever the same file would be read in another way.
_READER = "2"


@dataclass(frozen=True)
class _Asked:
    """What one pull needs to know of a calendar, outside any transaction."""

    user_id: UUID
    id: UUID
    address: Address
    how: How
    etag: str
    modified: str
    digest: str


@dataclass(frozen=True)
class _Pulled:
    """What a calendar's server has answered, and what was read; nothing where that is known."""

    answer: Answer
    digest: str
    found: Reading | None


def defer_due(*, now: datetime) -> int:
    """Have every calendar read whose turn it is. Says how many that are."""
    due = (
        select(Feed.user_id, Feed.id)
        .where(Feed.next_pull_at <= now)
        .order_by(Feed.next_pull_at)
        .limit(A_ROUND)
        .with_for_update(skip_locked=True)
        .subquery()
    )
    taken = db.session.execute(
        update(Feed)
        .where(Feed.user_id == due.c.user_id, Feed.id == due.c.id)
        .values(next_pull_at=now + _AGAIN)
        .returning(Feed.user_id, Feed.id)
        .execution_options(synchronize_session=False)
    ).all()
    if taken:
        defer_each("pull_feed", [{"user_id": str(u), "feed_id": str(f)} for u, f in taken])
    return len(taken)


def pull(user_id: UUID, feed_id: UUID, *, settings: Settings, now: datetime) -> None:
    """Read a calendar and keep what it says; where that fails, what was known stays.

    Does its own transactions: none is open while the other side takes its time.
    """
    with transaction():
        asked = _asked(user_id, feed_id, settings=settings, now=now)
    if asked is None:
        return
    pulled: _Pulled | None = None
    problem: Exception | None = None
    try:
        pulled = _fetched(asked, settings=settings, now=now)
    except (Refused, Failed, Untrusted) as no:
        problem = no
    with transaction():
        feed = _locked(user_id, feed_id)
        # Somebody has changed it meanwhile: what was read is of another calendar, or another way.
        if feed is None or how_of(feed) != asked.how or not _is_at(feed, asked, settings):
            return
        feed.tried_at = now
        if pulled is None:
            off = isinstance(problem, Refused | TooMuch)
            _failed(feed, str(problem), off=off, now=now)
        else:
            _take_in(feed, pulled, asked.address, settings=settings, now=now)


def took(feed: Feed, found: Reading, *, settings: Settings, now: datetime) -> None:
    """Keep a reading of a calendar, with what its owner is told of it.

    Where it newly takes the time of a booked meeting, both people of that are told.
    """
    before = clashes.of(feed.user_id, now=now)
    keeping.keep(feed, found, now=now, forget=timedelta(days=settings.feed_days))
    clashes.defer_new(feed.user_id, before, now=now)
    _good(feed, settings=settings, now=now)
    if found.covers is not None:
        feed.covers_from, feed.covers_until = found.covers.starts_at, found.covers.ends_at
    shifts = [each.shift for each in found.taken if each.blocks is Blocks.SHIFT]
    feed.counts = {
        "events": found.events,
        "unread": found.unread,
        "warnings": list(found.warnings[:10]),
        "busy": sum(each.blocks is Blocks.BUSY for each in found.taken),
        "shifts": {str(kind): shifts.count(kind) for kind in sorted({s for s in shifts if s})},
    }
    if feed.address is None and found.covers is not None:
        # A file does not age, it ends.
        feed.good_until = max(found.covers.ends_at, now + timedelta(days=settings.feed_days))


def tell_of_quiet(*, now: datetime) -> int:
    """Have the owners told whose calendars have kept their times from being offered. Once each."""
    never = and_(Feed.good_until.is_(None), Feed.failures > 0, Feed.created_at <= now - _AGAIN)
    quiet = select(Feed.user_id, Feed.id).where(
        or_(Feed.good_until <= now, never), Feed.told_at.is_(None)
    )
    found = db.session.execute(quiet).all()
    db.session.rollback()
    for user_id, feed_id in found:
        for chapter_id in tenancy.chapters_of(user_id):
            with scope.chapter(chapter_id), transaction():
                if _tell(user_id, feed_id, now=now):
                    break
    return len(found)


def how_of(feed: Feed) -> How:
    """How a calendar is read."""
    return How(
        zone=clock.zone(feed.zone),
        holds=Holds(feed.holds),
        all_day=AllDay(feed.all_day),
        rules=tuple((pattern, Meaning(meaning)) for pattern, meaning in feed.rules),
    )


def reach(settings: Settings) -> Reach:
    """What may be fetched here."""
    return outbound.reach(settings.feed_reach, environment=settings.environment)


def _asked(user_id: UUID, feed_id: UUID, *, settings: Settings, now: datetime) -> _Asked | None:
    feed = db.session.get(Feed, (user_id, feed_id))
    if feed is None or feed.address is None or feed.state == FeedState.OFF:
        return None
    try:
        sealed = sealing.open_sealed(feed.address, feed_id=feed.id, secrets=settings.secrets)
    except sealing.Sealed:
        _failed(
            feed, "Its address cannot be opened anymore. Please add it again.", off=True, now=now
        )
        return None
    # What is known of the last answer helps only while the same would be made of it.
    known = feed.digest.startswith(_manner(how_of(feed), now))
    return _Asked(
        user_id=user_id,
        id=feed_id,
        address=addresses.read(sealed),
        how=how_of(feed),
        etag=feed.etag if known else "",
        modified=feed.modified if known else "",
        digest=feed.digest if known else "",
    )


def _fetched(asked: _Asked, *, settings: Settings, now: datetime) -> _Pulled:
    """Ask a calendar's server, and read what it says where that is new.

    :raises Refused, TooMuch: it will not be otherwise the next time.
    :raises Failed, Untrusted: it may be otherwise the next time.
    """
    span = keeping.window(now)
    answer = fetching.fetch(
        asked.address.url,
        etag=asked.etag,
        modified=asked.modified,
        reach=reach(settings),
        query=asked.address.query(span),
    )
    if answer.body is None:
        if not asked.digest:
            raise Failed("The calendar's server says that nothing has changed, but was not asked.")
        return _Pulled(answer, asked.digest, None)
    digest = _digest(answer.body, asked.how, now)
    if digest == asked.digest:
        return _Pulled(answer, digest, None)
    found = child.read(answer.body, span, asked.how)
    if asked.address.is_server:
        # It was asked about all of this time, and what it does not name is free.
        found = replace(found, covers=span)
    return _Pulled(answer, digest, found)


def _take_in(
    feed: Feed, pulled: _Pulled, address: Address, *, settings: Settings, now: datetime
) -> None:
    if pulled.found is not None:
        took(feed, pulled.found, settings=settings, now=now)
    else:
        keeping.seen_again(feed, now=now)
        _good(feed, settings=settings, now=now)
    answer = pulled.answer
    feed.etag, feed.modified, feed.digest = answer.etag, answer.modified, pulled.digest
    if answer.moved_to and len(answer.moved_to) <= outbound.LONGEST:
        address = address._replace(url=answer.moved_to)
        feed.host = fetching.place(answer.moved_to, reach(settings)).host
    # With the secret of today, so that the one before can be forgotten.
    feed.address = sealing.seal(address.written(), feed_id=feed.id, secret=settings.secret_key)
    feed.next_pull_at = _next(feed, settings=settings, now=now)


def _is_at(feed: Feed, asked: _Asked, settings: Settings) -> bool:
    if feed.address is None:
        return False
    try:
        there = sealing.open_sealed(feed.address, feed_id=feed.id, secrets=settings.secrets)
    except sealing.Sealed:
        return False
    return addresses.read(there) == asked.address


def _locked(user_id: UUID, feed_id: UUID) -> Feed | None:
    """The calendar again, with its owner's time to oneself."""
    users.lock(user_id)
    return db.session.scalars(
        select(Feed)
        .where(Feed.user_id == user_id, Feed.id == feed_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


def _good(feed: Feed, *, settings: Settings, now: datetime) -> None:
    feed.state, feed.problem, feed.failures, feed.told_at = FeedState.GOOD, "", 0, None
    feed.read_at, feed.good_until = now, now + timedelta(days=settings.feed_days)


def _failed(feed: Feed, problem: str, *, off: bool, now: datetime) -> None:
    feed.state = FeedState.OFF if off else FeedState.FAILING
    feed.problem, feed.failures = problem, min(feed.failures + 1, 1000)
    wait = min(timedelta(hours=2 ** min(feed.failures - 1, 5)), _LONGEST_WAIT)
    feed.next_pull_at = None if off else now + wait
    log.info("calendar not read", extra={"feed": str(feed.id), "off": off})


def _next(feed: Feed, *, settings: Settings, now: datetime) -> datetime:
    spread = timedelta(seconds=feed.id.int % _SPREAD)
    return now + timedelta(hours=settings.feed_hours) + spread


def _digest(body: bytes, how: How, now: datetime) -> str:
    return _manner(how, now) + hashlib.sha256(body).hexdigest()


def _manner(how: How, now: datetime) -> str:
    """What makes the same file another reading: how it is read, and, as time goes on, when."""
    year, week, _ = now.isocalendar()
    said = repr((_READER, how.zone.key, how.holds, how.all_day, how.rules, year, week))
    return hashlib.sha256(said.encode()).hexdigest()[:16] + ":"


def _tell(user_id: UUID, feed_id: UUID, *, now: datetime) -> bool:
    """Note in the trail of this chapter that a calendar went quiet, unless it is no longer so."""
    feed = _locked(user_id, feed_id)
    here = db.session.scalars(
        select(Membership.id).where(Membership.user_id == user_id, Membership.left_at.is_(None))
    ).first()
    if feed is None or feed.told_at is not None or here is None:
        return False
    feed.told_at = now
    trail.record(FeedDeed.WENT_QUIET, feed, by=None, now=now, member_id=here)
    return True
