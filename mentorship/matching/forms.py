"""The shape of what a coordinator says about a run. Whether it is allowed is the domain's."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from wtforms import (
    BooleanField,
    HiddenField,
    IntegerField,
    SearchField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
)
from wtforms.validators import AnyOf, InputRequired, NumberRange, ValidationError
from wtforms.widgets import CheckboxInput, HiddenInput, ListWidget

from mentorship.matching.models import Mark
from mentorship.vocabulary.cycles import cycles
from mentorship.vocabulary.kinds import Kind
from mentorship.web.forms import Form

EVERY = ""
#: A name that is searched for is cut after so many letters.
LONGEST_NAME = 80
_KINDS = [SelectChoice(kind.value, kind.label) for kind in Kind]


def _first_words(typed: str | None) -> str:
    return (typed or "")[:LONGEST_NAME]


class StartForm(Form):
    cycle = SelectField("Application cycle", validate_choice=False)
    kinds = SelectMultipleField(
        "Kinds of mentor",
        choices=_KINDS,
        validate_choice=False,
        option_widget=CheckboxInput(),
        widget=ListWidget(),
    )

    def offer_cycles(self) -> None:
        """Let the coordinator choose among the cycles on file, newest first."""
        self.cycle.choices = [
            SelectChoice(key, f"{cycle.name}, {cycle.application_service}")
            for key, cycle in reversed(cycles().items())
        ]

    def validate_kinds(self, field: SelectMultipleField) -> None:
        """None at all is for the domain to refuse."""
        if not {kind.value for kind in Kind}.issuperset(field.data or ()):
            raise ValidationError("Choose kinds from the list.")


class PressForm(Form):
    """Nothing to fill in: a button was pressed."""


class PublishForm(Form):
    draft = IntegerField(
        widget=HiddenInput(),
        validators=[
            InputRequired("Open the draft again, and publish it from there."),
            NumberRange(0, 32767, "Open the draft again, and publish it from there."),
        ],
    )
    looked = BooleanField("I have looked at the marked pairs")

    def validate_looked(self, field: BooleanField) -> None:
        if self.to_look_at and not field.data:
            raise ValidationError("Look at the marked pairs first, and say so here.")

    #: How many pairs of the draft carry a caution.
    to_look_at = 0


class MarkForm(Form):
    """What the buttons of a pair send. Nobody types it."""

    mentee = HiddenField(validators=[InputRequired()])
    mentor = HiddenField(validators=[InputRequired()])
    kind = HiddenField(validators=[AnyOf([kind.value for kind in Kind])])
    mark = HiddenField(validators=[AnyOf(["none", *(mark.value for mark in Mark)])])


class PairsForm(Form):
    """Which pairs of a draft to show. Sent by GET."""

    class Meta(Form.Meta):
        csrf = False

    q = SearchField("Student or mentor", filters=[_first_words])
    kind = SelectField("Kind", choices=[SelectChoice(EVERY, "All kinds"), *_KINDS], default=EVERY)
    show = SelectField(
        "Show",
        choices=[
            SelectChoice(EVERY, "Strongest first"),
            SelectChoice("weakest", "Weakest first"),
            SelectChoice("look", "To look at"),
            SelectChoice("marked", "Pinned or set aside"),
        ],
        default=EVERY,
    )


class WhyNotForm(Form):
    """Whom to ask about. Sent by GET."""

    class Meta(Form.Meta):
        csrf = False

    mentee = SelectField("Student", validators=[InputRequired("Choose a student.")])
    mentor = SelectField("Mentor", validators=[InputRequired("Choose a mentor.")])
    kind = SelectField("Kind", validate_choice=False, validators=[InputRequired("Choose a kind.")])

    def validate_kind(self, field: SelectField) -> None:
        if field.data not in {choice.value for choice in field.choices}:
            raise ValidationError("Choose a kind from the list.")

    def offer(
        self, students: Mapping[UUID, str], mentors: Mapping[UUID, str], kinds: Iterable[Kind]
    ) -> None:
        """Let the reader choose among these people and kinds."""
        self.kind.choices = [SelectChoice(kind.value, kind.label) for kind in kinds]
        for field, people, nobody in (
            (self.mentee, students, "Choose a student"),
            (self.mentor, mentors, "Choose a mentor"),
        ):
            field.choices = [
                SelectChoice(EVERY, nobody),
                *(SelectChoice(str(member_id), name) for member_id, name in people.items()),
            ]
