"""What is asked and what was answered, as one of the two people reads of it. Nothing is written."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import (
    DateTime,
    Row,
    Select,
    Text,
    Uuid,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased

from mentorship.accounts.models import User
from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours
from mentorship.profiles.models import MenteeProfile, MentorProfile, Offer
from mentorship.profiles.queries import TAKEN
from mentorship.relationships import conflicts
from mentorship.relationships.models import Pairing
from mentorship.scheduling.models import AgendaItem, Meeting, MeetingState, Part, Proposed
from mentorship.tenancy.members import Member
from mentorship.tenancy.models import Membership
from mentorship.tenancy.roles import Role
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import Stage
from mentorship.web.filters import called

#: How many requests a page shows, and how many colleagues can be named.
LIMIT = 20
COLLEAGUES = 60
#: What was answered longer ago than this is no news.
LATELY = timedelta(days=14)
ANSWERED = 6


@dataclass(frozen=True)
class Asked:
    """A meeting, where something is to be answered or has been."""

    id: UUID
    starts_at: datetime
    ends_at: datetime
    state: MeetingState
    awaiting: Part | None
    purpose: str
    sequence: int
    asked_at: datetime
    answer_by: datetime | None
    word: str
    kind: Kind
    topic: str | None
    questions: tuple[str, ...]
    i_mentor: bool
    mentee_id: UUID
    mentor_id: UUID
    other_id: UUID
    other_name: str
    other_zone: str
    other_line: str
    """Stage and school of a student; title and institution of a mentor."""
    referred_to: str | None

    @property
    def minutes(self) -> int:
        return int((self.ends_at - self.starts_at).total_seconds() // 60)

    @property
    def called(self) -> str:
        """The other person, after the first mention."""
        return called(self.other_name, mentor=not self.i_mentor)

    @property
    def about(self) -> str:
        """The kind in words, with its topic."""
        return self.kind.about(self.topic)

    @property
    def awaits_me(self) -> bool:
        return self.awaiting == (Part.MENTOR if self.i_mentor else Part.MENTEE)


class Batch(NamedTuple):
    """Some of a list, and from where the rest of it goes on."""

    asked: tuple[Asked, ...]
    after: tuple[datetime, UUID] | None


class Colleague(NamedTuple):
    """Somebody who may be a better contact."""

    id: UUID
    name: str
    title: str
    places_left: int
    on_topic: bool


_me = bindparam("member_id", type_=Uuid)
_now = conflicts.NOW
_mentee, _mentor = aliased(Membership), aliased(Membership)
_referred = aliased(Membership)
_mentee_user, _mentor_user = aliased(User), aliased(User)
_QUESTIONS = (
    select(func.json_agg(aggregate_order_by(AgendaItem.what, AgendaItem.position, AgendaItem.id)))
    .where(AgendaItem.meeting_id == Meeting.id, AgendaItem.by_id == Meeting.mentee_id)
    .correlate(Meeting)
    .scalar_subquery()
)
_ASKED = (
    select(
        Meeting.id,
        Meeting.starts_at,
        Meeting.ends_at,
        Meeting.state,
        Meeting.awaiting,
        Meeting.purpose,
        Meeting.sequence,
        Meeting.asked_at,
        Meeting.answer_by,
        Meeting.word,
        Meeting.mentee_id,
        Meeting.mentor_id,
        Pairing.kind,
        Pairing.topic,
        _QUESTIONS.label("questions"),
        _mentee.name.label("mentee_name"),
        _mentor.name.label("mentor_name"),
        _referred.name.label("referred_to"),
        _mentee_user.zone.label("mentee_zone"),
        _mentor_user.zone.label("mentor_zone"),
        MenteeProfile.stage,
        MenteeProfile.school,
        MentorProfile.title,
        MentorProfile.institution,
    )
    .select_from(Meeting)
    .join(Pairing, Pairing.id == Meeting.pairing_id)
    .join(_mentee, _mentee.id == Meeting.mentee_id)
    .join(_mentor, _mentor.id == Meeting.mentor_id)
    .join(_mentee_user, _mentee_user.id == Meeting.mentee_user_id)
    .join(_mentor_user, _mentor_user.id == Meeting.mentor_user_id)
    .outerjoin(_referred, _referred.id == Meeting.referred_to_id)
    .outerjoin(MenteeProfile, MenteeProfile.member_id == Meeting.mentee_id)
    .outerjoin(MentorProfile, MentorProfile.member_id == Meeting.mentor_id)
)
_OF_ME = or_(Meeting.mentee_id == _me, Meeting.mentor_id == _me)
_AWAITS_ME = or_(
    and_(Meeting.mentor_id == _me, Meeting.awaiting == Part.MENTOR),
    and_(Meeting.mentee_id == _me, Meeting.awaiting == Part.MENTEE),
)
_ONE = _ASKED.where(Meeting.id == bindparam("meeting_id", type_=Uuid), _OF_ME)
_key = tuple_(Meeting.answer_by, Meeting.id)
_AWAITING = (
    _ASKED.where(Meeting.state == MeetingState.REQUESTED, _AWAITS_ME, Meeting.answer_by > _now)
    .order_by(Meeting.answer_by, Meeting.id)
    .limit(LIMIT + 1)
)
_AWAITING_MORE = _AWAITING.where(
    _key
    > tuple_(bindparam("last_at", type_=DateTime(timezone=True)), bindparam("last_id", type_=Uuid))
)
_other = aliased(Membership)
_TO_MOVE = (
    select(Meeting.id, Meeting.starts_at, _other.name, Proposed.starts, Proposed.answer_by)
    .join(Proposed, Proposed.meeting_id == Meeting.id)
    .join(
        _other,
        _other.id == case((Meeting.mentor_id == _me, Meeting.mentee_id), else_=Meeting.mentor_id),
    )
    .where(
        _OF_ME,
        Meeting.state == MeetingState.ACCEPTED,
        Proposed.outcome.is_(None),
        Proposed.answer_by > _now,
        Proposed.part == case((Meeting.mentor_id == _me, Part.MENTEE), else_=Part.MENTOR),
    )
    .order_by(Proposed.answer_by, Meeting.id)
    .limit(LIMIT)
)
_changed_at = func.coalesce(Meeting.settled_at, Meeting.asked_at)
_ANSWERED_STATES = (
    MeetingState.ACCEPTED,
    MeetingState.DECLINED,
    MeetingState.WITHDRAWN,
    MeetingState.LAPSED,
)
_LATELY = (
    _ASKED.where(
        Meeting.mentor_id == _me,
        _changed_at > bindparam("since", type_=DateTime(timezone=True)),
        or_(
            Meeting.state.in_(_ANSWERED_STATES),
            and_(Meeting.state == MeetingState.REQUESTED, Meeting.awaiting == Part.MENTEE),
        ),
    )
    # What was answered this minute comes first, whatever else there is.
    .order_by(
        case((Meeting.id == bindparam("first", type_=Uuid), 0), else_=1),
        _changed_at.desc(),
        Meeting.id,
    )
    .limit(ANSWERED)
)


class Moving(NamedTuple):
    """An agreed meeting, and the other times for it that the other one proposes."""

    meeting_id: UUID
    starts_at: datetime
    other_name: str
    starts: tuple[datetime, ...]
    answer_by: datetime


def one(meeting_id: UUID, *, member: Member) -> Asked:
    """A meeting of this member, in whatever state. One statement.

    :raises NotYours: the member is not one of its two people.
    """
    facts = {"meeting_id": meeting_id, "member_id": member.id}
    row = db.session.execute(_ONE, facts).one_or_none()
    if row is None:
        raise NotYours
    return _asked(row, member)


def to_move(member: Member, *, now: datetime) -> list[Moving]:
    """Meetings for which other times wait for this member's answer. One statement."""
    facts = {"member_id": member.id, "now": now}
    return [
        Moving(id_, at, name, tuple(starts), until)
        for id_, at, name, starts, until in db.session.execute(_TO_MOVE, facts)
    ]


def awaiting(member: Member, *, now: datetime, after: tuple[datetime, UUID] | None = None) -> Batch:
    """What waits for this member's answer, the first deadline first. One statement.

    `after` is where the batch before it ended.
    """
    facts = {"member_id": member.id, "now": now}
    if after is None:
        rows = db.session.execute(_AWAITING, facts).all()
    else:
        facts |= {"last_at": after[0], "last_id": after[1]}
        rows = db.session.execute(_AWAITING_MORE, facts).all()
    shown = tuple(_asked(row, member) for row in rows[:LIMIT])
    more = len(rows) > LIMIT and shown[-1].answer_by
    return Batch(shown, (more, shown[-1].id) if more else None)


def answered(member: Member, *, now: datetime, first: UUID | None = None) -> tuple[Asked, ...]:
    """What came of the latest requests to this mentor, newest first. One statement.

    `first` is one that is to lead the list.
    """
    facts = {"member_id": member.id, "since": now - LATELY, "first": first}
    return tuple(_asked(row, member) for row in db.session.execute(_LATELY, facts))


def _asked(row: Row, member: Member) -> Asked:
    i_mentor = row.mentor_id == member.id
    stage = Stage(row.stage).label if row.stage else ""
    line = (stage, row.school) if i_mentor else (row.title, row.institution)
    return Asked(
        id=row.id,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        state=MeetingState(row.state),
        awaiting=Part(row.awaiting) if row.awaiting else None,
        purpose=row.purpose,
        sequence=row.sequence,
        asked_at=row.asked_at,
        answer_by=row.answer_by,
        word=row.word,
        kind=Kind(row.kind),
        topic=row.topic,
        questions=tuple(row.questions or ()),
        i_mentor=i_mentor,
        mentee_id=row.mentee_id,
        mentor_id=row.mentor_id,
        other_id=row.mentee_id if i_mentor else row.mentor_id,
        other_name=row.mentee_name if i_mentor else row.mentor_name,
        other_zone=row.mentee_zone if i_mentor else row.mentor_zone,
        other_line=", ".join(filter(None, line)),
        referred_to=row.referred_to,
    )


_mentee_id = bindparam("mentee_id", type_=Uuid)


def _colleagues(*, wellness: bool) -> Select:
    """Mentors with a place for this kind and this mentee; those who know the topic first."""
    on_topic = func.coalesce(bindparam("topic", type_=Text) == func.any(Offer.topics), False).label(
        "on_topic"
    )
    left = (func.coalesce(User.places, 0) - TAKEN).label("places_left")
    found = (
        select(Membership.id, Membership.name, MentorProfile.title, left, on_topic)
        .join(User, User.id == Membership.user_id)
        .join(MentorProfile, MentorProfile.member_id == Membership.id)
        .join(Offer, Offer.member_id == Membership.id)
        .where(
            Offer.kind == bindparam("kind", type_=Text),
            Membership.left_at.is_(None),
            Membership.roles.contains([Role.MENTOR]),
            Membership.id.not_in([_mentee_id, bindparam("mentor_id", type_=Uuid)]),
            MentorProfile.paused_at.is_(None),
            left > 0,
            ~conflicts.kept_apart(Membership.id, _mentee_id),
        )
        .order_by(on_topic.desc(), Membership.name, Membership.id)
        .limit(COLLEAGUES)
    )
    if wellness:
        judges = conflicts.judging(Membership.id, _mentee_id, now=conflicts.NOW)
        found = found.where(~judges)
    return found


COLLEAGUES_HERE = _colleagues(wellness=False)
WELLNESS_COLLEAGUES_HERE = _colleagues(wellness=True)


def colleagues(asked: Asked, *, now: datetime) -> Sequence[Colleague]:
    """Who of this chapter could take a request on instead. One statement."""
    facts: dict[str, object] = {
        "kind": asked.kind,
        "topic": asked.topic,
        "mentee_id": asked.mentee_id,
        "mentor_id": asked.mentor_id,
    }
    statement = COLLEAGUES_HERE
    if asked.kind is Kind.WELLNESS:
        statement, facts = WELLNESS_COLLEAGUES_HERE, facts | {"now": now}
    return [Colleague(*row) for row in db.session.execute(statement, facts)]
