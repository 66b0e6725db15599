"""The four kinds of mentor, and what a mentee needs of each."""

from datetime import date, timedelta
from enum import StrEnum

from mentorship.vocabulary.interests import inside, labels
from mentorship.vocabulary.stages import Stage


class Kind(StrEnum):
    CAREER = "career"
    CONTENT = "content"
    APPLICATION = "application"
    WELLNESS = "wellness"

    @property
    def label(self) -> str:
        return self.value.capitalize()

    @property
    def one(self) -> str:
        """The kind with its article: an application."""
        return f"{'an' if self is Kind.APPLICATION else 'a'} {self}"

    def about(self, topic: str | None) -> str:
        """The kind in words, with its topic (a slug) where it has one: `Content: toxicology`."""
        return f"{self.label}: {inside(labels().get(topic, topic))}" if topic else self.label

    @property
    def purpose(self) -> str:
        """One sentence for a student who has nobody of this kind yet."""
        return _PURPOSE[self]


_PURPOSE = {
    Kind.CAREER: "The big choices: emergency medicine or not, academic or community, fellowship.",
    Kind.CONTENT: "One niche in depth, from someone who works in it.",
    Kind.APPLICATION: "Rotations, SLOEs, the program list and interviews, from recent knowledge.",
    Kind.WELLNESS: "Candid talk about life and setbacks. Never a person who grades or ranks you.",
}


def needed_at(kind: Kind, stage: Stage | None) -> bool:
    """Whether a mentee of this stage is expected to have this kind of mentor.

    Application mentoring is expected from M3 until the Match, and optional before; the other
    kinds always are.
    """
    if kind is not Kind.APPLICATION or stage is None:
        return True
    return Stage.M3.rank <= stage.rank <= Stage.M4.rank


def cadence(kind: Kind, *, stage: Stage | None, on: date) -> timedelta:
    """How long after a contact the next check-in of this kind is due.

    Defaults: career four months, content and wellness two; application six weeks,
    and monthly from September to February of the M4 year.
    """
    if kind is Kind.CAREER:
        return timedelta(days=120)
    if kind is Kind.APPLICATION:
        interviewing = stage is Stage.M4 and (on.month >= 9 or on.month <= 2)
        return timedelta(days=30 if interviewing else 42)
    return timedelta(days=60)
