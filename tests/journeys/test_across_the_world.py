"""A student in Kolkata books a mentor who works nights in New York, while New York's clocks change.

The product is served from this process, so that its clock can stand in March.
"""

import re
from datetime import UTC, datetime, timedelta
from datetime import time as daytime
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar
from playwright.sync_api import expect

from mentorship.foundation import clock, scope
from mentorship.foundation.database import db
from mentorship.scheduling.feeds import feeds
from mentorship.scheduling.feeds.kinds import AllDay, Holds
from mentorship.tenancy.members import Member
from mentorship.vocabulary.kinds import Kind
from tests import make
from tests.journeys.serving import work

NEW_YORK, KOLKATA = ZoneInfo("America/New_York"), ZoneInfo("Asia/Kolkata")
#: Monday evening in Kolkata. New York's clocks go forward on Sunday, March 14.
BEGAN = datetime(2027, 3, 8, 14, tzinfo=UTC)
#: Twelve hours each, from seven in the evening of that day in March.
NIGHTS = (10, 11, 13, 14, 18)
EVERY_DAY = tuple((day, daytime(8), daytime(23)) for day in range(7))


def shift(day: int) -> tuple[datetime, datetime]:
    """A night shift as the wall clock has it: the one of the 13th is an hour shorter."""
    begins = datetime(2027, 3, day, 19, tzinfo=NEW_YORK)
    ends = datetime(2027, 3, day + 1, 7, tzinfo=NEW_YORK)
    return begins.astimezone(UTC), ends.astimezone(UTC)


def schedule() -> bytes:
    """The shifts as a schedule system exports them."""
    events = "".join(
        f"BEGIN:VEVENT\r\nUID:{day}@shifts.example.org\r\nDTSTAMP:20270301T000000Z\r\n"
        f"DTSTART;TZID=America/New_York:202703{day}T190000\r\n"
        f"DTEND;TZID=America/New_York:202703{day + 1}T070000\r\n"
        "SUMMARY:Night, east pod\r\nEND:VEVENT\r\n"
        for day in NIGHTS
    )
    return (
        f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//shifts//EN\r\n{events}END:VCALENDAR\r\n"
    ).encode()


@pytest.fixture
def people(served) -> tuple[Member, Member]:
    """A mentor in New York who works nights, and a student in Kolkata, already a pair."""
    with served.app_context():
        lakeside = make.chapter("lakeside", zone="America/New_York")
        mentor = make.mentor(lakeside, "Dr. Mara Quist", zone="America/New_York", hours=EVERY_DAY)
        student = make.student(lakeside, "Sol Adair", zone="Asia/Kolkata")
        make.pairing(mentor, student, kind=Kind.CAREER)
        with scope.chapter(lakeside.id):
            feeds.upload(
                name="Shifts",
                content=schedule(),
                holds=Holds.SHIFTS,
                all_day=AllDay.IGNORE,
                by=mentor,
                settings=served.config["SETTINGS"],
                now=clock.now(),
            )
            db.session.commit()
        db.session.remove()
    return mentor, student


def is_possible(starts_at: datetime, minutes: int) -> bool:
    """The rules, minute by minute on New York's wall clock, written down a second time."""
    ends_at = starts_at + timedelta(minutes=minutes)
    for passed in range(minutes):
        there = (starts_at + timedelta(minutes=passed)).astimezone(NEW_YORK)
        if not 8 <= there.hour < 23:
            return False
    for day in NIGHTS:
        begins, ends = shift(day)
        four = datetime(2027, 3, day + 1, 16, tzinfo=NEW_YORK).astimezone(UTC)
        rested = max(ends + max(ends - begins, timedelta(hours=10)), four)
        if starts_at < rested and ends_at > begins - timedelta(hours=2):
            return False
    return starts_at >= BEGAN + timedelta(hours=24)


def test_only_possible_times_are_offered_and_everybody_is_told_the_same_instant(
    served, people, seat, tray
):
    mentor, student = people
    sol = seat(student, timezone_id=KOLKATA.key)
    sol.open(f"/c/lakeside/mentors/{mentor.id}")
    sol.press(re.compile("Ask for a time|Book a time"))
    minutes = 25
    offered: dict[datetime, str] = {}
    for week in ("2027-03-08", "2027-03-15"):
        sol.open(f"{sol.page.url.split('?')[0]}?week={week}&minutes={minutes}")
        values = sol.page.locator("input[name=slot]").evaluate_all("all => all.map(o => o.value)")
        offered |= {datetime.fromisoformat(value): value for value in values}
    assert [one for one in sorted(offered) if not is_possible(one, minutes)] == []

    # On both sides of the change there is something to choose, and rest keeps the rest away.
    change = datetime(2027, 3, 14, 7, tzinfo=UTC)
    assert min(offered) < change < max(offered)
    assert datetime(2027, 3, 12, 19, tzinfo=UTC) not in offered

    after = min(one for one in offered if one > change)
    sol.page.locator(f"input[name=slot][value='{offered[after]}']").check(force=True)
    here = after.astimezone(KOLKATA)
    there = after.astimezone(NEW_YORK)
    expect(sol.page.locator("output[name=chosen]")).to_contain_text(
        f"{here:%A, %b %-d, %-I:%M} to {here + timedelta(minutes=25):%-I:%M %p} IST"
        f" ({there:%a %-I:%M %p} EDT for Dr. Quist)"
    )
    sol.page.get_by_label(re.compile("What would you like")).fill("How do you sleep after nights?")
    sol.page.get_by_label(re.compile("Question 1|First question")).fill("What helps?")
    sol.page.locator("[data-commit]").click()
    sol.page.wait_for_url("**/meetings/*")
    sol.look()
    sol.reads(here.strftime("%-I:%M"))
    sol.reads("IST")

    mara = seat(mentor, timezone_id=NEW_YORK.key)
    mara.open(sol.page.url)
    mara.reads(there.strftime("%-I:%M"))
    mara.reads("EDT")
    mara.open(f"{sol.page.url}/accept")
    mara.press(re.compile("^Accept"))
    mara.reads("Accepted")

    work(served)
    for member, zone, letters in ((student, KOLKATA, "IST"), (mentor, NEW_YORK, "EDT")):
        [mail] = [one for one in tray.to(member.email) if one.get_body(("calendar",))]
        assert datetime_in(mail) == after
        said = mail.get_body(("plain",)).get_content()
        assert f"{after.astimezone(zone).strftime('%-I:%M')}" in said
        assert letters in said


def datetime_in(mail) -> datetime:
    [event] = Calendar.from_ical(mail.get_body(("calendar",)).get_content()).events
    return event.start
