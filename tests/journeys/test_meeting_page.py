"""The meeting page in a browser: nothing written there is lost, and agendas are put in order.

The product is served from this process: a sign-in ends, and the network goes, as the tests say.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from mentorship.foundation import clock, scope
from mentorship.foundation.database import db
from mentorship.relationships import action_items
from mentorship.scheduling import agendas
from mentorship.scheduling.models import AgendaItem, Meeting, PrivateNote
from mentorship.scheduling.queries import my_meeting
from mentorship.tenancy.members import Member
from mentorship.vocabulary.kinds import Kind
from tests import make
from tests.journeys.serving import cookie

BEGAN = datetime(2026, 3, 2, 18, tzinfo=UTC)
STARTS = datetime(2026, 3, 5, 19, tzinfo=UTC)


class Two(NamedTuple):
    mara: Member
    sol: Member
    meeting_id: UUID

    @property
    def page(self) -> str:
        return f"/c/lakeside/meetings/{self.meeting_id}"


@pytest.fixture
def two(served, request) -> Two:
    """A pair with a meeting ahead, three items on its agenda, and one from before to report on."""
    kind = getattr(request, "param", Kind.CAREER)
    with served.app_context():
        lakeside = make.chapter("lakeside")
        mara = make.mentor(lakeside, "Dr. Mara Quist")
        sol = make.student(lakeside, "Sol Adair")
        pairing_id = make.pairing(mara, sol, kind)
        meeting_id = make.meeting(mara, sol, pairing_id, starts_at=STARTS)
        with scope.chapter(lakeside.id):
            meeting, now = my_meeting(meeting_id, member=sol), clock.now()
            for what in ("Alpha", "Beta", "Gamma"):
                agendas.add(meeting=meeting, what=what, by=sol, now=now)
            action_items.take_on(
                pairing_id=pairing_id, owner=sol, what="Write", due_on=None, by=sol, now=now
            )
            db.session.commit()
        db.session.remove()
    return Two(mara, sol, meeting_id)


@pytest.fixture
def one(served, two) -> Callable:
    """Read what is kept: `one(Meeting.notes)`."""

    def one(column):
        with served.app_context(), scope.chapter(two.sol.chapter_id):
            return db.session.scalars(select(column)).one()

    return one


@pytest.fixture
def order(served, two) -> Callable[[], str]:
    """The first letters of the agenda's items, in their order."""

    def order() -> str:
        with served.app_context(), scope.chapter(two.sol.chapter_id):
            return "".join(
                what[0]
                for what in db.session.scalars(
                    select(AgendaItem.what).order_by(AgendaItem.position, AgendaItem.id)
                )
            )

    return order


def shared(page: Page) -> Locator:
    return page.get_by_label("Shared notes")


def private(page: Page) -> Locator:
    return page.get_by_label("Private notes")


def drafts(page: Page) -> list[str]:
    """What this device keeps that is not saved, for as long as the tab or longer."""
    return page.evaluate(
        "[localStorage, sessionStorage].flatMap((store, at) => Object.keys(store)"
        ".filter(key => key.startsWith('draft:'))"
        ".map(key => `${['lasting', 'tab'][at]} ${key.split(':').at(-1)}`)).sort()"
    )


def test_says_how_the_saving_goes_and_keeps_nothing_once_it_is_saved(two, seat, one):
    sol = seat(two.sol)
    sol.open(two.page)
    shared(sol.page).press_sequentially("Eight **programs**")
    assert drafts(sol.page) == ["lasting shared"]
    expect(sol.page.locator("#shared-status")).to_have_text(re.compile(r"^Saved 12:\d\d PM\.$"))

    assert one(Meeting.notes) == "Eight **programs**"
    assert drafts(sol.page) == []
    sol.page.get_by_text("How they read").click()
    expect(sol.page.locator("#shared-read strong")).to_have_text("programs")
    sol.look()


def test_a_lost_network_costs_nothing_and_saves_by_itself_when_it_is_back(two, seat, one):
    sol = seat(two.sol)
    sol.open(two.page)
    sol.page.context.set_offline(True)
    shared(sol.page).press_sequentially("Written in the basement")
    status = sol.page.locator("#shared-status")
    expect(status).to_have_text("Not saved: no network. Your words are kept on this device.")
    sol.look()
    sol.page.get_by_role("button", name="Save shared notes").click()
    expect(shared(sol.page)).to_have_value("Written in the basement")

    sol.page.context.set_offline(False)
    expect(status).to_have_text(re.compile("^Saved "))
    assert one(Meeting.notes) == "Written in the basement"
    assert drafts(sol.page) == []


def test_words_of_a_sign_in_that_ended_are_offered_back_after_the_next(served, two, seat, one):
    sol = seat(two.sol)
    sol.open(two.page)
    sol.page.context.clear_cookies()
    shared(sol.page).press_sequentially("Half a thought")
    private(sol.page).press_sequentially("For me")
    expect(sol.page.locator("#shared-status")).to_contain_text("Not saved: your sign-in has ended.")
    expect(sol.page.locator("#private-status")).to_contain_text("kept on this device")

    sol.page.on("dialog", lambda dialog: dialog.accept())
    sol.page.goto(f"{sol.address}/sign-in")
    sol.page.context.add_cookies([cookie(served, two.sol)])
    sol.open(two.page)
    assert shared(sol.page).input_value() == ""
    for which in ("shared", "private"):
        form = sol.page.locator(f"form[data-draft$=':{which}']")
        expect(form.locator(".note")).to_contain_text("that was not saved")
        form.get_by_role("button", name="Put them back").click()
        expect(sol.page.locator(f"#{which}-status")).to_have_text(re.compile("^Saved "))
    assert (one(Meeting.notes), one(PrivateNote.words)) == ("Half a thought", "For me")
    assert drafts(sol.page) == []


def test_words_put_back_overwrite_nothing_that_came_meanwhile(served, two, seat, one):
    sol, mara = seat(two.sol), seat(two.mara)
    sol.open(two.page)
    sol.page.context.set_offline(True)
    shared(sol.page).press_sequentially("Mine")
    expect(sol.page.locator("#shared-status")).to_contain_text("no network")
    mara.open(two.page)
    shared(mara.page).fill("Theirs")
    expect(mara.page.locator("#shared-status")).to_have_text(re.compile("^Saved "))

    sol.page.context.set_offline(False)
    expect(sol.page.locator("#shared-status")).to_contain_text("changed meanwhile")
    sol.page.on("dialog", lambda dialog: dialog.accept())
    sol.open(two.page)
    sol.page.get_by_role("button", name="Put them back").click()
    expect(sol.page.locator("#shared-status")).to_contain_text("changed meanwhile")
    assert one(Meeting.notes) == "Theirs"
    sol.press("Save shared notes")
    sol.reads("Two texts, one to keep")
    sol.press("Save these notes")
    assert one(Meeting.notes) == "Theirs\nMine"


def test_two_tabs_of_one_person_lose_nothing_either(two, seat, one):
    sol = seat(two.sol)
    sol.open(two.page)
    other = sol.page.context.new_page()
    other.goto(sol.address + two.page)
    shared(other).fill("In the other tab")
    expect(other.locator("#shared-status")).to_have_text(re.compile("^Saved "))
    shared(sol.page).fill("In this tab")
    expect(sol.page.locator("#shared-status")).to_contain_text("changed meanwhile")

    sol.press("Save shared notes")
    for words in ("In the other tab", "In this tab"):
        sol.reads(words)
    assert one(Meeting.notes) == "In the other tab"


@pytest.mark.parametrize("two", [Kind.WELLNESS], indirect=True)
def test_of_wellness_nothing_outlasts_the_tab(two, seat):
    sol = seat(two.sol)
    sol.open(two.page)
    sol.page.context.set_offline(True)
    shared(sol.page).press_sequentially("Nights")
    private(sol.page).press_sequentially("Tired")

    assert drafts(sol.page) == ["tab private", "tab shared"]
    assert sol.page.evaluate("Object.keys(localStorage).length") == 0


@pytest.mark.parametrize("leaves", ["by signing out", "to somebody else"])
def test_what_is_kept_is_forgotten_when_somebody_leaves_the_device(served, two, seat, leaves):
    sol = seat(two.sol)
    sol.open(two.page)
    shared(sol.page).press_sequentially("MRN 00412233")  # which is asked about, and not saved
    expect(sol.page.locator("#shared-status")).to_contain_text("could identify a patient")
    assert drafts(sol.page) == ["lasting shared"]
    sol.page.on("dialog", lambda dialog: dialog.accept())
    if leaves == "by signing out":
        sol.page.locator(".me").click()
        sol.page.get_by_role("button", name="Sign out").click()
        sol.page.wait_for_url("**/sign-in*")
    else:
        sol.page.context.clear_cookies()
        sol.page.context.add_cookies([cookie(served, two.mara)])
        sol.page.goto(sol.address + two.page)
        expect(sol.page.get_by_role("button", name="Put them back")).to_have_count(0)

    assert drafts(sol.page) == []


def test_what_is_pasted_is_never_cut(two, seat, one):
    sol = seat(two.sol)
    sol.open(two.page)
    pasted = ("x" * 99 + " ") * 1000
    shared(sol.page).evaluate(
        "(field, words) => { field.value = words;"
        " field.dispatchEvent(new Event('input', {bubbles: true})); }",
        pasted,
    )
    status = sol.page.locator("#shared-status")
    expect(status).to_contain_text("Keep the notes within 40,000 characters. These have 99,999.")
    assert shared(sol.page).input_value() == pasted
    assert drafts(sol.page) == ["lasting shared"]


@pytest.mark.parametrize("touch", [False, True])
def test_an_item_is_dragged_to_its_place(two, seat, order, touch):
    sol = seat(two.sol, has_touch=touch)
    sol.open(two.page)
    grip = sol.page.locator(".grip").nth(2)
    grip.scroll_into_view_if_needed()
    held, box = grip.bounding_box(), sol.page.locator(".agenda > li").nth(0).bounding_box()
    _drag(sol.page, held, to_y=box["y"] + 4, touch=touch)
    expect(sol.page.locator(".agenda .line").nth(0)).to_have_text("Gamma")
    expect(sol.page.locator(".agenda .grip")).to_have_count(3)
    sol.page.wait_for_function("document.querySelectorAll('.dragged').length === 0")
    sol.page.reload()
    expect(sol.page.locator(".agenda .line").nth(0)).to_have_text("Gamma")

    assert order() == "GAB"


def _drag(page: Page, held: dict, *, to_y: float, touch: bool) -> None:
    """Hold something, move it up or down, and let it go."""
    x, y = held["x"] + held["width"] / 2, held["y"] + held["height"] / 2
    if not touch:
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x, (y + to_y) / 2)
        page.mouse.move(x, to_y)
        with page.expect_response("**/move"):
            page.mouse.up()
        return
    finger = page.context.new_cdp_session(page)

    def at(kind: str, *points: tuple[float, float]) -> None:
        touches = [{"x": one, "y": other} for one, other in points]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    at("touchStart", (x, y))
    for step in range(1, 6):
        at("touchMove", (x, y + (to_y - y) * step / 5))
    with page.expect_response("**/move"):
        at("touchEnd")


def test_a_drag_is_given_up_by_escape(two, seat, order):
    sol = seat(two.sol)
    sol.open(two.page)
    grip = sol.page.locator(".grip").nth(2)
    grip.scroll_into_view_if_needed()
    held, box = grip.bounding_box(), sol.page.locator(".agenda > li").nth(0).bounding_box()
    sol.page.mouse.move(held["x"] + 10, held["y"] + 10)
    sol.page.mouse.down()
    sol.page.mouse.move(held["x"] + 10, box["y"] + 4)
    expect(sol.page.locator(".agenda .line").nth(0)).to_have_text("Gamma")
    sol.page.keyboard.press("Escape")
    sol.page.mouse.up()

    expect(sol.page.locator(".agenda .line").nth(0)).to_have_text("Alpha")
    assert order() == "ABG"


def test_items_are_moved_by_keyboard_and_the_focus_stays(two, seat, order):
    sol = seat(two.sol)
    sol.open(two.page)
    up = sol.page.get_by_role("button", name="Move up: Gamma")
    up.focus()
    for _ in range(2):
        with sol.page.expect_response("**/move"):
            sol.page.keyboard.press("Enter")
        expect(sol.page.locator(".agenda .line").nth(2)).to_have_text("Beta")
        expect(up).to_be_focused()

    assert order() == "GAB"


def test_what_both_do_to_an_agenda_at_once_is_all_there(two, seat, order):
    sol, mara = seat(two.sol), seat(two.mara)
    sol.open(two.page)
    mara.open(two.page)
    mara.page.get_by_label("Add a question or a topic").fill("Delta")
    mara.page.get_by_role("button", name="Add", exact=True).click()
    expect(mara.page.locator(".agenda .line")).to_have_count(4)
    with mara.page.expect_response("**/remove"):
        mara.page.get_by_role("button", name="Remove: Alpha").click()
    with sol.page.expect_response("**/move"):
        sol.page.get_by_role("button", name="Move up: Gamma").click()

    expect(sol.page.locator(".agenda .line")).to_have_text(["Gamma", "Beta", "Delta"])
    assert order() == "GBD"


def test_an_action_item_from_before_is_reported_back_in_one_tap(two, seat):
    sol = seat(two.sol)
    sol.open(two.page)
    carried = sol.page.locator("#prepare .todo > li")
    with sol.page.expect_response("**/carried/*"):
        carried.get_by_role("button", name="Not yet: Write").click()
    expect(carried).to_contain_text("Not yet, as reported")
    with sol.page.expect_response("**/carried/*"):
        carried.get_by_role("button", name="Done: Write").click()
    expect(carried).to_contain_text("Done")
    sol.look()


def test_the_pages_around_it_have_no_barrier(two, seat):
    sol = seat(two.sol)
    sol.open(two.page)
    sol.page.get_by_text("It is something else").click()
    sol.page.locator("#prepare details.more summary").last.click()
    sol.look()
    shared(sol.page).fill("One line\n\n- a\n- b")
    expect(sol.page.locator("#shared-status")).to_have_text(re.compile("^Saved "))
    sol.open(f"{two.page}/notes/history")
    sol.reads("This is how they read now.")
    sol.page.goto(sol.address + two.page)
    sol.follow(sol.page.get_by_role("link", name="Edit: Alpha"))
