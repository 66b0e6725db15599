"""The named icons, read once from `icons.toml`."""

import tomllib
from pathlib import Path

from flask import Flask
from markupsafe import Markup


def load() -> dict[str, Markup]:
    """Every icon by its name: what stands inside its ``<svg>``, trusted because it is our file."""
    tables = tomllib.loads(Path(__file__).with_name("icons.toml").read_text("utf-8"))
    return {name: Markup(paths) for table in tables.values() for name, paths in table.items()}


ICONS = load()


def init_app(app: Flask) -> None:
    """Let the templates' ``icon`` macro find the paths."""
    app.jinja_env.globals["icon_paths"] = ICONS
