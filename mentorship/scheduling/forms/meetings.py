"""The shape of what people type on a meeting's page. Whether it is allowed is the domain's."""

import re

from wtforms import (
    BooleanField,
    HiddenField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import AnyOf, DataRequired, Length, Optional

from mentorship.relationships import action_items
from mentorship.scheduling import agendas, sendings
from mentorship.scheduling.models import ItemKind, Part
from mentorship.web.forms import Day, Form

#: What the minutes of an item are chosen from; other lengths stay as they are.
LENGTHS = (3, 5, 8, 10, 15, 20, 25, 30)


def read_minutes(written: object) -> int:
    """A number of minutes; what is none is no length that anything has."""
    text = str(written)
    return int(text) if re.fullmatch("[0-9]{1,3}", text, re.ASCII) else 0


def minutes_of_an_item() -> SelectField:
    """How long an item of an agenda takes."""
    return SelectField(
        "Minutes",
        choices=[SelectChoice(str(length), f"{length} min") for length in LENGTHS],
        coerce=read_minutes,
        default=5,
        validate_choice=False,
    )


class AgendaItemForm(Form):
    kind = SelectField(
        "Kind",
        choices=[SelectChoice(kind.value, kind.label) for kind in ItemKind],
        default=ItemKind.QUESTION,
        validate_choice=False,
        validators=[Optional(), AnyOf(list(ItemKind), message="Choose what it is.")],
    )
    what = StringField(
        "Add a question or a topic",
        validators=[
            DataRequired("Say what you want to get to."),
            Length(max=agendas.LONGEST, message=agendas.NotSaid.sentence),
        ],
    )
    minutes = minutes_of_an_item()
    link = StringField(
        "Link, for what is to be read",
        validators=[Length(max=agendas.LONGEST_LINK, message=agendas.NoLink.sentence)],
    )
    seen = HiddenField()

    @property
    def chosen(self) -> ItemKind:
        """What it is; a question, where nobody says."""
        return ItemKind(self.kind.data or ItemKind.QUESTION)

    def keep_length(self, minutes: int) -> None:
        """Let an item keep the minutes that it has, though the list does not offer them."""
        offered = sorted({*LENGTHS, minutes or self.minutes.default})
        self.minutes.choices = [SelectChoice(str(one), f"{one} min") for one in offered]


class SendingForm(Form):
    """When an agenda goes ahead, and what goes along."""

    warned = False
    """Whether the words were sent back because they may be about a patient."""

    hours = SelectField(
        "Send the agenda to both of you",
        choices=[
            *(SelectChoice(str(hours), f"{hours} hours before") for hours in sendings.CHOICES),
            SelectChoice("", "Not by mail"),
        ],
        coerce=lambda typed: read_minutes(typed) if typed else None,
        validate_choice=False,
    )
    along = TextAreaField(
        "What your mentor should know first",
        validators=[Length(max=sendings.LONGEST, message=sendings.TooMuchAlong.sentence)],
    )
    along_anyway = BooleanField("It is about nobody’s care. Save it as it is")


class RestoreForm(Form):
    version = HiddenField()
    seen = HiddenField()

    @property
    def wanted(self) -> tuple[int, int]:
        """The version to go back to, and the one that was on the page."""
        return _version(self.version.data), _version(self.seen.data)


def _version(written: str | None) -> int:
    """The number of a version; what is not one is taken for none that ever was."""
    written = written or ""
    return int(written) if re.fullmatch("[0-9]{1,9}", written, re.ASCII) else -1


class SharedNotesForm(Form):
    warned = False
    """Whether the words were sent back because they may be about a patient."""

    words = TextAreaField("Shared notes")
    version = HiddenField()
    anyway = BooleanField("It is about nobody’s care. Save it as it is")

    @property
    def seen_version(self) -> int:
        """The version that was on the page; what is not one is taken for none that ever was."""
        return _version(self.version.data)


class PrivateNotesForm(Form):
    warned = False
    """Whether the words were sent back because they may be about a patient."""

    private = TextAreaField("Private notes")
    private_anyway = BooleanField("It is about nobody’s care. Save it as it is")


class TaskForm(Form):
    """An action item that comes out of a meeting."""

    task = StringField(
        "What is to be done",
        validators=[
            DataRequired(action_items.NotSaid.sentence),
            Length(max=action_items.LONGEST, message=action_items.NotSaid.sentence),
        ],
    )
    owner = RadioField(
        "Whose it is",
        choices=[SelectChoice("me", "Mine"), SelectChoice("other", "Theirs")],
        default="me",
        validate_choice=False,
        validators=[AnyOf(["me", "other"], message="Choose whose it is.")],
    )
    due_on = Day("Due", validators=[Optional()])

    def between(self, other: str) -> None:
        """Name the other one of the two."""
        self.owner.choices = [SelectChoice("me", "Mine"), SelectChoice("other", other)]


class AbsenceForm(Form):
    absent = RadioField(
        "Who did not come?",
        choices=[SelectChoice(part.value, part.value.capitalize()) for part in Part],
        validate_choice=False,
        validators=[AnyOf(list(Part), message="Choose who did not come.")],
    )

    def between(self, *, me: Part, other: str) -> None:
        """Name the two as the reader calls them."""
        them = Part.MENTEE if me is Part.MENTOR else Part.MENTOR
        self.absent.choices = [SelectChoice(them.value, other), SelectChoice(me.value, "I did not")]
