"""Passkeys as pages: added, named, used with nothing typed, and removed."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from mentorship.accounts.passkeys import challenges, keys
from mentorship.accounts.passkeys.models import Passkey, SpentChallenge
from mentorship.audit.account_trail import AccountDeed
from mentorship.audit.models import AccountEvent
from mentorship.foundation.database import db
from tests.accounts.passkeys.device import MAY_BE_COPIED, PRESENT, VERIFIED, WAS_COPIED, Device
from tests.conftest import signed_in, words


@pytest.fixture
def browser(app, undone):
    return app.test_client()


@pytest.fixture
def seat(app):
    """A browser in which somebody has signed in just now, and does not again by itself."""

    def seat(member):
        client = app.test_client()
        client.set_cookie(app.config["SIGN_IN_COOKIE_NAME"], signed_in(member))
        return client

    return seat


@pytest.fixture
def add(seat, now):
    """Add a device's passkey on the page."""

    def add(member, device, name="Phone"):
        client = seat(member)
        made = device.make(client.get("/account/passkeys/options").json)
        form = {"name": name, "credential": json.dumps(made)}
        return client, client.post("/account/passkeys/add", data=form)

    return add


def use(browser, device, **form):
    signed = device.sign(browser.get("/sign-in/passkey/options").json)
    return browser.post("/sign-in/passkey", data={"credential": json.dumps(signed), **form})


def deeds(member):
    of = select(AccountEvent.deed).where(AccountEvent.user_id == member.user_id)
    return db.session.scalars(of.order_by(AccountEvent.id)).all()


def test_a_device_is_asked_for_a_key_that_needs_no_name_and_is_checked(sign_in, sol, now):
    options = sign_in(sol).get("/account/passkeys/options").json

    assert options["rp"] == {"id": "localhost", "name": "Curbside"}
    assert options["user"]["name"] == sol.email
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert options["attestation"] == "none"  # whose make it is, is nobody's business


def test_it_is_kept_with_what_the_device_says_of_it(add, sol, now):
    device = Device(flags=PRESENT | VERIFIED | MAY_BE_COPIED | WAS_COPIED)
    _, added = add(sol, device, "My phone")

    assert (added.status_code, added.location) == (303, "/account")
    passkey = db.session.scalars(select(Passkey)).one()
    assert (passkey.user_id, passkey.name) == (sol.user_id, "My phone")
    assert passkey.credential_id == device.credential_id
    assert (passkey.is_synced, passkey.is_backed_up) == (True, True)
    assert passkey.transports == ["internal", "hybrid"]
    assert (passkey.added_at, passkey.used_at) == (now, None)


def test_its_person_is_mailed_when_one_is_added_or_removed(add, sol, now, work, tray):
    client, _ = add(sol, Device(), "My phone")
    work()
    passkey = db.session.scalars(select(Passkey)).one()
    client.post(f"/account/passkeys/{passkey.id}/remove")
    work()

    added, removed = tray.to(sol.email)
    assert "My phone" in words(added)
    assert "added" in added["Subject"]
    assert "removed" in removed["Subject"]
    assert deeds(sol) == [AccountDeed.PASSKEY_ADDED, AccountDeed.PASSKEY_REMOVED]


def test_it_lets_its_person_in_with_nothing_typed(add, browser, sol, now):
    device = Device()
    add(sol, device)

    let_in = use(browser, device)

    assert (let_in.status_code, let_in.location) == (303, "/")
    assert browser.get("/").location == "/c/lakeside/"
    assert db.session.scalars(select(Passkey.used_at)).one() == now


def test_somebody_who_was_going_somewhere_arrives_there(add, browser, sol, now):
    device = Device()
    add(sol, device)

    assert use(browser, device, next="/c/lakeside/meetings").location == "/c/lakeside/meetings"
    assert use(browser, device, next="https://evil.example/").location == "/"


def test_the_count_moves_on_with_each_use(add, browser, sol, now):
    device = Device(count=1)
    add(sol, device)
    use(browser, device)
    use(browser, device)

    assert db.session.scalars(select(Passkey.sign_count)).one() == 3


def test_no_name_is_asked_for_and_none_is_told(browser, sol, add, now):
    add(sol, Device())

    options = browser.get("/sign-in/passkey/options").json

    assert options["allowCredentials"] == []
    assert options["userVerification"] == "required"


def test_a_device_is_told_of_those_that_it_may_hold_already(add, sol, now):
    device = Device()
    client, _ = add(sol, device)

    [held] = client.get("/account/passkeys/options").json["excludeCredentials"]

    assert held["id"] == device.make({"user": {"id": ""}, "challenge": "eA"})["id"]


def test_the_same_one_is_not_added_twice(add, sol, cora, now):
    device = Device()
    add(sol, device)

    for somebody in (sol, cora):
        _, again = add(somebody, device)
        assert again.status_code == 422
        assert "has a passkey for Curbside already" in again.text


def test_there_is_an_end_to_how_many(add, sol, now, monkeypatch):
    monkeypatch.setattr(keys, "MOST", 1)
    add(sol, Device())

    _, one_more = add(sol, Device())

    assert one_more.status_code == 422
    assert "Remove one first" in one_more.text


def test_a_name_that_is_none_comes_back_with_the_reason(add, sol, now):
    for name in ("", "   ", "x" * 61):
        _, answer = add(sol, Device(), name)
        assert answer.status_code == 422
        assert 'aria-invalid="true"' in answer.text
    assert db.session.scalars(select(Passkey)).all() == []


def test_it_is_renamed(add, sol, now):
    client, _ = add(sol, Device())
    passkey = db.session.scalars(select(Passkey)).one()
    page = f"/account/passkeys/{passkey.id}"
    assert 'value="Phone"' in client.get(page).text

    assert client.post(page, data={"name": "Blue phone"}).location == "/account"
    assert "Blue phone" in client.get("/account").text
    assert client.post(page, data={"name": ""}).status_code == 422


def test_a_removed_one_lets_nobody_in_and_says_what_to_do(add, browser, sol, now):
    device = Device()
    client, _ = add(sol, device)
    passkey = db.session.scalars(select(Passkey)).one()
    assert "a link by mail always works" in client.get(f"/account/passkeys/{passkey.id}").text
    client.post(f"/account/passkeys/{passkey.id}/remove")

    answer = use(browser, device)

    assert answer.status_code == 422
    assert "We do not know that passkey" in answer.text
    assert "Sign in by mail" in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/account/passkeys/add",
        "/account/passkeys/options",
        "/account/passkeys/00000000-0000-0000-0000-000000000007",
    ],
)
def test_adding_and_removing_needs_a_proof_of_just_now(seat, sol, now, at, path):
    client = seat(sol)
    at(now + timedelta(minutes=11))

    led = client.get(path)

    assert led.status_code == 303
    assert led.location.startswith("/account/confirm?next=/account/passkeys")
    assert client.post("/account/passkeys/add", data={"name": "x"}).status_code == 303


def test_who_one_is_can_be_proven_once_more(add, sol, now, at):
    device = Device()
    client, _ = add(sol, device)
    at(now + timedelta(minutes=11))
    assert "Use your passkey" in client.get("/account/confirm?next=/account/passkeys/add").text

    signed = device.sign(client.get("/account/confirm/passkey/options").json)
    form = {"credential": json.dumps(signed), "next": "/account/passkeys/add"}
    proven = client.post("/account/confirm/passkey", data=form)

    assert (proven.status_code, proven.location) == (303, "/account/passkeys/add")
    assert client.get("/account/passkeys/add").status_code == 200


def test_what_proves_nothing_leads_back_with_the_reason(add, sol, now, at):
    client, _ = add(sol, Device())
    at(now + timedelta(minutes=11))
    client.get("/account/confirm/passkey/options")

    form = {"credential": "{}", "next": "/account/devices/end"}
    led = client.post("/account/confirm/passkey", data=form)

    assert led.location == "/account/confirm?next=/account/devices/end"
    assert "no passkey" in client.get(led.location).text
    assert client.get("/account/devices/end").status_code == 303


def test_nobody_is_offered_one_without_a_host_name(app, sign_in, sol, now, monkeypatch):
    from dataclasses import replace

    numbers = replace(app.config["SETTINGS"], base_url="http://127.0.0.1:8000")
    monkeypatch.setitem(app.config, "SETTINGS", numbers)
    client = sign_in(sol)

    assert "passkey" not in app.test_client().get("/sign-in").text
    assert app.test_client().get("/sign-in/passkey/options").status_code == 404
    assert "Passkeys" not in client.get("/account").text


def test_looking_at_the_page_of_sign_in_writes_nothing(browser, statements):
    with statements() as seen:
        browser.get("/sign-in/passkey/options")

    assert seen == []


def test_challenges_that_would_have_ended_are_forgotten(add, sol, now):
    add(sol, Device())

    assert challenges.sweep(now=now + timedelta(minutes=4)) == 0
    assert challenges.sweep(now=now + timedelta(minutes=6)) == 1
    assert db.session.scalars(select(SpentChallenge)).all() == []
