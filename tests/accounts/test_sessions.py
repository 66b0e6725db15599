"""Who is signed in where: what a session lasts, what ends it, and what a copied cookie is worth."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from mentorship.accounts import devices, sessions
from mentorship.accounts.models import DeviceSession, User
from mentorship.accounts.sessions import Why
from mentorship.audit.account_trail import AccountDeed
from mentorship.audit.models import AccountEvent
from mentorship.foundation import clock
from mentorship.foundation.database import db, transaction
from mentorship.foundation.errors import NotYours
from mentorship.tenancy.models import Membership
from tests import make
from tests.conftest import PHONE, signed_in

MINUTE = timedelta(minutes=1)
HOME = "/c/lakeside/"


def held(browser) -> str:
    cookie = browser.get_cookie("sign-in")
    return cookie.value if cookie else ""


def holding(app, token):
    """A browser with a copied cookie."""
    browser = app.test_client()
    browser.set_cookie("sign-in", token)
    return browser


def of(member) -> list[DeviceSession]:
    found = select(DeviceSession).where(DeviceSession.user_id == member.user_id)
    return list(db.session.scalars(found.order_by(DeviceSession.id)))


def deeds(member) -> list[str]:
    found = select(AccountEvent).where(AccountEvent.user_id == member.user_id)
    return [event.deed for event in db.session.scalars(found.order_by(AccountEvent.id))]


class TestTheTable:
    def test_knows_the_way_in_and_the_device_by_name(self, come, sol, now):
        come(sol)
        [session] = of(sol)

        assert (session.way, session.device) == ("link", "Chrome on Android")
        assert session.created_at == session.proven_at == session.last_used_at == now


class TestSigningIn:
    def test_ends_the_session_of_whoever_was_here_before(self, come, sol, mara, now, app):
        browser = come(sol)
        before = held(browser)
        come(mara, browser)

        assert holding(app, before).get(HOME).status_code == 302
        assert [session.ended_why for session in of(sol)] == [Why.REPLACED]
        assert "Mara" in browser.get(HOME).text

    def test_on_an_unknown_device_is_noted_as_such_and_told_once(self, come, sol, now, tray, work):
        come(sol)
        come(sol)
        work()

        assert deeds(sol) == [AccountDeed.NEW_DEVICE, AccountDeed.SIGNED_IN]
        assert [mail["Subject"] for mail in tray.to(sol.email)] == [
            "A new device signed in to Curbside"
        ]

    def test_again_in_the_same_browser_proves_it_and_changes_the_token(self, come, sol, now, at):
        browser = come(sol)
        before = held(browser)
        later = at(now + 20 * MINUTE)
        come(sol, browser)
        [session] = of(sol)

        assert held(browser) != before
        assert (session.created_at, session.proven_at) == (now, later)
        assert deeds(sol)[-1] == AccountDeed.PROVEN_AGAIN


class TestLimits:
    @pytest.mark.parametrize(
        ("who", "idle"),
        [
            ("sol", sessions.IDLE),
            ("mara", sessions.IDLE),
            ("cora", sessions.IDLE_OVERSEEING),
            ("the advisor", sessions.IDLE_OVERSEEING),
            ("the network", sessions.IDLE_OVERSEEING),
        ],
    )
    def test_one_that_is_not_used_is_over(
        self, app, request, lakeside, sol, mara, cora, now, at, who, idle
    ):
        if who == "the advisor":
            somebody = make.member(lakeside, "advisor")
        elif who == "the network":
            somebody = make.student(lakeside)
            network = User.id == somebody.user_id
            db.session.execute(update(User).where(network).values(is_network_admin=True))
        else:
            somebody = {"sol": sol, "mara": mara, "cora": cora}[who]
        token = signed_in(somebody)

        at(now + idle - timedelta(seconds=1))
        almost = holding(app, token)
        assert almost.get("/account").status_code == 200
        db.session.execute(update(DeviceSession).values(last_used_at=now))
        at(now + idle)

        assert holding(app, token).get("/account").status_code == 302

    def test_whoever_oversees_another_chapter_is_signed_out_as_soon_here(
        self, app, lakeside, now, at
    ):
        here = make.student(lakeside)
        make.coordinator(make.chapter("harborside"), email=here.email)
        token = signed_in(here)
        at(now + sessions.IDLE_OVERSEEING)

        assert holding(app, token).get(HOME).status_code == 302

    def test_whoever_coordinates_no_more_has_the_longer_limit(self, app, cora, inside, now, at):
        with inside(cora):
            left = update(Membership).where(Membership.id == cora.id)
            db.session.execute(left.values(left_at=now))
        token = signed_in(cora)
        at(now + sessions.IDLE_OVERSEEING)

        assert holding(app, token).get("/account").status_code == 200

    def test_one_that_is_used_every_day_is_over_after_a_month(self, app, sol, now, at):
        token = signed_in(sol)
        for day in range(1, 30):
            at(now + timedelta(days=day))
            assert holding(app, token).get(HOME).status_code == 200
        at(now + sessions.ABSOLUTE)

        assert holding(app, token).get(HOME).status_code == 302

    def test_proving_who_one_is_does_not_put_off_the_end(self, come, sol, now, at):
        browser = come(sol)
        for day in range(1, 30):
            at(now + timedelta(days=day))
            come(sol, browser)
        at(now + sessions.ABSOLUTE)

        assert browser.get(HOME).status_code == 302

    def test_its_use_is_noted_by_looking_too_and_every_five_minutes_at_most(
        self, app, sol, now, at, statements
    ):
        browser = holding(app, signed_in(sol))
        at(now + 4 * MINUTE)
        browser.get(HOME)
        assert of(sol)[0].last_used_at == now

        later = at(now + 5 * MINUTE)
        browser.get(HOME)
        db.session.expire_all()
        assert of(sol)[0].last_used_at == later

    def test_its_use_is_noted_when_the_page_is_a_refusal(self, app, sol, now, at):
        browser = holding(app, signed_in(sol))
        later = at(now + 5 * MINUTE)

        assert browser.get("/c/lakeside/people").status_code == 403
        db.session.expire_all()
        assert of(sol)[0].last_used_at == later

    def test_those_long_over_are_forgotten(self, sol, now):
        signed_in(sol)
        over = now + sessions.ABSOLUTE + sessions.KEPT

        assert sessions.sweep(now=over) == 0
        assert sessions.sweep(now=over + MINUTE) == 1

    def test_those_that_ended_are_forgotten_a_month_later(self, sol, now):
        signed_in(sol)
        sessions.end_all(sol.user_id, now=now)

        assert sessions.sweep(now=now + sessions.KEPT) == 0
        assert sessions.sweep(now=now + sessions.KEPT + MINUTE) == 1


class TestDevices:
    def test_are_listed_with_this_one_named(self, app, sol, now, at):
        other = signed_in(sol)
        later = at(now + timedelta(hours=2))
        page = holding(app, signed_in(sol)).get("/account/devices").text

        assert page.count("Firefox on Linux</h3>") == 1
        assert page.count("This device") == 1
        assert "2 hours ago" in page
        assert other not in page
        assert later

    def test_of_others_are_neither_shown_nor_ended(self, app, sol, mara, now):
        signed_in(mara)
        [hers] = of(mara)
        browser = holding(app, signed_in(sol))

        assert str(hers.id) not in browser.get("/account/devices").text
        for method in ("GET", "POST"):
            answer = browser.open(f"/account/devices/{hers.id}/end", method=method)
            assert answer.status_code == 404
        with pytest.raises(NotYours):
            sessions.end(hers.id, user_id=sol.user_id, now=now)
        db.session.expire_all()
        assert of(mara)[0].ended_at is None

    def test_one_is_ended_from_another_at_once(self, app, sol, now):
        lost = holding(app, signed_in(sol))
        [session] = of(sol)
        browser = holding(app, signed_in(sol))
        assert browser.get(f"/account/devices/{session.id}/end").status_code == 200

        answer = browser.post(f"/account/devices/{session.id}/end")

        assert (answer.status_code, answer.location) == (303, "/account/devices")
        assert lost.get(HOME).status_code == 302
        assert browser.get(HOME).status_code == 200
        assert deeds(sol) == [AccountDeed.SESSION_ENDED]

    def test_all_others_are_ended_at_once_and_their_person_hears_of_it(
        self, app, sol, now, tray, work
    ):
        lost = [holding(app, signed_in(sol)) for _ in range(3)]
        browser = holding(app, signed_in(sol))
        assert "3 other devices" in browser.get("/account/devices/end").text

        browser.post("/account/devices/end")
        work()

        assert [one.get(HOME).status_code for one in lost] == [302, 302, 302]
        assert browser.get(HOME).status_code == 200
        [mail] = tray.to(sol.email)
        assert mail["Subject"] == "Your other devices were signed out"

    def test_with_nothing_else_to_end_the_page_says_so(self, app, sol, now):
        page = holding(app, signed_in(sol)).get("/account/devices/end").text

        assert "nowhere else" in page

    def test_calendars_that_are_subscribed_to_go_on(self, app, sol, now):
        browser = holding(app, signed_in(sol))

        assert "Calendars that you subscribed to go on" in browser.get("/account/devices").text

    def test_two_that_end_each_other_are_both_out_and_nothing_breaks(self, own_database):
        sol = make.student(make.chapter("lakeside"))
        tokens = [signed_in(sol) for _ in range(2)]
        ids = [session.id for session in of(sol)]
        db.session.remove()
        gate = threading.Barrier(2, timeout=60)

        def end_other(mine):
            with own_database.app_context():
                browser = holding(own_database, tokens[mine])
                gate.wait()
                return browser.post(f"/account/devices/{ids[1 - mine]}/end").status_code

        with ThreadPoolExecutor(2) as ends:
            came_to = set(ends.map(end_other, range(2)))

        assert came_to <= {302, 303, 404}
        assert any(session.ended_at for session in of(sol))

    def test_of_many_that_end_one_session_at_once_one_is_noted(self, own_database):
        sol = make.student(make.chapter("lakeside"))
        lost, token = signed_in(sol), signed_in(sol)
        session_id = next(one.id for one in of(sol) if one.token_digest == sessions.digest(lost))
        db.session.remove()
        gate = threading.Barrier(4, timeout=60)

        def end(_):
            with own_database.app_context(), transaction():
                gate.wait()
                sessions.end(session_id, user_id=sol.user_id, now=clock.now())

        with ThreadPoolExecutor(4) as ends:
            list(ends.map(end, range(4)))

        assert deeds(sol) == [AccountDeed.SESSION_ENDED]
        assert holding(own_database, token).get(HOME).status_code == 200


class TestSensitiveActs:
    END = "/account/devices/end"

    def test_ask_who_one_is_when_that_was_proven_long_ago(self, app, sol, now, at):
        browser = holding(app, signed_in(sol))
        at(now + sessions.FRESH - timedelta(seconds=1))
        assert browser.get(self.END).status_code == 200
        at(now + sessions.FRESH)

        for method in ("GET", "POST"):
            answer = browser.open(self.END, method=method)
            assert answer.status_code == 303
            assert answer.location == f"/account/confirm?next={self.END}"

    def test_are_not_done_by_whoever_sends_the_form_all_the_same(self, app, sol, now, at):
        signed_in(sol)
        browser = holding(app, signed_in(sol))
        at(now + sessions.FRESH)
        browser.post(self.END)

        assert [session.ended_at for session in of(sol)] == [None, None]

    def test_go_on_after_a_mailed_link_has_proven_it(self, app, sol, now, at, tray, work):
        browser = holding(app, signed_in(sol))
        at(now + timedelta(hours=1))
        page = browser.get(f"/account/confirm?next={self.END}")
        assert "Is it you?" in page.text

        sent = browser.post("/account/confirm", data={"next": self.END})
        assert sent.location == "/sign-in/sent"
        work()
        [mail] = tray.to(sol.email)
        path = next(
            word.removeprefix("http://localhost")
            for word in mail.get_body(("plain",)).get_content().split()
            if "/sign-in/" in word
        )
        used = browser.post(path)

        assert (used.status_code, used.location) == (303, self.END)
        assert browser.get(self.END).status_code == 200
        assert len(of(sol)) == 1

    def test_do_not_ask_twice(self, app, sol, now):
        answer = holding(app, signed_in(sol)).get(f"/account/confirm?next={self.END}")

        assert answer.location == self.END

    @pytest.mark.parametrize("going", ["//evil.example", "https://evil.example", "/\\evil", "x"])
    def test_lead_on_to_no_other_site(self, app, sol, now, going):
        browser = holding(app, signed_in(sol))

        answer = browser.get("/account/confirm", query_string={"next": going})
        assert answer.location == "/account"

    def test_are_for_whoever_is_signed_in(self, app, undone):
        for path in ("/account", "/account/devices", "/account/devices/end", "/account/confirm"):
            answer = app.test_client().get(path)
            assert answer.location == f"/sign-in?next={path}"


class TestTheMenu:
    def test_leads_to_the_account_from_a_chapter(self, app, sol, now):
        assert 'href="/account"' in holding(app, signed_in(sol)).get(HOME).text

    def test_leads_back_to_each_chapter(self, app, sol, now):
        make.mentor(make.chapter("harborside"), email=sol.email)
        page = holding(app, signed_in(sol)).get("/account").text

        assert 'href="/c/lakeside/"' in page
        assert 'href="/c/harborside/"' in page

    def test_leads_there_without_any_chapter(self, app, sol, inside, now):
        with inside(sol):
            db.session.execute(update(Membership).values(left_at=now))
        browser = holding(app, signed_in(sol))

        page = browser.get("/account")
        assert page.status_code == 200
        assert sol.email in page.text

    def test_of_a_page_that_asks_who_one_is_costs_few_statements(self, app, sol, now, statements):
        browser = holding(app, signed_in(sol))
        for path in ("/account", "/account/devices"):
            with statements() as seen:
                browser.get(path)
            assert len(seen) <= 4, seen


@pytest.mark.parametrize(
    ("said", "name"),
    [
        (PHONE, "Chrome on Android"),
        ("", "A browser"),
        ("curl/8.5.0", "A browser"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML,"
            " like Gecko) Version/18.6 Mobile/15E148 Safari/604.1",
            "Safari on iPhone",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML,"
            " like Gecko) CriOS/141.0 Mobile/15E148 Safari/604.1",
            "Chrome on iPhone",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
            " Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:143.0) Gecko/20100101 Firefox/143.0",
            "Firefox on Mac",
        ),
        (
            "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko)"
            " Chrome/141.0.0.0 Safari/537.36",
            "Chrome on ChromeOS",
        ),
        ("<script>alert(1)</script>" * 500, "A browser"),
    ],
)
def test_a_device_is_called_by_its_browser_and_system(said, name):
    assert devices.named(said) == name
