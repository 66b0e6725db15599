"""What people say of themselves, a part of the profile at a time. Half of it is fine."""

from collections.abc import Mapping
from typing import Any, ClassVar

from wtforms import BooleanField, IntegerField, SelectChoice, StringField, TextAreaField
from wtforms.validators import Length, Optional

from mentorship.foundation import clock
from mentorship.foundation.errors import Refusal
from mentorship.profiles import profiles
from mentorship.profiles.answers import Wish
from mentorship.profiles.forms.choices import One, OneOf, Several, SeveralOfALongList
from mentorship.profiles.models import FACETS
from mentorship.profiles.queries import MyMenteeProfile, MyMentorProfile
from mentorship.vocabulary.interests import labels
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.lengths import LENGTHS
from mentorship.vocabulary.stages import MENTEE_STAGES, Standing
from mentorship.web.filters import zone_city
from mentorship.web.forms import Form

_INTERESTS = [SelectChoice(slug, label) for slug, label in labels().items()]
_KINDS = [SelectChoice(kind.value, kind.label) for kind in Kind]


def at_most(characters: int) -> Length:
    return Length(max=characters, message=f"Keep this within {characters} characters.")


class WholeNumber(IntegerField):
    """A number; what is none gets words that say how to write it."""

    def __init__(self, *args: Any, otherwise: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.otherwise = otherwise

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(self.otherwise) from error


class Part(Form):
    """One part of a profile: `shown` fills it in, `changes` is what the verb is handed."""

    title: ClassVar[str]
    lead: ClassVar[str] = ""
    #: Beside which field each refusal is shown.
    fields: ClassVar[Mapping[type[Refusal], str]] = {}
    #: Fields with a list so long that it can be narrowed, and those of the four kinds.
    long_lists: ClassVar[tuple[str, ...]] = ()
    kinds_of: ClassVar[tuple[str, ...]] = ()

    @staticmethod
    def shown(said: Any) -> dict[str, Any]:
        """What the fields hold for a profile as it was said. Each part has its own."""
        raise NotImplementedError

    @property
    def changes(self) -> dict[str, Any]:
        """What was typed, by the names of the profile. Each part has its own."""
        raise NotImplementedError

    def refuse_beside(self, refusal: Refusal) -> None:
        self.refuse(refusal, self.fields.get(type(refusal), ""))


class AboutPart(Part):
    title = "About you"
    lead = "Mentors read this before they answer you."
    fields: ClassVar = {
        profiles.UnlikelyYear: "class_year",
        profiles.NotAMenteeStage: "stage",
    }

    stage = One(
        "Stage of training",
        choices=[
            SelectChoice("", "Choose a stage"),
            *(SelectChoice(stage.value, stage.label) for stage in MENTEE_STAGES),
        ],
    )
    class_year = WholeNumber(
        "Class year",
        description="The year in which you finish school or residency.",
        validators=[Optional()],
        otherwise="Write the year in four digits, like 2028.",
        render_kw={"inputmode": "numeric"},
    )
    school = StringField("School", validators=[at_most(profiles.LINE)])
    story = TextAreaField(
        "Your one-minute story",
        description="Who you are and how you got here, as you would tell it on a walk."
        f" Up to {profiles.STORY} characters.",
        validators=[at_most(profiles.STORY)],
    )

    @staticmethod
    def shown(said: MyMenteeProfile) -> dict[str, Any]:
        return {
            "stage": said.stage or "",
            "class_year": said.class_year,
            "school": said.school,
            "story": said.story,
        }

    @property
    def changes(self) -> dict[str, Any]:
        stages = {stage.value: stage for stage in MENTEE_STAGES}
        return {
            "stage": stages.get(self.stage.data or ""),
            "class_year": self.class_year.data,
            "school": self.school.data or "",
            "story": self.story.data or "",
        }


class InterestsPart(Part):
    """Of a student or of a mentor: both choose from the same list."""

    title = "Your interests"
    lead = "What two people both named is the first thing they see of each other."
    fields: ClassVar = {profiles.TooMany: "interests", profiles.NotListed: "interests"}
    long_lists = ("interests",)

    interests = SeveralOfALongList(
        "Interests",
        choices=_INTERESTS,
        description=f"Up to {profiles.MOST_INTERESTS}, those that matter most.",
    )

    @staticmethod
    def shown(said: MyMenteeProfile | MyMentorProfile) -> dict[str, Any]:
        return {"interests": list(said.interests)}

    @property
    def changes(self) -> dict[str, Any]:
        return {"interests": self.interests.data or []}


def _wished(kind: Kind) -> BooleanField:
    return BooleanField(f"I look for {kind.one} mentor", description=kind.purpose)


def _for() -> TextAreaField:
    return TextAreaField(
        "What for",
        description=f"A sentence or two, up to {profiles.LOOKING_FOR} characters.",
        validators=[at_most(profiles.LOOKING_FOR)],
    )


class WantsPart(Part):
    title = "What you look for"
    lead = (
        "You are paired only for the kinds that you tick. What is not ticked is not kept."
        " While you tick any, your chapter’s mentors can read that you look for a mentor, not of"
        " which kind."
    )
    fields: ClassVar = {profiles.TooMany: "topics", profiles.NotListed: "topics"}

    career = _wished(Kind.CAREER)
    career_for = _for()
    content = _wished(Kind.CONTENT)
    topics = SeveralOfALongList(
        "Topics",
        choices=_INTERESTS,
        description=f"Up to {profiles.MOST_TOPICS}.",
    )
    content_for = _for()
    application = _wished(Kind.APPLICATION)
    application_for = _for()
    wellness = _wished(Kind.WELLNESS)
    wellness_for = _for()

    @staticmethod
    def shown(said: MyMenteeProfile) -> dict[str, Any]:
        found: dict[str, Any] = {"topics": []}
        for kind, wish in said.wants.items():
            found |= {kind.value: True, f"{kind}_for": wish.looking_for}
            if kind is Kind.CONTENT:
                found["topics"] = list(wish.topics)
        return found

    @property
    def changes(self) -> dict[str, Any]:
        return {
            "wants": {
                kind: Wish(
                    topics=tuple(self.topics.data or ()) if kind is Kind.CONTENT else (),
                    looking_for=self[f"{kind}_for"].data or "",
                )
                for kind in Kind
                if self[kind.value].data
            }
        }


class MentorPart(Part):
    title = "About you as a mentor"
    lead = "Students find you by these words."
    fields: ClassVar = {profiles.NotListed: "facets"}

    standing = OneOf(
        "You are",
        choices=[SelectChoice(standing.value, standing.label) for standing in Standing],
    )
    title_line = StringField(
        "Title",
        description="For example: Attending physician, or PGY-3 resident.",
        validators=[at_most(profiles.LINE)],
    )
    institution = StringField("Institution", validators=[at_most(profiles.LINE)])
    facets = Several(
        "Where you practice", choices=[SelectChoice(key, label) for key, label in FACETS.items()]
    )
    story = TextAreaField(
        "In your own words",
        description="What you like to talk about, and what you leave to others."
        f" Up to {profiles.STORY} characters.",
        validators=[at_most(profiles.STORY)],
    )

    @staticmethod
    def shown(said: MyMentorProfile) -> dict[str, Any]:
        return {
            "standing": said.standing.value,
            "title_line": said.title,
            "institution": said.institution,
            "facets": list(said.facets),
            "story": said.story,
        }

    @property
    def changes(self) -> dict[str, Any]:
        said = {
            "title": self.title_line.data or "",
            "institution": self.institution.data or "",
            "facets": self.facets.data or [],
            "story": self.story.data or "",
        }
        return said | ({"standing": Standing(self.standing.data)} if self.standing.data else {})


class OffersPart(Part):
    title = "What you offer"
    lead = "You are paired only for the kinds that you tick."
    fields: ClassVar = {profiles.TooMany: "topics", profiles.NotListed: "topics"}
    long_lists = ("topics",)
    kinds_of = ("kinds",)

    kinds = Several("Kinds of mentoring", choices=_KINDS)
    topics = SeveralOfALongList(
        "Topics of content mentoring",
        choices=_INTERESTS,
        description=f"Up to {profiles.MOST_TOPICS}. They count only if you tick content.",
    )
    recent_cycle = BooleanField(
        "I know a recent application cycle first hand",
        description="As an applicant, an interviewer, or a program’s leader.",
    )

    @staticmethod
    def shown(said: MyMentorProfile) -> dict[str, Any]:
        return {
            "kinds": [kind.value for kind in said.offers],
            "topics": list(said.offers.get(Kind.CONTENT, ())),
            "recent_cycle": said.recent_cycle,
        }

    @property
    def changes(self) -> dict[str, Any]:
        chosen = {Kind(kind) for kind in self.kinds.data or ()}
        return {
            "offers": {
                kind: tuple(self.topics.data or ()) if kind is Kind.CONTENT else ()
                for kind in Kind
                if kind in chosen
            },
            "recent_cycle": self.recent_cycle.data,
        }


class MeetingsPart(Part):
    title = "Places and meetings"
    fields: ClassVar = {
        profiles.TooFewPlaces: "places",
        profiles.NoLength: "lengths",
        profiles.NotALink: "video_link",
    }

    places = WholeNumber(
        "Places",
        description="How many mentees you have room for, over all kinds and all your chapters."
        " A paired student takes one, and so does one who waits for your answer.",
        otherwise=f"Write a number of places, from 0 to {profiles.MOST_PLACES}.",
        render_kw={"inputmode": "numeric"},
    )
    lengths = Several(
        "Lengths of meeting that you take",
        choices=[SelectChoice(str(one), f"{one} minutes") for one in LENGTHS],
    )
    video_link = StringField(
        "Where you meet",
        description="A video link that starts with https://, or a place such as ED conference"
        " room B. Only the people you meet are given the link.",
        validators=[at_most(profiles.LINK)],
    )

    @staticmethod
    def shown(said: MyMentorProfile) -> dict[str, Any]:
        return {
            "places": said.places,
            "lengths": [str(one) for one in said.lengths],
            "video_link": said.video_link,
        }

    @property
    def changes(self) -> dict[str, Any]:
        return {
            "places": self.places.data,
            "lengths": [int(one) for one in self.lengths.data or ()],
            "video_link": self.video_link.data or "",
        }

    def validate_places(self, field: WholeNumber) -> None:
        if field.data is None and not field.errors:
            raise ValueError(field.otherwise)


#: The zones that most people here live in, with the names they say.
_NEAR = {
    "America/New_York": "New York (Eastern)",
    "America/Chicago": "Chicago (Central)",
    "America/Denver": "Denver (Mountain)",
    "America/Phoenix": "Phoenix (Mountain, no daylight saving)",
    "America/Los_Angeles": "Los Angeles (Pacific)",
    "America/Anchorage": "Anchorage (Alaska)",
    "Pacific/Honolulu": "Honolulu (Hawaii)",
    "America/Puerto_Rico": "Puerto Rico (Atlantic)",
}
_REGIONS = {
    "America": "Americas",
    "Europe": "Europe",
    "Africa": "Africa",
    "Asia": "Asia",
    "Australia": "Australia",
    "Pacific": "Pacific",
    "Atlantic": "Atlantic",
    "Indian": "Indian Ocean",
}


class ZoneForm(Form):
    zone = One("Time zone", description="Choose the city that shares your clock.")

    def offer(self, current: str) -> None:
        """List the zones by region, with the one in use whatever its name."""
        groups = {"United States": list(_NEAR.items())}
        groups |= {label: [] for label in _REGIONS.values()}
        for name in sorted(clock.zones(), key=zone_city):
            region = name.split("/")[0]
            if region in _REGIONS and name not in _NEAR:
                groups[_REGIONS[region]].append((name, zone_city(name)))
        listed = {name for zones in groups.values() for name, _ in zones}
        groups["Other"] = [(name, zone_city(name)) for name in {"UTC", current} - listed]
        self.zone.choices = [
            SelectChoice(name, label, optgroup=region)
            for region, zones in groups.items()
            for name, label in zones
        ]
