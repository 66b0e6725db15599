"""The base of every form: CSRF, the domain's refusal, clean text, and the right status."""

import unicodedata
from secrets import token_urlsafe
from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field

from mentorship.foundation.errors import Refusal

#: Characters that have no business in a line of text: controls, and marks that reverse what
#: comes after them on the page. Right-to-left text itself needs none of these.
_HIDDEN = {*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF, 0xFFFE, 0xFFFF}


class Form(FlaskForm):
    class Meta(FlaskForm.Meta):
        def bind_field(self, form: "Form", unbound_field: Any, options: dict) -> Field:
            filters = [*unbound_field.kwargs.get("filters", []), clean]
            return unbound_field.bind(form=form, filters=filters, **options)

    def refuse(self, refusal: Refusal, field: str = "") -> None:
        """Show the domain's no above the form, or beside the field that it is about."""
        if field:
            self[field].errors = [*self[field].errors, str(refusal)]
        else:
            self.form_errors.append(str(refusal))

    @property
    def status(self) -> int:
        """200 when first shown, 422 when it comes back: only a redirect means it worked."""
        return 422 if self.is_submitted() else 200


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


def form_key() -> str:
    """A fresh one-time key for a form, by which a doubled submit is recognized."""
    return token_urlsafe(12)
