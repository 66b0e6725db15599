"""What somebody says to find pairings among all of the chapter's."""

from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length

from mentorship.insights.health import Wanted
from mentorship.relationships.health import Level
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import Stage
from mentorship.web.forms import Form


def _one(label: str, every: str, choices: type[Kind] | type[Stage] | type[Level]) -> SelectField:
    said = [SelectChoice(one.value, one.label) for one in choices]
    return SelectField(label, choices=[SelectChoice("", every), *said], default="")


class PairingsForm(Form):
    class Meta(Form.Meta):
        csrf = False  # it changes nothing

    q = StringField("Name", validators=[Length(max=80)])
    level = _one("Health", "Any health", Level)
    kind = _one("Kind", "Every kind", Kind)
    stage = _one("Stage", "Every stage", Stage)

    @property
    def wanted(self) -> Wanted:
        """What to look for. What could not be understood does not narrow the search."""
        self.validate()
        said = {field.name: "" if field.errors else field.data or "" for field in self}
        return Wanted(
            words=said["q"],
            kind=Kind(said["kind"]) if said["kind"] else None,
            stage=Stage(said["stage"]) if said["stage"] else None,
            level=Level(said["level"]) if said["level"] else None,
        )

    def address(self, **changes: str) -> dict[str, str]:
        """The parts of an address that say the same, with these changes."""
        wanted = self.wanted
        said = {
            "q": wanted.words,
            "level": wanted.level or "",
            "kind": wanted.kind or "",
            "stage": wanted.stage or "",
        } | changes
        return {name: value for name, value in said.items() if value}
