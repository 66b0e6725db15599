"""Signed, expiring tokens for links in mail. They carry ids, never secrets, and no state."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from itsdangerous import BadSignature, URLSafeSerializer


class BadToken(Exception):
    """The token is not ours, was changed, or is past its time."""


def sign(facts: dict[str, Any], *, purpose: str, secret: str, until: datetime) -> str:
    """A token that says `facts` for one purpose until an instant."""
    return _signer(secret, purpose).dumps([facts, int(until.timestamp())])


def read(token: str, *, purpose: str, secret: str | Sequence[str], now: datetime) -> dict[str, Any]:
    """What a token of this purpose says. Of several secrets it may be signed with any.

    :raises BadToken: it cannot be trusted (anymore).
    """
    try:
        facts, until = _signer(secret, purpose).loads(token)
    except BadSignature as bad:
        raise BadToken from bad
    if now.timestamp() >= until:
        raise BadToken
    return facts


def _signer(secret: str | Sequence[str], purpose: str) -> URLSafeSerializer:
    keys = [secret] if isinstance(secret, str) else list(secret)
    how = {"digest_method": hashlib.sha256}
    return URLSafeSerializer(keys, salt=f"mentorship.{purpose}", signer_kwargs=how)
