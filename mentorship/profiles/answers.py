"""What a mentee and a mentor say of themselves. Interests and topics are slugs of the taxonomy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from mentorship.profiles.details import MenteeDetails, MentorDetails
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import Stage, Standing


class Wish(NamedTuple):
    """What a mentee looks for in one kind of mentor; content mentoring has topics (slugs)."""

    topics: tuple[str, ...] = ()
    looking_for: str = ""


@dataclass(frozen=True)
class MenteeAnswers:
    """Everything empty before the first save."""

    stage: Stage | None = None
    class_year: int | None = None
    school: str = ""
    interests: Sequence[str] = ()
    story: str = ""
    wants: Mapping[Kind, Wish] = field(default_factory=dict)
    """The kinds that they look for, and no others."""
    details: MenteeDetails | None = None
    """None where those that are kept stay."""


@dataclass(frozen=True, kw_only=True)
class MentorAnswers:
    standing: Standing
    title: str
    institution: str
    interests: Sequence[str]
    facets: Sequence[str]
    story: str
    offers: Mapping[Kind, Sequence[str]]
    """The kinds that they offer, each with its topics."""
    places: int
    """Mentees over all kinds and chapters: it holds in the mentor's other chapters too."""
    lengths: Sequence[int]
    """Minutes."""
    video_link: str
    recent_cycle: bool
    details: MentorDetails | None = None
    """None where those that are kept stay."""
