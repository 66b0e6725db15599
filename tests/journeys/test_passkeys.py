"""A person, a device that holds passkeys, and the pages, in a browser. Nothing is typed."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from mentorship.accounts.passkeys.models import Passkey
from mentorship.foundation import clock
from mentorship.foundation.database import db
from tests import make
from tests.conftest import do_jobs
from tests.journeys.conftest import DESK, PHONE
from tests.journeys.serving import work

BEGAN = datetime(2026, 3, 2, 18, tzinfo=UTC)
#: Passkeys stay with a name, and do not work for a number.
HOST = "localhost"

AUTHENTICATOR = {
    "protocol": "ctap2",
    "ctap2Version": "ctap2_1",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def sol(served):
    with served.app_context():
        sol = make.student(make.chapter("lakeside"), "Sol Adair")
        db.session.remove()
    return sol


class Authenticator:
    """Chromium's own authenticator that is none, for one page."""

    def __init__(self, page, **more):
        self.cdp = page.context.new_cdp_session(page)
        self.cdp.send("WebAuthn.enable", {"enableUI": False})
        options = {"options": AUTHENTICATOR | more}
        self.id = self.cdp.send("WebAuthn.addVirtualAuthenticator", options)["authenticatorId"]

    def held(self):
        asked = {"authenticatorId": self.id}
        return self.cdp.send("WebAuthn.getCredentials", asked)["credentials"]

    def verifies(self, whether):
        asked = {"authenticatorId": self.id, "isUserVerified": whether}
        self.cdp.send("WebAuthn.setUserVerified", asked)

    def is_touched(self, whether):
        asked = {"authenticatorId": self.id, "enabled": whether}
        self.cdp.send("WebAuthn.setAutomaticPresenceSimulation", asked)


def kept(app):
    with app.app_context():
        found = [
            (one.name, one.sign_count, one.used_at) for one in db.session.scalars(select(Passkey))
        ]
        db.session.remove()
    return found


def add(somebody, name):
    somebody.open("/account")
    somebody.press("Add a passkey")
    somebody.page.get_by_label("Name").fill(name)
    somebody.press("Add passkey")
    somebody.reads(f"{name} can sign you in from now on.")


@pytest.mark.parametrize("screen", [PHONE, DESK], ids=["phone", "desk"])
def test_a_passkey_from_its_first_day_to_its_last(served, seat, sol, screen, monkeypatch, tray):
    somebody = seat(sol, viewport=screen)
    device = Authenticator(somebody.page)
    add(somebody, "Blue phone")
    assert len(device.held()) == 1
    assert device.held()[0]["isResidentCredential"]

    # Signed out, and in again with nothing typed.
    device.is_touched(False)  # or the email field would let them in again at once
    somebody.open("/account")
    somebody.page.get_by_role("button", name="account menu").click()
    somebody.press("Sign out")
    somebody.look()
    device.is_touched(True)
    somebody.press("Use a passkey")
    expect(somebody.page).to_have_url(re.compile("/c/lakeside/"))
    [(name, count, used_at)] = kept(served)
    assert name == "Blue phone"
    assert count > 1
    assert used_at is not None

    # What matters asks once more who it is.
    before = clock.now
    monkeypatch.setattr(clock, "now", lambda: before() + timedelta(minutes=11))
    somebody.open("/account")
    somebody.press(re.compile("Change.*Blue phone"))
    expect(somebody.page).to_have_url(re.compile("/account/confirm"))
    somebody.press("Use your passkey")
    somebody.page.get_by_label("Name").fill("Old phone")
    somebody.press("Save name")
    somebody.reads("That passkey is called Old phone now.")

    somebody.press(re.compile("Change.*Old phone"))
    somebody.press("Remove passkey")
    somebody.reads("Old phone signs nobody in anymore.")
    assert kept(served) == []
    work(served, do_jobs)
    subjects = [mail["Subject"] for mail in tray.to(sol.email)]
    assert any("added" in subject for subject in subjects)
    assert any("removed" in subject for subject in subjects)


def test_the_email_field_offers_them_too(served, seat, sol):
    somebody = seat(sol)
    Authenticator(somebody.page)
    add(somebody, "Phone")
    somebody.page.context.clear_cookies()

    somebody.page.goto(f"{somebody.address}/sign-in")

    # Without a person who chooses, the authenticator takes what the field offers.
    expect(somebody.page).to_have_url(re.compile("/c/lakeside/"))


def test_one_that_was_removed_says_what_to_do(served, seat, sol):
    somebody = seat(sol)
    device = Authenticator(somebody.page)
    add(somebody, "Phone")
    somebody.press(re.compile("Change.*Phone"))
    somebody.press("Remove passkey")
    device.is_touched(False)
    somebody.page.context.clear_cookies()
    somebody.open("/sign-in")
    device.is_touched(True)

    somebody.press("Use a passkey")

    somebody.reads("We do not know that passkey.")
    expect(somebody.page.get_by_role("button", name="Continue")).to_be_visible()


def test_a_device_is_not_added_twice(served, seat, sol):
    somebody = seat(sol)
    Authenticator(somebody.page)
    add(somebody, "Phone")
    somebody.open("/account/passkeys/add")
    somebody.page.get_by_role("button", name="Add passkey").click()

    somebody.reads("This device has a passkey for Curbside already.")


def test_a_device_that_does_not_check_its_person_is_not_enough(served, seat, sol):
    somebody = seat(sol)
    device = Authenticator(somebody.page)
    add(somebody, "Phone")
    device.verifies(False)
    somebody.page.context.clear_cookies()
    somebody.open("/sign-in")
    somebody.page.get_by_role("button", name="Use a passkey").click()

    somebody.reads("Nothing was done.")
    expect(somebody.page).to_have_url(re.compile("/sign-in"))


def test_without_the_script_no_page_offers_any(served, seat, sol):
    somebody = seat(sol, java_script_enabled=False)
    somebody.page.goto(f"{somebody.address}/account/passkeys/add")
    expect(somebody.page.get_by_role("button", name="Add passkey")).to_be_hidden()
    somebody.reads("cannot make passkeys, or runs no scripts")
    somebody.page.context.clear_cookies()
    somebody.page.goto(f"{somebody.address}/sign-in")
    expect(somebody.page.get_by_role("button", name="Use a passkey")).to_be_hidden()
    expect(somebody.page.get_by_role("button", name="Continue")).to_be_visible()
