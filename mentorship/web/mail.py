"""Turning a mail's templates into its subject, text and HTML."""

from typing import NamedTuple

import css_inline
from flask import render_template

# A sheet that is marked to be kept stays, for what cannot stand in an element.
_inliner = css_inline.CSSInliner(load_remote_stylesheets=False)


class Words(NamedTuple):
    subject: str
    text: str
    html: str


def render(name: str, **facts: object) -> Words:
    """The words of `templates/mail/<name>.txt`, whose first line is the subject, and `.html`.

    The subject and the text are not HTML: nothing in them is escaped.
    """
    first, _, rest = render_template(f"mail/{name}.txt", **facts).strip().partition("\n")
    subject, text = " ".join(first.split()), rest.strip() + "\n"
    html = render_template(f"mail/{name}.html", subject=subject, **facts)
    return Words(subject, text, _inliner.inline(html))
