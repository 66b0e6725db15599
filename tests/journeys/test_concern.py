"""A concern from a phone to its end: numbers first, the report, the mail, and what was done."""

import re
from datetime import UTC, datetime
from typing import NamedTuple

import pytest
from playwright.sync_api import expect

from mentorship.relationships.models import PairingState
from mentorship.tenancy.members import Member
from mentorship.tenancy.roles import Role
from tests import make
from tests.conftest import words
from tests.journeys.serving import work

BEGAN = datetime(2026, 3, 2, 18, tzinfo=UTC)


class Three(NamedTuple):
    mara: Member
    sol: Member
    adler: Member
    pairing: str


@pytest.fixture
def three(served) -> Three:
    with served.app_context():
        lakeside = make.chapter("lakeside")
        mara = make.mentor(lakeside, "Dr. Mara Quist")
        sol = make.student(lakeside, "Sol Adair")
        adler = make.member(lakeside, Role.ADVISOR, name="Dr. Adler")
        pairing_id = make.pairing(mara, sol, state=PairingState.ACTIVE)
    return Three(mara, sol, adler, f"/c/lakeside/pairings/{pairing_id}")


def test_a_concern_from_the_pairing_to_its_end(served, three, seat, tray):
    sol, adler = seat(three.sol), seat(three.adler)
    sol.open(three.pairing)
    sol.press("Report a concern")
    expect(sol.page.get_by_role("link", name=re.compile("988.*Lifeline"))).to_be_visible()
    expect(sol.page.get_by_label("Who is it about?")).to_have_value(str(three.mara.id))
    sol.press("Send report")
    sol.reads("Say what worries you.")
    sol.page.get_by_label("What worries you?").fill("Messages at night, secretword")
    sol.page.get_by_label("Stop all contact between us now").check()
    sol.press("Send report")
    sol.reads("Goes to")
    sol.reads("Not yet.")
    here = sol.page.url

    work(served)
    [mail] = tray.to(three.adler.email)
    for hidden in ("secretword", "Sol", "Mara"):
        assert hidden not in str(mail)
    assert here in words(mail)
    [ended] = tray.to(three.mara.email)
    assert "has come to its end" in str(ended["Subject"])
    assert "concern" not in words(ended).partition("\n--")[0]

    adler.open(re.search(r"https?://\S+/concerns/\S{36}", words(mail))[0])
    assert "secretword" not in adler.page.content()
    adler.press("Look at it now")
    adler.reads("secretword")
    adler.press("I have it in hand")
    adler.page.get_by_label("Add a note").fill("Called both")
    adler.press("Add note")
    adler.page.get_by_label("Talked over with those concerned").check()
    adler.press("Close this concern")
    adler.reads("Closed")

    tray.empty()
    work(served)
    assert {str(mail["Subject"]) for mail in tray.to(three.sol.email)} == {
        "What you sent in has moved on"
    }
    sol.open(here)
    sol.reads("Talked over with those concerned")
    assert "Called both" not in sol.page.content()
    sol.open("/c/lakeside/concerns")
    sol.press(re.compile("^Lift the block"))
    sol.press("Lift the block")
    sol.reads("Concerns and blocks")
    mara = seat(three.mara)
    mara.open(here)
    mara.reads("There is nothing here")


def test_heavy_words_show_their_writer_whom_to_call(three, seat):
    sol = seat(three.sol)
    sol.open(f"{three.pairing}/check-in")
    sol.page.get_by_label("I am stuck").check()
    sol.page.get_by_label("What has moved?").fill("I just want to die")
    sol.press(re.compile("^Save"))
    told = sol.page.get_by_role("status")
    expect(told).to_contain_text("It sounds heavy")
    expect(told.get_by_role("link", name=re.compile("988 Lifeline"))).to_have_attribute(
        "href", "tel:988"
    )
