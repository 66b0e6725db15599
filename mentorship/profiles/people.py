"""Questions about the chapter's people as those who run it see them, and about their rosters."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, any_, bindparam, select, tuple_

from mentorship.accounts.models import User
from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours
from mentorship.profiles import gaps, roster
from mentorship.profiles.gaps import Gap
from mentorship.profiles.models import MenteeProfile, MentorProfile, RosterUpload, UploadState
from mentorship.profiles.queries import (
    OFFERS,
    TAKEN,
    WANTS,
    MyMenteeProfile,
    MyMentorProfile,
    offers_of,
    wishes_of,
)
from mentorship.profiles.roster import Entry
from mentorship.tenancy.members import Member
from mentorship.tenancy.models import Membership
from mentorship.tenancy.roles import Role
from mentorship.vocabulary.stages import Stage, Standing

#: People on a page.
A_PAGE = 50


class Wanted(NamedTuple):
    """Whom somebody looks for among the chapter's people: everybody, when nothing is said."""

    words: str = ""
    """Part of a name or of an address."""
    role: Role | None = None


@dataclass(frozen=True)
class Person:
    """A member as the list of people shows them."""

    id: UUID
    name: str
    email: str
    roles: tuple[Role, ...]
    mentee: MyMenteeProfile | None
    mentor: MyMentorProfile | None

    @property
    def standings(self) -> list[str]:
        """Their stage as a mentee and their standing as a mentor, each said once."""
        stage = self.mentee.stage if self.mentee else None
        standing = self.mentor.standing if self.mentor and self.mentor.begun else None
        return roster.stage_words(stage, standing)

    @property
    def gaps(self) -> list[Gap]:
        """What their profiles do not say yet."""
        found = gaps.of_mentee(self.mentee) if self.mentee else []
        return found + (gaps.of_mentor(self.mentor) if self.mentor else [])


class Page(NamedTuple):
    people: list[Person]
    more_after: UUID | None
    """The last one on this page, when there are more."""


@dataclass(frozen=True)
class Upload:
    """A roster that was uploaded, without its content."""

    id: UUID
    file_name: str
    state: UploadState
    step: str
    facts: Mapping[str, Any]
    created_at: datetime
    imported_at: datetime | None

    @property
    def at_work(self) -> bool:
        return self.state in (UploadState.QUEUED, UploadState.IMPORTING)


_PEOPLE = (
    select(
        Membership.id,
        Membership.name,
        Membership.roles,
        User.email,
        User.places,
        MenteeProfile.stage,
        MenteeProfile.interests.label("mentee_interests"),
        MenteeProfile.story.label("mentee_story"),
        WANTS.label("wants"),
        MentorProfile.standing,
        MentorProfile.title,
        MentorProfile.institution,
        MentorProfile.interests.label("mentor_interests"),
        MentorProfile.story.label("mentor_story"),
        MentorProfile.paused_at,
        OFFERS.label("offers"),
    )
    .join(User, User.id == Membership.user_id)
    .outerjoin(MenteeProfile, MenteeProfile.member_id == Membership.id)
    .outerjoin(MentorProfile, MentorProfile.member_id == Membership.id)
    .where(Membership.left_at.is_(None))
    .order_by(Membership.name, Membership.id)
)
_LISTED = _PEOPLE.add_columns(TAKEN.label("taken")).limit(A_PAGE + 1)
_MY_UPLOAD = select(
    RosterUpload.id,
    RosterUpload.file_name,
    RosterUpload.state,
    RosterUpload.step,
    RosterUpload.facts,
    RosterUpload.created_at,
    RosterUpload.imported_at,
).where(RosterUpload.id == bindparam("upload_id"), RosterUpload.by_id == bindparam("by_id"))


def page(wanted: Wanted, *, after: UUID | None = None) -> Page:
    """The people that fit, by name, from the one after `after` on. One statement."""
    listed = _narrowed(_LISTED, wanted)
    if after is not None:
        there = select(Membership.name, Membership.id).where(Membership.id == after)
        listed = listed.where(
            tuple_(Membership.name, Membership.id) > there.scalar_subquery(),
        )
    rows = db.session.execute(listed).all()
    people = [_person(row, taken=row.taken) for row in rows[:A_PAGE]]
    return Page(people, people[-1].id if len(rows) > A_PAGE else None)


def entries(wanted: Wanted) -> Iterator[Entry]:
    """The people that fit, by name, as rows of a roster that changes nothing."""
    for row in db.session.execute(_narrowed(_PEOPLE, wanted)):
        yield _entry(row)


def my_upload(upload_id: UUID, *, by: Member) -> Upload:
    """A roster that this member uploaded.

    :raises NotYours: they uploaded none of that id, or it has been forgotten.
    """
    facts = {"upload_id": upload_id, "by_id": by.id}
    row = db.session.execute(_MY_UPLOAD, facts).one_or_none()
    if row is None:
        raise NotYours
    return Upload(**{**row._mapping, "state": UploadState(row.state)})


def _narrowed(people: Select, wanted: Wanted) -> Select:
    if wanted.role is not None:
        people = people.where(any_(Membership.roles) == wanted.role)
    if wanted.words:
        fits = [
            column.icontains(wanted.words, autoescape=True)
            for column in (Membership.name, User.email)
        ]
        people = people.where(fits[0] | fits[1])
    return people


def _person(row: Any, *, taken: int) -> Person:
    mentor = None
    if Role.MENTOR in row.roles:
        standing = Standing(row.standing or Standing.FACULTY)
        mentor = MyMentorProfile(
            standing=standing,
            title=row.title or "",
            institution=row.institution or "",
            interests=row.mentor_interests or (),
            facets=(),
            story=row.mentor_story or "",
            offers=offers_of(row.offers),
            places=row.places or 0,
            lengths=(),
            video_link="",
            recent_cycle=False,
            paused_at=row.paused_at,
            taken=taken,
            begun=row.standing is not None,
        )
    mentee = None
    if Role.STUDENT in row.roles:
        mentee = MyMenteeProfile(
            stage=Stage(row.stage) if row.stage else None,
            interests=row.mentee_interests or (),
            story=row.mentee_story or "",
            wants=wishes_of(row.wants),
        )
    roles = tuple(role for role in Role if role in row.roles)
    return Person(row.id, row.name, row.email, roles, mentee, mentor)


def _entry(row: Any) -> Entry:
    said = _person(row, taken=0)
    mentee, mentor = said.mentee, said.mentor
    both = [*(mentee.interests if mentee else ()), *(mentor.interests if mentor else ())]
    return Entry(
        name=said.name,
        email=said.email,
        roles=frozenset(said.roles),
        stage=mentee.stage if mentee else None,
        standing=mentor.standing if mentor and mentor.begun else None,
        offers=mentor.offers if mentor else {},
        wants={kind: wish.topics for kind, wish in mentee.wants.items()} if mentee else {},
        interests=_shared_by_all(mentee, mentor, both),
        places=row.places if mentor else None,
    )


def _shared_by_all(
    mentee: MyMenteeProfile | None, mentor: MyMentorProfile | None, said: Sequence[str]
) -> tuple[str, ...]:
    """The interests that stand in every profile of a person: a row of a roster names but one list.

    Naming those of one hat alone would give them to the other when the roster comes back.
    """
    profiles = [one for one in (mentee, mentor) if one is not None]
    return tuple(
        dict.fromkeys(slug for slug in said if all(slug in one.interests for one in profiles))
    )
