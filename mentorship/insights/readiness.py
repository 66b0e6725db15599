"""What a member has set up so far, and what the chapter has to offer, in one statement."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.dialects.postgresql import array

from mentorship.accounts.models import User
from mentorship.foundation.database import db
from mentorship.profiles.models import MenteeProfile, MentorProfile, Offer, Want
from mentorship.scheduling.models import WeeklyHours
from mentorship.tenancy.members import Member
from mentorship.tenancy.models import Membership
from mentorship.tenancy.roles import Role
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import Stage

_ME: Any = bindparam("member_id")


def _number_of(of: Any, *where: Any) -> Any:
    return select(func.count()).select_from(of).where(*where).scalar_subquery()


_by_kind = (
    select(Offer.kind, func.count().label("mentors"))
    .join(
        Membership,
        (Membership.id == Offer.member_id)
        & Membership.left_at.is_(None)
        & Membership.roles.contains([Role.MENTOR]),
    )
    .join(MentorProfile, MentorProfile.member_id == Offer.member_id)
    .where(Offer.member_id != _ME, MentorProfile.paused_at.is_(None))
    .group_by(Offer.kind)
    .subquery()
)
_taken = func.places_taken_by(array([bindparam("user_id")])).table_valued("user_id", "taken")
_READINESS = (
    select(
        User.places,
        select(_taken.c.taken).scalar_subquery().label("taken"),
        MenteeProfile.stage,
        MenteeProfile.member_id.is_not(None).label("mentee_profile"),
        MentorProfile.member_id.is_not(None).label("mentor_profile"),
        MentorProfile.paused_at,
        MentorProfile.lengths,
        _number_of(Want, Want.member_id == _ME).label("wants"),
        _number_of(Offer, Offer.member_id == _ME).label("offers"),
        _number_of(WeeklyHours, WeeklyHours.user_id == bindparam("user_id")).label("hours"),
        select(func.json_object_agg(_by_kind.c.kind, _by_kind.c.mentors))
        .scalar_subquery()
        .label("offered"),
    )
    .select_from(User)
    .outerjoin(MenteeProfile, MenteeProfile.member_id == _ME)
    .outerjoin(MentorProfile, MentorProfile.member_id == _ME)
    .where(User.id == bindparam("user_id"))
)


@dataclass(frozen=True)
class Readiness:
    """How far somebody is with setting up, as mentee and as mentor."""

    stage: Stage | None = None
    wants: int = 0
    """How many kinds of mentor they look for."""
    mentee_profile: bool = False
    mentor_profile: bool = False
    offers: int = 0
    """How many kinds they offer."""
    hours: int = 0
    """How many weekly openings they have; over all chapters, since hours are a person's."""
    paused_at: datetime | None = None
    lengths: tuple[int, ...] = ()
    """The minutes their meetings may take."""
    places: int = 0
    taken: int = 0
    """How many of the places are taken or held, over all chapters."""
    offered: Mapping[str, int] = field(default_factory=dict)
    """How many others offer each kind here and take requests."""

    @property
    def looks(self) -> bool:
        """Whether they have said, as a mentee, what they look for."""
        return self.mentee_profile and self.wants > 0

    @property
    def gives(self) -> bool:
        """Whether they have said, as a mentor, what they offer."""
        return self.mentor_profile and self.offers > 0


def of(member: Member) -> Readiness:
    """How far this member is. One statement."""
    row = db.session.execute(_READINESS, {"member_id": member.id, "user_id": member.user_id}).one()
    return Readiness(
        stage=Stage(row.stage) if row.stage else None,
        wants=row.wants,
        mentee_profile=row.mentee_profile,
        mentor_profile=row.mentor_profile,
        offers=row.offers,
        hours=row.hours,
        paused_at=row.paused_at,
        lengths=tuple(sorted(row.lengths or ())),
        places=row.places or 0,
        taken=row.taken or 0,
        offered={Kind(kind): count for kind, count in (row.offered or {}).items()},
    )
