"""What calendars block, as the slots ask for it."""

from datetime import UTC, datetime, timedelta

from mentorship.foundation.database import db
from mentorship.scheduling.feeds import queries
from mentorship.scheduling.feeds.models import Feed, FeedTime
from mentorship.scheduling.slots import Span

NOW = datetime(2026, 3, 2, 18, tzinfo=UTC)
WEEK = timedelta(days=7)


def feed(who, **facts):
    made = Feed(
        user_id=who.user_id,
        name="Shifts",
        holds="shifts",
        all_day="busy",
        zone="America/Chicago",
        created_at=NOW,
        **{"read_at": NOW, "good_until": NOW + WEEK, **facts},
    )
    db.session.add(made)
    db.session.flush()
    return made


def taken(feed, starts_at, hours=1, *, blocks="busy", shift=None):
    row = FeedTime(
        user_id=feed.user_id,
        feed_id=feed.id,
        blocks=blocks,
        shift=shift,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=hours),
        seen_at=NOW,
    )
    db.session.add(row)
    db.session.flush()


def blocked(*who, since=NOW, until=NOW + WEEK, now=NOW):
    found = queries.busy_of([each.user_id for each in who], since=since, until=until, now=now)
    return sorted((each.user_id, each.span, each.why) for each in found)


def test_busy_times_shifts_and_rest_come_in_one_statement(mara, statements):
    one = feed(mara)
    taken(one, NOW + timedelta(hours=1))
    taken(one, NOW + timedelta(hours=5), 9, blocks="shift", shift="night")
    taken(one, NOW + timedelta(hours=14), 10, blocks="rest")

    with statements() as seen:
        found = blocked(mara)

    assert [why for _, _, why in found] == ["busy", "shift", "rest"]
    assert len(seen) == 1


def test_what_only_touches_the_span_is_not_in_it(mara):
    one = feed(mara)
    taken(one, NOW - timedelta(hours=1))
    taken(one, NOW + WEEK)

    assert blocked(mara) == []


def test_a_calendar_that_was_never_read_or_not_for_too_long_takes_all_of_the_time(
    lakeside, mara, sol
):
    feed(mara, read_at=None, good_until=None)
    feed(sol, good_until=NOW)

    whole = Span(NOW, NOW + WEEK)
    assert {(user_id, span, why) for user_id, span, why in blocked(mara, sol)} == {
        (mara.user_id, whole, "unread"),
        (sol.user_id, whole, "unread"),
    }


def test_somebody_without_calendars_is_not_blocked(mara, sol):
    feed(sol, good_until=NOW)

    assert blocked(mara) == []
