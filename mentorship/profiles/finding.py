"""Questions about mentors on a reader's behalf: who fits, and who one of them is."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    Uuid,
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
from mentorship.profiles.details import MentorDetails
from mentorship.profiles.mentors import Found, Mentor, Tie, named
from mentorship.profiles.models import MentorProfile, Offer
from mentorship.profiles.queries import OFFERS, TAKEN, MyMenteeProfile, offers_of
from mentorship.relationships import conflicts
from mentorship.relationships.models import OPEN, Pairing, PairingState
from mentorship.tenancy.members import Member
from mentorship.tenancy.models import Chapter, Membership
from mentorship.tenancy.roles import Role
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import Standing
from mentorship.web.filters import plural

#: How many mentors a page shows.
LIMIT = 20


@dataclass(frozen=True)
class Wanted:
    """What somebody looks for. What is left empty does not narrow the search."""

    kind: Kind | None = None
    text: str = ""
    standings: frozenset[Standing] = frozenset()
    interest: str = ""
    language: str = ""
    setting: str = ""
    with_places: bool = False
    also_paused: bool = False

    @property
    def narrows(self) -> bool:
        return self != Wanted(also_paused=self.also_paused)


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
    now: datetime,
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
        "language": wanted.language,
        "setting": wanted.setting,
        "mine": list(named(mine)),
        "after": after,
    }
    statement = _find(
        kind=wanted.kind is not None,
        text=bool(wanted.text),
        standings=bool(wanted.standings),
        interest=bool(wanted.interest),
        language=bool(wanted.language),
        setting=bool(wanted.setting),
        with_places=wanted.with_places,
        also_paused=wanted.also_paused,
        in_common_first=in_common_first,
        after=after is not None,
    )
    rows = db.session.execute(statement, facts | _reader(reader, now)).all()
    shown = [Found(**_found(row)) for row in rows[:LIMIT]]
    return Batch(shown, shown[-1].id if len(rows) > LIMIT else None)


def mentor(mentor_id: UUID, *, reader: Member, now: datetime) -> Mentor:
    """A mentor of this chapter, as the reader sees them.

    :raises NotYours: there is none, or the two are kept apart.
    """
    row = db.session.execute(
        _ONE, {"mentor_id": mentor_id, "chapter": scope.here()} | _reader(reader, now)
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
        details=MentorDetails(row.goals, row.region, row.path, row.languages),
        two_kinds=row.two_kinds_by_one_mentor,
    )


def count_in_words(batch: Batch, wanted: Wanted, *, continued: bool = False) -> str:
    """How many are shown, said so that it reads alone: 7 wellness mentors."""
    noun = f"{wanted.kind} mentor" if wanted.kind else "mentor"
    if not batch.mentors:
        return f"No {noun}s"
    number = plural(len(batch.mentors), noun)
    if continued:
        return f"The {'next' if batch.more_after else 'last'} {number}"
    return f"The first {number}" if batch.more_after else number


def _reader(reader: Member, now: datetime) -> dict[str, Any]:
    return {"reader_id": reader.id, "now": now}


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
_evaluates = conflicts.judging(Membership.id, _reader_id, now=conflicts.NOW)
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
        OFFERS.label("offers"),
        _evaluates.label("evaluates"),
        _ties.label("ties"),
    )
    .join(MentorProfile, MentorProfile.member_id == Membership.id)
    .join(User, User.id == Membership.user_id)
    .where(
        Membership.left_at.is_(None),
        Membership.roles.contains([Role.MENTOR]),
        ~conflicts.kept_apart(Membership.id, _reader_id),
    )
)
_ONE = (
    _SEEN.add_columns(
        MentorProfile.story,
        MentorProfile.facets,
        MentorProfile.lengths,
        MentorProfile.video_link,
        *(MentorProfile.goals, MentorProfile.region, MentorProfile.path, MentorProfile.languages),
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
    language: bool,
    setting: bool,
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
    if language:
        spoken = bindparam("language", type_=Text)
        found = found.where(spoken == func.any(MentorProfile.languages))
    if setting:
        found = found.where(bindparam("setting", type_=Text) == func.any(MentorProfile.facets))
    if with_places:
        found = found.where(User.places > TAKEN)
    if not also_paused:
        found = found.where(MentorProfile.paused_at.is_(None))
    last_id = bindparam("after", type_=Uuid)
    last_name = select(_last.name).where(_last.id == last_id).scalar_subquery()
    keys: list[Any] = [Membership.name, Membership.id]
    reached: list[Any] = [last_name, last_id]
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
