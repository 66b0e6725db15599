"""A mentor as one reader sees them: what they share, and what stands in the way. Plain values."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from mentorship.profiles.details import MenteeDetails, MentorDetails
from mentorship.profiles.models import FACETS
from mentorship.profiles.queries import MyMenteeProfile
from mentorship.relationships.models import PairingState
from mentorship.vocabulary.backgrounds import goals, languages, paths, region_name
from mentorship.vocabulary.interests import inside, labels
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import Standing
from mentorship.web.filters import listing, surname_title


class Tie(NamedTuple):
    """An open pairing of the reader with the mentor."""

    kind: Kind
    pairing_id: UUID
    state: PairingState


@dataclass(frozen=True)
class Found:
    """A mentor in a list, as this reader sees them."""

    id: UUID
    name: str
    standing: Standing
    title: str
    institution: str
    interests: Sequence[str]
    offers: dict[Kind, tuple[str, ...]]
    places: int
    taken: int
    """Places taken, over all kinds and chapters; not by whom or where."""
    paused: bool
    recent_cycle: bool
    """Whether they know a recent application cycle first hand."""
    evaluates: bool
    """Whether they judge the reader these days."""
    ties: tuple[Tie, ...]

    @property
    def left(self) -> int:
        return max(self.places - self.taken, 0)

    @property
    def line(self) -> str:
        """What they are and where, in a line."""
        return ", ".join(filter(None, (self.title or self.standing.label, self.institution)))

    @property
    def topics(self) -> tuple[str, ...]:
        """What they give content mentoring about (slugs)."""
        return self.offers.get(Kind.CONTENT, ())

    @property
    def over(self) -> int:
        """How many more mentees they have than places."""
        return max(self.taken - self.places, 0)

    def shared(self, mine: MyMenteeProfile) -> list[str]:
        """What both the mentor and this student named, in the words on screen."""
        return spoken(set(named(mine)) & {*self.interests, *self.topics})


@dataclass(frozen=True)
class Mentor(Found):
    """A mentor on a page of their own."""

    story: str
    facets: Sequence[str]
    lengths: Sequence[int]
    """Minutes."""
    where: str
    """A place to meet at; empty for a video link, which only those who meet them are given."""
    by_video: bool
    zone: str
    details: MentorDetails
    """What they know first hand. Whom they take is theirs, and left empty here."""
    two_kinds: bool
    """Whether this chapter lets one person hold two kinds for one student."""

    @property
    def askable(self) -> list[Kind]:
        """The kinds offered that the reader does not have from them already."""
        held = {tie.kind for tie in self.ties}
        return [kind for kind in self.offers if kind not in held]

    def reasons(self, mine: MyMenteeProfile) -> list[str]:
        """What speaks for this mentor, to this student, in words."""
        found = []
        if both := self.shared(mine):
            found.append(f"You both named {listing(both)}")
        found.extend(self._knows_for(mine.details))
        if kinds := [kind.value for kind in mine.wants if kind in self.askable]:
            found.append(f"Offers what you look for: {listing(kinds)}")
        if self.standing.near_peer:
            found.append(f"A {self.standing.label.lower()}, a few years ahead of you")
        if self.recent_cycle and Kind.APPLICATION in mine.wants:
            found.append("Knows a recent application cycle first hand")
        return found

    def _knows_for(self, hopes: MenteeDetails) -> list[str]:
        known, found = self.details, []
        if helps := _both(hopes.goals, known.goals, goals()):
            found.append(f"Can help with {listing(map(inside, helps))}")
        if practices := _both(hopes.settings, self.facets, FACETS):
            found.append(f"Works where you hope to: {listing(map(inside, practices))}")
        if spoken_by_both := _both(hopes.languages, known.languages, languages()):
            found.append(f"You both speak {listing(spoken_by_both)}")
        if hopes.region and hopes.region == known.region:
            found.append(f"Knows {region_name(known.region)}, where you hope to train")
        if hopes.path and hopes.path == known.path:
            found.append(f"Trained as you do: {paths().get(known.path, known.path)}")
        return found

    def in_the_way(self, kind: Kind) -> str:
        """Why this student cannot ask for this kind, in words; nothing when they can."""
        called = surname_title(self.name)
        if any(tie.kind is kind for tie in self.ties):
            return ""
        if kind is Kind.WELLNESS and self.evaluates:
            return (
                f"Wellness mentoring by {called} is not offered to you, because {called} takes"
                " part in evaluating you. Every other kind is open."
            )
        if self.ties and not self.two_kinds:
            held = self.ties[0]
            begins = (
                f"You have asked {called} for {held.kind} mentoring already."
                if held.state == PairingState.PROPOSED
                else f"{called} is your {held.kind} mentor already."
            )
            return f"{begins} In this chapter one person holds one kind for each student."
        if self.paused:
            return f"{called} takes no new mentees for now. You can ask again later."
        if not self.left:
            return f"All of {called}’s places are taken. A place is shown here once it is free."
        return ""


def named(mine: MyMenteeProfile) -> list[str]:
    """Everything a student named: their interests, and the topics they look for (slugs)."""
    topics = mine.wants[Kind.CONTENT].topics if Kind.CONTENT in mine.wants else ()
    return list(dict.fromkeys((*mine.interests, *topics)))


def _both(mine: Iterable[str], theirs: Iterable[str], labels: Mapping[str, str]) -> list[str]:
    """What both named, in words, in the order of its list."""
    shared = set(mine) & set(theirs)
    return [label for slug, label in labels.items() if slug in shared]


def spoken(slugs: Iterable[str]) -> list[str]:
    """Interests and topics in the words on screen, in the taxonomy's order."""
    return [label for slug, label in labels().items() if slug in set(slugs)]
