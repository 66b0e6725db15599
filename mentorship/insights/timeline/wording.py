"""How what happened between two people reads to one of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from mentorship.insights.duties import Item
from mentorship.insights.pair import Pair
from mentorship.matching import told
from mentorship.relationships.check_ins import How
from mentorship.relationships.contacts import contacts
from mentorship.relationships.contacts.models import Way
from mentorship.relationships.goals.models import GoalState
from mentorship.relationships.models import Fit, PairingState
from mentorship.scheduling.models import LIVE, MeetingState
from mentorship.tenancy.members import Member
from mentorship.web.filters import day, plural, span

#: How much of a meeting's notes stands here, in characters; the meeting has them all.
TASTE = 320


@dataclass(frozen=True)
class Stop:
    at: datetime
    look: str
    """ahead, met or minor: how the stop is drawn."""
    when: str
    title: str
    text: str = ""
    quote: str = ""
    meeting_id: UUID | None = None
    items: tuple[Item, ...] = ()
    undo_id: UUID | None = None
    """A contact that the reader has just noted, and can still take back."""


@dataclass(frozen=True)
class Reading:
    """Who reads what, and when."""

    pair: Pair
    member: Member
    items: Mapping[UUID, tuple[Item, ...]]
    """Action items by the meeting that they came from."""
    now: datetime

    def who(self, by_id: UUID | None) -> str:
        """Whoever did something, at the beginning of a sentence."""
        return "You" if by_id == self.member.id else self.pair.called

    def day(self, instant: datetime) -> str:
        return day(instant, self.member.zone)


def stop(row: Any, reading: Reading) -> Stop:
    """How a row of the statement reads."""
    return _WORDS[row.source](row, reading)


def _minor(row: Any, reading: Reading, title: str, text: str = "", *, quote: str = "") -> Stop:
    return Stop(row.at, "minor", reading.day(row.at), title, text, quote)


_UNHELD = {
    MeetingState.NO_SHOW: "The meeting did not take place",
    MeetingState.DECLINED: "A request was declined",
    MeetingState.WITHDRAWN: "A request was withdrawn",
    MeetingState.LAPSED: "A request lapsed without an answer",
    MeetingState.CANCELLED: "A meeting was cancelled",
}


def _meeting(row: Any, reading: Reading) -> Stop:
    state = MeetingState(row.facts["state"])
    starts_at, ends_at = (
        datetime.fromisoformat(row.facts[end]) for end in ("starts_at", "ends_at")
    )
    zone, of_day = reading.member.zone, reading.day(starts_at)
    more: dict[str, Any] = {"meeting_id": row.id, "items": reading.items.get(row.id, ())}
    if state is MeetingState.HELD:
        when = f"{of_day}, {plural(int((ends_at - starts_at).total_seconds() // 60), 'minute')}"
        title = f"Meeting {row.facts['number']}"
        return Stop(row.at, "met", when, title, _taste(row.words), **more)
    if state in LIVE:
        title = "Asked for, not answered"
        if state is MeetingState.ACCEPTED:
            title = "Say whether you met" if ends_at <= reading.now else "Next meeting"
        when = f"{of_day}, {span(starts_at, ends_at, zone)}"
        return Stop(row.at, "ahead", when, title, row.facts["purpose"], **more)
    planned = state in (MeetingState.NO_SHOW, MeetingState.CANCELLED)
    when = f"Planned for {of_day}" if planned else reading.day(row.at)
    return Stop(row.at, "minor", when, _UNHELD[state], **more)


def _taste(text: str) -> str:
    text = text.strip()
    return text if len(text) <= TASTE else text[: TASTE - 1].rsplit(" ", 1)[0] + "…"


_SAID = {
    How.WELL: "going well",
    How.NEED_A_DATE: "a date is needed",
    How.STUCK: "stuck",
    How.DONE: "done",
}


def _check_in(row: Any, reading: Reading) -> Stop:
    when = day(date.fromisoformat(row.facts["on"]))
    title = f"{reading.who(row.by_id)} checked in: {_SAID[How(row.facts['how'])]}"
    return Stop(row.at, "minor", when, title, quote=row.words)


def _contact(row: Any, reading: Reading) -> Stop:
    when = day(date.fromisoformat(row.facts["on"]))
    title = f"{reading.who(row.by_id)} noted {Way(row.facts['way']).told}"
    noted = datetime.fromisoformat(row.facts["noted"])
    mine = row.by_id == reading.member.id and reading.now - noted <= contacts.REGRET
    return Stop(row.at, "minor", when, title, undo_id=row.id if mine else None)


def _update(row: Any, reading: Reading) -> Stop:
    title = f"{reading.who(row.by_id)} sent an update"
    if row.facts["well_done"]:
        by = "You" if reading.pair.i_mentor else reading.pair.called
        title += f". {by} said: well done"
    return _minor(row, reading, title, quote=row.words)


def _thanks(row: Any, reading: Reading) -> Stop:
    return _minor(row, reading, f"{reading.who(row.by_id)} said thanks", quote=row.words)


def _action_item(row: Any, reading: Reading) -> Stop:
    title = f"{reading.who(row.by_id)} {'did' if row.facts['done'] else 'took on'}"
    came_of_it = row.facts["came_of_it"] if row.facts["done"] else ""
    return _minor(row, reading, title, row.words, quote=came_of_it)


_GOAL = {
    GoalState.ACTIVE: "set a goal",
    GoalState.REACHED: "reached a goal",
    GoalState.LET_GO: "let a goal go",
}


def _goal(row: Any, reading: Reading) -> Stop:
    owner = "You have" if row.by_id == reading.member.id else f"{reading.pair.called} has"
    title = f"{owner} {_GOAL[GoalState(row.facts['state'])]}"
    return _minor(row, reading, title, row.words, quote=row.facts["word"])


def _file(row: Any, reading: Reading) -> Stop:
    number = row.facts["number"]
    done = "showed a file" if number == 1 else f"showed version {number} of a file"
    return _minor(row, reading, f"{reading.who(row.by_id)} {done}", row.words)


def _began(row: Any, reading: Reading) -> Stop:
    pair = reading.pair
    title = "Asked to be paired" if pair.waits else f"Paired for {pair.kind.value} mentoring"
    why = " ".join(f"{words}." for words in told.why(pair.reasons, mentoring=pair.i_mentor))
    return _minor(row, reading, title, why)


def _change(row: Any, reading: Reading) -> Stop:
    done = _became(PairingState(row.facts["before"]), PairingState(row.facts["state"]))
    if row.facts["until"]:
        done += f" until {day(date.fromisoformat(row.facts['until']))}"
    # What neither of the two did, time or the chapter has done.
    if row.by_id in (reading.member.id, reading.pair.other_id):
        done += " by you" if row.by_id == reading.member.id else f" by {reading.pair.called}"
    return _minor(row, reading, done, quote=row.words)


def _became(before: PairingState, state: PairingState) -> str:
    if state not in (PairingState.ACCEPTED, PairingState.ACTIVE):
        return state.value.capitalize()
    words = {PairingState.PAUSED: "Resumed", PairingState.PROPOSED: "Accepted"}
    return words.get(before, "Opened again")


def _ended(row: Any, reading: Reading) -> Stop:
    completed = row.facts["state"] == PairingState.COMPLETED
    return _minor(row, reading, "Completed" if completed else "Ended")


_MY_FIT = {
    Fit.CONTINUE: "it is a fit",
    Fit.UNSURE: "you are not sure yet",
    Fit.NOT_A_FIT: "it is not a fit",
}


def _fit_check(row: Any, reading: Reading) -> Stop:
    title = f"You said, in private: {_MY_FIT[Fit(row.facts['answer'])]}"
    return _minor(row, reading, title, quote=row.words)


_WORDS: dict[str, Callable[[Any, Reading], Stop]] = {
    "meeting": _meeting,
    "check_in": _check_in,
    "contact": _contact,
    "update": _update,
    "thanks": _thanks,
    "action_item": _action_item,
    "goal": _goal,
    "file": _file,
    "began": _began,
    "change": _change,
    "ended": _ended,
    "fit_check": _fit_check,
}
