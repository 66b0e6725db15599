"""The health of a pairing, from facts only, said in words. There is no score, and none is kept.

Pure: facts in, sentences out. Every day here is a day of one calendar, the reader's. Nothing that
two people wrote to each other is among the facts.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from mentorship.relationships import rhythm
from mentorship.relationships.models import PairingState
from mentorship.relationships.rhythm import FIRST_MEETING, Rhythm
from mentorship.vocabulary.kinds import Kind
from mentorship.web.filters import plural

#: After how long without an answer a request counts as left alone.
SILENCE = timedelta(days=2)


class Level(StrEnum):
    """In the order in which they want attention."""

    HAND = "hand"
    WATCH = "watch"
    WELL = "well"
    RESTING = "resting"

    @property
    def label(self) -> str:
        return _LABELS[self]

    @property
    def rank(self) -> int:
        return list(Level).index(self)


_LABELS = {
    Level.HAND: "Needs a hand",
    Level.WATCH: "Worth a look",
    Level.WELL: "Alive",
    Level.RESTING: "Paused",
}


@dataclass(frozen=True)
class Facts:
    """What is known of a pairing that is under way."""

    contact: rhythm.Facts
    items_open: int = 0
    items_overdue: int = 0
    asked_on: date | None = None
    """Since when the oldest request between the two has waited for an answer."""
    fit_wants_a_hand: bool = False


@dataclass(frozen=True)
class Health:
    level: Level
    words: str
    """One to four sentences."""


def of(facts: Facts, *, today: date) -> Health:
    """How a pairing stands, for those who look after the chapter.

    Of wellness mentoring it is said that it is alive or needs a hand, and nothing else.
    """
    level, words = _judged(facts, today=today)
    if facts.contact.kind is Kind.WELLNESS:
        told = Level.HAND if level is Level.HAND else Level.WELL
        return Health(told, f"{told.label}.")
    return Health(level, words)


def _judged(facts: Facts, *, today: date) -> tuple[Level, str]:
    beat = rhythm.of(facts.contact, today=today)
    said = [_contact(facts.contact, beat, today=today)]
    if facts.fit_wants_a_hand:
        said.append("A hand is wanted after their first meeting.")
    alone = _left_alone(facts, today=today)
    if alone:
        said.append(alone)
    if facts.items_overdue:
        are = "is" if facts.items_overdue == 1 else "are"
        said.append(f"{plural(facts.items_overdue, 'action item')} {are} overdue.")
    elif facts.items_open:
        said.append(f"{plural(facts.items_open, 'action item')} open.")
    return _level(facts, beat, alone=bool(alone)), " ".join(said)


def _level(facts: Facts, beat: Rhythm, *, alone: bool) -> Level:
    if facts.fit_wants_a_hand or alone or beat.health == "quiet":
        return Level.HAND
    if facts.contact.state == PairingState.PAUSED:
        return Level.RESTING
    return Level.WATCH if beat.health == "due" or facts.items_overdue else Level.WELL


def _left_alone(facts: Facts, *, today: date) -> str:
    """That a request waits for too long; nothing, if none does. A pause asks for no answers."""
    if facts.asked_on is None or facts.contact.state == PairingState.PAUSED:
        return ""
    waited = today - facts.asked_on
    if waited <= SILENCE:
        return ""
    return f"A request has waited {plural(waited.days, 'day')} for an answer."


def _contact(facts: rhythm.Facts, beat: Rhythm, *, today: date) -> str:
    if beat.health != "quiet":
        return f"{beat.words}."
    if facts.last_contact_on is None:
        began = _span(today - facts.began_on)
        planned = plural(FIRST_MEETING.days // 7, "week")
        return f"Paired {began} ago and not met yet; {planned} were planned."
    planned = rhythm.every(facts.kind, stage=facts.stage, on=facts.last_contact_on)
    return f"No contact for {_span(today - facts.last_contact_on)}; {planned.lower()} was planned."


def _span(length: timedelta) -> str:
    return plural(length.days // 7, "week")
