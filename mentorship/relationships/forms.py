"""The shape of what people type about a relationship. Whether it is allowed is the domain's."""

from wtforms import (
    BooleanField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    SubmitField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Optional

from mentorship.relationships import action_items, check_ins, evaluations
from mentorship.relationships.check_ins import How
from mentorship.relationships.models import PairingState
from mentorship.web.forms import Day, Form

OTHER = "other"


class CheckInForm(Form):
    how = RadioField(
        "How is this going?",
        choices=[SelectChoice(how.value, how.label) for how in How],
        validators=[InputRequired("Choose one of the four.")],
    )
    line = TextAreaField(
        "What has moved?",
        validators=[
            Length(max=check_ins.LONGEST, message=check_ins.LineTooLong.sentence),
        ],
    )
    happened_on = Day("On", description="Today, unless you choose a day.", validators=[Optional()])
    nothing = SubmitField("Nothing to report")


class ActionItemForm(Form):
    what = StringField(
        "What is to be done",
        validators=[
            InputRequired(action_items.NotSaid.sentence),
            Length(max=action_items.LONGEST, message=action_items.NotSaid.sentence),
        ],
    )
    owner = RadioField(
        "Whose it is",
        choices=[SelectChoice("me", "Mine"), SelectChoice("other", "Theirs")],
        default="me",
    )
    due_on = Day("Due", validators=[Optional()])

    def between(self, other: str) -> None:
        """Name the other one of the two."""
        self.owner.choices = [SelectChoice("me", "Mine"), SelectChoice("other", other)]


class EndForm(Form):
    state = RadioField(
        "How does it end?",
        choices=[
            SelectChoice(PairingState.COMPLETED.value, "It did what it was for"),
            SelectChoice(PairingState.ENDED.value, "It is not the right fit, or not now"),
        ],
        validators=[InputRequired("Choose one of the two. Nobody else is shown it.")],
    )


class BlockForm(Form):
    """Nothing to fill in: the page asks once more, and this is the yes."""


class EvaluationForm(Form):
    role = SelectField(
        "Your role",
        choices=[
            SelectChoice("", "Choose a role"),
            *(SelectChoice(role, role) for role in evaluations.ROLES),
            SelectChoice(OTHER, "Another role"),
        ],
        validators=[InputRequired("Choose a role.")],
    )
    other_role = StringField(
        "If it is another role, which",
        validators=[Length(max=evaluations.LONGEST, message=evaluations.NotNamed.sentence)],
    )
    whom = RadioField(
        "Whom you evaluate",
        choices=[
            SelectChoice("all", "All students of this chapter"),
            SelectChoice("one", "One student"),
        ],
        validators=[InputRequired("Choose whom you evaluate.")],
    )
    student_email = StringField(
        "The student’s email address",
        description="Only if it is one student.",
        validators=[Length(max=254, message="Keep the address within 254 characters.")],
    )
    starts_on = Day("From", validators=[InputRequired("Choose the first day.")])
    ends_on = Day("Until", description="Leave it empty while it is open.", validators=[Optional()])
    agreed = BooleanField("End these wellness pairings now")

    @property
    def role_name(self) -> str:
        return (self.other_role.data or "") if self.role.data == OTHER else self.role.data
