"""The shape of what a coordinator says about a run. Whether it is allowed is the domain's."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from wtforms import (
    BooleanField,
    HiddenField,
    IntegerField,
    RadioField,
    SearchField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
)
from wtforms.validators import AnyOf, InputRequired, NumberRange, ValidationError
from wtforms.widgets import CheckboxInput, HiddenInput, ListWidget

from mentorship.matching.engine.fit import Factor
from mentorship.matching.engine.settings import Policy
from mentorship.matching.engine.weights import MOST_FOR_WISHED
from mentorship.matching.models import Mark
from mentorship.matching.preferences import (
    FEWEST_FROM_ONE,
    MOST_FROM_ONE,
    MOST_KEPT,
    Preferences,
)
from mentorship.matching.rematching import Movable
from mentorship.profiles.forms.mine import WholeNumber
from mentorship.vocabulary import interests
from mentorship.vocabulary.cycles import cycles
from mentorship.vocabulary.kinds import Kind
from mentorship.web.forms import Form

EVERY = ""
#: A name that is searched for is cut after so many letters.
LONGEST_NAME = 80
_KINDS = [SelectChoice(kind.value, kind.label) for kind in Kind]


def _first_words(typed: str | None) -> str:
    return (typed or "")[:LONGEST_NAME]


#: What each factor is called where it is weighed. Affinity groups are not: what changes with a
#: factor that is shown to nobody would show it.
FACTORS = {
    Factor.TOPICS: "Topics",
    Factor.INTERESTS: "Interests in common",
    Factor.GOALS: "Goals the mentor can help with",
    Factor.SETTING: "Where they practice or hope to",
    Factor.REGION: "Region",
    Factor.PATH: "Training path",
    Factor.LANGUAGES: "Languages",
    Factor.STAGE: "Stage of training",
    Factor.TIME: "Shared free time",
    Factor.ROOM: "Open places",
    Factor.WISH: "The student’s wishes",
    Factor.WISHED: "The mentor’s wishes",
    Factor.PAST: "Worked together before",
}


class PreferencesForm(Form):
    """What a run seeks. Fields of weights are added below, one for each kind and factor."""

    policy = RadioField(
        "What to seek",
        choices=[
            SelectChoice(Policy.BEST.value, "The best for all together"),
            SelectChoice(Policy.STABLE.value, "Pairs that nobody would swap"),
        ],
        default=Policy.BEST.value,
        validate_choice=False,
        validators=[AnyOf(list(Policy), "Choose what to seek from the list.")],
    )
    most_from_one_institution = SelectField(
        "Mentors from one institution",
        choices=[
            SelectChoice(EVERY, "No limit"),
            *(
                SelectChoice(str(most), f"{most} at most")
                for most in range(FEWEST_FROM_ONE, MOST_FROM_ONE + 1)
            ),
        ],
        default=EVERY,
        validate_choice=False,
    )
    keep = WholeNumber(
        "Points for keeping a pair",
        otherwise=f"Write a whole number from 0 to {MOST_KEPT}.",
        default=0,
        validators=[NumberRange(0, MOST_KEPT, f"Write a whole number from 0 to {MOST_KEPT}.")],
    )

    def validate_most_from_one_institution(self, field: SelectField) -> None:
        if field.data not in {choice.value for choice in field.choices}:
            raise ValidationError("Choose a number from the list.")

    def preferences(self, *, rematch: bool = False) -> Preferences:
        """What was chosen.

        :raises WeightsOff: the weights of a kind do not add up.
        """
        usual, most = Preferences(), self.most_from_one_institution.data
        chosen = {
            kind: {factor: self[name].data for factor, name in names.items()}
            for kind, names in WEIGHT_FIELDS.items()
        }
        return Preferences(
            policy=Policy(self.policy.data),
            most_from_one_institution=int(most) if most else None,
            keep=self.keep.data,
            weights={
                kind: shares for kind, shares in chosen.items() if shares != usual.shares(kind)
            },
            rematch=rematch,
        )

    @staticmethod
    def first_of(kind: Kind) -> str:
        """The field beside which something about a kind's weights is said."""
        return next(iter(WEIGHT_FIELDS[kind].values()))

    def weights(self) -> dict[Kind, list[IntegerField]]:
        """The fields of each kind's weights."""
        return {
            kind: [self[name] for name in names.values()] for kind, names in WEIGHT_FIELDS.items()
        }

    @property
    def off_the_usual(self) -> bool:
        """Whether there is something to see among the weights."""
        usual = Preferences()
        return any(
            self[name].errors or self[name].data != usual.shares(kind)[factor]
            for kind, names in WEIGHT_FIELDS.items()
            for factor, name in names.items()
        )


#: By kind and factor, the name of the field that holds its weight.
WEIGHT_FIELDS = {
    kind: {factor: f"{kind.value}_{factor}" for factor in Preferences().shares(kind)}
    for kind in Kind
}
for _kind, _names in WEIGHT_FIELDS.items():
    for _factor, _name in _names.items():
        _usual = Preferences().shares(_kind)[_factor]
        _most = MOST_FOR_WISHED if _factor == Factor.WISHED else 100
        _otherwise = f"Write a whole percent from 0 to {_most}."
        _weight = WholeNumber(
            FACTORS[Factor(_factor)],
            otherwise=_otherwise,
            default=_usual,
            validators=[NumberRange(0, _most, _otherwise)],
        )
        setattr(PreferencesForm, _name, _weight)


def shown(preferences: Preferences) -> dict[str, Any]:
    """Preferences as the fields of the form hold them."""
    most = preferences.most_from_one_institution
    held = {
        "policy": preferences.policy.value,
        "most_from_one_institution": str(most) if most else EVERY,
        "keep": preferences.keep,
    }
    for kind, names in WEIGHT_FIELDS.items():
        shares = preferences.shares(kind)
        held |= {name: shares.get(factor, 0) for factor, name in names.items()}
    return held


class StartForm(PreferencesForm):
    cycle = SelectField("Application cycle", validate_choice=False)
    kinds = SelectMultipleField(
        "Kinds of mentor",
        choices=_KINDS,
        validate_choice=False,
        option_widget=CheckboxInput(),
        widget=ListWidget(),
    )

    def offer_cycles(self) -> None:
        """Let the coordinator choose among the cycles on file, newest first."""
        self.cycle.choices = [
            SelectChoice(key, f"{cycle.name}, {cycle.application_service}")
            for key, cycle in reversed(cycles().items())
        ]

    def validate_kinds(self, field: SelectMultipleField) -> None:
        """None at all is for the domain to refuse."""
        if not {kind.value for kind in Kind}.issuperset(field.data or ()):
            raise ValidationError("Choose kinds from the list.")


class PublishForm(Form):
    draft = IntegerField(
        widget=HiddenInput(),
        validators=[
            InputRequired("Open the draft again, and publish it from there."),
            NumberRange(0, 32767, "Open the draft again, and publish it from there."),
        ],
    )
    looked = BooleanField("I have looked at the marked pairs")

    def validate_looked(self, field: BooleanField) -> None:
        if self.to_look_at and not field.data:
            raise ValidationError("Look at the marked pairs first, and say so here.")

    #: How many pairs of the draft carry a caution.
    to_look_at = 0


class MarkForm(Form):
    """What the buttons of a pair send. Nobody types it."""

    mentee = HiddenField(validators=[InputRequired()])
    mentor = HiddenField(validators=[InputRequired()])
    kind = HiddenField(validators=[AnyOf([kind.value for kind in Kind])])
    mark = HiddenField(validators=[AnyOf(["none", *(mark.value for mark in Mark)])])


class OverForm(Form):
    """Which pairing is not to go on."""

    pairing = SelectField("Pairing", validators=[InputRequired("Choose a pairing.")])

    def offer(self, there: Iterable[Movable]) -> None:
        """Let the coordinator choose among these."""
        self.pairing.choices = [
            SelectChoice(EVERY, "Choose a pairing"),
            *(
                SelectChoice(str(one.id), f"{one.mentee} with {one.mentor}, {one.kind.value}")
                for one in there
            ),
        ]


class PairsForm(Form):
    """Which pairs of a draft to show. Sent by GET."""

    class Meta(Form.Meta):
        csrf = False

    q = SearchField("Student or mentor", filters=[_first_words])
    kind = SelectField("Kind", choices=[SelectChoice(EVERY, "All kinds"), *_KINDS], default=EVERY)
    show = SelectField(
        "Show",
        choices=[
            SelectChoice(EVERY, "Strongest first"),
            SelectChoice("weakest", "Weakest first"),
            SelectChoice("look", "To look at"),
            SelectChoice("marked", "Pinned or set aside"),
        ],
        default=EVERY,
    )


class WhyNotForm(Form):
    """Whom to ask about. Sent by GET."""

    class Meta(Form.Meta):
        csrf = False

    mentee = SelectField("Student", validators=[InputRequired("Choose a student.")])
    mentor = SelectField("Mentor", validators=[InputRequired("Choose a mentor.")])
    kind = SelectField("Kind", validate_choice=False, validators=[InputRequired("Choose a kind.")])

    def validate_kind(self, field: SelectField) -> None:
        if field.data not in {choice.value for choice in field.choices}:
            raise ValidationError("Choose a kind from the list.")

    def offer(
        self, students: Mapping[UUID, str], mentors: Mapping[UUID, str], kinds: Iterable[Kind]
    ) -> None:
        """Let the reader choose among these people and kinds."""
        self.kind.choices = [SelectChoice(kind.value, kind.label) for kind in kinds]
        for field, people, nobody in (
            (self.mentee, students, "Choose a student"),
            (self.mentor, mentors, "Choose a mentor"),
        ):
            field.choices = [
                SelectChoice(EVERY, nobody),
                *(SelectChoice(str(member_id), name) for member_id, name in people.items()),
            ]


#: More people than this a mentor is not imagined with, and no more newcomers than this.
MOST_PLACES, MOST_NEW = 50, 20


def policy_asked(said: str) -> Policy | None:
    """The policy of this name, if it is one."""
    return Policy(said) if said in set(Policy) else None


class _Trying(Form):
    """Something to try. Sent by GET; where it is posted, the button's own form has the key."""

    class Meta(Form.Meta):
        csrf = False


class PlacesForm(_Trying):
    mentor = SelectField("Mentor", validators=[InputRequired("Choose a mentor.")])
    places = WholeNumber(
        "Places in all",
        otherwise=f"Write a whole number from 0 to {MOST_PLACES}.",
        validators=[
            InputRequired(f"Write a whole number from 0 to {MOST_PLACES}."),
            NumberRange(0, MOST_PLACES, f"Write a whole number from 0 to {MOST_PLACES}."),
        ],
    )

    def change(self) -> dict[str, Any]:
        return {"what": "places", "mentor": self.mentor.data, "places": self.places.data}

    def offer(self, mentors: Mapping[UUID, str]) -> None:
        """Let the reader choose among these people."""
        self.mentor.choices = [
            SelectChoice(EVERY, "Choose a mentor"),
            *(SelectChoice(str(member_id), name) for member_id, name in mentors.items()),
        ]


class NewcomersForm(_Trying):
    count = WholeNumber(
        "How many",
        otherwise=f"Write a whole number from 1 to {MOST_NEW}.",
        validators=[
            InputRequired(f"Write a whole number from 1 to {MOST_NEW}."),
            NumberRange(1, MOST_NEW, f"Write a whole number from 1 to {MOST_NEW}."),
        ],
    )
    kind = SelectField("Kind", validate_choice=False)
    topic = SelectField("Topic, for content", default=EVERY)

    def change(self) -> dict[str, Any]:
        return {
            "what": "newcomers",
            "count": self.count.data,
            "kind": self.kind.data,
            "topic": self.topic.data,
        }

    def offer(self, kinds: Iterable[Kind]) -> None:
        """Let the reader choose among these kinds, and all topics."""
        self.kind.choices = [SelectChoice(kind.value, kind.label) for kind in kinds]
        self.topic.choices = [
            SelectChoice(EVERY, "Any topic"),
            *(SelectChoice(slug, label) for slug, label in interests.labels().items()),
        ]

    def validate_kind(self, field: SelectField) -> None:
        if field.data not in {choice.value for choice in field.choices}:
            raise ValidationError("Choose a kind from the list.")


class WithoutForm(_Trying):
    factor = SelectField(
        "What no longer counts",
        choices=[SelectChoice(factor.value, words) for factor, words in FACTORS.items()],
    )

    def change(self) -> dict[str, Any]:
        return {"what": "without", "factor": self.factor.data}


#: One thing that would be otherwise: what it is, `change()` says as `trials.changed` takes it.
Tried = PlacesForm | NewcomersForm | WithoutForm


class CompareForm(_Trying):
    """Two outcomes to hold against each other."""

    one = SelectField("This", validate_choice=False)
    other = SelectField("With this", validate_choice=False)
