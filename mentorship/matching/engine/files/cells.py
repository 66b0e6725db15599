"""What the cells of a matching run's files say, and in whole sentences what they do not.

Each function is remembered, since files repeat themselves.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Generic, NamedTuple, TypeVar

from mentorship.foundation.text import nearest, quoted
from mentorship.matching.engine.fit import SLOTS_OF_WEEK, Want
from mentorship.vocabulary import interests as taxonomy
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import Stage, Standing

T = TypeVar("T")

#: More mentees than this are no capacity of one person, but a slip of the hand.
MOST_PLACES = 1_000_000
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SLOTS_OF_DAY = SLOTS_OF_WEEK // len(_DAYS)
_HOURS = re.compile(
    r"(?P<day>[a-z]{3,9})\.?\s+(?P<from>\d{1,2})(?::(?P<from_half>00|30))?"
    r"(?:\s*[-–]\s*(?P<to>\d{1,2})(?::(?P<to_half>00|30))?)?",
    re.IGNORECASE,
)
#: Kinds in the order in which indices count them.
KINDS = tuple(Kind)
_KINDS = {kind.value: kind for kind in Kind}
_YES = {"yes": True, "y": True, "true": True, "1": True, "x": True}
_NO = {"no": False, "n": False, "false": False, "0": False, "": False}


class Said(NamedTuple, Generic[T]):
    """What a cell says, and what is wrong with it; with anything wrong the rest counts little."""

    value: T
    wrong: tuple[str, ...] = ()


Reader = Callable[[str], Said]


@lru_cache(maxsize=65536)
def kinds(cell: str) -> Said[tuple[Want, ...]]:
    """Kinds with their topics: `career; content: ultrasound, toxicology; wellness`.

    `content` on its own is any topic, and makes topics that stand beside it needless.
    """
    topics: dict[Kind, set[str] | None] = {}
    wrong: list[str] = []
    for part in _split(cell, r"[;|]"):
        head, colon, listed = part.partition(":")
        named = _split(head, r"[,/]")
        for word in named:
            found = kind(word)
            if found.value is None:
                wrong += found.wrong
                continue
            theirs = set(slugs(listed).value) if colon and word == named[-1] else set()
            if theirs and found.value is not Kind.CONTENT:
                wrong.append(f"Only content mentoring has topics, and {found.value} has some here.")
            so_far = topics.setdefault(found.value, set())
            topics[found.value] = so_far | theirs if so_far is not None and theirs else None
        if not named:
            wrong.append(f"{quoted(part)} is not a kind.")
    wants = tuple(
        Want(one, frozenset(topics[one] or ()), any_topic=one is Kind.CONTENT and not topics[one])
        for one in Kind
        if one in topics
    )
    return Said(wants, tuple(wrong))


@lru_cache(maxsize=4096)
def kind(cell: str) -> Said[Kind | None]:
    """One kind; a topic after it is let pass, since a mentee has one want for content."""
    word = cell.partition(":")[0].strip()
    if found := _KINDS.get(word.casefold()):
        return Said(found)
    if not word:
        return Said(None, ("The kind is missing.",))
    near = nearest(word, _KINDS) or f" Kinds are {', '.join(_KINDS)}."
    return Said(None, (f"{quoted(word)} is not a kind.{near}",))


@lru_cache(maxsize=4096)
def places(cell: str) -> Said[int | None]:
    """A capacity; spreadsheets write 3 as 3.0 at times. None where the cell is empty."""
    if not cell:
        return Said(None)
    number = re.fullmatch(r"\+?([0-9]{1,9})(?:\.0*)?", cell)
    if number is None or int(number[1]) > MOST_PLACES:
        wrong = f"{quoted(cell)} is no capacity. Write a whole number from 0 to {MOST_PLACES:,}."
        return Said(None, (wrong,))
    return Said(int(number[1]))


@lru_cache(maxsize=4096)
def rank(cell: str) -> Said[int]:
    """A place in somebody's wishes, 1 for the first."""
    number = re.fullmatch(r"([0-9]{1,9})(?:\.0*)?", cell)
    if number is None or int(number[1]) < 1:
        return Said(0, (f"{quoted(cell)} is no rank. Write a whole number from 1 up.",))
    return Said(int(number[1]))


@lru_cache(maxsize=4096)
def yes_or_no(cell: str) -> Said[bool]:
    answer = (_YES | _NO).get(cell.casefold())
    if answer is None:
        return Said(False, (f"{quoted(cell)} is neither yes nor no.",))
    return Said(answer)


@lru_cache(maxsize=4096)
def stage(cell: str) -> Said[Stage | None]:
    if not cell:
        return Said(None)
    try:
        return Said(Stage.parse(cell))
    except ValueError:
        near = nearest(cell, (one.label for one in Stage)) or " Write one like M3, PGY-2 or Fellow."
        return Said(None, (f"{quoted(cell)} is not a stage.{near}",))


@lru_cache(maxsize=4096)
def stages(cell: str) -> Said[frozenset[Stage] | None]:
    """Several stages; None where the cell is empty."""
    said = [stage(part) for part in _split(cell, r"[;|,]")]
    found = frozenset(one.value for one in said if one.value is not None)
    return Said(found or None, tuple(wrong for one in said for wrong in one.wrong))


@lru_cache(maxsize=4096)
def standing(cell: str) -> Said[Standing | None]:
    if not cell:
        return Said(None)
    by_word = {one.value: one for one in Standing} | {one.label.casefold(): one for one in Standing}
    by_word["attending"] = Standing.FACULTY
    if found := by_word.get(cell.casefold()):
        return Said(found)
    near = nearest(cell, by_word) or f" Write one of {', '.join(Standing)}."
    return Said(None, (f"{quoted(cell)} is no standing.{near}",))


@lru_cache(maxsize=65536)
def slugs(cell: str) -> Said[frozenset[str]]:
    """Interests, topics and the like: those of the taxonomy by its slugs, any others as written."""
    return Said(frozenset(map(_slug, _split(cell, r"[;|,]"))))


@lru_cache(maxsize=65536)
def as_written(cell: str) -> Said[str]:
    return Said(cell)


@lru_cache(maxsize=65536)
def ids(cell: str) -> Said[tuple[str, ...]]:
    """Ids, with semicolons between them."""
    return Said(tuple(_split(cell, r";")))


@lru_cache(maxsize=65536)
def free(cell: str) -> Said[frozenset[int] | None]:
    """Free times of the week in UTC, as half hours: `mon 18-20; tue 7:30-9`, `sat 9` for an hour.

    None where the cell is empty; `none` for someone who has no free time.
    """
    if not cell:
        return Said(None)
    found: set[int] = set()
    wrong = []
    for part in _split(cell, r"[;|,]") if cell.casefold() != "none" else ():
        slots = _slots(part)
        if slots is None:
            wrong.append(f"{quoted(part)} is no time of the week. Write it like mon 18-20:30.")
        found.update(slots or ())
    return Said(frozenset(found), tuple(wrong))


def _slots(part: str) -> range | None:
    said = _HOURS.fullmatch(part)
    day = said and said["day"].casefold()[:3]
    if said is None or day not in _DAYS:
        return None
    begin = 2 * int(said["from"]) + (said["from_half"] == "30")
    end = 2 * int(said["to"]) + (said["to_half"] == "30") if said["to"] else begin + 2
    if not 0 <= begin < end <= _SLOTS_OF_DAY:
        return None
    monday = _SLOTS_OF_DAY * _DAYS.index(day)
    return range(monday + begin, monday + end)


def _slug(word: str) -> str:
    try:
        return taxonomy.parse(word)
    except ValueError:
        return re.sub(r"[\s_]+", "-", word.casefold())


def _split(cell: str, at: str) -> list[str]:
    return [part.strip() for part in re.split(at, cell) if part.strip()]
