"""What a coordinator says to find people, and to bring new ones in."""

from werkzeug.datastructures import FileStorage
from wtforms import FileField, SelectChoice, StringField
from wtforms.validators import Length, ValidationError

from mentorship.profiles.forms.choices import One
from mentorship.profiles.people import Wanted
from mentorship.tenancy.roles import Role
from mentorship.web.forms import Form

LONGEST = 80


class RosterForm(Form):
    class Meta(Form.Meta):
        takes_files = True

    file = FileField("Roster file")

    def validate_file(self, field: FileField) -> None:
        if not isinstance(field.data, FileStorage) or not field.data.filename:
            raise ValidationError("Choose a file first.")


class PeopleForm(Form):
    class Meta(Form.Meta):
        csrf = False  # it changes nothing

    q = StringField(
        "Name or email address",
        validators=[Length(max=LONGEST, message=f"Search for at most {LONGEST} characters.")],
    )
    role = One(
        "Role",
        choices=[
            SelectChoice("", "Everyone"),
            *(SelectChoice(role.value, role.label) for role in Role),
        ],
        default="",
    )

    @property
    def wanted(self) -> Wanted:
        """Whom to look for. What could not be understood does not narrow the search."""
        self.validate()
        words = "" if self.q.errors else self.q.data or ""
        role = "" if self.role.errors else self.role.data
        return Wanted(words, Role(role) if role else None)

    def address(self, **changes: str | None) -> dict[str, str]:
        """The parts of an address that say the same, with these changes."""
        wanted = self.wanted
        said = {"q": wanted.words, "role": wanted.role or ""} | changes
        return {name: value for name, value in said.items() if value}
