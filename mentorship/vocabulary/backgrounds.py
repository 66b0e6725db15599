"""Where people come from and want to go, read once from `config/backgrounds.toml`."""

import tomllib
from collections.abc import Mapping
from functools import cache

from mentorship.vocabulary.interests import CONFIG


def goals() -> Mapping[str, str]:
    """What mentees want to get done or find out: slug to the words on screen, as all of these."""
    return _lists()["goals"]


def regions() -> Mapping[str, str]:
    return _lists()["regions"]


def paths() -> Mapping[str, str]:
    """How people train or trained."""
    return _lists()["paths"]


def languages() -> Mapping[str, str]:
    """Languages beside English, which everybody here shares."""
    return _lists()["languages"]


def affinities() -> Mapping[str, str]:
    """Groups that somebody may choose to have counted. What was chosen is shown to nobody."""
    return _lists()["affinities"]


def region_name(slug: str) -> str:
    """A region as it stands inside a sentence, without its states: `the Mountain West`."""
    name = regions().get(slug, slug).partition(" (")[0]
    return name[0].lower() + name[1:] if name.startswith(("The ", "A", "U")) else name


@cache
def _lists() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads((CONFIG / "backgrounds.toml").read_text("utf-8"))
