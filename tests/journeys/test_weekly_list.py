"""A coordinator's Monday: whom to help, done where it stands, with the script and on a phone."""

import re

import pytest

from tests.journeys.conftest import DESK, PHONE

COORDINATOR = "Maureen O'Malley"


@pytest.mark.parametrize("screen", [PHONE, DESK])
def test_a_coordinator_goes_through_the_week(person, screen):
    maureen = person(screen, lead=COORDINATOR)
    maureen.open("/c/lakeshore/dashboard")
    maureen.press("This week")
    page = maureen.page
    before = page.locator("#week form:has([name=reason])").count()
    assert before

    # The form of the first line, with the note unfolded by hand.
    line = page.locator("#week ol.todo > li").first
    who = line.locator("h3").inner_text()
    line.locator("summary").click()
    line.get_by_label("Note").fill("Back from nights on Friday.")
    page.evaluate("document.stays = true")
    line.get_by_role("button", name="Only look again then").click()
    maureen.reads(f"{who} is on the list again in 1 week")
    maureen.reads("Back from nights on Friday.")
    assert page.evaluate("document.stays"), "the page was left, though only its list changes"
    maureen.look()

    page.get_by_role("button", name=re.compile(f"Undo.*{re.escape(who)}")).first.click()
    maureen.reads("It is on the list again.")
    assert page.locator("#week ol.todo > li h3").first.inner_text() == who

    maureen.press("All pairings by health")
    page.get_by_label("Health").select_option("hand")
    maureen.press("Filter")
    assert "level=hand" in page.url
