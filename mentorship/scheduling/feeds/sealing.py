"""Addresses of calendars at rest. Such an address is a password, so it is sealed to its feed."""

from collections.abc import Iterable
from uuid import UUID

from mentorship.foundation import sealing
from mentorship.foundation.sealing import Sealed

__all__ = ("Sealed", "open_sealed", "seal")

_PURPOSE = "calendar addresses"


def seal(address: str, *, feed_id: UUID, secret: str) -> bytes:
    """The address as it is kept: to be opened with this secret, and for this feed alone."""
    return sealing.seal(address, purpose=_PURPOSE, owner_id=feed_id, secret=secret)


def open_sealed(sealed: bytes, *, feed_id: UUID, secrets: Iterable[str]) -> str:
    """The address again, sealed with any of these secrets.

    :raises Sealed: it was sealed with none of them, for another feed, or was changed.
    """
    return sealing.open_sealed(sealed, purpose=_PURPOSE, owner_id=feed_id, secrets=secrets)
