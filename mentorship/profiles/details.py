"""What a matching run can use beside topics and interests. All of it may be left out.

What somebody leaves out speaks neither for nor against them; see `matching.engine.features`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import time
from enum import StrEnum

from mentorship.foundation.errors import Refusal
from mentorship.profiles.models import FACETS
from mentorship.vocabulary.backgrounds import goals, languages, paths, regions
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import MENTEE_STAGES, Stage
from mentorship.web.filters import listing, plural

#: The most goals and languages a person names. More would say less.
MOST_GOALS, MOST_LANGUAGES = 6, 6
MOST_PLACES = 50
#: Characters of a school's name.
LINE = 120
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class NotListed(Refusal):
    sentence = "Choose from the list."


class TooMany(Refusal):
    pass


class TooLong(Refusal):
    pass


class TooManyOfAKind(Refusal):
    sentence = f"Give a number of mentees of each kind from 0 to {MOST_PLACES}, or leave it empty."


class TooManyOutside(Refusal):
    sentence = f"Give a number of students of other schools from 0 to {MOST_PLACES}."


class NoSchoolOfTheirOwn(Refusal):
    sentence = "Name your school first, so that it is known which schools are others."


class PartOfDay(StrEnum):
    """A third of the waking day, on a person's own clock."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"

    @property
    def hours(self) -> tuple[time, time]:
        return _HOURS[self]

    def of_week(self, weekday: int) -> int:
        """Its number in the week: 0 is Monday morning, 20 Sunday evening."""
        return len(PartOfDay) * weekday + list(PartOfDay).index(self)


_HOURS = {
    PartOfDay.MORNING: (time(8), time(12)),
    PartOfDay.AFTERNOON: (time(12), time(17)),
    PartOfDay.EVENING: (time(17), time(21)),
}
_PARTS_OF_WEEK = {part.of_week(day): (day, part) for day in range(7) for part in PartOfDay}


@dataclass(frozen=True)
class MenteeDetails:
    """Slugs of the lists in `vocabulary.backgrounds`; `settings` are practice facets."""

    goals: Sequence[str] = ()
    settings: Sequence[str] = ()
    region: str = ""
    path: str = ""
    languages: Sequence[str] = ()
    free: Sequence[int] = ()
    """Parts of the week in which they are mostly free, as `PartOfDay.of_week` numbers them."""


@dataclass(frozen=True)
class MentorDetails:
    """Slugs, as in `MenteeDetails`; the settings of a mentor are where they practice."""

    goals: Sequence[str] = ()
    region: str = ""
    path: str = ""
    languages: Sequence[str] = ()
    stages: Sequence[Stage] = ()
    """The stages they take; none named is all."""
    only_school: str = ""
    """The school whose students alone they take; empty is any."""
    outside_places: int = 0
    """So many students of other schools they take all the same."""
    places: Mapping[Kind, int] = field(default_factory=dict)
    """Mentees of a kind at most, for the kinds that have a limit of their own."""


def insist_on_mentee(said: MenteeDetails) -> None:
    """Let only what there is pass.

    :raises NotListed: something is not in its list.
    :raises TooMany: more goals or languages than say anything.
    """
    _insist_on_background(said)
    _insist(said.settings, FACETS)
    _insist(said.free, _PARTS_OF_WEEK)


def insist_on_mentor(said: MentorDetails) -> None:
    """Let only what there is pass.

    :raises NotListed: something is not in its list.
    :raises TooMany: more goals or languages than say anything.
    :raises TooLong: the school's name is longer than is kept.
    :raises TooManyOfAKind: a number of places is not from 0 to 50.
    :raises TooManyOutside: a number of students of other schools is not.
    :raises NoSchoolOfTheirOwn: there is such a number, and no school to be another than.
    """
    _insist_on_background(said)
    _insist(said.stages, MENTEE_STAGES)
    if len(said.only_school) > LINE:
        raise TooLong(f"The school is longer than {LINE} characters.")
    if not all(0 <= places <= MOST_PLACES for places in said.places.values()):
        raise TooManyOfAKind
    if not 0 <= said.outside_places <= MOST_PLACES:
        raise TooManyOutside
    if said.outside_places and not said.only_school.strip():
        raise NoSchoolOfTheirOwn


def weekly_hours(free: Iterable[int]) -> list[tuple[int, time, time]]:
    """Parts of the week as weekdays (0 is Monday) with their hours, on their person's clock."""
    return [(day, *part.hours) for day, part in (_PARTS_OF_WEEK[one] for one in free)]


#: What has been said, as pages list it: what it is about, and the words.
Told = list[tuple[str, str]]


def hopes_in_words(said: MenteeDetails) -> Told:
    """What a mentee has said of where they want to go, in the order of the page."""
    return _said(
        ("Goals", _listed(said.goals, goals())),
        ("Practice", _listed(said.settings, FACETS)),
        ("Region", regions().get(said.region, "")),
        ("Training", paths().get(said.path, "")),
        ("Languages", _listed(said.languages, languages())),
    )


def free_in_words(said: MenteeDetails) -> Told:
    """The parts of each day in which a mentee is mostly free."""
    parts: dict[int, list[PartOfDay]] = defaultdict(list)
    for day, part in (_PARTS_OF_WEEK[one] for one in said.free):
        parts[day].append(part)
    return _said(*((name, listing(parts[day])) for day, name in enumerate(DAYS)))


def experience_in_words(said: MentorDetails) -> Told:
    """What a mentor knows first hand, as everybody in the chapter may read it."""
    return _said(
        ("Can help with", _listed(said.goals, goals())),
        ("Region", regions().get(said.region, "")),
        ("Trained", paths().get(said.path, "")),
        ("Also speaks", _listed(said.languages, languages())),
    )


def limits_in_words(said: MentorDetails) -> Told:
    """Whom a mentor takes, for their own eyes."""
    return _said(
        ("Stages", listing(stage.label for stage in said.stages)),
        ("School", _school_in_words(said)),
        ("At most", listing(f"{said.places[kind]} {kind}" for kind in Kind if kind in said.places)),
    )


def _school_in_words(said: MentorDetails) -> str:
    if not said.only_school:
        return ""
    if not said.outside_places:
        return f"Only students of {said.only_school}"
    return f"Students of {said.only_school}, and at most {said.outside_places} of other schools"


def _said(*told: tuple[str, str]) -> Told:
    return [(what, words) for what, words in told if words]


def _listed(slugs: Iterable[str], labels: Mapping[str, str]) -> str:
    return ", ".join(labels[slug] for slug in slugs if slug in labels)


def _insist_on_background(said: MenteeDetails | MentorDetails) -> None:
    _insist(said.goals, goals(), most=MOST_GOALS, noun="goal")
    _insist(said.languages, languages(), most=MOST_LANGUAGES, noun="language")
    _insist(filter(None, [said.region]), regions())
    _insist(filter(None, [said.path]), paths())


def _insist(
    said: Iterable[object], listed: Collection[object], *, most: int | None = None, noun: str = ""
) -> None:
    named = set(said)
    if not named <= set(listed):
        raise NotListed
    if most is not None and len(named) > most:
        raise TooMany(f"Choose at most {plural(most, noun)}, those that matter most.")
