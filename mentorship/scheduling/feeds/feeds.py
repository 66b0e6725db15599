"""What a person can do with their calendars. Each is theirs in every chapter."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select

from mentorship.accounts import users
from mentorship.audit import trail
from mentorship.foundation import clock
from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours, Refusal
from mentorship.foundation.queue import defer
from mentorship.foundation.settings import Settings
from mentorship.foundation.text import clean
from mentorship.scheduling.feeds import child, fetching, keeping, pulling, sealing, shifts
from mentorship.scheduling.feeds.addresses import Address
from mentorship.scheduling.feeds.kinds import AllDay, Blocks, Holds
from mentorship.scheduling.feeds.lines import Untrusted
from mentorship.scheduling.feeds.models import Feed, FeedDeed, FeedState, FeedTime, RestRule
from mentorship.scheduling.feeds.rest import Rest
from mentorship.scheduling.feeds.shifts import Meaning, Rule
from mentorship.scheduling.slots import Span
from mentorship.tenancy.members import Member

#: Calendars of one person; more than anybody has.
MOST = 8
LONGEST_NAME = 60


class BadAddress(Refusal):
    """The address is of no kind that is read; the sentence says why."""


class BadPassword(Refusal):
    sentence = "A calendar on a server needs both your name there and the password."


class BadFile(Refusal):
    """The file cannot be trusted; the sentence says why."""


class TooMany(Refusal):
    sentence = f"You can have {MOST} calendars. Remove one that you do not need first."


class NoName(Refusal):
    sentence = "Give the calendar a name, so that you know it again."


class BadRule(Refusal):
    sentence = "Write a word or two of the title in each rule, with at least one letter or digit."


class TooManyRules(Refusal):
    sentence = f"Keep it to {shifts.MOST_RULES} rules."


class BadRest(Refusal):
    sentence = "Rest after a night can be up to 24 hours, and before a shift up to 12."


class NoSuchTime(Refusal):
    sentence = "The calendar has no such time anymore. Look at what it says now."


class NotAFile(Refusal):
    sentence = "This calendar is read from its address. Remove it first to use a file instead."


def add(
    *,
    name: str,
    address: str,
    holds: Holds,
    all_day: AllDay,
    by: Member,
    settings: Settings,
    now: datetime,
    user: str = "",
    password: str = "",
) -> Feed:
    """Have a calendar read from its address, now and from now on.

    Until it was read for the first time, no times of its owner are offered. With a name and a
    password it is a calendar on a CalDAV server, which says when it is busy and nothing else.

    :raises BadAddress: nothing of that form is fetched.
    :raises BadPassword: there is a name without a password, or they cannot be sent.
    :raises TooMany, NoName: there are too many, or it has no name.
    """
    try:
        place = fetching.place(address, pulling.reach(settings))
    except fetching.Refused as no:
        raise BadAddress(str(no)) from no
    if bool(user) != bool(password) or ":" in user or any(each < " " for each in user + password):
        raise BadPassword
    at = Address(place.url, user, password)
    if at.is_server:
        holds = Holds.BUSY
    feed = _made(name=name, holds=holds, all_day=all_day, by=by, now=now)
    feed.address = sealing.seal(at.written(), feed_id=feed.id, secret=settings.secret_key)
    feed.host = place.host
    _pull_soon(feed, now=now)
    trail.record(FeedDeed.ADDED, feed, by=by, now=now)
    return feed


def upload(
    *,
    name: str,
    content: bytes,
    holds: Holds,
    all_day: AllDay,
    by: Member,
    settings: Settings,
    now: datetime,
    feed_id: UUID | None = None,
) -> Feed:
    """Read a calendar from a file: a new one, or a newer file of one. The file is not kept.

    :raises BadFile: it cannot be trusted.
    :raises NotAFile: the calendar is one that is read from its address.
    :raises NotYours: there is no such calendar of `by`.
    :raises TooMany, NoName: there are too many, or it has no name.
    """
    if feed_id is None:
        feed = _made(name=name, holds=holds, all_day=all_day, by=by, now=now)
    else:
        feed = of(by, feed_id)
        if feed.address is not None:
            raise NotAFile
    try:
        found = child.read(content, keeping.window(now), pulling.how_of(feed))
    except Untrusted as no:
        raise BadFile(str(no)) from no
    users.lock(by.user_id)
    pulling.took(feed, found, settings=settings, now=now)
    feed.tried_at = now
    trail.record(FeedDeed.UPLOADED, feed, by=by, now=now, events=found.events)
    return feed


def change(
    feed_id: UUID,
    *,
    name: str,
    holds: Holds,
    all_day: AllDay,
    zone: str,
    rules: Sequence[Rule],
    by: Member,
    now: datetime,
) -> Feed:
    """Say anew what a calendar holds and how it is read; it is read again for that.

    What is known of a file stays as it is until it is uploaded again.

    :raises NotYours: there is no such calendar of `by`.
    :raises NoName, BadRule, TooManyRules, users.NoSuchZone: it cannot stand like that.
    """
    feed = of(by, feed_id)
    if zone not in clock.zones():
        raise users.NoSuchZone
    feed.name, feed.zone = _name(name), zone
    feed.holds, feed.all_day, feed.rules = holds, all_day, _rules(rules)
    if feed.address is not None:
        _pull_soon(feed, now=now)
    trail.record(FeedDeed.CHANGED, feed, by=by, now=now, rules=len(feed.rules))
    return feed


def read_now(feed_id: UUID, *, by: Member, now: datetime) -> Feed:
    """Read a calendar that failed or was switched off once more, at its owner's word.

    :raises NotYours: there is no such calendar of `by`.
    """
    feed = of(by, feed_id)
    if feed.address is not None:
        _pull_soon(feed, now=now)
        trail.record(FeedDeed.CHANGED, feed, by=by, now=now, rules=len(feed.rules))
    return feed


def remove(feed_id: UUID, *, by: Member, now: datetime) -> None:
    """Forget a calendar and every time that was read from it.

    :raises NotYours: there is no such calendar of `by`.
    """
    feed = of(by, feed_id)
    trail.record(FeedDeed.REMOVED, feed, by=by, now=now)
    db.session.execute(delete(Feed).where(Feed.user_id == by.user_id, Feed.id == feed.id))


def ignore(feed_id: UUID, span: Span, *, by: Member, now: datetime) -> None:
    """Do not count one time of a calendar, nor rest around it, as long as it stays as it is.

    It is known by its start and end: one that moves is another, and counts.

    :raises NotYours: there is no such calendar of `by`.
    :raises NoSuchTime: the calendar does not say so, or no longer.
    """
    feed = of(by, feed_id)
    known = select(FeedTime.blocks).where(
        FeedTime.user_id == by.user_id,
        FeedTime.feed_id == feed_id,
        FeedTime.starts_at == span.starts_at,
        FeedTime.ends_at == span.ends_at,
        FeedTime.blocks != Blocks.REST,
    )
    if db.session.execute(known).first() is None:
        raise NoSuchTime
    if keeping.ignore(feed, span, now=now):
        trail.record(FeedDeed.IGNORED, feed, by=by, now=now)


def count(feed_id: UUID, span: Span, *, by: Member, now: datetime) -> None:
    """Count a time of a calendar again that was ignored. Where it was not, nothing happens.

    :raises NotYours: there is no such calendar of `by`.
    """
    feed = of(by, feed_id)
    if keeping.count_again(feed, span, now=now):
        trail.record(FeedDeed.COUNTED, feed, by=by, now=now)


def set_rest(rest: Rest, *, by: Member, now: datetime) -> None:
    """Say how `by` wants to rest around shifts; every calendar of shifts follows at once.

    :raises BadRest: it is longer than makes sense.
    """
    if not (0 <= rest.after_hours <= 24 and 0 <= rest.before_minutes <= 720):
        raise BadRest
    users.lock(by.user_id)
    db.session.merge(
        RestRule(
            user_id=by.user_id,
            after_hours=rest.after_hours,
            not_before=rest.not_before.replace(tzinfo=None),
            before_minutes=rest.before_minutes,
        )
    )
    db.session.flush()
    for feed in db.session.scalars(select(Feed).where(Feed.user_id == by.user_id)):
        keeping.rest_again(feed, rest, now=now)
    trail.record(FeedDeed.REST_SET, by, by=by, now=now, after_hours=rest.after_hours)


def of(member: Member, feed_id: UUID) -> Feed:
    """A calendar of this person, to be changed.

    :raises NotYours: there is none with this id.
    """
    users.lock(member.user_id)
    found = db.session.get(Feed, (member.user_id, feed_id), populate_existing=True)
    if found is None:
        raise NotYours
    return found


def _made(*, name: str, holds: Holds, all_day: AllDay, by: Member, now: datetime) -> Feed:
    users.lock(by.user_id)
    count = select(func.count()).select_from(Feed).where(Feed.user_id == by.user_id)
    if db.session.execute(count).scalar_one() >= MOST:
        raise TooMany
    feed = Feed(
        user_id=by.user_id,
        name=_name(name),
        holds=holds,
        all_day=all_day,
        zone=by.zone,
        created_at=now,
    )
    db.session.add(feed)
    db.session.flush()
    return feed


def _pull_soon(feed: Feed, *, now: datetime) -> None:
    """Have it read at once, and whole."""
    feed.etag = feed.modified = feed.digest = ""
    if feed.state == FeedState.OFF:
        feed.state = FeedState.FAILING
    feed.next_pull_at = now
    defer(
        "pull_feed",
        lock=f"feed {feed.id}",
        user_id=str(feed.user_id),
        feed_id=str(feed.id),
    )


def _name(name: str) -> str:
    plain = clean(name)[:LONGEST_NAME]
    if not plain:
        raise NoName
    return plain


def _rules(rules: Sequence[Rule]) -> list[list[str]]:
    if len(rules) > shifts.MOST_RULES:
        raise TooManyRules
    kept = []
    for pattern, meaning in rules:
        plain = " ".join(clean(pattern).split())[: shifts.LONGEST_PATTERN]
        if not any(letter.isalnum() for letter in plain):
            raise BadRule
        kept.append([plain, Meaning(meaning).value])
    return kept
