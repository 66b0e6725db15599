"""Attacks on passkeys: none opens a session, and each is refused in words, never as a fault."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from webauthn.helpers import base64url_to_bytes

from mentorship.accounts.models import DeviceSession
from mentorship.accounts.passkeys.models import Passkey
from mentorship.audit.account_trail import AccountDeed
from mentorship.audit.models import AccountEvent
from mentorship.foundation.database import db
from tests.accounts.passkeys.device import MAY_BE_COPIED, PRESENT, VERIFIED, WAS_COPIED, Device
from tests.conftest import signed_in, words


@pytest.fixture
def browser(app, undone):
    return app.test_client()


def seated(app, member):
    client = app.test_client()
    client.set_cookie(app.config["SIGN_IN_COOKIE_NAME"], signed_in(member))
    return client


def added(app, member, device):
    """Whatever becomes of adding this device's passkey to this member."""
    client = seated(app, member)
    made = device.make(client.get("/account/passkeys/options").json)
    return send_new(client, json.dumps(made))


def send_new(client, credential):
    form = {"name": "Phone", "credential": credential}
    return client.post("/account/passkeys/add", data=form)


def send(browser, credential, path="/sign-in/passkey"):
    return browser.post(path, data={"credential": credential})


def asked(browser, path="/sign-in/passkey/options"):
    return browser.get(path).json


def is_refused(browser, answer, why):
    assert answer.status_code == 422
    assert why in answer.text
    assert 'role="alert"' in answer.text
    assert browser.get("/").status_code == 200  # the page of somebody who is not signed in


@pytest.fixture
def device(app, sol, now):
    """Sol's, whose passkey was added honestly; it counts what it signs."""
    device = Device(count=5)
    assert added(app, sol, device).status_code == 303
    return device


LIES = {
    "other origin": {"origin": "https://curbside.evil.example"},
    "same host, other port": {"origin": "http://localhost:8443"},
    "same host, other scheme": {"origin": "https://localhost"},
    "a host below ours": {"origin": "http://evil.localhost"},
    "ours as a prefix": {"origin": "http://localhost.evil.example"},
    "no origin": {"origin": ""},
    "other rp_id": {"host": "evil.example"},
    "a parent's rp_id": {"host": "host"},
    "user not verified": {"flags": PRESENT},
    "user not present": {"flags": VERIFIED},
    "copied, though it cannot be": {"flags": PRESENT | VERIFIED | WAS_COPIED},
    "from within another page": {"more": {"crossOrigin": True}},
    "made for another act": {"more": {"type": "webauthn.get"}},
    "a challenge of its own": {"more": {"challenge": "bm90IG91cnM"}},
    "an empty challenge": {"more": {"challenge": ""}},
    "a challenge that is a number": {"more": {"challenge": 7}},
    "an origin that is a list": {"more": {"origin": ["http://localhost"]}},
}


@pytest.mark.parametrize("lie", LIES)
def test_no_passkey_is_added_by(app, sol, now, lie):
    answer = added(app, sol, Device(**LIES[lie]))

    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert db.session.scalars(select(Passkey)).all() == []


@pytest.mark.parametrize("lie", LIES)
def test_nobody_is_let_in_by(browser, device, lie):
    lies = {name: dict(value) if name == "more" else value for name, value in LIES[lie].items()}
    if lies.get("more", {}).get("type"):
        lies["more"]["type"] = "webauthn.create"

    answer = send(browser, json.dumps(replace(device, **lies).sign(asked(browser))))

    assert answer.status_code == 422
    assert browser.get("/").status_code == 200


def test_a_replayed_answer_is_refused(browser, device):
    credential = json.dumps(device.sign(asked(browser)))
    assert send(browser, credential).status_code == 303
    browser.post("/sign-out")

    is_refused(browser, send(browser, credential), "answered already")


def test_a_copied_cookie_does_not_make_a_challenge_new(app, browser, sol, now):
    device = Device()  # it does not count, so the challenge alone stands in the way
    added(app, sol, device)
    credential = json.dumps(device.sign(asked(browser)))
    copy = browser.get_cookie("session").value
    assert send(browser, credential).status_code == 303

    thief = app.test_client()
    thief.set_cookie("session", copy)
    is_refused(thief, send(thief, credential), "answered already")


def test_an_answer_of_one_browser_is_worthless_in_another(app, browser, device):
    credential = json.dumps(device.sign(asked(browser)))
    other = app.test_client()

    is_refused(other, send(other, credential), "Press the button again")
    asked(other)  # which gives it a challenge, but another one
    is_refused(other, send(other, credential), "did not prove that it is you")


def test_only_the_newest_challenge_counts(browser, device):
    older = json.dumps(device.sign(asked(browser)))
    asked(browser)

    is_refused(browser, send(browser, older), "did not prove that it is you")


def test_a_challenge_ends_after_five_minutes(browser, device, now, at):
    credential = json.dumps(device.sign(asked(browser)))
    at(now + timedelta(minutes=5))

    is_refused(browser, send(browser, credential), "took too long")


def test_a_challenge_to_confirm_lets_nobody_in(app, device, sol):
    client = seated(app, sol)
    credential = json.dumps(device.sign(asked(client, "/account/confirm/passkey/options")))

    assert send(client, credential).status_code == 422


def test_a_challenge_to_sign_in_confirms_nothing(app, device, sol, now, at):
    client = seated(app, sol)
    at(now + timedelta(minutes=11))
    credential = json.dumps(device.sign(asked(client)))

    client.post("/account/confirm/passkey", data={"credential": credential})

    assert client.get("/account/passkeys/add").status_code == 303


def test_somebody_elses_passkey_confirms_nothing(app, device, cora, now, at):
    client = seated(app, cora)
    at(now + timedelta(minutes=11))
    credential = json.dumps(device.sign(asked(client, "/account/confirm/passkey/options")))

    led = client.post("/account/confirm/passkey", data={"credential": credential})

    assert led.location.startswith("/account/confirm")
    assert client.get("/account/passkeys/add").status_code == 303


def test_somebody_elses_key_under_a_known_name_is_refused(browser, device, sol):
    forger = replace(device, key=ec.generate_private_key(ec.SECP256R1()))

    is_refused(browser, send(browser, json.dumps(forger.sign(asked(browser)))), "did not prove")
    # And its person sees that somebody tried.
    failed = select(AccountEvent.user_id).where(AccountEvent.deed == AccountDeed.SIGN_IN_FAILED)
    assert db.session.scalars(failed).all() == [sol.user_id]


def test_a_passkey_that_says_it_is_somebody_elses_is_refused(browser, device, cora):
    device.user_handle = cora.user_id.bytes

    is_refused(browser, send(browser, json.dumps(device.sign(asked(browser)))), "did not prove")


def test_a_passkey_that_nobody_has_is_refused(browser, device):
    stranger = replace(device, credential_id=bytes(32))

    is_refused(browser, send(browser, json.dumps(stranger.sign(asked(browser)))), "do not know")


@pytest.mark.parametrize("count", [1, 5, 0], ids=["fewer", "as many", "none"])
def test_a_count_that_goes_back_is_refused_and_told_to_its_person(
    browser, device, sol, work, tray, count
):
    work()
    tray.empty()
    copy = replace(device, count=count and count - 1)
    credential = copy.sign(asked(browser)) if copy.count else None
    if credential is None:  # one that stopped counting
        credential = replace(copy, count=0).sign(asked(browser))

    is_refused(browser, send(browser, json.dumps(credential)), "counted backward")

    work()
    [told] = tray.to(sol.email)
    assert "may have been copied" in told["Subject"]
    assert "Phone" in words(told)
    deed = select(AccountEvent).where(AccountEvent.deed == AccountDeed.PASSKEY_WENT_BACK)
    assert db.session.scalars(deed).one().user_id == sol.user_id


def test_the_honest_one_still_works_after_that(browser, device):
    send(browser, json.dumps(replace(device, count=1).sign(asked(browser))))

    assert send(browser, json.dumps(device.sign(asked(browser)))).status_code == 303


GARBAGE = {
    "nothing": "",
    "no JSON": "not json",
    "half of it": '{"id": "x", "rawId": "x", "resp',
    "null": "null",
    "a number": "7",
    "a list": "[]",
    "an empty object": "{}",
    "no response": '{"id": "eA", "rawId": "eA", "type": "public-key"}',
    "lists for words": '{"id": [], "rawId": {}, "type": 1, "response": []}',
    "deep": "[" * 19_000,
    "a huge number": '{"id": ' + "9" * 19_000 + "}",
    "not a number": '{"id": NaN}',
    "half a letter": '{"id": "\\ud800", "rawId": "\\ud800", "type": "public-key", "response": {}}',
    "a zero byte": '{"id": "\\u0000"}',
    "huge": '{"id": "' + "x" * 100_000 + '"}',
    "prototype junk": '{"__proto__": {"id": "x"}, "constructor": {"prototype": {}}}',
}


@pytest.mark.parametrize("what", GARBAGE)
def test_garbage_is_refused_in_words(app, browser, sol, now, what):
    asked(browser)
    is_refused(browser, send(browser, GARBAGE[what]), "no passkey")

    client = seated(app, sol)
    asked(client, "/account/passkeys/options")
    answer = send_new(client, GARBAGE[what])
    assert answer.status_code == 422
    assert "no passkey" in answer.text


def test_a_good_answer_with_much_around_it_is_not_even_read(browser, device):
    padded = device.sign(asked(browser)) | {"more": "x" * 30_000}

    is_refused(browser, send(browser, json.dumps(padded)), "no passkey")


@pytest.mark.parametrize("name", ["clientDataJSON", "authenticatorData", "signature", "userHandle"])
@pytest.mark.parametrize("value", ["", "%%%", "e30", "x" * 7000, None, 7, {"a": 1}, []])
def test_a_part_that_was_exchanged_is_refused(browser, device, name, value):
    credential = device.sign(asked(browser))
    credential["response"][name] = value
    unnamed = name == "userHandle" and value is None  # a device may leave it out

    answer = send(browser, json.dumps(credential))

    assert answer.status_code == (303 if unnamed else 422)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(["clientDataJSON", "authenticatorData", "signature"]),
    at=st.integers(0, 300),
    letter=st.sampled_from(["", *"AZaz09-_"]),
)
def test_an_answer_that_was_cut_or_bent_lets_nobody_in(app, device, name, at, letter):
    browser = app.test_client()
    credential = device.sign(asked(browser))
    whole = credential["response"][name]
    at %= len(whole)
    bent = whole[:at] + letter + (whole[at + 1 :] if letter else "")
    credential["response"][name] = bent
    # The last letter holds bits that stand for nothing.
    same = len(bent) == len(whole) and base64url_to_bytes(bent) == base64url_to_bytes(whole)

    assert send(browser, json.dumps(credential)).status_code == (303 if same else 422)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.integers(0, 300), letter=st.sampled_from("AZaz09-_"))
def test_a_new_passkey_that_was_cut_or_bent_is_kept_whole_or_not_at_all(app, sol, now, cut, letter):
    client = seated(app, sol)
    made = Device().make(asked(client, "/account/passkeys/options"))
    whole = made["response"]["attestationObject"]
    cut %= len(whole)
    made["response"]["attestationObject"] = whole[:cut] + letter + whole[cut + 1 :]

    assert send_new(client, json.dumps(made)).status_code in (303, 422)

    made["response"]["attestationObject"] = whole[:cut]
    asked(client, "/account/passkeys/options")
    assert send_new(client, json.dumps(made)).status_code == 422


@pytest.mark.parametrize("length", [0, 1, 15, 1024], ids=str)
def test_a_name_of_a_key_that_no_device_gives_is_refused(app, sol, now, length):
    answer = added(app, sol, Device(credential_id=bytes(length)))

    assert answer.status_code == 422


def test_a_person_reaches_no_passkey_of_somebody_else(app, device, cora):
    passkey = db.session.scalars(select(Passkey)).one()
    client = seated(app, cora)

    for path in (f"/account/passkeys/{passkey.id}", f"/account/passkeys/{passkey.id}/remove"):
        assert client.post(path, data={"name": "Mine"}).status_code == 404
    assert client.get(f"/account/passkeys/{passkey.id}").status_code == 404
    assert db.session.scalars(select(Passkey.name)).one() == "Phone"


def test_a_session_that_was_planted_is_not_the_one_that_is_begun(app, browser, device):
    browser.set_cookie(app.config["SIGN_IN_COOKIE_NAME"], "planted")
    send(browser, json.dumps(device.sign(asked(browser))))

    assert browser.get_cookie(app.config["SIGN_IN_COOKIE_NAME"]).value != "planted"
    ways = db.session.scalars(select(DeviceSession.way).where(DeviceSession.ended_at.is_(None)))
    assert "passkey" in ways.all()


def test_a_passkey_works_whatever_was_tried_in_its_persons_name(app, browser, device, sol):
    for _ in range(30):
        browser.post("/sign-in", data={"email": sol.email})

    assert send(browser, json.dumps(device.sign(asked(browser)))).status_code == 303


def test_what_a_device_can_hold_of_copies_is_kept(app, sol, now):
    added(app, sol, Device(flags=PRESENT | VERIFIED | MAY_BE_COPIED))

    assert db.session.scalars(select(Passkey.is_synced)).one()
    assert not db.session.scalars(select(Passkey.is_backed_up)).one()
