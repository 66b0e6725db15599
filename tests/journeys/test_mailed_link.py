"""A link by mail, in the browser that asked and in another one."""

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from mentorship.foundation.database import db
from tests import make
from tests.conftest import words
from tests.journeys.conftest import DESK, PHONE
from tests.journeys.serving import work

BEGAN = datetime(2026, 3, 2, 18, tzinfo=UTC)


@pytest.fixture
def sol(served):
    with served.app_context():
        sol = make.student(make.chapter("lakeside"), "Sol Adair")
        db.session.remove()
    return sol


@pytest.fixture
def ask(served, tray, sol):
    """Ask for a link on the page, and hand over what came by mail."""

    def ask(somebody):
        somebody.open("/sign-in")
        somebody.page.get_by_label("School or hospital email").fill(sol.email)
        somebody.press("Continue")
        tray.empty()
        work(served)
        return re.search(r"http://\S+/sign-in/\S+", words(tray.mails[0])).group()

    return ask


@pytest.mark.parametrize("screen", [PHONE, DESK], ids=["phone", "desk"])
def test_one_press_in_the_browser_that_asked(seat, ask, screen):
    somebody = seat(viewport=screen)

    somebody.open(ask(somebody))
    somebody.press("Sign in")

    expect(somebody.page).to_have_url(re.compile("/c/lakeside/"))


@pytest.mark.parametrize("screen", [PHONE, DESK], ids=["phone", "desk"])
def test_a_hospital_computer_is_signed_in_by_the_digits_that_a_phone_shows(seat, ask, screen):
    computer, phone = seat(viewport=screen), seat()
    phone.open(ask(computer))
    phone.reads("You asked somewhere else")
    digits = phone.page.locator(".digits").inner_text()

    computer.page.get_by_label("Code").fill("000000")
    computer.press("Sign in")
    computer.reads("That code does not fit")
    computer.page.get_by_label("Code").fill(digits)
    computer.press("Sign in")

    expect(computer.page).to_have_url(re.compile("/c/lakeside/"))
    phone.open("/")
    expect(phone.page).to_have_url(re.compile("/$"))


def test_a_phone_whose_mail_opens_in_a_browser_of_its_own(seat, ask, sol):
    asked, in_mail = seat(), seat()
    in_mail.open(ask(asked))
    in_mail.page.get_by_label("Your email address").fill("somebody@example.org")
    in_mail.press("Sign in here")
    in_mail.reads("That is not the address that this link is for.")
    in_mail.page.get_by_label("Your email address").fill(sol.email)
    in_mail.press("Sign in here")

    expect(in_mail.page).to_have_url(re.compile("/c/lakeside/"))


def test_a_link_that_was_used_says_how_to_get_another(seat, ask):
    somebody = seat()
    link = ask(somebody)
    somebody.open(link)
    somebody.press("Sign in")
    somebody.page.context.clear_cookies()

    somebody.open(link)

    somebody.reads("This link was used already, or its time is over.")
    expect(somebody.page.get_by_role("button", name="Continue")).to_be_visible()
