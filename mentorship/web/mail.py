"""Turning a mail's templates into its subject, text and HTML."""

from typing import NamedTuple

import css_inline
from flask import render_template

_inliner = css_inline.CSSInliner(load_remote_stylesheets=False, keep_style_tags=True)


class Words(NamedTuple):
    subject: str
    text: str
    html: str


def render(name: str, **facts: object) -> Words:
    """The words of `templates/mail/<name>.{subject,txt,html}`.

    The subject and the text are not HTML: nothing in them is escaped.
    """
    subject = " ".join(render_template(f"mail/{name}.subject.txt", **facts).split())
    text = render_template(f"mail/{name}.txt", **facts).strip() + "\n"
    html = render_template(f"mail/{name}.html", subject=subject, **facts)
    return Words(subject, text, _inliner.inline(html))
