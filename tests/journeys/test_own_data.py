"""Somebody looks at what is kept of them, takes it along, and deletes their account."""

import io
import re
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from mentorship.accounts.models import User
from mentorship.foundation import clock
from mentorship.foundation.database import db
from mentorship.own_data import erasure
from mentorship.tenancy.roles import Role
from tests import make
from tests.journeys.conftest import DESK, PHONE
from tests.journeys.serving import work

BEGAN = datetime(2026, 3, 2, 18, tzinfo=UTC)


@pytest.fixture
def lakeside(served):
    with served.app_context():
        lakeside = make.chapter("lakeside")
        db.session.remove()
    return lakeside


@pytest.fixture
def sol(served, lakeside):
    with served.app_context():
        mara, sol = make.mentor(lakeside, "Dr. Mara Quist"), make.student(lakeside, "Sol Adair")
        make.coordinator(lakeside, "Cora Winslow")
        make.meeting(mara, sol, make.pairing(mara, sol), starts_at=BEGAN + timedelta(days=20))
        db.session.remove()
    return sol


@pytest.mark.parametrize("screen", [PHONE, DESK], ids=["phone", "desk"])
def test_a_copy_of_everything_is_taken_along(served, seat, sol, screen, tmp_path):
    somebody = seat(sol, viewport=screen)
    somebody.open("/account/data")
    somebody.reads("You have not said yes, so it is off.")
    somebody.press("Make a copy")
    somebody.reads("Your copy is being made")

    work(served)
    somebody.page.get_by_role("link", name="Download it").wait_for()
    somebody.look()
    with somebody.page.expect_download() as download:
        somebody.page.get_by_role("link", name="Download it").click()
    archive = zipfile.ZipFile(io.BytesIO(download.value.path().read_bytes()))
    page = tmp_path / "index.html"
    page.write_bytes(archive.read("index.html"))

    reader = somebody.page.context.new_page()
    reader.goto(page.as_uri())
    expect(reader.get_by_role("heading", level=1)).to_have_text("Everything about you")
    expect(reader.locator("body")).to_contain_text("Dr. Mara Quist")
    reader.close()


def test_an_account_is_deleted_after_a_week_to_think(served, seat, sol, monkeypatch, tray):
    somebody = seat(sol)
    somebody.open("/account/data")
    somebody.press("Delete my account")
    somebody.page.get_by_label("Type the address").fill("somebody@example.org")
    somebody.press("Delete my account in seven days")
    somebody.reads("as it stands above")
    somebody.page.get_by_label("Type the address").fill(sol.email)
    somebody.press("Delete my account in seven days")
    somebody.reads("Your account will be deleted")
    somebody.press("Keep my account")
    somebody.reads("Your account stays as it is.")
    somebody.press("Delete my account")
    somebody.page.get_by_label("Type the address").fill(sol.email)
    somebody.press("Delete my account in seven days")

    for later in (timedelta(days=7), timedelta(days=7) + erasure.TO_TELL):
        instant = BEGAN + later + timedelta(minutes=5)
        monkeypatch.setattr(clock, "now", lambda instant=instant: instant)
        work(served)

    somebody.page.goto(somebody.address + "/account/data")
    expect(somebody.page).to_have_url(re.compile("/sign-in"))
    with served.app_context():
        left = db.session.scalar(select(User.email).where(User.id == sol.user_id))
        db.session.remove()
    assert left == f"{sol.user_id}@erased.invalid"


def test_a_chapter_says_how_long_it_keeps_things_and_what_would_go(served, seat, lakeside):
    with served.app_context():
        cora = make.coordinator(lakeside, "Cora Winslow")
        ada = make.member(lakeside, Role.ADVISOR, name="Dr. Ada Brandt")
        db.session.remove()
    somebody, second = seat(cora), seat(ada, viewport=DESK)
    somebody.open("/c/lakeside/settings/keeping")
    somebody.page.get_by_label("Notes on the weekly list").select_option("6")
    somebody.press("Look what would go")
    somebody.reads("Nothing is saved yet.")
    somebody.press("Save")
    somebody.reads("Saved. What is over goes tonight.")

    somebody.open("/c/lakeside/settings/copy")
    somebody.open("/c/lakeside/settings/end")
    somebody.page.get_by_label("Type the chapter's name").fill("Lakeside EMIG")
    somebody.press("Ask for the removal")
    somebody.reads("Nothing happens before a second person confirms it.")
    second.open("/c/lakeside/settings/end")
    second.page.get_by_label("Type the chapter's name").fill("Lakeside EMIG")
    second.press("Confirm the removal")
    second.reads("will be removed")
    second.press("Keep the chapter")
    second.reads("The chapter stays.")
