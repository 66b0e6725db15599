"""The taxonomy of interests, read once from `config/interests.toml`."""

import re
import tomllib
from functools import cache
from pathlib import Path

CONFIG = Path(__file__).resolve().parents[2] / "config"


@cache
def labels() -> dict[str, str]:
    """Every interest there is: slug to the words on screen, in the file's order."""
    return tomllib.loads((CONFIG / "interests.toml").read_text("utf-8"))["interests"]


def inside(label: str) -> str:
    """A label as it stands inside a sentence: `Global EM` as `global EM`, `EMS` as it is."""
    return label[0].lower() + label[1:] if label[1:2].islower() else label


def parse(text: str) -> str:
    """The slug of an interest as people write it, by slug or by label, any case.

    :raises ValueError: it is not in the taxonomy.
    """
    wanted = _plain(text)
    try:
        return _spellings()[wanted]
    except KeyError:
        raise ValueError(text) from None


@cache
def _spellings() -> dict[str, str]:
    found = {}
    for slug, label in labels().items():
        found[_plain(slug)] = slug
        found[_plain(label)] = slug
    return found


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.casefold().replace("&", "and"))
