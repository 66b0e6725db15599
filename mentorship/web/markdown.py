"""Markdown as people write it in notes, made into HTML that is safe to show.

Two walls, each enough by itself: the parser knows no HTML and no pictures, and what it makes is
passed through a sanitizer that lets through a short list of elements and nothing remote. Whoever
opens notes loads nothing from anywhere, so nobody learns that they were read.
"""

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

#: Elements that may stand in a note, each with its attributes.
ELEMENTS = {
    *("p", "br", "hr", "strong", "em", "s", "code", "pre", "blockquote"),
    *("ul", "ol", "li", "h4", "h5", "h6", "a"),
}
SCHEMES = {"https", "mailto"}
REL = "noopener noreferrer nofollow"

_parser = (
    MarkdownIt("commonmark", {"html": False, "breaks": True})
    .enable("strikethrough")
    .disable(["html_block", "html_inline", "code"])
)
# What leads elsewhere is left as the words it is.
_parser.validateLink = lambda url: url.lower().startswith(("https://", "mailto:"))  # type: ignore[method-assign]
# Notes stand below a page's own headings, so theirs begin at the fourth level.
_LEVELS = {f"h{level}": f"h{min(level + 3, 6)}" for level in range(1, 7)}


def render(words: str) -> Markup:
    """The HTML of a text: paragraphs, lists, emphasis, quotes, code, links by https and mailto."""
    tokens = _parser.parse(words)
    for token in tokens:
        token.tag = _LEVELS.get(token.tag, token.tag)
        for part in token.children or ():
            if part.type == "image":
                part.type = "text"  # which is its description
    made = _parser.renderer.render(tokens, _parser.options, {})
    safe = nh3.clean(
        made,
        tags=ELEMENTS,
        attributes={"a": {"href"}, "ol": {"start"}},
        url_schemes=SCHEMES,
        link_rel=REL,
    )
    return Markup(safe)
