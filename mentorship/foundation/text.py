"""Text as it may be kept: what people type and what files bring, made safe to store and show."""

import unicodedata
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
