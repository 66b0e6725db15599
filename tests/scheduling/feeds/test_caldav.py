"""A calendar on a CalDAV server: asked when it is busy, and told to nobody else who asks."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import caldav
import pytest
from sqlalchemy import select, text

from mentorship.foundation.database import db
from mentorship.foundation.outbound import Reach
from mentorship.scheduling.feeds import addresses, feeds, fetching, keeping, pulling
from mentorship.scheduling.feeds.addresses import Address
from mentorship.scheduling.feeds.fetching import Failed, Refused
from mentorship.scheduling.feeds.kinds import AllDay, Holds
from mentorship.scheduling.feeds.models import Feed, FeedState, FeedTime
from tests.processes import free_port
from tests.scheduling.feeds.reads import calendar
from tests.scheduling.feeds.servers import answer, serving
from tests.scheduling.test_calendar_programs import answering

NOW = datetime(2026, 3, 2, 18, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HERE = Reach(plain_http=True, loopback=True)
WHO = {"user": "mara", "password": "canary-pass: ä"}
PAGE = "/c/lakeside/hours/calendars"


@dataclass
class Shelf:
    """A calendar on a server, with the client that its owner fills it with."""

    calendar: caldav.Calendar

    @property
    def url(self) -> str:
        return str(self.calendar.url)

    def put(self, at: datetime, hours: float = 1, more: str = "") -> caldav.Event:
        ends = at + hours * HOUR
        event = (
            f"UID:{at:%Y%m%dT%H%M}@example.org\nDTSTAMP:20260301T000000Z\nSUMMARY:canary\n"
            f"DTSTART:{at:%Y%m%dT%H%M%S}Z\nDTEND:{ends:%Y%m%dT%H%M%S}Z\n{more}"
        )
        return self.calendar.save_event(calendar(event).decode())


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    """Radicale on loopback, which wants a name and a password."""
    port = free_port()
    (tmp_path / "users").write_text(f"{WHO['user']}:{WHO['password']}\n", "utf-8")
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "radicale", "--hosts", f"127.0.0.1:{port}"),
            *("--storage-filesystem-folder", str(tmp_path / "radicale")),
            *("--auth-type", "htpasswd", "--auth-htpasswd-filename", str(tmp_path / "users")),
            *("--auth-htpasswd-encryption", "plain", "--auth-delay", "0"),
            *("--logging-level", "error"),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        answering(port)
        client = caldav.DAVClient(
            f"http://127.0.0.1:{port}/",
            username=WHO["user"],
            password=WHO["password"].encode(),
            timeout=30,
        )
        yield Shelf(client.principal().make_calendar(name="Mine"))
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture
def link(mara, inside, settings, now):
    here = replace(settings, feed_reach="loopback")

    def link(url, **who):
        with inside(mara):
            return feeds.add(
                name="Mine",
                address=url,
                holds=Holds.SHIFTS,
                all_day=AllDay.BUSY,
                by=mara,
                settings=here,
                now=NOW,
                **(who or WHO),
            ).id

    def pull(feed_id, at=NOW):
        pulling.pull(mara.user_id, feed_id, settings=here, now=at)
        found = db.session.scalars(select(Feed).where(Feed.id == feed_id)).one()
        db.session.commit()
        return found

    link.pull = pull
    return link


def taken():
    rows = select(FeedTime.starts_at, FeedTime.ends_at, FeedTime.blocks)
    found = [tuple(row) for row in db.session.execute(rows.order_by(FeedTime.starts_at))]
    db.session.commit()
    return found


def test_what_a_server_says_is_busy_is_busy_and_nothing_else(shelf, link):
    one, late = NOW + DAY, NOW + 30 * DAY
    shelf.put(one)
    gone = shelf.put(late, 2, "RRULE:FREQ=WEEKLY;COUNT=2")
    shelf.put(NOW + 3 * DAY, more="TRANSP:TRANSPARENT")
    shelf.put(NOW + 4 * DAY, more="STATUS:CANCELLED")
    feed_id = link(shelf.url)

    feed = link.pull(feed_id)

    weekly = [(late + n * 7 * DAY, late + n * 7 * DAY + 2 * HOUR, "busy") for n in (0, 1)]
    assert (feed.state, feed.problem, feed.holds) == (FeedState.GOOD, "", "busy")
    assert taken() == [(one, one + HOUR, "busy"), *weekly]

    # It speaks for all of the time that it was asked about: what is gone is free at once.
    gone.delete()
    link.pull(feed_id, NOW + HOUR)
    assert taken() == [(one, one + HOUR, "busy")]


def test_a_wrong_password_is_told_and_what_was_known_stays(shelf, link):
    shelf.put(NOW + DAY)
    feed_id = link(shelf.url)
    link.pull(feed_id)
    wrong = link(shelf.url, user="mara", password="canary-wrong")

    feed = link.pull(wrong)

    assert feed.state == FeedState.FAILING
    assert feed.problem == "The server does not take this name and password."
    assert len(taken()) == 1


def test_what_is_asked_and_that_nobody_else_is():
    span = keeping.window(NOW)
    query = Address("https://example.org/", **WHO).query(span)
    with (
        serving(answer(calendar())) as other,
        serving(answer(b"", f"Location: {other.url}", status="301 Moved")) as first,
        pytest.raises(Refused, match="must not learn your password"),
    ):
        fetching.fetch(first.url, reach=HERE, query=query)
    assert other.asked == []
    [asked] = first.asked
    assert asked.startswith(b"REPORT /")
    assert b"Depth: 1" in asked
    assert f'start="{span.starts_at:%Y%m%dT%H%M%SZ}"'.encode() in query.body


@pytest.mark.parametrize("status", ["400 Bad", "405 Not Allowed", "501 Not Implemented"])
def test_a_server_that_offers_no_free_busy_is_told(status):
    query = Address("https://example.org/", **WHO).query(keeping.window(NOW))
    with (
        serving(answer(b"", status=status)) as server,
        pytest.raises(Failed, match="does not say there when you are busy"),
    ):
        fetching.fetch(server.url, reach=HERE, query=query)


def test_an_address_is_read_as_it_was_written():
    for address in (Address("https://example.org/a"), Address("https://example.org/a", **WHO)):
        assert addresses.read(address.written()) == address


def test_name_and_password_are_sealed_and_on_no_page(shelf, link, sign_in, mara, caplog):
    feed_id = link(shelf.url)
    link.pull(feed_id)

    rows = db.session.execute(
        text(
            "SELECT (SELECT json_agg(f)::text FROM calendar_feeds f)"
            " || (SELECT json_agg(j)::text FROM procrastinate_jobs j)"
        )
    ).scalar_one()
    client = sign_in(mara)
    pages = client.get(PAGE).text + client.get(f"{PAGE}/{feed_id}").text
    assert "canary" not in rows + pages + caplog.text


@pytest.mark.parametrize(
    "who",
    [
        {"user": "mara"},
        {"password": "canary"},
        {"user": "ma:ra", "password": "canary"},
        {"user": "mara", "password": "canary\nx"},
    ],
    ids=["no password", "no name", "a colon", "a line"],
)
def test_half_of_a_name_and_password_comes_back(sign_in, mara, now, who):
    sent = {"name": "Mine", "holds": "busy", "all_day": "busy"}
    address = {"address": "https://dav.example.org/mara/mine/"}
    answer = sign_in(mara).post(PAGE, data=sent | address | who)

    assert answer.status_code == 422
    assert "needs both your name there and the password" in answer.text
    assert "canary" not in answer.text
