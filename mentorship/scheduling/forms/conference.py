"""The shape of what people send about conference meet-ups."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from wtforms import RadioField, SelectChoice, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from mentorship.foundation import clock
from mentorship.profiles.forms.mine import ZoneForm
from mentorship.scheduling.conference.models import LENGTHS
from mentorship.scheduling.conference.queries import Block
from mentorship.scheduling.forms.booking import Clock, instant
from mentorship.web.forms import Day, Form

LONGEST_NAME = 80
LONGEST_QUESTION = 200
_NAME = Length(max=LONGEST_NAME, message=f"Keep it within {LONGEST_NAME} characters.")


class BlockForm(ZoneForm):
    """A stretch of a conference: all times are typed as the clocks there read."""

    conference = StringField(
        "Conference",
        description="For example ACEP Scientific Assembly.",
        validators=[DataRequired("Say which conference it is."), _NAME],
    )
    session = StringField(
        "Tied to a session", description="For example after the tox session.", validators=[_NAME]
    )
    place = StringField(
        "Where",
        description="For example booth 12.",
        validators=[DataRequired("Say where you can be found."), _NAME],
    )
    day = Day("Day", validators=[InputRequired("Choose the day.")])
    opens = Clock("From", validators=[InputRequired("Choose the time.")])
    closes = Clock("To", validators=[InputRequired("Choose the time.")])
    minutes = RadioField(
        "For each student",
        choices=[SelectChoice(each, f"{each} min") for each in LENGTHS],
        coerce=int,
        default=10,
        validators=[InputRequired("Choose how long.")],
        invalid_choice_message="Choose 5, 10 or 15 minutes.",
        invalid_value_message="Choose 5, 10 or 15 minutes.",
    )

    starts_at: datetime | None = None
    ends_at: datetime | None = None
    """When it begins and ends, once the form has been checked."""

    def validate_opens(self, field: Clock) -> None:
        self.starts_at = self._instant(field.data)

    def validate_closes(self, field: Clock) -> None:
        self.ends_at = self._instant(field.data)

    def _instant(self, at: time | None) -> datetime | None:
        """What is typed, as an instant.

        :raises ValidationError: the clocks there go forward over it.
        """
        if at is None or self.day.data is None:
            return None
        there = clock.zone(self.zone.data or "")
        return instant(datetime.combine(self.day.data, at).isoformat(), there)


class MoveForm(Form):
    """Another day, time or place for a block, by the clocks there."""

    day = Day("Day", validators=[InputRequired("Choose the day.")])
    opens = Clock("From", validators=[InputRequired("Choose the time.")])
    place = StringField("Where", validators=[DataRequired("Say where you can be found."), _NAME])

    starts_at: datetime | None = None
    """When it begins, once the form has been checked."""

    def show(self, starts_at: datetime, place: str, *, zone: ZoneInfo) -> None:
        """Show when and where it is, unless something else was typed."""
        self.there = zone
        if not self.is_submitted():
            local = starts_at.astimezone(zone)
            self.day.data, self.opens.data, self.place.data = local.date(), local.time(), place

    def validate_opens(self, field: Clock) -> None:
        if field.data is not None and self.day.data is not None:
            local = datetime.combine(self.day.data, field.data)
            self.starts_at = instant(local.isoformat(), self.there)


class TakeForm(Form):
    """A few minutes, and a line. `offer` says which there are, before anything is checked."""

    slot = RadioField(
        "When",
        coerce=str,
        validators=[InputRequired("Choose a time.")],
        invalid_choice_message="Choose one of the times that are offered.",
    )
    question = TextAreaField(
        "What do you want to ask?",
        description="One line. The mentor reads it ahead.",
        validators=[
            DataRequired("Say in one line what you want to ask."),
            Length(max=LONGEST_QUESTION, message=f"Keep it within {LONGEST_QUESTION} characters."),
        ],
    )

    def offer(self, block: Block, taken: set[datetime], *, now: datetime) -> None:
        """Let the student choose a time that is ahead and free.

        One that is taken meanwhile may still be sent: the verb says what became of it.
        """
        self.free = {each for each in block.starts if each > now and each not in taken}
        self.slot.choices = [SelectChoice(each.isoformat(), "") for each in block.starts]

    @property
    def starts_at(self) -> datetime:
        return datetime.fromisoformat(self.slot.data)
