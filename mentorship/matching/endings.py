"""The pairings that a draft would end, once it is published."""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from mentorship.vocabulary.kinds import Kind


class Why(StrEnum):
    """Why a draft would end a pairing."""

    #: It is not to go on: the coordinator said so, or its mentor has left.
    OVER = "over"
    #: It could go on; others are served by ending it.
    MOVED = "moved"


class Ending(NamedTuple):
    """A pairing that a draft would end."""

    pairing_id: UUID
    mentee: UUID
    mentor: UUID
    kind: Kind
    why: Why

    def kept(self) -> list[str]:
        """Ready for JSON."""
        return [str(part) for part in self]

    @classmethod
    def read(cls, kept: Iterable[str]) -> "Ending":
        pairing_id, mentee, mentor, kind, why = kept
        return cls(UUID(pairing_id), UUID(mentee), UUID(mentor), Kind(kind), Why(why))
