"""Two people on their phones pause, resume, end and reopen, and say in private how it fits."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from mentorship.foundation import clock, scope
from mentorship.foundation.database import db
from mentorship.scheduling import meetings, queries
from mentorship.tenancy.members import Member
from tests import make
from tests.conftest import words
from tests.journeys.serving import work

#: Monday noon in Chicago.
BEGAN = datetime(2027, 3, 8, 18, tzinfo=UTC)


@pytest.fixture
def two(served) -> tuple[Member, Member, str]:
    """Mara and Sol, who have met for the first time two hours ago, and their page."""
    with served.app_context():
        lakeside = make.chapter("lakeside", zone="America/Chicago")
        mara = make.mentor(lakeside, "Dr. Mara Quist", hours=make.WEEKDAYS)
        sol = make.student(lakeside, "Sol Adair")
        pairing_id = make.pairing(mara, sol, began_at=BEGAN - timedelta(days=9))
        at = BEGAN - timedelta(hours=2)
        meeting_id = make.meeting(mara, sol, pairing_id, starts_at=at)
        with scope.chapter(lakeside.id):
            meeting = queries.my_meeting(meeting_id, member=mara)
            meetings.held(meeting, by=mara, now=clock.now())
            db.session.commit()
        db.session.remove()
    return mara, sol, f"/c/lakeside/pairings/{pairing_id}"


def test_a_pairing_rests_goes_on_ends_and_is_opened_again(served, two, seat, tray):
    mara, sol, page = two
    sols, maras = seat(sol), seat(mara)

    sols.open(page)
    sols.press("Pause")
    sols.page.get_by_label("Until").fill("2027-03-01")
    sols.page.get_by_label("Why, in a line").fill("Boards")
    sols.press("Pause")
    sols.reads("Choose a day after today")
    expect(sols.page.get_by_label("Why, in a line")).to_have_value("Boards")
    sols.page.get_by_label("Until").fill("2027-04-12")
    sols.press("Pause")
    sols.reads("Paused until Monday, April 12 by you. “Boards”")

    maras.open(page)
    maras.reads("Paused until Monday, April 12 by Sol.")
    maras.press("Resume now")
    maras.reads("Resumed by you")

    maras.press("Write it down")
    maras.page.get_by_label("What for").fill("A calm application year")
    maras.press("Save what we agree on")
    sols.open(page)
    sols.reads("A calm application year")

    sols.press("Finish well")
    sols.page.get_by_label("It did what it was for").check()
    sols.page.get_by_label("A kind word to end with").fill("You made the list short.")
    sols.press("Finish this pairing")
    sols.reads("Completed on Mar 8, 2027")
    maras.open(page)
    maras.reads("You made the list short.")
    expect(maras.page.get_by_role("button", name="Open it again")).to_have_count(0)
    sols.press("Open it again")
    sols.reads("Opened again by you")

    sols.page.get_by_role("navigation", name="What the line shows").get_by_role(
        "link", name="Meetings"
    ).click()
    sols.reads("Meeting 1")
    expect(sols.page.locator("#line")).not_to_contain_text("Opened again")

    work(served)
    told = [str(mail["Subject"]) for mail in tray.to(mara.email)]
    assert told[-1] == "Your pairing with Sol Adair is open again"


def test_how_it_fits_is_said_from_the_mail_and_ends_it_kindly(served, two, seat, tray):
    mara, sol, page = two
    work(served)
    [asked] = tray.to(mara.email)
    nobody = seat()
    nobody.open(re.search(r"http://\S+/f/\S+", words(asked))[0])
    nobody.reads("Nothing is said before you press the button")
    nobody.page.get_by_label("It is not a fit").check()
    nobody.press("Answer")
    nobody.reads("Your answer is kept")

    work(served)
    *_, ended = tray.to(sol.email)
    assert str(ended["Subject"]) == "Your pairing with Dr. Mara Quist has come to its end"
    sols = seat(sol)
    sols.open(page)
    sols.reads("Ended on Mar 8, 2027")
    sols.press("Find me another mentor")
    sols.reads("You have asked for another career mentor.")
