"""Being signed in somewhere else too, such as at a university: what is said of it at our own door.

Features above this one know where that is: at the start one tells us, by `use`.
"""

from datetime import datetime
from typing import NamedTuple, Protocol
from uuid import UUID


class Offer(NamedTuple):
    """Somewhere else to go on to: its name, and an address."""

    name: str
    address: str


class Elsewhere(Protocol):
    def at_the_door(self, *, next_path: str, email: str) -> list[Offer]:
        """Where somebody may sign in who is on their way to `next_path`, or has typed `email`.

        It is the same for everybody: whether somebody has an account does not matter.
        """

    def on_leaving(self, provider_id: UUID, hint: bytes) -> Offer | None:
        """Where somebody signs out as well whose session was begun through it, if anywhere."""

    def disconnect(self, user_id: UUID, *, since: datetime, now: datetime) -> None:
        """Let nobody in as this person who was connected at that instant or later; kept at once."""


_elsewhere: list[Elsewhere] = []


def use(elsewhere: Elsewhere) -> None:
    _elsewhere[:] = [elsewhere]


def at_the_door(*, next_path: str = "", email: str = "") -> list[Offer]:
    """Where else somebody may sign in."""
    return [
        offer for each in _elsewhere for offer in each.at_the_door(next_path=next_path, email=email)
    ]


def disconnect(user_id: UUID, *, since: datetime, now: datetime) -> None:
    """Let nobody in as this person who was connected at that instant or later; kept at once."""
    for each in _elsewhere:
        each.disconnect(user_id, since=since, now=now)


def on_leaving(provider_id: UUID | None, hint: bytes | None) -> Offer | None:
    """Where else somebody signs out, if their session was begun elsewhere."""
    if provider_id is None or hint is None:
        return None
    found = [each.on_leaving(provider_id, hint) for each in _elsewhere]
    return next((offer for offer in found if offer), None)
