"""Between meetings, on a phone: a reminder answered from its mail, an update, and thanks."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from mentorship.foundation import clock
from mentorship.foundation.database import db
from mentorship.relationships.contacts import updates
from mentorship.relationships.models import PairingState
from mentorship.scheduling.models import MeetingState
from mentorship.tenancy.members import Member
from mentorship.vocabulary.kinds import Kind
from tests import make
from tests.conftest import words
from tests.journeys.serving import work
from tests.notifications.nudges.conftest import do_round

#: Monday noon in Chicago.
BEGAN = datetime(2027, 3, 8, 18, tzinfo=UTC)


@pytest.fixture
def people(served) -> tuple[Member, Member, Member, str]:
    """Mara, who met Sol a while ago; Lee, who met Sol this morning; Sol; and Mara's page."""
    with served.app_context():
        lakeside = make.chapter("lakeside", zone="America/Chicago")
        mara = make.mentor(lakeside, "Dr. Mara Quist", hours=make.WEEKDAYS)
        lee = make.mentor(lakeside, "Dr. Ana Lee", hours=make.WEEKDAYS)
        sol = make.student(lakeside, "Sol Adair")
        long_ago = BEGAN - timedelta(days=60)
        facts = {"state": PairingState.ACTIVE, "began_at": BEGAN - timedelta(days=90)}
        hers = make.pairing(
            *(mara, sol, Kind.CONTENT), topic="toxicology", last_contact_on=long_ago.date(), **facts
        )
        theirs = make.pairing(lee, sol, last_contact_on=BEGAN.date(), **facts)
        held = {"state": MeetingState.HELD}
        make.meeting(mara, sol, hers, starts_at=long_ago, purpose="Poison center shifts", **held)
        today = BEGAN - timedelta(hours=3)
        make.meeting(lee, sol, theirs, starts_at=today, purpose="My letter of interest", **held)
        db.session.remove()
    return mara, lee, sol, f"/c/lakeside/pairings/{hers}"


def test_a_reminder_is_answered_and_a_talk_elsewhere_is_noted_and_undone(
    served, people, seat, tray
):
    mara, _, sol, _page = people
    work(served, do_round)
    [reminder] = tray.to(sol.email)
    nobody = seat()
    nobody.open(re.search(r"I am stuck:\s+(http://\S+/k/\S+)", words(reminder))[1])
    nobody.reads("Nothing is said before you press the button")
    nobody.page.get_by_label("A line to go with it").fill("I have no question left.")
    nobody.press("Tell Dr. Quist “I am stuck”")
    nobody.reads("This link has done its work")
    work(served)
    assert "I have no question left." in words(tray.to(mara.email)[-1])

    sols = seat(sol)
    sols.open("/c/lakeside/")
    elsewhere = sols.page.get_by_label("In touch elsewhere?")
    sols.follow(elsewhere.get_by_role("link", name="Dr. Quist"))
    sols.press("In person")
    sols.reads("You noted a talk in person")
    sols.press(re.compile("^Undo"))
    sols.reads("You checked in: stuck")
    expect(sols.page.locator("main")).not_to_contain_text("You noted")


def test_an_update_goes_to_two_and_thanks_to_one(served, people, seat, tray, monkeypatch):
    mara, lee, sol, page = people
    sols = seat(sol)
    sols.open("/c/lakeside/updates/new")
    sols.page.get_by_label("What has happened").fill("I saw my first airway.")
    sols.page.get_by_label("Dr. Mara Quist").check()
    sols.page.get_by_label("Dr. Ana Lee").check()
    sols.press("Save, and see it")
    line = sols.page.get_by_label("Only Dr. Mara Quist reads this line")
    expect(line).to_have_value(re.compile("it was about this: Poison center shifts"))
    line.fill("You told me to call the poison center: I did.")
    sols.press("Send to 2 mentors")
    sols.press("Take it back")
    sols.press("Send to 2 mentors")
    sols.reads("It goes out at")
    later = clock.now() + updates.WAITS + timedelta(minutes=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    work(served)
    [to_mara], [to_lee] = tray.to(mara.email), tray.to(lee.email)
    assert "I did." in words(to_mara)
    assert "I did." not in str(to_lee)
    assert "Sol Adair via Curbside" in str(to_lee["From"])

    nobody = seat()
    nobody.open(re.search(r"http://\S+/y/\S+", words(to_mara))[0])
    nobody.press("Say “well done”")
    nobody.reads("Nothing more is asked of you")
    sols.open(page)
    sols.reads("You sent an update. Dr. Quist said: well done")
    sols.open("/c/lakeside/updates")
    sols.reads("“Well done” from Dr. Mara Quist")
    sols.press("Your rotations")
    sols.page.get_by_label("Where").fill("County")
    sols.page.get_by_label("Last day").fill("2027-04-30")
    sols.press("Add this rotation")
    sols.reads("Until Apr 30, 2027")

    work(served, do_round)
    [reminder] = [one for one in tray.to(sol.email) if "/thanks" in words(one)]
    sols.open(re.search(r"http://\S+/thanks", words(reminder))[0])
    expect(sols.page.get_by_label("What you are thankful for")).to_have_value(
        re.compile("My letter of interest")
    )
    sols.press("Send thanks")
    sols.reads("You said thanks")
    work(served)
    assert str(tray.to(lee.email)[-1]["Subject"]) == "Thanks from Sol Adair"
