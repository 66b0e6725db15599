"""Tables in CSV files, read in pieces, with everything that is wrong told by file and line.

Stricter than a roster, since nobody looks over what is read before it counts: UTF-8 only, and no
guesses at broken rows.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from mentorship.foundation.text import nearest, quoted
from mentorship.profiles.sheet import foreign

#: Rows that are held as text at one time, so that memory does not grow with the file.
ROWS_AT_A_TIME = 8_000
#: From so many flaws on, no more guesses are made at what was meant; nobody reads them.
GUESSES = 100

_DELIMITERS = ",;\t|"
_UTF_16_OR_32 = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
_LINE_END = re.compile(r"\r\n|\r|\n")


class Flaw(NamedTuple):
    """Something wrong, or to know: the file, the line (0 is the file as a whole), a sentence."""

    path: str
    line: int
    words: str

    def __str__(self) -> str:
        return (
            f"{self.path}:{self.line}: {self.words}" if self.line else f"{self.path}: {self.words}"
        )


class BadFiles(Exception):
    """What was given cannot be used. `flaws` has all that is wrong, in reading order."""

    def __init__(self, flaws: Iterable[Flaw]) -> None:
        self.flaws = tuple(flaws)
        super().__init__("\n".join(map(str, self.flaws)))


@dataclass
class Findings:
    """What reading has found so far."""

    #: What stops the run.
    flaws: list[Flaw] = field(default_factory=list)
    #: What is only worth knowing.
    notes: list[Flaw] = field(default_factory=list)

    @property
    def guess(self) -> bool:
        """Whether it still helps to say what was perhaps meant."""
        return len(self.flaws) < GUESSES

    def wrong(self, path: Path, line: int, words: str) -> None:
        self.flaws.append(Flaw(str(path), line, words))

    def note(self, path: Path, line: int, words: str) -> None:
        self.notes.append(Flaw(str(path), line, words))


@dataclass(frozen=True)
class Rows:
    """Some rows of a table, column by column. Columns the file does not have are left out."""

    lines: Sequence[int]
    columns: Mapping[str, Sequence[str]]

    def __len__(self) -> int:
        return len(self.lines)


def read(
    path: Path, *, needed: Sequence[str], optional: Sequence[str] = (), found: Findings
) -> Iterator[Rows]:
    """The rows of a file in pieces, cells trimmed. What is wrong goes to `found`.

    The first line names the columns, in any order and case; `optional` ones may be missing.
    """
    try:
        with path.open("rb") as file:
            yield from _Table(path, file, needed, optional, found).rows()
    except OSError as no:
        found.wrong(path, 0, f"The file cannot be read: {no.strerror or no}.")


class _Table:
    def __init__(
        self,
        path: Path,
        file: BinaryIO,
        needed: Sequence[str],
        optional: Sequence[str],
        found: Findings,
    ) -> None:
        self._path, self._file, self._found = path, file, found
        self._needed, self._known = needed, (*needed, *optional)
        self._line = 0

    def rows(self) -> Iterator[Rows]:
        start = self._file.peek(4096) if isinstance(self._file, io.BufferedReader) else b""
        if wrong := _no_table(start):
            self._found.wrong(self._path, 0, wrong)
            return
        if self._path.is_file() and _holds_nul(self._path):
            self._tell_of_bytes("")
            return
        try:
            with io.TextIOWrapper(self._file, encoding="utf-8-sig", newline="") as text:
                yield from self._read(text)
        except UnicodeDecodeError:
            self._tell_of_bytes("Not every character here is UTF-8.")
        except csv.Error:
            self._found.wrong(
                self._path,
                self._line + 1,
                "From here on the quotation marks do not pair up, so nothing below was read."
                " A quotation mark inside a cell is written twice.",
            )

    def _read(self, text: io.TextIOWrapper) -> Iterator[Rows]:
        first = text.readline()
        while first and not first.strip():
            self._line += 1
            first = text.readline()
        if not first:
            self._found.wrong(self._path, 0, "The file is empty.")
            return
        delimiter = self._delimiter(first)
        reader = self._reader(chain([first], text), delimiter)
        width = len(header := next(reader))
        places = self._places([_column(label) for label in header])
        self._line += reader.line_num
        if places is None:
            return
        while lines := list(islice(text, ROWS_AT_A_TIME)):
            columns = _plain_columns(lines, delimiter, width)
            if columns is None:
                break
            self._line += len(lines)
            numbers = range(self._line - len(lines) + 1, self._line + 1)
            yield Rows(numbers, {name: columns[place] for name, place in places.items()})
        for at, records in self._pieces(self._reader(chain(lines, text), delimiter)):
            yield self._table(at, records, places, width)

    def _pieces(self, reader: Any) -> Iterator[tuple[Sequence[int], list[list[str]]]]:
        """Some records at a time, with the line that each begins on.

        :raises csv.Error: from here on they cannot be told apart; what came before was given.
        """
        before = self._line - reader.line_num
        broken = None
        more = True
        while more and broken is None:
            records: list[list[str]] = []
            try:
                records.extend(islice(reader, ROWS_AT_A_TIME))
            except csv.Error as error:
                broken = error
            more = bool(records)
            begun, end = self._line, before + reader.line_num
            if end - begun == len(records) and broken is None:
                self._line = end
                yield range(begun + 1, end + 1), records
            else:
                lines, self._line = _lines(begun, records)
                yield lines, records
        if broken is not None:
            raise broken

    def _reader(self, lines: Iterable[str], delimiter: str) -> Any:
        return csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=True)

    def _delimiter(self, first: str) -> str:
        def fits(delimiter: str) -> int:
            # Not strict: with the wrong delimiter, quotation marks never pair up.
            labels: list[str] = next(csv.reader([first], delimiter=delimiter), [])
            return len({_column(label) for label in labels} & {*self._known})

        return max(_DELIMITERS, key=fits)

    def _places(self, header: Sequence[str]) -> dict[str, int] | None:
        """Where each known column stands; None where one that is needed does not."""
        line = self._line + 1
        places: dict[str, int] = {}
        for place, label in enumerate(header):
            if label in places:
                self._found.wrong(self._path, line, f"The column {label} is there twice.")
            elif label in self._known:
                places[label] = place
            elif label:
                near = nearest(label, self._known)
                self._found.note(self._path, line, f"The column {quoted(label)} is not used.{near}")
        if missing := [name for name in self._needed if name not in places]:
            others = ", ".join(filter(None, header))
            for name in missing:
                near = nearest(name, [label for label in header if label not in places])
                words = f"There is no column {name}. The columns here are: {others[:200]}.{near}"
                self._found.wrong(self._path, line, words)
            return None
        return places

    def _table(
        self,
        lines: Sequence[int],
        records: Sequence[Sequence[str]],
        places: Mapping[str, int],
        width: int,
    ) -> Rows:
        if not all(map(all, records)) or any(len(record) != width for record in records):
            lines, records = self._full(lines, records, width)
        columns = list(zip(*records, strict=True)) or [()] * width
        cells = {name: [*map(str.strip, columns[place])] for name, place in places.items()}
        return Rows(lines, cells)

    def _full(
        self, lines: Sequence[int], records: Iterable[Sequence[str]], width: int
    ) -> tuple[list[int], list[Sequence[str]]]:
        """The rows that have a cell for each column; blank ones are left out."""
        kept: list[Sequence[str]] = []
        kept_lines = []
        for line, record in zip(lines, records, strict=True):
            if not any(map(str.strip, record)):
                continue
            if len(record) != width:
                self._wrong_width(line, len(record), width)
                continue
            kept.append(record)
            kept_lines.append(line)
        return kept_lines, kept

    def _wrong_width(self, line: int, cells: int, width: int) -> None:
        why = " A cell with a comma in it needs quotation marks." if cells > width else ""
        words = f"The cells here number {cells}, and the first line names {width} columns.{why}"
        self._found.wrong(self._path, line, words)

    def _tell_of_bytes(self, otherwise: str) -> None:
        """Find every line that is no text. A pipe cannot be read again, so it is told in one."""
        told = False
        if self._path.is_file():
            with self._path.open("rb") as again:
                for number, line in enumerate(again, start=1):
                    if wrong := _no_text(line):
                        self._found.wrong(self._path, number, wrong)
                        told = True
        if not told:
            self._found.wrong(self._path, self._line + 1, otherwise)


def _plain_columns(lines: Sequence[str], delimiter: str, width: int) -> list[list[str]] | None:
    """The cells of some lines, column by column, three times as fast as `csv` would have them.

    None where a line has quotation marks, an empty cell or too few or too many: that is for the
    slow way, which knows what to say.
    """
    text = "".join(lines).replace("\r\n", "\n").removesuffix("\n")
    if '"' in text or "\r" in text:
        return None
    # A mark between the rows shows whether each has the right number of cells.
    cells = text.replace("\n", f"{delimiter}\n{delimiter}").split(delimiter)
    if len(cells) != len(lines) * (width + 1) - 1 or any(
        mark != "\n" for mark in cells[width :: width + 1]
    ):
        return None
    columns = [list(map(str.strip, cells[place :: width + 1])) for place in range(width)]
    return None if any("" in column for column in columns) else columns


def _no_table(start: bytes) -> str:
    if start.startswith(_UTF_16_OR_32):
        return "The file is UTF-16, and has to be UTF-8. Save it as CSV UTF-8."
    if what := foreign(start):
        return f"This is {what}, not a CSV file. Save it as CSV UTF-8."
    return ""


def _holds_nul(path: Path) -> bool:
    with path.open("rb") as file:
        return any(b"\0" in block for block in iter(lambda: file.read(1 << 20), b""))


def _no_text(line: bytes) -> str:
    if b"\0" in line:
        return "There is a NUL character, so this is no text."
    try:
        line.decode("utf-8")
    except UnicodeDecodeError as no:
        byte = f"0x{line[no.start]:02x}"
        return f"Byte {no.start + 1} ({byte}) is not UTF-8. Save the file as CSV UTF-8."
    return ""


def _column(label: str) -> str:
    return re.sub(r"[\s-]+", "_", label.strip().removeprefix("\ufeff").casefold())


def _lines(begun: int, records: Iterable[Sequence[str]]) -> tuple[list[int], int]:
    """The line each record begins on, and the last one; cells may hold line ends."""
    lines = []
    for record in records:
        lines.append(begun + 1)
        begun += 1 + sum(len(_LINE_END.findall(cell)) for cell in record)
    return lines, begun
