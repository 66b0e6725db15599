"""What people paste from a word processor or a web page: the words, without the markup.

Text that holds no HTML is left exactly as it is. What is left unrecognized is no danger: pages show
it as it was typed, since `markdown` knows no HTML either.
"""

import html
import re

#: What begins a tag only where somebody pasted markup; `<90` and `a < b` are words.
_NAMES = [
    "a",
    "abbr",
    "address",
    "article",
    "aside",
    "b",
    "big",
    "blockquote",
    "body",
    "br",
    "button",
    "caption",
    "center",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "details",
    "div",
    "dl",
    "dt",
    "em",
    "embed",
    "fieldset",
    "figcaption",
    "figure",
    "font",
    "footer",
    "form",
    "frame",
    "frameset",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "hr",
    "html",
    "i",
    "iframe",
    "img",
    "input",
    "ins",
    "label",
    "legend",
    "li",
    "link",
    "main",
    "map",
    "mark",
    "math",
    "meta",
    "nav",
    "noscript",
    "object",
    "ol",
    "option",
    "p",
    "picture",
    "pre",
    "q",
    "s",
    "samp",
    "script",
    "section",
    "select",
    "small",
    "source",
    "span",
    "strike",
    "strong",
    "style",
    "sub",
    "summary",
    "sup",
    "svg",
    "table",
    "tbody",
    "td",
    "template",
    "textarea",
    "tfoot",
    "th",
    "thead",
    "time",
    "title",
    "tr",
    "tt",
    "u",
    "ul",
    "var",
    "video",
    "audio",
    "applet",
    "base",
    "xml",
]
_BARE = [
    "allowfullscreen",
    "async",
    "autoplay",
    "checked",
    "controls",
    "defer",
    "disabled",
    "hidden",
    "loop",
    "muted",
    "nowrap",
    "noshade",
    "open",
    "selected",
]
#: With a value, or one of the few that have none: "<b or 5>" is prose.
_ATTRIBUTE = (
    r"[\s/]+(?:[\w:@.-]+\s*=\s*(?:\"[^\"<]*\"|'[^'<]*'|[^\s\"'<>]+)"
    rf"|(?:{'|'.join(_BARE)})(?=[\s/>]))"
)
_TAG = re.compile(
    rf"</?(?:(?:{'|'.join(_NAMES)})|[ovwxm]:\w+)(?:{_ATTRIBUTE})*[\s/]*>", re.IGNORECASE
)
#: What is no words from its beginning to its end: comments, declarations, code, styles.
_SILENT = [
    (re.compile(begins, re.IGNORECASE), re.compile(ends, re.IGNORECASE))
    for begins, ends in (
        ("<!--", "-->"),
        (r"<!\[(?:if|endif|cdata)", r"\]>"),
        ("<!doctype", ">"),
        (r"<\?xml", ">"),
        *(
            (rf"<{name}(?=[\s/>])", rf"</{name}\s*>")
            for name in ("script", "style", "head", "template", "iframe", "object", "svg", "xml")
        ),
    )
]
_ENDS_LINE = re.compile(r"</?(?:p|div|br|tr|h[1-6]|ul|ol|table|blockquote|hr|pre)\b", re.IGNORECASE)
_ITEM = re.compile(r"<li\b", re.IGNORECASE)
_CELL = re.compile(r"</t[dh]\b", re.IGNORECASE)


def plain(text: str) -> str:
    """The words of a text in which there is HTML, line by line; any other text as it is."""
    if not _TAG.search(text) and not any(begins.search(text) for begins, _ in _SILENT):
        return text
    for begins, ends in _SILENT:
        text = _without(text, begins, ends)
    words = html.unescape(_TAG.sub(_instead, _unwrapped(text)))
    lines = (re.sub(r"[ \t\xa0]+", " ", line).strip() for line in words.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _without(text: str, begins: re.Pattern, ends: re.Pattern) -> str:
    """A text without what stands between these. What begins and never ends is left: it is words."""
    kept, at = [], 0
    while (start := begins.search(text, at)) and (end := ends.search(text, start.end())):
        kept.append(text[at : start.start()])
        at = end.end()
    return " ".join([*kept, text[at:]])


def _unwrapped(text: str) -> str:
    """A text whose markup has no line breaks of its own: there they only wrap what is long."""
    tags = list(_TAG.finditer(text))
    if not any(_ENDS_LINE.match(tag.group()) or _ITEM.match(tag.group()) for tag in tags):
        return text
    first, last = tags[0].start(), tags[-1].end()
    return text[:first] + text[first:last].replace("\n", " ") + text[last:]


def _instead(tag: re.Match) -> str:
    """What stands in a tag's place."""
    written = tag.group()
    if _ITEM.match(written):
        return "\n- "
    if _ENDS_LINE.match(written):
        return "\n"
    return " " if _CELL.match(written) else ""
