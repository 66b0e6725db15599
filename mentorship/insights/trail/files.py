"""The trail as a file for a spreadsheet."""

from collections.abc import Iterable

from mentorship.insights.trail.queries import Entry
from mentorship.profiles import sheet

HEADER = ("at", "who", "did", "about", "details", "through", "network")


def write(entries: Iterable[Entry]) -> bytes:
    """One line an event, instants in UTC; no cell is a formula."""
    return sheet.write(
        HEADER,
        (
            (
                one.at.isoformat(),
                one.who,
                one.words,
                "; ".join(one.about),
                "; ".join(one.details),
                one.through,
                one.network,
            )
            for one in entries
        ),
    )
