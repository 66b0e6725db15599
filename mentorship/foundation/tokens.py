"""Signed, expiring tokens for links in mail. They carry ids, never secrets, and no state."""

from datetime import datetime
from typing import Any

from itsdangerous import BadSignature, URLSafeSerializer


class BadToken(Exception):
    """The token is not ours, was changed, or is past its time."""


def sign(facts: dict[str, Any], *, purpose: str, secret: str, until: datetime) -> str:
    """A token that says `facts` for one purpose until an instant."""
    return _signer(secret, purpose).dumps([facts, int(until.timestamp())])


def read(token: str, *, purpose: str, secret: str, now: datetime) -> dict[str, Any]:
    """What a token of this purpose says.

    :raises BadToken: it cannot be trusted (any more).
    """
    try:
        facts, until = _signer(secret, purpose).loads(token)
    except BadSignature as bad:
        raise BadToken from bad
    if now.timestamp() >= until:
        raise BadToken
    return facts


def _signer(secret: str, purpose: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret, salt=f"mentorship.{purpose}")
