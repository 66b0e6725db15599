"""What the cells of a roster say, as people write them.

Each function takes a cell that stands on one line and says what it means, and in whole
sentences what cannot be understood of it. Pure, and remembered, since rosters repeat.
"""

import re
from enum import StrEnum
from functools import lru_cache
from typing import Any, Generic, NamedTuple, TypeVar

from email_validator import EmailNotValidError, validate_email

from mentorship.foundation.text import nearest, quoted
from mentorship.profiles.details import MOST_LANGUAGES
from mentorship.profiles.profiles import MOST_INTERESTS, MOST_PLACES, MOST_TOPICS
from mentorship.tenancy.roles import Role
from mentorship.vocabulary import interests as taxonomy
from mentorship.vocabulary.backgrounds import languages as spoken
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import Stage, Standing
from mentorship.web.filters import listing

#: The most characters of a name, an address, and any other cell.
NAME, EMAIL, CELL = 120, 254, 2000

T = TypeVar("T")


class Said(NamedTuple, Generic[T]):
    """What a cell says, and what is wrong with it; with anything wrong the rest counts little."""

    value: T
    wrong: tuple[str, ...] = ()


class Side(StrEnum):
    """Whether a kind of mentoring is offered or wanted."""

    OFFERS = "offers"
    WANTS = "wants"


class Mention(NamedTuple):
    """One kind in a cell of kinds; without a side where the person's role tells it."""

    side: Side | None
    kind: Kind
    topics: tuple[str, ...] | None
    """Slugs; none said is not the same as said to be none."""


_STUDENT, _MENTOR = frozenset({Role.STUDENT}), frozenset({Role.MENTOR})
_ROLES: dict[str, tuple[frozenset[Role], Standing | None]] = {
    "student": (_STUDENT, None),
    "medicalstudent": (_STUDENT, None),
    "mentee": (_STUDENT, None),
    "mentor": (_MENTOR, None),
    "faculty": (_MENTOR, Standing.FACULTY),
    "attending": (_MENTOR, Standing.FACULTY),
    "physician": (_MENTOR, Standing.FACULTY),
    "fellow": (_MENTOR, Standing.FELLOW),
    "professional": (_MENTOR, Standing.PROFESSIONAL),
    "healthprofessional": (_MENTOR, Standing.PROFESSIONAL),
    "resident": (_STUDENT | _MENTOR, Standing.RESIDENT),
    "officer": (frozenset({Role.OFFICER}), None),
    "chapterofficer": (frozenset({Role.OFFICER}), None),
    "coordinator": (frozenset({Role.COORDINATOR}), None),
    "programcoordinator": (frozenset({Role.COORDINATOR}), None),
    "advisor": (frozenset({Role.ADVISOR}), None),
    "adviser": (frozenset({Role.ADVISOR}), None),
    "facultyadvisor": (frozenset({Role.ADVISOR}), None),
    "facultyadviser": (frozenset({Role.ADVISOR}), None),
}
_STANDINGS = {
    "faculty": Standing.FACULTY,
    "attending": Standing.FACULTY,
    "fellow": Standing.FELLOW,
    "resident": Standing.RESIDENT,
    "professional": Standing.PROFESSIONAL,
    "healthprofessional": Standing.PROFESSIONAL,
}
_KINDS = {
    **{kind.value: kind for kind in Kind},
    "careers": Kind.CAREER,
    "applications": Kind.APPLICATION,
    "wellbeing": Kind.WELLNESS,
}
_SIDE = re.compile(r"(offers|wants)\b\s*:?\s*", re.IGNORECASE)
_STAGE_WORDS = (*(stage.label for stage in Stage), *(standing.label for standing in Standing))
#: Each sign can be taken in one way only: with two, a long address would be tried in all of them.
_PLAIN_EMAIL = re.compile(
    r"[a-z0-9]+(?:[._%+'-][a-z0-9]+)*@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,18}"
)
#: Domains that exist for examples and machines are looked at closely, like every odd address.
_ODD_DOMAIN = re.compile(r"\.(?:test|invalid|local|localhost|onion|arpa)$|@.{60}")


def name(cell: str) -> Said[str]:
    """The name as it is written."""
    if not cell:
        return Said("", ("The name is missing.",))
    if len(cell) > NAME:
        return Said("", (f"A name has at most {NAME} characters.",))
    return Said(cell)


def email(cell: str) -> Said[str]:
    """The address in small letters, as accounts keep it."""
    address = cell.lower()
    if not address:
        return Said("", ("The email address is missing.",))
    if len(address) > EMAIL:
        return Said("", (f"An email address has at most {EMAIL} characters.",))
    local = address.partition("@")[0]
    if _PLAIN_EMAIL.fullmatch(address) and len(local) <= 64 and not _ODD_DOMAIN.search(address):
        return Said(address)
    try:
        found = validate_email(cell, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        return Said("", (f"{quoted(cell)} is not an email address.",))
    return Said((found.ascii_email or found.normalized).lower())


@lru_cache(maxsize=4096)
def roles(cell: str, suggest: bool = True) -> Said[tuple[frozenset[Role], Standing | None]]:
    """The roles, and what kind of colleague their words make a mentor."""
    if not cell:
        return Said((frozenset(), None), ("The role is missing.",))
    found: frozenset[Role] = frozenset()
    standing = None
    wrong = []
    for word in _split(cell, r"[;|,/&+]| and "):
        if known := _ROLES.get(_plain(word)):
            found |= known[0]
            standing = known[1] or standing
        else:
            near = nearest(word, [role.value for role in Role] + ["resident"], suggest)
            wrong.append(f"{quoted(word)} is not a role.{near or ' Roles are ' + _ROLE_WORDS}")
    if not found and not wrong:
        wrong.append("The role is missing.")
    return Said((found, standing), tuple(wrong))


_ROLE_WORDS = listing(["resident", *(role.value for role in Role)], "and") + "."


@lru_cache(maxsize=4096)
def stage(cell: str, suggest: bool = True) -> Said[tuple[Stage | None, Standing | None]]:
    """A stage of training before the end of residency, or the standing of a mentor, or both."""
    stages: list[Stage] = []
    standings: list[Standing] = []
    wrong = []
    for word in _split(cell, r"[;|]"):
        if standing := _STANDINGS.get(_plain(word)):
            standings.append(standing)
            continue
        try:
            stages.append(Stage.parse(word))
        except ValueError:
            near = nearest(word, _STAGE_WORDS, suggest)
            wrong.append(
                f"{quoted(word)} is not a stage.{near or ' Write one like M3, PGY-2 or Faculty.'}"
            )
    if len(set(stages)) > 1 or len(set(standings)) > 1:
        wrong.append("One person has one stage. Keep the present one.")
    return Said((_first(stages), _first(standings)), tuple(wrong))


@lru_cache(maxsize=4096)
def interests(cell: str, suggest: bool = True) -> Said[tuple[str, ...]]:
    """Slugs of the taxonomy."""
    return _of_taxonomy(_split(cell, r"[;|,]"), "an interest", MOST_INTERESTS, suggest)


@lru_cache(maxsize=4096)
def languages(cell: str, suggest: bool = True) -> Said[tuple[str, ...]]:
    """Slugs of languages beside English, which everybody here shares and need not be named."""
    known = {_plain(word): slug for slug, label in spoken().items() for word in (slug, label)}
    found: dict[str, None] = {}
    wrong = []
    for word in _split(cell, r"[;|,/]"):
        if slug := known.get(_plain(word)):
            found[slug] = None
        elif _plain(word) != "english":
            near = nearest(word, spoken().values(), suggest)
            wrong.append(f"{quoted(word)} is not a language that we know.{near}")
    if len(found) > MOST_LANGUAGES:
        wrong.append(f"Name at most {MOST_LANGUAGES}, those that matter most.")
    return Said(tuple(found), tuple(wrong))


@lru_cache(maxsize=4096)
def kinds(cell: str, suggest: bool = True) -> Said[tuple[Mention, ...]]:
    """Kinds with their topics: `career; content: toxicology, ultrasound; wants wellness`."""
    found: dict[tuple[Side | None, Kind], Mention] = {}
    wrong: list[str] = []
    for item in _split(cell, r"[;|]"):
        said = _SIDE.match(item)
        side = Side(said[1].lower()) if said else None
        words, colon, listed = item[said.end() if said else 0 :].partition(":")
        named = _split(words, r"[,/]| and ")
        for word in named:
            kind = _KINDS.get(_plain(word))
            if kind is None:
                wrong.append(_no_kind(word, suggest))
                continue
            topics = None
            if colon and word == named[-1]:
                topics = _topics(kind, listed, wrong, suggest)
            found[side, kind] = Mention(side, kind, topics)
    return Said(tuple(found.values()), tuple(wrong))


_KIND_WORDS = listing(Kind, "and") + "."


def places(cell: str) -> Said[int | None]:
    """How many mentees somebody has room for; spreadsheets write 3 as 3.0 at times."""
    if not cell:
        return Said(None)
    number = re.fullmatch(r"(\d{1,4})(?:[.,]0*)?", cell)
    if number is None or int(number[1]) > MOST_PLACES:
        wrong = f"{quoted(cell)} is no capacity. Write a number from 0 to {MOST_PLACES}."
        return Said(None, (wrong,))
    return Said(int(number[1]))


def _no_kind(word: str, suggest: bool) -> str:
    try:
        topic = taxonomy.labels()[taxonomy.parse(word)]
    except ValueError:
        near = nearest(word, [kind.value for kind in Kind], suggest)
        return f"{quoted(word)} is not a kind.{near or ' Kinds are ' + _KIND_WORDS}"
    return f"{quoted(word)} is a topic. Write it after its kind, like content: {topic}."


def _topics(kind: Kind, listed: str, wrong: list[str], suggest: bool) -> tuple[str, ...]:
    topics = _of_taxonomy(_split(listed, r","), "a topic", MOST_TOPICS, suggest)
    wrong.extend(topics.wrong)
    if topics.value and kind is not Kind.CONTENT:
        wrong.append(f"Only content mentoring has topics, and {kind} has some here.")
    return topics.value


def _of_taxonomy(words: list[str], noun: str, most: int, suggest: bool) -> Said[tuple[str, ...]]:
    found: dict[str, None] = {}
    wrong = []
    for word in words:
        try:
            found[taxonomy.parse(word)] = None
        except ValueError:
            near = nearest(word, taxonomy.labels().values(), suggest)
            wrong.append(f"{quoted(word)} is not {noun} that we know.{near}")
    if len(found) > most:
        wrong.append(f"Name at most {most}, those that matter most.")
    return Said(tuple(found), tuple(wrong))


def _split(cell: str, at: str) -> list[str]:
    return [part.strip() for part in re.split(at, cell, flags=re.IGNORECASE) if part.strip()]


def _first(values: list[Any]) -> Any:
    return values[0] if values else None


def _plain(word: str) -> str:
    return re.sub(r"[^a-z0-9]", "", word.casefold())
