"""What we stand on: looked up honestly, and its terms written down."""

import importlib.util
import re
from types import ModuleType

import pytest

from mentorship.foundation.settings import ROOT


def tool(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


audit, licenses = tool("audit"), tool("licenses")
GOOD = {"name": "flask", "version": "3.1", "vulns": []}
UNSEEN = {"name": "numpy", "skip_reason": "Dependency not found on PyPI"}
BAD = {"name": "x", "version": "1", "vulns": [{"id": "CVE-1", "fix_versions": ["2"]}]}


@pytest.mark.parametrize(
    ("found", "status", "says"),
    [
        ([GOOD], 0, "no known holes in 1 packages"),
        ([UNSEEN, UNSEEN], 0, audit.SKIPPED),
        ([GOOD, UNSEEN], 1, "not looked up: numpy"),
        ([GOOD, BAD], 1, "x 1: CVE-1, mended in 2"),
        ([UNSEEN, BAD], 1, "x 1: CVE-1, mended in 2"),
        ([], 1, "pip-audit has looked at no package at all"),
    ],
)
def test_what_was_not_looked_at_is_never_called_good(found, status, says):
    assert audit.verdict({"dependencies": found}) == (status, [says])


def test_the_list_of_licenses_is_what_the_lock_installs():
    written = licenses.PAGE.read_text("utf-8")

    assert licenses.page(written) == written
    assert len(licenses.locked()) > 50
    assert "unknown" not in written


@pytest.mark.parametrize("package", ["psycopg", "certifi", "recurring-ical-events"])
def test_copyleft_is_named(package):
    [line] = [one for one in licenses.page("").splitlines() if one.startswith(f"| {package} ")]

    assert "**copyleft**" in line


@pytest.mark.parametrize(("page", "least"), [("SECURITY.md", 12), ("docs/security/asvs.md", 50)])
def test_what_is_said_of_security_names_tests_that_there_are(page, least):
    said = (ROOT / page).read_text("utf-8")
    named = set(re.findall(r"`((?:tests/[\w/]+/)?test_\w+\.py)", said))

    assert len(named) > least
    for name in named:
        path = name if "/" in name else f"tests/security/{name}"
        assert (ROOT / path).exists(), path


def test_each_requirement_of_the_standard_is_answered():
    said = (ROOT / "docs/security/asvs.md").read_text("utf-8")
    rows = re.findall(
        r"^\| (\d+\.\d+\.\d+) \| ([^|]+) \| ([^|]+) \| ([^|]*) \| ([^|]*) \|$", said, re.M
    )

    # So many there are at levels 1 and 2 of version 5.0.0.
    assert len({number for number, *_ in rows}) == len(rows) == 253
    for number, _, state, why, test in rows:
        assert state == "n/a" or why.strip() or test.strip(), number
        if state.startswith("not met") or "part" in state:
            assert why.strip(), number
