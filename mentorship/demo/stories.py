"""What people in the demo say to each other: whole conversations, and single lines.

A conversation belongs together, from its purpose to its thanks, so that a page of the demo
reads like one meeting. The texts are in `data/`; choose from them with `pools.pick`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Literal

from mentorship.demo.people import address_book
from mentorship.demo.pools import Phase, read
from mentorship.vocabulary.interests import inside, labels
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import Stage

Owner = Literal["mentee", "mentor"]


@dataclass(frozen=True)
class ActionLine:
    """Something to be done after a meeting: by whom, and how many days after it."""

    who: Owner
    days: int
    text: str


@dataclass(frozen=True)
class Conversation:
    """One meeting's words. `private` is the mentee's own note, `thanks` what they write later.

    A meeting still to come in an arc has no notes, actions or thanks.
    """

    purpose: str
    questions: tuple[str, ...]
    agenda: tuple[str, ...]
    notes: str
    private: str | None
    actions: tuple[ActionLine, ...]
    thanks: str | None


@dataclass(frozen=True)
class ArcMeeting:
    """A meeting of an arc, about so many days from today, on the mentor's nearest open hours."""

    days: int
    minutes: int
    conversation: Conversation


@dataclass(frozen=True)
class ArcCheckIn:
    """A light-touch update from the mentee, so many days from today (below zero)."""

    days: int
    text: str


@dataclass(frozen=True)
class Arc:
    """A written history of one pairing, oldest first; people by their e-mail."""

    mentee: str
    mentor: str
    kind: Kind
    topic: str | None
    meetings: tuple[ArcMeeting, ...]
    check_ins: tuple[ArcCheckIn, ...]


@dataclass(frozen=True)
class WaitingRequest:
    """A request that its mentor has not answered yet; people by their e-mail."""

    mentee: str
    mentor: str
    kind: Kind
    topic: str | None
    hours_ago: int
    minutes: int
    purpose: str
    questions: tuple[str, ...]


def conversations(
    kind: Kind, *, stage: Stage, topic: str | None = None
) -> tuple[Conversation, ...]:
    """The conversations a mentee of this stage would have with a mentor of this kind.

    Those about the topic come first, then those that fit any. Content needs a topic.

    :raises ValueError: content without a topic.
    """
    if kind is Kind.CONTENT and topic is None:
        raise ValueError("a content conversation has a topic")
    phase = Phase.of(stage)
    fitting = [
        entry
        for entry in _every(kind)
        if phase in entry.get("phases", Phase) and entry.get("topic", topic) == topic
    ]
    fitting.sort(key=lambda entry: "topic" not in entry)
    return tuple(_about(_conversation(entry), topic) for entry in fitting)


def check_in_lines(stage: Stage) -> tuple[str, ...]:
    """Light-touch updates that a mentee of this stage would send."""
    lines = _lines()["check_ins"]
    return (*lines[Phase.of(stage)], *lines["any"])


def decline_lines() -> tuple[str, ...]:
    """How mentors say no; each goes with the name of somebody better."""
    return tuple(_lines()["declines"]["any"])


def arcs() -> tuple[Arc, ...]:
    """The written histories of the leads: the student's four mentors, the resident's one."""
    return tuple(
        Arc(
            **_between(entry),
            meetings=tuple(
                ArcMeeting(
                    days=meeting["days"],
                    minutes=meeting["minutes"],
                    conversation=_conversation(meeting),
                )
                for meeting in entry["meeting"]
            ),
            check_ins=tuple(ArcCheckIn(**line) for line in entry.get("check_in", ())),
        )
        for entry in read("lead")["arc"]
    )


def waiting_requests() -> tuple[WaitingRequest, ...]:
    """Requests in the leads' inboxes, the newest first for each mentor."""
    return tuple(
        WaitingRequest(
            **_between(entry),
            hours_ago=entry["hours_ago"],
            minutes=entry["minutes"],
            purpose=entry["purpose"],
            questions=tuple(entry["questions"]),
        )
        for entry in read("lead")["request"]
    )


@cache
def _lines() -> Mapping[str, Any]:
    return read("lines")


@cache
def _every(kind: Kind) -> tuple[Mapping[str, Any], ...]:
    """Every conversation of a kind as written, whatever its phase or topic."""
    return tuple(read(f"conversations/{kind}")["conversation"])


def _between(entry: Mapping[str, Any]) -> dict[str, Any]:
    """The two people of an entry in the leads' file, all of Lakeshore, and what joins them."""
    return {
        "mentee": address_book()["lakeshore", entry["mentee"]],
        "mentor": address_book()["lakeshore", entry["mentor"]],
        "kind": Kind(entry["kind"]),
        "topic": entry.get("topic"),
    }


def _conversation(entry: Mapping[str, Any]) -> Conversation:
    return Conversation(
        purpose=entry["purpose"],
        questions=tuple(entry["questions"]),
        agenda=tuple(entry["agenda"]),
        notes=entry.get("notes", ""),
        private=entry.get("private"),
        actions=tuple(ActionLine(**action) for action in entry.get("actions", ())),
        thanks=entry.get("thanks"),
    )


def _about(conversation: Conversation, topic: str | None) -> Conversation:
    """The conversation with its topic put in where the words leave room for it."""
    if topic is None:
        return conversation
    name = inside(labels()[topic])

    def said(text: str) -> str:
        return text.replace("{topic}", name)

    return replace(
        conversation,
        purpose=said(conversation.purpose),
        questions=tuple(map(said, conversation.questions)),
        agenda=tuple(map(said, conversation.agenda)),
        notes=said(conversation.notes),
        actions=tuple(replace(action, text=said(action.text)) for action in conversation.actions),
    )
