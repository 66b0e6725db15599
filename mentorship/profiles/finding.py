"""Mentors as others see them: found by what is looked for, and one by one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Date,
    Select,
    Text,
    Uuid,
    and_,
    bindparam,
    func,
    or_,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from mentorship.accounts.models import User
from mentorship.foundation import scope
from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours
from mentorship.profiles import search
from mentorship.profiles.models import MentorProfile, Offer
from mentorship.profiles.queries import TAKEN, MyMenteeProfile, offers_of
from mentorship.relationships import conflicts
from mentorship.relationships.models import OPEN, Block, EvaluativeRole, Pairing, PairingState
from mentorship.tenancy.members import Member
from mentorship.tenancy.models import Chapter, Membership
from mentorship.tenancy.roles import Role
from mentorship.vocabulary.interests import labels
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import Standing
from mentorship.web.filters import listing, plural, surname_title

#: How many mentors a page shows.
LIMIT = 20


@dataclass(frozen=True)
class Wanted:
    """What somebody looks for. What is left empty does not narrow the search."""

    kind: Kind | None = None
    text: str = ""
    standings: frozenset[Standing] = frozenset()
    interest: str = ""
    with_places: bool = False
    also_paused: bool = False

    @property
    def narrows(self) -> bool:
        return self != Wanted(also_paused=self.also_paused)


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
        if kinds := [kind.value for kind in mine.wants if kind in self.offers]:
            found.append(f"Offers what you look for: {listing(kinds)}")
        if self.standing.near_peer:
            found.append(f"A {self.standing.label.lower()}, a few years ahead of you")
        if self.recent_cycle and Kind.APPLICATION in mine.wants:
            found.append("Knows a recent application cycle first hand")
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
            held = self.ties[0].kind
            return (
                f"{called} is your {held} mentor already. In this chapter one person holds one"
                " kind for each student."
            )
        if self.paused:
            return f"{called} takes no new mentees for now. You can ask again later."
        if not self.left:
            return f"All of {called}’s places are taken. A place is shown here once it is free."
        return ""


@dataclass(frozen=True)
class Batch:
    """One page of what was found."""

    mentors: list[Found] = field(default_factory=list)
    more_after: UUID | None = None
    """The mentor after whom the next page begins, if there is one."""


def find(
    wanted: Wanted,
    *,
    reader: Member,
    mine: MyMenteeProfile,
    today: date,
    in_common_first: bool = False,
    after: UUID | None = None,
) -> Batch:
    """The mentors of this chapter who fit, without those kept apart from the reader.

    By name, or by how many interests they share with the reader and then by name. `after`
    is the last mentor of the page before.
    """
    said, begun = search.words(wanted.text)
    facts = {
        "kind": wanted.kind,
        "said": said,
        "begun": begun,
        "standings": sorted(wanted.standings),
        "interest": wanted.interest,
        "mine": list(named(mine)),
        "after": after,
    }
    statement = _find(
        kind=wanted.kind is not None,
        text=bool(wanted.text),
        standings=bool(wanted.standings),
        interest=bool(wanted.interest),
        with_places=wanted.with_places,
        also_paused=wanted.also_paused,
        in_common_first=in_common_first,
        after=after is not None,
    )
    rows = db.session.execute(statement, facts | _reader(reader, today)).all()
    shown = [Found(**_found(row)) for row in rows[:LIMIT]]
    return Batch(shown, shown[-1].id if len(rows) > LIMIT else None)


def mentor(mentor_id: UUID, *, reader: Member, today: date) -> Mentor:
    """A mentor of this chapter, as the reader sees them.

    :raises NotYours: there is none, or the two are kept apart.
    """
    row = db.session.execute(
        _ONE, {"mentor_id": mentor_id, "chapter": scope.here()} | _reader(reader, today)
    ).one_or_none()
    if row is None:
        raise NotYours
    by_video = row.video_link.lower().startswith("https://")
    return Mentor(
        **_found(row),
        story=row.story,
        facets=row.facets,
        lengths=row.lengths,
        where="" if by_video else row.video_link,
        by_video=by_video,
        zone=row.zone,
        two_kinds=row.two_kinds_by_one_mentor,
    )


def named(mine: MyMenteeProfile) -> list[str]:
    """Everything a student named: their interests, and the topics they look for (slugs)."""
    topics = mine.wants[Kind.CONTENT].topics if Kind.CONTENT in mine.wants else ()
    return list(dict.fromkeys((*mine.interests, *topics)))


def count_in_words(batch: Batch, wanted: Wanted, *, continued: bool = False) -> str:
    """How many are shown, said so that it reads alone: 7 wellness mentors."""
    noun = f"{wanted.kind} mentor" if wanted.kind else "mentor"
    if not batch.mentors:
        return f"No {noun}s"
    number = plural(len(batch.mentors), noun)
    if continued:
        return f"The {'next' if batch.more_after else 'last'} {number}"
    return f"The first {number}" if batch.more_after else number


def spoken(slugs: Iterable[str]) -> list[str]:
    """Interests and topics in the words on screen, in the taxonomy's order."""
    return [label for slug, label in labels().items() if slug in set(slugs)]


def _reader(reader: Member, today: date) -> dict[str, Any]:
    return {"reader_id": reader.id, "today": today}


def _found(row: Any) -> dict[str, Any]:
    ties = (Tie(Kind(kind), UUID(id), PairingState(state)) for kind, id, state in row.ties or ())
    return {
        "id": row.id,
        "name": row.name,
        "standing": Standing(row.standing),
        "title": row.title,
        "institution": row.institution,
        "interests": row.interests,
        "offers": offers_of(row.offers),
        "places": row.places or 0,
        "taken": row.taken,
        "paused": row.paused_at is not None,
        "recent_cycle": row.recent_cycle,
        "evaluates": row.evaluates,
        "ties": tuple(ties),
    }


_reader_id = bindparam("reader_id", type_=Uuid)
_apart = (
    select(Block.member_id)
    .where(
        or_(
            and_(Block.member_id == _reader_id, Block.other_id == Membership.id),
            and_(Block.member_id == Membership.id, Block.other_id == _reader_id),
        )
    )
    .exists()
)
_offers = (
    select(func.json_object_agg(Offer.kind, Offer.topics))
    .where(Offer.member_id == Membership.id)
    .correlate(Membership)
    .scalar_subquery()
)
_evaluates = (
    select(EvaluativeRole.id)
    .where(
        EvaluativeRole.member_id == Membership.id,
        conflicts.in_force(bindparam("today", type_=Date)),
        or_(EvaluativeRole.mentee_id.is_(None), EvaluativeRole.mentee_id == _reader_id),
    )
    .exists()
)
_ties = (
    select(func.json_agg(func.json_build_array(Pairing.kind, Pairing.id, Pairing.state)))
    .where(
        Pairing.mentor_id == Membership.id,
        Pairing.mentee_id == _reader_id,
        Pairing.state.in_(OPEN),
    )
    .correlate(Membership)
    .scalar_subquery()
)
_SEEN = (
    select(
        Membership.id,
        Membership.name,
        MentorProfile.standing,
        MentorProfile.title,
        MentorProfile.institution,
        MentorProfile.interests,
        MentorProfile.paused_at,
        MentorProfile.recent_cycle,
        User.places,
        TAKEN.label("taken"),
        _offers.label("offers"),
        _evaluates.label("evaluates"),
        _ties.label("ties"),
    )
    .join(MentorProfile, MentorProfile.member_id == Membership.id)
    .join(User, User.id == Membership.user_id)
    .where(
        Membership.left_at.is_(None),
        Membership.roles.contains([Role.MENTOR]),
        ~_apart,
    )
)
_ONE = (
    _SEEN.add_columns(
        MentorProfile.story,
        MentorProfile.facets,
        MentorProfile.lengths,
        MentorProfile.video_link,
        User.zone,
        Chapter.two_kinds_by_one_mentor,
    )
    .join(Chapter, Chapter.id == bindparam("chapter", type_=Uuid))
    .where(Membership.id == bindparam("mentor_id", type_=Uuid))
)


@cache
def _find(
    *,
    kind: bool,
    text: bool,
    standings: bool,
    interest: bool,
    with_places: bool,
    also_paused: bool,
    in_common_first: bool,
    after: bool,
) -> Select:
    """One fixed statement for each way of narrowing, made when it is first needed."""
    found = _SEEN.where(Membership.id != _reader_id, _offer(kind=kind)).limit(LIMIT + 1)
    if text:
        found = found.where(search.matches("said", "begun"))
    if standings:
        found = found.where(MentorProfile.standing == func.any(_texts("standings")))
    if interest:
        found = found.where(_is_named(bindparam("interest", type_=Text)))
    if with_places:
        found = found.where(User.places > TAKEN)
    if not also_paused:
        found = found.where(MentorProfile.paused_at.is_(None))
    last_id = bindparam("after", type_=Uuid)
    last_name = select(_last.name).where(_last.id == last_id).scalar_subquery()
    keys: list[ColumnElement] = [Membership.name, Membership.id]
    reached: list[ColumnElement] = [last_name, last_id]
    if in_common_first:
        last_in_common = select(_in_common(_last_profile)).where(_last_profile.member_id == last_id)
        keys.insert(0, -_in_common(MentorProfile))
        reached.insert(0, -last_in_common.scalar_subquery())
    if after:
        found = found.where(tuple_(*keys) > tuple_(*reached))
    return found.order_by(*keys)


_last = aliased(Membership)
_last_profile = aliased(MentorProfile)


def _texts(name: str) -> ColumnElement:
    return bindparam(name, type_=ARRAY(Text))


def _offer(*, kind: bool) -> ColumnElement[bool]:
    offer = select(Offer.kind).where(Offer.member_id == Membership.id)
    if kind:
        offer = offer.where(Offer.kind == bindparam("kind", type_=Text))
    return offer.exists()


def _is_named(interest: ColumnElement) -> ColumnElement[bool]:
    topic = select(Offer.kind).where(
        Offer.member_id == Membership.id,
        Offer.kind == Kind.CONTENT,
        interest == func.any(Offer.topics),
    )
    return or_(interest == func.any(MentorProfile.interests), topic.exists())


def _in_common(profile: Any) -> ColumnElement[int]:
    """How many of the things that the reader named a mentor's profile names too."""
    topics = (
        select(Offer.topics)
        .where(Offer.member_id == profile.member_id, Offer.kind == Kind.CONTENT)
        .correlate(profile)
        .scalar_subquery()
    )
    every = func.array_cat(profile.interests, topics, type_=ARRAY(Text))
    one = func.unnest(every).table_valued("slug", name="one").render_derived()
    return (
        select(func.count(one.c.slug.distinct()))
        .select_from(one)
        .where(one.c.slug == func.any(_texts("mine")))
        .correlate(profile)
        .scalar_subquery()
    )
