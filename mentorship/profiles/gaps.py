"""What a profile does not say yet, and would help if it did. Facts, in words; never a duty."""

from collections.abc import Sequence
from typing import NamedTuple

from mentorship.profiles.queries import MyMenteeProfile, MyMentorProfile
from mentorship.vocabulary.kinds import Kind

_NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven")


class Gap(NamedTuple):
    part: str
    """The part of the profile in which it is said."""
    words: str


def of_mentee(said: MyMenteeProfile) -> list[Gap]:
    """What would help mentors to understand a student, most telling first."""
    gaps = []
    if not said.story:
        gaps.append(Gap("about", "your one-minute story"))
    if not said.interests:
        gaps.append(Gap("interests", "your interests"))
    if not said.wants:
        gaps.append(Gap("wants", "which mentors you look for"))
    if said.stage is None:
        gaps.append(Gap("about", "your stage of training"))
    if Kind.CONTENT in said.wants and not said.wants[Kind.CONTENT].topics:
        gaps.append(Gap("wants", "the topics of your content mentoring"))
    gaps.extend(
        Gap("wants", f"what you look for in {kind.one} mentor")
        for kind, wish in said.wants.items()
        if not wish.looking_for
    )
    return gaps


def of_mentor(said: MyMentorProfile) -> list[Gap]:
    """What would help students to find a mentor, most telling first."""
    gaps = []
    if not said.offers:
        gaps.append(Gap("offers", "which kinds of mentoring you offer"))
    if not said.story:
        gaps.append(Gap("mentor", "a few words about yourself"))
    if not said.interests:
        gaps.append(Gap("mentor-interests", "your interests"))
    if Kind.CONTENT in said.offers and not said.offers[Kind.CONTENT]:
        gaps.append(Gap("offers", "the topics of your content mentoring"))
    if not said.title:
        gaps.append(Gap("mentor", "your title"))
    if not said.institution:
        gaps.append(Gap("mentor", "where you work"))
    return gaps


def number(gaps: Sequence[Gap]) -> str:
    """How many there are, as a sentence begins: One thing, Two things."""
    count = len(gaps)
    word = _NUMBERS[count] if count < len(_NUMBERS) else str(count)
    return f"{word} thing{'' if count == 1 else 's'}"
