"""The shape of what people send about files. Whether it is allowed is the domain's."""

from uuid import UUID

from werkzeug.datastructures import FileStorage
from wtforms import FileField, RadioField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from mentorship.files import documents, names, shares
from mentorship.files.models import Sort
from mentorship.files.queries import Place
from mentorship.web.forms import Day, Form

_NOTE = Length(max=documents.LONGEST_NOTE, message=documents.NoteTooLong.sentence)


class _Upload(Form):
    class Meta(Form.Meta):
        takes_files = True

    file = FileField("File", description="PDF, ODT or DOCX, at most 10 MB.")
    note = StringField("What is new in it", validators=[_NOTE])

    def validate_file(self, field: FileField) -> None:
        if not isinstance(field.data, FileStorage) or not field.data.filename:
            raise ValidationError("Choose a file.")


class NewFileForm(_Upload):
    sort = RadioField(
        "What is it?",
        choices=[SelectChoice(sort.value, sort.label) for sort in Sort],
        default=Sort.CV.value,
        validators=[InputRequired("Say what it is.")],
    )
    name = StringField(
        "What to call it",
        description="Left empty, it is called as your file is.",
        validators=[
            Length(max=names.LONGEST, message=f"Keep it within {names.LONGEST} characters.")
        ],
    )


class VersionForm(_Upload):
    pass


class ShareForm(Form):
    pairing = SelectField("Show it to", coerce=str, validators=[InputRequired("Choose somebody.")])
    until = Day("Until", validators=[Optional()])

    def offer(self, places: list[Place]) -> None:
        """Let the owner choose among the people of their pairings."""
        self.pairing.choices = [
            SelectChoice(str(place.pairing_id), f"{place.name}, {place.kind}") for place in places
        ]

    @property
    def pairing_id(self) -> UUID:
        return UUID(self.pairing.data)


class CommentForm(Form):
    words = TextAreaField(
        "What do you say to it?",
        validators=[
            InputRequired(shares.NothingSaid.sentence),
            Length(max=shares.LONGEST_COMMENT, message=shares.NothingSaid.sentence),
        ],
    )
