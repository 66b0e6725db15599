"""Thanks after a meeting that was held: to the mentee, within two days, and once."""

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import bindparam, exists, select

from mentorship.foundation.settings import Settings
from mentorship.notifications.nudges.kind import Due, NudgeKind, Page, Said
from mentorship.notifications.nudges.kinds import pairs
from mentorship.notifications.nudges.kinds.pairs import GOING, NOT_BLOCKED, mentee, mentor
from mentorship.relationships.models import Pairing
from mentorship.scheduling.models import Meeting, MeetingState
from mentorship.scheduling.thanks.models import Thanks
from mentorship.scheduling.thanks.thanks import DUE
from mentorship.tenancy.members import Member
from mentorship.web.filters import long_day, surname_title

_MEETINGS = (
    select(Meeting.id, Meeting.starts_at, Meeting.ends_at, mentee.id, mentee.user_id, mentor.name)
    .join(Pairing, Pairing.id == Meeting.pairing_id)
    .join(mentee, mentee.id == Meeting.mentee_id)
    .join(mentor, mentor.id == Meeting.mentor_id)
    .where(
        Meeting.state == MeetingState.HELD,
        Meeting.ends_at <= bindparam("now"),
        Meeting.ends_at > bindparam("since"),
        Pairing.state.in_(GOING),
        mentee.left_at.is_(None),
        mentor.left_at.is_(None),
        NOT_BLOCKED,
        ~exists(select(Thanks.meeting_id).where(Thanks.meeting_id == Meeting.id)),
    )
)
_OF_ONE = _MEETINGS.where(Meeting.mentee_id == bindparam("member_id"))


def find(*, now: datetime, member_id: UUID | None = None) -> Iterator[Due]:
    rows = pairs.rows(_MEETINGS, _OF_ONE, member_id, now=now, since=now - DUE)
    for id_, starts_at, ends_at, to, user_id, name in rows:
        on = starts_at.astimezone(UTC).date()
        yield Due(to, user_id, id_, on, ends_at, ends_at + DUE, (starts_at, name))


def say(it: Due, me: Member, page: Page, settings: Settings) -> Said:
    starts_at, name = it.facts
    called = surname_title(name)
    return Said(
        subject=f"A word of thanks to {called}",
        line=f"You met {name} on {long_day(starts_at, me.zone)}. One line that names something in"
        " particular is worth more than a long one, and a first version is there already.",
        action=f"Thank {called}",
        href=page("scheduling.say_thanks", meeting_id=it.subject_id),
    )


THANKS_NUDGE = NudgeKind(
    name="thanks",
    label="Thanks, within two days of a meeting",
    why="You had met a mentor, and had not said thanks here.",
    find=find,
    say=say,
    times=1,
)
