"""Changing one's own email address: who hears of it, what it takes, and how it is undone."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from mentorship.accounts import addresses, links, sessions, users
from mentorship.accounts.models import AddressChange, DeviceSession, SignInLink, User
from mentorship.accounts.passkeys.models import Passkey
from mentorship.audit.models import AccountEvent
from mentorship.foundation import clock
from mentorship.foundation.database import db, transaction, uuid7
from tests import make
from tests.conftest import signed_in, words

NEW = "sol.new@example.org"


@pytest.fixture
def browser(app, sol, now):
    """Sol's, who has just signed in."""
    browser = app.test_client()
    browser.set_cookie("sign-in", signed_in(sol))
    return browser


@pytest.fixture
def confirmed(browser, path_in):
    """Change the address, all the way; the path that undoes it."""

    def confirmed(email=NEW, old=""):
        browser.post("/account/address", data={"email": email})
        browser.post(path_in(email, "Confirm your new address for Curbside"))
        return path_in(old, "Your address at Curbside was changed")

    return confirmed


def email_of(member):
    return db.session.scalars(select(User.email).where(User.id == member.user_id)).one()


def passkey(member, added_at):
    db.session.add(
        Passkey(
            user_id=member.user_id,
            name="Phone",
            credential_id=uuid7().bytes,
            public_key=b"x",
            sign_count=0,
            aaguid=uuid7(),
            transports=[],
            is_synced=False,
            is_backed_up=False,
            added_at=added_at,
        )
    )
    db.session.commit()


class TestAsking:
    def test_changes_nothing_before_the_new_address_has_confirmed(self, browser, sol, path_in):
        answer = browser.post("/account/address", data={"email": " Sol.New@Example.org "})
        assert (answer.status_code, answer.location) == (303, "/account")
        path = path_in(NEW, "Confirm your new address for Curbside")
        for _ in range(2):  # mail scanners
            assert "Make it mine" in browser.get(path).text
        assert email_of(sol) == sol.email

        assert browser.post(path).status_code == 303
        assert email_of(sol) == NEW

    def test_needs_a_proof_of_who_it_is_that_is_not_old(self, browser, sol, now, at, work):
        at(now + sessions.FRESH)
        answer = browser.post("/account/address", data={"email": NEW})

        assert answer.location == "/account/confirm?next=/account/address"
        assert work() == 0

    @pytest.mark.parametrize("typed", ["", "sol", "a@b@c", "x@example.org\r\nBcc: y@z.org"])
    def test_for_what_is_no_address_is_explained_and_kept(self, browser, work, typed):
        answer = browser.post("/account/address", data={"email": typed})

        assert answer.status_code == 422
        assert 'aria-invalid="true"' in answer.text
        assert work() == 0

    def test_for_the_same_address_is_told(self, browser, sol, work):
        answer = browser.post("/account/address", data={"email": sol.email.upper()})

        assert answer.status_code == 422
        assert "your address already" in answer.text

    def test_answers_alike_for_an_address_that_somebody_has(self, browser, mara, work, tray):
        free = browser.post("/account/address", data={"email": NEW})
        first = browser.get("/account").text.replace(NEW, "ADDRESS")
        taken = browser.post("/account/address", data={"email": mara.email})
        second = browser.get("/account").text.replace(mara.email, "ADDRESS")
        work()

        assert (free.status_code, free.location) == (taken.status_code, taken.location)
        assert "If ADDRESS can be yours" in first
        assert "If ADDRESS can be yours" in second
        [mail] = tray.to(mara.email)
        assert "belongs to an account already" in words(mail)
        assert "/account/address/" not in words(mail)

    def test_again_ends_the_link_that_was_sent_before(self, browser, path_in, sol):
        browser.post("/account/address", data={"email": NEW})
        first = path_in(NEW, "Confirm your new address for Curbside")
        browser.post("/account/address", data={"email": "other@example.org"})

        assert browser.post(first).status_code == 422
        assert email_of(sol) == sol.email

    def test_is_told_to_the_address_that_the_account_has(self, browser, work, tray, sol):
        browser.post("/account/address", data={"email": NEW})
        work()

        assert "Another address was asked for" in [mail["Subject"] for mail in tray.to(sol.email)]

    def test_all_the_time_is_answered_with_a_wait(self, browser):
        for number in range(5):
            browser.post("/account/address", data={"email": f"sol-{number}@example.org"})

        assert browser.post("/account/address", data={"email": NEW}).status_code == 429


class TestTheLinkToTheNewAddress:
    @pytest.fixture
    def path(self, browser, path_in):
        browser.post("/account/address", data={"email": NEW})
        return path_in(NEW, "Confirm your new address for Curbside")

    def test_works_once(self, browser, path):
        browser.post(path)
        again = browser.post(path)

        assert again.status_code == 422
        assert "used already" in again.text

    def test_ends_after_an_hour(self, browser, path, sol, now, at):
        at(now + timedelta(hours=1))

        assert browser.post(path).status_code == 422
        assert email_of(sol) == sol.email

    def test_is_of_no_use_to_whoever_else_is_signed_in(self, app, path, mara, sol):
        other = app.test_client()
        other.set_cookie("sign-in", signed_in(mara))

        assert other.post(path).status_code == 422
        assert (email_of(mara), email_of(sol)) == (mara.email, sol.email)

    def test_leads_to_sign_in_first(self, app, path, sol):
        answer = app.test_client().get(path)

        assert answer.location == f"/sign-in?next={path}"
        assert app.test_client().post(path).status_code == 302
        assert email_of(sol) == sol.email

    def test_does_not_take_an_address_that_was_taken_meanwhile(self, browser, path, sol, now):
        users.find_or_create(email=NEW, zone="UTC", now=now)
        answer = browser.post(path)

        assert answer.status_code == 422
        assert "Another account has this address" in answer.text
        assert email_of(sol) == sol.email

    @pytest.mark.parametrize("token", ["x", "eyJhIjoxfQ.forged", "%00", "a" * 3000])
    def test_cannot_be_made_up(self, browser, token):
        assert browser.post(f"/account/address/{token}").status_code == 422

    def test_sends_no_referrer(self, browser, path):
        assert browser.get(path).headers["Referrer-Policy"] == "no-referrer"

    def test_ends_sign_in_links_that_the_old_mailbox_holds(self, browser, path, sol, now):
        link = links.issue(email=sol.email, now=now)
        db.session.commit()
        browser.post(path)
        db.session.expire_all()

        assert db.session.get(SignInLink, link.id).used_at is not None

    def test_used_twice_at_once_changes_the_address_once(self, own_database):
        sol = make.student(make.chapter("lakeside"))
        with transaction():
            addresses.ask(sol.user_id, email=NEW, now=clock.now())
        change_id = db.session.scalars(select(AddressChange.id)).one()
        secret = own_database.config["SECRET_KEY"]
        token = addresses.token(addresses.asked(change_id), secret=secret)
        db.session.remove()
        gate = threading.Barrier(4, timeout=60)

        def use(_):
            facts = {"by": sol.user_id, "secrets": [secret], "now": clock.now()}
            with own_database.app_context():
                gate.wait()
                try:
                    with transaction():
                        addresses.change(token, **facts)
                except addresses.LinkOver:
                    return "over"
                return "changed"

        with ThreadPoolExecutor(4) as uses:
            came_to = sorted(uses.map(use, range(4)))

        assert came_to == ["changed", "over", "over", "over"]
        deeds = db.session.scalars(select(AccountEvent.deed)).all()
        assert deeds.count("account.address_changed") == 1


class TestTheWayBack:
    def test_gives_the_account_back_and_puts_everybody_out(self, app, browser, confirmed, sol):
        undo = confirmed(old=sol.email)
        owner = app.test_client()
        assert sol.email in owner.get(undo).text
        assert email_of(sol) == NEW

        answer = owner.post(undo)

        assert (answer.status_code, answer.location) == (303, "/sign-in")
        assert email_of(sol) == sol.email
        assert browser.get("/account").status_code == 302
        assert {one.ended_why for one in db.session.scalars(select(DeviceSession))} == {"revoked"}

    def test_removes_the_passkeys_that_came_with_the_change_and_no_others(
        self, app, confirmed, sol, now
    ):
        passkey(sol, added_at=now - timedelta(days=1))
        undo = confirmed(old=sol.email)
        passkey(sol, added_at=now + timedelta(minutes=1))
        app.test_client().post(undo)

        [kept] = db.session.scalars(select(Passkey))
        assert kept.added_at == now - timedelta(days=1)

    def test_ends_links_to_an_address_that_is_not_confirmed_yet(
        self, app, browser, confirmed, path_in, sol
    ):
        undo = confirmed(old=sol.email)
        browser.post("/account/address", data={"email": "third@example.org"})
        third = path_in("third@example.org", "Confirm your new address for Curbside")
        app.test_client().post(undo)
        browser.set_cookie("sign-in", signed_in(sol))

        assert browser.post(third).status_code == 422
        assert email_of(sol) == sol.email

    def test_is_open_for_a_week(self, app, confirmed, sol, now, at):
        undo = confirmed(old=sol.email)
        at(now + addresses.UNDO)
        assert app.test_client().post(undo).status_code == 422
        assert email_of(sol) == NEW

        at(now + addresses.UNDO - timedelta(seconds=1))
        assert app.test_client().post(undo).status_code == 303

    def test_is_taken_once(self, app, confirmed, sol):
        undo = confirmed(old=sol.email)
        app.test_client().post(undo)

        assert app.test_client().post(undo).status_code == 422

    def test_leads_back_past_a_second_change(self, app, confirmed, sol):
        undo = confirmed(old=sol.email)
        confirmed("third@example.org", old=NEW)
        app.test_client().post(undo)

        assert email_of(sol) == sol.email

    def test_is_closed_once_another_account_has_the_old_address(self, app, confirmed, sol, now):
        undo = confirmed(old=sol.email)
        users.find_or_create(email=sol.email, zone="UTC", now=now)
        answer = app.test_client().post(undo)

        assert answer.status_code == 422
        assert "Another account has your old address" in answer.text

    def test_of_the_new_address_is_not_opened_by_the_link_that_confirmed_it(
        self, app, browser, path_in, sol
    ):
        browser.post("/account/address", data={"email": NEW})
        path = path_in(NEW, "Confirm your new address for Curbside")
        token = path.rsplit("/", 1)[-1]

        assert app.test_client().post(f"/sign-in/undo/{token}").status_code == 422

    @pytest.mark.parametrize("token", ["x", "eyJhIjoxfQ.forged", "%00", "a" * 3000])
    def test_cannot_be_made_up(self, app, undone, now, token):
        assert app.test_client().post(f"/sign-in/undo/{token}").status_code == 422


def test_which_address_somebody_had_is_forgotten_after_a_month(app, confirmed, sol, now, at):
    undo = confirmed(old=sol.email)

    assert addresses.sweep(now=now + addresses.KEPT) == 0
    assert addresses.sweep(now=now + addresses.KEPT + timedelta(seconds=1)) == 1
    db.session.commit()
    assert app.test_client().post(undo).status_code == 422


def test_what_was_asked_for_and_never_confirmed_sends_nothing_later(sol, now, work, tray, at):
    addresses.ask(sol.user_id, email=NEW, now=now)
    db.session.commit()
    at(now + addresses.LIFE)
    work()

    assert tray.to(NEW) == []
