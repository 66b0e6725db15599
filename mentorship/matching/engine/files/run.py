"""run.toml: what a chapter decides about a run. Everything in it may be left out."""

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mentorship.foundation.text import nearest, quoted
from mentorship.matching.engine.files.tables import Findings
from mentorship.matching.engine.fit import Factor
from mentorship.matching.engine.settings import Policy
from mentorship.vocabulary.kinds import Kind


@dataclass(frozen=True)
class Listed:
    """One entry of a list, with the line it begins on."""

    line: int
    mentee_id: str
    mentor_id: str
    kind: str = ""


@dataclass(frozen=True)
class Run:
    """What run.toml says; None where it says nothing."""

    path: Path | None = None
    policy: Policy = Policy.BEST
    seed: int = 0
    one_kind_per_mentor: bool = True
    most_from_one_institution: int | None = None
    floors: tuple[float, ...] | None = None
    keep: float = 0
    own_best: bool | None = None
    only_ranked: bool | None = None
    #: Parts of the total score.
    gap: float = 0
    weights: Mapping[Kind, Mapping[str, int]] = field(default_factory=dict)
    pins: tuple[Listed, ...] = ()
    exclusions: tuple[Listed, ...] = ()
    blocks: tuple[Listed, ...] = ()


def read(path: Path | None, found: Findings) -> Run:
    """The settings of a file; what is wrong goes to `found`."""
    if path is None:
        return Run()
    try:
        text = path.read_bytes().decode("utf-8-sig")
        table = tomllib.loads(text)
    except OSError as no:
        found.wrong(path, 0, f"The file cannot be read: {no.strerror or no}.")
    except UnicodeDecodeError:
        found.wrong(path, 0, "Not every character is UTF-8.")
    except tomllib.TOMLDecodeError as no:
        said = re.fullmatch(r"(.*) \(at line (\d+), column \d+\)", str(no), re.DOTALL)
        line = int(said[2]) if said else text.count("\n") + 1
        found.wrong(path, line, f"This is not TOML: {said[1] if said else no}.")
    else:
        return _Reader(path, text, found).run(table)
    return Run(path)


def _whole(value: Any, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def _number(value: Any) -> bool:
    """Not below zero and not beyond all bounds; this leaves out NaN too."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1e9


def _said(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _floors(value: Any) -> bool:
    return isinstance(value, list) and all(map(_number, value)) and value == sorted(set(value))


_YES_OR_NO = (lambda value: isinstance(value, bool), "true or false")
#: What each setting may be, in a test and in words.
_SETTINGS: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "policy": (lambda value: value in list(Policy), '"best" or "stable"'),
    "seed": (lambda value: _whole(value, 0), "a whole number from 0 up"),
    "one_kind_per_mentor": _YES_OR_NO,
    "most_from_one_institution": (lambda value: _whole(value, 1), "a whole number from 1 up"),
    "floors": (_floors, "a list of numbers, each greater than the one before it"),
    "keep": (_number, "a number from 0 up"),
    "own_best": _YES_OR_NO,
    "only_ranked": _YES_OR_NO,
    "gap": (lambda value: _number(value) and value < 1, "a number from 0 up, below 1"),
}
_LISTS = {
    "pins": ("mentee_id", "mentor_id", "kind"),
    "exclusions": ("mentee_id", "mentor_id", "kind"),
    "blocks": ("mentee_id", "mentor_id"),
}
#: Every setting there is.
KNOWN = (*_SETTINGS, "weights", *_LISTS)


class _Reader:
    def __init__(self, path: Path, text: str, found: Findings) -> None:
        self._path, self._lines, self._found = path, text.splitlines(), found

    def run(self, table: Mapping[str, Any]) -> Run:
        for key in table:
            if key not in KNOWN:
                self._unknown(key, KNOWN, "a setting")
        plain: dict[str, Any] = {}
        for key, (fits, words) in _SETTINGS.items():
            if key not in table:
                continue
            if fits(table[key]):
                plain[key] = table[key]
            else:
                self._wrong(key, f"{key} has to be {words}.")
        if "policy" in plain:
            plain["policy"] = Policy(plain["policy"])
        if "floors" in plain:
            plain["floors"] = tuple(plain["floors"])
        return Run(
            self._path,
            **plain,
            weights=self._weights(table.get("weights", {})),
            pins=self._list("pins", table.get("pins", [])),
            exclusions=self._list("exclusions", table.get("exclusions", [])),
            blocks=self._list("blocks", table.get("blocks", [])),
        )

    def _weights(self, table: Any) -> dict[Kind, Mapping[str, int]]:
        if not isinstance(table, Mapping):
            self._wrong("weights", "weights has to be a table with a kind in each row.")
            return {}
        weights: dict[Kind, Mapping[str, int]] = {}
        for word, by_factor in table.items():
            if word not in list(Kind):
                self._unknown(word, Kind, "a kind")
            elif not isinstance(by_factor, Mapping):
                self._wrong(word, f"The weights of {word} have to be a table by factor.")
            elif self._are_weights(word, by_factor):
                weights[Kind(word)] = dict(by_factor)
        return weights

    def _are_weights(self, kind: str, by_factor: Mapping[str, Any]) -> bool:
        before = len(self._found.flaws)
        for factor, weight in by_factor.items():
            if factor not in list(Factor):
                self._unknown(factor, Factor, "a factor")
            elif not _whole(weight, 0):
                self._wrong(factor, f"The weight of {factor} has to be a whole number of percents.")
        if len(self._found.flaws) > before:
            return False
        if (total := sum(by_factor.values())) != 100:
            self._wrong(kind, f"The weights of {kind} come to {total}, and have to come to 100.")
            return False
        return True

    def _list(self, name: str, entries: Any) -> tuple[Listed, ...]:
        if not isinstance(entries, list) or not all(isinstance(one, Mapping) for one in entries):
            self._wrong(name, f"{name} has to be a list of [[{name}]].")
            return ()
        heads = [n for n, line in enumerate(self._lines, 1) if line.strip() == f"[[{name}]]"]
        listed = []
        for place, entry in enumerate(entries):
            # Written in one row, all of them stand where their name does.
            line = heads[place] if len(heads) == len(entries) else self._line(name)
            needed = _LISTS[name]
            if missing := [key for key in needed if not _said(entry.get(key))]:
                words = f"Each of [[{name}]] needs {', '.join(missing)} in quotation marks."
                self._found.wrong(self._path, line, words)
            elif unknown := [key for key in entry if key not in needed]:
                near = nearest(unknown[0], needed)
                words = f"{quoted(unknown[0])} is not known in [[{name}]].{near}"
                self._found.wrong(self._path, line, words)
            else:
                listed.append(Listed(line, **{key: entry[key].strip() for key in needed}))
        return tuple(listed)

    def _unknown(self, key: str, known: Iterable[str], noun: str) -> None:
        near = nearest(key, known) or f" Known are {', '.join(known)}."
        self._wrong(key, f"{quoted(key)} is not {noun}.{near}")

    def _wrong(self, key: str, words: str) -> None:
        self._found.wrong(self._path, self._line(key), words)

    def _line(self, key: str) -> int:
        """The line that sets a key, or opens its table."""
        bare = re.escape(key)
        sets = re.compile(rf"""(.*[\[.{{,\s])?["']?{bare}["']?\s*(=|\.|\])""")
        return next((n for n, line in enumerate(self._lines, 1) if sets.match(line)), 1)
