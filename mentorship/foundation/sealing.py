"""Secrets of others at rest: whoever reads the database alone cannot read them.

What opens a calendar, or speaks for a chapter to its university, is sealed with a key that is
derived from the product's secret for one purpose, and to the one record that it belongs to.
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


def seal(plain: str, *, purpose: str, owner_id: UUID, secret: str) -> bytes:
    """The text, sealed for one purpose to the record with this id."""
    nonce = os.urandom(_NONCE)
    return nonce + _lock(secret, purpose).encrypt(nonce, plain.encode(), owner_id.bytes)


def open_sealed(sealed: bytes, *, purpose: str, owner_id: UUID, secrets: Iterable[str]) -> str:
    """The text again, sealed with any of these secrets.

    :raises Sealed: it was sealed with none of them, for another purpose or record, or was changed.
    """
    nonce, locked = sealed[:_NONCE], sealed[_NONCE:]
    for secret in secrets:
        try:
            return _lock(secret, purpose).decrypt(nonce, locked, owner_id.bytes).decode()
        except (InvalidTag, ValueError):
            continue
    raise Sealed


def _lock(secret: str, purpose: str) -> AESGCM:
    key = HKDF(SHA256(), length=32, salt=None, info=f"curbside {purpose}".encode())
    return AESGCM(key.derive(secret.encode()))
