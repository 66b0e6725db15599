"""What narrows the search for a mentor. All of it stands in the page's address."""

from collections.abc import Sequence

from wtforms import BooleanField, SelectChoice, StringField
from wtforms.validators import Length

from mentorship.profiles.finding import Wanted
from mentorship.profiles.forms.choices import One, OneOf, Several
from mentorship.profiles.models import FACETS
from mentorship.vocabulary.backgrounds import languages
from mentorship.vocabulary.interests import labels
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.lengths import USUAL
from mentorship.vocabulary.stages import Standing
from mentorship.web.forms import Form

LONGEST = 80
IN_COMMON, BY_NAME = "common", "name"


class FindForm(Form):
    class Meta(Form.Meta):
        csrf = False  # it changes nothing

    q = StringField(
        "Name or topic",
        validators=[Length(max=LONGEST, message=f"Search for at most {LONGEST} characters.")],
    )
    kind = OneOf(
        "Kind",
        choices=[
            SelectChoice("", "Every kind"),
            *(SelectChoice(kind.value, kind.label) for kind in Kind),
        ],
        default="",
    )
    standing = Several(
        "Who",
        choices=[
            SelectChoice(Standing.FACULTY.value, "Faculty"),
            SelectChoice(Standing.FELLOW.value, "Fellows"),
            SelectChoice(Standing.RESIDENT.value, "Residents"),
            SelectChoice(Standing.PROFESSIONAL.value, "Other health professionals"),
        ],
    )
    interest = One(
        "Interest",
        choices=[
            SelectChoice("", "Any interest"),
            *(SelectChoice(slug, label) for slug, label in labels().items()),
        ],
        default="",
    )
    setting = One(
        "Works in",
        choices=[
            SelectChoice("", "Any setting"),
            *(SelectChoice(facet, label) for facet, label in FACETS.items()),
        ],
        default="",
    )
    language = One(
        "Speaks",
        choices=[
            SelectChoice("", "Any language"),
            *(SelectChoice(slug, label) for slug, label in languages().items()),
        ],
        default="",
    )
    places = BooleanField("Has a place left")
    paused = BooleanField("Also those on pause")
    sort = OneOf(
        "Order",
        choices=[
            SelectChoice(IN_COMMON, "Most in common first"),
            SelectChoice(BY_NAME, "By name"),
        ],
        default=IN_COMMON,
    )

    @property
    def wanted(self) -> Wanted:
        """What is looked for. What could not be understood does not narrow the search."""
        self.validate()
        kind, standings = self._said("kind"), self._said("standing")
        return Wanted(
            kind=Kind(kind) if kind else None,
            text=self._said("q"),
            standings=frozenset(map(Standing, standings)),
            interest=self._said("interest"),
            language=self._said("language"),
            setting=self._said("setting"),
            with_places=self.places.data,
            also_paused=self.paused.data,
        )

    @property
    def filters_on(self) -> int:
        """How many filters are set, besides the words."""
        names = ("kind", "standing", "interest", "setting", "language", "places", "paused")
        return sum(bool(self._said(name)) for name in names)

    def address(self, **changes: str | None) -> dict[str, str | list[str]]:
        """The parts of an address that say the same, with these changes; None leaves one out."""
        said = {
            "q": self._said("q"),
            "kind": self._said("kind"),
            "standing": self._said("standing"),
            "interest": self._said("interest"),
            "setting": self._said("setting"),
            "language": self._said("language"),
            "places": "y" if self.places.data else "",
            "paused": "y" if self.paused.data else "",
            "sort": BY_NAME if self._said("sort") == BY_NAME else "",
        }
        return {name: value for name, value in (said | changes).items() if value}

    def _said(self, name: str):
        return ("" if self[name].errors else self[name].data) or ""


class AskFor(Form):
    """What to ask a mentor for, before a time is chosen."""

    class Meta(Form.Meta):
        csrf = False  # it leads to a page, and changes nothing

    kind = OneOf("About")
    minutes = OneOf("How long")

    @classmethod
    def offering(
        cls, kinds: Sequence[Kind], lengths: Sequence[int], *, preferred: Kind | None
    ) -> "AskFor":
        """Offer these kinds and these lengths in minutes, with the likeliest of each chosen."""
        form = cls(
            formdata=None,
            data={
                "kind": preferred if preferred in kinds else kinds[0],
                "minutes": str(USUAL if USUAL in lengths else lengths[0]),
            },
        )
        form.kind.choices = [SelectChoice(kind.value, kind.label) for kind in kinds]
        form.minutes.choices = [SelectChoice(str(one), f"{one} min") for one in lengths]
        return form
