"""Where a request goes on that came to nothing: the mentor whom the student may ask next."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Select, Text, Uuid, bindparam, exists, func, select
from sqlalchemy.orm import aliased

from mentorship.foundation.database import db
from mentorship.profiles.models import MenteeProfile, MentorProfile
from mentorship.relationships.models import OPEN, UNDER_WAY, Pairing
from mentorship.scheduling import requests
from mentorship.scheduling.models import Meeting, MeetingState, WeeklyHours
from mentorship.tenancy.models import Membership
from mentorship.vocabulary.kinds import Kind

#: States after which a student looks for somebody else.
CAME_TO_NOTHING = (MeetingState.DECLINED, MeetingState.LAPSED)
#: Of how many open mentors a student may choose the next one.
CHOICES = 8


class Next(NamedTuple):
    """Somebody who may be asked instead."""

    id: UUID
    name: str


_this = aliased(Meeting)
_before = aliased(Meeting)
_student_id = bindparam("mentee_id", type_=Uuid)
_referred = select(_this.referred_to_id).where(_this.id == bindparam("meeting_id", type_=Uuid))
_interest = (
    func.unnest(MentorProfile.interests).table_valued("slug", name="interest").render_derived()
)
_SHARED = (
    select(func.count())
    .select_from(_interest)
    .where(_interest.c.slug == func.any(MenteeProfile.interests))
    .correlate(MentorProfile, MenteeProfile)
    .scalar_subquery()
)


def _best(colleagues: Select, *, most: int = 1) -> Select:
    """Whom the mentor has named; else who knows the topic, shares most, and has most room."""
    on_topic, left = colleagues.selected_columns["on_topic"], colleagues.selected_columns[3]
    asked_lately = exists(
        select(_before.id).where(
            _before.mentee_id == _student_id,
            _before.mentor_id == Membership.id,
            _before.state.in_((*CAME_TO_NOTHING, MeetingState.REQUESTED)),
        )
    )
    paired = exists(
        select(Pairing.id).where(
            Pairing.mentee_id == _student_id,
            Pairing.mentor_id == Membership.id,
            Pairing.state.in_(OPEN),
        )
    )
    bookable = exists(select(WeeklyHours.id).where(WeeklyHours.user_id == Membership.user_id))
    best = colleagues.with_only_columns(
        Membership.id, Membership.name, maintain_column_froms=True
    ).outerjoin(MenteeProfile, MenteeProfile.member_id == _student_id)
    return (
        best.where(~asked_lately, ~paired, bookable, func.cardinality(MentorProfile.lengths) > 0)
        .order_by(None)
        .order_by(
            func.coalesce(Membership.id == _referred.scalar_subquery(), False).desc(),
            on_topic.desc(),
            func.coalesce(_SHARED, 0).desc(),
            left.desc(),
            Membership.name,
            Membership.id,
        )
        .limit(most)
    )


_BEST = _best(requests.COLLEAGUES_HERE)
_BEST_FOR_WELLNESS = _best(requests.WELLNESS_COLLEAGUES_HERE)
_OPEN = _best(requests.COLLEAGUES_HERE, most=CHOICES)
_OPEN_FOR_WELLNESS = _best(requests.WELLNESS_COLLEAGUES_HERE, most=CHOICES)
_PAIRED = (
    select(Membership.id, Membership.name)
    .join(Pairing, Pairing.mentor_id == Membership.id)
    .join(MentorProfile, MentorProfile.member_id == Membership.id)
    .where(
        Pairing.mentee_id == _student_id,
        Pairing.mentor_id != bindparam("mentor_id", type_=Uuid),
        Pairing.kind == bindparam("kind", type_=Text),
        Pairing.state.in_(UNDER_WAY),
        Membership.left_at.is_(None),
        func.cardinality(MentorProfile.lengths) > 0,
        exists(select(WeeklyHours.id).where(WeeklyHours.user_id == Membership.user_id)),
    )
    .order_by(Membership.name, Membership.id)
)


def next_mentor(
    meeting_id: UUID,
    *,
    kind: Kind,
    topic: str | None,
    mentee_id: UUID,
    mentor_id: UUID,
    now: datetime,
) -> Next | None:
    """Whom the student of a request that was declined, or has lapsed, may ask next.

    Somebody with a place and hours for that kind, whom they have not asked in vain before and are
    not paired with; nobody where there is none such. One statement.
    """
    facts = _facts(meeting_id, kind, topic, mentee_id, mentor_id)
    statement = _BEST
    if kind is Kind.WELLNESS:
        statement, facts = _BEST_FOR_WELLNESS, facts | {"now": now}
    row = db.session.execute(statement, facts).first()
    return Next(*row) if row else None


def candidates(
    meeting_id: UUID,
    *,
    kind: Kind,
    topic: str | None,
    mentee_id: UUID,
    mentor_id: UUID,
    now: datetime,
) -> list[Next]:
    """Whom a student may choose to ask next: mentors they have for that kind, then open ones.

    Two statements.
    """
    facts = _facts(meeting_id, kind, topic, mentee_id, mentor_id)
    statement = _OPEN
    mine = db.session.execute(_PAIRED, facts).all()
    if kind is Kind.WELLNESS:
        statement, facts = _OPEN_FOR_WELLNESS, facts | {"now": now}
    rows = db.session.execute(statement, facts).all()
    return [Next(*row) for row in (*mine, *rows)]


def _facts(
    meeting_id: UUID, kind: Kind, topic: str | None, mentee_id: UUID, mentor_id: UUID
) -> dict[str, object]:
    return {
        "kind": kind,
        "topic": topic,
        "mentee_id": mentee_id,
        "mentor_id": mentor_id,
        "meeting_id": meeting_id,
    }
