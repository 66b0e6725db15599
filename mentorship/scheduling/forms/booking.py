"""The shape of what people send about a meeting. Whether it is allowed is the domain's to say."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from wtforms import (
    BooleanField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
    TimeField,
    ValidationError,
)
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from mentorship.scheduling import slots
from mentorship.scheduling.onward import Next
from mentorship.scheduling.queries import Bookable
from mentorship.scheduling.requests import Asked, Colleague
from mentorship.vocabulary.interests import labels
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.lengths import USUAL
from mentorship.web.filters import clock, long_day, plural
from mentorship.web.forms import Day, Form

LONGEST_PURPOSE = 280
LONGEST_QUESTION = 200
LONGEST_WORD = 280
#: What is posted when the time is the one that is typed.
OTHER = "other"

_A_TIME = "Choose one of the times."
_A_TYPED_TIME = "Write the time as a clock shows it, for example 14:30."
#: Whoever types a time types one of these years.
_YEARS = range(2000, 2200)
_QUESTION = Length(
    max=LONGEST_QUESTION, message=f"Keep a question within {LONGEST_QUESTION} characters."
)
_WORD = Length(max=LONGEST_WORD, message=f"Keep it within {LONGEST_WORD} characters.")


class Clock(TimeField):
    """A time of day; what is not one gets words that say how to write it."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, format=["%H:%M", "%H:%M:%S"], **more)

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(_A_TYPED_TIME) from error


def how_long() -> RadioField:
    """The lengths that a mentor offers, in minutes, once they are set."""
    no = "Choose one of the lengths that are offered."
    return RadioField(
        "How long",
        coerce=int,
        validators=[InputRequired("Choose how long.")],
        invalid_choice_message=no,
        invalid_value_message=no,
    )


class AskForm(Form):
    """A request. `offer` says what can be chosen, before anything is checked."""

    kind = RadioField(
        "What kind of conversation",
        validators=[InputRequired("Choose what kind of conversation it is.")],
        invalid_choice_message="Choose one of the kinds that are offered.",
    )
    topic = SelectField("Topic", description="For a content conversation.", validate_choice=False)
    purpose = TextAreaField(
        "What would you like to talk about?",
        description="One sentence is enough. It is read before the answer.",
        validators=[
            DataRequired("Say in one sentence what you would like to talk about."),
            Length(
                max=LONGEST_PURPOSE,
                message=f"Keep it within {LONGEST_PURPOSE} characters. The rest can go into the"
                " questions.",
            ),
        ],
    )
    question_1 = StringField("First question", validators=[_QUESTION])
    question_2 = StringField("Second question", validators=[_QUESTION])
    question_3 = StringField("Third question", validators=[_QUESTION])
    minutes = how_long()
    slot = StringField("When", validators=[InputRequired("Choose a time.")])

    starts_at: datetime | None = None
    """The chosen time, once the form has been checked."""

    def offer(self, mentor: Bookable, *, zone: ZoneInfo, kind: str = "", minutes: int = 0) -> None:
        """Let the student choose what this mentor offers; `kind` and `minutes` are suggestions."""
        self.zone = zone
        kinds = [each.kind for each in mentor.pairings] or [k for k in Kind if k in mentor.offers]
        self.kind.choices = [SelectChoice(each.value, each.label) for each in kinds]
        topics = [] if mentor.pairings else mentor.offers.get(Kind.CONTENT, ())
        self.topic.choices = [SelectChoice("", "Choose a topic")] + [
            SelectChoice(topic, labels().get(topic, topic)) for topic in topics
        ]
        self.minutes.choices = [SelectChoice(n, f"{n} min") for n in mentor.lengths]
        if not self.is_submitted():
            self.kind.data = kind if kind in kinds else kinds[0] if len(kinds) == 1 else None
            self.topic.data = topics[0] if len(topics) == 1 else ""
            self.minutes.data = self.length(mentor.lengths, wanted=minutes)

    def begin_with(self, before: Asked) -> None:
        """Fill in what the student has asked somebody else before, as far as it is offered."""
        offered = {choice.value for choice in self.kind.choices}
        self.kind.data = before.kind if before.kind in offered else self.kind.data
        topics = {choice.value for choice in self.topic.choices}
        self.topic.data = before.topic if before.topic in topics else self.topic.data
        lengths = {choice.value for choice in self.minutes.choices}
        self.minutes.data = before.minutes if before.minutes in lengths else self.minutes.data
        self.purpose.data, self.starts_at = before.purpose, before.starts_at
        for field, words in zip(self.questions, before.questions, strict=False):
            field.data = words

    def length(self, lengths: Sequence[int], *, wanted: int = 0) -> int:
        return length_shown(self.minutes, lengths, wanted=wanted)

    @property
    def has_topics(self) -> bool:
        return len(self.topic.choices) > 1

    @property
    def questions(self) -> tuple[StringField, ...]:
        return (self.question_1, self.question_2, self.question_3)

    @property
    def chosen_topic(self) -> str | None:
        """The topic, where the kind has one."""
        return (self.topic.data or None) if self.kind.data == Kind.CONTENT else None

    def validate_topic(self, field: SelectField) -> None:
        if self.kind.data == Kind.CONTENT and self.has_topics and not field.data:
            raise ValidationError("Choose the topic.")

    def validate_slot(self, field: StringField) -> None:
        self.starts_at = instant(field.data or "", self.zone)


class AskAnyForm(AskForm):
    """A request to whichever mentor is free: a chosen time says which of them that is."""

    mentor_id: UUID | None = None
    """Who is asked, once the form has been checked."""

    def offer_any(
        self, mentors: Sequence[Bookable], kind: Kind, *, zone: ZoneInfo, minutes: int
    ) -> None:
        """Let the student choose what any of these mentors offers, for one kind."""
        self.zone = zone
        self.kind.choices = [SelectChoice(kind.value, kind.label)]
        self.topic.choices = []
        lengths = sorted({length for mentor in mentors for length in mentor.lengths})
        self.minutes.choices = [SelectChoice(n, f"{n} min") for n in lengths]
        if not self.is_submitted():
            self.kind.data = kind
            self.minutes.data = self.length(lengths, wanted=minutes) if lengths else None

    def validate_slot(self, field: StringField) -> None:
        at, _, who = (field.data or "").partition("~")
        self.starts_at = instant(at, self.zone)
        try:
            self.mentor_id = UUID(who)
        except ValueError as error:
            raise ValidationError(_A_TIME) from error


class ProposeForm(Form):
    """Another time: one of those that are offered, or for a mentor any that is typed."""

    slot = StringField("When")
    day = Day("Day", validators=[Optional()])
    at = Clock("Time", validators=[Optional()])

    starts_at: datetime | None = None
    """The chosen time, once the form has been checked."""

    def between(self, *, zone: ZoneInfo, may_type: bool) -> None:
        """Say whose wall time is typed, and whether any may be."""
        self.zone, self.may_type = zone, may_type

    @property
    def types(self) -> bool:
        """Whether the time is one that is typed."""
        typed = any(self.day.raw_data or ()) or any(self.at.raw_data or ())
        return self.may_type and (self.slot.data == OTHER or (typed and not self.slot.data))

    def validate(self, extra_validators: Any = None) -> bool:
        fine = super().validate(extra_validators)
        try:
            if self.types:
                self.starts_at = typed(self.day.data, self.at.data, self.zone) if fine else None
            elif self.slot.data:
                self.starts_at = instant(self.slot.data, self.zone)
            else:
                raise ValidationError("Choose a time.")
        except ValidationError as error:
            where = self.at if self.types else self.slot
            where.errors = [*where.errors, str(error)]
        return fine and self.starts_at is not None


class RescheduleForm(ProposeForm):
    """Other times for an agreed meeting: one that is chosen, and up to two that are typed."""

    day_2 = Day("Day", validators=[Optional()])
    at_2 = Clock("Time", validators=[Optional()])
    day_3 = Day("Day", validators=[Optional()])
    at_3 = Clock("Time", validators=[Optional()])
    word = TextAreaField("Why", validators=[_WORD])

    starts: dict[str, datetime]
    """The proposed times, once the form has been checked, by the field that each stands in."""

    def validate(self, extra_validators: Any = None) -> bool:
        fine = super().validate(extra_validators)
        self.starts = {}
        if self.starts_at is not None:
            self.starts["at" if self.types else "slot"] = self.starts_at
        for day, at in ((self.day_2, self.at_2), (self.day_3, self.at_3)):
            if not fine or not (any(day.raw_data or ()) or any(at.raw_data or ())):
                continue
            try:
                self.starts[at.name] = typed(day.data, at.data, self.zone)
            except ValidationError as error:
                at.errors = [*at.errors, str(error)]
                fine = False
        return fine


class AgreeForm(Form):
    """One of the proposed times, by the button that was pressed."""

    starts_at = StringField("Time", validators=[InputRequired(_A_TIME)])

    at: datetime | None = None
    """The chosen time, once the form has been checked."""

    def validate_starts_at(self, field: StringField) -> None:
        self.at = instant(field.data or "", ZoneInfo("UTC"))


class DeclineForm(Form):
    reason = RadioField(
        "Why",
        choices=[
            SelectChoice("full", "No time for it in the coming weeks"),
            SelectChoice("field", "Somebody else knows this better"),
            SelectChoice("judge", "I have a part in assessing this student"),
        ],
        default="full",
        validators=[InputRequired("Choose one of the three.")],
        invalid_choice_message="Choose one of the three.",
    )
    line = TextAreaField(
        "A line to the student",
        validators=[_WORD],
    )
    colleague = SelectField("A better contact", validate_choice=False)

    def suggest(self, colleagues: Iterable[Colleague]) -> None:
        """Let the mentor name one of these."""
        self.colleague.choices = [SelectChoice("", "Nobody in particular")] + [
            SelectChoice(str(each.id), _in_a_list(each)) for each in colleagues
        ]

    @property
    def word(self) -> str:
        """What the student reads: the reason as a sentence, and the line after it."""
        return f"{_REASONS[self.reason.data]} {self.line.data or ''}".strip()


class NextForm(Form):
    """Whom to ask next, if anybody."""

    mentor = RadioField(
        "Whom to ask next",
        invalid_choice_message="Choose somebody from the list.",
    )

    def offer(self, candidates: Sequence[Next], chosen: UUID | None) -> None:
        """Let the student choose among these, or nobody."""
        self.mentor.choices = [
            *(SelectChoice(str(one.id), one.name) for one in candidates),
            SelectChoice("", "Nobody. I decide when it comes to that"),
        ]
        if self.mentor.data is None:
            self.mentor.data = str(chosen or "")

    @property
    def mentor_id(self) -> UUID | None:
        return UUID(self.mentor.data) if self.mentor.data else None


class CancelForm(Form):
    word = TextAreaField(
        "Why",
        validators=[_WORD],
    )
    emergency = BooleanField("This was an emergency")

    def validate_word(self, field: TextAreaField) -> None:
        if not (field.data or "").strip() and not self.emergency.data:
            raise ValidationError("Say in a few words why. “A shift was moved” is enough.")


_REASONS = {
    "full": "I have no time for it in the coming weeks.",
    "field": "Somebody else knows this better than I do.",
    "judge": "I have a part in assessing students, so I am not the right one for this.",
}


def _in_a_list(colleague: Colleague) -> str:
    topic = ", knows the topic" if colleague.on_topic else ""
    return f"{colleague.name}, {plural(colleague.places_left, 'place')}{topic}"


def length_shown(field: RadioField, lengths: Sequence[int], *, wanted: int = 0) -> int:
    """The length to show times for: what was chosen, or else `wanted`, or else the usual one."""
    for minutes in (field.data, wanted, USUAL):
        if minutes in lengths:
            return minutes
    return lengths[0]


def instant(text: str, zone: ZoneInfo) -> datetime:
    """Read a time that was posted: an instant, or wall time where the person lives.

    :raises ValidationError: it is not a time, or one that never comes there.
    """
    try:
        read = datetime.fromisoformat(text)
        read = read.astimezone(UTC) if read.tzinfo else read
    except (ValueError, OverflowError) as error:
        raise ValidationError(_A_TIME) from error
    if read.year not in _YEARS:
        raise ValidationError(_A_TIME)
    return read if read.tzinfo else _from_wall(read, zone)


def typed(day: date | None, at: time | None, zone: ZoneInfo) -> datetime:
    """Read a day and a time of day that were typed where the person lives.

    :raises ValidationError: one of them is missing, or it never comes there.
    """
    if day is None or at is None:
        raise ValidationError("Type both the day and the time.")
    return _from_wall(datetime.combine(day, at), zone)


def _from_wall(typed: datetime, zone: ZoneInfo) -> datetime:
    if typed.year not in _YEARS:
        raise ValidationError("Choose a day that is not so far off.")
    try:
        return slots.wall_time(typed.date(), typed.time(), zone)
    except slots.NoSuchTime as gap:
        resumes = f" {clock(gap.resumes_at, zone)} is the next there is." if gap.resumes_at else ""
        skipped = f"{typed:%-I:%M %p} never comes on {long_day(typed.date())}"
        raise ValidationError(f"{skipped}: the clocks go forward over it.{resumes}") from gap
