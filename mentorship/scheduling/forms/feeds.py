"""What a mentor says of a calendar: where it is, what is in it, and how it is read."""

from datetime import datetime

from werkzeug.datastructures import FileStorage
from wtforms import (
    FieldList,
    FileField,
    FormField,
    IntegerField,
    PasswordField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
)
from wtforms import Form as Part
from wtforms.validators import InputRequired, Length, NumberRange, ValidationError

from mentorship.foundation import clock, outbound
from mentorship.foundation.text import clean
from mentorship.scheduling.feeds.feeds import LONGEST_NAME
from mentorship.scheduling.feeds.kinds import AllDay, Holds
from mentorship.scheduling.feeds.queries import Linked
from mentorship.scheduling.feeds.rest import Rest
from mentorship.scheduling.feeds.shifts import LONGEST_PATTERN, MOST_RULES, Meaning, Rule
from mentorship.scheduling.forms.booking import Clock
from mentorship.scheduling.slots import Span
from mentorship.web.forms import Form

#: Characters of a name or a password on a calendar server.
LONGEST_SECRET = 200
#: Empty lines for further rules; saving brings as many again.
_SPARE = 3
_HOLDS = (
    SelectChoice(Holds.SHIFTS, "My shifts"),
    SelectChoice(Holds.BUSY, "Appointments"),
)
_ALL_DAY = (
    SelectChoice(AllDay.BUSY, "Take the whole day"),
    SelectChoice(AllDay.IGNORE, "Don’t matter"),
    SelectChoice(AllDay.SHIFT, "Are shifts, with the hours in the title only"),
)
MEANINGS = {
    Meaning.DAY: "Day shift",
    Meaning.EVENING: "Evening shift",
    Meaning.NIGHT: "Night shift",
    Meaning.ON_CALL: "On call",
    Meaning.BUSY: "Busy, no shift",
    Meaning.IGNORE: "Not in the way",
}


class _About(Form):
    """What both a new calendar and a known one have."""

    name = StringField(
        "What you call it",
        validators=[
            InputRequired("Give the calendar a name, so that you know it again."),
            Length(max=LONGEST_NAME, message=f"Keep the name to {LONGEST_NAME} characters."),
        ],
    )
    holds = RadioField("What is in it", choices=_HOLDS, default=Holds.SHIFTS)
    all_day = SelectField("Whole days in it", choices=_ALL_DAY, default=AllDay.BUSY)


class NewFeedForm(_About):
    class Meta(Form.Meta):
        takes_files = True

    address = StringField(
        "Address of the calendar",
        description="From your schedule or calendar program, under Share, Sync or Subscribe.",
        validators=[Length(max=outbound.LONGEST, message="This is too long for an address.")],
    )
    user = StringField(
        "Your name on the server", filters=[clean], validators=[Length(max=LONGEST_SECRET)]
    )
    password = PasswordField(
        "Your password there",
        description="Better one for this alone, an app password. It is kept encrypted.",
        validators=[Length(max=LONGEST_SECRET)],
    )
    file = FileField("Or a file", description="iCalendar (.ics) or a table of shifts (.csv).")

    @property
    def content(self) -> bytes | None:
        """The file, if one was chosen."""
        return _content(self.file)

    def validate_address(self, field: StringField) -> None:
        if not field.data and not _is_chosen(self.file):
            raise ValidationError("Paste an address, or choose a file below.")
        if field.data and _is_chosen(self.file):
            raise ValidationError("Give an address or a file, not both.")


class NewerFileForm(Form):
    class Meta(Form.Meta):
        takes_files = True

    file = FileField("A newer file")

    @property
    def content(self) -> bytes:
        return _content(self.file) or b""

    def validate_file(self, field: FileField) -> None:
        if not _is_chosen(field):
            raise ValidationError("Choose a file first.")


class _RulePart(Part):
    pattern = StringField(
        "When the title says",
        filters=[clean],
        validators=[
            Length(max=LONGEST_PATTERN, message=f"Keep it to {LONGEST_PATTERN} characters.")
        ],
    )
    meaning = SelectField(
        "it is",
        choices=[SelectChoice(meaning.value, label) for meaning, label in MEANINGS.items()],
        default=Meaning.NIGHT,
    )


class FeedForm(_About):
    zone = SelectField("Its time zone", description="Where your hospital is.")
    rules = FieldList(FormField(_RulePart), "Rules", max_entries=MOST_RULES + _SPARE)

    def offer_zones(self) -> None:
        self.zone.choices = [
            SelectChoice(name, name.replace("_", " ")) for name in sorted(clock.zones())
        ]

    def show(self, feed: Linked) -> None:
        """Fill the form with a calendar as it is."""
        self.name.data, self.holds.data = feed.name, feed.holds
        self.all_day.data, self.zone.data = feed.all_day, feed.zone
        for pattern, meaning in feed.rules:
            self.rules.append_entry({"pattern": pattern, "meaning": meaning})

    def add_spare(self) -> None:
        """A few empty lines below the rules there are."""
        while len(self.rules.entries) < min(len(self.given) + _SPARE, MOST_RULES + _SPARE):
            self.rules.append_entry()

    @property
    def given(self) -> list[Rule]:
        """The rules that say something, in their order."""
        return [
            (entry.form.pattern.data, Meaning(entry.form.meaning.data))
            for entry in self.rules.entries
            if entry.form.pattern.data and entry.form.meaning.data in MEANINGS
        ]


class TimeForm(Form):
    """Which of a calendar's times is meant."""

    starts_at = StringField()
    ends_at = StringField()

    @property
    def span(self) -> Span | None:
        """None where the form names none."""
        try:
            ends = [datetime.fromisoformat(at.data or "") for at in (self.starts_at, self.ends_at)]
            return Span(*ends)
        except (ValueError, OverflowError):
            return None


class RestForm(Form):
    after_hours = IntegerField(
        "Hours of rest after a night",
        description="At least; a longer night has as long a rest.",
        validators=[
            InputRequired("Say how many hours, 0 to 24."),
            NumberRange(0, 24, "Say how many hours, 0 to 24."),
        ],
    )
    not_before = Clock("Not before, after a night", validators=[InputRequired("Say a time.")])
    before_minutes = IntegerField(
        "Minutes free before any shift",
        validators=[
            InputRequired("Say how many minutes, 0 to 720."),
            NumberRange(0, 720, "Say how many minutes, 0 to 720."),
        ],
    )

    def show(self, rest: Rest) -> None:
        self.after_hours.data, self.before_minutes.data = rest.after_hours, rest.before_minutes
        self.not_before.data = rest.not_before

    @property
    def rest(self) -> Rest:
        return Rest(self.after_hours.data, self.not_before.data, self.before_minutes.data)


def _is_chosen(field: FileField) -> bool:
    return isinstance(field.data, FileStorage) and bool(field.data.filename)


def _content(field: FileField) -> bytes | None:
    return field.data.stream.read() if _is_chosen(field) else None
