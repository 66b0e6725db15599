"""What is taken by its content, and what is not, whatever it calls itself."""

import io
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentorship.files import formats
from mentorship.files.formats import Format
from mentorship.foundation.errors import Refusal
from tests.files import made


def of(content: bytes) -> Format:
    return formats.of(io.BytesIO(content))[0]


@pytest.mark.parametrize(
    ("content", "format"),
    [(made.pdf(), Format.PDF), (made.odt(), Format.ODT), (made.docx(), Format.DOCX)],
    ids=["pdf", "odt", "docx"],
)
def test_the_three_are_known_by_what_is_in_them(content, format):
    stream = io.BytesIO(content)

    assert formats.of(stream) == (format, len(content))
    assert stream.tell() == 0


def test_ten_megabytes_are_taken_and_one_byte_more_is_not():
    assert of(made.pdf(size=formats.LARGEST)) is Format.PDF
    with pytest.raises(formats.TooLarge):
        of(made.pdf(size=formats.LARGEST + 1))


OTHERS = {
    "nothing": (b"", formats.Empty),
    "HTML": (b"<html><script>alert(1)</script></html>", formats.NotADocument),
    "SVG": (b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>", formats.NotADocument),
    "a test virus": (
        rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*",
        formats.NotADocument,
    ),
    "a program": (b"MZ\x90\x00" + b"\0" * 100, formats.NotADocument),
    "a script": (b"#!/bin/sh\nrm -rf /\n", formats.NotADocument),
    "RTF": (b"{\\rtf1 hello}", formats.NotADocument),
    "an old Word file": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, formats.NotADocument),
    "a picture": (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, formats.NotADocument),
    "a PDF behind a page": (b"<html>" + made.pdf(), formats.NotADocument),
    "a PDF cut short": (made.pdf(size=5000)[:4000], formats.Damaged),
    "a PDF with a package behind it": (made.pdf() + made.docx(), formats.TwoInOne),
    "a package with a PDF in front": (
        made.packed({"a": made.pdf(), "word/document.xml": b"x"}, stored=("a",)),
        formats.TwoInOne,
    ),
    "a script in a PDF": (made.pdf(more=b"<</S/JavaScript/JS(app.alert(1))>>"), formats.HasCode),
    "a spelled-out script": (made.pdf(more=b"<</S/Java#53cript>>"), formats.HasCode),
    "a command in a PDF": (made.pdf(more=b"<</S /Launch /F(cmd.exe)>>"), formats.HasCode),
    "a file in a PDF": (made.pdf(more=b"<</Type/EmbeddedFile>>"), formats.HasCode),
    "a PDF with a password": (made.pdf(more=b"<</Encrypt 3 0 R>>"), formats.Locked),
    "any package": (made.packed({"readme.txt": b"hello"}), formats.NotADocument),
    "a spreadsheet": (
        made.docx(
            main="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
        ),
        formats.NotADocument,
    ),
    "a text template": (made.odt(mimetype=made.ODT_TYPE + b"-template"), formats.NotADocument),
    "ODT and DOCX at once": (
        made.odt({"[Content_Types].xml": made.WORD.encode(), "word/document.xml": b"x"}),
        formats.TwoInOne,
    ),
    "Word macros": (made.docx({"word/vbaProject.bin": b"x"}), formats.HasCode),
    "Word macros by type": (made.docx(main=made.MACROS), formats.HasCode),
    "ODT macros": (made.odt({"Basic/Standard/Module1.xml": b"x"}), formats.HasCode),
    "an ODT script": (made.odt({"Scripts/python/x.py": b"x"}), formats.HasCode),
    "ActiveX": (made.docx({"word/activeX/activeX1.xml": b"x"}), formats.HasCode),
    "an embedded object": (made.docx({"word/embeddings/oleObject1.bin": b"x"}), formats.HasCode),
    "an object by its content": (
        made.odt({"Object 1": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"}),
        formats.HasCode,
    ),
    "a program inside": (made.docx({"word/media/image1.png": b"MZ\x90"}), formats.HasCode),
    "a template from a server": (
        made.docx(
            {
                "word/_rels/settings.xml.rels": made.relation(
                    "attachedTemplate", "https://evil.example/x.dotm"
                )
            }
        ),
        formats.HasCode,
    ),
    "a template from a share": (
        made.docx(
            {
                "word/_rels/settings.xml.rels": made.relation(
                    "attachedTemplate", "\\\\evil.example\\x.dotm"
                )
            }
        ),
        formats.HasCode,
    ),
    "relationships that hide": (
        made.docx({"word/_rels/a.rels": "<Relationships/>".encode("utf-16")}),
        formats.Damaged,
    ),
    "entities that would hide what it says": (
        made.docx({"word/_rels/a.rels": b'<!DOCTYPE x [<!ENTITY e "External">]><Relationships/>'}),
        formats.Damaged,
    ),
    "a bomb": (made.bomb, formats.TooMuchInside),
    "a bomb that lies": (made.lying_bomb, formats.Damaged),
    "too many entries": (
        made.docx({f"word/{number}.xml": b"" for number in range(2_000)}),
        formats.TooMuchInside,
    ),
    "a password": (made.locked(made.docx()), formats.Locked),
    "a way out": (made.docx({"../../etc/passwd": b"x"}), formats.Damaged),
    "a way to the root": (made.docx({"/etc/passwd": b"x"}), formats.Damaged),
    "a package cut short": (made.docx()[:-30], formats.Damaged),
    "a package that is broken": (
        made.docx().replace(b"word/document.xml", b"word/document.xmL", 1),
        formats.Damaged,
    ),
}


@pytest.mark.parametrize("what", OTHERS)
def test_everything_else_is_refused_in_words(what):
    content, no = OTHERS[what]
    content = content() if callable(content) else content

    with pytest.raises(no) as refused:
        of(content)

    assert str(refused.value).endswith(".")


def test_a_template_on_the_writers_own_machine_is_how_word_saves_files():
    rels = made.relation("attachedTemplate", "file:///C:\\Users\\sol\\Resume.dotx")

    assert of(made.docx({"word/_rels/settings.xml.rels": rels})) is Format.DOCX


def test_a_link_in_the_text_is_no_code():
    rels = made.relation("hyperlink", "https://example.org/")

    assert of(made.docx({"word/_rels/document.xml.rels": rels})) is Format.DOCX


def test_compressed_words_of_a_pdf_are_not_taken_for_orders():
    more = b"5 0 obj<</Length 20>>stream\n/JavaScript /Launch\nendstream endobj\n"

    assert of(made.pdf(more=more)) is Format.PDF


def test_a_no_says_what_it_looks_like():
    with pytest.raises(formats.NotADocument, match="looks like PNG"):
        of(OTHERS["a picture"][0])


@given(
    st.sampled_from([made.pdf(), made.odt(), made.docx(), made.docx({"word/a.rels": b"<x/>"})]),
    st.integers(0, 2000),
    st.binary(max_size=40),
    st.booleans(),
)
def test_whatever_is_broken_is_a_format_or_a_refusal(content, at, other, cut):
    at %= len(content)
    mangled = content[:at] + other + (b"" if cut else content[at + len(other) :])

    with suppress(Refusal):
        assert of(mangled) in list(Format)
