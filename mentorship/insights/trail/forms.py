"""What the advisor says to find something in the trail."""

from wtforms import DateField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, Optional

from mentorship.insights.trail.queries import Wanted
from mentorship.insights.trail.wording import SORTS
from mentorship.web.forms import Form


class TrailForm(Form):
    class Meta(Form.Meta):
        csrf = False  # it changes nothing

    q = StringField("Person", validators=[Length(max=80)])
    sort = SelectField(
        "What",
        choices=[
            SelectChoice("", "Everything"),
            *(SelectChoice(sort, label) for sort, (label, _) in SORTS.items()),
        ],
        default="",
    )
    since = DateField("From", validators=[Optional()])
    until = DateField("Until", validators=[Optional()])

    @property
    def wanted(self) -> Wanted:
        """What to look for. What could not be understood does not narrow the search."""
        self.validate()
        said = {field.name: None if field.errors else field.data for field in self}
        return Wanted(said["q"] or "", said["sort"] or "", said["since"], said["until"])

    def address(self, **changes: str) -> dict[str, str]:
        """The parts of an address that say the same, with these changes."""
        wanted = self.wanted
        said = {
            "q": wanted.words,
            "sort": wanted.sort,
            "since": wanted.since.isoformat() if wanted.since else "",
            "until": wanted.until.isoformat() if wanted.until else "",
        } | changes
        return {name: value for name, value in said.items() if value}
