"""The shape of what is typed about who runs a chapter. Whether it is allowed is the domain's."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from uuid import UUID

from wtforms import BooleanField, RadioField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from mentorship.tenancy import memberships, support
from mentorship.tenancy.roles import Reach, Role
from mentorship.web.forms import Day, Form


class RoleForm(Form):
    role = SelectField("Role", validators=[InputRequired("Choose a role.")])
    begins_on = Day("First day", validators=[Optional()])
    ends_on = Day(
        "Last day",
        validators=[Optional()],
        description="The role counts until midnight at the end of this day, and then no more.",
    )

    def offer(self, roles: Iterable[Role]) -> None:
        self.role.choices = [SelectChoice(role.value, role.label) for role in roles]

    def show(self, role: Role, *, begins_on: date | None, ends_on: date | None) -> None:
        self.role.data, self.begins_on.data, self.ends_on.data = role.value, begins_on, ends_on


class TakeAwayForm(Form):
    role = SelectField(
        choices=[SelectChoice(role.value, role.label) for role in Role],
        validators=[InputRequired("Choose a role.")],
    )


class ConfirmForm(Form):
    """Nothing but the button, which says so: a form that comes empty confirms nothing."""

    sure = BooleanField(validators=[InputRequired("Use the button below to go ahead.")])


class HandOverForm(Form):
    role = RadioField("Which role")
    to = SelectField("Who follows you", validators=[InputRequired("Choose who follows you.")])
    starts_on = Day("They begin on", validators=[InputRequired("Say when they begin.")])
    words = TextAreaField(
        "What should they know?",
        validators=[Length(max=memberships.LONGEST, message=memberships.TooMuch.sentence)],
    )

    def offer(self, roles: Sequence[Role], people: Iterable) -> None:
        self.role.choices = [SelectChoice(role.value, role.label) for role in roles]
        self.to.choices = [
            SelectChoice("", "Choose a person"),
            *(SelectChoice(str(one.id), one.name) for one in people),
        ]
        if not self.is_submitted():
            self.role.data = roles[0].value

    @property
    def to_id(self) -> UUID:
        return UUID(self.to.data)


def _hours(lasts: timedelta) -> int:
    return int(lasts.total_seconds() // 3600)


class _Lasting(Form):
    reach = RadioField(
        "What they may do",
        choices=[SelectChoice(reach.value, reach.label) for reach in Reach],
        default=Reach.READS.value,
    )
    hours = SelectField(
        "For how long",
        choices=[
            SelectChoice(
                str(_hours(lasts)),
                f"{_hours(lasts)} hours" if lasts.days < 2 else f"{lasts.days} days",
            )
            for lasts in support.CHOICES
        ],
        default=str(_hours(support.USUAL)),
    )

    @property
    def lasts(self) -> timedelta:
        return timedelta(hours=int(self.hours.data))


class ConsentForm(_Lasting):
    pass


_WHY = [
    InputRequired(support.NoReason.sentence),
    Length(max=support.LONGEST, message=support.NoReason.sentence),
]


class LetInForm(_Lasting):
    email = StringField(
        "Their email address", validators=[InputRequired("Write the address of a network admin.")]
    )
    why = TextAreaField("Why", validators=_WHY)


class AskForm(Form):
    chapter = StringField(
        "Chapter",
        validators=[InputRequired("Write the chapter’s address.")],
        description="The part after /c/ in its address, like cedar-valley.",
    )
    why = TextAreaField("Why", validators=_WHY)
    reach = RadioField(
        "What you need to do",
        choices=[
            SelectChoice(Reach.READS.value, "Look, and change nothing"),
            SelectChoice(Reach.RUNS.value, "Do what coordinators do"),
        ],
        default=Reach.READS.value,
    )
