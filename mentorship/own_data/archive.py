"""The archive that a copy comes in: one file for machines, one for people, and the files."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, BinaryIO
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from mentorship.own_data import gathering
from mentorship.own_data.gathering import Section
from mentorship.web import standalone

#: Names of columns that tell a reader nothing: how rows are tied together.
_TIES = re.compile(r"(^|_)ids?$|^key$|^search$|^digest$")
_UNSAFE = re.compile(r"[^\w.\- ]+")


@dataclass(frozen=True)
class Chapter:
    """What one chapter keeps, with a name for each member that it speaks of."""

    name: str
    sections: list[Section]
    names: Mapping[UUID, str] = field(default_factory=dict)


def open_for(target: BinaryIO) -> ZipFile:
    """A new archive that is written to `target`."""
    return ZipFile(target, "w", ZIP_DEFLATED)


def add_file(archive: ZipFile, path: str, content: Iterable[bytes], *, at: datetime) -> None:
    """Put one file in, part by part: none is ever whole in memory."""
    with archive.open(_entry(path, at=at), "w", force_zip64=True) as target:
        for part in content:
            target.write(part)


def add_words(
    archive: ZipFile, own: list[Section], chapters: list[Chapter], *, whose: str, at: datetime
) -> None:
    """Put `data.json` and `index.html` in: the same, for machines and for people.

    JSON: `{"of", "made_at", "account": {table: [row]}, "chapters": [{"name", "data": {table:
    [row]}}]}`; instants are ISO 8601 with their zone, and a member's id has the name beside it.
    """
    told = {
        "of": whose,
        "made_at": at.isoformat(),
        "account": _data(own, {}),
        "chapters": [
            {"name": one.name, "data": _data(one.sections, one.names)} for one in chapters
        ],
    }
    written = json.dumps(told, ensure_ascii=False, indent=1)
    archive.writestr(_entry("data.json", at=at), written)
    page = standalone.page(
        "own_data/archive.html",
        whose=whose,
        personal=bool(own),
        at=at,
        parts=[("Your account", _read(own, {}))] * bool(own)
        + [(one.name, _read(one.sections, one.names)) for one in chapters],
    )
    archive.writestr(_entry("index.html", at=at), page)


def safe_name(name: str) -> str:
    """A name that a file can have on every system, and that leads out of no folder."""
    return _UNSAFE.sub("-", name).strip(". ")[:80] or "file"


def _entry(path: str, *, at: datetime) -> ZipInfo:
    entry = ZipInfo(path, at.timetuple()[:6])
    entry.compress_type = ZIP_DEFLATED
    return entry


def _data(sections: list[Section], names: Mapping[UUID, str]) -> dict[str, list[dict[str, Any]]]:
    data: dict[str, list[dict[str, Any]]] = {}
    for section in sections:
        data.setdefault(section.table, []).extend(gathering.named(section, names))
    return data


def _read(
    sections: list[Section], names: Mapping[UUID, str]
) -> list[tuple[str, list[list[tuple[str, str]]]]]:
    """Sections as a reader sees them: a title, and for each row the words beside their names."""
    return [
        (section.title, [list(_words(row)) for row in gathering.named(section, names)])
        for section in sections
    ]


def _words(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in row.items():
        if value in (None, "", [], {}) or _TIES.search(name):
            continue
        label = name.replace("_", " ").capitalize()
        if isinstance(value, bool):
            yield label, "yes" if value else "no"
        elif isinstance(value, list | dict):
            yield label, json.dumps(value, ensure_ascii=False)
        else:
            yield label, str(value)
