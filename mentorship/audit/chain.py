"""A chain of digests over events, in which nothing can be changed without its showing. Pure.

The digest of a seal is made from the digest before it, the event, its place and the moment of
sealing, so that the last one vouches for all. Whoever can write in the database could make all of
them anew; the code beside each digest (HMAC-SHA-256) takes a key that the database does not hold.
Whoever has that, too, is found out by a seal that was written down elsewhere.
"""

import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

BEGINNING = bytes(32)
"""What stands before the first seal of a chain."""

Event = Mapping[str, object]


@dataclass(frozen=True)
class Seal:
    """One link: the event at this place, vouched for from this moment on."""

    number: int
    """From 1, without gaps."""
    event_id: UUID
    at: datetime
    digest: bytes
    mac: bytes


class Harm(StrEnum):
    REMOVED = "removed"
    CHANGED = "changed"
    PUT_IN = "put in"
    UNSEALED = "without its seal"
    FORGED = "sealed with a key that is not ours"
    OTHER = "not as it was written down"


@dataclass(frozen=True)
class Fault:
    """The first place at which a chain is not what it was."""

    number: int
    """Of the seal; 0 for an event that has none."""
    event_id: UUID | None
    harm: Harm

    def __str__(self) -> str:
        place = f"number {self.number}" if self.number else "an event that is in no seal"
        return f"{place} is {self.harm}" + (f": event {self.event_id}" if self.event_id else "")


def make(chain: UUID, event: Event, *, after: Seal | None, secret: str, at: datetime) -> Seal:
    """The seal of an event that follows another; None for the first of all."""
    number, before = (after.number + 1, after.digest) if after else (1, BEGINNING)
    event_id = event["id"]
    assert isinstance(event_id, UUID)
    made = digest(chain, event, number=number, before=before, at=at)
    return Seal(number, event_id, at, made, vouch(made, secret))


def digest(chain: UUID, event: Event, *, number: int, before: bytes, at: datetime) -> bytes:
    """32 bytes for this event at this place of this chain. The event's own names are sorted."""
    return sha256(before + plainly([chain, number, at, event])).digest()


def vouch(made: bytes, secret: str) -> bytes:
    """The code of a digest that only a holder of the secret can make: 32 bytes."""
    key = hmac.digest(secret.encode(), b"mentorship.trail-seal", "sha256")
    return hmac.digest(key, made, "sha256")


def vouched(made: bytes, mac: bytes, secrets: Sequence[str]) -> bool:
    """Whether the code was made with one of these secrets."""
    return any(hmac.compare_digest(mac, vouch(made, secret)) for secret in secrets)


def first_fault(
    chain: UUID,
    links: Iterable[tuple[Seal, Event | None]],
    *,
    secrets: Sequence[str],
    after: Seal | None = None,
    known: Mapping[int, bytes] | None = None,
) -> Fault | None:
    """The first fault in a chain from its beginning, or after a seal; None when all is well.

    :param links: every seal by its number, with the event that is there now, if there is one.
    :param known: digests that were written down elsewhere, by number.

    A code that fits no secret is no fault while a later one fits: keys are changed, and no seal is
    added after one that does not fit.
    """
    number, before = (after.number, after.digest) if after else (0, BEGINNING)
    known = dict(known or {})
    forged: Fault | None = None
    for seal, event in links:
        number += 1
        if seal.number != number:
            return Fault(number, None, Harm.UNSEALED)
        if event is None:
            return Fault(number, seal.event_id, Harm.REMOVED)
        made = digest(chain, event, number=number, before=before, at=seal.at)
        if seal.event_id != event["id"] or not hmac.compare_digest(made, seal.digest):
            return Fault(number, seal.event_id, Harm.CHANGED)
        if known.pop(number, made) != made:
            return forged or Fault(number, seal.event_id, Harm.OTHER)
        if vouched(made, seal.mac, secrets):
            forged = None
        else:
            forged = forged or Fault(number, seal.event_id, Harm.FORGED)
        before = made
    if forged:
        return forged
    missing = [at for at in known if at > number]
    return Fault(number + 1, None, Harm.REMOVED) if missing else None


def fingerprint(value: object) -> bytes:
    """A digest of any plain value: 32 bytes."""
    return sha256(plainly(value)).digest()


def plainly(value: object) -> bytes:
    """A value as bytes, the same for the same value: JSON with sorted names and no spaces."""
    written = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_word
    )
    return written.encode("utf-8", "surrogatepass")


def _word(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"no way to write a {type(value).__name__} plainly")
