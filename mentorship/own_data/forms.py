"""What people say about their own data, and those who run a chapter about its."""

from wtforms import EmailField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from mentorship.own_data.keeping import RULES, Rule
from mentorship.own_data.models import Kept
from mentorship.web.forms import Form


class DeleteAccountForm(Form):
    email = EmailField(
        "Type the address of your account to go on",
        validators=[
            InputRequired("Type the address of your account, as it stands above."),
            Length(max=254, message="That is longer than an email address can be."),
        ],
        render_kw={"autocomplete": "off", "inputmode": "email"},
    )


class RemoveChapterForm(Form):
    name = StringField(
        "Type the chapter's name to go on",
        validators=[
            InputRequired("Type the chapter's name, as it stands above."),
            Length(max=200, message="That is longer than its name."),
        ],
        render_kw={"autocomplete": "off"},
    )


#: Lengths to choose from, in months, where a kind's bounds allow them.
LENGTHS = (1, 3, 6, 12, 18, 24, 36, 60, 84, 120)


def _length(months: int) -> str:
    years, rest = divmod(months, 12)
    if rest:
        return "1 month" if months == 1 else f"{months} months"
    return "1 year" if years == 1 else f"{years} years"


class KeepingForm(Form):
    """A number of months for each kind."""

    @property
    def chosen(self) -> dict[Kept, int]:
        return {kept: self[kept.value].data for kept in Kept}


def _months(rule: Rule) -> SelectField:
    choices = [
        SelectChoice(str(months), _length(months) + (", as usual" if months == rule.months else ""))
        for months in LENGTHS
        if rule.least <= months <= rule.most
    ]
    return SelectField(rule.label, choices=choices, coerce=int, description=rule.words)


for _rule in RULES:
    setattr(KeepingForm, _rule.kept.value, _months(_rule))
