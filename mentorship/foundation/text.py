"""Text as it may be kept: what people type and what files bring, made safe to store and show."""

import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

#: Characters that have no business in a line of text: controls, and marks that reverse what
#: comes after them on the page. Right-to-left text itself needs none of these.
_HIDDEN = {*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF, 0xFFFE, 0xFFFF}


def clean(value: Any) -> Any:
    """Text without invisible characters, in one Unicode form, trimmed; anything else as it is."""
    if not isinstance(value, str):
        return value
    kept = (
        letter
        for letter in unicodedata.normalize("NFC", value.replace("\r\n", "\n"))
        if letter in "\n\t"
        or (ord(letter) not in _HIDDEN and unicodedata.category(letter) not in ("Cc", "Cs"))
    )
    return "".join(kept).strip()


def quoted(cell: str) -> str:
    """A cell inside a sentence, cut where it would fill the page."""
    return f"“{cell if len(cell) <= 40 else cell[:39].rstrip() + '…'}”"


def nearest(word: str, words: Iterable[str], suggest: bool = True) -> str:
    """A question after the word that was perhaps meant; nothing when none is near."""
    if not suggest or not 3 < len(word) <= 60:
        return ""
    by_plain = {one.casefold(): one for one in words}
    near = get_close_matches(word.casefold(), by_plain, n=1, cutoff=0.6)
    return f" Did you mean {by_plain[near[0]]}?" if near else ""
