"""Questions about profiles: one's own, and a mentor's as others see it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import bindparam, func, select
from sqlalchemy.dialects.postgresql import array

from mentorship.accounts.models import User
from mentorship.foundation.database import db
from mentorship.profiles.answers import MenteeAnswers, MentorAnswers, Wish
from mentorship.profiles.details import MenteeDetails, MentorDetails
from mentorship.profiles.models import (
    MenteeProfile,
    MentorProfile,
    Offer,
    Want,
)
from mentorship.tenancy.members import Member
from mentorship.tenancy.models import Membership
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.lengths import CUSTOMARY
from mentorship.vocabulary.stages import Stage, Standing


@dataclass(frozen=True)
class MyMenteeProfile(MenteeAnswers):
    """One's own profile as a mentee; everything empty before the first save."""

    details: MenteeDetails = field(default_factory=MenteeDetails)


@dataclass(frozen=True, kw_only=True)
class MyMentorProfile(MentorAnswers):
    """One's own profile as a mentor; the usual answers before the first save."""

    offers: Mapping[Kind, tuple[str, ...]]
    details: MentorDetails = field(default_factory=MentorDetails)
    paused_at: datetime | None
    taken: int
    """How many of the places are taken, over all kinds and chapters."""
    begun: bool
    """Whether anything was ever saved."""


#: What a mentee looks for, to be read by `wishes_of`; beside `MenteeProfile`.
WANTS = (
    select(func.json_object_agg(Want.kind, func.json_build_array(Want.topics, Want.looking_for)))
    .where(Want.member_id == MenteeProfile.member_id)
    .correlate(MenteeProfile)
    .scalar_subquery()
)
_MENTEE = select(
    MenteeProfile.stage,
    MenteeProfile.class_year,
    MenteeProfile.school,
    MenteeProfile.interests,
    MenteeProfile.story,
    *(MenteeProfile.goals, MenteeProfile.settings, MenteeProfile.region),
    *(MenteeProfile.path, MenteeProfile.languages, MenteeProfile.free),
    WANTS.label("wants"),
).where(MenteeProfile.member_id == bindparam("member_id"))

#: The kinds that a member offers, to be read by `offers_of`; beside `Membership`.
OFFERS = (
    select(func.json_object_agg(Offer.kind, Offer.topics))
    .where(Offer.member_id == Membership.id)
    .correlate(Membership)
    .scalar_subquery()
)
_OFFER_PLACES = (
    select(func.json_object_agg(Offer.kind, Offer.places))
    .where(Offer.member_id == Membership.id, Offer.places.is_not(None))
    .correlate(Membership)
    .scalar_subquery()
)
_places = func.places_taken_by(array([User.id])).table_valued("user_id", "taken")
#: How many of a person's places are taken, over all kinds and chapters; beside `User`.
TAKEN = func.coalesce(
    select(_places.c.taken).select_from(_places).correlate(User).scalar_subquery(), 0
)
_MENTOR = (
    select(
        MentorProfile.standing,
        MentorProfile.title,
        MentorProfile.institution,
        MentorProfile.interests,
        MentorProfile.facets,
        MentorProfile.story,
        MentorProfile.lengths,
        MentorProfile.video_link,
        MentorProfile.recent_cycle,
        MentorProfile.paused_at,
        *(MentorProfile.goals, MentorProfile.region, MentorProfile.path),
        *(MentorProfile.languages, MentorProfile.stages, MentorProfile.only_school),
        MentorProfile.outside_places,
        User.places,
        TAKEN.label("taken"),
        OFFERS.label("offers"),
        _OFFER_PLACES.label("offer_places"),
    )
    .select_from(Membership)
    .join(User, User.id == Membership.user_id)
    .outerjoin(MentorProfile, MentorProfile.member_id == Membership.id)
    .where(Membership.id == bindparam("member_id"))
)


def my_mentee_profile(member: Member) -> MyMenteeProfile:
    """What this member has said of themselves as a mentee."""
    row = db.session.execute(_MENTEE, {"member_id": member.id}).one_or_none()
    if row is None:
        return MyMenteeProfile()
    return MyMenteeProfile(
        stage=Stage(row.stage) if row.stage else None,
        class_year=row.class_year,
        school=row.school,
        interests=row.interests,
        story=row.story,
        wants=wishes_of(row.wants),
        details=MenteeDetails(
            *(tuple(row.goals), tuple(row.settings), row.region),
            *(row.path, tuple(row.languages), tuple(row.free)),
        ),
    )


def my_mentor_profile(member: Member) -> MyMentorProfile:
    """What this member has said of themselves as a mentor."""
    row = db.session.execute(_MENTOR, {"member_id": member.id}).one()
    standing = Standing(row.standing or Standing.FACULTY)
    return MyMentorProfile(
        standing=standing,
        title=row.title or "",
        institution=row.institution or "",
        interests=row.interests or (),
        facets=row.facets or (),
        story=row.story or "",
        offers=offers_of(row.offers),
        places=standing.places if row.places is None else row.places,
        lengths=row.lengths or CUSTOMARY,
        video_link=row.video_link or "",
        recent_cycle=bool(row.recent_cycle),
        details=MentorDetails(
            goals=tuple(row.goals or ()),
            region=row.region or "",
            path=row.path or "",
            languages=tuple(row.languages or ()),
            stages=tuple(map(Stage, row.stages or ())),
            only_school=row.only_school or "",
            outside_places=row.outside_places or 0,
            places={Kind(kind): places for kind, places in (row.offer_places or {}).items()},
        ),
        paused_at=row.paused_at,
        taken=row.taken,
        begun=row.standing is not None,
    )


def offers_of(found: Mapping[str, Sequence[str]] | None) -> dict[Kind, tuple[str, ...]]:
    """The kinds offered with their topics, in the kinds' own order."""
    return {kind: tuple(found[kind]) for kind in Kind if found and kind in found}


def wishes_of(found: Mapping[str, Sequence] | None) -> dict[Kind, Wish]:
    """The kinds looked for with their wishes, in the kinds' own order."""
    return {
        kind: Wish(tuple(found[kind][0]), found[kind][1])
        for kind in Kind
        if found and kind in found
    }
