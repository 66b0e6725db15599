"""Attacks on mailed links and their codes: what leaks, what is relayed, what is tried again."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from mentorship.accounts import links
from mentorship.accounts.models import DeviceSession, SignInLink
from mentorship.foundation import clock, rates, tokens
from mentorship.foundation.database import db, transaction
from tests import make
from tests.conftest import words


@pytest.fixture
def browser(app, undone):
    return app.test_client()


@pytest.fixture
def elsewhere(app, undone):
    """A browser that has asked for nothing."""
    return app.test_client()


@pytest.fixture
def ask(tray, work):
    """Ask for a link in a browser and hand over its address, once it has been mailed."""

    def ask(browser, member, **form):
        tray.empty()
        browser.post("/sign-in", data={"email": member.email, **form})
        work()
        return address(tray.mails[-1])

    return ask


def address(mail):
    return re.search(r"http://localhost(/sign-in/\S+)", words(mail)).group(1)


def code_on(page):
    return "".join(re.search(r"(\d{4}) (\d{4})<", page).groups())


def is_in(browser):
    return browser.get("/").status_code == 302


def test_a_link_of_somebody_else_signs_nobody_in_by_one_press(browser, elsewhere, ask, sol):
    # Login CSRF: the attacker asks for a link of their own, and has the victim open it.
    link = ask(browser, sol)

    page = elsewhere.get(link).text
    pressed = elsewhere.post(link)

    assert "You asked somewhere else" in page
    assert pressed.status_code == 422
    assert not is_in(elsewhere)


def test_a_link_in_another_browser_takes_the_address_once_more(browser, elsewhere, ask, sol, cora):
    link = ask(browser, sol)

    wrong = elsewhere.post(link, data={"email": cora.email})
    assert wrong.status_code == 422
    assert "not the address that this link is for" in wrong.text
    right = elsewhere.post(link, data={"email": f" {sol.email.upper()} "})

    assert right.status_code == 303
    assert is_in(elsewhere)
    assert not is_in(browser)


def test_the_page_of_a_link_says_where_it_was_asked_for_and_not_whose_it_is(
    browser, elsewhere, ask, sol, at, now
):
    asked_with = {"User-Agent": "Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537"}
    browser.environ_base["HTTP_USER_AGENT"] = asked_with["User-Agent"]
    link = ask(browser, sol)
    at(now + timedelta(minutes=3))

    page = elsewhere.get(link)

    assert "Chrome on Windows" in page.text
    assert "3 minutes ago" in page.text
    assert sol.email not in page.text
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"


def test_the_mail_itself_holds_no_code_that_could_be_read_out_to_somebody(browser, ask, sol, tray):
    # Relayed phishing: "read me the eight digits in your mail". They are on our own page only,
    # beside the words that say where they belong.
    link = ask(browser, sol)
    link_id = db.session.scalars(select(SignInLink.id)).one()
    code = links.code(link_id, secret=browser.application.config["SECRET_KEY"])

    whole = tray.mails[0].as_string()
    assert code not in whole
    assert code not in link


def test_a_code_works_in_the_browser_that_asked_alone(browser, elsewhere, ask, sol):
    link = ask(browser, sol)
    code = code_on(elsewhere.get(link).text)

    assert elsewhere.post("/sign-in/sent", data={"code": code}).location == "/sign-in"
    ask(elsewhere, sol)
    assert elsewhere.post("/sign-in/sent", data={"code": code}).status_code == 422
    assert browser.post("/sign-in/sent", data={"code": f" {code[:3]} {code[3:]} "}).location == "/"
    assert is_in(browser)
    assert not is_in(elsewhere)


@pytest.mark.parametrize("between", ["", " ", "-", " – ", "\u2011", "\u00a0"])
def test_a_code_is_typed_with_whatever_stands_between_its_halves(
    browser, elsewhere, ask, sol, between
):
    code = code_on(elsewhere.get(ask(browser, sol)).text)

    typed = between.join((code[:4], code[4:]))

    assert browser.post("/sign-in/sent", data={"code": typed}).status_code == 303


def test_a_code_and_its_link_work_once_together(browser, elsewhere, ask, sol):
    link = ask(browser, sol)
    code = code_on(elsewhere.get(link).text)
    browser.post("/sign-in/sent", data={"code": code})

    assert elsewhere.post(link, data={"email": sol.email}).status_code == 422
    assert elsewhere.get(link).status_code == 410


def test_a_code_is_tried_five_times(browser, elsewhere, ask, sol):
    link = ask(browser, sol)
    code = code_on(elsewhere.get(link).text)
    for number in range(rates.CODE_TRIES.most):
        wrong = f"{(int(code) + 1 + number) % 10**links.CODE_DIGITS:08}"
        assert browser.post("/sign-in/sent", data={"code": wrong}).status_code == 422

    answer = browser.post("/sign-in/sent", data={"code": code})

    assert answer.status_code == 422
    assert not is_in(browser)
    # But the link still works, and so does another: guessing shuts nobody out.
    assert browser.post(link).status_code == 303


def test_a_cookie_that_was_copied_brings_no_tries_back(app, browser, elsewhere, ask, sol):
    link = ask(browser, sol)
    code = code_on(elsewhere.get(link).text)
    cookie = browser.get_cookie("session").value
    for _ in range(rates.CODE_TRIES.most):
        guesser = app.test_client()
        guesser.set_cookie("session", cookie)
        guesser.post("/sign-in/sent", data={"code": "x"})

    assert browser.post("/sign-in/sent", data={"code": code}).status_code == 422


@pytest.mark.parametrize(
    "typed",
    ["", "0", "1234567", "123456789", "١٢٣٤٥٦٧٨", "\x00" * 8, "x" * 10_000, "-123456", "0x123456"],
)
def test_what_is_no_code_is_refused_in_words(browser, ask, sol, typed):
    ask(browser, sol)

    answer = browser.post("/sign-in/sent", data={"code": typed})

    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text


def test_words_do_not_tell_whether_an_address_is_known(app, work, sol, tray):
    said = []
    for email in (sol.email, "nobody@example.org"):
        browser = app.test_client()
        sent = browser.post("/sign-in", data={"email": email})
        work()
        page = browser.get("/sign-in/sent").text
        wrong = [browser.post("/sign-in/sent", data={"code": "00000000"}) for _ in range(7)]
        said.append(
            [
                (sent.status_code, sent.location),
                page.replace(email, "…"),
                *((one.status_code, one.text.replace(email, "…")) for one in wrong),
            ]
        )
    keys = re.compile(r'value="[\w.-]{16,}"')

    known, unknown = (re.sub(keys, "", repr(one)) for one in said)
    assert known == unknown


def test_work_does_not_tell_whether_an_address_is_known(app, work, sol, statements):
    done = []
    for email in (sol.email, "nobody@example.org"):
        browser = app.test_client()
        with statements() as asking:
            browser.post("/sign-in", data={"email": email})
        work()
        with statements() as trying:
            browser.post("/sign-in/sent", data={"code": "x"})
        done.append((asking[:], trying[:]))

    # The same statements in the same order: there is nothing that could take longer.
    assert done[0] == done[1]


def test_the_newest_link_of_a_browser_ends_those_before(browser, ask, sol):
    first = ask(browser, sol)
    second = ask(browser, sol)

    assert browser.get(first).status_code == 410
    assert browser.post(first).status_code == 422
    assert browser.post(second).status_code == 303


def test_nobody_elses_asking_ends_a_link(browser, elsewhere, ask, sol):
    link = ask(browser, sol)
    for _ in range(10):
        elsewhere.post("/sign-in", data={"email": sol.email})
    ask_again = browser.post(link)

    assert ask_again.status_code == 303


def test_whoever_is_in_ends_what_others_have_asked_for_in_their_name(browser, elsewhere, ask, sol):
    theirs = ask(elsewhere, sol)
    mine = ask(browser, sol)
    browser.post(mine)

    assert elsewhere.post(theirs).status_code == 422


def test_no_place_alone_uses_up_what_a_mailbox_gets(app, browser, ask, sol):
    attacker = app.test_client()
    for _ in range(100):
        there = {"REMOTE_ADDR": "203.0.113.66"}
        attacker.post("/sign-in", data={"email": sol.email}, environ_overrides=there)

    assert browser.post(ask(browser, sol)).status_code == 303


def test_a_link_that_was_cut_bent_or_signed_with_another_key_opens_nothing(browser, ask, sol, now):
    link = ask(browser, sol)
    link_id = str(db.session.scalars(select(SignInLink.id)).one())
    later = now + timedelta(minutes=5)
    secret = browser.application.config["SECRET_KEY"]

    def signed(**more):
        facts = {"purpose": "sign-in", "secret": secret, "until": later} | more
        return "/sign-in/" + tokens.sign({"id": link_id}, **facts)

    forged = [
        *(link[:-1], link[:-20], link + "x", link[:9] + link[9:].swapcase(), "/sign-in/" + link_id),
        signed(secret="somebody else's key, of a fair length"),
        signed(purpose="feed"),
        signed(until=now - timedelta(seconds=1)),
    ]
    for one in forged:
        assert browser.get(one).status_code == 410, one
        assert browser.post(one, data={"email": sol.email}).status_code == 422, one
    assert browser.post(signed()).status_code == 303  # so that nothing else was in the way


def test_a_key_that_was_rotated_still_opens_what_it_signed(
    app, browser, elsewhere, ask, sol, monkeypatch
):
    from dataclasses import replace

    link = ask(browser, sol)
    code = code_on(elsewhere.get(link).text)
    old = app.config["SETTINGS"]
    new = replace(old, secret_key="n" * 40, secret_key_fallbacks=old.secret_key.replace(" ", "_"))
    monkeypatch.setattr(type(new), "secrets", (new.secret_key, old.secret_key))
    monkeypatch.setitem(app.config, "SETTINGS", new)

    assert browser.get(link).status_code == 200
    assert browser.post("/sign-in/sent", data={"code": code}).status_code == 303


def test_a_link_that_we_handed_out_ourselves_works_anywhere(elsewhere, sol, now):
    link = links.issue(email=sol.email, now=now, life=timedelta(days=1), an_hour=None)
    token = links.token(link, secret=elsewhere.application.config["SECRET_KEY"])
    db.session.commit()

    assert "You asked somewhere else" not in elsewhere.get(f"/sign-in/{token}").text
    assert elsewhere.post(f"/sign-in/{token}").status_code == 303


def test_a_link_that_has_done_its_work_leads_home_whom_it_let_in(browser, elsewhere, ask, sol):
    link = ask(browser, sol)
    browser.post(link)

    assert browser.get(link).location == "/"
    assert elsewhere.get(link).status_code == 410


def test_looking_at_a_link_writes_nothing_however_often(browser, elsewhere, ask, sol, statements):
    link = ask(browser, sol)
    with statements() as seen:
        for _ in range(5):
            elsewhere.get(link)
            elsewhere.head(link)

    assert [one for one in seen if not one.startswith("SELECT")] == []
    assert browser.post(link).status_code == 303


def test_a_link_ends_at_the_second(browser, ask, sol, now, at):
    link = ask(browser, sol)
    at(now + timedelta(minutes=10, seconds=-1))
    assert browser.get(link).status_code == 200
    at(now + timedelta(minutes=10))

    assert browser.get(link).status_code == 410
    assert browser.post(link).status_code == 422


def test_a_code_ends_with_its_link(browser, elsewhere, ask, sol, now, at):
    code = code_on(elsewhere.get(ask(browser, sol)).text)
    at(now + timedelta(minutes=10))

    assert browser.post("/sign-in/sent", data={"code": code}).status_code == 422
    assert not is_in(browser)


def test_twenty_presses_at_once_begin_one_session(own_database):
    sol = make.student(make.chapter("lakeside"))
    with transaction():
        link = links.issue(email=sol.email, now=clock.now())
    token = links.token(link, secret=own_database.config["SECRET_KEY"])
    gate = threading.Barrier(20, timeout=60)

    def press(_):
        with own_database.app_context():
            browser = own_database.test_client()
            gate.wait()
            return browser.post(f"/sign-in/{token}").status_code

    with ThreadPoolExecutor(20) as browsers:
        came_to = sorted(browsers.map(press, range(20)))

    assert came_to == [303] + [422] * 19
    assert db.session.scalar(select(func.count()).select_from(DeviceSession)) == 1


def test_two_links_of_one_person_used_at_once_do_not_wait_for_each_other(own_database):
    sol = make.student(make.chapter("lakeside"))
    with transaction():
        made = [
            links.issue(email=sol.email, now=clock.now(), is_bound=True, an_hour=None)
            for _ in range(8)
        ]
    secret = own_database.config["SECRET_KEY"]
    paths = [f"/sign-in/{links.token(link, secret=secret)}" for link in made]
    gate = threading.Barrier(8, timeout=60)

    def press(path):
        with own_database.app_context():
            browser = own_database.test_client()
            gate.wait()
            return browser.post(path, data={"email": sol.email}).status_code

    with ThreadPoolExecutor(8) as browsers:
        came_to = sorted(browsers.map(press, paths))

    # Whoever is in ends the others.
    assert came_to == [303] + [422] * 7


def test_no_other_key_from_a_mail_signs_anybody_in(app, browser, sol, now):
    purposes = ("answer", "stop", "fit", "check-in", "subscribe", "place", "address", "export")
    for purpose in purposes:
        facts = {"id": str(uuid4()), "user_id": str(sol.user_id)}
        secret, until = app.config["SECRET_KEY"], now + timedelta(days=1)
        token = tokens.sign(facts, purpose=purpose, secret=secret, until=until)

        assert browser.post(f"/sign-in/{token}", data={"email": sol.email}).status_code == 422
    assert not is_in(browser)
