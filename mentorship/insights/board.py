"""The one next thing on somebody's home page, and the sentence above it. Pure.

Candidates stand in their order of urgency; the first that applies is shown. Nothing here quotes
what somebody wrote: a home page may be read over a shoulder.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from mentorship.foundation import clock
from mentorship.insights import steps
from mentorship.insights.pair import Booking, Pair
from mentorship.insights.portfolio import Portfolio
from mentorship.insights.readiness import Readiness
from mentorship.insights.steps import Action
from mentorship.tenancy.members import Member
from mentorship.vocabulary.kinds import Kind
from mentorship.web.filters import day, first_name, listing, plural, surname_title


@dataclass(frozen=True)
class Board:
    headline: str
    """The page's heading: how things stand, in a sentence."""
    kicker: str
    title: str
    """What is large: words, unless there is a time to show."""
    actions: tuple[Action, ...]
    text: str = ""
    who: str = ""
    kind: Kind | None = None
    booking: Booking | None = None
    """The meeting whose time is large."""
    today: bool = False
    """Whether that time is today, so that the hour is enough."""


@dataclass(frozen=True)
class Facts:
    """All that the choice depends on."""

    member: Member
    pairs: Sequence[Pair]
    """Open ones, in both parts."""
    ready: Readiness
    portfolio: Portfolio | None
    """Of a student."""
    now: datetime

    @property
    def today(self) -> date:
        return self.day_of(self.now)

    def day_of(self, instant: datetime) -> date:
        return clock.day(instant, self.member.zone)

    @property
    def called(self) -> str:
        """The reader, as the page greets them."""
        name = self.member.name
        return first_name(name) if self.member.is_student else surname_title(name)

    @property
    def requests(self) -> list[tuple[Pair, Booking]]:
        """What waits for the reader's answer, the longest first."""
        waiting = [(pair, one) for pair in self.pairs if (one := pair.to_answer)]
        return sorted(waiting, key=lambda found: found[1].asked_at)

    @property
    def meetings(self) -> list[tuple[Pair, Booking]]:
        """The next meeting of each pairing, the nearest first."""
        ahead = [(pair, one) for pair in self.pairs if (one := pair.next)]
        return sorted(ahead, key=lambda found: found[1].starts_at)

    @property
    def unsettled(self) -> list[tuple[Pair, Booking]]:
        """Meetings that are over, and of which nobody has said how they went, oldest first."""
        over = [(pair, one) for pair in self.pairs if (one := pair.unsettled)]
        return sorted(over, key=lambda found: found[1].starts_at)

    @property
    def overdue(self) -> list[Pair]:
        """Pairings in which there should have been contact, the longest overdue first."""
        late = [
            (due_on, pair)
            for pair in self.pairs
            if pair.rhythm.wants_attention and (due_on := pair.rhythm.due_on)
        ]
        late.sort(key=lambda found: found[0])
        return [pair for due_on, pair in late if due_on < self.today]


def choose(facts: Facts) -> Board:
    """What this person should do next."""
    found = (candidate(facts) for candidate in _CANDIDATES)
    return next(board for board in found if board is not None)


def _today(facts: Facts) -> Board | None:
    if not facts.meetings:
        return None
    pair, booking = facts.meetings[0]
    if facts.day_of(booking.starts_at) != facts.today and booking.starts_at > facts.now:
        return None
    return Board(
        headline=_day_in_numbers(facts) if pair.i_mentor else f"You meet {pair.called} today",
        kicker=_how_soon(booking, facts.now),
        title="",
        text=_agenda(pair, booking),
        actions=_to_meeting(pair, booking),
        today=facts.day_of(booking.starts_at) == facts.today,
        **_with(pair, booking),
    )


def _blank_tomorrow(facts: Facts) -> Board | None:
    tomorrow = facts.today + timedelta(days=1)
    for pair, booking in facts.meetings:
        if facts.day_of(booking.starts_at) != tomorrow or pair.i_mentor or booking.my_questions:
            continue
        carried = (
            f"{plural(booking.questions, 'item')} on it already. " if booking.questions else ""
        )
        return Board(
            headline=f"{facts.called}, tomorrow’s agenda is still blank",
            kicker="Next meeting, tomorrow",
            title="",
            text=f"{carried}You have not added anything yet. Most students need five minutes.",
            actions=_to_meeting(pair, booking),
            **_with(pair, booking),
        )
    return None


def _to_answer(facts: Facts) -> Board | None:
    if not facts.requests:
        return None
    pair, booking = facts.requests[0]
    answer = Action(
        "Answer", "scheduling.meeting", {"meeting_id": booking.id}, picture="calendar-check"
    )
    if not pair.i_mentor:
        return Board(
            headline=f"{pair.called} proposes another time",
            kicker="Waiting for your answer",
            title="",
            text="Your time is held until you answer. Accept it, or ask for another one.",
            actions=(answer,),
            **_with(pair, booking),
        )
    mine = sum(pair.i_mentor for pair, _ in facts.requests)
    more = (Action(f"All {mine} requests", "scheduling.inbox"),) if mine > 1 else ()
    return Board(
        headline=f"{plural(mine, 'request')} to answer",
        kicker=f"Waiting {_since(booking.asked_at, facts.now)}",
        title="",
        text="The time is held for both of you until you answer.",
        actions=(answer, *more),
        **_with(pair, booking),
    )


def _unsettled(facts: Facts) -> Board | None:
    if not facts.unsettled:
        return None
    pair, booking = facts.unsettled[0]
    return Board(
        headline=f"Did you meet {pair.called}?",
        kicker="One tap, and the line goes on",
        title="",
        text="Say whether you met, and note what either of you took on.",
        actions=(
            Action("Say how it went", "scheduling.meeting", {"meeting_id": booking.id}, "check"),
        ),
        **_with(pair, booking),
    )


def _overdue(facts: Facts) -> Board | None:
    if not facts.overdue:
        return None
    pair = facts.overdue[0]
    common: dict[str, Any] = {"who": pair.other_name, "kind": pair.kind}
    if pair.last_contact_on is None and not pair.i_mentor:
        return Board(
            headline=f"A first talk with {pair.called} is due",
            kicker=pair.rhythm.words,
            title="Book a first meeting",
            text="Twenty minutes are enough to find out whether you suit each other.",
            actions=(steps.book(pair), steps.look(pair)),
            **common,
        )
    return Board(
        headline=f"A check-in with {pair.called} is due",
        kicker=pair.rhythm.words,
        title=f"Check in with {pair.called}",
        text="Two minutes, a line or two. No reply is needed.",
        actions=(steps.check_in(pair), steps.look(pair) if pair.i_mentor else steps.book(pair)),
        **common,
    )


def _no_offer(facts: Facts) -> Board | None:
    if not facts.member.is_mentor or facts.ready.gives:
        return None
    return Board(
        headline=f"Welcome, {facts.called}. Say what you offer",
        kicker="First step, about five minutes",
        title="Tell students what they may ask you",
        text="The kinds of talk you like, how many students you have room for, and how long a"
        " meeting may take. You can pause at any time.",
        actions=(
            Action("Fill in your profile", "profiles.edit", picture="pencil"),
            Action("Set your hours", "scheduling.hours"),
        ),
    )


def _no_hours(facts: Facts) -> Board | None:
    if not facts.member.is_mentor or facts.ready.hours or facts.ready.paused_at:
        return None
    return Board(
        headline="Nobody can book you yet",
        kicker="About two minutes",
        title="Say when you are open",
        text="Weekly hours in your own zone, also past midnight. Students see only times that are"
        " free, and every one is a request that you answer.",
        actions=(Action("Set your hours", "scheduling.hours", picture="clock"),),
    )


def _no_wants(facts: Facts) -> Board | None:
    if not facts.member.is_student or facts.ready.looks or facts.pairs:
        return None
    return Board(
        headline=f"Welcome, {facts.called}. Start with one conversation",
        kicker="First step, about ten minutes",
        title="Tell us what you want to talk about",
        text="Nobody expects you to have it figured out. “I liked my shadow shift and want to know"
        " if that is enough” is a fine place to start.",
        actions=(
            Action("Fill in your profile", "profiles.edit"),
            Action("Look around first", "profiles.find_mentor"),
        ),
    )


def _gap(facts: Facts) -> Board | None:
    if facts.portfolio is None or not facts.portfolio.gaps:
        return None
    gaps = facts.portfolio.gaps
    kind = next((one for one in gaps if facts.ready.offered.get(one)), gaps[0])
    covered, needed = facts.portfolio.covered, facts.portfolio.needed
    open_ = listing(one.value for one in gaps)
    return Board(
        headline=f"{covered} of {needed} kinds covered"
        + (f", {open_} {'is' if len(gaps) == 1 else 'are'} open" if covered else ""),
        kicker=f"Nobody yet: {kind.label.lower()}",
        title=f"Find {kind.one} mentor",
        text=f"{kind.purpose} {_offered(facts.ready.offered.get(kind, 0))}",
        kind=kind,
        actions=(
            Action("See who fits", "profiles.find_mentor", {"kind": kind.value}, "search"),
            *(() if facts.ready.looks else (Action("Fill in your profile", "profiles.edit"),)),
        ),
    )


def _offered(mentors: int) -> str:
    if not mentors:
        return "Nobody here offers it yet. The next matching run looks for you."
    return f"{plural(mentors, 'person offers', 'people offer')} it here."


def _ahead(facts: Facts) -> Board | None:
    if not facts.meetings:
        return None
    pair, booking = facts.meetings[0]
    return Board(
        headline=f"You meet {pair.called} on {day(booking.starts_at, facts.member.zone)}",
        kicker="Next meeting",
        title="",
        text=_agenda(pair, booking),
        actions=_to_meeting(pair, booking),
        **_with(pair, booking),
    )


def _calm(facts: Facts) -> Board:
    if facts.member.is_mentor and not facts.member.is_student:
        if facts.ready.paused_at is not None:
            return Board(
                headline="You take no new requests",
                kicker="Paused",
                title="Your profile rests",
                text="Those you are paired with can still book you. Nobody new can ask.",
                actions=(Action("Change that", "profiles.edit", picture="play"),),
            )
        text = (
            "Everybody you mentor has been in touch lately."
            if facts.pairs
            else "When a student asks for a talk, you find it here, and in your mail."
        )
        return Board(
            headline=f"Nothing waits for you, {facts.called}",
            kicker="All is well",
            title="Nothing to do today" if facts.pairs else "No students yet",
            text=text,
            actions=(Action("Look at your hours", "scheduling.hours", picture="clock"),),
        )
    return Board(
        headline=f"All is in rhythm, {facts.called}",
        kicker="All is well",
        title="Nothing to do today",
        text="What you agreed on is below. The next thing due will stand here.",
        actions=(Action("See your pairings", "insights.pairings", picture="users"),),
    )


#: In order of urgency. The last one always applies.
_CANDIDATES: tuple[Callable[[Facts], Board | None], ...] = (
    _today,
    _blank_tomorrow,
    _to_answer,
    _unsettled,
    _overdue,
    _no_offer,
    _no_hours,
    _no_wants,
    _gap,
    _ahead,
    _calm,
)


def _with(pair: Pair, booking: Booking) -> dict[str, Any]:
    """What every board about a meeting says of it."""
    return {
        "who": pair.other_name,
        "kind": pair.kind,
        "booking": booking,
    }


def _to_meeting(pair: Pair, booking: Booking) -> tuple[Action, ...]:
    write = not pair.i_mentor and not booking.my_questions
    label = "Write the agenda" if write else "Open the agenda"
    page = Action(
        label, "scheduling.meeting", {"meeting_id": booking.id}, "pencil" if write else ""
    )
    if booking.place.startswith("https://"):
        return page, Action("Video link", href=booking.place, picture="video")
    return (page,)


def _agenda(pair: Pair, booking: Booking) -> str:
    if booking.questions:
        items = plural(booking.questions, "item")
        return f"{items} on the agenda."
    if pair.i_mentor:
        return f"{pair.called} has not written an agenda yet."
    return "Nothing on the agenda yet. Most students need five minutes."


def _how_soon(booking: Booking, now: datetime) -> str:
    if booking.starts_at <= now:
        return "Now"
    minutes = int((booking.starts_at - now).total_seconds() // 60)
    if minutes < 60:
        return f"Today, in {plural(max(minutes, 1), 'minute')}"
    return f"Today, in {plural(round(minutes / 60), 'hour')}"


def _since(asked_at: datetime, now: datetime) -> str:
    hours = int((now - asked_at).total_seconds() // 3600)
    if hours < 1:
        return "since just now"
    return plural(hours // 24, "day") if hours >= 24 else plural(hours, "hour")


def _day_in_numbers(facts: Facts) -> str:
    """A mentor's day: 1 meeting today, 3 requests to answer."""
    today = sum(facts.day_of(booking.starts_at) == facts.today for _, booking in facts.meetings)
    said = [f"{plural(max(today, 1), 'meeting')} today"]
    waiting = sum(pair.i_mentor for pair, _ in facts.requests)
    if waiting:
        said.append(f"{plural(waiting, 'request')} to answer")
    return ", ".join(said)
