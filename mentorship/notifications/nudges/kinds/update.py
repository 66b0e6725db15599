"""Moments at which mentors like to hear how it went: after a rotation, interviews, Match Day.

Nobody is congratulated: what the day has brought is for the student to say, or not.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, exists, func, select
from sqlalchemy.orm import aliased

from mentorship.accounts.models import User
from mentorship.foundation import clock
from mentorship.foundation.database import db
from mentorship.foundation.settings import Settings
from mentorship.notifications.nudges.kind import Due, NudgeKind, Page, Said
from mentorship.notifications.nudges.kinds import pairs
from mentorship.notifications.nudges.kinds.pairs import GOING, mentor
from mentorship.profiles.models import MenteeProfile
from mentorship.relationships.contacts.models import Rotation, Update
from mentorship.relationships.models import Pairing
from mentorship.tenancy.members import Member
from mentorship.tenancy.models import Membership
from mentorship.vocabulary.cycles import cycles
from mentorship.vocabulary.stages import Stage

#: For how long after the day it is worth a word.
LAPSES = timedelta(days=10)

_student = aliased(Membership)
_STUDENTS = (
    select(
        _student.id,
        _student.user_id,
        User.zone,
        MenteeProfile.stage,
        select(func.max(Update.send_at))
        .where(Update.by_id == _student.id)
        .scalar_subquery()
        .label("wrote_at"),
    )
    .join(User, User.id == _student.user_id)
    .outerjoin(MenteeProfile, MenteeProfile.member_id == _student.id)
    .where(
        _student.left_at.is_(None),
        exists(
            select(Pairing.id)
            .join(mentor, mentor.id == Pairing.mentor_id)
            .where(
                Pairing.mentee_id == _student.id,
                Pairing.state.in_(GOING),
                mentor.left_at.is_(None),
            )
        ),
    )
)
_STUDENT = _STUDENTS.where(_student.id == bindparam("member_id"))
_ROTATIONS = select(Rotation.id, Rotation.member_id, Rotation.place, Rotation.ends_on).where(
    Rotation.ends_on.between(bindparam("first"), bindparam("last"))
)


@dataclass(frozen=True)
class Moment:
    """A day after which an update is welcome, and how the reminder speaks of it."""

    subject_id: UUID | None
    """A rotation; nothing for a day of the cycle, which is about the student."""
    on: date
    subject: str
    line: str


def of_cycle(around: date) -> list[Moment]:
    """The days of application cycles that have just passed, as far as a cycle's file has them."""
    words = {
        "interviews_until": (
            "Interviews are over: a line to your mentors",
            "The season of interviews is over. The people who helped you prepare would like to"
            " hear how it was, in a few lines. None of it needs a result.",
        ),
        "match_day": (
            "A line to those who helped you",
            "Match Week is over. Whatever it has brought, the people who helped you would like to"
            " hear from you, when you are ready. There is no need to say more than you want to.",
        ),
    }
    return [
        Moment(None, cycle.dates[name], subject, line)
        for cycle in cycles().values()
        for name, (subject, line) in words.items()
        if name in cycle.dates and abs(cycle.dates[name] - around) <= 2 * LAPSES
    ]


def of_rotation(rotation_id: UUID, place: str, ends_on: date) -> Moment:
    return Moment(
        rotation_id,
        ends_on,
        f"After {place}: a line to your mentors",
        f"Your rotation at {place} is over. Two or three lines about it to your mentors keep them"
        " in the picture. They owe you no reply, and many are glad.",
    )


def find(*, now: datetime, member_id: UUID | None = None) -> Iterator[Due]:
    students = pairs.rows(_STUDENTS, _STUDENT, member_id)
    today = now.date()
    near = {"first": today - 2 * LAPSES, "last": today + LAPSES}
    rotations: dict[UUID, list[Moment]] = {}
    for row in db.session.execute(_ROTATIONS, near) if students else ():
        rotations.setdefault(row.member_id, []).append(of_rotation(row.id, row.place, row.ends_on))
    days = of_cycle(today)
    for one in students:
        applies = one.stage == Stage.M4
        for moment in rotations.get(one.id, []) + (days if applies else []):
            if found := _due(one, moment, now=now):
                yield found


def _due(student: Any, moment: Moment, *, now: datetime) -> Due | None:
    """What is due to a student after that day, unless they have written since."""
    due_at = pairs.morning(moment.on + timedelta(days=1), student.zone)
    if not due_at <= now < due_at + LAPSES:
        return None
    if student.wrote_at and clock.day(student.wrote_at, student.zone) >= moment.on:
        return None
    about = moment.subject_id or student.id
    return Due(student.id, student.user_id, about, moment.on, due_at, due_at + LAPSES, moment)


def say(it: Due, me: Member, page: Page, settings: Settings) -> Said:
    moment: Moment = it.facts
    return Said(
        subject=moment.subject,
        line=moment.line,
        action="Write an update",
        href=page("scheduling.write_update"),
    )


UPDATE_NUDGE = NudgeKind(
    name="update",
    label="An update to your mentors, after a rotation, interviews and Match Day",
    why="Something was over that your mentors would like to hear about.",
    find=find,
    say=say,
    times=1,
)
