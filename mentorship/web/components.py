"""What templates may use besides filters: icons, static files, form keys, Markdown."""

import hashlib
from functools import cache
from pathlib import Path

from flask import Flask, url_for
from jinja2 import StrictUndefined

from mentorship.web import icons, markdown
from mentorship.web.forms import form_key


def init_app(app: Flask) -> None:
    static = Path(app.static_folder or "")

    @cache
    def version(name: str) -> str:
        return hashlib.sha256((static / name).read_bytes()).hexdigest()[:10]

    def asset(name: str) -> str:
        """The address of a static file, changed whenever the file is."""
        return url_for("static", filename=name, v=version(name))

    icons.init_app(app)
    app.jinja_env.filters["markdown"] = markdown.render
    app.jinja_env.globals.update(asset=asset, form_key=form_key)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 31_536_000  # every address carries its version
