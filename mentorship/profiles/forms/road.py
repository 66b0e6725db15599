"""The shape of what is typed about the road map: taking a step on, and a chapter's own steps."""

import calendar
from collections.abc import Iterable, Sequence
from uuid import UUID

from wtforms import Form as Part
from wtforms import (
    FormField,
    HiddenField,
    IntegerField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Optional

from mentorship.foundation.text import clean
from mentorship.profiles.road import maps
from mentorship.profiles.road.maps import With
from mentorship.relationships.goals import goals
from mentorship.vocabulary import road_map
from mentorship.vocabulary.road_map import Step
from mentorship.web.forms import Day, Form, Lines

GOAL = "goal"


class AdoptForm(Form):
    """Take a step on: as a goal, or with a mentor as an action item."""

    taken_as = SelectField("Take it on as", validators=[InputRequired("Choose one of them.")])
    what = StringField(
        "What you will do",
        validators=[
            InputRequired(goals.NotSaid.sentence),
            Length(max=goals.LONGEST, message=goals.NotSaid.sentence),
        ],
    )
    how_known = TextAreaField(
        "How you will know",
        validators=[Length(max=goals.LONGEST, message=goals.NotKnown.sentence)],
    )
    due_on = Day("By when", validators=[Optional()])

    def offer(self, pairings: Iterable[With]) -> None:
        self.taken_as.choices = [
            SelectChoice(GOAL, "A goal of mine, which only I see"),
            *(
                SelectChoice(
                    str(one.pairing_id),
                    f"An action item with {one.name} ({one.kind.label}), who sees it",
                )
                for one in pairings
            ),
        ]

    @property
    def pairing_id(self) -> UUID | None:
        return None if self.taken_as.data == GOAL else UUID(self.taken_as.data)


_MONTHS = calendar.month_name
_DAYS = [
    SelectChoice("", "No day"),
    *(SelectChoice(name, words) for name, words in road_map.names().items()),
    *(
        SelectChoice(f"{name}+1", f"{words}, next cycle")
        for name, words in road_map.names().items()
    ),
    *(SelectChoice(day, f"The end of {_MONTHS[int(day[:2])]}") for day in road_map.month_ends()),
]


class _Row(Part):
    key = HiddenField(filters=[clean])
    what = StringField("Step", filters=[clean])
    why = StringField("Why", filters=[clean])
    day = SelectField("Day", choices=_DAYS, default="", validate_choice=False)
    weeks = IntegerField("Weeks after", default=0, validators=[Optional()])


class RoadForm(Form):
    """The steps of one stage: as many rows as there may be."""

    steps = Lines(FormField(_Row), "Steps", min_entries=maps.MOST, max_entries=maps.MOST)

    def show(self, steps: Sequence[Step]) -> None:
        """Fill the first rows with these, and leave the others blank."""
        for row, step in zip(self.steps, steps, strict=False):
            for name in ("key", "what", "why", "day", "weeks"):
                row.form[name].data = getattr(step, name)

    def chosen(self) -> list[Step]:
        """The rows in which something stands."""
        rows = [row.form for row in self.steps if row.form.what.data]
        return [
            Step(
                row.key.data or "",
                row.what.data,
                row.why.data or "",
                row.day.data or "",
                row.weeks.data or 0,
            )
            for row in rows
        ]
