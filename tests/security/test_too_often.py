"""Attacks that do something a thousand times: guessing, flooding, going through ids, mail-bombing.

How counting works is tested in `foundation/test_rates.py`; here, that pages count, whom they count,
and that nobody can use it to shut somebody else out.
"""

import re
from datetime import timedelta
from uuid import uuid4

import pytest

from mentorship.accounts import links
from mentorship.accounts.known import LIFE
from mentorship.foundation import rates, tokens
from mentorship.foundation.rates import By, Rate
from tests import make
from tests.conftest import words

HERE, THERE = "203.0.113.7", "198.51.100.9"


@pytest.fixture
def seldom(monkeypatch):
    """Have a rate let through only so many: `seldom("ACTS", 3)`."""

    def seldom(name: str, most: int) -> None:
        rate = getattr(rates, name)
        # In place: pages hold on to the rate that they were labelled with.
        monkeypatch.setitem(rate.__dict__, "most", most)

    return seldom


@pytest.fixture
def stranger(app, undone):
    return app.test_client()


def ask_for_link(browser, email="sol@example.org", *, place=HERE):
    return browser.post("/sign-in", data={"email": email}, environ_overrides={"REMOTE_ADDR": place})


def used_up(app, email):
    """All that a mailbox gets in an hour is asked for, from many places."""
    for number in range(links.AN_HOUR):
        ask_for_link(app.test_client(), email, place=f"198.51.100.{number}")


@pytest.fixture
def known(app, sol, work, tray, now):
    """A browser in which Sol has signed in, and out."""
    browser = app.test_client()
    ask_for_link(browser, sol.email, place="192.0.2.1")
    work()
    browser.post(re.search(r"http://localhost(/sign-in/\S+)", words(tray.mails[-1])).group(1))
    browser.post("/sign-out")
    work()  # a new device has signed in
    tray.empty()
    return browser


class TestMailBombing:
    """Making the product write to somebody who never asked for it."""

    def test_of_one_mailbox_from_one_place(self, app, stranger, work, tray, sol, now):
        for _ in range(rates.SIGN_IN_MAILS.most + 5):
            assert ask_for_link(app.test_client(), sol.email).status_code == 303
        work()

        assert len(tray.to(sol.email)) == rates.SIGN_IN_MAILS.most

    def test_of_one_mailbox_from_everywhere(self, app, stranger, work, tray, sol, now):
        for number in range(links.AN_HOUR + 10):
            ask_for_link(app.test_client(), sol.email, place=f"198.51.100.{number}")
        work()

        assert len(tray.to(sol.email)) == links.AN_HOUR

    def test_by_a_browser_that_is_known_with_it(self, known, work, tray, sol, now):
        for _ in range(rates.SIGN_IN_MAILS.most + 5):
            ask_for_link(known, sol.email)
        work()

        assert len(tray.to(sol.email)) == rates.SIGN_IN_MAILS.most

    def test_by_a_browser_that_is_known_with_another(self, app, known, work, tray, cora, now):
        used_up(app, cora.email)
        work()
        tray.empty()
        ask_for_link(known, cora.email)
        work()

        assert tray.to(cora.email) == []

    @pytest.mark.parametrize("spoilt", ["", "x", "cut", "of another key", "a year old"])
    def test_by_one_that_only_says_that_it_is_known(
        self, app, known, work, tray, sol, now, at, spoilt
    ):
        cookie = known.get_cookie("known").value
        match spoilt:
            case "cut":
                cookie = cookie[:-3]
            case "of another key":
                said = {"device": "0" * 16, "of": "0" * 64}
                until = now + timedelta(days=1)
                cookie = tokens.sign(said, purpose="known device", secret="k" * 40, until=until)
            case "a year old":
                at(now + LIFE)
            case _:
                cookie = spoilt
        used_up(app, sol.email)
        work()
        tray.empty()
        browser = app.test_client()
        browser.set_cookie("known", cookie)
        ask_for_link(browser, sol.email)
        work()

        assert tray.to(sol.email) == []

    def test_of_a_thousand_mailboxes_from_one_place(self, stranger, work, tray, now, seldom):
        seldom("SIGN_IN_ASKS", 5)
        answers = [
            ask_for_link(stranger, f"person-{number}@example.org").status_code
            for number in range(10)
        ]

        assert answers == [303] * 5 + [429] * 5

    def test_of_a_mentor_by_a_student(self, mara, sol, sign_in, now, seldom):
        seldom("MAILS", 2)
        page, client = f"/c/lakeside/mentors/{mara.id}/ask", sign_in(sol)

        answers = [client.post(page, data={"purpose": str(n)}).status_code for n in range(4)]

        assert answers == [422, 422, 429, 429]

    def test_by_all_of_a_chapter(self, lakeside, mara, sol, sign_in, now, seldom):
        seldom("MAILS_OF_A_CHAPTER", 2)
        rio = make.student(lakeside, "Rio")
        page = f"/c/lakeside/mentors/{mara.id}/ask"
        sign_in(sol).post(page)
        sign_in(sol).post(page)

        assert sign_in(rio).post(page).status_code == 429


class TestLockingOut:
    """Using up somebody else's tries, so that they stand outside."""

    def test_who_asks_for_somebody_elses_links_does_not_use_up_theirs(
        self, app, stranger, work, tray, sol, now
    ):
        for _ in range(rates.SIGN_IN_MAILS.most + 5):
            ask_for_link(app.test_client(), sol.email, place=THERE)
        work()
        tray.empty()

        ask_for_link(app.test_client(), sol.email, place=HERE)
        work()

        assert len(tray.to(sol.email)) == 1

    def test_what_many_places_have_used_up_is_not_what_a_known_browser_has(
        self, app, known, work, tray, sol, now
    ):
        used_up(app, sol.email)
        work()
        tray.empty()

        assert ask_for_link(app.test_client(), sol.email).status_code == 303
        work()
        assert tray.to(sol.email) == []
        ask_for_link(known, f" {sol.email.upper()}")
        work()
        assert len(tray.to(sol.email)) == 1

    def test_nor_does_a_place_that_asks_all_the_time_stop_it(self, app, known, sol, now, seldom):
        seldom("SIGN_IN_ASKS", 1)
        for _ in range(2):
            refused = ask_for_link(app.test_client(), "somebody@example.org")

        assert refused.status_code == 429
        assert ask_for_link(known, sol.email).status_code == 303

    def test_whoever_is_signed_in_stays_so(self, app, stranger, sol, sign_in, now, seldom):
        client = sign_in(sol)
        seldom("SIGN_IN_ASKS", 1)
        for _ in range(3):
            ask_for_link(app.test_client(), sol.email)

        assert client.get("/c/lakeside/").status_code == 200

    def test_what_another_site_has_a_browser_send_counts_for_nobody(
        self, app, monkeypatch, sol, mara, sign_in, now, seldom
    ):
        seldom("ACTS", 1)
        client = sign_in(sol)
        monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
        for _ in range(3):
            assert client.post("/c/lakeside/profile/pause").status_code == 400
        monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)

        assert client.post(f"/c/lakeside/mentors/{mara.id}/wait").status_code != 429

    def test_no_rate_for_signing_in_is_counted_by_the_account_alone(self):
        for rate in (rates.SIGN_IN_ASKS, rates.PASSKEY_TRIES, rates.UNIVERSITY):
            assert rate.by is By.PLACE


class TestTellingWhoTriesTooOften:
    def test_says_how_long_to_wait_to_people_and_to_programs(self, stranger, now, at, seldom):
        seldom("SIGN_IN_ASKS", 1)
        ask_for_link(stranger)
        at(now + timedelta(minutes=5))

        answer = ask_for_link(stranger)

        assert answer.status_code == 429
        assert answer.headers["Retry-After"] == "600"
        assert "That was a lot at once" in answer.text
        assert "Wait 10 minutes, then go back and try again." in answer.text

    def test_lets_them_once_they_have_waited(self, stranger, now, at, seldom):
        seldom("SIGN_IN_ASKS", 1)
        ask_for_link(stranger)
        refused = ask_for_link(stranger)
        at(now + timedelta(seconds=int(refused.headers["Retry-After"])))

        assert ask_for_link(stranger).status_code == 303

    def test_looking_at_a_form_counts_for_nothing(self, stranger, now, seldom):
        seldom("SIGN_IN_ASKS", 1)
        for _ in range(3):
            assert stranger.get("/sign-in").status_code == 200

        assert ask_for_link(stranger).status_code == 303


class TestGoingThroughIds:
    def test_in_posts_is_stopped_whatever_they_name(self, sol, sign_in, now, seldom):
        seldom("ACTS", 5)
        client = sign_in(sol)

        answers = [
            client.post(f"/c/lakeside/meetings/{uuid4()}/accept").status_code for _ in range(8)
        ]

        assert answers == [404] * 5 + [429] * 3

    def test_one_persons_acts_are_counted_over_their_chapters_and_devices(
        self, sol, sign_in, now, seldom
    ):
        seldom("ACTS", 1)
        sign_in(sol).post("/c/lakeside/goals/new")

        assert sign_in(sol).post("/c/lakeside/goals/new").status_code == 429

    def test_another_person_is_not_stopped(self, lakeside, sol, sign_in, now, seldom):
        seldom("ACTS", 1)
        rio = make.student(lakeside, "Rio")
        for _ in range(2):
            sign_in(sol).post("/c/lakeside/goals/new")

        assert sign_in(rio).post("/c/lakeside/goals/new").status_code != 429


@pytest.mark.parametrize("page", ["/r/x", "/t/x", "/w/x", "/f/x", "/k/x", "/y/x", "/u/x"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_guessing_at_the_keys_of_mails_is_stopped(stranger, now, seldom, page, method):
    seldom("MAIL_KEYS", 2)

    answers = [stranger.open(page, method=method).status_code for _ in range(3)]

    assert answers[2] == 429
    assert 429 not in answers[:2]


def test_guessing_at_calendar_addresses_is_stopped(stranger, now, seldom):
    seldom("SUBSCRIPTIONS", 2)

    answers = [stranger.get(f"/cal/{number}.ics").status_code for number in range(3)]

    assert answers == [404, 404, 429]


def test_reading_one_calendar_all_the_time_is_stopped_from_wherever(stranger, now, seldom):
    seldom("SUBSCRIPTION", 2)

    answers = [
        stranger.get("/cal/x.ics", environ_overrides={"REMOTE_ADDR": f"203.0.113.{number}"})
        for number in range(3)
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 429]


def test_searching_all_the_time_is_stopped(mara, sol, sign_in, now, seldom):
    seldom("SEARCHES", 2)
    client = sign_in(sol)

    answers = [client.get("/c/lakeside/find?name=a").status_code for _ in range(3)]

    assert answers == [200, 200, 429]


@pytest.mark.parametrize(
    ("who", "page", "rate"),
    [
        ("sol", "/c/lakeside/files/new", "UPLOADS"),
        ("mara", "/c/lakeside/hours/calendars", "UPLOADS"),
        ("mara", "/c/lakeside/hours/calendars", "FEED_READINGS"),
        ("cora", "/c/lakeside/people/import", "UPLOADS"),
    ],
)
def test_uploading_all_the_time_is_stopped(request, sign_in, now, seldom, who, page, rate):
    seldom(rate, 2)
    client = sign_in(request.getfixturevalue(who))

    answers = [client.post(page).status_code for _ in range(3)]

    assert answers == [422, 422, 429]


def test_taking_the_list_of_people_again_and_again_is_stopped(cora, sign_in, now, seldom):
    seldom("DOWNLOADS", 2)
    client = sign_in(cora)

    answers = [client.get("/c/lakeside/people/export").status_code for _ in range(3)]

    assert answers == [200, 200, 429]


def test_asking_for_everything_again_and_again_is_stopped(sol, sign_in, now, seldom):
    seldom("EXPORTS", 1)
    client = sign_in(sol)

    answers = [client.post("/account/data/copy").status_code for _ in range(2)]

    assert answers == [303, 429]


def test_every_rate_has_a_name_of_its_own():
    every = [each for each in vars(rates).values() if isinstance(each, Rate)]

    assert len({rate.name for rate in every}) == len(every) > 10
