"""Writes docs/licenses.md: under which terms stands what we ship and what the lock installs.

`python tools/licenses.py --check` says whether it is up to date.
"""

import re
import sys
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "licenses.md"
#: Terms that ask something of whoever passes the code on, besides naming its authors.
COPYLEFT = re.compile(r"\b[AL]?GPL|GNU|MPL|Mozilla|EPL|CDDL|EUPL", re.IGNORECASE)
#: What is in this repository and was written by others; their terms are beside it.
SHIPPED = (
    ("htmx", "4.0.1", "0BSD", "`mentorship/web/static/vendor`, served to browsers"),
    ("Atkinson Hyperlegible Next", "5.3.0", "OFL-1.1", "`mentorship/web/static/vendor`, a font"),
    ("Lucide", "1.62.0", "ISC, parts MIT", "`mentorship/web/icons.toml`, paths of icons"),
    ("axe-core", "4.14.1", "MPL-2.0", "`tests/vendor`, for tests alone; unchanged"),
)
BEGINS = """# Licenses

What others wrote, and the terms it stands under. Written by `make licenses`; do not change it by
hand. **Copyleft** marks terms that ask something of whoever passes code on; we use such packages
as they are, and pass none of them on.

## In this repository

| what | version | license | where |
|---|---|---|---|
"""
MIDDLE = """
## Installed from `requirements.lock`

| package | version | license | |
|---|---|---|---|
"""


def page(before: str) -> str:
    """The whole page; what this machine does not install keeps the line it has."""
    known = dict(re.findall(r"^\| ([\w.-]+) \| .*? \| (.*?) \| .*\|$", before, re.MULTILINE))
    shipped = "".join(f"| {' | '.join(_marked(row))} |\n" for row in SHIPPED)
    lines = [
        f"| {name} | {version} | {(terms := of(name) or known.get(name, 'unknown'))} |"
        f" {'**copyleft**' if COPYLEFT.search(terms) else ''} |\n"
        for name, version in locked()
    ]
    return BEGINS + shipped + MIDDLE + "".join(lines)


def locked() -> list[tuple[str, str]]:
    """Every package of the lock, with its version."""
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    return re.findall(r"^([\w.-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", lock, re.MULTILINE)


def of(name: str) -> str:
    """What a package says of its license, in few words; nothing where it is not installed."""
    try:
        told = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return ""
    classified = [one.rpartition(" :: ")[2] for one in told.get_all("Classifier") or []]
    named = [one for one in classified if "icense" in one or one.startswith("MIT")]
    plain = (told.get("License") or "").strip()
    short = plain if plain and len(plain) < 60 and "\n" not in plain else ""
    return told.get("License-Expression") or short or ", ".join(named) or "unknown"


def _marked(row: tuple[str, str, str, str]) -> list[str]:
    name, version, terms, where = row
    return [name, version, f"{terms} **copyleft**" if COPYLEFT.search(terms) else terms, where]


def main() -> int:
    before = PAGE.read_text("utf-8") if PAGE.exists() else ""
    now = page(before)
    if "--check" in sys.argv:
        return int(now != before)
    PAGE.write_text(now, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
