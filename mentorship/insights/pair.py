"""One pairing as one of the two sees it, with everything one wants to see at a glance. Pure."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from mentorship.files.queries import Shown
from mentorship.relationships import partings
from mentorship.relationships.agreements import Terms
from mentorship.relationships.models import OPEN, UNDER_WAY, Fit, PairingState
from mentorship.relationships.rhythm import Rhythm
from mentorship.scheduling.models import MeetingState, Part
from mentorship.tenancy.members import Member
from mentorship.vocabulary.kinds import Kind
from mentorship.web.filters import called


@dataclass(frozen=True)
class Booking:
    """A meeting that is asked for or accepted, and was not settled since."""

    id: UUID
    starts_at: datetime
    ends_at: datetime
    state: MeetingState
    awaiting: Part | None
    place: str
    asked_at: datetime
    my_questions: int
    """How many agenda items the reader has put down."""
    questions: int
    proposed_by: Part | None
    """Who of the two proposes other times, and waits for the answer."""

    @property
    def minutes(self) -> int:
        return int((self.ends_at - self.starts_at).total_seconds() // 60)

    @property
    def accepted(self) -> bool:
        return self.state == MeetingState.ACCEPTED


@dataclass(frozen=True)
class Agreed:
    """What the two have agreed on, who wrote it down last, and when."""

    terms: Terms
    by_id: UUID
    at: datetime


@dataclass(frozen=True)
class Turn:
    """The last change of state: who made it (nobody when time did), when, and with which words."""

    by_id: UUID | None
    at: datetime
    before: PairingState
    words: str


@dataclass(frozen=True)
class SharedGoal:
    """A goal as both of the two see it."""

    id: UUID
    what: str
    how_known: str
    due_on: date
    steps: tuple[tuple[str, bool], ...]
    """What each step is, and whether it is done."""


@dataclass(frozen=True)
class Kept:
    """What a pairing's own page shows beyond what a list does."""

    agreed: Agreed | None = None
    turn: Turn | None = None
    my_fit: Fit | None = None
    met: bool = False
    wishes_another: bool = False
    goals: tuple[SharedGoal, ...] = ()
    """The mentee's open goals that their mentor sees too."""
    files: tuple[Shown, ...] = ()
    """What the two show each other now."""


@dataclass(frozen=True)
class Pair:
    """One pairing as one of the two sees it."""

    id: UUID
    kind: Kind
    topic: str | None
    state: PairingState
    i_mentor: bool
    other_id: UUID
    other_name: str
    other_line: str
    fit: int | None
    reasons: list[dict[str, Any]]
    began_at: datetime
    ended_at: datetime | None
    last_contact_on: date | None
    bookings: tuple[Booking, ...]
    """Live meetings, in order of time; the past ones wait for a word on whether they were held."""
    blocked: bool
    """Whether the reader has blocked the other."""
    rhythm: Rhythm
    every: str
    """How often the two should be in touch, in words."""
    now: datetime
    paused_until: date | None = None
    kept: Kept = Kept()
    """Of one pairing only: lists leave it out."""

    @property
    def open(self) -> bool:
        return self.state in OPEN

    @property
    def paused(self) -> bool:
        return self.state == PairingState.PAUSED

    @property
    def asks_for_fit(self) -> bool:
        """Whether the reader has met the other, and not said yet how it fits."""
        return self.under_way and self.kept.met and self.kept.my_fit is None

    def may_reopen(self, member: Member) -> bool:
        """Whether the reader finished this, and can still take that back."""
        turn = self.kept.turn
        return (
            not self.open
            and self.ended_at is not None
            and self.now - self.ended_at <= partings.REGRET
            and turn is not None
            and turn.by_id == member.id
            and turn.before in UNDER_WAY
        )

    @property
    def under_way(self) -> bool:
        """Whether they are paired, and it is not over."""
        return self.state in UNDER_WAY

    @property
    def waits(self) -> bool:
        return self.state == PairingState.PROPOSED

    @property
    def called(self) -> str:
        """The other one, as one says it in a sentence."""
        return called(self.other_name, mentor=not self.i_mentor)

    @property
    def label(self) -> str:
        """The kind in words, with its topic."""
        return self.kind.about(self.topic)

    @property
    def next(self) -> Booking | None:
        """The next meeting both have agreed to."""
        ahead = (one for one in self.bookings if one.accepted and one.ends_at > self.now)
        return next(ahead, None)

    @property
    def unsettled(self) -> Booking | None:
        """A meeting that is over, and nobody has said whether it was held."""
        past = (one for one in self.bookings if one.accepted and one.ends_at <= self.now)
        return next(past, None)

    @property
    def to_answer(self) -> Booking | None:
        """A request, or other times for a meeting, that wait for the reader."""
        mine, theirs = Part.MENTOR, Part.MENTEE
        if not self.i_mentor:
            mine, theirs = theirs, mine
        waits = (one for one in self.bookings if mine == one.awaiting or theirs == one.proposed_by)
        return next(waits, None)

    @property
    def asked(self) -> Booking | None:
        """A request that waits for the other one."""
        theirs = Part.MENTEE if self.i_mentor else Part.MENTOR
        return next((one for one in self.bookings if one.awaiting == theirs), None)
