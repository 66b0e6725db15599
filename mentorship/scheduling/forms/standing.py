"""The shape of what people send about standing meetings."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from wtforms import (
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Length, Optional

from mentorship.scheduling.forms.booking import (
    LONGEST_PURPOSE,
    LONGEST_WORD,
    ProposeForm,
    how_long,
    length_shown,
)
from mentorship.scheduling.queries import Bookable
from mentorship.scheduling.standing.models import MOST_TIMES, MOST_WEEKS
from mentorship.web.forms import Day, Form

_OPEN, _UNTIL, _TIMES = "open", "until", "times"


class StandingForm(ProposeForm):
    """How often, up to when, and a first date: one that is offered, or for a mentor any."""

    minutes = how_long()
    every = SelectField(
        "How often",
        choices=[SelectChoice("1", "Every week")]
        + [SelectChoice(str(n), f"Every {n} weeks") for n in range(2, MOST_WEEKS + 1)],
        default="2",
        invalid_choice_message="Choose how often.",
    )
    ends = RadioField(
        "Until",
        choices=[
            SelectChoice(_OPEN, "One of us stops it"),
            SelectChoice(_UNTIL, "A day"),
            SelectChoice(_TIMES, "So many times"),
        ],
        default=_OPEN,
        invalid_choice_message="Choose up to when.",
    )
    until = Day("Last day", validators=[Optional()])
    times = StringField("How many times", validators=[Optional()])
    purpose = TextAreaField(
        "What is it for?",
        description="One sentence. Each meeting has an agenda of its own.",
        validators=[
            DataRequired("Say in one sentence what it is for."),
            Length(max=LONGEST_PURPOSE, message=f"Keep it within {LONGEST_PURPOSE} characters."),
        ],
    )

    def offer(self, mentor: Bookable, *, zone: ZoneInfo, may_type: bool) -> None:
        self.between(zone=zone, may_type=may_type)
        self.minutes.choices = [SelectChoice(n, f"{n} min") for n in mentor.lengths]

    def length(self, lengths: Sequence[int], *, wanted: int = 0) -> int:
        return length_shown(self.minutes, lengths, wanted=wanted)

    @property
    def last_day(self) -> date | None:
        return self.until.data if self.ends.data == _UNTIL else None

    @property
    def count(self) -> int | None:
        return int(self.times.data or "") if self.ends.data == _TIMES else None

    def validate(self, extra_validators: Any = None) -> bool:
        fine = super().validate(extra_validators)
        # An empty field that is only needed sometimes has no validators that run.
        for field, wrong in ((self.until, self._wrong_day()), (self.times, self._wrong_count())):
            if wrong and not field.errors:
                field.errors, fine = [wrong], False
        return fine

    def _wrong_day(self) -> str:
        missing = self.ends.data == _UNTIL and self.until.data is None
        return "Choose the last day." if missing else ""

    def _wrong_count(self) -> str:
        written = (self.times.data or "")[:9]
        fine = re.fullmatch("[0-9]+", written) and 2 <= int(written) <= MOST_TIMES
        needed = self.ends.data == _TIMES
        return f"Write a number from 2 to {MOST_TIMES}." if needed and not fine else ""


class WordForm(Form):
    """A few words that the other one reads."""

    word = TextAreaField(
        "A word about why",
        validators=[Length(max=LONGEST_WORD, message=f"Keep it within {LONGEST_WORD} characters.")],
    )


class StopForm(WordForm):
    """From which date on it stops: the next one, unless another is chosen."""

    since = SelectField("From", validate_choice=False, default="")

    starts_at: datetime | None = None

    def offer(self, choices: list[tuple[datetime, str]]) -> None:
        """Let it stop from one of these dates on, each with its words."""
        self.since.choices = [SelectChoice(at.isoformat(), words) for at, words in choices]
        known = {at.isoformat(): at for at, _ in choices}
        self.starts_at = known.get(self.since.data or "")
