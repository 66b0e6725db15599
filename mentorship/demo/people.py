"""Who lives in the demo: three chapters in three time zones, their students and mentors.

All of them are invented, at addresses that cannot exist. The people are in `data/`, a file a
chapter; here they become values that `world` loads with the product's own verbs. Nothing is
random: the same day gives the same people.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, NamedTuple

from mentorship.demo import backgrounds
from mentorship.demo.pools import Phase, pick, read
from mentorship.profiles.details import MenteeDetails, MentorDetails
from mentorship.vocabulary.interests import inside, labels
from mentorship.vocabulary.kinds import Kind, needed_at
from mentorship.vocabulary.stages import Stage, Standing

#: The data files, in the order in which the chapters are founded.
CHAPTER_SLUGS = ("lakeshore", "cedar-valley", "harbor")

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_YEARS_LEFT = {
    Stage.PRE_MED: 4,
    Stage.M1: 3,
    Stage.M2: 2,
    Stage.M3: 1,
    Stage.RESEARCH: 1,
    Stage.PGY1: 2,
    Stage.PGY2: 1,
}
#: How many of four students without wishes of their own look for a wellness mentor.
_WELLNESS_WISH = {
    Phase.PRECLINICAL: 1,
    Phase.CLERKSHIP: 2,
    Phase.APPLICANT: 3,
    Phase.RESIDENT: 3,
}


@dataclass(frozen=True)
class DemoChapter:
    """One chapter: the tenant, its school, and the zone its days are counted in."""

    slug: str
    name: str
    school: str
    zone: str


@dataclass(frozen=True)
class Want:
    """What a mentee looks for in one kind of mentor; content always has topics."""

    topics: tuple[str, ...]
    looking_for: str


@dataclass(frozen=True)
class DemoStudent:
    """One mentee. Residents are here too; those who also mentor have the same e-mail there.

    `class_year` is when they finish school or residency. A `zone` of None is the chapter's.
    """

    chapter_slug: str
    name: str
    email: str
    stage: Stage
    class_year: int
    interests: tuple[str, ...]
    wants: Mapping[Kind, Want]
    story: str
    zone: str | None
    details: MenteeDetails
    groups: tuple[str, ...]


class Window(NamedTuple):
    """Weekly hours on the mentor's own clock.

    `weekday` counts from Monday, 0, and is the day it starts on. `ends` before `starts` means
    the next morning.
    """

    weekday: int
    starts: str
    ends: str


@dataclass(frozen=True)
class DemoMentor:
    """One mentor: one person with one e-mail, in the chapters named, home first.

    `stage` is None for professionals who are not physicians. `evaluates` names the role in the
    home chapter. `offers` maps each kind to its topics, which only content must have.
    `places` counts mentees over all kinds and chapters; `lengths` are minutes.
    """

    chapters: tuple[str, ...]
    name: str
    email: str
    standing: Standing
    stage: Stage | None
    title: str
    institution: str
    zone: str
    interests: tuple[str, ...]
    offers: Mapping[Kind, tuple[str, ...]]
    facets: tuple[str, ...]
    story: str
    places: int
    lengths: tuple[int, ...]
    weekly: tuple[Window, ...]
    evaluates: str | None
    paused: bool
    recent_cycle: bool
    video_link: str | None
    details: MentorDetails
    groups: tuple[str, ...]


@dataclass(frozen=True)
class DemoOffice:
    """An office somebody holds in a chapter; officers are students of it too."""

    chapter_slug: str
    role: str
    title: str
    name: str
    email: str


@dataclass(frozen=True)
class DemoLead:
    """Somebody the demo offers to sign in as, and what there is to see as them."""

    key: str
    name: str
    email: str
    chapter_slug: str
    who: str


def chapters() -> tuple[DemoChapter, ...]:
    """The three chapters."""
    return tuple(DemoChapter(**read(slug)["chapter"]) for slug in CHAPTER_SLUGS)


def students(*, on: date) -> tuple[DemoStudent, ...]:
    """Every mentee, chapter by chapter, with the class year that fits their stage on this day."""
    return tuple(
        _student(entry, n=n, chapter=chapter, on=on)
        for chapter in map(read, CHAPTER_SLUGS)
        for n, entry in enumerate(chapter["student"])
    )


@cache
def mentors() -> tuple[DemoMentor, ...]:
    """Every mentor, once each, by home chapter."""
    return tuple(
        _mentor(entry, n=n, chapter=chapter)
        for chapter in map(read, CHAPTER_SLUGS)
        for n, entry in enumerate(chapter["mentor"])
    )


@cache
def offices() -> tuple[DemoOffice, ...]:
    """Officers, coordinators and faculty advisors of all chapters."""
    return tuple(
        DemoOffice(
            chapter_slug=chapter["chapter"]["slug"],
            email=_addresses(chapter).get(entry["name"])
            or _address(entry["name"], chapter["mail"]["staff"]),
            **entry,
        )
        for chapter in map(read, CHAPTER_SLUGS)
        for entry in chapter["office"]
    )


@cache
def address_book() -> Mapping[tuple[str, str], str]:
    """Everybody's e-mail by home chapter and name, as the other data files refer to people."""
    found = {(office.chapter_slug, office.name): office.email for office in offices()}
    for chapter in map(read, CHAPTER_SLUGS):
        slug = chapter["chapter"]["slug"]
        found |= {(slug, name): email for name, email in _addresses(chapter).items()}
    return found


def _student(
    entry: Mapping[str, Any], *, n: int, chapter: Mapping[str, Any], on: date
) -> DemoStudent:
    stage = Stage(entry["stage"])
    topics = tuple(entry["interests"])
    years_left = entry.get("years_left", _YEARS_LEFT.get(stage, 0))
    return DemoStudent(
        chapter_slug=chapter["chapter"]["slug"],
        name=entry["name"],
        email=_student_address(entry, chapter),
        stage=stage,
        class_year=_academic_year_ends(on) + years_left,
        interests=topics,
        wants=_written(entry["wants"]) if "wants" in entry else _usual(stage, topics, n=n),
        story=entry["story"].strip(),
        zone=entry.get("zone"),
        details=backgrounds.of_student(stage, n=n),
        groups=backgrounds.groups(n),
    )


def _written(wants: Mapping[str, Any]) -> dict[Kind, Want]:
    return {
        Kind(kind): Want(topics=tuple(want.get("topics", ())), looking_for=want["looking_for"])
        for kind, want in wants.items()
    }


def _usual(stage: Stage, topics: tuple[str, ...], *, n: int) -> dict[Kind, Want]:
    """What a student of this stage would look for; `n`, their place in the file, varies it."""
    phase = Phase.of(stage)
    about = inside(labels()[topics[0]])
    wanted = [kind for kind in Kind if needed_at(kind, stage)]
    if n % 4 >= _WELLNESS_WISH[phase]:
        wanted.remove(Kind.WELLNESS)
    if n % 5 == 4:
        wanted.remove(Kind.CONTENT)
    return {
        kind: Want(
            topics=topics[:2] if kind is Kind.CONTENT else (),
            looking_for=pick(read("wants")[kind][phase], n).format(topic=about),
        )
        for kind in wanted
    }


def _mentor(entry: Mapping[str, Any], *, n: int, chapter: Mapping[str, Any]) -> DemoMentor:
    home = chapter["chapter"]
    stage = Stage(entry["stage"]) if "stage" in entry else None
    standing = _standing(stage)
    email = _mentor_address(entry, chapter)
    offers = {Kind(kind): tuple(topics) for kind, topics in entry["offers"].items()}
    return DemoMentor(
        chapters=(home["slug"], *entry.get("also", ())),
        name=entry["name"],
        email=email,
        standing=standing,
        stage=stage,
        title=entry["title"],
        institution=entry["institution"],
        zone=entry.get("zone", home["zone"]),
        interests=tuple(entry["interests"]),
        offers=offers,
        facets=tuple(entry["facets"]),
        story=entry["story"].strip(),
        places=entry.get("places", standing.places),
        lengths=tuple(entry["lengths"]),
        weekly=tuple(_window(text) for text in entry["weekly"]),
        evaluates=entry.get("evaluates"),
        paused=entry.get("paused", False),
        recent_cycle=entry.get("recent_cycle", False),
        video_link=_room(email) if entry.get("video") else None,
        details=backgrounds.of_mentor(standing, offers, n=n),
        groups=backgrounds.groups(n),
    )


def _standing(stage: Stage | None) -> Standing:
    if stage is None:
        return Standing.PROFESSIONAL
    if stage is Stage.ATTENDING:
        return Standing.FACULTY
    return Standing.FELLOW if stage is Stage.FELLOW else Standing.RESIDENT


def _window(text: str) -> Window:
    day, hours = text.split()
    starts, ends = hours.split("-")
    return Window(weekday=_WEEKDAYS.index(day), starts=starts, ends=ends)


def _room(email: str) -> str:
    return f"https://meet.example.org/{email.partition('@')[0]}"


def _addresses(chapter: Mapping[str, Any]) -> dict[str, str]:
    return {entry["name"]: _student_address(entry, chapter) for entry in chapter["student"]} | {
        entry["name"]: _mentor_address(entry, chapter) for entry in chapter["mentor"]
    }


def _student_address(entry: Mapping[str, Any], chapter: Mapping[str, Any]) -> str:
    return entry.get("email") or _address(entry["name"], chapter["mail"]["students"])


def _mentor_address(entry: Mapping[str, Any], chapter: Mapping[str, Any]) -> str:
    return _address(entry["name"], chapter["mail"][entry["institution"]])


def _address(name: str, domain: str) -> str:
    """An address from a name: accents and apostrophes go, hyphens stay, no title."""
    plain = unicodedata.normalize("NFKD", name.removeprefix("Dr. ")).encode("ascii", "ignore")
    words = plain.decode().lower().replace("'", "").split()
    return f"{'.'.join(words)}@{domain}"


def _academic_year_ends(on: date) -> int:
    """The calendar year in which the academic year of this day ends; it turns on July 1."""
    return on.year + (on.month >= 7)


def _lead(entry: Mapping[str, str]) -> DemoLead:
    slug, name = entry["chapter"], entry["name"]
    return DemoLead(
        key=entry["key"],
        name=name,
        email=address_book()[slug, name],
        chapter_slug=slug,
        who=entry["who"],
    )


#: Those the demo signs in as: coordinator, student, mentor, resident, advisor, officer.
LEADS: Mapping[str, DemoLead] = {entry["key"]: _lead(entry) for entry in read("lead")["lead"]}
