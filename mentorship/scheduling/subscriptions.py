"""The address under which a person's own calendar program shows their meetings, of all chapters.

The address is a signed token, so it can be shown again and cannot be guessed; a new key in the
database ends every one before it. It opens times, names and links and nothing else.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from secrets import token_urlsafe
from uuid import UUID

from sqlalchemy import bindparam, delete, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from mentorship.audit import trail
from mentorship.foundation import scope, tokens
from mentorship.foundation.database import count_touched, db
from mentorship.foundation.errors import NotYours
from mentorship.foundation.settings import Settings
from mentorship.scheduling import invitations
from mentorship.scheduling.conference import queries as conference
from mentorship.scheduling.conference.models import MeetUpState
from mentorship.scheduling.groups import calendar as groups
from mentorship.scheduling.models import CalendarAddress, CalendarDeed, Meeting, MeetingState
from mentorship.tenancy import queries as tenancy
from mentorship.tenancy.members import ChapterCard, Member
from mentorship.tenancy.models import Membership

_PURPOSE = "calendar"
_NEVER = datetime(9999, 1, 1, tzinfo=UTC)
#: How long past meetings, and those called off, stay in the calendar.
KEPT = timedelta(days=30)
#: More than anybody has ahead of them; what a calendar program reads at most.
MOST = 500

#: Gives the address of the page of a meeting, or of conference meet-ups where it is one of those.
Page = Callable[[ChapterCard, UUID, bool], str]

_KEY = select(CalendarAddress.key).where(CalendarAddress.user_id == bindparam("user_id"))
_me, _mentee, _mentor = aliased(Membership), aliased(Membership), aliased(Membership)
_MEETINGS = (
    select(
        Meeting.id,
        Meeting.starts_at,
        Meeting.ends_at,
        Meeting.state,
        Meeting.sequence,
        Meeting.place,
        Meeting.asked_at,
        Meeting.settled_at,
        _mentee.name.label("mentee"),
        _mentor.name.label("mentor"),
    )
    .join(_me, or_(_me.id == Meeting.mentee_id, _me.id == Meeting.mentor_id))
    .join(_mentee, _mentee.id == Meeting.mentee_id)
    .join(_mentor, _mentor.id == Meeting.mentor_id)
    .where(
        _me.user_id == bindparam("user_id"),
        _me.left_at.is_(None),
        Meeting.starts_at > bindparam("since"),
        Meeting.state.in_((MeetingState.ACCEPTED, MeetingState.HELD, MeetingState.CANCELLED)),
    )
    .order_by(Meeting.starts_at, Meeting.id)
    .limit(MOST)
)


def open_address(*, by: Member, now: datetime) -> None:
    """Give a person a calendar address, in place of any before it, which ends at once."""
    key = token_urlsafe(16)
    made = insert(CalendarAddress).values(user_id=by.user_id, key=key, made_at=now)
    fresh = {"key": made.excluded.key, "made_at": made.excluded.made_at}
    db.session.execute(made.on_conflict_do_update(index_elements=["user_id"], set_=fresh))
    trail.record(CalendarDeed.OPENED, by, by=by, now=now)


def close_address(*, by: Member, now: datetime) -> None:
    """End a person's calendar address. Without one, nothing happens."""
    mine = delete(CalendarAddress).where(CalendarAddress.user_id == by.user_id)
    if count_touched(mine):
        trail.record(CalendarDeed.CLOSED, by, by=by, now=now)


def token_of(member: Member, *, secret: str) -> str | None:
    """What stands in this person's calendar address; None while they have none."""
    key = db.session.scalar(_KEY, {"user_id": member.user_id})
    if key is None:
        return None
    facts = {"user": str(member.user_id), "key": key}
    return tokens.sign(facts, purpose=_PURPOSE, secret=secret, until=_NEVER)


def calendar(token: str, *, settings: Settings, page: Page, now: datetime) -> bytes:
    """The meetings that an address shows, as an iCalendar file: the same bytes until one changes.

    Enters each chapter of the person in turn, so that each meeting is read behind its own wall.

    :raises NotYours: the address opens nothing (anymore).
    """
    user_id = _whose(token, secret=settings.secrets, now=now)
    found: list[tuple[invitations.Invitation, bool]] = []
    for chapter_id in tenancy.chapters_of(user_id):
        with scope.chapter(chapter_id):
            found += _here(user_id, settings=settings, page=page, since=now - KEPT)
            found += _meet_ups_here(user_id, settings=settings, page=page, since=now - KEPT)
            found += groups.subscribed(user_id, settings=settings, since=now - KEPT, most=MOST)
    return invitations.to_calendar(found)


def _whose(token: str, *, secret: Sequence[str], now: datetime) -> UUID:
    try:
        facts = tokens.read(token, purpose=_PURPOSE, secret=secret, now=now)
    except tokens.BadToken:
        raise NotYours from None
    user_id = UUID(facts["user"])
    if db.session.scalar(_KEY, {"user_id": user_id}) != facts["key"]:
        raise NotYours
    return user_id


def _here(
    user_id: UUID, *, settings: Settings, page: Page, since: datetime
) -> Iterable[tuple[invitations.Invitation, bool]]:
    rows = db.session.execute(_MEETINGS, {"user_id": user_id, "since": since}).all()
    if not rows:
        return
    card = tenancy.card()
    for row in rows:
        changed_at = max(row.asked_at, row.settled_at or row.asked_at)
        # Nobody is named by address: whoever may look at a calendar sees no more than its owner
        # shows them, and strict programs refuse attendees in a subscription.
        yield (
            invitations.for_meeting(
                meeting_id=row.id,
                sequence=row.sequence,
                starts_at=row.starts_at,
                ends_at=row.ends_at,
                created_at=changed_at,
                place=row.place,
                people=[(settings.mail_from, row.mentee), (settings.mail_from, row.mentor)],
                page=page(card, row.id, False),
                chapter_name=card.name,
                sender=settings.mail_from,
                host=settings.host_name,
            ),
            row.state == MeetingState.CANCELLED,
        )


def _meet_ups_here(
    user_id: UUID, *, settings: Settings, page: Page, since: datetime
) -> Iterable[tuple[invitations.Invitation, bool]]:
    rows = conference.in_calendar(user_id, since=since, most=MOST)
    if not rows:
        return
    card = tenancy.card()
    for row in rows:
        meet_up = invitations.for_meeting(
            meeting_id=row.id,
            sequence=row.changes + int(row.state != MeetUpState.TAKEN),
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            created_at=row.ended_at or row.taken_at,
            place=f"{row.place}, {row.conference}",
            people=[(settings.mail_from, row.mentee), (settings.mail_from, row.mentor)],
            page=page(card, row.block_id, True),
            chapter_name=card.name,
            sender=settings.mail_from,
            host=settings.host_name,
        )
        yield invitations.as_meet_up(meet_up), row.state != MeetUpState.TAKEN
