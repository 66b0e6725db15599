"""A table saved as text: from the bytes of a file to rows of cells, and back.

It reads what Excel, Numbers, Google Sheets and text editors write: UTF-8, UTF-16 and
Windows-1252, with commas, semicolons or tabs. What a cell means is none of its business.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from mentorship.foundation.errors import Refusal
from mentorship.foundation.text import clean

_DELIMITERS = ",;\t|"
#: A line with more cells than this is no row that anybody has filled in.
MOST_COLUMNS = 500
#: How a file begins that is something else, and what it is.
_SIGNATURES = {
    b"%PDF": "a PDF",
    b"PK\x03\x04": "a workbook or another packed file",
    b"\xd0\xcf\x11\xe0": "an old Excel or Word file",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"{\\rtf": "a word processor’s file",
    b"<": "a web page",
}
_BOMS = {
    b"\xef\xbb\xbf": "utf-8-sig",
    b"\xff\xfe\x00\x00": "utf-32",
    b"\x00\x00\xfe\xff": "utf-32",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
#: A spreadsheet takes a cell that begins so for a formula, and may run it; some do so past spaces.
_FORMULA = re.compile(r"'*[\s\u200b-\u200d\u2060\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]|'*[\t\r\n]")


class NotASheet(Refusal):
    """The file as a whole cannot be read as a table."""


@dataclass(frozen=True)
class Sheet:
    """The cells of a file, cleaned of what cannot be seen."""

    header_line: int
    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    """Each row with the line of the file that it begins on; blank ones are left out."""
    broken_at: int | None
    """The line from which on quotation marks do not pair up, so that nothing more was read."""


def read(content: bytes, *, fits: Callable[[Sequence[str]], int]) -> Sheet:
    """The table in a file. `fits` says how many cells of a header are known, for each delimiter.

    :raises NotASheet: it is empty, or no text, or something else than a table.
    """
    text = _text(content)
    if not text.strip():
        raise NotASheet("The file is empty.")
    text, before, delimiters = _without_separator_line(text)
    delimiter = max(delimiters, key=lambda one: fits(_first(text, one)))
    rows = []
    broken_at = None
    try:
        for line, cells in _records(text, delimiter):
            if any(cells):
                rows.append((before + line, cells))
    except _Broken as broken:
        broken_at = before + broken.line
    if not rows and broken_at is None:
        raise NotASheet("The file is empty.")
    if not rows:
        raise NotASheet("The first line cannot be read: its quotation marks do not pair up.")
    header_line, header = rows[0]
    return Sheet(header_line, header, tuple(rows[1:]), broken_at)


def write(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """A file that spreadsheets open as it is meant, where no cell is a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(header)
    writer.writerows([_escaped(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def foreign(content: bytes) -> str:
    """What a file is that begins so, like `a PDF`; empty where it may be text."""
    start = content[:4096].lstrip()[:16].lower()
    return next((what for mark, what in _SIGNATURES.items() if start.startswith(mark.lower())), "")


def _escaped(cell: str) -> str:
    return f"'{cell}" if _FORMULA.match(cell) else cell


def _cell(raw: str) -> str:
    """A cell on one line, as it was before `write` escaped it."""
    if raw.isascii() and raw.isprintable():
        plain = raw.strip() if "  " not in raw else " ".join(raw.split())
    else:
        plain = " ".join(clean(raw).split())
    return plain[1:] if plain.startswith("'") and _FORMULA.match(plain) else plain


def _text(content: bytes) -> str:
    if what := foreign(content):
        raise NotASheet(
            f"This is {what}, not a CSV file. In your spreadsheet choose Save as, or Download,"
            " then CSV, and send that."
        )
    text = _decoded(content).removeprefix("\ufeff")
    if len(_CONTROLS.findall(text)) > 4 + len(text) // 50:
        raise NotASheet(
            "This is no text, so it cannot be a CSV file. In your spreadsheet choose Save as, or"
            " Download, then CSV, and send that."
        )
    return text.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")


def _decoded(content: bytes) -> str:
    for mark, encoding in _BOMS.items():
        if content.startswith(mark):
            return content.decode(encoding, errors="replace")
    # UTF-16 without its mark: of each pair of bytes, Latin letters leave one zero.
    start = content[:4096]
    even, odd = start[0::2].count(0), start[1::2].count(0)
    if max(even, odd) > len(start) // 6 and min(even, odd) < len(start) // 40 + 1:
        return content.decode("utf-16-be" if even > odd else "utf-16-le", errors="replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _without_separator_line(text: str) -> tuple[str, int, str]:
    """The table, the number of lines before it, and the delimiters it may have.

    Excel may name the delimiter on a first line of its own: `sep=;`.
    """
    if said := re.match(r"sep=([,;\t|])\n", text, re.IGNORECASE):
        return text[said.end() :], 1, said[1]
    return text, 0, _DELIMITERS


def _first(text: str, delimiter: str) -> Sequence[str]:
    try:
        return next((cells for _, cells in _records(text, delimiter) if any(cells)), ())
    except _Broken:
        return ()


class _Broken(Exception):
    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


def _records(text: str, delimiter: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Each record with the line it begins on.

    :raises _Broken: its quotation marks do not pair up, or a cell is beyond all bounds.
    :raises NotASheet: it has more cells than a row can have.
    """
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=delimiter, strict=True, skipinitialspace=True
    )
    line = 1
    try:
        for cells in reader:
            if len(cells) > MOST_COLUMNS:
                raise NotASheet(
                    f"Line {line} has more than {MOST_COLUMNS} columns. Take out what is not a"
                    " roster, and send the file again."
                )
            yield line, tuple(map(_cell, cells))
            line = reader.line_num + 1
    except csv.Error as error:
        raise _Broken(line) from error
