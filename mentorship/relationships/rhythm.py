"""How a pairing stands: what is due next, its health in words, and its last twelve weeks.

Pure: facts in, words out. Every day here is a day of one calendar, the reader's.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from mentorship.relationships.models import OPEN, PairingState
from mentorship.vocabulary.kinds import Kind, cadence
from mentorship.vocabulary.stages import Stage
from mentorship.web.filters import dated, day, plural

#: Within how long after pairing the two should have met.
FIRST_MEETING = timedelta(days=21)
#: How long before its date something counts as due.
SOON = timedelta(days=7)
#: How long after its date a check-in may come before the pairing counts as quiet.
GRACE = timedelta(days=14)
#: How far back the strip reaches.
WEEKS = 12
WINDOW = timedelta(weeks=WEEKS)


@dataclass(frozen=True)
class Facts:
    """What is known of a pairing. Contacts older than the window may be left out."""

    kind: Kind
    stage: Stage | None
    """The mentee's."""
    state: PairingState
    began_on: date
    last_contact_on: date | None = None
    met_on: tuple[date, ...] = field(default=())
    checked_in_on: tuple[date, ...] = field(default=())
    next_meeting_on: date | None = None


@dataclass(frozen=True)
class Rhythm:
    health: str
    """good, due, quiet, wait, paused or new."""
    words: str
    due_on: date | None
    """When the two should next be in touch, booked or not."""
    weeks: str
    """Twelve letters, oldest first: m met, c checked in, d due and missing, . nothing."""
    label: str
    """The strip in a sentence."""
    ahead: int | None
    """In how many weeks they meet next: 0, 1, or 2 for later. None when nothing is booked."""

    @property
    def wants_attention(self) -> bool:
        return self.health in ("due", "quiet")


def of(facts: Facts, *, today: date) -> Rhythm:
    """Read the rhythm of a pairing off its facts."""
    due_on = next_due(facts)
    health, words = _health(facts, due_on, today=today)
    weeks = _weeks(facts, due_on if health in ("due", "quiet") else None, today=today)
    ahead = None
    if facts.next_meeting_on is not None and facts.next_meeting_on >= today:
        ahead = min((facts.next_meeting_on - today).days // 7, 2)
    label = _label(facts, words, today=today)
    return Rhythm(health, words, due_on, weeks, label, ahead)


def next_due(facts: Facts) -> date | None:
    """When the two should next be in touch: a first meeting, or the next check-in.

    None while the pairing waits for an answer, rests or is over.
    """
    if facts.state not in (PairingState.ACCEPTED, PairingState.ACTIVE):
        return None
    if facts.last_contact_on is None:
        return facts.began_on + FIRST_MEETING
    last = facts.last_contact_on
    return last + cadence(facts.kind, stage=facts.stage, on=last)


def every(kind: Kind, *, stage: Stage | None, on: date) -> str:
    """How often two people of this kind should be in touch, in words: every 6 weeks."""
    days = cadence(kind, stage=stage, on=on).days
    if days % 30 == 0:
        return f"Every {plural(days // 30, 'month')}" if days > 30 else "Every month"
    return f"Every {plural(days // 7, 'week')}"


def _health(facts: Facts, due_on: date | None, *, today: date) -> tuple[str, str]:
    if due_on is None:
        return _at_rest(facts, today=today)
    never = facts.last_contact_on is None
    if facts.next_meeting_on is not None and facts.next_meeting_on >= today:
        if never:
            return "new", f"New, first meeting {_by(facts.next_meeting_on, today)}"
        return "good", "In rhythm" if due_on >= today else "Next meeting booked"
    what = "First meeting" if never else "Check-in"
    if today <= due_on:
        if due_on - today <= SOON:
            return "due", f"{what} due {_by(due_on, today)}"
        return ("new", f"New, first meeting by {day(due_on)}") if never else ("good", "In rhythm")
    if not never and today - due_on <= GRACE:
        return "due", f"Check-in was due {_by(due_on, today)}"
    since = facts.last_contact_on or facts.began_on
    weeks = plural((today - since).days // 7, "week")
    return "quiet", f"No first meeting in {weeks}" if never else f"Quiet for {weeks}"


def _at_rest(facts: Facts, *, today: date) -> tuple[str, str]:
    if facts.state == PairingState.PROPOSED:
        days = (today - facts.began_on).days
        asked = {0: "today", 1: "yesterday"}.get(days)
        return "wait", f"Asked {asked}" if asked else f"Asked on {_past(facts.began_on, days)}"
    if facts.state == PairingState.PAUSED:
        return "paused", "Paused"
    return "paused", "Ended" if facts.state == PairingState.ENDED else "Completed"


def _weeks(facts: Facts, missing: date | None, *, today: date) -> str:
    strip = ["."] * WEEKS
    if missing is not None:
        # What is due within a week is shown at today's end of the strip.
        _mark(strip, "d", [min(missing, today)], today=today)
    _mark(strip, "c", facts.checked_in_on, today=today)
    _mark(strip, "m", facts.met_on, today=today)
    return "".join(strip)


def _mark(strip: list[str], letter: str, days: Iterable[date], *, today: date) -> None:
    for one in days:
        week = WEEKS - 1 - (today - one).days // 7
        if 0 <= week < WEEKS:
            strip[week] = letter


def _label(facts: Facts, words: str, *, today: date) -> str:
    met, checked_in = (
        sum(today - WINDOW < one <= today for one in days)
        for days in (facts.met_on, facts.checked_in_on)
    )
    counts = [plural(met, "meeting")] if met else []
    counts += [plural(checked_in, "check-in")] if checked_in else []
    said = [f"Last 12 weeks: {' and '.join(counts) or 'no contact'}.", f"{words}."]
    if facts.state in OPEN:
        next_on = facts.next_meeting_on
        said.append(
            "Nothing booked."
            if next_on is None or next_on < today
            else f"Next meeting {day(next_on)}."
        )
    return " ".join(said)


def _by(then: date, today: date) -> str:
    """Name a day as one does when it is near: today, Friday, or Fri, Dec 4."""
    days = (then - today).days
    if days in (-1, 0, 1):
        return {-1: "yesterday", 0: "today", 1: "tomorrow"}[days]
    return f"{then:%A}" if 1 < days < 7 else day(then)


def _past(then: date, days: int) -> str:
    return f"{then:%A}" if days < 7 else day(then) if days < 300 else dated(then)
