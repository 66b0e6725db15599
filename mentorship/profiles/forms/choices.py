"""Choices from a list, with words for those that are not on it."""

from typing import Any

from wtforms import (
    Choice,
    Field,
    RadioField,
    SelectField,
    SelectMultipleField,
    ValidationError,
)

NOT_LISTED = "Choose from the list."


class One(SelectField):
    """One of many, in a drop-down."""

    def pre_validate(self, form: Any) -> None:
        _insist(self, [self.data] if self.data is not None else [])


class OneOf(RadioField):
    """One of a few, all in sight. None chosen is no choice, and no mistake."""

    def pre_validate(self, form: Any) -> None:
        _insist(self, [self.data] if self.data else [])


class Several(SelectMultipleField):
    """Any number of many, as check boxes."""

    def pre_validate(self, form: Any) -> None:
        _insist(self, self.data or [])


class SeveralOfALongList(Several):
    """What was chosen before stands first, where it is seen."""

    def iter_choices(self) -> list[Choice]:
        return sorted(super().iter_choices(), key=lambda choice: not choice.selected)


def _insist(field: Field, chosen: list[str]) -> None:
    listed = {str(choice.value) for choice in field.iter_choices()}
    if not listed >= {str(one) for one in chosen}:
        raise ValidationError(NOT_LISTED)
