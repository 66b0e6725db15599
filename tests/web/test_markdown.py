"""Notes as they are shown: laid out, and harmless whatever somebody wrote."""

import re
from html.parser import HTMLParser

import nh3
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from mentorship.web import markdown


class Seen(HTMLParser):
    """Which elements and attributes a browser would find."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data


def insist_on_harmless(html: str) -> None:
    for tag, attributes in Seen(str(html)).found:
        assert tag in markdown.ELEMENTS
        assert set(attributes) <= HARMLESS
        if "href" in attributes:
            assert (attributes["href"] or "").startswith(("https://", "mailto:"))
            assert attributes["rel"] == "noopener noreferrer nofollow"


#: Attributes that neither run nor load nor lead anywhere, besides a link's own.
HARMLESS = {"href", "rel", "start", "title", "lang"}
HOSTILE = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=https://evil.example/x.js></SCRIPT>",
    "<img src=x onerror=alert(1)>",
    '<img src="https://evil.example/pixel.gif?who=1" width=1 height=1>',
    "![](https://evil.example/pixel.gif)",
    '![a](https://evil.example/p.gif "t")',
    "![a][p]\n\n[p]: https://evil.example/p.gif",
    "[![a](https://evil.example/p.gif)](https://example.org)",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\nscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](\x01javascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:msgbox(1))",
    "[x](http://plain.example)",
    "[x](//evil.example)",
    "[x](/c/lakeside/sign-out)",
    "[x](file:///etc/passwd)",
    "[x]( <javascript:alert(1)> )",
    "[x][j]\n\n[j]: javascript:alert(1)",
    "<javascript:alert(1)>",
    "<data:text/html,x>",
    '<https://example.org/"onmouseover="alert(1)>',
    '[x](https://example.org/"onmouseover="alert(1))',
    '[x](https://example.org "t\\" onmouseover=alert(1)")',
    "<a href='javascript:alert(1)'>x</a>",
    "<svg/onload=alert(1)>",
    "<math><mi xlink:href=javascript:alert(1)>",
    "<iframe src=https://evil.example></iframe>",
    "<object data=x></object><embed src=x>",
    "<form action=https://evil.example><input name=a></form>",
    "<style>@import url(https://evil.example)</style>",
    "<link rel=stylesheet href=https://evil.example>",
    "<base href=https://evil.example>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<p style='background:url(https://evil.example)'>x</p>",
    "</textarea><script>alert(1)</script>",
    "</div></section><h1>Sign in again</h1>",
    "<!--<script>alert(1)</script>-->",
    "<!DOCTYPE html><html><body onload=alert(1)>",
    "<x-y onpointerenter=alert(1)>",
    "`<script>alert(1)</script>`",
    "```html onmouseover=alert(1)\n<script>alert(1)</script>\n```",
    '```"><script>alert(1)</script>\n```',
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    '<mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
    "\\<script>alert(1)\\</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "{{ 7 * 7 }}{% raw %}",
    "<p class=MsoNormal><o:p></o:p></p>",
]


@pytest.mark.parametrize("words", HOSTILE, ids=range(len(HOSTILE)))
def test_nothing_runs_loads_or_leads_astray(words):
    insist_on_harmless(markdown.render(words))


@pytest.mark.parametrize("words", HOSTILE, ids=range(len(HOSTILE)))
def test_the_parser_alone_is_a_wall(words, monkeypatch):
    monkeypatch.setattr(nh3, "clean", lambda made, **_: made)
    made = str(markdown.render(words))

    for tag, attributes in Seen(made).found:
        assert tag in markdown.ELEMENTS
        assert not [name for name in attributes if name.startswith("on")]
        assert (attributes.get("href") or "https://").startswith(("https://", "mailto:"))


@pytest.mark.parametrize("words", HOSTILE, ids=range(len(HOSTILE)))
def test_so_is_the_sanitizer_alone(words, monkeypatch):
    monkeypatch.setattr(markdown, "_parser", MarkdownIt("commonmark", {"html": True}))
    made = str(markdown.render(words))

    for tag, attributes in Seen(made).found:
        assert tag in markdown.ELEMENTS
        assert set(attributes) <= HARMLESS
        assert not re.match(r"\s*(?!https:|mailto:)\w+:", attributes.get("href") or "")


@given(st.text(alphabet=st.sampled_from("<>/&\"'`*_[]()!#-:= \n\\javscripthtml"), max_size=80))
def test_whatever_is_written_is_harmless(words):
    insist_on_harmless(markdown.render(words))


@pytest.mark.parametrize(
    ("words", "html"),
    [
        ("Eight programs", "<p>Eight programs</p>"),
        ("one\ntwo", "<p>one<br>\ntwo</p>"),
        ("**bold** *soft* ~~gone~~", "<p><strong>bold</strong> <em>soft</em> <s>gone</s></p>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("3. c\n4. d", '<ol start="3">\n<li>c</li>\n<li>d</li>\n</ol>'),
        ("# Plan", "<h4>Plan</h4>"),
        ("###### Small", "<h6>Small</h6>"),
        ("> said", "<blockquote>\n<p>said</p>\n</blockquote>"),
        ("SBP <90 & HR >120", "<p>SBP &lt;90 &amp; HR &gt;120</p>"),
        ("    indented is no code", "<p>indented is no code</p>"),
        ("![a chart](https://example.org/c.png)", "<p>a chart</p>"),
        (
            "[paper](https://example.org/a?b=1&c=2)",
            '<p><a href="https://example.org/a?b=1&amp;c=2" rel="noopener noreferrer nofollow">'
            "paper</a></p>",
        ),
        (
            "<sol@example.org>",
            '<p><a href="mailto:sol@example.org" rel="noopener noreferrer nofollow">'
            "sol@example.org</a></p>",
        ),
        ("[x](http://example.org)", "<p>[x](http://example.org)</p>"),
    ],
)
def test_lays_out_what_people_write(words, html):
    assert markdown.render(words).strip() == html


def test_no_words_get_lost():
    words = "a <b> [x](javascript:alert(1)) <script>alert(1)</script> {{ c }}"
    assert Seen(str(markdown.render(words))).words.strip() == words
