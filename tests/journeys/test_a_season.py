"""A pair lives one whole season, on two phones, while the clock goes from January to August.

The product is served from this process. Between visits the worker does its duties twice a day, and
every job at its hour. Each mail that arrives is named here, in its order, once.
"""

import re
import time
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from inspect import iscoroutinefunction
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from playwright.sync_api import expect
from sqlalchemy import text

from mentorship.foundation import clock
from mentorship.foundation.database import db
from mentorship.jobs import tasks
from mentorship.tenancy.members import Member
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import Stage
from tests import make
from tests.conftest import Tray, do_jobs, words
from tests.journeys.conftest import Person
from tests.journeys.serving import cookie, work

CHICAGO = ZoneInfo("America/Chicago")
BEGAN = datetime(2027, 1, 11, 15, tzinfo=UTC)
"""Monday morning at nine in Chicago."""

#: What the worker does by the clock, here twice a day; nobody waits for less.
ROUND = timedelta(hours=12)
#: What only tidies up is none of theirs.
CHORES = {"sweep", "sweep_files", "seal_trails", "cut_trails", "tidy_chapters", "warn_of_secrets"}
DUTIES = [
    task
    for task in (one.task for one in tasks.tasks.periodic_registry.periodic_tasks.values())
    if not iscoroutinefunction(task.func) and task.name not in CHORES
]


@dataclass
class Season:
    """The product, its clock, and the mail that has not been read yet."""

    app: Flask
    tray: Tray
    now: datetime = BEGAN
    since: float = field(default_factory=time.monotonic)
    read: int = 0
    phones: list[tuple[Person, Member]] = field(default_factory=list)

    def clock(self) -> datetime:
        """Stands where it was put, and runs on from there."""
        return self.now + timedelta(seconds=time.monotonic() - self.since)

    def go_to(self, day: date, hour: int = 9) -> None:
        """Let time pass until an hour in Chicago, with the worker at its work."""
        until = datetime(day.year, day.month, day.day, hour, tzinfo=CHICAGO).astimezone(UTC)
        with self.app.app_context():
            while self.clock() < until:
                self._put(min(self._next_job() or until, self.now + ROUND, until))
                for duty in DUTIES:
                    duty(timestamp=0)
                do_jobs()
            db.session.remove()
        for phone, owner in self.phones:  # no session lasts for so long
            phone.page.context.add_cookies([cookie(self.app, owner)])

    def mails(self) -> list[EmailMessage]:
        """Those that came since this was asked the last time."""
        work(self.app)
        new = self.tray.mails[self.read :]
        self.read = len(self.tray.mails)
        return new

    def _put(self, at: datetime) -> None:
        self.now, self.since = max(at, self.clock()), time.monotonic()

    def _next_job(self) -> datetime | None:
        return db.session.scalar(
            text("SELECT min(scheduled_at) FROM procrastinate_jobs WHERE status = 'todo'")
        )


@pytest.fixture
def season(served, tray, monkeypatch) -> Season:
    season = Season(served, tray)
    monkeypatch.setattr(clock, "now", season.clock)
    return season


@pytest.fixture
def two(served) -> tuple[Member, Member]:
    with served.app_context():
        lakeside = make.chapter("lakeside", zone="America/Chicago")
        mara = make.mentor(
            lakeside,
            "Dr. Mara Quist",
            hours=make.WEEKDAYS,
            offers={Kind.CONTENT: ("ultrasound",)},
        )
        sol = make.student(lakeside, "Sol Adair", stage=Stage.M3)
        db.session.commit()
        db.session.remove()
    return mara, sol


def told(season: Season, **names: Member) -> list[tuple[str, str]]:
    """The new mails: to whom, and their subject."""
    called = {member.email: name for name, member in names.items()}
    return [(called[str(mail["To"])], str(mail["Subject"])) for mail in season.mails()]


def book(sol: Person, mara: Member, day: str, purpose: str) -> str:
    """Ask for the first free time of a day, and say at which address the meeting is."""
    sol.open(f"/c/lakeside/mentors/{mara.id}")
    sol.press(re.compile("Ask for a time|Book a time"))
    sol.open(f"{sol.page.url.split('?')[0]}?week={day}&minutes=25")
    free = sol.page.locator(f"input[name=slot][value^='{day}']")
    free.first.check(force=True)
    sol.page.get_by_label(re.compile("What would you like")).fill(purpose)
    sol.page.locator("[data-commit]").click()
    sol.page.wait_for_url("**/meetings/*")
    sol.look()
    return sol.page.url


def add_to_agenda(who: Person, what: str) -> None:
    who.page.get_by_label("Add a question or a topic").fill(what)
    who.page.get_by_role("button", name="Add", exact=True).click()
    who.reads(what)


def meets(who: Person, meeting: str) -> None:
    who.open(meeting)
    who.press("We met")
    who.reads("You have met")


def link_in(mail: EmailMessage, path: str) -> str:
    """The one address in a mail that begins so."""
    [found] = set(re.findall(rf"http://127\S+{path}\S+", words(mail)))
    return found


def test_a_pair_lives_one_season(season, two, seat):
    mara, sol = two
    sols, maras, at_the_bedside = seat(sol), seat(mara), seat()
    season.phones = [(sols, sol), (maras, mara)]

    def hears() -> list[tuple[str, str]]:
        return told(season, mara=mara, sol=sol)

    # A request, and a yes from the mail, without signing in.
    first = book(sols, mara, "2027-01-18", "See how a portable scan changes a shift.")
    [request] = season.mails()
    assert (request["To"], request["Subject"]) == (mara.email, "Sol Adair asks for 25 minutes")
    at_the_bedside.open(link_in(request, "/r/"))
    at_the_bedside.press(re.compile("^Accept"))
    assert hears() == [
        ("mara", "Mon, Jan 18, 1:00 PM CST with Sol Adair"),
        ("sol", "Mon, Jan 18, 1:00 PM CST with Dr. Mara Quist"),
    ]

    # The first meeting. Its agenda goes ahead; each says alone, from the mail, whether it is a fit.
    season.go_to(date(2027, 1, 15))
    assert hears() == []
    sols.open(first)
    add_to_agenda(sols, "Which probe for what?")
    season.go_to(date(2027, 1, 18), 12)
    assert hears() == [
        ("mara", "Agenda for Mon, Jan 18 with Sol Adair"),
        ("sol", "Agenda for Mon, Jan 18 with Dr. Mara Quist"),
    ]
    season.go_to(date(2027, 1, 18), 14)
    meets(maras, first)
    maras.page.get_by_text("Add an action item").click()
    maras.page.get_by_label(re.compile("What is to be done|What")).last.fill("Scan ten aortas")
    maras.page.get_by_label("Sol", exact=True).check()
    maras.page.get_by_role("button", name="Add action item").click()
    maras.reads("Scan ten aortas")
    asked = season.mails()
    assert sorted((str(mail["To"]), str(mail["Subject"])) for mail in asked) == sorted(
        [
            (mara.email, "Your first meeting with Sol Adair: is it a fit?"),
            (sol.email, "Your first meeting with Dr. Mara Quist: is it a fit?"),
        ]
    )
    for mail in asked:
        at_the_bedside.open(link_in(mail, "/f/"))
        at_the_bedside.page.get_by_label("Yes, let us go on").check()
        at_the_bedside.press("Answer")
        at_the_bedside.reads("Your answer is kept")
        at_the_bedside.page.goto(link_in(mail, "/f/"))
        assert at_the_bedside.page.get_by_role("button", name="Answer").count() == 0
    season.go_to(date(2027, 1, 19), 12)
    [nudge] = season.mails()
    assert (nudge["To"], nudge["Subject"]) == (sol.email, "A word of thanks to Dr. Quist")
    sols.open(link_in(nudge, "/c/lakeside/meetings/"))
    sols.press("Send thanks")
    assert hears() == [("mara", "Thanks from Sol Adair")]

    # What was taken on comes back on the next agenda by itself, and is reported there.
    second = book(sols, mara, "2027-02-08", "Look at my ten scans.")
    maras.open(second)
    maras.press(re.compile("^Accept"))
    assert hears() == [
        ("mara", "Mon, Feb 8, 1:00 PM CST with Sol Adair"),
        ("sol", "Mon, Feb 8, 1:00 PM CST with Dr. Mara Quist"),
    ]
    season.go_to(date(2027, 2, 8), 14)
    assert hears() == [("sol", "The agenda for Mon, Feb 8, 1:00 PM CST is still blank")]
    sols.open(second)
    sols.reads("Scan ten aortas")
    sols.page.get_by_role("button", name="Done: Scan ten aortas").click()
    expect(sols.page.locator("#prepare").get_by_text("Done", exact=True)).to_be_visible()
    meets(sols, second)
    season.go_to(date(2027, 2, 9))
    third = book(sols, mara, "2027-03-01", "Plan an elective.")
    maras.open(third)
    maras.press(re.compile("^Accept"))
    season.go_to(date(2027, 3, 1), 14)
    meets(maras, third)
    season.go_to(date(2027, 3, 5), 14)
    assert hears() == [
        ("sol", "A word of thanks to Dr. Quist"),
        ("mara", "Mon, Mar 1, 1:00 PM CST with Sol Adair"),
        ("sol", "Mon, Mar 1, 1:00 PM CST with Dr. Mara Quist"),
        ("sol", "The agenda for Mon, Mar 1, 1:00 PM CST is still blank"),
        ("sol", "A word of thanks to Dr. Quist"),
    ]

    # A few lines to the mentor; "well done" is one tap from the mail.
    season.go_to(date(2027, 3, 29))
    sols.open("/c/lakeside/updates")
    sols.press("Write an update")
    sols.page.get_by_label("What has happened").fill("The elective said yes.")
    sols.page.get_by_label("Dr. Mara Quist").check()
    sols.press("Save, and see it")
    sols.press("Send to 1 mentor")
    season.go_to(date(2027, 3, 29), 10)
    [update] = season.mails()
    assert (update["To"], update["Subject"]) == (mara.email, "An update from Sol Adair")
    assert "The elective said yes." in words(update)
    at_the_bedside.open(link_in(update, "/y/"))
    at_the_bedside.press("Say “well done”")
    at_the_bedside.reads("Nothing more is asked of you")

    # Then nothing, until somebody is reminded, and answers with one tap.
    season.go_to(date(2027, 6, 13))
    reminded = season.mails()
    assert [(str(mail["To"]), str(mail["Subject"])) for mail in reminded] == [
        (sol.email, "A check-in with Dr. Mara Quist"),
        (sol.email, "A check-in with Dr. Mara Quist"),
        (mara.email, "A line to Sol Adair"),
        (sol.email, "A line to Dr. Mara Quist"),
    ]
    going_well = re.search(r"http\S+/k/\S+", words(reminded[1]))
    assert going_well
    at_the_bedside.open(going_well[0])
    at_the_bedside.press("Tell Dr. Quist “Going well”")
    at_the_bedside.reads("This link has done its work")
    assert hears() == [("mara", "A check-in from Sol Adair")]

    # A rest that ends by itself, and a good end.
    page = "/c/lakeside/pairings"
    sols.open(page)
    sols.press("Dr. Mara Quist")
    sols.press("Pause")
    sols.page.get_by_label("Until").fill("2027-07-05")
    sols.press("Pause")
    assert hears() == [("mara", "Sol Adair has paused your pairing until Monday, July 5")]
    season.go_to(date(2027, 7, 6))
    assert hears() == [
        ("mara", "Your pairing with Sol Adair goes on"),
        ("sol", "Your pairing with Dr. Mara Quist goes on"),
    ]
    sols.open(page)
    sols.press("Dr. Mara Quist")
    sols.press("Finish well")
    sols.page.get_by_label("It did what it was for").check()
    sols.page.get_by_label("A kind word to end with").fill("You made ultrasound mine.")
    sols.press("Finish this pairing")
    sols.reads("Completed on Jul 6, 2027")
    assert hears() == [("mara", "Your pairing with Sol Adair has come to its end")]
    season.go_to(date(2027, 8, 15))
    assert hears() == []
    sent = [str(mail["Message-ID"]) for mail in season.tray.mails]
    assert len(sent) == len(set(sent))
