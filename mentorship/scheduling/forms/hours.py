"""The shape of a week of hours: for each day any number of lines, from one time to another."""

from collections.abc import Iterable
from datetime import date, time
from typing import NamedTuple

from wtforms import FieldList, FormField, SelectChoice, SelectField
from wtforms import Form as Part
from wtforms.validators import Optional

from mentorship.scheduling.forms.booking import Clock
from mentorship.scheduling.hours import HoursRefused
from mentorship.scheduling.slots import Weekly
from mentorship.web.filters import WEEKDAYS
from mentorship.web.forms import Day, Form, Lines

#: Lines a day; more than anybody needs.
MOST_A_DAY = 12
_WORKDAYS = range(5)
_EVERY = (
    SelectChoice("1", "Every week"),
    SelectChoice("2", "Every second week"),
    SelectChoice("3", "Every third week"),
    SelectChoice("4", "Every fourth week"),
    SelectChoice("6", "Every sixth week"),
    SelectChoice("8", "Every eighth week"),
)


class Line(Part):
    """From when to when, and in which weeks. A line that is empty is no line."""

    opens = Clock("From", validators=[Optional()])
    closes = Clock("To", validators=[Optional()])
    every = SelectField("Which weeks", choices=_EVERY, default="1", validate_choice=False)
    since = Day("First in the week of", validators=[Optional()])

    def validate(self, extra_validators: object = None) -> bool:
        fine = super().validate(extra_validators)
        missing = [field for field in (self.opens, self.closes) if not any(field.raw_data or ())]
        if len(missing) == 1:
            missing[0].errors = ["Fill in both times, or remove the line."]
            return False
        if self.every.data not in {str(choice.value) for choice in _EVERY}:
            self.every.errors = ["Choose from the list."]
            return False
        if self.weeks > 1 and self.since.data is None and not self.since.errors:
            self.since.errors = ["Choose a day in the first of those weeks."]
            return False
        return fine

    @property
    def span(self) -> tuple[time, time] | None:
        """The two times, where both can be read."""
        if self.opens.data is None or self.closes.data is None:
            return None
        return self.opens.data, self.closes.data

    @property
    def weeks(self) -> int:
        """In every how manieth week it is there."""
        known = {str(choice.value): int(choice.value) for choice in _EVERY}
        return known.get(self.every.data or "", 1)

    def on(self, weekday: int) -> Weekly | None:
        """The line on a day of the week, where all of it can be read."""
        if self.span is None or (self.weeks > 1 and self.since.data is None):
            return None
        return Weekly(weekday, *self.span, self.weeks, self.since.data)

    @property
    def runs_on(self) -> bool:
        """Whether it ends on the next day."""
        return self.span is not None and self.closes.data <= self.opens.data


def _lines(name: str) -> FieldList:
    return Lines(FormField(Line), name, max_entries=MOST_A_DAY)


class Given(NamedTuple):
    """A line as it was given, and where it stands on the page."""

    weekly: Weekly
    line: Line


class HoursForm(Form):
    monday = _lines("Monday")
    tuesday = _lines("Tuesday")
    wednesday = _lines("Wednesday")
    thursday = _lines("Thursday")
    friday = _lines("Friday")
    saturday = _lines("Saturday")
    sunday = _lines("Sunday")

    @property
    def days(self) -> list[FieldList]:
        """The seven days, Monday first."""
        return [self[name.lower()] for name in WEEKDAYS]

    def show(self, hours: Iterable[Weekly]) -> None:
        """Fill the form with hours as they are."""
        for each in hours:
            self._append(self.days[each.weekday], each)

    @property
    def given(self) -> list[Given]:
        """Every line that says something, in the order of the page."""
        return [
            Given(line, entry.form)
            for weekday, day in enumerate(self.days)
            for entry in day.entries
            if (line := entry.form.on(weekday)) is not None
        ]

    def refuse_line(self, refusal: HoursRefused) -> None:
        """Show a no beside the line that it is about."""
        for weekly, line in reversed(self.given):
            if weekly == refusal.line:
                line.opens.errors = [*line.opens.errors, str(refusal)]
                return
        self.refuse(refusal)

    def add(self, day: str) -> None:
        """One more empty line on a day; nothing where that is no day."""
        field = self._day(day)
        if field is not None:
            self._append(field, None)

    def remove(self, line: str) -> None:
        """Take the line of this name away; nothing where there is none."""
        for field in self.days:
            field.entries = [entry for entry in field.entries if entry.name != line]

    def copy(self, day: str) -> None:
        """Give the other weekdays the lines of this day, instead of their own."""
        field = self._day(day)
        if field is None:
            return
        lines = [line for entry in field.entries if (line := entry.form.on(0)) is not None]
        for other in (self.days[number] for number in _WORKDAYS):
            if other is not field:
                other.entries, other.last_index = [], -1
                for line in lines:
                    self._append(other, line)

    def _day(self, name: str) -> FieldList | None:
        return next((field for field in self.days if field.short_name == name), None)

    @staticmethod
    def _append(field: FieldList, line: Weekly | None) -> None:
        if len(field.entries) >= MOST_A_DAY:
            return
        said: dict[str, time | date | str | None] = {"every": "1"}
        if line is not None:
            said = {
                "opens": line.opens,
                "closes": line.closes,
                "every": str(line.every),
                "since": line.since,
            }
        field.append_entry(said)
