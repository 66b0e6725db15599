"""The usual road map: steps by stage in `config/road-map.toml`, with days from a cycle's file."""

import re
import tomllib
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from mentorship.vocabulary.cycles import Cycle, cycles
from mentorship.vocabulary.interests import CONFIG
from mentorship.vocabulary.stages import Stage

#: A year later on the same weekday, as the dates of a cycle move.
_YEAR = timedelta(weeks=52)
_OF_YEAR = re.compile(r"(\d\d)-(\d\d)")


@dataclass(frozen=True)
class Step:
    """One step. `day` is a date of the cycle (`opens`, `opens+1`), `10-31`, or nothing."""

    key: str
    what: str
    why: str = ""
    day: str = ""
    weeks: int = 0
    """How many weeks after that day; before it, where this is negative."""


@dataclass(frozen=True)
class When:
    """A calendar day, and whether the application service has published what it rests on."""

    on: date
    about: bool = False


def usual(stage: Stage) -> tuple[Step, ...]:
    """The steps of a stage, where a chapter has not said otherwise."""
    return _usual()[stage]


def names() -> Mapping[str, str]:
    """What each date of a cycle is called."""
    return _file()["dates"]


def month_ends() -> list[str]:
    """The last days of the months as `10-31`, in the order of a cycle, which begins in June."""
    months = [*range(6, 13), *range(1, 6)]
    return [f"{month:02}-{monthrange(2025, month)[1]}" for month in months]


def when(step: Step, cycle: Cycle) -> When | None:
    """On which day a step is due in a cycle; None for one without a day.

    What the cycle's file does not have yet is taken from the last cycle that has it, moved by 52
    weeks a year, and only about right.
    """
    if not step.day:
        return None
    shift = timedelta(weeks=step.weeks)
    if of_year := _OF_YEAR.fullmatch(step.day):
        month, day = int(of_year[1]), int(of_year[2])
        later = month < cycle.starts_on.month
        return When(date(cycle.starts_on.year + later, month, day) + shift)
    name, _, ahead = step.day.partition("+")
    found = _published(name, cycle.starts_on.year + int(ahead or 0))
    return When(found.on + shift, found.about) if found else None


def is_day(day: str) -> bool:
    """Whether `when` understands it."""
    if day in month_ends():
        return True
    name, _, ahead = day.partition("+")
    return not day or (name in names() and ahead in ("", "1"))


def _published(name: str, year: int) -> When | None:
    """A date of the cycle that begins in this year, or the latest known one moved to it."""
    known = {
        cycle.starts_on.year: cycle.dates[name]
        for cycle in cycles().values()
        if name in cycle.dates and cycle.starts_on.year <= year
    }
    if not known:
        return None
    last = max(known)
    return When(known[last] + (year - last) * _YEAR, about=last != year)


@cache
def _usual() -> dict[Stage, tuple[Step, ...]]:
    steps: dict[Stage, list[Step]] = {stage: [] for stage in Stage}
    for facts in _file()["steps"]:
        step = Step(**{name: fact for name, fact in facts.items() if name != "stages"})
        for stage in facts["stages"]:
            steps[Stage(stage)].append(step)
    return {stage: tuple(found) for stage, found in steps.items()}


@cache
def _file() -> dict[str, Any]:
    return tomllib.loads((CONFIG / "road-map.toml").read_text("utf-8"))
