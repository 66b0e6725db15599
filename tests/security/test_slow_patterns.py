"""Regular expressions that a short text could keep at work for years."""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator

import pytest

import mentorship
from mentorship.files import formats
from mentorship.foundation.settings import ROOT
from tests.security.backtracking import endless


def patterns() -> dict[str, re.Pattern]:
    """Every pattern of the package: those that modules keep, and those that calls spell out."""
    found = {f"{one.pattern!r} {one.flags}": one for one in (*_kept(), *_spelled_out())}
    return dict(sorted(found.items()))


def _kept() -> Iterator[re.Pattern]:
    for module in pkgutil.walk_packages(mentorship.__path__, "mentorship."):
        for value in vars(importlib.import_module(module.name)).values():
            several = value if isinstance(value, tuple | list) else [value]
            several = value.values() if isinstance(value, dict) else several
            yield from (one for one in several if isinstance(one, re.Pattern))


def _spelled_out() -> Iterator[re.Pattern]:
    for path in sorted((ROOT / "mentorship").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("re."):
                words = node.args[0] if node.args else None
                if isinstance(words, ast.Constant) and words.value:
                    told = ast.unparse(node)
                    yield re.compile(words.value, re.IGNORECASE if "IGNORECASE" in told else 0)


@pytest.mark.parametrize("pattern", patterns().values(), ids=lambda one: repr(one.pattern)[:60])
def test_no_pattern_tries_one_text_in_ever_more_ways(pattern):
    assert endless(pattern) == ""


@pytest.mark.parametrize(
    "pattern",
    ["(a+)+$", "(a|a)*b", "([a-z]+)*@", r"(\w+\s?)*$", "(.*a){12}", "(a*)*b"],
)
def test_a_pattern_that_does_is_found(pattern):
    assert endless(re.compile(pattern))


@pytest.mark.parametrize("pattern", ["a+$", "(?:ab)*c", r"[a-z]+(?:-[a-z]+)*", "(?>a+)+b"])
def test_a_pattern_that_does_not_is_not(pattern):
    assert endless(re.compile(pattern)) == ""


def test_a_pdf_is_read_once_however_many_streams_begin_in_it():
    """Each stream without an end would be looked for to the end of the file."""
    whole = b"/Launch\n" + b"stream\n" * 1_000_000

    assert formats._outside_streams(whole) == whole
    assert formats._outside_streams(b"a stream\nx endstream b stream\ny") == b"a  b stream\ny"
