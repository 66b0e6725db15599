"""The shape of what a coordinator types on the page of agenda templates."""

from collections.abc import Sequence

from wtforms import Form as Part
from wtforms import FormField, SelectChoice, SelectField, StringField
from wtforms.validators import Length

from mentorship.foundation.text import clean
from mentorship.scheduling import agenda_templates
from mentorship.scheduling.agenda_templates import Line
from mentorship.scheduling.forms.meetings import minutes_of_an_item
from mentorship.scheduling.models import ItemKind
from mentorship.web.forms import Form, Lines

_KINDS = [kind for kind in ItemKind if kind is not ItemKind.READING]


class _Row(Part):
    kind = SelectField(
        "Kind",
        choices=[SelectChoice(kind.value, kind.label) for kind in _KINDS],
        default=ItemKind.QUESTION,
        validate_choice=False,
    )
    what = StringField(
        "Item",
        filters=[clean],
        validators=[Length(max=agenda_templates.LONGEST, message=agenda_templates.Unfit.sentence)],
    )
    minutes = minutes_of_an_item()


class TemplateForm(Form):
    """What agendas of one kind and phase are started with: as many rows as there may be."""

    lines = Lines(
        FormField(_Row),
        "Items",
        min_entries=agenda_templates.MOST,
        max_entries=agenda_templates.MOST,
    )

    def show(self, lines: Sequence[Line]) -> None:
        """Fill the first rows with these, and leave the others blank."""
        for row, line in zip(self.lines, lines, strict=False):
            row.form.kind.data, row.form.what.data = line.kind, line.what
            row.form.minutes.data = line.minutes or row.form.minutes.default

    def chosen(self) -> list[Line]:
        """The rows in which something stands.

        :raises agenda_templates.Unfit: something was sent that the page does not offer.
        """
        filled = [row.form for row in self.lines if row.form.what.data]
        if any(row.kind.data not in set(_KINDS) for row in filled):
            raise agenda_templates.Unfit
        kinds = [ItemKind(row.kind.data) for row in filled]
        return [
            Line(kind, row.what.data, row.minutes.data if kind.timed else 0)
            for kind, row in zip(kinds, filled, strict=True)
        ]
