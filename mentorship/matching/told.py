"""What two paired people are told of why: a few plain phrases about the two of them alone.

No points, no numbers, nothing about how many others there were, who wished for whom, or what only
one of them said of themselves.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from mentorship.matching.engine.fit import Factor

#: So many phrases at most.
PHRASES = 3
#: What both may know: what they share, and where they stand in training. Open places speak of
#: others, wishes and affinity are nobody's business, and free hours are found when they book.
SHARED = frozenset(
    {
        *(Factor.TOPICS, Factor.INTERESTS, Factor.GOALS, Factor.SETTING, Factor.REGION),
        *(Factor.PATH, Factor.LANGUAGES, Factor.STAGE, Factor.PAST),
    }
)
#: The engine speaks of two people to a third; here the first two columns speak to one of them.
#: As it stands there, to the mentee, to the mentor.
_SAID = (
    ("which this mentor offers", "which they offer", "which you offer"),
    ("one of the mentor's interests", "one of their interests", "one of your interests"),
    ("one of the student's interests", "one of your interests", "one of their interests"),
    ("one of the resident's interests", "one of your interests", "one of their interests"),
    ("where the student hopes to", "where you hope to", "where they hope to"),
    ("where the resident hopes to", "where you hope to", "where they hope to"),
    ("the mentor being earlier", "they being earlier", "you being earlier"),
)
_BEGINS = (
    ("Asked for", "You asked for", "They asked for"),
    ("Offers", "They offer", "You offer"),
    ("Practices", "They practice", "You practice"),
    ("Can help", "They can help", "You can help"),
    ("Both in", "You share a region:", "You share a region:"),
    ("Both", "You both", "You both"),
    ("Have worked", "You have worked", "You have worked"),
)


def why(reasons: Iterable[Mapping[str, Any]], *, mentoring: bool) -> list[str]:
    """What speaks most for a pairing, to one of the two: the mentor if `mentoring`."""
    speaking = [
        reason for reason in reasons if reason.get("factor") in SHARED and reason["points"] > 0
    ]
    speaking.sort(key=lambda reason: -reason["points"])
    return [_to_one(reason["words"], mentoring=mentoring) for reason in speaking[:PHRASES]]


def _to_one(words: str, *, mentoring: bool) -> str:
    for said, *to_them in _SAID:
        words = words.replace(said, to_them[mentoring])
    for said, *to_them in _BEGINS:
        if words.startswith(f"{said} "):
            return to_them[mentoring] + words.removeprefix(said)
    return words
