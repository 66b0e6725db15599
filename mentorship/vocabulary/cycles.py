"""Application cycles: a data file each in `config/cycles/`, never constants in code."""

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache

from mentorship.vocabulary.interests import CONFIG


@dataclass(frozen=True)
class Cycle:
    """One year of applications to residency; `starts_on` and `ends_on` are both inside it."""

    key: str
    name: str
    application_service: str
    starts_on: date
    ends_on: date
    dates: dict[str, date]


@cache
def cycles() -> dict[str, Cycle]:
    """Every cycle on file, oldest first, by its key (the file's name)."""
    found = {}
    for path in sorted((CONFIG / "cycles").glob("*.toml")):
        found[path.stem] = Cycle(key=path.stem, **tomllib.loads(path.read_text("utf-8")))
    return found


def current(on: date) -> Cycle:
    """The cycle that holds this day, else the newest on file."""
    inside = [cycle for cycle in cycles().values() if cycle.starts_on <= on <= cycle.ends_on]
    return inside[0] if inside else list(cycles().values())[-1]
