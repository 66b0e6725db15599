"""Those who run a chapter: somebody is taken out and brought back, and a role is handed over."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest

from mentorship.relationships.models import PairingState
from mentorship.tenancy.members import Member
from mentorship.tenancy.roles import Role
from tests import make
from tests.conftest import words
from tests.journeys.conftest import DESK
from tests.journeys.serving import work

BEGAN = datetime(2026, 3, 2, 18, tzinfo=UTC)


class Chapter(NamedTuple):
    cora: Member
    mara: Member
    sol: Member
    nell: str


@pytest.fixture
def chapter(served) -> Chapter:
    with served.app_context():
        lakeside = make.chapter("lakeside")
        cora = make.coordinator(lakeside, "Cora Winslow")
        mara = make.mentor(lakeside, "Dr. Mara Quist")
        sol = make.student(lakeside, "Sol Adair")
        make.member(lakeside, Role.ADVISOR, name="Prof. Ada Ray")
        pairing_id = make.pairing(mara, sol, state=PairingState.ACTIVE)
        make.meeting(mara, sol, pairing_id, starts_at=BEGAN + timedelta(days=7))
        make.network_admin("nell@network.example.org")
    return Chapter(cora, mara, sol, "nell@network.example.org")


def test_somebody_is_taken_out_and_brought_back(served, chapter, seat, tray):
    cora, sol = seat(chapter.cora, viewport=DESK, has_touch=False), seat(chapter.sol)
    sol.open("/c/lakeside/")
    cora.open("/c/lakeside/people")
    cora.press("Sol Adair")
    cora.press("Take out of the chapter")
    cora.reads("1 pairing ends.")
    cora.reads("1 meeting or request is called off.")
    cora.press("Take out of the chapter")
    cora.reads("Sol Adair is out of Lakeside EMIG.")

    sol.open("/c/lakeside/")
    sol.reads("You are not in Lakeside EMIG anymore")
    work(served)
    assert any("Called off" in str(mail["Subject"]) for mail in tray.to(chapter.mara.email))

    cora.press("Sol Adair")
    cora.press("Bring back")
    cora.reads("Sol Adair is back")
    sol.open("/c/lakeside/")
    sol.reads("Your portfolio")


def test_a_role_is_handed_over_with_what_to_know(served, chapter, seat, tray):
    cora, sol = seat(chapter.cora), seat(chapter.sol)
    cora.open("/c/lakeside/settings")
    cora.press("Hand over")
    cora.reads("Concerns are the faculty advisor’s")
    cora.press("Hand over")
    cora.reads("Choose who follows you.")
    cora.page.get_by_label("Who follows you").select_option("Sol Adair")
    cora.page.get_by_label("They begin on").fill("2026-03-02")
    cora.page.get_by_label("What should they know?").fill("Ask the dean before the fair.")
    cora.press("Hand over")

    work(served)
    [mail] = [mail for mail in tray.to(chapter.sol.email) if "hands over" in mail["Subject"]]
    assert "dean" not in words(mail)  # what was written is read behind the door
    [link] = [line for line in words(mail).splitlines() if "/hand-over/" in line]
    sol.open(link.strip())
    sol.reads("Ask the dean before the fair.")
    sol.open("/c/lakeside/people")
    cora.open("/c/lakeside/people")
    cora.reads("You are not in Lakeside EMIG anymore")


def test_the_network_helps_for_as_long_as_the_chapter_lets_it(served, chapter, seat):
    cora = seat(chapter.cora)
    cora.open("/c/lakeside/settings")
    cora.press("Support access")
    cora.page.get_by_label("Their email address").fill(chapter.nell)
    cora.page.get_by_label("Why").fill("A matching run does not end.")
    cora.press("Let them in")
    cora.reads("May look, and change nothing, until")
    with served.app_context():
        elsewhere = make.student(make.chapter("harborside"), email=chapter.nell)
    nell = seat(elsewhere, viewport=DESK, has_touch=False)
    nell.open("/c/lakeside/people")
    nell.reads("You help Lakeside EMIG by its consent.")
    nell.press("Sol Adair")
    cora.press("End now")
    nell.open("/c/lakeside/people")
    nell.reads("You are not in Lakeside EMIG anymore")
