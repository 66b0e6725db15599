"""On a phone: two agree on a standing meeting, and a mentor meets several students at once.

The product is served from this process, so that its clock can stand in March.
"""

from datetime import UTC, datetime

from mentorship.foundation.database import db
from mentorship.relationships.models import PairingState
from tests import make
from tests.conftest import words
from tests.journeys.serving import work

#: Monday morning in Chicago; the clocks go forward on Sunday.
BEGAN = datetime(2027, 3, 8, 16, tzinfo=UTC)


def test_two_meet_every_second_week_and_skip_one(served, seat, tray):
    with served.app_context():
        lakeside = make.chapter("lakeside")
        mentor = make.mentor(lakeside, "Dr. Mara Quist", hours=make.WEEKDAYS)
        student = make.student(lakeside, "Sol Adair")
        pairing_id = make.pairing(mentor, student, state=PairingState.ACTIVE)
        db.session.remove()
    sol, mara = seat(student), seat(mentor)

    sol.open(f"/c/lakeside/pairings/{pairing_id}")
    sol.press("Meet regularly")
    sol.page.get_by_label("How often").select_option("Every 2 weeks")
    sol.page.get_by_label("What is it for?").fill("Walk through my cases.")
    # Two o'clock on Thursday.
    sol.page.locator("input[name=slot][value='2027-03-11T20:00Z']").check(force=True)
    sol.press("Propose it from Thu 2:00 PM")
    sol.reads("every 2 weeks, on Thursdays at 2:00 PM in Chicago")

    mara.open(f"/c/lakeside/pairings/{pairing_id}/standing")
    mara.reads("Walk through my cases.")
    mara.press("Agree to all of them")
    # The clock on the wall stays the same over the change of clocks.
    for date in ("Thu, Mar 11, 2:00", "Thu, Mar 25, 2:00", "Thu, Apr 8, 2:00"):
        mara.reads(date)
    work(served)
    told = {mail["Subject"] for mail in tray.to(student.email)}
    assert "Thu, Mar 25, 2:00 PM CDT with Dr. Mara Quist" in told
    [agreed] = [mail for mail in tray.to(student.email) if "Standing" in mail["Subject"]]
    assert "Apr 8" in words(agreed)

    sol.open(f"/c/lakeside/pairings/{pairing_id}/standing")
    sol.press("Skip Thu, Mar 25, 2:00 PM CDT")
    sol.page.locator("textarea[name=word]").fill("I am away that week.")
    sol.press("Call it off and tell Dr. Quist")
    sol.open(f"/c/lakeside/pairings/{pairing_id}/standing")
    sol.reads("Called off")
    sol.reads("Thu, Apr 8, 2:00")
    sol.page.get_by_text("Stop from a date on").click()
    sol.press("Stop it and tell Dr. Quist")
    sol.reads("was stopped")


def test_a_mentor_opens_a_session_and_two_sign_up_for_one_seat(served, seat, tray):
    with served.app_context():
        lakeside = make.chapter("lakeside")
        mentor = make.mentor(lakeside, "Dr. Mara Quist")
        student = make.student(lakeside, "Sol Adair")
        late = make.student(lakeside, "Wanda Late")
        db.session.remove()
    mara, sol, wanda = seat(mentor), seat(student), seat(late)

    mara.open("/c/lakeside/meetings")
    mara.press("Group sessions")
    mara.press("Open a session of mine")
    mara.page.get_by_label("What it is about").fill("How I made my rank list")
    mara.page.get_by_label("Day").fill("2027-03-18")
    mara.page.get_by_label("Begins at").fill("18:30")
    mara.page.get_by_label("Seats").fill("1")
    mara.page.get_by_label("Where").fill("Library, room 4")
    mara.press("Open the session")
    mara.reads("0 of 1 seat taken")

    for who, button, said in (
        (sol, "Take a seat", "You have a seat."),
        (wanda, "Wait in line for a seat", "You are in line."),
    ):
        who.open("/c/lakeside/sessions")
        who.press("How I made my rank list")
        who.press(button)
        who.reads(said)
    sol.open("/c/lakeside/meetings")
    sol.reads("How I made my rank list")

    sol.press("How I made my rank list")
    sol.press("Give the seat back")
    work(served)
    assert "it is yours now" in words(tray.to(late.email)[-1])
    wanda.page.reload()
    wanda.reads("You have a seat.")
    mara.page.reload()
    mara.reads("Wanda Late")
    mara.page.locator("summary", has_text="Call it off").click()
    mara.press("Call it off for all")
    mara.reads("This session is called off.")
