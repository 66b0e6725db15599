"""The shape of time away, of hours on one day, and of how somebody wants to be booked."""

from collections.abc import Iterable
from datetime import date, timedelta

from wtforms import SelectChoice, SelectField
from wtforms.validators import InputRequired, Optional

from mentorship.scheduling import dates, limits
from mentorship.scheduling.forms.booking import Clock
from mentorship.scheduling.slots import Away, Limits, Opening
from mentorship.web.filters import day, plural
from mentorship.web.forms import Day, Form

_A_DAY = InputRequired("Choose the day.")
_A_TIME = InputRequired("Choose the time.")
_HOUR, _DAY, _MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)
#: Numbers of meetings that are chosen from; a few are enough.
_COUNTS = {
    "per_day": (1, 2, 3, 4, 5, 6, 8, 10),
    "per_week": (1, 2, 3, 4, 5, 6, 8, 10, 15, 20),
    "per_month": (1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 40),
}


class AwayForm(Form):
    """Time away. The last day may stay empty for a single day, the times for whole days."""

    first = Day("From", validators=[_A_DAY])
    since = Clock("At", validators=[Optional()])
    last = Day("To", validators=[Optional()])
    until = Clock("Until", validators=[Optional()])

    @property
    def given(self) -> Away:
        """What was typed.

        :raises dates.EndsFirst: it ends before it begins.
        """
        return dates.away(self.first.data, self.last.data, self.since.data, self.until.data)


class ExtraForm(Form):
    """Hours on one day besides the weekly ones."""

    day = Day("Day", validators=[_A_DAY])
    opens = Clock("From", validators=[_A_TIME])
    closes = Clock("To", validators=[_A_TIME])

    @property
    def given(self) -> Opening:
        return Opening(self.day.data, self.opens.data, self.closes.data)


class CopyForm(Form):
    """A week whose hours besides are copied, and a day of the week that they are copied to."""

    copy = SelectField("Copy the week of", validate_choice=False)
    to = Day("To the week of", validators=[_A_DAY])

    def offer(self, mondays: Iterable[date]) -> None:
        self.copy.choices = [SelectChoice(f"{one}", day(one)) for one in mondays]


def _lengths(label: str, lengths: Iterable[timedelta], unit: timedelta, hint: str) -> SelectField:
    def said(length: timedelta) -> str:
        words = "1 week" if length == timedelta(weeks=1) else limits.worded(length)
        return words[0].upper() + words[1:] if length else "None"

    return SelectField(
        label,
        choices=[SelectChoice(str(each // unit), said(each)) for each in lengths],
        description=hint,
        validate_choice=False,
    )


def _most(field: str, label: str) -> SelectField:
    counts = [SelectChoice(str(one), plural(one, "meeting")) for one in _COUNTS[field]]
    return SelectField(
        label, choices=[SelectChoice("", "As many as fit"), *counts], validate_choice=False
    )


class LimitsForm(Form):
    notice = _lengths(
        "Notice", limits.NOTICES, _HOUR, "Nobody books you closer to the start than this."
    )
    horizon = _lengths("How far ahead", limits.HORIZONS, _DAY, "Later days are not shown yet.")
    buffer = _lengths(
        "Free time around meetings",
        limits.BUFFERS,
        _MINUTE,
        "Kept before and after each meeting, and around what your calendars have.",
    )
    per_day = _most("per_day", "In a day")
    per_week = _most("per_week", "In a week")
    per_month = _most("per_month", "In a month")

    def show(self, said: Limits) -> None:
        """Fill the form with limits as they are, also with numbers that the lists do not have."""
        self.notice.data = str(said.notice // _HOUR)
        self.horizon.data = str(said.horizon // _DAY)
        self.buffer.data = str(said.buffer // _MINUTE)
        for field in _COUNTS:
            count = getattr(said, field)
            self[field].data = "" if count is None else str(count)
            if count is not None and count not in _COUNTS[field]:
                more = SelectChoice(str(count), plural(count, "meeting"))
                self[field].choices = [*self[field].choices, more]

    @property
    def given(self) -> Limits:
        """What was chosen.

        :raises limits.NotAChoice: some of it is in no list.
        """
        counts = {field: self._number(field) for field in _COUNTS}
        return Limits(
            notice=(self._number("notice") or 0) * _HOUR,
            horizon=(self._number("horizon") or 0) * _DAY,
            buffer=(self._number("buffer") or 0) * _MINUTE,
            **counts,
        )

    def _number(self, field: str) -> int | None:
        typed = self[field].data or ""
        if not typed:
            return None
        if not (typed.isascii() and typed.isdigit() and len(typed) <= 4):
            raise limits.NotAChoice
        return int(typed)
