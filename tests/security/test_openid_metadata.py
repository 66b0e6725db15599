"""Providers that lie about themselves, are down or slow, or lead somewhere else."""

import threading
import time
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc.jwk import RSAKey
from sqlalchemy import func, select

from mentorship.accounts.models import DeviceSession
from mentorship.foundation import outbound
from mentorship.foundation.database import db, uuid7
from mentorship.foundation.outbound import Reach
from mentorship.foundation.settings import SettingsError
from mentorship.foundation.settings import load as load_settings
from mentorship.tenancy.university import checking, metadata, relying, wire
from mentorship.tenancy.university.metadata import Step, Wrong
from mentorship.tenancy.university.relying import Client
from tests.tenancy.university.going import change
from tests.tenancy.university.misbehaving import CLIENT, SECRET, send, serving

HERE = Reach(plain_http=True, loopback=True)
WELL_KNOWN = "/.well-known/openid-configuration"


def read(provider):
    return metadata.read(provider.url, reach=HERE)


LIES = {
    "another issuer": ({"issuer": "https://login.evil.example"}, Step.SAME_ISSUER),
    "no issuer": ({"issuer": None}, Step.SAME_ISSUER),
    "an issuer that is a list": ({"issuer": ["x"]}, Step.SAME_ISSUER),
    "no authorization_endpoint": ({"authorization_endpoint": None}, Step.ENDPOINTS),
    "no token_endpoint": ({"token_endpoint": None}, Step.ENDPOINTS),
    "no jwks_uri": ({"jwks_uri": None}, Step.ENDPOINTS),
    "a token_endpoint that is a number": ({"token_endpoint": 7}, Step.ENDPOINTS),
    "an endpoint that is a script": (
        {"authorization_endpoint": "javascript:alert(1)"},
        Step.ENDPOINTS,
    ),
    "an endpoint with a line break": (
        {"authorization_endpoint": "https://x.example/\r\nRefresh: 0"},
        Step.ENDPOINTS,
    ),
    "an endpoint that is a file": ({"token_endpoint": "file:///etc/passwd"}, Step.ENDPOINTS),
    "PKCE only in plain": ({"code_challenge_methods_supported": ["plain"]}, Step.PKCE),
    "PKCE that is words": ({"code_challenge_methods_supported": "S256"}, Step.PKCE),
    "unsigned tokens": ({"id_token_signing_alg_values_supported": ["none"]}, Step.ALGORITHM),
    "shared secrets": (
        {"id_token_signing_alg_values_supported": ["HS256", "none"]},
        Step.ALGORITHM,
    ),
    "no way to prove a client": (
        {"token_endpoint_auth_methods_supported": ["tls_client_auth"]},
        Step.CLIENT,
    ),
}


@pytest.mark.parametrize(("lie", "step"), LIES.values(), ids=LIES)
def test_metadata_that_lies(lie, step):
    with serving() as provider:
        provider.metadata = lie
        with pytest.raises(Wrong) as no:
            read(provider)

    assert no.value.step is step


def test_an_issuer_is_the_same_letter_for_letter():
    with serving() as provider, pytest.raises(Wrong) as no:
        metadata.read(provider.url + "/", reach=HERE)

    assert no.value.step is Step.SAME_ISSUER
    assert provider.url in str(no.value)


STEERING = {
    "code_challenge_method": "plain",
    "verify": False,
    "proxies": {"http": "http://127.0.0.1:9", "https": "http://127.0.0.1:9"},
    "scope": "everything",
    "default_timeout": 0.001,
    "client_id": "another",
    "client_secret": "another",
    "token": {"access_token": "x"},
    "trust_env": True,
    "auth": ["a", "b"],
    "cert": "/etc/passwd",
    "max_redirects": 100,
    "redirect_uri": "https://evil.example",
    "state": "known",
    "update_token": "x",
    "jwks": {"keys": []},
    "request_token_url": "http://127.0.0.1:9",
    "token_endpoint_auth_method": "none",
    "headers": {"X": "y"},
    "id_token_signing_alg_values_supported": ["RS256", "none", "HS256"],
    "__proto__": {"polluted": True},
}


@pytest.mark.parametrize("name", STEERING)
def test_metadata_that_steers_the_client(going, lakeside, name):
    """Authlib hands every name of the document on to the session of requests."""
    change(lakeside, joining="domain")
    going.provider.metadata = {name: STEERING[name]}
    address = going.begin()

    assert "code_challenge_method=S256" in address
    assert "scope=openid+email+profile" in address.replace("%20", "+")
    assert "client_id=curbside" in address
    assert going.back(going.provider.answer(address)).status_code == 303


def test_algorithms_that_are_offered_beside_good_ones_are_not_taken():
    with serving() as provider:
        provider.metadata = {"id_token_signing_alg_values_supported": ["none", "HS256", "RS256"]}

        assert read(provider).algorithms == ("RS256",)


def hang(asked):
    time.sleep(8)


def drip(asked):
    asked.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n{")
    for _ in range(100):
        time.sleep(0.1)
        asked.wfile.write(b" ")
        asked.wfile.flush()


ANSWERS = {
    "10 MB": lambda asked: send(asked, b'{"a": "' + b"x" * 10_000_000 + b'"}'),
    "not JSON": lambda asked: send(asked, b"<html>Sign in</html>"),
    "a list": lambda asked: send(asked, []),
    "null": lambda asked: send(asked, None),
    "deeply nested": lambda asked: send(asked, b"[" * 100_000),
    "not there": lambda asked: send(asked, {}, 404),
    "broken": lambda asked: send(asked, {}, 500),
    "elsewhere": lambda asked: send(asked, {}, 302, Location="http://169.254.169.254/latest/"),
    "elsewhere, for good": lambda asked: send(asked, {}, 301, Location="https://evil.example/"),
    "packed": lambda asked: send(asked, b"x", Content_Encoding="br"),
    "no HTTP": lambda asked: asked.wfile.write(b"SSH-2.0-OpenSSH\r\n"),
    "drips": drip,
    "hangs": hang,
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_a_document_that_hurts(monkeypatch, answer):
    monkeypatch.setattr(wire, "SECONDS", 0.5)
    with serving() as provider:
        provider.answers[WELL_KNOWN] = answer
        with pytest.raises(Wrong) as no:
            read(provider)

    assert no.value.step is Step.DOCUMENT
    assert "169.254" not in str(no.value)


@pytest.mark.parametrize("path", [WELL_KNOWN, "/token", "/keys"])
@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_a_provider_that_hurts_lets_nobody_in(monkeypatch, going, lakeside, path, answer):
    monkeypatch.setattr(wire, "SECONDS", 0.5)
    change(lakeside, joining="domain")
    if path == WELL_KNOWN:
        going.provider.answers[path] = answer
        outcome = going.browser.get("/c/lakeside/auth/begin")
    else:
        address = going.begin()
        going.provider.answers[path] = answer
        outcome = going.back(going.provider.answer(address))

    assert outcome.status_code in (403, 503)
    assert "That did not work" in outcome.text
    assert "Sign in by mail" in outcome.text
    assert db.session.scalar(select(func.count()).select_from(DeviceSession)) == 0


def test_a_provider_that_is_gone_is_said_in_words(going):
    going.provider.answers[WELL_KNOWN] = lambda asked: asked.wfile.write(b"")
    answer = going.browser.get("/c/lakeside/auth/begin")

    assert answer.status_code == 503
    assert "cannot be reached" in answer.text


def test_slow_universities_do_not_take_every_thread(monkeypatch, going, lakeside):
    """A page of another chapter still has one; whoever was turned away may come again."""
    monkeypatch.setattr(wire, "SECONDS", 2)
    relying.make_room(2)
    try:
        change(lakeside, joining="domain")
        said = going.provider.answer(going.begin())
        going.provider.answers["/token"] = lambda asked: time.sleep(1)
        holding = threading.Thread(target=_hold, args=(going.provider,))
        holding.start()
        time.sleep(0.3)

        answer = going.back(said)
        holding.join(10)
        going.provider.answers.clear()

        assert answer.status_code == 503
        assert "reload" in answer.text
        assert going.back(said).status_code == 303
    finally:
        relying.make_room(4)


def _hold(provider):
    with relying.room():
        time.sleep(1.5)


@pytest.mark.parametrize("keep", [True, False], ids=["the old one stays", "the old one is gone"])
def test_a_new_key_is_found_at_once(going, lakeside, keep):
    change(lakeside, joining="domain")
    assert going.there_and_back().status_code == 303
    going.provider.rotate(keep=keep)

    assert going.there_and_back().status_code == 303
    assert going.provider.asked.count("/keys") == 2


def test_so_is_a_new_key_under_the_old_name(going, lakeside):
    change(lakeside, joining="domain")
    assert going.there_and_back().status_code == 303
    going.provider.rotate(keep=False, same_name=True)

    assert going.there_and_back().status_code == 303
    assert going.provider.asked.count("/keys") == 2


def test_names_of_keys_that_nobody_has_do_not_have_us_ask_all_the_time(going, lakeside):
    change(lakeside, joining="domain")
    assert going.there_and_back().status_code == 303
    for number in range(20):
        going.provider.header = {"kid": f"bogus-{number}"}
        assert going.there_and_back().status_code == 403

    assert going.provider.asked.count("/keys") == 2


def test_keys_of_kinds_that_nobody_would_use_are_passed_over(going, lakeside):
    change(lakeside, joining="domain")
    going.provider.published = [
        {"kty": "oct", "k": "AAAA", "kid": "shared"},
        {"kty": "moon", "kid": "moon"},
        {"kty": "RSA", "kid": "half"},
        {"kty": ["RSA"]},
        "words",
        7,
        None,
        *going.provider.published,
    ]

    assert going.there_and_back().status_code == 303


def short(provider, bits):
    """Have it publish a key of so many bits beside its own, and sign with that."""
    numbers = rsa.generate_private_key(65537, bits)
    # The library makes such a key only with a warning, which the tests take for an error.
    provider.key = RSAKey(numbers, numbers, {"kid": f"of {bits} bits"})
    provider.published.append(provider.key.as_dict(private=False))


@pytest.mark.parametrize(("bits", "status"), [(1024, 403), (2047, 403), (2048, 303)])
def test_a_key_that_somebody_could_work_out_vouches_for_nobody(going, lakeside, bits, status):
    change(lakeside, joining="domain")
    short(going.provider, bits)

    assert going.there_and_back().status_code == status
    assert going.is_in == (status == 303)


def test_a_changed_provider_is_another_client_at_once(going, lakeside):
    change(lakeside, joining="domain")
    going.begin()
    change(lakeside, client_id="another", version=2, tested_version=2)

    assert "client_id=another" in going.begin()


def test_what_the_provider_says_of_itself_is_asked_for_once(going):
    for _ in range(5):
        going.begin()

    assert going.provider.asked.count(WELL_KNOWN) == 1


PRIVATE = (
    "https://127.0.0.1",
    "https://169.254.169.254",
    "https://10.0.0.1",
    "https://[::1]",
    "https://[::ffff:127.0.0.1]",
    "https://2130706433",
    "https://localhost",
    "http://example.org",
    "file:///etc",
    "https://user:password@example.org",
    "https://example.org:8443",
    "https://example.org\\@127.0.0.1",
)


@pytest.mark.parametrize("issuer", PRIVATE, ids=range(len(PRIVATE)))
def test_nothing_inside_is_asked(monkeypatch, issuer):
    def connect(address, *_args, **_more):
        raise AssertionError(f"connected to {address}")

    monkeypatch.setattr("socket.create_connection", connect)
    with pytest.raises(Wrong) as no:
        metadata.read(issuer)

    assert no.value.step is Step.ISSUER


def test_a_token_endpoint_inside_is_not_asked_either(monkeypatch, going, lakeside):
    """A name that led outside when it was checked leads inside when it is used."""
    change(lakeside, joining="domain")
    address = going.begin()
    monkeypatch.setattr(outbound, "_may_be_asked", lambda address, reach: False)

    answer = going.back(going.provider.answer(address))

    assert answer.status_code == 403
    assert "/token" not in going.provider.asked


def test_production_reaches_nothing_of_this_machine():
    environ = {
        **{"CURBSIDE_ENV": "production", "BASE_URL": "https://curbside.example.org"},
        **{"SECRET_KEY": "x" * 40, "DATABASE_URL": "postgresql://x", "SMTP_HOST": "mail"},
        **{"MAIL_FROM": "curbside@example.org", "UNIVERSITY_REACH": "loopback"},
    }
    with pytest.raises(SettingsError, match="UNIVERSITY_REACH"):
        load_settings(environ)
    assert outbound.reach("loopback", environment="production") == outbound.PUBLIC


def client(provider, **more):
    usual = {"id": uuid7(), "version": 1, "issuer": provider.url, "client_id": CLIENT}
    return Client(**{**usual, "secret": SECRET, "reach": HERE, **more})


def last(provider, **more):
    return checking.check(client(provider, **more), redirect_uri="https://x.example/back")[-1]


def test_a_check_that_finds_nothing_wrong():
    with serving() as provider:
        steps = checking.check(client(provider), redirect_uri="https://x.example/back")

    assert [step.wrong for step in steps] == [""] * len(Step)


def no_keys(provider):
    provider.published = []


def only_a_short_key(provider):
    short(provider, 1024)
    del provider.published[:-1]


def wrong_answer(provider):
    provider.answers["/token"] = lambda asked: send(asked, {"error": "server_error"}, 400)


WRONG = {
    "the secret": (lambda _: None, {"secret": "another"}, "secret is wrong"),
    "the client": (lambda _: None, {"client_id": "another"}, "id or secret is wrong"),
    "the keys": (no_keys, {}, "no key"),
    "the length of its key": (only_a_short_key, {}, "needs 2048 bits"),
    "the issuer": (
        lambda p: p.metadata.update(issuer="https://x.example"),
        {},
        "https://x.example",
    ),
    "the answer": (wrong_answer, {}, "does not say whether the secret is right"),
    "the status": (
        lambda p: p.answers.update({WELL_KNOWN: lambda asked: send(asked, {}, 418)}),
        {},
        "status 418",
    ),
    "the form": (
        lambda p: p.answers.update({WELL_KNOWN: lambda asked: send(asked, b"<html>")}),
        {},
        "not JSON",
    ),
}


@pytest.mark.parametrize(("make_wrong", "facts", "words"), WRONG.values(), ids=WRONG)
def test_a_check_says_what_is_wrong(make_wrong, facts, words):
    with serving() as provider:
        make_wrong(provider)
        found = last(provider, **facts)

    assert words in found.wrong


@pytest.mark.parametrize(
    ("issuer", "words"),
    [
        ("https://no-such-name.invalid", "DNS"),
        ("http://example.org", "https://"),
        ("https://127.0.0.1", "public internet"),
        ("https://example.org/?a", "An issuer"),
    ],
)
def test_a_check_says_what_is_wrong_with_an_address(issuer, words):
    found = last(SimpleNamespace(url=issuer), reach=outbound.PUBLIC)

    assert words in found.wrong


def test_nothing_answers_and_no_certificate():
    with serving() as provider:
        gone = provider.url
        tls = last(provider, issuer=provider.url.replace("http:", "https:"))
    assert "cannot be reached" in last(SimpleNamespace(url=gone)).wrong
    assert tls.wrong


def test_the_wire_follows_nobody_and_keeps_its_own_bounds(monkeypatch, going, lakeside):
    change(lakeside, joining="domain")
    address = going.begin()
    going.provider.answers["/token"] = lambda asked: send(
        asked, {}, 307, Location=f"{going.provider.url}/elsewhere"
    )
    answer = going.back(going.provider.answer(address))

    assert answer.status_code == 403
    assert "/elsewhere" not in going.provider.asked
