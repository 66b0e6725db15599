"""What people of the demo do, each deed with the product's own verb at its own time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum, auto

from mentorship.demo.cast import Cast
from mentorship.demo.stories import ActionLine, Conversation
from mentorship.demo.timeline import Script
from mentorship.foundation import clock
from mentorship.profiles import profiles
from mentorship.relationships import action_items, check_ins, pairings, queries
from mentorship.relationships.check_ins import How
from mentorship.relationships.models import ActionItem, Pairing, PairingState
from mentorship.scheduling import agendas, meetings, notes
from mentorship.scheduling.models import Meeting, Part
from mentorship.tenancy.members import Member
from mentorship.tenancy.roles import Role
from mentorship.vocabulary.kinds import Kind

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
#: When people do what goes with a meeting: topics on the agenda, saying that they met, notes.
ACCEPTED_TO_AGENDA, HELD_AFTER, NOTED_AFTER = 37 * MINUTE, 4 * MINUTE, 19 * MINUTE
TOPIC_MINUTES = 3


class Fate(Enum):
    """What becomes of a meeting once it is accepted."""

    HELD = auto()
    #: It took place, and nobody has said so yet.
    UNSAID = auto()
    MISSED = auto()
    CANCELLED = auto()


@dataclass(frozen=True)
class Pair:
    """Two people by their e-mail, and what joins them."""

    mentee: str
    mentor: str
    kind: Kind
    topic: str | None


@dataclass(frozen=True)
class Talk:
    """One meeting of a pair: when it was asked for, answered and is held, and its words."""

    pair: Pair
    asked_at: datetime
    answered_at: datetime
    starts_at: datetime
    minutes: int
    words: Conversation
    fate: Fate = Fate.HELD
    thanks: bool = True
    #: How many topics are on the agenda beside the questions.
    topics: int = 3
    #: Every so many action items one stays open past its date; none when 0.
    forgets: int = 0

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + self.minutes * MINUTE


def ask(cast: Cast, talk: Talk) -> Callable[[datetime], Meeting]:
    """The mentee's request, to be made at a moment."""

    def request(now: datetime) -> Meeting:
        return meetings.request(
            mentor=cast[talk.pair.mentor],
            kind=talk.pair.kind,
            topic=talk.pair.topic,
            starts_at=talk.starts_at,
            minutes=talk.minutes,
            purpose=talk.words.purpose,
            questions=talk.words.questions,
            by=cast[talk.pair.mentee],
            now=now,
        )

    return request


def meet(cast: Cast, talk: Talk) -> Script:
    """A meeting from the request to the last of what came of it."""
    now = yield talk.asked_at
    meeting = ask(cast, talk)(now)
    mentee, mentor = cast[talk.pair.mentee], cast[talk.pair.mentor]
    now = yield talk.answered_at
    meetings.accept(meeting, by=mentor, now=now)
    now = yield now + ACCEPTED_TO_AGENDA
    for what in talk.words.agenda[: talk.topics]:
        agendas.add(meeting=meeting, what=what, minutes=TOPIC_MINUTES, by=mentee, now=now)
    if talk.fate is Fate.CANCELLED:
        now = yield now + 20 * 60 * MINUTE
        meetings.cancel(meeting, by=mentor, word="A shift was moved. I am sorry.", now=now)
    elif talk.fate is Fate.MISSED:
        now = yield talk.ends_at
        meetings.not_held(meeting, by=mentee, absent=Part.MENTOR, now=now)
    elif talk.fate is Fate.HELD:
        now = yield talk.ends_at + HELD_AFTER
        meetings.held(meeting, by=mentee, now=now)
        yield from _what_came_of(cast, talk, meeting)


def _what_came_of(cast: Cast, talk: Talk, meeting: Meeting) -> Script:
    """Notes and action items at once; then thanks, and the items as they are done."""
    mentee, mentor = cast[talk.pair.mentee], cast[talk.pair.mentor]
    now = yield talk.ends_at + NOTED_AFTER
    notes.write_shared(meeting=meeting, words=talk.words.notes, seen_version=0, by=mentee, now=now)
    if talk.words.private:
        notes.write_private(meeting=meeting, words=talk.words.private, by=mentee, now=now)
    later: list[tuple[datetime, Callable[[datetime], None]]] = []
    for number, line in enumerate(talk.words.actions, 1):
        owner = mentee if line.who == "mentee" else mentor
        item = action_items.take_on(
            pairing_id=meeting.pairing_id,
            meeting_id=meeting.id,
            owner=owner,
            what=line.text,
            due_on=day_of(talk.starts_at, cast) + timedelta(days=line.days),
            by=mentee,
            now=now,
        )
        if finished_at := done_at(talk, line, number):
            later.append((finished_at, _finish(item, by=owner)))
    if talk.thanks and talk.words.thanks:
        later.append((thanked_at(talk), _say_thanks(cast, talk)))
    for at, act in sorted(later, key=lambda entry: entry[0]):
        now = yield at
        act(now)


def unanswered(cast: Cast, talk: Talk) -> Script:
    """A request that nobody answers: the reminder, and in the end the lapse, as by the clock."""
    now = yield talk.asked_at
    meeting = ask(cast, talk)(now)
    now = yield now + (meeting.awaited_until - now) * meetings.REMIND_AFTER
    meetings.remind(meeting.id, now=now)
    now = yield meeting.awaited_until
    meetings.lapse(meeting.id, now=now)


def declined(cast: Cast, talk: Talk, *, word: str, better: str) -> Script:
    """A no that names a better contact."""
    now = yield talk.asked_at
    meeting = ask(cast, talk)(now)
    now = yield talk.answered_at
    mentor = cast[talk.pair.mentor]
    meetings.decline(meeting, word=word, referred_to=cast[better], by=mentor, now=now)


def withdrawn(cast: Cast, talk: Talk) -> Script:
    """A request that the student takes back."""
    now = yield talk.asked_at
    meeting = ask(cast, talk)(now)
    now = yield talk.answered_at
    meetings.withdraw(meeting, by=cast[talk.pair.mentee], now=now)


def moved(cast: Cast, talk: Talk, *, to: datetime) -> Script:
    """A request that the mentor answers with another time, which the student has not seen yet."""
    now = yield talk.asked_at
    meeting = ask(cast, talk)(now)
    now = yield talk.answered_at
    mentor = cast[talk.pair.mentor]
    meetings.propose_other_time(meeting, starts_at=to, by=mentor, now=now)


def join_as_mentor(cast: Cast, email: str, *, with_hours: bool, at: datetime) -> Script:
    """A mentor who comes later than the others."""
    now = yield at
    cast.welcome_mentor(email, with_hours=with_hours, now=now)


def join_as_student(cast: Cast, email: str, *, at: datetime) -> Script:
    """A student who comes later than the others."""
    now = yield at
    cast.welcome_student(email, now=now)


def wish(cast: Cast, email: str, *kinds: Kind, at: datetime) -> Script:
    """A student looks for more than before."""
    now = yield at
    cast.wish(email, *kinds, now=now)


def pause(cast: Cast, email: str, *, at: datetime) -> Script:
    """A mentor takes nobody new for a while."""
    now = yield at
    profiles.pause(by=cast[email], now=now)


def agree_terms(cast: Cast, until: Mapping[Role, date], *, at: datetime) -> Script:
    """The advisor and those who hold an office agree how long they do."""
    now = yield at
    cast.agree_terms(until=until, now=now)


def begin(cast: Cast, pair: Pair, *, at: datetime) -> Script:
    """The coordinator pairs two people outside any run, once the mentee looks for that kind."""
    now = yield at
    cast.wish(pair.mentee, pair.kind, now=now)
    pairings.begin(
        mentee=cast[pair.mentee],
        mentor=cast[pair.mentor],
        kind=pair.kind,
        topic=pair.topic,
        by=cast.coordinator,
        now=now,
    )


def check_in(cast: Cast, pair: Pair, *, line: str, at: datetime, how: How = How.WELL) -> Script:
    """A few lines from the mentee."""
    now = yield at
    if pairing := _pairing(cast, pair):
        check_ins.log(pairing=pairing, by=cast[pair.mentee], how=how, line=line, now=now)


def end(cast: Cast, pair: Pair, *, state: PairingState, at: datetime) -> Script:
    """The two stop: it ran its course, or it was no fit."""
    now = yield at
    if pairing := _pairing(cast, pair):
        pairings.end(pairing, state=state, by=cast[pair.mentee], now=now)


def day_of(at: datetime, cast: Cast) -> date:
    """The day of an instant on the chapter's calendar."""
    return clock.day(at, cast.chapter.zone)


def done_at(talk: Talk, line: ActionLine, number: int) -> datetime | None:
    """When the n-th action item of a meeting is ticked: the day before its date, or never."""
    if talk.forgets and number % talk.forgets == 0:
        return None
    return talk.ends_at + (line.days - 1) * DAY + number * 41 * MINUTE


def thanked_at(talk: Talk) -> datetime:
    """When thanks for a meeting are sent: within the next day."""
    return talk.ends_at + 20 * 60 * MINUTE


def _finish(item: ActionItem, *, by: Member) -> Callable[[datetime], None]:
    return lambda now: action_items.finish(item, by=by, now=now)


def _say_thanks(cast: Cast, talk: Talk) -> Callable[[datetime], None]:
    def say(now: datetime) -> None:
        if pairing := _pairing(cast, talk.pair):
            mentee = cast[talk.pair.mentee]
            check_ins.log(
                pairing=pairing, by=mentee, how=How.WELL, line=talk.words.thanks or "", now=now
            )

    return say


def _pairing(cast: Cast, pair: Pair) -> Pairing | None:
    """The open pairing of the two; none when they have stopped."""
    return queries.my_pairing_with(cast[pair.mentor].id, cast[pair.mentee])
