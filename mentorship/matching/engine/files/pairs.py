"""The pairs of a run: what each is worth in scores.csv, and those of before in current.csv."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import repeat
from pathlib import Path

import numpy as np

from mentorship.matching.engine.files import cells, tables
from mentorship.matching.engine.files.cells import KINDS
from mentorship.matching.engine.files.numbers import Scores, Unit
from mentorship.matching.engine.files.people import Side
from mentorship.matching.engine.files.tables import Findings, Rows
from mentorship.matching.engine.flow import COST_RANGE
from mentorship.matching.engine.market import Edges, Index, Whole

_PAIR = ("mentee_id", "mentor_id", "kind")


@dataclass(frozen=True, eq=False)
class Scored:
    """What pairs are worth, in a unit; `rounded` where the file has more decimals than count."""

    edges: Edges
    unit: Unit
    rounded: bool


class Pairs:
    """Reads files of pairs of these people; what is wrong goes to the findings."""

    def __init__(self, mentees: Side, mentors: Side, found: Findings) -> None:
        self._mentees, self._mentors, self._found = mentees, mentors, found

    def scored(self, path: Path | None, *, keep: float) -> Scored | None:
        """The pairs that have a score, sorted; None without a file, or where something is wrong.

        `keep` is what a kept pair gains, which has to be counted in the same unit.
        """
        if path is None:
            return None
        column = Scores()
        keys, lines = _Column(), _Column()
        for rows in tables.read(path, needed=(*_PAIR, "score"), found=self._found):
            for place, words in column.take(rows.columns["score"]):
                self._found.wrong(path, rows.lines[place], words)
            keys.take(self._keys(path, rows))
            lines.take(rows.lines)
        key, line = keys.joined(), lines.joined()
        self._tell_of_repeats(path, key, line)
        most = self._most_worth()
        for place in column.beyond(most):
            words = f"The score is too great: with so many people it may be {most:,} at most."
            self._found.wrong(path, int(line[place]), words)
        if self._found.flaws:
            return None
        # Some room is left for nodes that only solving adds.
        worth, unit, rounded = column.whole(most=most * 3 // 4, beside=keep)
        order = np.argsort(key, kind="stable")
        return Scored(self._edges(key[order], worth[order]), unit, rounded)

    def before(self, path: Path | None) -> Edges:
        """Pairs of before. People who are gone are no mistake: their pairs are simply over."""
        if path is None:
            return Edges.joined([])
        keys, lines = _Column(), _Column()
        for rows in tables.read(path, needed=_PAIR, optional=("score",), found=self._found):
            keys.take(self._keys(path, rows, gone=True))
            lines.take(rows.lines)
        key = keys.joined()
        there = key >= 0
        if len(key) and not there.any() and not self._found.flaws:
            self._found.wrong(path, 0, "None of these pairs is of people in this run.")
        self._tell_of_repeats(path, key, lines.joined())
        found = np.sort(key[there])
        return self._edges(found, np.zeros(len(found), np.int64))

    def _most_worth(self) -> int:
        """The greatest whole number for a pair with which the solver's costs stay in its range.

        Each in line for a mentor gains steps of coverage, and one step outweighs all pairs.
        """
        asked = [row["kinds"] for row in self._mentees.rows]
        offered = sum(len(row["kinds"]) for row in self._mentors.rows)
        wants = sum(map(len, asked))
        line = {
            (rank, row.get("waited", False), row.get("priority") or 0)
            for row, kinds in zip(self._mentees.rows, asked, strict=True)
            for rank in range(len(kinds))
        }
        nodes = len(self._mentees) + len(self._mentors) + wants + offered
        return int(COST_RANGE // (max(1, len(line) * wants) * (nodes + 4)))

    def _keys(self, path: Path, rows: Rows, *, gone: bool = False) -> Whole:
        """One number for the pair in each row, -1 where it has none; what is wrong is told."""
        mentee = _looked_up(rows.columns["mentee_id"], self._mentees.index)
        mentor = _looked_up(rows.columns["mentor_id"], self._mentors.index)
        kind = np.fromiter(map(_place_of_kind, rows.columns["kind"]), np.int64, len(rows))
        bad = (mentee < 0) | (mentor < 0) | (kind < 0)
        for row in np.flatnonzero(bad).tolist():
            line = rows.lines[row]
            for side, place in ((self._mentees, mentee), (self._mentors, mentor)):
                if place[row] < 0:
                    side.tell_unknown(path, line, rows.columns[side.label][row], gone=gone)
            for words in cells.kind(rows.columns["kind"][row]).wrong:
                self._found.wrong(path, line, words)
        key = (mentee * len(KINDS) + kind) * max(1, len(self._mentors)) + mentor
        return np.where(bad, -1, key)

    def _edges(self, key: Whole, worth: Whole) -> Edges:
        want, mentor = np.divmod(key, max(1, len(self._mentors)))
        mentee, kind = np.divmod(want, len(KINDS))
        return Edges(mentee, kind, mentor, worth)

    def _tell_of_repeats(self, path: Path, key: Whole, line: Whole) -> None:
        order = np.argsort(key, kind="stable")
        repeats = np.flatnonzero((np.diff(key[order]) == 0) & (key[order][1:] >= 0)) + 1
        for place in sorted(repeats, key=lambda place: line[order[place]]):
            pair = key[order[place]]
            first = line[order[np.searchsorted(key[order], pair)]]
            words = f"This pair and kind is on line {first} already."
            self._found.wrong(path, int(line[order[place]]), words)


class _Column:
    """Whole numbers that come in pieces."""

    def __init__(self) -> None:
        self._pieces: list[Whole] = []

    def take(self, numbers: Sequence[int] | Whole) -> None:
        self._pieces.append(np.asarray(numbers, np.int64))

    def joined(self) -> Whole:
        return np.concatenate(self._pieces) if self._pieces else np.zeros(0, np.int64)


def _looked_up(words: Sequence[str], index: Mapping[str, int]) -> Index:
    return np.fromiter(map(index.get, words, repeat(-1)), np.int64, len(words))


@lru_cache(maxsize=4096)
def _place_of_kind(cell: str) -> int:
    kind = cells.kind(cell).value
    return -1 if kind is None else KINDS.index(kind)
