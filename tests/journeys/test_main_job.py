"""`mentorship demo` as it is really run, from its first start to its end, and a program in it.

In this order: once a run has been published, the demo has nobody left to propose; and once it was
killed, it is up to the last test to start it again.
"""

import re
import time
from collections.abc import Callable, Iterator
from functools import cache

import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser, StorageState, expect

from mentorship.cli.commands import main
from mentorship.demo.people import LEADS
from mentorship.foundation.local_postgres import LocalPostgres
from tests.demos import Demo, lives
from tests.journeys.conftest import DESK, PHONE, Person, seats
from tests.processes import free_port

COORDINATOR = "Maureen O'Malley"
#: What a mentor of the leads has been sent.
MAIL = f"/dev/mail/?to={LEADS['mentor'].email}"
STUDENT = ("Wren Halloway", "wren.halloway@lakeshore.example.edu")
MENTOR = ("Dr. Ines Varga", "ines.varga@lakeshore.example.org")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo, as `make demo` runs it, in a folder of its own."""
    # The shell's own words for an address and a mail server are not the demo's.
    demo = Demo(
        tmp_path_factory.mktemp("journeys") / "demo",
        free_port(),
        HOST="192.0.2.1",
        SMTP_HOST="192.0.2.2",
        BASE_URL="https://other.example",
    )
    try:
        yield demo.come_up()
    finally:
        demo.clear()


@pytest.fixture(scope="module")
def keys(demo: Demo, browser: Browser) -> Callable[[str], StorageState]:
    """What the browser of a lead holds once they are signed in; their link works only once."""

    @cache
    def keys(lead: str) -> StorageState:
        with browser.new_context() as context:
            page = context.new_page()
            page.goto(demo.links()[lead])
            page.get_by_role("button", name="Sign in").click()
            page.wait_for_url("**/c/**")
            return context.storage_state()

    return keys


@pytest.fixture
def person(
    demo: Demo, browser: Browser, keys: Callable[[str], StorageState]
) -> Iterator[Callable[..., Person]]:
    """Seat somebody: `person()` at a phone, `person(DESK)`, `person(lead="…")` signed in."""
    with seats(browser, demo.address) as seat:

        def person(screen: dict = PHONE, *, lead: str = "", script: bool = True) -> Person:
            storage = keys(lead) if lead else None
            somebody = seat(viewport=screen, java_script_enabled=script, storage_state=storage)
            if lead:
                somebody.page.goto(f"{demo.address}/")
            return somebody

        yield person


def roster() -> str:
    return (
        "name,email,role,stage,kinds,interests,capacity\n"
        f"{STUDENT[0]},{STUDENT[1]},student,M3,career; content: toxicology,toxicology; EMS,\n"
        f"{MENTOR[0]},{MENTOR[1]},mentor,faculty,career; wellness,toxicology; EMS,40\n"
    )


def upload(somebody, text: str) -> None:
    somebody.page.get_by_label(re.compile("roster|file", re.IGNORECASE)).first.set_input_files(
        {"name": "fall.csv", "mimeType": "text/csv", "buffer": text.encode()}
    )
    somebody.press("Check the file")


def sign_in(somebody, email: str) -> None:
    """Ask for a link, find it in the mailbox, and press the one button it leads to."""
    somebody.open("/sign-in")
    somebody.page.get_by_label(re.compile("email")).fill(email)
    somebody.press("Continue")
    somebody.find_mail(to=email, subject=re.compile("sign-in link"))
    link = somebody.page.frame_locator("iframe").get_by_role("link").first.get_attribute("href")
    somebody.open(link)
    somebody.press("Sign in")
    somebody.page.wait_for_url("**/c/lakeshore/**")


def test_comes_up_with_a_link_for_each_lead_and_the_mail_of_this_morning(demo):
    for lead in LEADS.values():
        assert lead.name in demo.said()
    assert f"Curbside is at http://localhost:{demo.port}" in demo.said()
    links = re.findall(rf"http://localhost:{demo.port}(/sign-in/\S+)", demo.said())
    assert len(set(links)) == len(LEADS)
    assert all("<form" in demo.page(link) for link in links)
    demo.until(lambda: "asks for 20 minutes" in demo.page(MAIL))


def test_a_run_is_reviewed_tried_out_and_run_again(person):
    coordinator = person(DESK, lead="Maureen O'Malley")
    page = coordinator.page
    coordinator.open("/c/lakeshore/runs/new")
    page.get_by_text("Finer settings").click()
    page.get_by_role("group", name="Career").get_by_label("Stage of training").fill("1")
    coordinator.press("Start the run")
    coordinator.reads("What counts for career mentoring adds up to")
    coordinator.open("/c/lakeshore/runs/new")
    page.get_by_role("button", name="Start the run").click()
    page.get_by_role("heading", name="Proposed pairs").wait_for(timeout=60_000)
    run = page.url.split("?")[0]
    coordinator.look()

    coordinator.reads("Proven best under your rules")
    coordinator.reads("What would help")
    coordinator.reads("Who fares how")
    page.get_by_text(re.compile("^Detail")).first.click()
    expect(page.locator(".whys").first).to_be_visible()

    coordinator.press("Compare")
    page.get_by_role("button", name="Work out: pairs nobody would swap").click()
    page.wait_for_url("**/compare?**", timeout=60_000)
    coordinator.look()
    coordinator.reads("Pairs nobody would swap, tried beside draft 1")
    coordinator.reads("Would both rather have each other")
    coordinator.open(run)
    coordinator.follow(page.get_by_role("link", name="Try it out").last)
    page.get_by_label("How many").fill("3")
    page.locator("[name=kind]").select_option("wellness")
    trial = page.locator("form", has=page.get_by_label("How many"))
    coordinator.follow(trial.get_by_role("button"))
    coordinator.reads("With 3 more wellness mentors")
    coordinator.reads("gets new mentor 1, wellness")

    coordinator.open(run)
    aside = page.get_by_role("button", name=re.compile("^Set .+ aside$")).first
    pair = (aside.get_attribute("aria-label") or "").removeprefix("Set ").removesuffix(" aside")
    aside.press("Enter")
    page.get_by_role("button", name="Run again with 1 change").click()
    coordinator.reads("Changed since the draft before")
    coordinator.look()
    gone = page.locator("#changed li", has_text=pair.replace(" with ", " no longer gets "))
    expect(gone).to_have_count(1)

    coordinator.press("See its history")
    coordinator.reads(f"Set aside {pair}")
    coordinator.reads("Proven: nothing better exists under these rules.")
    coordinator.open(f"{run}/discard")
    coordinator.press("Discard it")
    coordinator.reads("All runs")


def test_a_chapters_program_from_roster_to_check_in(person):
    # The coordinator brings two people in. A slip in the file is named before anything is done.
    coordinator = person(DESK, lead=COORDINATOR)
    coordinator.look()
    coordinator.open("/c/lakeshore/people/import")
    upload(coordinator, roster().replace("M3", "M33"))
    coordinator.reads("1 thing to mend in the file")
    coordinator.reads("M33")
    coordinator.press("Upload the mended file")
    upload(coordinator, roster())
    coordinator.press("Add 2 people")
    coordinator.reads("2 people added")

    # The new mentor says when students can book.
    mentor = person()
    sign_in(mentor, MENTOR[1])
    mentor.look()
    mentor.open("/c/lakeshore/hours")
    mentor.page.get_by_role("button", name="Add hours on Monday").click()
    opens = mentor.page.get_by_label("Monday, from")
    opens.fill("09:00")
    mentor.page.get_by_label("Monday, to").fill("17:00")
    mentor.page.get_by_role("button", name="Copy to all weekdays").first.click()
    expect(mentor.page.get_by_label("Friday, from")).to_have_value("09:00")
    mentor.page.locator(".commit").get_by_role("button", name="Save hours").click()
    mentor.page.wait_for_load_state()
    mentor.look()
    expect(mentor.page.get_by_label("Friday, to")).to_have_value("17:00")

    # A matching run: watched, reviewed, published.
    coordinator.open("/c/lakeshore/runs")
    coordinator.press("Start a run")
    coordinator.press("Start the run")
    coordinator.page.get_by_role("link", name=re.compile("^Publish")).first.wait_for(timeout=60_000)
    coordinator.look()
    coordinator.reads("Left over")
    coordinator.page.goto(f"{coordinator.page.url.split('#')[0].split('?')[0]}/publication")
    coordinator.look()
    marked = coordinator.page.get_by_label(re.compile("I have looked"))
    if marked.count():
        marked.check()
    coordinator.press("Publish and send")
    coordinator.reads("Published")

    # The student finds the mentor and asks for 25 minutes at a time that is free.
    student = person()
    sign_in(student, STUDENT[1])
    student.look()
    student.open(f"/c/lakeshore/find?q={MENTOR[0].split()[-1]}")
    student.press(MENTOR[0])
    student.press(re.compile("Ask for a time|Book a time"))
    if student.page.get_by_label("Career").count():
        student.page.get_by_label("Career").check()
    student.page.get_by_label(re.compile("What would you like")).fill(
        "Hear how a toxicologist's week really looks."
    )
    student.page.get_by_label(re.compile("Question 1|First question")).fill(
        "What would you do in my place this spring?"
    )
    student.page.locator(".slots label").first.click()
    student.page.locator("[data-commit]").click()
    student.page.wait_for_url("**/meetings/*")
    student.look()
    student.reads("has the request")
    meeting = student.page.url

    # The mentor accepts from the mail: the link, and one button.
    at_the_bedside = person()
    at_the_bedside.find_mail(to=MENTOR[1], subject=re.compile(STUDENT[0]))
    at_the_bedside.follow_in_mail(re.compile("^Accept"))
    at_the_bedside.press(re.compile("^Accept"))
    at_the_bedside.reads(re.compile("accepted|settled|It is a yes", re.IGNORECASE))
    for _, address in (STUDENT, MENTOR):
        at_the_bedside.find_mail(to=address, subject=re.compile(r"[AP]M \S+ with "))
        expect(at_the_bedside.page.locator("main")).to_contain_text("calendar invitation")

    # Agenda, notes and an action item, on one page for both.
    student.open(meeting)
    student.page.get_by_label("Add a question or a topic").fill("Which elective shows it best?")
    student.page.get_by_role("button", name="Add", exact=True).click()
    student.reads("Which elective shows it best?")
    student.page.get_by_label("Shared notes").fill("Spring elective: ask the poison center first.")
    student.press("Save shared notes")
    student.page.get_by_label("Private notes").fill("Slept badly; do not say so.")
    student.press("Save private notes")
    student.page.get_by_text("Add an action item").click()
    student.page.get_by_label(re.compile("What is to be done|What")).last.fill(
        "Write to the center"
    )
    student.page.get_by_role("button", name="Add action item").click()
    student.reads("Write to the center")
    student.look()

    mentor.open(meeting)
    mentor.reads("Which elective shows it best?")
    mentor.reads("Write to the center")
    expect(mentor.page.get_by_label("Shared notes")).to_have_value(
        "Spring elective: ask the poison center first."
    )
    assert "Slept badly" not in mentor.page.content()

    # A check-in between meetings stands on the line that both see.
    student.open("/c/lakeshore/pairings")
    student.press(MENTOR[0])
    student.press("Check in")
    student.page.get_by_label("Going well").check()
    student.page.get_by_label("What has moved?").fill("The poison center wrote back within a day.")
    student.press("Save check-in")
    student.reads("The poison center wrote back within a day.")
    mentor.open("/c/lakeshore/pairings")
    mentor.press(STUDENT[0])
    mentor.reads("The poison center wrote back within a day.")

    # Nobody else sees any of it.
    for stranger in (coordinator, person(lead="Amara Okonkwo-Reyes")):
        answer = stranger.page.goto(meeting)
        assert answer.status in (403, 404)
        assert "poison center" not in stranger.page.content()


def test_survives_a_kill_keeps_its_world_and_leaves_nothing(demo):
    # A second one in the same place does not take the first one's parts for leftovers.
    second = CliRunner().invoke(main, ["demo", "--folder", str(demo.folder)])
    running = f"The demo of {demo.folder} is running already. Ctrl-C there stops it."
    assert (second.exit_code, second.stderr) == (1, f"mentorship: {running}\n")
    assert demo.answers()

    secret = (demo.folder / "secret").read_text()
    parts = demo.parts()
    demo.process.kill()
    demo.process.wait()
    again = Demo(demo.folder, demo.port)
    try:
        again.come_up()
        assert "Making the demo world" not in again.said()
        assert (again.folder / "secret").read_text() == secret
        assert not any(lives(group) for group in parts)
        assert "asks for 20 minutes" in again.page(MAIL)

        assert again.ended() == 0
        assert "Stopped." in again.said()
        assert "Traceback" not in again.said()
        assert again.left() == []
        assert not again.answers()
        deadline = time.monotonic() + 30
        while (server := LocalPostgres(again.folder / "postgres")).running():
            assert time.monotonic() < deadline, f"{server.data} is still served"
            time.sleep(0.2)
    finally:
        again.clear()
