"""Files written whole or not at all."""

import csv
import io
import json
import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Put these files into a folder, by name, in place of what is there.

    They are written under other names first and renamed together at the end, so that whoever
    stops it (or runs out of space) is left with what was there before.

    :raises OSError: the folder cannot be made or written to.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written: dict[str, str] = {}
    try:
        for name, text in files.items():
            handle, path = tempfile.mkstemp(prefix=f".{name}.", dir=folder)
            written[path] = name
            with open(handle, "w", encoding="utf-8", newline="") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            # A file for this user only is what mkstemp makes, and not what was asked for.
            os.chmod(path, 0o666 & ~_umask())
        for path in list(written):
            os.replace(path, folder / written[path])
            del written[path]
    finally:
        for path in written:
            with suppress(FileNotFoundError):
                os.unlink(path)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def as_csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def as_json(report: Mapping[str, Any]) -> str:
    return json.dumps(report, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
