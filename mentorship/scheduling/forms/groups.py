"""The shape of what people send about group sessions."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from wtforms import (
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import DataRequired, InputRequired, Length

from mentorship.scheduling.forms.booking import Clock, typed
from mentorship.scheduling.groups.models import LENGTHS, MOST_SEATS, Audience
from mentorship.web.forms import Day, Form

LONGEST_TITLE, LONGEST_ABOUT, LONGEST_PLACE = 80, 500, 200
_NO_LENGTH = "Choose one of the lengths that are offered."


def _within(most: int) -> Length:
    return Length(max=most, message=f"Keep it within {most} characters.")


class _Placed(Form):
    """When and where a session is, by the clock of whoever types."""

    day = Day("Day", validators=[InputRequired("Choose the day.")])
    at = Clock("Begins at", validators=[InputRequired("Choose the time.")])
    place = StringField(
        "Where",
        description="A room, or a link to a call.",
        validators=[DataRequired("Say where it is."), _within(LONGEST_PLACE)],
    )

    zone: ZoneInfo
    starts_at: datetime | None = None
    """When it begins, once the form has been checked."""

    def validate(self, extra_validators: Any = None) -> bool:
        fine = super().validate(extra_validators)
        if self.day.data is None or self.at.data is None:
            return False
        try:
            self.starts_at = typed(self.day.data, self.at.data, self.zone)
        except ValidationError as error:
            self.at.errors = [*self.at.errors, str(error)]
        return fine and self.starts_at is not None


class ChangeForm(_Placed):
    """Another time or place for a session."""

    def show(self, starts_at: datetime, place: str, *, zone: ZoneInfo) -> None:
        """Show when and where it is by this clock, unless something else was typed."""
        self.zone = zone
        if not self.is_submitted():
            local = starts_at.astimezone(zone)
            self.day.data, self.at.data, self.place.data = local.date(), local.time(), place


class SessionForm(_Placed):
    """A session of one's own, or, for a coordinator, of a mentor who is asked."""

    mentor = SelectField(
        "Mentor",
        description="They are asked, and it opens once they say yes.",
        validate_choice=False,
    )
    title = StringField(
        "What it is about",
        description="It stands in calendars, which others may read too.",
        validators=[DataRequired("Say what it is about."), _within(LONGEST_TITLE)],
    )
    about = TextAreaField("What to expect, or to bring", validators=[_within(LONGEST_ABOUT)])
    minutes = RadioField(
        "How long",
        choices=[SelectChoice(each, f"{each} min") for each in LENGTHS],
        coerce=int,
        default=60,
        validators=[InputRequired("Choose how long.")],
        invalid_choice_message=_NO_LENGTH,
        invalid_value_message=_NO_LENGTH,
    )
    seats = StringField(
        "Seats",
        description=f"From 1 to {MOST_SEATS}. Who comes later waits in line.",
        validators=[InputRequired("Write how many seats there are.")],
    )
    audience = RadioField(
        "Who may come",
        choices=[
            SelectChoice(Audience.CHAPTER.value, "Every student of the chapter"),
            SelectChoice(Audience.MENTEES.value, "The mentor’s own mentees"),
        ],
        default=Audience.CHAPTER.value,
        validators=[InputRequired("Choose who may come.")],
        invalid_choice_message="Choose who may come.",
    )

    def offer(self, mentors: Sequence[tuple[UUID, str]], *, zone: ZoneInfo) -> None:
        """Say whose clock is typed, and whom it can be for; nobody else than oneself is none."""
        self.zone = zone
        self.mentor.choices = [SelectChoice(str(id_), name) for id_, name in mentors]

    @property
    def seat_count(self) -> int:
        return int(self.seats.data or "")

    @property
    def mentor_id(self) -> UUID:
        return UUID(self.mentor.data)

    def validate_mentor(self, field: SelectField) -> None:
        known = {choice.value for choice in field.choices}
        if known and field.data not in known:
            raise ValidationError("Choose a mentor of the chapter.")

    def validate_seats(self, field: StringField) -> None:
        if not re.fullmatch("[0-9]{1,3}", field.data or "", re.ASCII):
            raise ValidationError(f"Write a number of seats from 1 to {MOST_SEATS}.")
