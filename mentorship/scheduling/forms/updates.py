"""The shape of what a student writes to several mentors, and of thanks."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from wtforms import BooleanField, FormField, SelectChoice, SelectMultipleField, TextAreaField
from wtforms import Form as Part
from wtforms.validators import InputRequired, Length

from mentorship.foundation.text import clean
from mentorship.relationships.contacts import updates
from mentorship.relationships.contacts.models import LONGEST
from mentorship.relationships.contacts.updates import Copy, Mentor
from mentorship.scheduling.thanks import models as thanks
from mentorship.scheduling.thanks.thanks import NotSaid
from mentorship.web.forms import Form


class UpdateForm(Form):
    words = TextAreaField(
        "What has happened",
        validators=[
            InputRequired(updates.NotSaid.sentence),
            Length(max=LONGEST, message=updates.NotSaid.sentence),
        ],
    )
    to = SelectMultipleField(
        "To",
        validators=[InputRequired(updates.ToNobody.sentence)],
        validate_choice=False,
    )
    own_address = BooleanField("Let them answer to my own email address")

    def offer(self, mentors: Sequence[Mentor]) -> None:
        """Let the student choose among these."""
        self.to.choices = [SelectChoice(str(one.pairing_id), one.name) for one in mentors]

    @property
    def chosen(self) -> list[UUID]:
        offered = {choice.value for choice in self.to.choices}
        return [UUID(one) for one in self.to.data or () if one in offered]


def lines_form(copies: Sequence[Copy]) -> Form:
    """A form with one line for each mentor that an update goes to."""
    fields: dict[str, Any] = {
        one.pairing_id.hex: TextAreaField(
            f"Only {one.name} reads this line",
            filters=[clean],
            default=one.line,
            validators=[
                Length(max=updates.LONGEST_LINE, message=updates.LineTooLong.sentence),
            ],
        )
        for one in copies
    }
    part = type("Lines", (Part,), fields)
    made: type[Form] = type("LinesForm", (Form,), {"lines": FormField(part)})
    return made()


def lines_of(form: Form) -> Mapping[UUID, str]:
    """What stands in the lines, by pairing."""
    return {UUID(name): words or "" for name, words in form["lines"].data.items()}


class ThanksForm(Form):
    words = TextAreaField(
        "What you are thankful for",
        validators=[
            InputRequired(NotSaid.sentence),
            Length(max=thanks.LONGEST, message=NotSaid.sentence),
        ],
    )
