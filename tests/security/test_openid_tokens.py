"""Tokens of a provider that are not what they have to be: refused, and kept nowhere."""

import hmac
import json
import logging
import time
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from sqlalchemy import select

from mentorship.audit.account_trail import AccountDeed
from mentorship.audit.models import AccountEvent
from mentorship.foundation.database import db
from mentorship.tenancy.university.models import Identity
from tests import make
from tests.tenancy.university.going import change
from tests.tenancy.university.misbehaving import CLIENT, SECRET, encoded, none_signed, send

LONG = "x" * 100_000


def by_the_public_key(provider, claims):
    """Signed with HS256, and with what everybody knows as its secret."""
    said = written({"alg": "HS256", "kid": provider.key.kid}, claims)
    secret = provider.key.as_pem(private=False)
    return said + "." + encoded(hmac.digest(secret, said.encode(), "sha256"))


def with_a_critical_header(provider, claims):
    """Signed well, with a header that has to be understood and that nobody knows (RFC 7515)."""
    header = {"alg": "RS256", "kid": provider.key.kid, "crit": ["moon"], "moon": "full"}
    said = written(header, claims)
    key = provider.key.private_key
    return said + "." + encoded(key.sign(said.encode(), PKCS1v15(), SHA256()))


def written(header, claims):
    return ".".join(encoded(json.dumps(part).encode()) for part in (header, claims))


def by_the_clients_secret(provider, claims):
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SECRET))


def by_a_key_in_its_own_header(provider, claims):
    own = RSAKey.generate_key(2048)
    header = {"alg": "RS256", "jwk": own.as_dict(private=False)}
    return jwt.encode(header, claims, own)


def by_a_foreign_key(provider, claims):
    header = {"alg": "RS256", "kid": provider.key.kid}
    return jwt.encode(header, claims, RSAKey.generate_key(2048))


def changed(provider, claims):
    """Its middle was replaced after it was signed."""
    first, _, last = provider.sign(claims).split(".")
    return ".".join((first, none_signed({**claims, "sub": "cora"}).split(".")[1], last))


def says(**claims: Any):
    return {"claims": claims}


def late(seconds: int) -> int:
    return int(time.time()) + seconds


ATTACKS: dict[str, dict[str, Any]] = {
    "another issuer": says(iss="https://login.evil.example"),
    "no issuer": says(iss=None),
    "for another client": says(aud="another"),
    "for another client, in a list": says(aud=["another"]),
    "for several clients, and nobody says for whom": says(aud=[CLIENT, "another"]),
    "for several clients, by another": says(aud=[CLIENT, "another"], azp="another"),
    "for another client, who hands it to us": says(aud="another", azp=CLIENT),
    "by another client": says(azp="another"),
    "for nobody": says(aud=None),
    "nobody": says(sub=None),
    "an empty subject": says(sub=""),
    "a subject without end": says(sub="x" * 256),
    "a subject that is a number": says(sub=4711),
    "a subject that is a list": says(sub=["4711"]),
    "a subject with a line break": says(sub="47\n11"),
    "expired": says(exp=late(-61)),
    "expired long ago": says(iat=late(-7200), exp=late(-3600)),
    "never expires": says(exp=None),
    "expires some day": says(exp="tomorrow"),
    "of the future": says(iat=late(3600), exp=late(7200)),
    "good only later": says(nbf=late(3600)),
    "no instant": says(iat=None),
    "another nonce": says(nonce="another"),
    "no nonce": says(nonce=None),
    "of another access token": says(at_hash="AAAAAAAAAAAAAAAAAAAAAA"),
    "unsigned": {"make_token": lambda _, claims: none_signed(claims)},
    "HS256 with the public key": {"make_token": by_the_public_key},
    "HS256 with the client's secret": {"make_token": by_the_clients_secret},
    "a key in its own header": {"make_token": by_a_key_in_its_own_header},
    "a foreign key": {"make_token": by_a_foreign_key},
    "changed": {"make_token": changed},
    "cut off": {"make_token": lambda provider, claims: provider.sign(claims)[:-20]},
    "no token": {"token_answer": lambda said: {**said, "id_token": None}},
    "no token at all": {"token_answer": lambda said: {"access_token": "a", "token_type": "b"}},
    "a number": {"make_token": lambda *_: 7},
    "an object": {"make_token": lambda *_: {"sub": "4711"}},
    "words": {"make_token": lambda *_: "let me in"},
    "dots": {"make_token": lambda *_: "...."},
    "an answer that is a list": {"token_answer": lambda said: [said]},
    "an answer that is null": {"token_answer": lambda said: None},
    "a huge token": {"make_token": lambda p, claims: p.sign({**claims, "long": LONG})},
    "a huge token that would be packed": {"make_token": lambda *_: LONG},
    "deeply nested": {
        "token_answer": lambda said: json.loads('{"id_token":' + "[" * 900 + "]" * 900 + "}")
    },
    "a critical header that nobody knows": {"make_token": with_a_critical_header},
}


@pytest.fixture
def somebody(lakeside, sign_in):
    """A person whom a good token would let in."""
    student = make.student(lakeside, "Sol Adair", email="sol@lakeside.edu")
    sign_in(student).get("/account")
    return student


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_a_token_that_is_not_what_it_has_to_be(attack, going, somebody, inside, lakeside, caplog):
    caplog.set_level(logging.DEBUG)
    caplog.handler.setLevel(logging.INFO)
    change(lakeside, joining="domain")
    for name, value in attack.items():
        setattr(going.provider, name, value)

    answer = going.there_and_back()

    assert answer.status_code == 403, answer.text
    assert answer.content_type.startswith("text/html")
    assert not going.is_in
    with inside(lakeside):
        assert db.session.scalars(select(Identity)).all() == []
    failed = select(AccountEvent).where(AccountEvent.deed == AccountDeed.SIGN_IN_FAILED)
    [event] = db.session.scalars(failed).all()
    assert event.facts["way"] == "university"
    for kept in (caplog.text, json.dumps(event.facts), answer.text):
        assert "eyJ" not in kept
        assert "access-token" not in kept
        assert "sol@" not in kept


def test_the_same_person_is_let_in_by_a_good_one(going, somebody):
    """So that what is refused above is refused for what is wrong with it."""
    assert going.there_and_back().status_code == 303
    assert going.is_in


@pytest.mark.parametrize("seconds", [-59, 0, 59])
def test_clocks_may_differ_by_a_minute(going, somebody, seconds):
    going.provider.claims = {"iat": late(seconds), "exp": late(seconds + 1)}

    assert going.there_and_back().status_code == 303


def test_a_subject_of_another_person_at_the_userinfo_endpoint(going, somebody):
    going.provider.claims = {"email": None}
    going.provider.answers["/userinfo"] = lambda asked: send(
        asked, {"sub": "another", "email": "sol@lakeside.edu", "email_verified": True}
    )

    assert going.there_and_back().status_code == 403
    assert not going.is_in


def test_userinfo_does_not_overrule_the_token(going, somebody):
    going.provider.claims = {"email": None, "email_verified": False}
    going.provider.userinfo = {"email": "sol@lakeside.edu", "email_verified": True}

    assert going.there_and_back().location == "/c/lakeside/auth/waiting"


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({"name": "<script>alert(1)</script>"}, "&lt;script&gt;"),
        ({"name": "Sol\u202eriadA\x00\r\nBcc: all@example.org"}, "Sol"),
        ({"name": "x" * 10_000}, "xxx"),
        ({"name": ["a", "list"], "given_name": 7}, "sol"),
    ],
    ids=["script", "hidden letters", "without end", "no text"],
)
def test_a_name_is_cleaned_before_it_is_shown(going, lakeside, claims, expected):
    change(lakeside, joining="domain")
    going.provider.claims = claims

    assert going.there_and_back().status_code == 303
    page = going.browser.get("/c/lakeside/profile").text
    assert expected in page
    assert "<script>alert" not in page
    assert "\u202e" not in page
    assert "x" * 200 not in page
