"""Where the demo's people come from and want to go: varied, invented, and the same every time.

Nobody here was asked anything, so nothing follows from a name. One in four says nothing, as in
life; `n` is a person's place in their file.
"""

from collections.abc import Collection, Sequence

from mentorship.demo.pools import Phase, pick
from mentorship.profiles.details import MenteeDetails, MentorDetails, PartOfDay
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import Stage, Standing

#: What occupies people of each phase, two goals at a time.
_GOALS = {
    Phase.PRECLINICAL: (
        *(("choosing-em", "first-research"), ("choosing-em", "life"), ("practice", "money")),
        *(("first-research", "exams"), ("choosing-em",), ("clinical-skills", "life")),
    ),
    Phase.CLERKSHIP: (
        *(("choosing-em", "rotations"), ("exams", "clinical-skills"), ("publishing", "letters")),
        *(("practice", "rotations"), ("setbacks", "exams"), ("choosing-em", "family")),
    ),
    Phase.APPLICANT: (
        *(("letters", "interviews"), ("program-list", "statement"), ("rank-list", "couples")),
        *(("interviews", "money"), ("reapplying", "setbacks"), ("program-list", "interviews")),
    ),
    Phase.RESIDENT: (
        *(("fellowship", "publishing"), ("first-job", "money"), ("teaching", "leadership")),
        ("family", "life"),
    ),
}
#: What mentors can help with, by where they stand.
_HELPS = {
    Standing.FACULTY: (
        *(("practice", "fellowship", "leadership"), ("letters", "program-list", "interviews")),
        *(("first-research", "publishing"), ("choosing-em", "practice", "first-job")),
        *(("teaching", "clinical-skills"), ("family", "life", "setbacks")),
    ),
    Standing.FELLOW: (
        *(("fellowship", "publishing", "first-research"), ("letters", "interviews", "fellowship")),
        ("clinical-skills", "teaching", "life"),
    ),
    Standing.RESIDENT: (
        *(("rotations", "interviews", "rank-list"), ("statement", "program-list", "couples")),
        *(("exams", "setbacks", "life"), ("choosing-em", "clinical-skills", "money")),
    ),
    Standing.PROFESSIONAL: (("life", "family", "setbacks"), ("leadership", "publishing")),
}
_SETTINGS = (("academic",), ("community",), ("county",), (), ("community", "rural"), ("academic",))
_REGIONS = (
    *("east-north-central", "mountain", "", "pacific", "middle-atlantic", "", "new-england"),
    *("west-north-central", "south-atlantic", "", "west-south-central"),
)
_PATHS = ("md", "md", "do", "", "md", "do", "md-phd", "second-career", "img", "md", "military")
_LANGUAGES = (
    *((), ("spanish",), (), ("vietnamese",), (), ("spanish", "portuguese"), (), ("mandarin",)),
    *((), ("arabic", "french"), (), ("asl",), ("spanish",), ("hindi", "gujarati"), ()),
)
_GROUPS = (("first-gen",), ("rural",), ("caregiver",), ("urim", "first-gen"), ("lgbtq",))
_AFTERNOONS = tuple(PartOfDay.AFTERNOON.of_week(day) for day in range(5))
_EVENINGS = tuple(PartOfDay.EVENING.of_week(day) for day in range(7))
_FREE: Sequence[tuple[int, ...]] = (
    *((), _AFTERNOONS + _EVENINGS, (), ()),
    tuple(range(15)),
    tuple(range(21)),
)


def of_student(stage: Stage, *, n: int) -> MenteeDetails:
    """What a student says beside topics and interests."""
    if n % 4 == 3:
        return MenteeDetails()
    return MenteeDetails(
        goals=pick(_GOALS[Phase.of(stage)], n),
        settings=pick(_SETTINGS, n),
        region=pick(_REGIONS, n),
        path=pick(_PATHS, n),
        languages=pick(_LANGUAGES, n),
        free=pick(_FREE, n),
    )


def of_mentor(standing: Standing, offers: Collection[Kind], *, n: int) -> MentorDetails:
    """What a mentor says beside topics, interests and where they practice."""
    if n % 4 == 3:
        return MentorDetails()
    two_of_wellness = Kind.WELLNESS in offers and n % 3 == 0
    return MentorDetails(
        goals=pick(_HELPS[standing], n),
        region=pick(_REGIONS, n),
        path="other" if standing is Standing.PROFESSIONAL else pick(_PATHS, n),
        languages=pick(_LANGUAGES, n),
        places={Kind.WELLNESS: 2} if two_of_wellness else {},
    )


def groups(n: int) -> tuple[str, ...]:
    """The groups that somebody agreed to have counted; most people leave them out."""
    return pick(_GROUPS, n) if n % 5 == 0 else ()
