"""What is pasted from a word processor: its words stay, its markup does not, and prose is prose."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentorship.web import pasted

WORD = """<html xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:w="urn:schemas">
<head><meta name=Generator content="Microsoft Word 15"><style>
<!-- p.MsoNormal {margin:0in; font-family:"Calibri",sans-serif;} -->
</style><!--[if gte mso 9]><xml><o:OfficeDocumentSettings/></xml><![endif]--></head>
<body lang=EN-US style='tab-interval:.5in'><!--StartFragment-->
<p class=MsoNormal><b>Plan for the fall</b><o:p></o:p></p>
<p class=MsoListParagraph style='text-indent:-.25in'><![if !supportLists]><span>&middot;&nbsp;
</span><![endif]>Ask Dr.&nbsp;Chen &amp; write</p>
<ul type=disc><li>First <i>rotation</i></li><li>Second</li></ul>
<table><tr><td>May</td><td>Home</td></tr><tr><td>June</td><td>Away</td></tr></table>
<img width=1 height=1 src="https://track.example/p.gif">
<script>alert(1)</script><!--EndFragment--></body></html>"""


def test_of_a_word_document_the_words_are_left():
    lines = [line for line in pasted.plain(WORD).splitlines() if line]

    assert lines == [
        "Plan for the fall",
        "· Ask Dr. Chen & write",
        "- First rotation",
        "- Second",
        "May Home",
        "June Away",
    ]


@pytest.mark.parametrize(
    "words",
    [
        "SBP <90 and HR >120",
        "a < b > c",
        "<b or 5>",
        "x<y and y>z",
        "List<String> and Map<a, b>",
        "<you@example.org> and <https://example.org/a>",
        "&amp; stays &lt;as it is&gt;",
        "  two  spaces\n\n\n\nand lines ",
        "<3 and </3",
        "",
    ],
)
def test_prose_is_left_exactly_as_it_is(words):
    assert pasted.plain(words) == words


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("One<br>Two<BR/>Three", "One\nTwo\nThree"),
        ("<div><span style='x:y'>One</span></div>", "One"),
        ("<a href='https://e.org' onclick=\"a('b')\">link</a>", "link"),
        ("a<!-- secret -->b <!doctype html>c", "a b  c"),
        ("<script>alert(1)</script>Rest", "Rest"),
        ("<style>p { color: red }</style>Rest", "Rest"),
        ("<script>never closed", "never closed"),
        ("<!-- never closed", "<!-- never closed"),
        ("<input disabled>Rest", "Rest"),
        (
            "typed\nbefore <p>wrapped\nhere</p> and\nafter",
            "typed\nbefore\nwrapped here\nand\nafter",
        ),
        ("one\n<b>two</b>\nthree", "one\ntwo\nthree"),
        ("<p>5 &lt; 6 &eacute;</p>", "5 < 6 é"),
    ],
)
def test_markup_becomes_words(html, words):
    assert pasted.plain(html).replace(" ", "") == words.replace(" ", "")


@given(st.text(alphabet=st.sampled_from("<>/!-=\"' \nabpimgscrt&;"), max_size=120))
def test_takes_whatever_is_pasted(text):
    pasted.plain(text)


@given(st.text(st.characters(exclude_characters="<")))
def test_text_without_tags_is_never_touched(text):
    assert pasted.plain(text) == text


# A long text is read through once: what would take a hundred times as long for ten times as much
# shows in the work that is counted here, whatever the machine.
@pytest.mark.parametrize(
    "piece", ["<!--", "<script>", "<a b = ", "<p ", "<a b='", "<li", "-->", "<p>", "<o:p "]
)
def test_a_long_text_of_half_tags_is_read_in_time(piece):
    assert pasted.plain(piece * 40_000) is not None
