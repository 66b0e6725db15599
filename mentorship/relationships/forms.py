"""The shape of what people type about a relationship. Whether it is allowed is the domain's."""

from collections.abc import Iterable
from uuid import UUID

from wtforms import (
    BooleanField,
    IntegerField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    SubmitField,
    TextAreaField,
)
from wtforms.validators import AnyOf, InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, HiddenInput, ListWidget

from mentorship.relationships import (
    action_items,
    agreements,
    check_ins,
    evaluations,
    fit_checks,
    partings,
    pauses,
)
from mentorship.relationships.agreements import Terms
from mentorship.relationships.check_ins import How
from mentorship.relationships.contacts import rotations
from mentorship.relationships.contacts.models import Way
from mentorship.relationships.goals import goals
from mentorship.relationships.goals.queries import Mentor
from mentorship.relationships.models import Fit, PairingState, Why
from mentorship.web.forms import Day, Form

OTHER = "other"
_FROM_THE_PAGE = "Open the agreement again, then change it."
_PART = Length(max=agreements.LONGEST, message=agreements.TooLong.sentence)


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


class LineForm(Form):
    """The line that may go with an answer from a mail."""

    line = TextAreaField(
        "A line to go with it",
        validators=[Length(max=check_ins.LONGEST, message=check_ins.LineTooLong.sentence)],
    )


class ContactForm(Form):
    """Each way is a button; the day is today unless it is said."""

    way = StringField(
        "How",
        validators=[
            InputRequired("Choose how you were in touch."),
            AnyOf(list(Way), message="Choose how you were in touch."),
        ],
    )
    happened_on = Day("On", description="Today, unless you choose a day.", validators=[Optional()])


class RotationForm(Form):
    place = StringField(
        "Where",
        validators=[
            InputRequired(rotations.NotNamed.sentence),
            Length(max=rotations.LONGEST, message=rotations.NotNamed.sentence),
        ],
    )
    ends_on = Day("Last day", validators=[InputRequired(rotations.NotOnThatDay.sentence)])


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
    goal = SelectField("Toward a goal", choices=[SelectChoice("", "No goal")], default="")

    def between(self, other: str) -> None:
        """Name the other one of the two."""
        self.owner.choices = [SelectChoice("me", "Mine"), SelectChoice("other", other)]

    def toward(self, open_goals: Iterable[tuple[UUID, str]]) -> None:
        """Offer the goals that it can serve."""
        self.goal.choices = [
            SelectChoice("", "No goal"),
            *(SelectChoice(str(id_), what) for id_, what in open_goals),
        ]

    @property
    def goal_id(self) -> UUID | None:
        return UUID(self.goal.data) if self.goal.data else None


class DoneForm(Form):
    came_of_it = StringField(
        "What came of it",
        validators=[
            Length(max=action_items.LONGEST, message=action_items.TooLong.sentence),
        ],
    )


class GoalForm(Form):
    what = StringField(
        "What you want to reach",
        validators=[
            InputRequired(goals.NotSaid.sentence),
            Length(max=goals.LONGEST, message=goals.NotSaid.sentence),
        ],
    )
    how_known = TextAreaField(
        "How you will know",
        validators=[
            InputRequired(goals.NotKnown.sentence),
            Length(max=goals.LONGEST, message=goals.NotKnown.sentence),
        ],
    )
    due_on = Day("By when", validators=[InputRequired("Choose a day.")])


class StepForm(Form):
    step = StringField(
        "Next step",
        validators=[
            InputRequired(goals.NoStep.sentence),
            Length(max=goals.LONGEST, message=goals.NoStep.sentence),
        ],
    )


class SettleForm(Form):
    how = RadioField(
        "How did it go?",
        choices=[
            SelectChoice("reached", "I have reached it"),
            SelectChoice("let_go", "I let it go"),
        ],
        validators=[InputRequired("Choose one of the two.")],
    )
    word = TextAreaField(
        "A word on it",
        validators=[Length(max=goals.LONGEST, message=goals.TooLong.sentence)],
    )


class ShareForm(Form):
    whom = RadioField(
        "Who sees it?",
        choices=[
            SelectChoice("nobody", "Only me"),
            SelectChoice("all", "All my mentors, those of later on as well"),
            SelectChoice("some", "The mentors I choose"),
        ],
        validators=[InputRequired("Choose who sees it.")],
    )
    mentors = SelectMultipleField(
        "Which mentors", choices=[], option_widget=CheckboxInput(), widget=ListWidget()
    )

    def offer(self, mentors: Iterable[Mentor]) -> None:
        self.mentors.choices = [SelectChoice(str(one.id), one.name) for one in mentors]

    @property
    def mentor_ids(self) -> list[UUID]:
        return [UUID(one) for one in self.mentors.data or ()] if self.whom.data == "some" else []


class PauseForm(Form):
    why = StringField(
        "Why, in a line",
        validators=[Length(max=pauses.LONGEST, message=pauses.TooLong.sentence)],
    )
    until = Day("Until", validators=[Optional()])


class EndForm(Form):
    state = RadioField(
        "How does it end?",
        choices=[
            SelectChoice(PairingState.COMPLETED.value, "It did what it was for"),
            SelectChoice(PairingState.ENDED.value, "It is not the right fit, or not now"),
        ],
        validators=[InputRequired("Choose one of the two.")],
    )
    words = TextAreaField(
        "A kind word to end with",
        validators=[Length(max=partings.LONGEST, message=partings.TooLong.sentence)],
    )
    why = SelectField(
        "Why, if you like to say",
        choices=[
            SelectChoice("", "I would rather not say"),
            *(SelectChoice(why.value, why.label) for why in Why),
        ],
        default="",
    )
    in_private = TextAreaField(
        "Anything more about that",
        validators=[Length(max=partings.LONGEST, message=partings.TooLong.sentence)],
    )
    tell = BooleanField("Show these two to the coordinators")
    another = BooleanField("Find me another mentor of this kind")


class FitForm(Form):
    said = RadioField(
        "Is this a good fit?",
        choices=[SelectChoice(fit.value, fit.label) for fit in Fit],
        validators=[InputRequired("Choose one of the three.")],
    )
    line = TextAreaField(
        "A line for the coordinators",
        validators=[Length(max=fit_checks.LONGEST, message=fit_checks.TooLong.sentence)],
    )
    another = BooleanField("If it is not a fit: find me another mentor of this kind")


class AgreementForm(Form):
    version = IntegerField(
        validators=[InputRequired(_FROM_THE_PAGE), NumberRange(0, 2**31 - 1, _FROM_THE_PAGE)],
        widget=HiddenInput(),
    )
    how_often = TextAreaField("How often", validators=[_PART])
    by_what = TextAreaField("How you meet", validators=[_PART])
    what_for = TextAreaField("What for", validators=[_PART])
    confidence = TextAreaField("What stays between you", validators=[_PART])

    @property
    def terms(self) -> Terms:
        parts = (self.how_often, self.by_what, self.what_for, self.confidence)
        return Terms(*(part.data or "" for part in parts))


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
