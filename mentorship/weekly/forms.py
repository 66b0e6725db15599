from wtforms import HiddenField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import UUID, AnyOf, Length

from mentorship.relationships.help import Outcome, Reason
from mentorship.web.filters import plural
from mentorship.web.forms import Form
from mentorship.weekly import helping
from mentorship.weekly.finding import Line

_WHICH = "Press one of the buttons beside a line."


class HelpForm(Form):
    reason = HiddenField(validators=[AnyOf(list(Reason), message=_WHICH)])
    subject = HiddenField(validators=[UUID(message=_WHICH)])
    outcome = HiddenField(validators=[AnyOf(list(Outcome), message=_WHICH)])
    note = TextAreaField(
        "Note",
        description="For whoever looks after the chapter. Nothing about health or exams.",
        validators=[Length(max=helping.LONGEST, message=str(helping.TooLong()))],
    )
    weeks = SelectField(
        "Look again",
        choices=[SelectChoice(str(n), f"In {plural(n, 'week')}") for n in helping.WEEKS],
        coerce=int,
        default=1,
    )

    @classmethod
    def of(cls, line: Line) -> "HelpForm":
        """An empty form for a line."""
        return cls(formdata=None, reason=line.reason, subject=str(line.subject_id)).apart()

    def apart(self) -> "HelpForm":
        """Give its fields ids that no other form on the page has."""
        for field in self:
            field.id = f"{field.name}-{self.reason.data}-{self.subject.data}"
        return self


class TakeBackForm(Form):
    help = HiddenField(validators=[UUID(message=_WHICH)])
