"""Rules of the house that a reader would otherwise have to watch over."""

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages

import pytest

import mentorship
from mentorship.foundation.errors import Refusal
from mentorship.foundation.settings import ROOT

MODULES = sorted((ROOT / "mentorship").rglob("*.py"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.*"))

#: What only these files may say, and why it is kept to them.
KEPT_TO = {
    "the environment is read in one place": (
        # What NumPy is told before it loads is told to it, and nothing of ours hears it.
        r'os\.environ(?!\.setdefault\("OPENBLAS_NUM_THREADS", "1"\)\n)|getenv',
        {
            "foundation/settings.py",
            "foundation/local_postgres.py",
            "demo/run.py",
            "cli/product.py",
        },
    ),
    "the clock is read at the edge": (
        r"datetime\.now|utcnow|date\.today|time\.time\(",
        {"foundation/clock.py"},
    ),
    "chapters are kept apart in one place": (
        r"chapter_id ==|filter_by\(chapter_id",
        {"foundation/scope.py"},
    ),
    "what a page is told stands in its address or in its form, and it says in which": (
        r"request\.values",
        set(),
    ),
    "raw SQL stands where it is looked for": (
        r"\btext\(|exec_driver_sql",
        {
            "foundation/schema.py",
            "foundation/scope.py",
            "web/health.py",
            "demo/run.py",
            # In constraints and indexes only.
            "scheduling/models.py",
            "scheduling/waiting/models.py",
            "scheduling/conference/models.py",
            "scheduling/groups/models.py",
            "scheduling/standing/models.py",
            "relationships/models.py",
            "matching/models.py",
            "notifications/nudges/models.py",
            "tenancy/models.py",
        },
    ),
}


@pytest.mark.parametrize("rule", KEPT_TO)
def test_is_kept_to_its_files(rule):
    pattern, allowed = KEPT_TO[rule]
    found = {
        str(path.relative_to(ROOT / "mentorship"))
        for path in MODULES
        if re.search(pattern, path.read_text("utf-8"))
    }

    assert found <= allowed


def every_refusal() -> Iterator[type[Refusal]]:
    for module in walk_packages(mentorship.__path__, "mentorship."):
        import_module(module.name)
    waiting = [Refusal]
    while waiting:
        refusal = waiting.pop()
        waiting += refusal.__subclasses__()
        yield refusal


def test_every_refusal_is_a_sentence():
    for refusal in every_refusal():
        if refusal.sentence:
            assert re.fullmatch(r"[A-Z].*[.]", refusal.sentence, re.DOTALL), refusal
            assert "!" not in refusal.sentence, refusal


def test_no_page_commits_or_writes_by_itself():
    for path in MODULES:
        tree = ast.parse(path.read_text("utf-8"))
        calls = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
        if "views" in str(path):
            assert not calls & {"db.session.commit", "db.session.add"}, path


def test_only_the_products_own_components_trust_markup():
    trusting = [
        str(path.relative_to(ROOT))
        for path in TEMPLATES
        if re.search(r"\|\s*safe\b", path.read_text("utf-8")) and "components" not in path.parts
    ]

    assert trusting == []
