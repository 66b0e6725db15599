"""A person's own place, across their chapters: its tabs, and the ways in that it lists.

Features above this one add theirs: a tab here, by the name of its page, and a way in by `also`.
"""

from collections.abc import Callable
from typing import Any, NamedTuple
from uuid import UUID


class Tab(NamedTuple):
    endpoint: str
    label: str


TABS = (
    Tab("accounts.account", "Sign-in"),
    Tab("accounts.devices", "Devices"),
    Tab("accounts.activity", "Activity"),
    Tab("own_data.show", "Your data"),
)


class WayIn(NamedTuple):
    """One way to sign in, besides the mailed link that everybody has."""

    listed: str
    """The template that lists what somebody has of it, as `way`, and leads to changing that."""
    confirms: str
    """The template that offers it, if they have it, for proving once more who they are."""
    facts: Callable[[UUID], Any]
    """What a person has of it: of their id, whatever the templates read. At most one statement."""


_ways: list[WayIn] = []


def also(way: WayIn) -> None:
    """Add a way in. Called once, when its feature is imported."""
    _ways.append(way)


def ways_in(user_id: UUID) -> list[tuple[WayIn, Any]]:
    """Every way in besides the mailed link, with what this person has of it."""
    return [(way, way.facts(user_id)) for way in _ways]
