"""The words of matching: who takes part, what may never be, how well two people fit, the outcome.

Frozen values only, with no database, no web and no clock. People are ids here, so that every
sentence reads the same to the coordinator, the mentee and the mentor; names belong to the page.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from uuid import UUID

from mentorship.matching.engine.solution import Level
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import Stage, Standing

#: One mentee, one mentor, one kind: what is proposed, pinned, excluded or current.
Triple = tuple[UUID, UUID, Kind]

#: Free time is counted in half hours of the week in UTC: 0 is Monday 00:00 to 00:30.
SLOTS_OF_WEEK = 336


class Factor(StrEnum):
    """What is looked at to say how well two people fit; `features` says how each is marked."""

    TOPICS = "topics"
    INTERESTS = "interests"
    GOALS = "goals"
    SETTING = "setting"
    REGION = "region"
    PATH = "path"
    LANGUAGES = "languages"
    STAGE = "stage"
    TIME = "time"
    ROOM = "room"
    WISH = "wish"
    WISHED = "wished"
    PAST = "past"
    AFFINITY = "affinity"


@dataclass(frozen=True)
class Want:
    """A kind of mentor someone asks for. Topics matter for content mentoring only."""

    kind: Kind
    topics: frozenset[str] = frozenset()
    #: Any topic will do, so a content mentor without a shared one is no contradiction.
    any_topic: bool = False


@dataclass(frozen=True)
class Offer:
    """A kind of mentoring someone gives. Topics matter for content mentoring only."""

    kind: Kind
    topics: frozenset[str] = frozenset()
    #: Places still open for this kind, within the mentor's places; None has no limit of its own.
    places: int | None = None
    #: Any topic is given.
    any_topic: bool = False


def school_key(name: str) -> str:
    """The name of a school as two of them are compared."""
    return name.strip().casefold()


@dataclass(frozen=True)
class Mentee:
    """Someone who asks for mentors. What is left empty or None is not stated, never a minus."""

    id: UUID
    stage: Stage | None = None
    wants: tuple[Want, ...] = ()
    interests: frozenset[str] = frozenset()
    school: str = ""
    #: Left out last time, so first in line now.
    waited: bool = False
    #: Free half hours of the week (see SLOTS_OF_WEEK); None is not stated.
    free: frozenset[int] | None = None
    #: What they want to get done or find out, in slugs that mentors use too.
    goals: frozenset[str] = frozenset()
    #: Where they would like to practice: academic, community, ...
    settings: frozenset[str] = frozenset()
    region: str = ""
    #: How they train: MD, DO, MBBS, MD/PhD, ...
    path: str = ""
    #: Languages they would like to speak with a mentor, beside the one that everyone shares.
    languages: frozenset[str] = frozenset()
    #: Groups they chose to have counted (first-gen, URiM, ...). Only what was opted into, by both
    #: sides; it adds, never takes away, and is shown to nobody.
    affinity: frozenset[str] = frozenset()
    #: The mentors they wish for, most of all first.
    wishes: tuple[UUID, ...] = ()

    @property
    def noun(self) -> str:
        """What a sentence calls them; a resident may ask for mentors too."""
        resident = self.stage is not None and self.stage.rank >= Stage.PGY1.rank
        return "resident" if resident else "student"


@dataclass(frozen=True)
class Mentor:
    """Someone who gives mentoring. `places` are those still open, over all kinds and chapters."""

    id: UUID
    standing: Standing
    stage: Stage | None = None
    offers: tuple[Offer, ...] = ()
    interests: frozenset[str] = frozenset()
    places: int = 0
    #: Mentees already carried, over all kinds and chapters.
    load: int = 0
    paused: bool = False
    #: Knows a recent application cycle from inside.
    recent_cycle: bool = False
    #: The mentees this mentor grades, ranks or decides about.
    evaluates: frozenset[UUID] = frozenset()
    #: Holds an evaluative role over the whole chapter, such as clerkship director.
    evaluates_everyone: bool = False
    free: frozenset[int] | None = None
    institution: str = ""
    #: The school whose students are their own; the institution where it is not stated.
    school: str = ""
    #: What they can help to get done or find out.
    goals: frozenset[str] = frozenset()
    #: Where they practice: academic, community, ...
    settings: frozenset[str] = frozenset()
    region: str = ""
    path: str = ""
    languages: frozenset[str] = frozenset()
    affinity: frozenset[str] = frozenset()
    #: The mentees they wish for, most of all first.
    wishes: tuple[UUID, ...] = ()
    #: The stages they take on; None takes on all. Whoever states no stage is in none of them.
    stages: frozenset[Stage] | None = None
    #: Places still open for students of other schools; None has no limit of its own.
    outside_places: int | None = None

    @property
    def own_school(self) -> str | None:
        """The school whose students are their own, as it is compared; None is not known."""
        return school_key(self.school or self.institution) or None

    def from_elsewhere(self, mentee: Mentee) -> bool:
        """Whether a mentee would take one of the places for other schools."""
        own = self.own_school
        return own is not None and school_key(mentee.school) != own

    def may_evaluate(self, mentee_id: UUID) -> bool:
        return self.evaluates_everyone or mentee_id in self.evaluates


@dataclass(frozen=True)
class Problem:
    """All that a matching run decides upon. The order of people and kinds means nothing.

    One proposed pair takes one place of its mentor. `blocks` hold in both directions. `current`
    pairings are not proposed again and count as mentors their mentees already have. `past` are
    mentees and mentors who have worked together well before.

    :raises ValueError: someone is listed twice on one side or in somebody's wishes, a kind twice,
        or a free half hour lies outside the week.
    """

    mentees: tuple[Mentee, ...]
    mentors: tuple[Mentor, ...]
    kinds: tuple[Kind, ...] = tuple(Kind)
    blocks: frozenset[tuple[UUID, UUID]] = frozenset()
    pins: frozenset[Triple] = frozenset()
    exclusions: frozenset[Triple] = frozenset()
    current: frozenset[Triple] = frozenset()
    one_kind_per_mentor: bool = True
    past: frozenset[tuple[UUID, UUID]] = frozenset()
    #: What was asked of people at all. The weight of anything else is shared out among these.
    factors: frozenset[Factor] = frozenset(Factor)

    def __post_init__(self) -> None:
        _refuse_repeats("mentee", (mentee.id for mentee in self.mentees))
        _refuse_repeats("mentor", (mentor.id for mentor in self.mentors))
        _refuse_repeats("kind", self.kinds)
        people: tuple[Mentee | Mentor, ...] = (*self.mentees, *self.mentors)
        for person in people:
            if len(set(person.wishes)) < len(person.wishes):
                _refuse_repeats("wish", person.wishes)
            if person.free and not 0 <= min(person.free) <= max(person.free) < SLOTS_OF_WEEK:
                raise ValueError("a free half hour lies outside the week")

    @cached_property
    def open_wants(self) -> frozenset[tuple[UUID, Kind]]:
        """What is asked for in this run and not held already: one mentor of a kind is enough."""
        asked = {(mentee.id, want.kind) for mentee in self.mentees for want in mentee.wants}
        held = {(mentee, kind) for mentee, _, kind in self.current}
        return frozenset(one for one in asked - held if one[1] in self.kinds)


def _refuse_repeats(what: str, listed: Iterable[object]) -> None:
    seen: set[object] = set()
    for one in listed:
        if one in seen:
            raise ValueError(f"{what} {one} is listed twice")
        seen.add(one)


class Rule(StrEnum):
    """What keeps two people from being proposed to each other, as one kind."""

    NOT_IN_RUN = "not_in_run"
    ONESELF = "oneself"
    NOT_WANTED = "not_wanted"
    HELD = "held"
    NOT_OFFERED = "not_offered"
    NO_SHARED_TOPIC = "no_shared_topic"
    NO_RECENT_CYCLE = "no_recent_cycle"
    PAUSED = "paused"
    EVALUATES = "evaluates"
    BLOCKED = "blocked"
    EXCLUDED = "excluded"
    ALREADY_PAIRED = "already_paired"
    FULL = "full"
    KIND_FULL = "kind_full"
    NOT_THEIR_STAGE = "not_their_stage"
    FROM_OUTSIDE = "from_outside"
    NO_SHARED_TIME = "no_shared_time"

    @property
    def yields_to_pins(self) -> bool:
        """Whether a coordinator may overrule it: a judgment about fit, nobody's safety or no."""
        return self in _JUDGMENTS

    def words(self, kind: Kind, noun: str = "student") -> str:
        """The rule as one sentence about two people."""
        return _RULE_WORDS[self].format(kind=kind.value, Kind=kind.label, noun=noun)


_JUDGMENTS = frozenset(
    {
        Rule.NOT_WANTED,
        Rule.NOT_OFFERED,
        Rule.NO_SHARED_TOPIC,
        Rule.NO_RECENT_CYCLE,
        Rule.NO_SHARED_TIME,
    }
)
_RULE_WORDS = {
    Rule.NOT_IN_RUN: "{Kind} mentoring is not part of this run.",
    Rule.ONESELF: "Nobody can be their own mentor.",
    Rule.NOT_WANTED: "This {noun} did not ask for {kind} mentoring.",
    Rule.HELD: "This {noun} has a mentor for {kind} already.",
    Rule.NOT_OFFERED: "This mentor does not offer {kind} mentoring.",
    Rule.NO_SHARED_TOPIC: "This mentor offers none of the topics this {noun} asked for.",
    Rule.NO_RECENT_CYCLE: "This mentor does not know a recent application cycle.",
    Rule.PAUSED: "This mentor is paused.",
    Rule.EVALUATES: "This mentor evaluates this {noun}, so cannot be a wellness mentor to them.",
    # A block is nobody's business but theirs, so its sentence gives no cause.
    Rule.BLOCKED: "These two people cannot be paired.",
    Rule.EXCLUDED: "This pair was set aside for this run.",
    Rule.ALREADY_PAIRED: "This mentor is already a mentor of this {noun}.",
    Rule.FULL: "This mentor has no open place.",
    Rule.KIND_FULL: "This mentor has no open place for {kind} mentoring.",
    Rule.NOT_THEIR_STAGE: "This mentor does not take on {noun}s of this stage.",
    Rule.FROM_OUTSIDE: "This mentor has no place for {noun}s of other schools.",
    Rule.NO_SHARED_TIME: "These two have no free half hour in common.",
}


@dataclass(frozen=True)
class Reason:
    """One factor's view of two people: points out of its weight, and a sentence saying why."""

    factor: str
    points: int
    of: int
    words: str
    #: The same exactly, out of `of` times SCALE / 100.
    worth: int = 0


@dataclass(frozen=True)
class Fit:
    """How well one mentor would serve one mentee, as one kind of mentor."""

    mentee: UUID
    mentor: UUID
    kind: Kind
    #: The content topic they share, None for other kinds.
    topic: str | None
    reasons: tuple[Reason, ...]
    #: What to look at before saying yes. Costs no points.
    cautions: tuple[str, ...] = ()
    #: What factors add that are shown to nobody, in the unit of worth.
    unshown: int = 0

    @property
    def points(self) -> int:
        """0 to 100, the sum of the reasons' points and nothing else."""
        return sum(reason.points for reason in self.reasons)

    @property
    def worth(self) -> int:
        """0 to SCALE: exactly what all factors add, those shown to nobody among them."""
        return sum(reason.worth for reason in self.reasons) + self.unshown

    @property
    def strength(self) -> str:
        """The points in a word: strong, good, possible, or a stretch."""
        return strength(self.points)


def strength(points: int) -> str:
    """Say points from 0 to 100 in a word."""
    for least, word in ((70, "strong"), (50, "good"), (20, "possible")):
        if points >= least:
            return word
    return "stretch"


@dataclass(frozen=True)
class Pair:
    """A proposed pairing. A pinned one may have set aside rules, which the coordinator is told."""

    fit: Fit
    pinned: bool = False
    overruled: tuple[str, ...] = ()

    @property
    def triple(self) -> Triple:
        return self.fit.mentee, self.fit.mentor, self.fit.kind


@dataclass(frozen=True)
class BrokenPin:
    """A pin that could not be honored, and why in one sentence."""

    mentee: UUID
    mentor: UUID
    kind: Kind
    code: str
    words: str


@dataclass(frozen=True)
class LeftOut:
    """A kind someone asked for and does not get in this run, and why in one sentence."""

    mentee: UUID
    kind: Kind
    code: str
    words: str
    #: They have no mentor of any kind, neither from before nor from this run.
    with_nobody: bool


@dataclass(frozen=True)
class Load:
    """Mentees a mentor carries before and after the run, out of all their places."""

    mentor: UUID
    before: int
    after: int
    places: int


@dataclass(frozen=True, order=True)
class Objective:
    """How good an outcome is. Greater is better, compared field by field.

    `coverage[n]` counts mentees with more than `n` mentors, current ones included; then those
    among them who waited and those of the stages that come first, in the order in which they
    count. `above` is, for each floor, minus the proposed pairs below it. `worth` is the sum over
    the proposed pairs, in the market's unit. `evenness` is minus the sum, over each place given,
    of how full that makes its mentor in percent.
    """

    coverage: tuple[tuple[int, ...], ...]
    above: tuple[int, ...]
    worth: int
    evenness: int

    @property
    def having(self) -> tuple[int, ...]:
        """How many mentees have more than so many mentors."""
        return tuple(count for count, *_ in self.coverage)


@dataclass(frozen=True)
class Coverage:
    """How many mentees asked for a kind in this run, and how many of them get it."""

    kind: Kind
    wanted: int
    filled: int


@dataclass(frozen=True)
class Outcome:
    """A matching run's answer. Sorted by ids and kinds, equal for equal problems and seeds."""

    pairs: tuple[Pair, ...]
    left_out: tuple[LeftOut, ...]
    loads: tuple[Load, ...]
    broken_pins: tuple[BrokenPin, ...]
    coverage: tuple[Coverage, ...]
    objective: Objective
    #: The solver showed that no outcome with these pins is better.
    proven: bool
    #: How far a better one could lie above at most, in parts of the worth of all pairs.
    gap: float = 0.0
    #: The goods in the order in which they count: what was reached, and the most there could be.
    levels: tuple[Level, ...] = ()
