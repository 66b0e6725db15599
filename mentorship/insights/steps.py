"""Ways on from a pairing: the one that is next, and how each is called."""

from dataclasses import dataclass, field
from typing import Any

from mentorship.insights.pair import Pair


@dataclass(frozen=True)
class Action:
    """A button: to a page of the chapter by its endpoint, or to an address outside."""

    label: str
    endpoint: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    picture: str = ""
    href: str = ""


def next_of(pair: Pair) -> Action:
    """What the reader would most likely do next in this pairing."""
    waiting = (
        (pair.to_answer, "Answer"),
        (pair.next, "Open agenda"),
        (pair.unsettled, "Say how it went"),
        (pair.asked, "See request"),
    )
    for booking, label in waiting:
        if booking is not None:
            return Action(label, "scheduling.meeting", {"meeting_id": booking.id})
    if not pair.under_way:
        return look(pair)
    if pair.rhythm.wants_attention and (pair.last_contact_on or pair.i_mentor):
        return check_in(pair)
    return look(pair) if pair.i_mentor else book(pair)


def book(pair: Pair) -> Action:
    """To the other one's free times."""
    facts = {"mentor_id": pair.other_id, "kind": pair.kind.value}
    return Action("Book a time", "scheduling.ask", facts, "calendar")


def check_in(pair: Pair) -> Action:
    """To a line about how it goes."""
    return Action("Check in", "relationships.check_in", {"pairing_id": pair.id}, "pencil")


def look(pair: Pair) -> Action:
    """To the pairing's own page."""
    return Action("Open", "insights.pairing", {"pairing_id": pair.id})
