"""A phone is lost, an address is changed and taken back: a person's own place, across chapters."""

import re
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, update

from mentorship.accounts.models import DeviceSession
from mentorship.foundation import scope
from mentorship.foundation.database import db
from mentorship.tenancy.models import Affiliation, Membership
from tests import make
from tests.conftest import words
from tests.journeys.conftest import DESK
from tests.journeys.serving import work

#: Monday noon in Chicago.
BEGAN = datetime(2027, 3, 8, 18, tzinfo=UTC)


def path_in(tray, email, subject):
    """The path of the link in the newest such mail."""
    mail = [mail for mail in tray.to(email) if mail["Subject"] == subject][-1]
    return re.search(r"http://[^/\s]+(/\S+)", words(mail)).group(1)


def test_a_lost_phone_is_signed_out_and_an_address_changes(served, seat, tray):
    with served.app_context():
        student = make.student(make.chapter("lakeside", zone="America/Chicago"), "Sol Adair")
    phone, desk = seat(student), seat(student, viewport=DESK, has_touch=False)
    phone.open("/c/lakeside/")
    with served.app_context():
        long_ago = {"proven_at": BEGAN - timedelta(hours=1)}
        db.session.execute(update(DeviceSession).values(long_ago))
        db.session.commit()

    # The desk finds the phone in its list, and shows by mail that it is her.
    desk.open("/c/lakeside/")
    desk.page.get_by_role("button", name="account menu").click()
    desk.press("Sign-in and your data")
    desk.reads(student.email)
    desk.press("Devices")
    desk.reads("This device")
    desk.press(re.compile("Sign out.*Firefox on Linux"))
    desk.reads("Show once more that it is you")
    desk.press("Email me a link")
    work(served)
    desk.open(path_in(tray, student.email, "Your sign-in link for Curbside"))
    desk.press("Sign in")
    desk.reads("What is typed there and not sent yet is lost.")
    desk.press("Sign it out")
    desk.reads("Firefox on Linux is signed out.")
    phone.open("/c/lakeside/")
    phone.reads("School or hospital email")

    # A typo is kept and explained; the new address has to confirm.
    desk.open("/account")
    desk.press("Change it")
    desk.page.get_by_label("New email address").fill("sol.adair@")
    desk.press("Send a link there")
    desk.reads("Check for a missing @ or dot.")
    desk.page.get_by_label("New email address").fill("sol.adair@example.edu")
    desk.press("Send a link there")
    desk.reads("a link is on its way there")
    work(served)
    desk.open(path_in(tray, "sol.adair@example.edu", "Confirm your new address for Curbside"))
    desk.press("Make it mine")
    desk.reads("You sign in with sol.adair@example.edu from now on.")
    work(served)

    # Whoever reads the old mailbox takes it back, and everybody is out.
    phone.open(path_in(tray, student.email, "Your address at Curbside was changed"))
    phone.press("Give me my account back")
    phone.reads("everybody was signed out of it")
    desk.open("/account")
    desk.reads("School or hospital email")


def test_without_any_chapter_the_account_is_still_ones_own(served, seat):
    with served.app_context():
        student = make.student(make.chapter("lakeside"), "Sol Adair")
        with scope.chapter(student.chapter_id):
            db.session.execute(update(Membership).values(left_at=BEGAN))
            db.session.execute(delete(Affiliation))
            db.session.commit()
    sol = seat(student)
    sol.open("/")
    sol.press("Sign-in and your data")
    sol.reads(student.email)
    sol.press("Devices")
    sol.reads("This device")
