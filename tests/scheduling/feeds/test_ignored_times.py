"""A time of a calendar that its owner says not to count, and counts again."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from mentorship.foundation.database import db
from mentorship.scheduling.feeds import feeds, pulling, queries
from mentorship.scheduling.feeds.kinds import AllDay, Holds
from mentorship.scheduling.feeds.models import IgnoredTime
from mentorship.scheduling.feeds.reading import Reading
from mentorship.scheduling.slots import Span
from tests import make
from tests.scheduling.feeds.reads import calendar

NOW = datetime(2026, 3, 2, 18, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
#: A night in Chicago, from eleven to seven.
NIGHT = Span(datetime(2026, 3, 5, 5, tzinfo=UTC), datetime(2026, 3, 5, 13, tzinfo=UTC))
LATER = Span(NIGHT.starts_at + 9 * DAY, NIGHT.ends_at + 9 * DAY)
PAGE = "/c/lakeside/hours/calendars"


def event(span):
    return f"DTSTART:{span.starts_at:%Y%m%dT%H%M%SZ}\nDTEND:{span.ends_at:%Y%m%dT%H%M%SZ}"


@pytest.fixture
def read(mara, inside, settings, now):
    """Mara's shifts, uploaded or uploaded again: `read(span, …)`."""
    known = {}

    def read(*spans):
        with inside(mara):
            known["feed_id"] = feeds.upload(
                name="Mine",
                content=calendar(*map(event, spans)),
                holds=Holds.SHIFTS,
                all_day=AllDay.BUSY,
                by=mara,
                settings=settings,
                now=NOW,
                **known,
            ).id
        return known["feed_id"]

    return read


@pytest.fixture
def mark(mara, inside):
    def mark(verb, feed_id, span):
        with inside(mara):
            verb(feed_id, span, by=mara, now=NOW)

    return mark


def blocked(who):
    found = queries.busy_of([who.user_id], since=NOW, until=NOW + 20 * DAY, now=NOW)
    db.session.commit()
    return sorted({(each.why, each.span.starts_at) for each in found})


def of_one(span):
    """The shift, and rest before and after it."""
    return [
        ("rest", span.starts_at - 2 * HOUR),
        ("rest", span.ends_at),
        ("shift", span.starts_at),
    ]


def test_neither_it_nor_its_rest_is_in_the_way_and_undone_both_are(mara, read, mark):
    feed_id = read(NIGHT, LATER)
    everything = sorted(of_one(NIGHT) + of_one(LATER))
    assert blocked(mara) == everything

    mark(feeds.ignore, feed_id, NIGHT)
    assert blocked(mara) == of_one(LATER)

    mark(feeds.count, feed_id, NIGHT)
    assert blocked(mara) == everything


def test_it_survives_the_next_reading_as_long_as_it_is_the_same(mara, read, mark):
    mark(feeds.ignore, read(NIGHT, LATER), NIGHT)

    read(NIGHT, LATER)
    assert blocked(mara) == of_one(LATER)

    longer = Span(NIGHT.starts_at, NIGHT.ends_at + HOUR)
    read(longer, LATER)
    assert ("shift", NIGHT.starts_at) in blocked(mara)

    read(NIGHT, LATER)
    assert blocked(mara) == of_one(LATER)


def test_only_what_the_calendar_says_can_be_ignored(read, mark, mara, sol, inside):
    feed_id = read(NIGHT)
    for wrong in (LATER, Span(NIGHT.ends_at, NIGHT.ends_at + 10 * HOUR)):
        with pytest.raises(feeds.NoSuchTime):
            mark(feeds.ignore, feed_id, wrong)
    with inside(sol), pytest.raises(feeds.NotYours):
        feeds.ignore(feed_id, NIGHT, by=sol, now=NOW)


def test_what_is_over_is_forgotten(read, mark, settings, mara, inside):
    feed_id = read(NIGHT, LATER)
    mark(feeds.ignore, feed_id, NIGHT)
    with inside(mara):
        feed = feeds.of(mara, feed_id)
        read_later = Reading((), None, 1, 0, ())
        pulling.took(feed, read_later, settings=settings, now=NIGHT.ends_at + 4 * DAY)

    assert db.session.scalar(select(func.count()).select_from(IgnoredTime)) == 0


def test_a_calendar_that_is_removed_takes_it_along(read, mark, mara, inside):
    feed_id = read(NIGHT)
    mark(feeds.ignore, feed_id, NIGHT)
    with inside(mara):
        feeds.remove(feed_id, by=mara, now=NOW)

    assert db.session.scalar(select(func.count()).select_from(IgnoredTime)) == 0


def test_on_the_page_it_is_ignored_and_counted_again(read, sign_in, mara):
    client = sign_in(mara)
    path = f"{PAGE}/{read(NIGHT)}/times"
    this = {"starts_at": NIGHT.starts_at.isoformat(), "ends_at": NIGHT.ends_at.isoformat()}
    assert "Wed, Mar 4, 11:00 PM CST to Thu, Mar 5, 7:00 AM CST" in client.get(path).text

    assert client.post(f"{path}/ignoring", data=this).location == path
    assert "Count it again" in client.get(path).text
    assert blocked(mara) == []

    assert client.post(f"{path}/counting", data=this).status_code == 303
    assert "Count it again" not in client.get(path).text
    assert blocked(mara) == of_one(NIGHT)


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"starts_at": "soon", "ends_at": "later"},
        {"starts_at": "2026-03-05T05:00", "ends_at": "2026-03-05T13:00"},
        {"starts_at": "2026-03-05T13:00Z", "ends_at": "2026-03-05T05:00Z"},
        {"starts_at": "2026-03-05T05:00Z", "ends_at": "2026-03-05T05:30Z"},
    ],
    ids=["nothing", "words", "no zone", "backwards", "another"],
)
def test_a_time_that_is_not_there_comes_back_in_words(read, sign_in, mara, wrong):
    answer = sign_in(mara).post(f"{PAGE}/{read(NIGHT)}/times/ignoring", data=wrong)

    assert answer.status_code == 422
    assert "The calendar has no such time anymore." in answer.text


def test_times_are_shown_a_page_at_a_time_in_as_many_statements(read, sign_in, mara, statements):
    days = [Span(NIGHT.starts_at + n * DAY, NIGHT.starts_at + n * DAY + HOUR) for n in range(70)]
    path = f"{PAGE}/{read(*days)}/times"
    client = sign_in(mara)
    seen, address, counts = [], path, []
    while address:
        with statements() as asked:
            page = client.get(address).text
        counts.append(len(asked))
        seen.append(page.count(">Ignore<"))
        later = page.partition(f'href="{path}?since=')[2].partition('"')[0]
        address = f"{path}?since={later}" if later else ""

    assert seen == [30, 30, 10]
    assert max(counts) <= 4


def test_nobody_else_sees_or_changes_it(read, sign_in, lakeside, mara):
    path = f"{PAGE}/{read(NIGHT)}/times"
    other = sign_in(make.mentor(lakeside, "Dr. Other"))

    assert other.get(path).status_code == 404
    assert other.post(f"{path}/ignoring").status_code == 404
    assert other.post(f"{path}/counting").status_code == 404
