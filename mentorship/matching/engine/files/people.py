"""The people of a run: who is in mentees.csv and mentors.csv, and what each row says of them."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from mentorship.foundation.text import nearest, quoted
from mentorship.matching.engine.files import cells, tables
from mentorship.matching.engine.files.tables import Findings
from mentorship.vocabulary.kinds import Kind

Readers = Mapping[str, cells.Reader]
_OF_BOTH: Readers = {
    "interests": cells.slugs,
    "goals": cells.slugs,
    "settings": cells.slugs,
    "region": cells.as_written,
    "path": cells.as_written,
    "languages": cells.slugs,
    "affinity": cells.slugs,
    "free": cells.free,
    "blocks": cells.ids,
}
#: What every column of a person may say beside those that are needed, and how a cell is read.
MENTEE_COLUMNS: Readers = {
    "stage": cells.stage,
    "school": cells.as_written,
    "waited": cells.yes_or_no,
    "priority": cells.places,
    **_OF_BOTH,
}
MENTOR_COLUMNS: Readers = {
    **{f"capacity_{kind}": cells.places for kind in Kind},
    "load": cells.places,
    "paused": cells.yes_or_no,
    "standing": cells.standing,
    "stage": cells.stage,
    "institution": cells.as_written,
    "school": cells.as_written,
    "recent_cycle": cells.yes_or_no,
    "evaluates": cells.ids,
    "stages": cells.stages,
    "capacity_outside": cells.places,
    **_OF_BOTH,
}


def engine_id(written: str, seed: int) -> UUID:
    """The engine's id for an id of any text; the same text is the same person on both sides.

    Ids put people in order, and that order decides between equals: it is drawn by lot.
    """
    return UUID(bytes=hashlib.blake2b(f"{seed}:{written}".encode(), digest_size=16).digest())


class Side:
    """The people of one file, in the order of their engine ids, which owes nothing to the file."""

    def __init__(self, path: Path, label: str, found: Findings) -> None:
        self.path, self.label, self._found = path, label, found
        self.columns: set[str] = set()
        self.names: tuple[str, ...] = ()
        self.ids: tuple[UUID, ...] = ()
        self.lines: tuple[int, ...] = ()
        self.rows: tuple[dict[str, Any], ...] = ()
        self.index: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self.names)

    def read(self, needed: Readers, optional: Readers, seed: int) -> None:
        """Take the file in; what is wrong goes to the findings."""
        people: dict[str, tuple[int, dict[str, Any]]] = {}
        readers = {**needed, **optional}
        for rows in tables.read(
            self.path, needed=(self.label, *needed), optional=tuple(optional), found=self._found
        ):
            self.columns |= rows.columns.keys() - {self.label}
            names = [name for name in readers if name in rows.columns]
            cells_of = zip(*(rows.columns[name] for name in names), strict=True)
            for line, who, row in zip(rows.lines, rows.columns[self.label], cells_of, strict=True):
                self._take(people, line, who, dict(zip(names, row, strict=True)), readers)
        self._order(people, seed)

    def _take(
        self,
        people: dict[str, tuple[int, dict[str, Any]]],
        line: int,
        who: str,
        row: Mapping[str, str],
        readers: Readers,
    ) -> None:
        said = {}
        for name, cell in row.items():
            one = readers[name](cell)
            for words in one.wrong:
                self._found.wrong(self.path, line, f"{name}: {words}")
            said[name] = one.value
        if "capacity" in said and row["capacity"] == "":
            self._found.wrong(self.path, line, "capacity: It is missing.")
        if not who:
            self._found.wrong(self.path, line, f"{self.label}: It is missing.")
        elif who in people:
            words = f"{quoted(who)} is on line {people[who][0]} already."
            self._found.wrong(self.path, line, f"{self.label}: {words}")
        else:
            people[who] = line, said

    def _order(self, people: Mapping[str, tuple[int, dict[str, Any]]], seed: int) -> None:
        by_id = sorted((engine_id(who, seed), who) for who in people)
        self.ids = tuple(one for one, _ in by_id)
        self.names = tuple(who for _, who in by_id)
        self.lines = tuple(people[who][0] for who in self.names)
        self.rows = tuple(people[who][1] for who in self.names)
        self.index = {who: place for place, who in enumerate(self.names)}

    def find(self, path: Path, line: int, who: str) -> int | None:
        """Whose index this is; nobody's is told."""
        place = self.index.get(who)
        if place is None:
            self.tell_unknown(path, line, who)
        return place

    def tell_unknown(self, path: Path, line: int, who: str, *, gone: bool = False) -> None:
        """Tell that a line names nobody of this side, which is no mistake of those who are gone."""
        noun = self.label.removesuffix("_id")
        if not who:
            self._found.wrong(path, line, f"The {self.label} is missing.")
        elif gone:
            words = f"{quoted(who)} is no {noun} of this run, so this pair is over."
            self._found.note(path, line, words)
        else:
            near = nearest(who, self.index, self._found.guess)
            words = f"There is no {noun} {quoted(who)} in {self.path}.{near}"
            self._found.wrong(path, line, words)
