"""Addresses of calendars at rest: whoever reads the database alone cannot read them.

Such an address is a password. It is sealed with a key that is derived from the product's secret,
and to the one feed that it belongs to.
"""

import os
from collections.abc import Iterable
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE = 12


class Sealed(Exception):
    """It cannot be opened: the product's secret is not what it was."""


def seal(address: str, *, feed_id: UUID, secret: str) -> bytes:
    nonce = os.urandom(_NONCE)
    return nonce + _lock(secret).encrypt(nonce, address.encode(), feed_id.bytes)


def open_sealed(sealed: bytes, *, feed_id: UUID, secrets: Iterable[str]) -> str:
    """The address again, sealed with any of these secrets.

    :raises Sealed: it was sealed with none of them, for another feed, or was changed.
    """
    for secret in secrets:
        try:
            return _lock(secret).decrypt(sealed[:_NONCE], sealed[_NONCE:], feed_id.bytes).decode()
        except (InvalidTag, ValueError):
            continue
    raise Sealed


def _lock(secret: str) -> AESGCM:
    key = HKDF(SHA256(), length=32, salt=None, info=b"curbside calendar addresses")
    return AESGCM(key.derive(secret.encode()))
