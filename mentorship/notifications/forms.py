"""The shape of what a person wants to be reminded of. Whether it is allowed is the domain's."""

from collections.abc import Iterable
from datetime import time

from wtforms import SelectChoice, SelectField, SelectMultipleField
from wtforms.validators import ValidationError

from mentorship.notifications.nudges.choices import Choices
from mentorship.notifications.nudges.kind import NudgeKind
from mentorship.notifications.nudges.pace import Quiet
from mentorship.web.filters import hour
from mentorship.web.forms import Form

_HOURS = [SelectChoice(str(each), hour(time(each))) for each in range(24)]
_NOT_LISTED = "Choose from the list."


class Hour(SelectField):
    """A full hour of the day."""

    def __init__(self, *args: object, **more: object) -> None:
        super().__init__(*args, choices=_HOURS, validate_choice=False, **more)

    def pre_validate(self, form: Form) -> None:
        if self.data not in {str(choice.value) for choice in _HOURS}:
            raise ValidationError(_NOT_LISTED)


class MailForm(Form):
    """Which reminders, and when none. `offer` says what can be chosen."""

    kinds = SelectMultipleField("Remind me of", validate_choice=False)
    quiet_begins = Hour("Quiet from")
    quiet_ends = Hour("until")

    @classmethod
    def shown(cls, choices: Choices, kinds: Iterable[NudgeKind]) -> "MailForm":
        """The form as somebody has filled it in before, with these kinds to choose from."""
        kinds = list(kinds)
        form = cls(
            data={
                "kinds": [kind.name for kind in kinds if choices.want(kind.name)],
                "quiet_begins": str(choices.quiet.begins),
                "quiet_ends": str(choices.quiet.ends),
            }
        )
        form.kinds.choices = [SelectChoice(kind.name, kind.label) for kind in kinds]
        return form

    @property
    def quiet(self) -> Quiet:
        return Quiet(int(self.quiet_begins.data), int(self.quiet_ends.data))
