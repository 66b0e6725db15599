"""Reading calendars again and again: what is kept, what stays, and what its owner is told."""

import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, text

from mentorship.audit.models import AuditEvent
from mentorship.foundation import scope
from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours
from mentorship.scheduling.feeds import feeds, keeping, pulling, queries, sealing
from mentorship.scheduling.feeds.kinds import AllDay, Holds
from mentorship.scheduling.feeds.models import Feed, FeedState, FeedTime
from mentorship.scheduling.feeds.rest import Rest
from mentorship.scheduling.slots import Span
from tests.conftest import words
from tests.scheduling.feeds.reads import calendar
from tests.scheduling.feeds.servers import answer, serving

NOW = datetime(2026, 3, 2, 18, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def stamp(at):
    return f"{at:%Y%m%dT%H%M%S}Z"


def event(at, hours=1, title="canary-title", **more):
    lines = [f"DTSTART:{stamp(at)}", f"DTEND:{stamp(at + hours * HOUR)}", f"SUMMARY:{title}"]
    return "\n".join([*lines, *(f"{name}:{value}" for name, value in more.items())])


TOMORROW, LATER = NOW + DAY, NOW + 20 * DAY
TWO = calendar(event(TOMORROW), event(LATER))


@pytest.fixture
def here(settings):
    """Settings with which this machine's own servers may be asked."""
    return replace(settings, feed_reach="loopback")


@pytest.fixture
def server():
    with serving(answer(TWO, 'ETag: "one"')) as server:
        yield server


@pytest.fixture
def link(mara, inside, here, server, now):
    """Mara's calendar at the server: `link()`."""

    def link(holds=Holds.BUSY, **more):
        with inside(mara):
            return feeds.add(
                name="Mine",
                address=server.url,
                holds=holds,
                all_day=AllDay.BUSY,
                by=mara,
                settings=here,
                now=NOW,
                **more,
            ).id

    return link


@pytest.fixture
def pull(mara, here):
    def pull(feed_id, at=NOW):
        pulling.pull(mara.user_id, feed_id, settings=here, now=at)
        return kept(feed_id)

    return pull


def kept(feed_id):
    found = db.session.scalars(select(Feed).where(Feed.id == feed_id)).one()
    db.session.commit()
    return found


def taken(blocks="busy"):
    rows = select(FeedTime.starts_at).where(FeedTime.blocks == blocks)
    found = list(db.session.scalars(rows.order_by(FeedTime.starts_at)))
    db.session.commit()
    return found


def says(server, *events, headers=()):
    server.speak = answer(calendar(*events), *headers)


def test_a_calendar_is_read_and_offers_its_owners_times_from_then_on(mara, link, pull):
    feed_id = link()
    assert [each.why for each in blocked(mara)] == ["unread"]

    feed = pull(feed_id)

    assert (feed.state, feed.problem, feed.read_at) == (FeedState.GOOD, "", NOW)
    assert taken() == [TOMORROW, LATER]
    assert [each.why for each in blocked(mara)] == ["busy"]
    assert feed.next_pull_at >= NOW + 6 * HOUR


def blocked(who, now=NOW):
    found = queries.busy_of([who.user_id], since=now, until=now + 7 * DAY, now=now)
    db.session.commit()
    return found


def test_what_has_not_changed_is_not_read_again_and_is_as_fresh_as_now(
    link, pull, server, monkeypatch
):
    feed_id = link()
    pull(feed_id)
    server.speak = answer(b"", status="304 Not Modified")
    monkeypatch.setattr(pulling.child, "read", None)

    feed = pull(feed_id, NOW + 6 * HOUR)

    assert server.header("if-none-match") == ["", '"one"']
    assert feed.read_at == NOW + 6 * HOUR
    assert set(db.session.scalars(select(FeedTime.seen_at))) == {NOW + 6 * HOUR}


def test_the_same_file_without_a_mark_is_not_read_again_either(link, pull, server, monkeypatch):
    server.speak = answer(TWO)
    feed_id = link()
    pull(feed_id)
    monkeypatch.setattr(pulling.child, "read", None)

    assert pull(feed_id, NOW + 6 * HOUR).state == FeedState.GOOD


def test_it_is_read_again_when_time_has_gone_on_or_it_is_to_be_read_otherwise(
    mara, link, pull, server, inside
):
    feed_id = link()
    pull(feed_id)
    pull(feed_id, NOW + 8 * DAY)
    with inside(mara):
        feeds.change(
            feed_id,
            name="Mine",
            holds=Holds.SHIFTS,
            all_day=AllDay.BUSY,
            zone="America/Chicago",
            rules=[],
            by=mara,
            now=NOW,
        )
    pull(feed_id, NOW + 8 * DAY)

    assert server.header("if-none-match") == ["", "", ""]
    assert taken("shift")


@pytest.mark.parametrize(
    "speak",
    [
        answer(b"", status="500 Oops"),
        answer(b"<html>Please sign in</html>"),
        answer(TWO[:-40]),
        answer(TWO, length=9_999),
        answer(b""),
        answer(b"", status="404 Not Found"),
    ],
    ids=["error", "page", "cut", "stopped", "nothing", "gone"],
)
def test_after_a_bad_answer_what_was_known_stays(mara, link, pull, server, speak):
    feed_id = link()
    pull(feed_id)
    server.speak = speak

    feed = pull(feed_id, NOW + 6 * HOUR)

    assert (feed.state, feed.read_at, feed.failures) == (FeedState.FAILING, NOW, 1)
    assert feed.problem.endswith(".")
    assert taken() == [TOMORROW, LATER]
    assert feed.next_pull_at == NOW + 7 * HOUR
    # After a week nobody knows what has changed, and nothing is offered.
    assert [each.why for each in blocked(mara, NOW + 7 * DAY)] == ["unread"]


def test_a_calendar_that_is_empty_takes_nothing_away_at_once(link, pull, server):
    feed_id = link()
    pull(feed_id)
    says(server)

    pull(feed_id, NOW + HOUR)
    assert taken() == [TOMORROW, LATER]

    # A week of whole answers without it is an answer.
    pull(feed_id, NOW + 8 * DAY)
    assert taken() == []


def test_only_the_time_that_an_answer_speaks_for_is_replaced(link, pull, server):
    feed_id = link()
    pull(feed_id)
    moved = TOMORROW + 3 * HOUR
    says(server, event(moved))

    pull(feed_id, NOW + HOUR)

    assert taken() == [moved, LATER]


def test_a_night_that_a_feed_of_the_future_no_longer_shows_still_ends_with_rest(link, pull, server):
    night = NOW - 12 * HOUR
    says(server, event(night, hours=9))
    feed_id = link(Holds.SHIFTS)
    pull(feed_id, NOW - HOUR)
    says(server, event(LATER, hours=8))

    pull(feed_id, NOW)

    assert taken("shift") == [night, LATER]
    assert night + 9 * HOUR in taken("rest")


def test_a_calendar_that_hurts_is_switched_off_and_says_why(link, pull, server):
    feed_id = link()
    server.speak = answer(b"BEGIN:VCALENDAR\r\n" + b"x" * 9_000_000)

    feed = pull(feed_id)

    assert (feed.state, feed.next_pull_at) == (FeedState.OFF, None)
    assert "larger" in feed.problem
    asked = len(server.asked)
    pull(feed_id, NOW + HOUR)
    assert len(server.asked) == asked


def test_a_rule_that_burns_time_is_stopped_from_outside(link, pull, server, monkeypatch):
    monkeypatch.setattr(pulling.child, "PATIENCE", 0.001)
    feed = pull(link())

    assert feed.state == FeedState.OFF
    assert "too long" in feed.problem


def test_calendars_are_handed_out_when_it_is_their_turn_and_once(link, now, work):
    link()

    assert pulling.defer_due(now=NOW) == 1
    assert pulling.defer_due(now=NOW) == 0
    assert pulling.defer_due(now=NOW + 2 * HOUR) == 1


def test_in_the_product_itself_this_machine_is_never_asked(link, server, work, now):
    link_id = link()

    work()

    feed = kept(link_id)
    assert server.asked == []
    assert (feed.state, feed.problem) == (
        FeedState.OFF,
        "The address has to begin with https:// or webcal://.",
    )


def test_an_address_is_a_secret_in_the_database_the_log_and_the_trail(
    link, pull, server, caplog, inside, mara
):
    caplog.set_level(logging.DEBUG)
    feed_id = link()
    server.speak = answer(b"canary-body")
    feed = pull(feed_id)
    pull(feed_id)

    assert "canary" in server.url
    assert b"canary" not in feed.address
    everything = db.session.execute(
        text(
            "SELECT (SELECT json_agg(f) FROM calendar_feeds f)::text"
            " || coalesce((SELECT json_agg(t) FROM feed_times t)::text, '')"
            " || (SELECT json_agg(j) FROM procrastinate_jobs j)::text"
        )
    ).scalar_one()
    db.session.commit()
    with inside(mara):
        trail = [str(each.facts) for each in db.session.scalars(select(AuditEvent))]
    assert "canary" not in everything + caplog.text + "".join(trail)


def test_titles_never_reach_the_database_or_the_log(link, pull, server, caplog):
    caplog.set_level(logging.DEBUG)
    says(
        server,
        event(TOMORROW, 9, "canary-patient", LOCATION="canary-ward", ATTENDEE="canary@example.org"),
        "SUMMARY:canary-broken\nDTSTART:canary-time",
    )
    feed_id = link(Holds.SHIFTS)
    feed = pull(feed_id)

    rows = db.session.execute(text("SELECT json_agg(t)::text FROM feed_times t")).scalar_one()
    assert feed.counts["unread"] == 1
    assert "canary" not in rows + str(feed.counts) + feed.problem + caplog.text


def test_a_sealed_address_opens_for_its_own_feed_and_secret_only(link, settings):
    feed = kept(link())
    good = {"feed_id": feed.id, "secrets": settings.secrets}

    assert "canary" in sealing.open_sealed(feed.address, **good)
    others = ("another secret of the right length ...",)
    for bad in ({"feed_id": UUID(int=1)}, {"secrets": others}):
        with pytest.raises(sealing.Sealed):
            sealing.open_sealed(feed.address, **(good | bad))
    with pytest.raises(sealing.Sealed):
        sealing.open_sealed(feed.address[:-1], **good)
    # A new secret opens it as long as the old one is known.
    renewed = (*others, *settings.secrets)
    assert "canary" in sealing.open_sealed(feed.address, feed_id=feed.id, secrets=renewed)


def test_a_reading_seals_the_address_anew_so_that_the_old_secret_can_go(link, mara, here):
    feed, before = kept(link()), "the-secret-of-the-year-before-this-one"
    address = sealing.open_sealed(feed.address, feed_id=feed.id, secrets=here.secrets)
    feed.address = sealing.seal(address, feed_id=feed.id, secret=before)
    db.session.commit()
    renewed = replace(here, secret_key_fallbacks=before)
    pulling.pull(mara.user_id, feed.id, settings=renewed, now=NOW)

    feed = kept(feed.id)
    assert feed.state == FeedState.GOOD
    assert sealing.open_sealed(feed.address, feed_id=feed.id, secrets=here.secrets) == address


def test_what_moved_for_good_is_asked_there_from_then_on(link, pull, server):
    with serving(answer(TWO)) as other:
        server.speak = answer(b"", f"Location: {other.url}", status="301 Moved")
        feed_id = link()
        pull(feed_id)
        pull(feed_id, NOW + HOUR)

    assert (len(server.asked), len(other.asked)) == (1, 2)


def test_the_owner_is_told_once_that_times_are_not_offered(
    mara, link, pull, server, work, tray, at
):
    feed_id = link()
    pull(feed_id)
    server.speak = answer(b"", status="500 Oops")
    pull(feed_id, NOW + 6 * DAY)
    db.session.execute(text("DELETE FROM procrastinate_jobs"))
    db.session.commit()
    at(NOW + 7 * DAY)

    assert pulling.tell_of_quiet(now=NOW + 7 * DAY) == 1
    assert pulling.tell_of_quiet(now=NOW + 7 * DAY) == 0
    work()

    [mail] = tray.to(mara.email)
    assert "Mine" in mail["Subject"]
    assert "canary" not in words(mail)
    assert "error (500)" in words(mail)


def test_a_file_is_read_at_once_and_lasts_as_long_as_it_says(mara, inside, here, now):
    content = calendar(event(TOMORROW), event(NOW + 40 * DAY))
    with inside(mara):
        feed = feeds.upload(
            name="File",
            content=content,
            holds=Holds.BUSY,
            all_day=AllDay.BUSY,
            by=mara,
            settings=here,
            now=NOW,
        )

    assert feed.good_until == NOW + 40 * DAY + HOUR
    assert (feed.state, feed.next_pull_at) == (FeedState.GOOD, None)
    assert taken() == [TOMORROW, NOW + 40 * DAY]


def test_a_file_that_cannot_be_trusted_changes_nothing(mara, inside, here, now):
    scope.enter(mara.chapter_id)
    with pytest.raises(feeds.BadFile, match="cut off"):
        feeds.upload(
            name="File",
            content=TWO[:-30],
            holds=Holds.BUSY,
            all_day=AllDay.BUSY,
            by=mara,
            settings=here,
            now=NOW,
        )
    scope.leave()

    assert db.session.scalars(select(Feed)).all() == []


def test_rest_follows_at_once_when_somebody_wants_another(mara, inside, link, pull, server, now):
    night = NOW + DAY + 11 * HOUR  # eleven in the evening in Chicago
    says(server, event(night, hours=8))
    feed_id = link(Holds.SHIFTS)
    pull(feed_id)
    assert night - 2 * HOUR in taken("rest")

    with inside(mara):
        feeds.set_rest(Rest(24, NOW.time(), 60), by=mara, now=NOW)

    assert taken("rest") == [night - HOUR, night + 8 * HOUR]


def test_what_is_removed_leaves_nothing(mara, inside, link, pull, now):
    feed_id = link()
    pull(feed_id)

    with inside(mara):
        feeds.remove(feed_id, by=mara, now=NOW)

    assert blocked(mara) == []
    assert taken() == []


def test_a_calendar_is_its_owners_alone(mara, sol, inside, link, now):
    feed_id = link()

    with inside(sol), pytest.raises(NotYours):
        feeds.remove(feed_id, by=sol, now=NOW)


def test_a_calendar_that_was_changed_while_it_was_read_is_not_written(
    mara, link, here, inside, monkeypatch
):
    feed_id = link()
    real = pulling.child.read

    def slow(*args):
        found = real(*args)
        with inside(mara):
            feeds.remove(feed_id, by=mara, now=NOW)
        return found

    monkeypatch.setattr(pulling.child, "read", slow)
    pulling.pull(mara.user_id, feed_id, settings=here, now=NOW)

    assert taken() == []


def test_the_window_reaches_further_than_anybody_may_book():
    assert keeping.window(NOW).covers(Span(NOW, NOW + timedelta(weeks=24)))
