"""Who acts: a member of a chapter, and the visitor behind a request. Plain values."""

from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from flask_login import UserMixin

from mentorship.accounts.sessions import Session
from mentorship.tenancy import roles
from mentorship.tenancy.roles import Reach, Role


@dataclass(frozen=True)
class Member:
    """A person in one chapter. Every verb is done by one (`by=`)."""

    id: UUID
    user_id: UUID
    chapter_id: UUID
    name: str
    email: str
    zone: str
    roles: frozenset[Role]
    reach: Reach | None = None
    """What somebody from the network may do here for a while; None for everybody else."""

    def may(self, permission: str, record: Any = None) -> bool:
        """Whether they may do that, by role; and if a record is given, to it as it stands.

        Templates name the permission, as in `me.may('meeting:cancel', meeting)`.

        :raises KeyError: there is no such permission.
        """
        return roles.may(roles.NAMED[permission], self, record)

    @property
    def is_student(self) -> bool:
        return Role.STUDENT in self.roles

    @property
    def is_mentor(self) -> bool:
        return Role.MENTOR in self.roles


@dataclass(frozen=True)
class ChapterCard:
    """What every page of a chapter says of it."""

    id: UUID
    slug: str
    name: str
    school: str
    zone: str

    @property
    def monogram(self) -> str:
        return monogram(self.name)


def monogram(name: str) -> str:
    """Two letters that stand for a chapter: `Cedar Valley EMIG` is CV."""
    words = [word for word in name.split() if word[0].isalnum()]
    letters = "".join(word[0] for word in words[:2]) if len(words) > 1 else name[:2]
    return letters.upper()


class Affiliated(NamedTuple):
    """A chapter that a person belongs to, for choosing among them."""

    slug: str
    name: str

    @property
    def monogram(self) -> str:
        return monogram(self.name)


@dataclass(frozen=True)
class Visitor(UserMixin):
    """Whoever is signed in; in a chapter's pages, as a member of it."""

    user_id: UUID
    email: str
    zone: str
    is_network_admin: bool
    member: Member | None
    chapter: ChapterCard | None
    chapters: tuple[Affiliated, ...]
    """Every chapter they belong to, by name."""
    session: Session
    was_in: str = ""
    """The name of the chapter that was entered, if they belonged to it once and do not anymore."""
