"""Page, mail, invitation and subscribed calendar say the same instant to each of the two.

Whatever zones they live in, and however close to a change of clocks they meet. What is read is
what a person reads: a weekday, a day, a time and letters, turned back into an instant.
"""

import re
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from mentorship.accounts import users
from mentorship.foundation import clock, scope
from mentorship.foundation.database import db
from mentorship.relationships.models import PairingState
from mentorship.scheduling import meetings, queries
from mentorship.scheduling.models import MeetingState
from mentorship.tenancy.members import Member
from mentorship.web import filters
from tests import make
from tests.conftest import forgotten, words

YEARS = (2026, 2027, 2028)
ZONES = sorted(clock.zones())
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MINUTE = timedelta(minutes=1)
#: Each is the instant at which clocks change: in the Americas, Europe, Australia and on Lord Howe.
CHANGES = [
    datetime(*at, tzinfo=UTC)
    for at in (
        *((2026, 3, 8, 8), (2026, 11, 1, 7), (2026, 11, 1, 6), (2026, 3, 29, 1), (2026, 10, 25, 1)),
        *((2026, 4, 4, 16), (2026, 10, 3, 16), (2026, 4, 4, 15), (2027, 3, 14, 7)),
    )
]
FIRST, LAST = datetime(2026, 3, 3, tzinfo=UTC), datetime(2027, 12, 31, tzinfo=UTC)
MINUTES = int((LAST - FIRST) / MINUTE)
INSTANTS = st.one_of(
    st.integers(0, MINUTES).map(lambda late: FIRST + late * MINUTE),
    st.builds(
        lambda change, late: change + late * MINUTE,
        st.sampled_from(CHANGES),
        st.integers(-90, 90),
    ),
)
_LETTERS = r"(?:GMT[+-][\d:]+|[A-Z]{2,5})"


def _day(n: int) -> str:
    return rf"(?P<weekday{n}>\w{{3}})\w*, (?P<month{n}>\w{{3}})\w* (?P<day{n}>\d+), "


def _at(n: int) -> str:
    clock = r"\d{1,2}:\d\d"
    return rf"(?P<at{n}>{clock})(?: (?P<half{n}>AM|PM))?(?: (?P<letters{n}>{_LETTERS}))?"


ONE = _day(1) + _at(1)
TWO = f"(?:{_day(1)})?{_at(1)} to (?:{_day(2)})?{_at(2)}"


def instants(said: re.Match[str], zone: str, n: int = 1) -> set[datetime]:
    """Every instant of these years that such words can mean in a zone."""
    told = said.groupdict()

    def part(name: str) -> str:
        # What the beginning leaves out stands at the end, and the other way round.
        return told.get(f"{name}{n}") or told.get(f"{name}{3 - n}") or ""

    hours, minutes = map(int, part("at").split(":"))
    hours = hours % 12 + 12 * (part("half") == "PM")
    found = set()
    for year in YEARS:
        for fold in (0, 1):
            there = datetime(
                *(year, MONTHS.index(part("month")) + 1, int(part("day")), hours, minutes),
                tzinfo=ZoneInfo(zone),
                fold=fold,
            )
            instant = there.astimezone(UTC)
            same = instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
            if (
                same == there.replace(tzinfo=None)
                and filters.day(there)[:3] == part("weekday")
                and filters.clock(there, zone).endswith(f" {part('letters')}")
            ):
                found.add(instant)
    return found


def page_says(page: str, zone: str) -> datetime:
    """When a meeting's page says that it is, to who reads it and to a browser."""
    marked, shown = re.search(r'<h1><time datetime="([^"]+)"[^>]*>(.+?)</time>', page).groups()
    said = re.fullmatch(ONE, unescape(re.sub("<[^>]+>", "", shown)))
    [instant] = instants(said, zone)
    assert datetime.fromisoformat(marked) == instant
    return instant


def mail_says(mail: EmailMessage, zone: str) -> tuple[datetime, datetime]:
    """From when to when, as the plain text and the subject of a mail say it."""
    line = re.search("^When: (.+)$", words(mail), re.M)[1].strip()
    day, _, rest = re.match(r"(\w+, \w+ \d+)(, )(.+)", line).groups()
    # Where the day changes on the way, both days are said in full after the first.
    whole = rest if re.match(r"\w{3}, ", rest) else line
    said = re.fullmatch(TWO, whole)
    [begins], [ends] = instants(said, zone), instants(said, zone, n=2)
    assert filters.long_day(begins, zone) == day
    [subject] = instants(re.match(ONE, str(mail["Subject"])), zone)
    assert subject == begins
    return begins, ends


def calendar_says(content: bytes) -> tuple[datetime, datetime]:
    [event] = Calendar.from_ical(content).events
    return event.start, event.end


@pytest.fixture
def address(mara, sol, sign_in):
    """The address under which each of the two subscribes."""
    found = {}
    for who in (mara, sol):
        client = sign_in(who)
        client.post("/c/lakeside/calendar")
        page = client.get("/c/lakeside/calendar").text
        found[who.id] = re.search(r'value="[^"]*(/cal/[^"]+\.ics)"', page)[1]
    return found


def agree(mara: Member, sol: Member, *, at: datetime, minutes: int, now: datetime) -> str:
    pairing_id = make.pairing(mara, sol, state=PairingState.ACTIVE)
    meeting_id = make.meeting(
        *(mara, sol, pairing_id), starts_at=at, minutes=minutes, state=MeetingState.REQUESTED
    )
    with scope.chapter(mara.chapter_id):
        meetings.accept(queries.my_meeting(meeting_id, member=mara), by=mara, now=now)
        db.session.commit()
    return f"/c/lakeside/meetings/{meeting_id}"


def test_everything_says_the_same_instant(app, mara, sol, sign_in, address, tray, work, now):
    @settings(
        max_examples=30,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(
        at=INSTANTS,
        minutes=st.sampled_from([10, 20, 25, 30]),
        zones=st.tuples(st.sampled_from(ZONES), st.sampled_from(ZONES)),
    )
    @example(CHANGES[0] - 10 * MINUTE, 20, ("America/Chicago", "Asia/Kolkata"))
    @example(CHANGES[1] - 10 * MINUTE, 20, ("America/Chicago", "Asia/Kathmandu"))
    @example(CHANGES[1] + 50 * MINUTE, 25, ("America/Chicago", "America/St_Johns"))
    @example(CHANGES[5] - 10 * MINUTE, 30, ("Australia/Lord_Howe", "Pacific/Chatham"))
    @example(datetime(2026, 12, 31, 23, 50, tzinfo=UTC), 25, ("UTC", "Pacific/Kiritimati"))
    def told(at: datetime, minutes: int, zones: tuple[str, str]) -> None:
        tray.empty()
        with forgotten():
            both = dict(zip((mara, sol), zones, strict=True))
            for who, zone in both.items():
                users.set_zone(who.user_id, zone=zone)
            db.session.commit()
            page = agree(mara, sol, at=at, minutes=minutes, now=now)
            work()
            span = (at, at + minutes * MINUTE)
            for who, zone in both.items():
                assert page_says(sign_in(who).get(page).text, zone) == at
                [mail] = tray.to(who.email)
                assert mail_says(mail, zone) == span
                *_, invitation = mail.iter_parts()
                assert calendar_says(invitation.get_payload(decode=True)) == span
                assert calendar_says(app.test_client().get(address[who.id]).data) == span

    told()
