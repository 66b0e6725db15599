import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from mentorship.accounts import links
from mentorship.accounts.models import SignInLink
from mentorship.foundation import clock, rates
from mentorship.foundation.database import db, transaction
from mentorship.foundation.rates import Rate
from mentorship.tenancy.models import Membership
from tests import make
from tests.conftest import words


@pytest.fixture
def browser(app, undone):
    return app.test_client()


@pytest.fixture
def ask(browser, tray, work):
    """Ask for a link on the page, let the worker mail it, and hand over what came."""

    def ask(email, **form):
        answer = browser.post("/sign-in", data={"email": email, **form})
        work()
        return answer, tray.mails

    return ask


def address(mail):
    return re.search(r"http://localhost(/sign-in/\S+)", words(mail)).group(1)


def test_a_mailed_link_lets_its_person_in_with_one_more_tap(browser, ask, sol, now):
    _, [mail] = ask(sol.email)
    assert mail["To"] == sol.email
    assert browser.get(address(mail)).status_code == 200

    let_in = browser.post(address(mail))

    assert (let_in.status_code, let_in.location) == (303, "/")
    assert browser.get("/").location == "/c/lakeside/"


def test_looking_at_a_link_does_not_use_it_up(browser, ask, sol, now):
    _, [mail] = ask(sol.email)
    for _ in range(3):  # mail scanners
        browser.get(address(mail))

    assert browser.post(address(mail)).status_code == 303


def test_a_link_works_once(app, browser, ask, sol, now):
    _, [mail] = ask(sol.email)
    browser.post(address(mail))

    again = app.test_client().post(address(mail))

    assert again.status_code == 422
    assert "was used already" in again.text


def test_of_two_who_use_a_link_at_the_same_moment_one_is_let_in(own_database):
    sol = make.student(make.chapter("lakeside"))
    with transaction():
        link = links.issue(email=sol.email, now=clock.now())
    token = links.token(link, secret=own_database.config["SECRET_KEY"])
    gate = threading.Barrier(4, timeout=60)

    def use(_):
        with own_database.app_context():
            browser = own_database.test_client()
            gate.wait()
            used = browser.post(f"/sign-in/{token}").status_code
            return used, browser.get("/c/lakeside/").status_code

    with ThreadPoolExecutor(4) as browsers:
        came_to = sorted(browsers.map(use, range(4)))

    assert came_to == [(303, 200), (422, 302), (422, 302), (422, 302)]


def test_the_link_of_somebody_who_has_left_opens_no_page_of_the_chapter(
    browser, ask, sol, now, inside
):
    _, [mail] = ask(sol.email)
    with inside(sol):
        db.session.execute(update(Membership).values(left_at=now))

    browser.post(address(mail))

    page = browser.get("/c/lakeside/")
    assert page.status_code == 404
    assert "You are not in Lakeside EMIG anymore" in page.text
    assert "/c/lakeside/" not in page.text


def test_signing_in_forgets_what_the_browser_held_before(browser, ask, sol, now):
    _, [mail] = ask(sol.email)
    with browser.session_transaction() as session:
        session["planted"] = "x"
    browser.set_cookie("sign-in", "planted")
    browser.post(address(mail))

    with browser.session_transaction() as session:
        assert "planted" not in session
    assert browser.get_cookie("sign-in").value != "planted"


def test_a_link_ends_after_ten_minutes(browser, ask, sol, now, at):
    _, [mail] = ask(sol.email)
    at(now + timedelta(minutes=10))

    assert browser.post(address(mail)).status_code == 422


@pytest.mark.parametrize("token", ["x", "eyJhIjoxfQ.forged", "%00", "a" * 3000])
def test_a_forged_link_opens_nothing(browser, now, token):
    assert browser.post(f"/sign-in/{token}").status_code == 422


def test_the_page_answers_alike_for_an_address_that_nobody_has(ask, sol, now, tray):
    known, _ = ask(sol.email)
    tray.mails.clear()
    unknown, mails = ask("nobody@example.org")

    assert mails == []
    assert (known.status_code, known.location) == (unknown.status_code, unknown.location)


def test_an_address_is_known_whatever_its_case(ask, sol, now):
    _, mails = ask(f"  {sol.email.upper()} ")

    assert len(mails) == 1


def test_one_place_gets_only_so_many_links_to_a_mailbox_in_an_hour(ask, sol, now):
    for _ in range(rates.SIGN_IN_MAILS.most + 3):
        answer, mails = ask(sol.email)

    assert len(mails) == rates.SIGN_IN_MAILS.most
    assert answer.status_code == 303  # and is told nothing of it


def test_one_mailbox_gets_only_so_many_links_an_hour_from_everywhere(app, work, tray, sol, now):
    for number in range(links.AN_HOUR + 3):
        place = {"REMOTE_ADDR": f"203.0.113.{number}"}
        app.test_client().post("/sign-in", data={"email": sol.email}, environ_overrides=place)
    work()

    assert len(tray.mails) == links.AN_HOUR


@pytest.mark.parametrize("typed", ["", "sol", "sol@", "a@b@c", "sol@example.org\r\nBcc: x@y.z"])
def test_what_is_no_address_is_kept_and_explained(browser, work, tray, now, typed):
    answer = browser.post("/sign-in", data={"email": typed})

    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert work() == 0


@pytest.mark.parametrize(
    "going",
    [
        *("https://evil.example", "//evil.example/c/x", "/\\evil.example", "/sign-out"),
        *("//[", "/c/\\evil.example", "/c/x\nLocation: //evil.example", "/c/" + "x" * 1000),
        *("javascript:alert(1)", "c/x", "\t//evil.example", "/%2fevil.example"),
    ],
)
def test_the_way_on_leads_nowhere_else(browser, ask, sol, now, going):
    _, [mail] = ask(sol.email, next=going)

    assert browser.post(address(mail)).location == "/"


def test_a_page_shows_no_way_on_that_leads_elsewhere(browser):
    page = browser.get("/sign-in", query_string={"next": "//["})

    assert page.status_code == 200
    assert "//[" not in page.text


def test_somebody_who_was_going_somewhere_arrives_there(browser, ask, sol, now):
    sent_away = browser.get("/c/lakeside/meetings")
    assert sent_away.location == "/sign-in?next=/c/lakeside/meetings"

    _, [mail] = ask(sol.email, next="/c/lakeside/meetings")

    assert browser.post(address(mail)).location == "/c/lakeside/meetings"


def test_the_table_of_links_lets_nobody_in(browser, ask, sol, now):
    _, [mail] = ask(sol.email)
    link = db.session.scalars(select(SignInLink)).one()

    assert str(link.id) not in address(mail)
    assert browser.post(f"/sign-in/{link.id}").status_code == 422


def test_old_links_are_swept(undone, sol, now):
    links.issue(email=sol.email, now=now)

    assert links.sweep(now=now + timedelta(minutes=11)) == 0
    assert links.sweep(now=now + timedelta(days=2)) == 1


def test_signing_out_ends_it(browser, sign_in, sol):
    client = sign_in(sol)
    assert client.get("/").location == "/c/lakeside/"

    client.post("/sign-out")

    assert client.get("/").status_code == 200
    assert "Sign in" in client.get("/").text


class TestTooOften:
    @pytest.fixture(autouse=True)
    def seldom(self, monkeypatch):
        seldom = Rate("asks for a sign-in link", 3, timedelta(minutes=15))
        monkeypatch.setattr(rates, "SIGN_IN_ASKS", seldom)

    def ask(self, browser, place="203.0.113.7", email="sol@example.org"):
        return browser.post(
            "/sign-in", data={"email": email}, environ_overrides={"REMOTE_ADDR": place}
        )

    def test_one_place_asks_it_is_told_to_wait(self, browser, now, work):
        for number in range(3):
            assert self.ask(browser, email=f"person-{number}@example.org").status_code == 303

        answer = self.ask(browser)

        assert answer.status_code == 429
        assert "then go back and try again." in answer.text
        assert work() == 3

    def test_another_place_asks_on(self, browser, now):
        for _ in range(4):
            self.ask(browser)

        assert self.ask(browser, place="203.0.113.8").status_code == 303

    def test_a_home_with_many_addresses_is_one_place(self, browser, now):
        for number in range(3):
            self.ask(browser, place=f"2001:db8:1:2::{number}")

        assert self.ask(browser, place="2001:db8:1:2:ffff::1").status_code == 429
        assert self.ask(browser, place="2001:db8:1:3::1").status_code == 303

    def test_it_may_ask_again_after_a_while(self, browser, now, at):
        for _ in range(4):
            self.ask(browser)
        at(now + timedelta(minutes=15))

        assert self.ask(browser).status_code == 303

    def test_what_is_no_address_is_counted_too(self, browser, now):
        for _ in range(3):
            self.ask(browser, place="somewhere")

        assert self.ask(browser, place="").status_code == 429
