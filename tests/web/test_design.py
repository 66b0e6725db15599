"""What keeps pages fast, readable and safe: tests that read the templates and the styles."""

import gzip
import re
from itertools import chain
from pathlib import Path

import pytest

from mentorship.web.icons import ICONS

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "mentorship" / "web" / "static"
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
CSS = (STATIC / "app.css").read_text("utf-8")

#: Bytes of style and script on every page, as sent.
BUDGET = 30 * 1024

KINDS = ("career", "content", "application", "wellness")
STATES = ("good", "warn", "bad")
TEXT = 4.5
LINE = 3.0
PAIRS = [
    *[(ink, ground, TEXT) for ink in ("ink", "ink-2", "ink-3") for ground in ("canvas", "surface")],
    *[(ink, ground, TEXT) for ink in ("ink", "ink-2", "ink-3") for ground in ("sunk", "raised")],
    *[("edge", ground, LINE) for ground in ("surface", "canvas")],
    *[("action", ground, TEXT) for ground in ("surface", "canvas", "action-wash")],
    *[("on-action", ground, TEXT) for ground in ("action", "action-hover")],
    *[(ink, "board", TEXT) for ink in ("on-board", "on-board-2", "hivis")],
    ("on-hivis", "hivis", TEXT),
    *[(kind, "surface", TEXT) for kind in KINDS],
    *[("on-kind", kind, LINE) for kind in KINDS],
    *[(state, "surface", TEXT) for state in STATES],
    *[(state, f"{state}-wash", TEXT) for state in STATES],
    *[("ink", f"{state}-wash", TEXT) for state in STATES],
    *[("focus", ground, LINE) for ground in ("canvas", "surface")],
    ("focus-halo", "action", LINE),
]


def tokens(theme: str) -> dict[str, str]:
    """The colors of app.css as `#rrggbb`, in the light or the dark theme."""
    found = {}
    side = 0 if theme == "light" else 1
    for name, value in re.findall(r"--([\w-]+):\s*([^;]+);", CSS.split("@layer base {")[0]):
        colors = re.findall(r"#[0-9a-f]{6}\b", value)
        if colors:
            found.setdefault(name, colors[side] if len(colors) == 2 else colors[0])
    return found


def contrast(one: str, other: str) -> float:
    """WCAG 2 contrast of two colors, 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: str) -> float:
    channels = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", ["light", "dark"])
class TestColors:
    @pytest.mark.parametrize(("ink", "ground", "least"), PAIRS)
    def test_can_be_read(self, theme: str, ink: str, ground: str, least: float) -> None:
        color = tokens(theme)
        assert contrast(color[ink], color[ground]) >= least


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
class TestTemplate:
    def test_holds_no_style_of_its_own(self, path: Path) -> None:
        words = path.read_text("utf-8")
        assert not re.search(r"\sstyle\s*=", words)
        # Mail readers know no stylesheet; the sender writes this one into the elements.
        # What leaves the site brings its own: a mail, and a page that somebody takes along.
        assert "<style" not in words or path.name in ("mail.html", "archive.html")

    def test_holds_no_script_of_its_own(self, path: Path) -> None:
        words = path.read_text("utf-8")
        assert not re.search(r"\son[a-z]+\s*=\s*[\"']", words)
        assert not re.search(r"<script(?![^>]*\ssrc=)", words)
        assert "javascript:" not in words
        assert not re.search(r"hx-on\b|hx-vals=.js:", words)

    def test_uses_icons_that_exist(self, path: Path) -> None:
        words = path.read_text("utf-8")
        literal = re.findall(r"\bicon\(\s*'([\w-]+)'", words)
        named = re.findall(r"\bpicture\s*=\s*'([\w-]+)'", words)
        assert {*literal, *named} <= set(ICONS)

    def test_trusts_markup_only_in_components(self, path: Path) -> None:
        assert "|safe" not in path.read_text("utf-8") or path.parent.name == "components"

    def test_uses_every_macro_it_takes_in(self, path: Path) -> None:
        words = re.sub(r"\{#.*?#\}", "", path.read_text("utf-8"), flags=re.S)
        taken = re.findall(r"\{%-?\s*from\s+\S+\s+import\s+(.*?)-?%\}", words, flags=re.S)
        names = chain.from_iterable(part.split(",") for part in taken)
        body = re.sub(r"\{%-?\s*from\s.*?%\}", "", words, flags=re.S)
        unused = [
            name
            for name in (part.split(" as ")[-1].strip() for part in names)
            if name and not re.search(rf"\b{name}\b", body)
        ]
        assert unused == []


class TestFiles:
    def test_stay_within_the_budget(self) -> None:
        sent = ["app.css", "app.js", "vendor/htmx-4.0.1.min.js"]
        sizes = {name: len(gzip.compress((STATIC / name).read_bytes(), 9)) for name in sent}
        assert sum(sizes.values()) <= BUDGET, sizes

    def test_of_others_carry_version_and_license(self) -> None:
        licenses = (STATIC / "vendor" / "LICENSES").read_text("utf-8")
        for path in (STATIC / "vendor").iterdir():
            if path.name != "LICENSES":
                assert re.search(r"-\d+\.\d+\.\d+", path.name)
                assert path.name in licenses

    def test_named_in_the_stylesheet_and_the_head_are_there(self) -> None:
        head = (ROOT / "templates" / "layouts" / "head.html").read_text("utf-8")
        named = [
            *re.findall(r'url\("([^"]+)"\)', CSS),
            *re.findall(r"filename='([^']+)'", head),
            *re.findall(r"asset\('([^']+)'\)", head),
        ]
        assert len(named) == 6
        for name in named:
            assert (STATIC / name).is_file(), name

    def test_agree_on_the_address_of_the_font(self) -> None:
        head = (ROOT / "templates" / "layouts" / "head.html").read_text("utf-8")
        fonts = [re.search(r"vendor/[\w.-]+\.woff2", words) for words in (CSS, head)]
        assert len({found[0] for found in fonts if found}) == 1
