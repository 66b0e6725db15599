"""A provider of our own that does what it is told, since none of others' can be told to lie."""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "curbside", "a secret + more/of=it"
_KEYS = [RSAKey.generate_key(2048, {"kid": f"key-{number}"}) for number in range(3)]


@dataclass
class Misbehaving:
    """What it says, and what it was asked. Each part can be replaced while it runs."""

    url: str = ""
    key: RSAKey = field(default_factory=lambda: _KEYS[0])
    published: list[dict] = field(default_factory=lambda: [_KEYS[0].as_dict(private=False)])
    metadata: dict[str, Any] = field(default_factory=dict)
    """Laid over what it says of itself; None takes a name away."""
    claims: dict[str, Any] = field(default_factory=dict)
    """Laid over what it says of somebody; None takes a name away."""
    userinfo: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    make_token: Callable[["Misbehaving", dict], Any] | None = None
    token_answer: Callable[[dict], Any] | None = None
    answers: dict[str, Callable[[BaseHTTPRequestHandler], None]] = field(default_factory=dict)
    """What to do at a path instead of what is right."""
    asked: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def describes(self) -> dict[str, Any]:
        said = {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "end_session_endpoint": f"{self.url}/end",
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
        }
        return _laid_over(said, self.metadata)

    def answer(self, address: str, **more: str) -> dict[str, str]:
        """What it sends a browser back with that came with this address."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return {"code": code, "state": asked["state"], **more}

    def says(self, nonce: str) -> dict[str, Any]:
        now = int(time.time())
        usual = {
            **{"iss": self.url, "sub": "4711", "aud": CLIENT, "nonce": nonce},
            **{"iat": now, "exp": now + 300, "auth_time": now},
            **{"email": "sol@lakeside.edu", "email_verified": True, "name": "Sol Adair"},
        }
        return _laid_over(usual, self.claims)

    def sign(self, claims: dict[str, Any], **header: Any) -> str:
        said = {"alg": "RS256", "kid": self.key.kid, **self.header, **header}
        return jwt.encode(said, claims, self.key, algorithms=["RS256", "HS256"])

    def rotate(self, *, keep: bool, same_name: bool = False) -> None:
        """Sign with another key from now on."""
        old, new = self.published, _KEYS[1]
        if same_name:
            new = RSAKey.import_key({**_KEYS[2].as_dict(private=True), "kid": self.key.kid})
        self.key, self.published = new, [new.as_dict(private=False), *(old if keep else [])]


def none_signed(claims: dict[str, Any]) -> str:
    """A token that nobody has signed."""
    parts = [{"alg": "none"}, claims]
    return ".".join(encoded(json.dumps(part).encode()) for part in parts) + "."


@contextmanager
def serving() -> Iterator[Misbehaving]:
    """On a port of loopback, until the end of the block."""
    provider = Misbehaving()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            _reply(provider, self, b"")

        def do_POST(self) -> None:
            _reply(provider, self, self.rfile.read(int(self.headers.get("Content-Length") or 0)))

        def log_message(self, *_: object) -> None:
            """It says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    provider.url = f"http://127.0.0.1:{server.server_port}"
    serve = {"poll_interval": 0.02}
    thread = threading.Thread(target=server.serve_forever, kwargs=serve, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


def send(handler: BaseHTTPRequestHandler, said: Any, status: int = 200, **headers: str) -> None:
    """Answer with JSON, or with bytes as they are."""
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    handler.send_response(status)
    for name, value in {"Content-Type": "application/json", **headers}.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def _reply(provider: Misbehaving, handler: BaseHTTPRequestHandler, body: bytes) -> None:
    path = urlsplit(handler.path).path
    provider.asked.append(path)
    if path in provider.answers:
        provider.answers[path](handler)
    elif path == "/.well-known/openid-configuration":
        send(handler, provider.describes())
    elif path == "/keys":
        send(handler, {"keys": provider.published})
    elif path == "/token":
        send(handler, *_token(provider, handler, body))
    elif path == "/userinfo":
        send(handler, {"sub": provider.claims.get("sub", "4711"), **provider.userinfo})
    else:
        send(handler, {"error": "not_found"}, 404)


def _token(
    provider: Misbehaving, handler: BaseHTTPRequestHandler, body: bytes
) -> tuple[dict[str, Any], int]:
    given = {name: values[0] for name, values in parse_qs(body.decode()).items()}
    basic = base64.b64decode(handler.headers.get("Authorization", "Basic ")[6:]).decode()
    name, _, secret = basic.partition(":")
    if (unquote(name), unquote(secret)) != (CLIENT, SECRET):
        return {"error": "invalid_client"}, 401
    asked = provider.codes.pop(given.get("code", ""), None)
    if asked is None or asked["code_challenge"] != _challenge(given.get("code_verifier", "")):
        return {"error": "invalid_grant"}, 400
    claims = provider.says(asked["nonce"])
    token = provider.make_token(provider, claims) if provider.make_token else provider.sign(claims)
    said = {"access_token": "an-access-token", "token_type": "Bearer", "id_token": token}
    return (provider.token_answer(said) if provider.token_answer else said), 200


def _challenge(verifier: str) -> str:
    return encoded(hashlib.sha256(verifier.encode()).digest())


def encoded(data: bytes) -> str:
    """As JOSE writes bytes (RFC 7515)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _laid_over(under: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**under, **over}.items() if value is not None}
