"""From where something is done: by which way in, from which network, under which session.

Whatever begins a piece of work says so once, and the trail asks here. Of an address on the
network only so much is kept as tells a hospital from a café in another country: the first three
numbers of an IPv4 address, the first 48 bits of an IPv6 address. It stays as long as the event it
belongs to.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from enum import StrEnum
from ipaddress import ip_address, ip_network
from uuid import UUID


class Through(StrEnum):
    PAGE = "page"
    MAIL = "mail"
    JOB = "job"
    COMMAND = "command"


@dataclass(frozen=True)
class Origin:
    """Where a piece of work comes from."""

    through: Through
    network: str = ""
    """Such as 192.0.2.0/24; nothing when no network was crossed."""
    session_id: UUID | None = None


#: What nobody has announced is a command: it is typed on the machine itself.
_COMMAND = Origin(Through.COMMAND)
_origin: ContextVar[Origin] = ContextVar("origin", default=_COMMAND)


def here() -> Origin:
    """Where the work of this moment comes from."""
    return _origin.get()


@contextmanager
def coming(through: Through) -> Iterator[None]:
    """Say that what is done inside comes this way."""
    before = _origin.set(Origin(through))
    try:
        yield
    finally:
        _origin.reset(before)


def arrive(address: str) -> None:
    """Say that a request from this address has begun."""
    _origin.set(Origin(Through.PAGE, network(address)))


def by_mail() -> None:
    """Say that a link from a mail, and no session, speaks for whoever is here."""
    if here() is not _COMMAND:
        _origin.set(replace(here(), through=Through.MAIL))


def under(session_id: UUID) -> None:
    """Say which session the request belongs to."""
    _origin.set(replace(here(), session_id=session_id))


def depart() -> None:
    """Forget the request."""
    _origin.set(_COMMAND)


def network(address: str) -> str:
    """The part of an address that is kept: `192.0.2.77` is 192.0.2.0/24; no address is nothing."""
    try:
        known = ip_address(address)
    except ValueError:
        return ""
    if known.version == 6 and known.ipv4_mapped is not None:
        known = known.ipv4_mapped
    return str(ip_network((known.packed, 48 if known.version == 6 else 24), strict=False))
