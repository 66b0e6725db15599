"""The chapter as a client of its university: Authlib does the protocol, and is told how strictly.

Authlib's registry keeps a client for ever under a name that a setting could share, so that there is
none: a client is made from the provider's row, is known by the row's id and version, and so changes
in every process at once. What Authlib leaves to its user is insisted on here: PKCE, the audience,
who answers (RFC 9207), the subject, a token at all.
"""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from typing import Any
from urllib.parse import quote
from uuid import UUID

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.base_client.errors import MismatchingStateError
from authlib.integrations.flask_client import FlaskIntegration, FlaskOAuth2App
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.auth import encode_client_secret_basic
from flask import session
from joserfc.errors import BadSignatureError, JoseError
from requests import RequestException

from mentorship.foundation import clock, outbound
from mentorship.foundation.outbound import Reach
from mentorship.tenancy.university import claims, metadata, wire
from mentorship.tenancy.university.metadata import Metadata, Wrong

#: Seconds for which clocks may differ.
SKEW = 60
#: Seconds for which what a provider says of itself is believed without asking again.
KNOWN_FOR = 3600
#: Providers that a process remembers; of one more, it forgets the one it has known longest.
MOST_KNOWN = 200
#: Seconds between two looks for new keys that a token asks for.
KEYS_AGAIN = 60
#: Seconds that somebody may take at their university.
PATIENCE = 15 * 60
#: Sign-ins that one browser may have under way; more would not fit into its cookie.
_AT_ONCE = 4
_SCOPE = "openid email profile"


class Reason(StrEnum):
    """Why nobody was let in. It stands in the trail; the person reads its sentence."""

    NOT_BEGUN = "not_begun"
    TOO_LONG = "too_long"
    SAID_NO = "said_no"
    OTHER_ISSUER = "other_issuer"
    UNREACHABLE = "unreachable"
    CODE = "code"
    NO_TOKEN = "no_token"
    TOKEN = "token"
    SUBJECT = "subject"
    NOT_ANEW = "not_anew"
    BUSY = "busy"

    @property
    def sentence(self) -> str:
        return _SENTENCES[self]


_SENTENCES = {
    Reason.NOT_BEGUN: "This sign-in was not begun in this browser, or was finished already."
    " Begin it once more.",
    Reason.TOO_LONG: "That took longer than a quarter of an hour. Begin once more.",
    Reason.SAID_NO: "Your university did not let you in, or you turned back there.",
    Reason.OTHER_ISSUER: "The answer did not come from your university. Nothing was done with it.",
    Reason.UNREACHABLE: "Your university’s sign-in cannot be reached just now.",
    Reason.CODE: "Your university did not stand by its answer, or it was used already. Begin once"
    " more.",
    Reason.NO_TOKEN: "Your university’s answer does not say who you are.",
    Reason.TOKEN: "Your university’s answer cannot be trusted, so nothing was done with it.",
    Reason.SUBJECT: "Your university’s answer does not say who you are.",
    Reason.NOT_ANEW: "Your university did not ask you anew who you are. Use another way.",
    Reason.BUSY: "Many people are signing in through your university just now. Wait a moment, then"
    " reload this page.",
}


class Refused(Exception):
    """Nobody is let in."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True)
class Client:
    """What a client needs to know of a provider's row, outside any transaction."""

    id: UUID
    version: int
    issuer: str
    client_id: str
    secret: str
    reach: Reach


@dataclass(frozen=True)
class Proof:
    """What the university has said of somebody, checked."""

    claims: Mapping[str, Any]
    id_token: str
    said: Mapping[str, str]
    """What was noted when the sign-in was begun."""

    def proven_at(self, now: datetime) -> datetime:
        """When they proved there who they are; long ago, where the university does not say.

        Whoever is signed in there is let in here with nothing asked, be it somebody at a browser
        that was left open.
        """
        at = self.claims.get("auth_time")
        said = at if isinstance(at, int | float) else 0
        return datetime.fromtimestamp(max(0, min(said, now.timestamp())), UTC)


def begin(
    client: Client, *, redirect_uri: str, said: Mapping[str, str], anew: bool, now: float
) -> str:
    """Begin a sign-in in this browser. The address at the university to go on to.

    `said` is noted in the browser's signed cookie, and comes back with the proof. With `anew` they
    have to prove there who they are, however lately they did.

    :raises Wrong: the provider is not as it has to be.
    :raises Refused: too many are waiting for it.
    """
    with room():
        app = _app(client)
    under_way = [name for name in session if name.startswith("_state_")]
    for name in under_way[: -_AT_ONCE + 1]:
        session.pop(name)
    strictly = {"prompt": "login", "max_age": 0} if anew else {}
    facts = app.create_authorization_url(redirect_uri, **strictly)
    address = facts.pop("url")
    noted = {"said": dict(said), "began": int(now), "anew": anew, "since": clock.stamp()}
    noted["version"] = client.version
    app.save_authorize_data(redirect_uri=redirect_uri, **noted, **facts)
    return address


def finish(client: Client, answer: Mapping[str, str], *, now: float) -> Proof:
    """What came of a sign-in that this browser has begun, from what its address carries.

    :raises Refused: it is not one that somebody can be let in by.
    """
    noted = FlaskIntegration(_name(client)).get_state_data(session, answer.get("state", ""))
    # A code of the provider that was here before is not for the one that is here now.
    if not noted or noted["version"] != client.version:
        raise Refused(Reason.NOT_BEGUN)
    if now > noted["began"] + PATIENCE:
        raise Refused(Reason.TOO_LONG)
    with room():
        try:
            app = _app(client)
        except Wrong:
            raise Refused(Reason.UNREACHABLE) from None
        # Mix-up: an answer of one provider must not be taken to another (RFC 9207).
        issuer = answer.get("iss")
        if issuer != client.issuer and (issuer is not None or app.names_itself):
            raise Refused(Reason.OTHER_ISSUER)
        with _as_refusals():
            token = app.authorize_access_token(leeway=SKEW, claims_options=_insisted(client))
            found = token.get("userinfo")
            if not found:
                raise Refused(Reason.NO_TOKEN)
            if not claims.is_subject(found["sub"]):
                raise Refused(Reason.SUBJECT)
            if noted["anew"] and not _since(found, noted["since"]):
                raise Refused(Reason.NOT_ANEW)
            if "email" not in found and app.server_metadata["userinfo_endpoint"]:
                more = app.userinfo(token=token)
                if more.get("sub") != found["sub"]:
                    raise Refused(Reason.SUBJECT)
                found = {**more, **found}
    return Proof(claims=found, id_token=token["id_token"], said=noted["said"])


def _since(found: Mapping[str, Any], began: int) -> bool:
    """Whether the university says that they have proven who they are since then."""
    at = found.get("auth_time")
    return isinstance(at, int | float) and at >= began - SKEW


def farewell(client: Client, *, back: str, id_token: str, state: str) -> str | None:
    """Where somebody signs out of their university as well; None where it has no such place.

    OpenID Connect RP-Initiated Logout 1.0.

    :raises Wrong: the provider is not as it has to be.
    :raises Refused: too many are waiting for it.
    """
    with room():
        app = _app(client)
    if not app.server_metadata["end_session_endpoint"]:
        return None
    named = {"client_id": client.client_id}
    return app.create_logout_url(
        post_logout_redirect_uri=back, id_token_hint=id_token or None, state=state, **named
    )["url"]


def error_of_no_code(client: Client, said: Metadata, *, redirect_uri: str) -> str:
    """What the provider says to a code that it never gave: the error's name (RFC 6749, 5.2).

    :raises outbound.Trouble, wire.NotAsExpected, RequestException, ValueError: it says none.
    """
    app = _App(client, said)
    try:
        app.fetch_access_token(redirect_uri, code="none", code_verifier="n" * 43)
    except AuthlibBaseError as no:
        return str(no.error)
    raise ValueError


def forget() -> None:
    """Ask every provider anew. For tests."""
    _known.clear()


class _Session(OAuth2Session):
    """Authlib's session of requests, on our own wire."""

    def __init__(self, *args: Any, reach: Reach, **more: Any) -> None:
        super().__init__(*args, **more)
        self.trust_env = False
        self.adapters.clear()
        for scheme in ("https://", "http://"):
            self.mount(scheme, wire.Wire(reach))


class _App(FlaskOAuth2App):
    """Authlib's client for one version of one provider, with keys that are kept moderately."""

    def __init__(self, client: Client, said: Metadata) -> None:
        self._metadata, self._reach = said, client.reach
        self._refetched_at = float("-inf")
        self.client_cls = partial(_Session, reach=client.reach)
        super().__init__(
            FlaskIntegration(_name(client)),
            _name(client),
            client_id=client.client_id,
            client_secret=client.secret,
            client_kwargs={
                "scope": _SCOPE,
                "code_challenge_method": "S256",
                "token_endpoint_auth_method": said.client_auth,
            },
            client_auth_methods=[("client_secret_basic", _basic)],
            issuer=said.issuer,
            authorization_endpoint=said.authorization_endpoint,
            token_endpoint=said.token_endpoint,
            jwks_uri=said.jwks_uri,
            userinfo_endpoint=said.userinfo_endpoint,
            end_session_endpoint=said.end_session_endpoint,
            id_token_signing_alg_values_supported=list(said.algorithms),
        )

    @property
    def names_itself(self) -> bool:
        return self._metadata.names_itself

    def fetch_jwk_set(self, force: bool = False) -> dict[str, Any]:
        known, now = self.server_metadata.get("jwks"), time.monotonic()
        if known and (not force or now < self._refetched_at + KEYS_AGAIN):
            return known
        if force:  # whoever holds a token could have us ask as often as they like
            self._refetched_at = now
        self.server_metadata["jwks"] = metadata.keys(self._metadata, reach=self._reach)
        return self.server_metadata["jwks"]

    def parse_id_token(self, token: dict[str, Any], *args: Any, **more: Any) -> Any:
        try:
            return super().parse_id_token(token, *args, **more)
        except BadSignatureError:
            # Authlib looks again for a key with a new name; some get a new key under the old one.
            before = self.fetch_jwk_set()
            if self.fetch_jwk_set(force=True) == before:
                raise
            return super().parse_id_token(token, *args, **more)


def _basic(client: Any, method: str, uri: str, headers: dict, body: str) -> Any:
    """Name and secret as RFC 6749, 2.3.1, has them written: Authlib leaves out the encoding."""
    quoted = _Quoted(quote(client.client_id, safe=""), quote(client.client_secret, safe=""))
    return encode_client_secret_basic(quoted, method, uri, headers, body)


@dataclass(frozen=True)
class _Quoted:
    client_id: str
    client_secret: str


_known: dict[UUID, tuple[int, float, _App]] = {}


def _app(client: Client) -> _App:
    """The client for this version of the row, with what the provider said within the hour.

    :raises Wrong: the provider is not as it has to be.
    """
    version, since, app = _known.get(client.id, (0, 0.0, None))
    if app is None or version != client.version or time.monotonic() > since + KNOWN_FOR:
        app = _App(client, metadata.read(client.issuer, reach=client.reach))
        _known.pop(client.id, None)
        for longest in list(_known)[: -MOST_KNOWN + 1]:
            _known.pop(longest, None)
        _known[client.id] = (client.version, time.monotonic(), app)
    return app


def _name(client: Client) -> str:
    """Of one length, so that no name is the beginning of another, and of no setting's."""
    return client.id.hex


def _insisted(client: Client) -> dict[str, Any]:
    return {
        "iss": {"essential": True, "value": client.issuer},
        "aud": {"essential": True, "value": client.client_id},
        **{name: {"essential": True} for name in ("sub", "exp", "iat", "nonce")},
    }


@contextmanager
def _as_refusals() -> Iterator[None]:
    """Whatever is wrong with a token, nobody is let in, and nothing of it is repeated."""
    try:
        yield
    except MismatchingStateError:
        raise Refused(Reason.NOT_BEGUN) from None
    except AuthlibBaseError as no:
        at_the_university = no.error in ("access_denied", "login_required", "consent_required")
        raise Refused(Reason.SAID_NO if at_the_university else Reason.CODE) from None
    except (outbound.Failed, Wrong):
        raise Refused(Reason.UNREACHABLE) from None
    except (JoseError, outbound.Refused, wire.NotAsExpected, RequestException):
        raise Refused(Reason.TOKEN) from None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError):
        # An answer of a shape that no library was ready for.
        raise Refused(Reason.TOKEN) from None


_room_left: threading.BoundedSemaphore | None = None


def make_room(threads: int) -> None:
    """How many of this process's threads may wait for universities: not all of them."""
    global _room_left
    _room_left = threading.BoundedSemaphore(max(1, threads - 1))


@contextmanager
def room() -> Iterator[None]:
    """:raises Refused: as many threads are waiting as may; the sign-in can still be finished."""
    if _room_left is None:
        yield
        return
    if not _room_left.acquire(blocking=False):
        raise Refused(Reason.BUSY)
    try:
        yield
    finally:
        _room_left.release()
