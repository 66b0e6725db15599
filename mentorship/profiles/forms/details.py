"""What helps a matching run, a part of the profile at a time. All of it may be left out."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

from wtforms import BooleanField, SelectChoice, StringField
from wtforms.validators import NumberRange, Optional

from mentorship.profiles import details
from mentorship.profiles.details import DAYS, PartOfDay
from mentorship.profiles.forms.choices import One, Several, SeveralOfALongList
from mentorship.profiles.forms.mine import Part, WholeNumber, at_most
from mentorship.profiles.models import FACETS
from mentorship.profiles.queries import MyMenteeProfile, MyMentorProfile
from mentorship.vocabulary import backgrounds
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import MENTEE_STAGES, Stage
from mentorship.web.forms import Form

_RANKS = ("first", "second", "third", "fourth", "fifth")
_A_NUMBER = f"Write a number from 0 to {details.MOST_PLACES}, or nothing."


def _choices(listed: Mapping[str, str]) -> list[SelectChoice]:
    return [SelectChoice(slug, label) for slug, label in listed.items()]


def _one_of(label: str, listed: Mapping[str, str], *, used: str) -> One:
    choices = [SelectChoice("", "Not said"), *_choices(listed)]
    return One(label, choices=choices, description=used, default="")


def _languages(used: str) -> SeveralOfALongList:
    return SeveralOfALongList(
        "Languages besides English",
        choices=_choices(backgrounds.languages()),
        description=f"Up to {details.MOST_LANGUAGES}. {used}",
    )


class HopesPart(Part):
    title = "Where you want to go"
    lead = (
        "A matching run looks for mentors who know the way. Coordinators see what you and a"
        " proposed mentor share. What you leave out counts neither for nor against you."
    )
    fields: ClassVar = {details.NotListed: "goals", details.TooMany: "goals"}
    long_lists = ("goals", "languages")

    goals = Several(
        "What you want to get done or find out",
        choices=_choices(backgrounds.goals()),
        description=f"Up to {details.MOST_GOALS}. Used to find mentors who can help with them.",
    )
    settings = Several(
        "Where you hope to practice",
        choices=_choices(FACETS),
        description="Used to find mentors who work there.",
    )
    region = _one_of(
        "Where you hope to train",
        backgrounds.regions(),
        used="Used to find mentors who know the programs there.",
    )
    path = _one_of(
        "How you train",
        backgrounds.paths(),
        used="Used to find mentors who came the same way.",
    )
    languages = _languages("Used to find mentors who speak one of them too.")

    @staticmethod
    def shown(said: MyMenteeProfile) -> dict[str, Any]:
        hopes = said.details
        return {
            **{"goals": list(hopes.goals), "settings": list(hopes.settings)},
            **{"region": hopes.region, "path": hopes.path, "languages": list(hopes.languages)},
        }

    @property
    def changes(self) -> dict[str, Any]:
        return {
            "details": {
                "goals": self.goals.data or (),
                "settings": self.settings.data or (),
                "region": self.region.data or "",
                "path": self.path.data or "",
                "languages": self.languages.data or (),
            }
        }


class FreeTimePart(Part):
    """Drawn as a table: a row a day, a column a part of the day."""

    title = "When you are free"
    lead = (
        "Tick the parts of an ordinary week in which you can mostly meet, on your own clock. A"
        " matching run then looks for mentors who are free when you are, and proposes nobody"
        " whose hours never meet yours. Tick nothing if any time may do."
    )
    fields: ClassVar = {details.NotListed: "free"}

    free = Several(
        "Parts of the week",
        choices=[
            SelectChoice(str(part.of_week(day)), f"{name} {part}")
            for day, name in enumerate(DAYS)
            for part in PartOfDay
        ],
    )

    @staticmethod
    def shown(said: MyMenteeProfile) -> dict[str, Any]:
        return {"free": [str(one) for one in said.details.free]}

    @property
    def changes(self) -> dict[str, Any]:
        return {"details": {"free": tuple(int(one) for one in self.free.data or ())}}


class ExperiencePart(Part):
    """What a mentor knows from their own way; where they practice stands with their title."""

    title = "What you know first hand"
    lead = (
        "A matching run looks for students who need it, and students see it beside your name."
        " What you leave out counts neither for nor against you."
    )
    fields: ClassVar = {details.NotListed: "goals", details.TooMany: "goals"}
    long_lists = ("languages",)

    goals = Several(
        "What you can help with",
        choices=_choices(backgrounds.goals()),
        description=f"Up to {details.MOST_GOALS}. Used to find students who want just that.",
    )
    region = _one_of(
        "Where you practice or trained",
        backgrounds.regions(),
        used="Used to find students who hope to train there.",
    )
    path = _one_of(
        "How you trained",
        backgrounds.paths(),
        used="Used to find students who go the same way.",
    )
    languages = _languages("Used to find students who speak one of them too.")

    @staticmethod
    def shown(said: MyMentorProfile) -> dict[str, Any]:
        known = said.details
        return {
            **{"goals": list(known.goals), "region": known.region, "path": known.path},
            "languages": list(known.languages),
        }

    @property
    def changes(self) -> dict[str, Any]:
        return {
            "details": {
                "goals": self.goals.data or (),
                "region": self.region.data or "",
                "path": self.path.data or "",
                "languages": self.languages.data or (),
            }
        }


def _most_of(kind: Kind) -> WholeNumber:
    return WholeNumber(
        f"{kind.label} mentees at most",
        otherwise=_A_NUMBER,
        validators=[Optional(), NumberRange(0, details.MOST_PLACES, _A_NUMBER)],
        render_kw={"inputmode": "numeric"},
    )


class LimitsPart(Part):
    title = "Whom you take"
    lead = (
        "A matching run keeps to these limits. They are seen by nobody but you, though a"
        " coordinator reads of one where it keeps a pair apart."
    )
    fields: ClassVar = {
        details.NotListed: "stages",
        details.TooLong: "only_school",
        details.TooManyOfAKind: "career",
        details.TooManyOutside: "outside_places",
        details.NoSchoolOfTheirOwn: "only_school",
    }

    stages = Several(
        "Stages that you take",
        choices=[SelectChoice(stage.value, stage.label) for stage in MENTEE_STAGES],
        description="None ticked is all. Whoever says no stage is in none that you tick.",
    )
    only_school = StringField(
        "Only students of this school",
        description="As its students write it. Leave it empty to take students of any school.",
        validators=[at_most(details.LINE)],
    )
    outside_places = WholeNumber(
        "Save for so many students of other schools",
        otherwise=_A_NUMBER,
        description="Those you have already count too. Leave it empty to take none.",
        validators=[Optional(), NumberRange(0, details.MOST_PLACES, _A_NUMBER)],
        render_kw={"inputmode": "numeric"},
    )
    career = _most_of(Kind.CAREER)
    content = _most_of(Kind.CONTENT)
    application = _most_of(Kind.APPLICATION)
    wellness = _most_of(Kind.WELLNESS)

    @staticmethod
    def shown(said: MyMentorProfile) -> dict[str, Any]:
        limits = said.details
        return {
            "stages": [stage.value for stage in limits.stages],
            "only_school": limits.only_school,
            "outside_places": limits.outside_places or None,
            **{kind.value: limits.places.get(kind) for kind in Kind},
        }

    @property
    def changes(self) -> dict[str, Any]:
        given = {kind: self[kind.value].data for kind in Kind}
        return {
            "details": {
                "stages": tuple(map(Stage, self.stages.data or ())),
                "only_school": self.only_school.data or "",
                "outside_places": self.outside_places.data or 0,
                "places": {kind: most for kind, most in given.items() if most is not None},
            }
        }


class WishesForm(Form):
    """Five drop-downs, so that the order needs no mouse. Gaps between them close up."""

    first = One("First wish")
    second = One("Second wish")
    third = One("Third wish")
    fourth = One("Fourth wish")
    fifth = One("Fifth wish")

    @classmethod
    def offering(cls, people: Mapping[UUID, str], *, said: Sequence[UUID]) -> "WishesForm":
        """Let the reader choose among these people, with those said so far chosen."""
        chosen = dict(zip(_RANKS, map(str, said), strict=False))
        form = cls(data={rank: chosen.get(rank, "") for rank in _RANKS})
        for rank in _RANKS:
            form[rank].choices = [
                SelectChoice("", "Nobody"),
                *(SelectChoice(str(person), name) for person, name in people.items()),
            ]
        return form

    @property
    def people(self) -> list[UUID]:
        """Whom was chosen, most of all first."""
        return [UUID(self[rank].data) for rank in _RANKS if self[rank].data]


class AffinityForm(Form):
    groups = Several("Groups", choices=_choices(backgrounds.affinities()))
    agreed = BooleanField(
        "I agree that these are counted when I am paired",
        description="Untick it, or choose none, and what was kept is deleted at once.",
    )
