"""What a file is called once it is here."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentorship.files.names import LONGEST, tidy


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("CV.pdf", "CV"),
        ("J. Doe CV v1.2.pdf", "J. Doe CV v1.2"),
        ("cv.pdf.exe", "cv"),
        ("cv.exe.pdf", "cv"),
        ("page.html.docx", "page"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\sol\\Desktop\\cv.docx", "cv"),
        ("/etc/cron.d/x.odt", "x"),
        ("cv\0.pdf", "cv"),
        ("cv\r\nSet-Cookie: a=b.pdf", "cv Set-Cookie a=b"),
        ("cv\u202efdp.exe", "cvfdp"),
        ("c\u200bv\ufeff.pdf", "cv"),
        ('cv"; filename="evil.exe', "cv filename= evil"),
        ("履歴書.pdf", "履歴書"),
        ("Résumé d'été.odt", "Résumé d'été"),
        ("con.pdf", "CV con"),
        ("COM1.docx", "CV COM1"),
        (".pdf", "CV"),
        ("...", "CV"),
        ("", "CV"),
        ("x" * 300 + ".pdf", "x" * 80),
    ],
)
def test_a_name_keeps_its_words_and_nothing_else(given, kept):
    assert tidy(given, otherwise="CV") == kept


@given(st.text(max_size=200))
def test_no_name_holds_a_path_a_control_or_a_mark(name):
    kept = tidy(name, otherwise="CV")

    assert 0 < len(kept) <= LONGEST + 3
    assert not set(kept) & set('/\\<>:"|?*%\0')
    assert not kept.startswith(".")
    for letter in kept:
        assert unicodedata.category(letter) not in ("Cc", "Cf", "Cs"), kept
    assert tidy(kept, otherwise="CV") == kept
