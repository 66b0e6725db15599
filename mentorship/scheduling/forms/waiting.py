"""The shape of what people send who wait for a place."""

from wtforms import RadioField, SelectChoice, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from mentorship.scheduling.queries import Bookable
from mentorship.vocabulary.kinds import Kind
from mentorship.web.forms import Form

LONGEST_WHY = 200


class WaitForm(Form):
    """A wish for a place. `offer` says which kinds there are, before anything is checked."""

    kind = RadioField(
        "What kind of mentoring",
        validators=[InputRequired("Choose what kind of mentoring it is.")],
        invalid_choice_message="Choose one of the kinds that are offered.",
    )
    why = TextAreaField(
        "Why this mentor?",
        description="One line. The mentor reads it once you have a place.",
        validators=[
            DataRequired("Say in one line why you would like this mentor."),
            Length(max=LONGEST_WHY, message=f"Keep it within {LONGEST_WHY} characters."),
        ],
    )

    def offer(self, mentor: Bookable, *, kind: str = "") -> None:
        """Let the student choose what this mentor offers; `kind` is a suggestion."""
        kinds = [each for each in Kind if each in mentor.offers]
        self.kind.choices = [SelectChoice(each.value, each.label) for each in kinds]
        if not self.is_submitted():
            self.kind.data = kind if kind in kinds else kinds[0] if len(kinds) == 1 else None
