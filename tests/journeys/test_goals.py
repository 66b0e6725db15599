"""A student on a phone: a step of the road map becomes a goal, is ordered, shared and reached."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from playwright.sync_api import expect

from mentorship.foundation import scope
from mentorship.foundation.database import db
from mentorship.relationships import action_items
from mentorship.tenancy.members import Member
from tests import make

#: Monday noon in Chicago.
BEGAN = datetime(2027, 3, 8, 18, tzinfo=UTC)


@pytest.fixture
def three(served) -> tuple[Member, Member, Member, str]:
    """Mara and Sol, who are paired, with an item that is overdue; Cora; and the pairing's page."""
    with served.app_context():
        lakeside = make.chapter("lakeside", zone="America/Chicago")
        mara = make.mentor(lakeside, "Dr. Mara Quist", hours=make.WEEKDAYS)
        sol = make.student(lakeside, "Sol Adair")
        cora = make.coordinator(lakeside, "Cora Winslow")
        pairing_id = make.pairing(mara, sol, began_at=BEGAN - timedelta(days=30))
        with scope.chapter(lakeside.id):
            action_items.take_on(
                pairing_id=pairing_id,
                owner=sol,
                what="Email Dr. Chen about the data set",
                due_on=date(2027, 3, 2),
                by=sol,
                now=BEGAN - timedelta(days=9),
            )
            db.session.commit()
        db.session.remove()
    return mara, sol, cora, f"/c/lakeside/pairings/{pairing_id}"


def test_a_step_becomes_a_goal_that_is_shared_and_reached(three, seat):
    mara, sol, _, page = three
    sols, maras = seat(sol), seat(mara)

    sols.open("/c/lakeside/")
    expect(sols.page.get_by_role("heading", name="Your goals")).to_be_visible()
    sols.press("The road map")
    sols.reads("Apply for an away rotation")
    sols.press(re.compile("Hide ?: Set the date of Step 2"))
    sols.reads("1 hidden step")
    sols.press(re.compile("Take it on ?: Apply for an away rotation"))
    sols.page.get_by_label("By when").fill("2027-03-01")
    sols.page.get_by_label("How you will know").fill("Two applications are in")
    sols.press("Take it on")
    sols.reads("Choose a day from today on")
    expect(sols.page.get_by_label("How you will know")).to_have_value("Two applications are in")
    sols.page.get_by_label("By when").fill("2027-04-15")
    sols.press("Take it on")
    sols.reads("A goal of yours")

    sols.open("/c/lakeside/goals")
    sols.press("Apply for an away rotation in emergency medicine")
    steps = sols.page.locator("#steps .agenda > li")
    for what in ("Ask Dr. Quist", "Write to Ohio"):
        sols.page.get_by_label("Next step").fill(what)
        sols.page.get_by_role("button", name="Add", exact=True).click()
        expect(steps.filter(has_text=what)).to_be_visible()
    up = sols.page.get_by_role("button", name="Move up: Write to Ohio")
    up.focus()
    sols.page.keyboard.press("Enter")
    expect(steps.first).to_contain_text("Write to Ohio")
    expect(up).to_be_focused()
    sols.page.get_by_label("Write to Ohio").first.check()
    sols.reads("1 of 2 done")
    sols.look()

    maras.open(page)
    expect(maras.page.locator("main")).not_to_contain_text("away rotation")
    sols.press(re.compile("Change +who sees it"))
    sols.page.get_by_label("The mentors I choose").check()
    sols.page.get_by_label("Dr. Mara Quist").check()
    sols.press("Save")
    sols.reads("Dr. Mara Quist")
    maras.open(page)
    maras.reads("Apply for an away rotation")
    maras.reads("1 of 2 steps done")

    sols.press("Reached, or let go")
    sols.page.get_by_label("I have reached it").check()
    sols.page.get_by_label(re.compile("A word on it")).fill("Ohio said yes")
    sols.press("Keep it")
    sols.reads("Reached on")
    maras.open(page + "?show=goals")
    maras.reads("Ohio said yes")


def test_what_is_owed_is_changed_dropped_and_put_back(three, seat):
    _, sol, cora, _ = three
    sols, coras = seat(sol), seat(cora)

    sols.open("/c/lakeside/")
    sols.press(re.compile("all action items"))
    sols.reads("1 action item past the day")
    sols.page.get_by_text("More: Email Dr. Chen").click()
    sols.press(re.compile("Change ?: Email"))
    sols.page.get_by_label("Due").fill("2027-03-20")
    sols.press("Save")
    sols.reads("Action item changed")

    sols.open("/c/lakeside/action-items")
    sols.page.get_by_text("More: Email Dr. Chen").click()
    sols.press(re.compile("Drop it for both"))
    sols.reads("Nothing open")
    sols.press(re.compile("Put it back"))
    sols.page.get_by_text("More: Email Dr. Chen").click()
    sols.press(re.compile("What came of it"))
    sols.page.get_by_label("What came of it").fill("He says yes")
    sols.press("It is done")
    sols.reads("He says yes")

    coras.open("/c/lakeside/road-maps?stage=m3")
    coras.page.get_by_label("Step 1", exact=True).fill("Come to our first evening")
    coras.press("Save the road map")
    sols.open("/c/lakeside/road-map")
    sols.reads("Come to our first evening")
