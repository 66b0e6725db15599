"""What personal data is used for, and what each use rests on. The whole list.

A purpose that needs a yes is off until somebody says it, and counts from the wording they read:
when the words change in what they say, the number goes up, and an older yes is seen to be one to
older words. Nothing is measured about how people use the pages, so no purpose says so.
"""

from dataclasses import dataclass
from enum import StrEnum


class Basis(StrEnum):
    """Why something may be done. Needed: there is no program without it. Linked: only while the
    person links something themselves. Asked: only after a yes."""

    NEEDED = "needed"
    STOPPED = "stopped"
    """Part of the program, and can be stopped at any time."""
    LINKED = "linked"
    ASKED = "asked"


class Asked(StrEnum):
    """The purposes that need a yes."""

    AFFINITY = "affinity"


@dataclass(frozen=True)
class Purpose:
    """`words` say what for, `data` what is used, both for the person whose it is."""

    name: str
    words: str
    data: str
    basis: Basis
    asked: Asked | None = None
    wording: int = 1


PURPOSES: tuple[Purpose, ...] = (
    Purpose(
        "Mentoring itself",
        "To pair people, to find times, and to keep what two people write to each other.",
        "Your name and address, your profile, meetings, notes and files.",
        Basis.NEEDED,
    ),
    Purpose(
        "Seeing whether people are served",
        "So that your chapter can help whoever has nobody. It sees that people met, never what "
        "they said, and no number of fewer than five people.",
        "Who is paired, and the dates of contact.",
        Basis.NEEDED,
    ),
    Purpose(
        "A trail of what was done",
        "So that your chapter, and you, can find out who did or saw what.",
        "What you did, and when.",
        Basis.NEEDED,
    ),
    Purpose(
        "Reminders by mail",
        "One mail a day at most about what is due.",
        "Your address, and what is due.",
        Basis.STOPPED,
    ),
    Purpose(
        "Your calendars and shifts",
        "So that nobody is offered a time at which you work. Titles and places are never kept.",
        "When you are busy, and whether that is a shift.",
        Basis.LINKED,
    ),
    Purpose(
        "Groups in matching",
        "So that a matching run may prefer somebody who shares a group with you. Nobody sees them.",
        "The groups that you choose.",
        Basis.ASKED,
        asked=Asked.AFFINITY,
    ),
)

#: The wording that a yes is given to now, for each purpose that needs one.
WORDINGS = {one.asked: one.wording for one in PURPOSES if one.asked}
