"""The base of every form: CSRF, the domain's refusal, clean text, and the right status."""

import re
from collections.abc import Iterable, Iterator
from secrets import token_urlsafe
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from werkzeug.datastructures import CombinedMultiDict
from wtforms import DateField, Field, FieldList, FormField

from mentorship.foundation.errors import Refusal
from mentorship.foundation.text import clean

_NOT_A_DAY = "Write the day as the calendar shows it, for example 2026-11-24."


class Form(FlaskForm):
    """On its own it has nothing to fill in: it is a button that was pressed."""

    class Meta(FlaskForm.Meta):
        #: Whether a field of it takes files.
        takes_files = False

        def wrap_formdata(self, form: "Form", formdata: Any) -> Any:
            """Fill a form that was posted from the fields of a page alone, which hold text.

            Flask-WTF would also take JSON, and files where words belong; no validator is ready
            for a number, a list or a file.
            """
            if formdata is None or hasattr(formdata, "getlist"):
                return formdata
            if not form.is_submitted():
                return None
            if self.takes_files:
                return CombinedMultiDict((request.files, request.form))
            return request.form or None

        def bind_field(self, form: "Form", unbound_field: Any, options: dict) -> Field:
            if issubclass(unbound_field.field_class, (FieldList, FormField)):
                return unbound_field.bind(form=form, **options)  # clean is what is inside them
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


class Day(DateField):
    """A day; what is not one gets words that say how to write it."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(_NOT_A_DAY) from error


class Lines(FieldList):
    """Repeated rows. What is posted under a name that no page gives a row is no row."""

    def _extract_indices(self, prefix: str, formdata: Iterable[str]) -> Iterator[int]:
        """WTForms takes every digit of Unicode for a number, and any length of them."""
        plain = re.compile(rf"{re.escape(prefix)}-[0-9]{{1,4}}-")
        return super()._extract_indices(prefix, filter(plain.match, formdata))


def form_key() -> str:
    """A fresh one-time key for a form, by which a doubled submit is recognized."""
    return token_urlsafe(12)
