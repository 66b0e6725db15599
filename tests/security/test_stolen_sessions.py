"""Attacks on sessions: a cookie that was copied, planted, guessed or kept, and a device left open.

What a session lasts, and what its person can do with it, is in tests/accounts/test_sessions.py.
"""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.pool import NullPool

from mentorship.accounts import asking, links, sessions
from mentorship.accounts.models import DeviceSession
from mentorship.accounts.sessions import Why
from mentorship.app import create_app
from mentorship.foundation import clock
from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours
from mentorship.tenancy.models import Membership
from tests import make
from tests.conftest import signed_in

HOME = "/c/lakeside/"
SIGN_IN = "/sign-in?next=/c/lakeside/"


def held(browser) -> str:
    return browser.get_cookie("sign-in").value


def holding(app, token):
    """A browser with a copied cookie."""
    browser = app.test_client()
    browser.set_cookie("sign-in", token)
    return browser


def sends(app, cookie):
    """What a page answers to a cookie header that nobody's browser would send."""
    return app.test_client().get(HOME, headers={"Cookie": cookie})


class TestGuessed:
    def test_what_the_table_holds_lets_nobody_in(self, app, sol, now):
        signed_in(sol)
        [session] = db.session.scalars(select(DeviceSession))

        for stolen in (
            session.token_digest.hex(),
            str(session.id),
            str(sol.user_id),
            str(sol.id),
            hashlib.sha256(session.token_digest).hexdigest(),
        ):
            assert holding(app, stolen).get(HOME).location == SIGN_IN

    @pytest.mark.parametrize(
        "cookie",
        [
            "sign-in=",
            "sign-in=x",
            "sign-in=" + "A" * 43,
            "sign-in=" + "A" * 4000,
            "sign-in=%00",
            "sign-in=\xff\xfe",
            'sign-in="; session=x',
            "sign-in=' OR 1=1 --",
            "session=eyJfdXNlcl9pZCI6IngifQ.forged.forged",
        ],
    )
    def test_what_was_made_up_is_nobody(self, app, lakeside, now, cookie):
        assert sends(app, cookie).location == SIGN_IN

    def test_a_name_in_the_signed_cookie_is_nobody(self, app, sol, now):
        """Flask-Login would read it there; the product asks its own cookie alone."""
        browser = app.test_client()
        with browser.session_transaction() as session:
            session |= {"_user_id": str(sol.user_id), "_fresh": True}

        assert browser.get(HOME).location == SIGN_IN

    def test_tokens_are_long_and_never_the_same(self, app, sol, now):
        tokens = {
            sessions.begin(sol.user_id, way=sessions.Way.LINK, device="x", now=now)
            for _ in range(50)
        }

        assert len(tokens) == 50
        assert {len(token) for token in tokens} == {43}  # 32 bytes


class TestPlanted:
    def test_before_sign_in_it_is_another_one_afterwards(self, app, come, sol, now):
        planted = "planted" * 6
        browser = come(sol, holding(app, planted))

        assert held(browser) != planted
        assert holding(app, planted).get(HOME).location == SIGN_IN

    def test_of_the_attackers_own_session_gets_none_of_the_victims(self, app, come, sol, mara, now):
        attackers = signed_in(mara)
        browser = come(sol, holding(app, attackers))

        assert held(browser) != attackers
        assert holding(app, attackers).get(HOME).location == SIGN_IN

    def test_flow_state_of_before_is_gone(self, app, come, sol, now):
        browser = app.test_client()
        with browser.session_transaction() as session:
            session["planted"] = "x"
        come(sol, browser)

        with browser.session_transaction() as session:
            assert "planted" not in session


class TestCopied:
    def test_it_is_worth_nothing_after_sign_out(self, app, come, sol, now):
        browser = come(sol)
        copied = held(browser)
        assert holding(app, copied).get(HOME).status_code == 200
        answer = browser.post("/sign-out")

        assert browser.get_cookie("sign-in") is None
        assert holding(app, copied).get(HOME).location == SIGN_IN
        assert answer.headers["Clear-Site-Data"] == '"storage"'

    def test_it_is_worth_nothing_after_its_owner_proved_who_they_are(self, app, come, sol, now):
        browser = come(sol)
        copied = held(browser)
        come(sol, browser)

        assert holding(app, copied).get(HOME).location == SIGN_IN
        assert browser.get(HOME).status_code == 200

    def test_it_does_nothing_either(self, app, come, sol, now):
        browser = come(sol)
        copied = held(browser)
        browser.post("/sign-out")
        holding(app, copied).post("/account/devices/end")

        ended = db.session.scalars(select(DeviceSession.ended_why)).all()
        assert ended == [Why.SIGNED_OUT]

    def test_it_is_worth_nothing_in_any_process_once_the_session_has_ended(self, own_database):
        settings = own_database.config["SETTINGS"]
        other = create_app(replace(settings, workers=1), pool=NullPool)
        other.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
        sol = make.student(make.chapter("lakeside"))
        token = signed_in(sol)
        apps = own_database, other
        assert [holding(app, token).get(HOME).status_code for app in apps] == [200, 200]

        holding(own_database, token).post("/sign-out")

        assert [holding(app, token).get(HOME).status_code for app in apps] == [302, 302]

    def test_it_does_not_come_back_with_an_answer_that_was_slow(self, app, come, sol, now):
        """An answer that began before the token changed sets no cookie over the new one."""
        browser = come(sol)

        assert "sign-in=" not in str(browser.get(HOME).headers.getlist("Set-Cookie"))

    def test_used_on_while_it_is_ended_it_is_not_revived(self, own_database):
        sol = make.student(make.chapter("lakeside"))
        token = signed_in(sol)
        long_ago = {"last_used_at": clock.now() - timedelta(hours=1)}
        db.session.execute(update(DeviceSession).values(long_ago))
        db.session.commit()
        db.session.remove()

        def use(number):
            with own_database.app_context():
                browser = holding(own_database, token)
                answer = browser.post("/sign-out") if number == 3 else browser.get(HOME)
                return answer.status_code

        with ThreadPoolExecutor(8) as uses:
            list(uses.map(use, range(16)))

        assert holding(own_database, token).get(HOME).status_code == 302
        [session] = db.session.scalars(select(DeviceSession))
        assert session.ended_why == Why.SIGNED_OUT


class TestTheCookie:
    @pytest.fixture
    def secure(self, app, monkeypatch):
        monkeypatch.setitem(app.config, "SESSION_COOKIE_SECURE", True)
        monkeypatch.setitem(app.config, "SIGN_IN_COOKIE_NAME", "__Host-sign-in")
        return app

    def test_is_the_hosts_own_and_out_of_reach_of_scripts(self, secure, undone, sol, now):
        link = links.issue(email=sol.email, now=now)
        token = links.token(link, secret=secure.config["SECRET_KEY"])

        answer = secure.test_client().post(f"https://localhost/sign-in/{token}")

        said = next(
            one for one in answer.headers.getlist("Set-Cookie") if one.startswith("__Host-sign-in=")
        )
        assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(said.split("; "))
        assert "Domain" not in said

    def test_has_that_name_and_no_other_where_people_come_by_https(self, settings):
        served = create_app(replace(settings, base_url="https://curbside.example.org"))

        assert served.config["SIGN_IN_COOKIE_NAME"] == "__Host-sign-in"
        assert served.config["SESSION_COOKIE_NAME"] == "__Host-session"
        assert served.config["SESSION_COOKIE_SECURE"]

    def test_from_a_sibling_site_without_the_hosts_mark_is_not_read(self, secure, sol, now):
        """A subdomain can set `sign-in`, never `__Host-sign-in`."""
        assert holding(secure, signed_in(sol)).get("https://localhost" + HOME).location == SIGN_IN

    def test_does_not_change_when_the_rest_was_refused(self, app, undone, sol, now, monkeypatch):
        """Else a browser would hold a token that no table knows, and be signed out."""

        def refuse():
            raise NotYours

        monkeypatch.setattr(asking, "forget", refuse)
        browser = holding(app, signed_in(sol))
        before = held(browser)
        link = links.issue(email=sol.email, now=now)
        token = links.token(link, secret=app.config["SECRET_KEY"])

        assert browser.post(f"/sign-in/{token}").status_code == 404
        assert held(browser) == before
        assert browser.get(HOME).status_code == 200

    def test_stands_in_no_page_log_or_trail(self, app, come, sol, now, caplog):
        browser = come(sol)
        token = held(browser)
        pages = [browser.get(path).text for path in (HOME, "/account", "/account/devices")]

        assert all(token not in page for page in pages)
        assert token not in caplog.text


class TestADeviceLeftOpen:
    """What whoever sits down at it can do, ten minutes after its person has left."""

    @pytest.fixture
    def open_device(self, app, sol, now, at):
        browser = holding(app, signed_in(sol))
        at(now + sessions.FRESH)
        return browser

    @pytest.mark.parametrize(
        "path", ["/account/devices/end", "/account/address", "/account/passkeys/add"]
    )
    @pytest.mark.parametrize("method", ["GET", "POST"])
    def test_it_does_nothing_that_lasts(self, open_device, path, method):
        data = {"email": "thief@example.org", "name": "Mine", "credential": "{}"}
        answer = open_device.open(path, method=method, data=data if method == "POST" else None)

        assert (answer.status_code, answer.location) == (303, f"/account/confirm?next={path}")

    def test_a_link_to_the_thiefs_own_address_proves_nothing(
        self, app, open_device, come, mara, sol
    ):
        """It signs the thief in as themselves; the session of the person is over."""
        come(mara, open_device)

        assert sol.email not in open_device.get("/account").text
        ended = select(DeviceSession.ended_why).where(DeviceSession.user_id == sol.user_id)
        assert db.session.scalars(ended).all() == [Why.REPLACED]

    def test_a_button_of_another_page_leads_back_to_that_page(self, app, open_device, sol):
        """And to none of another site."""
        path = "/account/passkeys/00000000-0000-7000-8000-000000000000/remove"
        for referrer, back in (
            ("http://localhost/account", "/account/confirm?next=/account"),
            ("http://evil.example/account", "/account/confirm"),
            ("", "/account/confirm"),
        ):
            answer = open_device.post(path, headers={"Referer": referrer})
            assert (answer.status_code, answer.location) == (303, back)


class TestAnOpenSession:
    def test_loses_a_role_at_the_next_request(self, app, cora, inside, now):
        browser = holding(app, signed_in(cora))
        assert browser.get("/c/lakeside/people").status_code == 200
        with inside(cora):
            mine = update(Membership).where(Membership.id == cora.id)
            db.session.execute(mine.values(held=["student"]))

        assert browser.get("/c/lakeside/people").status_code == 403

    def test_loses_the_chapter_at_the_next_request(self, app, sol, inside, now):
        browser = holding(app, signed_in(sol))
        assert browser.get(HOME).status_code == 200
        with inside(sol):
            mine = update(Membership).where(Membership.id == sol.id)
            db.session.execute(mine.values(left_at=now))

        assert browser.get(HOME).status_code == 404
        assert browser.get("/account").status_code == 200
