"""The shape of what people type about their safety. Whether it is allowed is the domain's."""

from collections.abc import Sequence
from uuid import UUID

from wtforms import (
    BooleanField,
    FieldList,
    FormField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms import Form as Part
from wtforms.validators import InputRequired, Length

from mentorship.foundation.text import clean
from mentorship.safety import concerns, resources
from mentorship.safety.models import Outcome
from mentorship.safety.queries import Somebody
from mentorship.safety.resources import Resource
from mentorship.web.forms import Form

_WORDS = Length(max=concerns.LONGEST, message=concerns.TooLong.sentence)
_PART = Length(max=resources.LONGEST, message=resources.Unfit.sentence)


class ConcernForm(Form):
    about = SelectField("Who is it about?", default="")
    words = TextAreaField(
        "What worries you?", validators=[InputRequired(concerns.NothingSaid.sentence), _WORDS]
    )
    reach = StringField(
        "How can you be reached?",
        validators=[Length(max=concerns.LONGEST_REACH, message=concerns.ReachTooLong.sentence)],
    )
    may_name = BooleanField("My name may be told to those concerned")
    block = BooleanField("Stop all contact between us now")

    def offer(self, people: Sequence[Somebody], *, chosen: UUID | None) -> None:
        """Let them name one of these people, or nobody; `chosen` is named unless they say so."""
        self.about.choices = [
            SelectChoice("", "Nobody in particular, or somebody not listed"),
            *(SelectChoice(str(one.id), one.name) for one in people),
        ]
        if chosen and not self.is_submitted():
            self.about.data = str(chosen)

    @property
    def about_id(self) -> UUID | None:
        return UUID(self.about.data) if self.about.data else None


class NoteForm(Form):
    words = TextAreaField("Note", validators=[InputRequired("Write the note first."), _WORDS])


class CloseForm(Form):
    outcome = RadioField(
        "What came of it?",
        choices=[SelectChoice(one.value, one.label) for one in Outcome],
        validators=[InputRequired("Choose what came of it.")],
    )


class _Row(Part):
    name = StringField("Who", filters=[clean], validators=[_PART])
    reach = StringField("Number or link", filters=[clean], validators=[_PART])
    about = StringField("What for", filters=[clean], validators=[_PART])


class ResourcesForm(Form):
    rows = FieldList(
        FormField(_Row), "People", min_entries=resources.MOST, max_entries=resources.MOST
    )
    look_within = SelectField(
        "The advisor looks at a concern within",
        choices=[SelectChoice("1", "1 working day")]
        + [SelectChoice(str(days), f"{days} working days") for days in range(2, 6)],
    )

    def show(self, named: Sequence[Resource], *, look_within: int) -> None:
        """Fill the first rows with these, and leave the others blank."""
        self.look_within.data = str(look_within)
        for row, one in zip(self.rows, named, strict=False):
            row.form.name.data, row.form.reach.data = one.name, one.reach
            row.form.about.data = one.about

    def named(self) -> list[Resource]:
        """The rows in which something stands."""
        every = (
            Resource(row.form.name.data or "", row.form.reach.data or "", row.form.about.data or "")
            for row in self.rows
        )
        return [one for one in every if one != Resource("", "")]
