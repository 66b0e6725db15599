"""Pages that leave the product and stand alone, such as the one in an archive."""

from flask import render_template


def page(name: str, **facts: object) -> str:
    """The page at `templates/<name>`, with these facts."""
    return render_template(name, **facts)
