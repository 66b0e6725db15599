"""A mentor sets everything up on a phone: hours, limits, the link to the shifts, and looks.

Taps and typing are counted as `docs/setup-on-a-phone.md` says, and kept under what it promises.
"""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Locator, expect

from mentorship.foundation.database import db
from mentorship.foundation.settings import ROOT
from tests import make
from tests.journeys.conftest import Person
from tests.journeys.serving import work
from tests.scheduling.feeds.reads import calendar
from tests.scheduling.feeds.servers import answer, serving

#: Monday morning in New York.
BEGAN = datetime(2027, 3, 8, 14, tzinfo=UTC)
#: Wednesday's night, from seven in the evening to seven in the morning.
SHIFTS = calendar(
    *(
        f"UID:{night}\nSUMMARY:Night\nDTSTART;TZID=America/New_York:202703{night}T190000\n"
        f"DTEND;TZID=America/New_York:202703{night + 1}T070000"
        for night in (10, 24)
    )
)

#: Seconds, as the page of the documentation says.
A_TAP, A_LETTER, A_PASTE, A_PAGE = 3.0, 0.4, 20.0, 5.0
MOST_TAPS, MOST_FIELDS, MOST_SECONDS = 28, 6, 240


@dataclass
class Walk:
    """Somebody who is counted while they set up."""

    person: Person
    taps: int = 0
    fields: int = 0
    letters: int = 0
    pastes: int = 0
    pages: int = 1

    def tap(self, on: Locator) -> None:
        on.click()
        self.taps += 1

    def go(self, name: str | re.Pattern[str]) -> None:
        """Tap what leads to another page, and look at it."""
        self.person.press(name)
        self.taps += 1
        self.pages += 1

    def set_clock(self, label: str, at: str) -> None:
        """A phone's clock: opened, the hour and the half of the day turned, and closed."""
        self.person.page.get_by_label(label, exact=True).fill(at)
        self.taps += 4
        self.fields += 1

    def choose(self, label: str, option: str) -> None:
        self.person.page.get_by_label(label).select_option(option)
        self.taps += 2
        self.fields += 1

    def write(self, label: str, text: str) -> None:
        self.person.page.get_by_label(label).fill(text)
        self.taps += 1
        self.fields += 1
        self.letters += len(text)

    def paste(self, label: str, text: str) -> None:
        """The address is fetched from the schedule's own app, which takes its time."""
        self.person.page.get_by_label(label).fill(text)
        self.taps += 2
        self.fields += 1
        self.pastes += 1

    @property
    def seconds(self) -> float:
        return (
            A_TAP * self.taps
            + A_LETTER * self.letters
            + A_PASTE * self.pastes
            + A_PAGE * self.pages
        )


@pytest.fixture
def walk(served, seat, monkeypatch) -> Walk:
    """A mentor in New York at a phone, signed in, with a profile and nothing else.

    The product may read calendars of loopback.
    """
    reaching = replace(served.config["SETTINGS"], feed_reach="loopback")
    monkeypatch.setitem(served.config, "SETTINGS", reaching)
    with served.app_context():
        lakeside = make.chapter("lakeside", zone="America/New_York")
        mentor = make.mentor(lakeside, "Dr. Mara Quist", zone="America/New_York")
        db.session.remove()
    return Walk(seat(mentor, timezone_id="America/New_York"))


def test_a_mentors_whole_set_up_takes_less_than_four_minutes_on_a_phone(served, walk):
    page = walk.person.page
    walk.person.open("/c/lakeside/")

    # Six to ten on every weekday.
    walk.go("Set your hours")
    walk.tap(page.get_by_role("button", name="Add hours on Monday"))
    walk.set_clock("Monday, from", "18:00")
    walk.set_clock("Monday, to", "22:00")
    walk.tap(page.get_by_role("button", name="Copy to all weekdays").first)
    expect(page.get_by_label("Friday, from")).to_have_value("18:00")
    walk.tap(page.locator(".commit").get_by_role("button", name="Save hours"))
    walk.person.reads("Saved")

    # Two meetings a week at most.
    walk.go("Limits")
    walk.choose("In a week", "2")
    walk.tap(page.get_by_role("button", name="Save limits"))
    walk.person.reads("Saved")

    # The address that the schedule system gives.
    with serving(answer(SHIFTS)) as schedule:
        walk.go("Calendars")
        walk.write("What you call it", "Shifts")
        walk.paste("Address of the calendar", schedule.url)
        walk.tap(page.get_by_role("button", name="Link the calendar"))
        walk.person.reads("Added.")
        work(served)
        walk.go("Look again")
        walk.person.reads("Shifts: 2 nights.")

    # What students see of it: nothing before the night, and after it only once rested.
    walk.go("Every week")
    walk.tap(page.get_by_role("link", name="What students see"))
    seen = page.locator("#seen")
    tuesday, thursday = (seen.locator("div", has_text=day) for day in ("Mar 9", "Mar 11"))
    expect(tuesday).to_contain_text("6:00")
    expect(seen.locator("div", has_text="Mar 10")).to_have_class("seen-none")
    expect(thursday).to_contain_text("7:00")
    expect(thursday).not_to_contain_text("6:00")

    counted = f"{walk.taps} taps, {walk.fields} fields, {walk.seconds:.0f} seconds"
    assert (walk.taps <= MOST_TAPS, walk.fields <= MOST_FIELDS) == (True, True), counted
    assert walk.seconds < MOST_SECONDS, counted
    # The documentation says what was counted.
    said = (ROOT / "docs" / "setup-on-a-phone.md").read_text()
    assert (
        f"**{walk.taps} taps**, **{walk.fields} fields**, **{walk.seconds:.0f} seconds**" in said
    ), counted
