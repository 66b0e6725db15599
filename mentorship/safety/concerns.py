"""What can be done about a concern. Each verb moves it once, and leaves one step and one deed.

A concern is looked into by the faculty advisor alone; `queries` knows whom it goes to. The trail
holds ids only: what people wrote stands in the concern and its steps, behind its wall.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from mentorship.audit import trail
from mentorship.foundation import clock, scope
from mentorship.foundation.database import db
from mentorship.foundation.errors import Refusal
from mentorship.foundation.queue import defer
from mentorship.relationships import conflicts, pairings
from mentorship.safety import days, queries, resources
from mentorship.safety.models import (
    Concern,
    ConcernDeed,
    ConcernState,
    ConcernStep,
    ConcernWall,
    Outcome,
)
from mentorship.safety.queries import Found, Occasion
from mentorship.tenancy import queries as tenancy
from mentorship.tenancy import roles
from mentorship.tenancy.members import Member
from mentorship.tenancy.roles import Permission

#: The longest report or note, and the longest line on how to be reached, in characters.
LONGEST = 5000
LONGEST_REACH = 200
#: How often the advisor is reminded that nobody has looked yet, a working day apart.
REMINDERS = 3

RECEIVED, LOOKED_AT, IN_HAND, CLOSED = ConcernState


class NothingSaid(Refusal):
    sentence = "Say what worries you. A line is enough."


class TooLong(Refusal):
    sentence = f"Keep it within {LONGEST:,} characters. More can be said when you are called."


class ReachTooLong(Refusal):
    sentence = f"Keep it within {LONGEST_REACH} characters."


class NobodyNamed(Refusal):
    sentence = "Choose whom you do not want to hear from."


class AboutYourself(Refusal):
    sentence = "Choose somebody else, or nobody in particular."


class NotNow(Refusal):
    sentence = "This concern has moved on meanwhile. Look at where it stands now."


class NobodyElse(Refusal):
    sentence = (
        "Nobody else in this chapter could look into it, so it stays with you."
        " If you cannot judge it, take it to the school."
    )


def report(
    *,
    words: str,
    by: Member,
    now: datetime,
    about: Member | None = None,
    occasion: Occasion | None = None,
    reach: str = "",
    may_name: bool = False,
    block: bool = False,
) -> Concern:
    """Tell the faculty advisor of a concern; with `block` contact with `about` stops at once.

    :raises NothingSaid, TooLong, ReachTooLong: what is written is missing or too long.
    :raises NobodyNamed: somebody is to be blocked, and nobody is named.
    :raises AboutYourself: `about` is whoever reports it.
    """
    words, reach = words.strip(), reach.strip()
    _insist_on_words(words)
    if len(reach) > LONGEST_REACH:
        raise ReachTooLong
    if block and about is None:
        raise NobodyNamed
    if about and about.id == by.id:
        raise AboutYourself
    if block and about:
        # First, since it locks people, and locks go in one order.
        pairings.part(other=about, by=by, now=now)
    concern = Concern(
        by_id=by.id,
        about_id=about.id if about else None,
        pairing_id=occasion.pairing_id if occasion else None,
        words=words,
        reach=reach,
        may_name=may_name,
        state=RECEIVED,
        at=now,
        look_by=_look_by(now),
    )
    db.session.add(concern)
    db.session.flush()
    for member_id in {about.id if about else None, occasion.other_id if occasion else None} - {
        None,
        by.id,
    }:
        _wall(concern, member_id)
    _step(concern, ConcernDeed.REPORTED, by=by, now=now)
    _plan_reminder(concern, number=1)
    return concern


def look(found: Found, *, by: Member, now: datetime) -> None:
    """Look at a concern for the first time; whoever reported it sees when. Twice changes nothing.

    :raises NotYours: it is not for `by` to look into.
    """
    concern = _mine_to_do(found, Permission.CONCERN_LOOK, by=by)
    if concern.state == RECEIVED:
        concern.state, concern.seen_at = LOOKED_AT, now
        _step(concern, ConcernDeed.LOOKED_AT, by=by, now=now)


def take(found: Found, *, by: Member, now: datetime) -> None:
    """Have a concern in hand. Twice changes nothing.

    :raises NotYours: it is not for `by` to look into.
    :raises NotNow: nobody has looked at it, or it is closed.
    """
    concern = _mine_to_do(found, Permission.CONCERN_TAKE, by=by)
    if concern.state == IN_HAND:
        return
    roles.insist_on_state(Permission.CONCERN_TAKE, concern, NotNow)
    concern.state = IN_HAND
    _step(concern, ConcernDeed.TAKEN, by=by, now=now)


def note(found: Found, *, words: str, by: Member, now: datetime) -> None:
    """Write down something for those who look into it. It cannot be changed afterwards.

    :raises NotYours: it is not for `by` to look into.
    :raises NotNow: nobody has looked at it.
    :raises NothingSaid, TooLong: there are no words, or too many.
    """
    concern = _mine_to_do(found, Permission.CONCERN_WORK, by=by)
    roles.insist_on_state(Permission.CONCERN_WORK, concern, NotNow)
    words = words.strip()
    _insist_on_words(words)
    _step(concern, ConcernDeed.NOTED, by=by, now=now, words=words)


def pass_on(found: Found, *, by: Member, now: datetime) -> None:
    """Leave a concern to whoever else may look into it, and see nothing of it from now on.

    For an advisor whom it turns out to be about, or who is too close to judge. Its clock begins
    anew.

    :raises NotYours: it is not for `by` to look into.
    :raises NotNow: it is closed, or nobody has looked at it.
    :raises NobodyElse: nobody would be left.
    """
    concern = _mine_to_do(found, Permission.CONCERN_CLOSE, by=by)
    roles.insist_on_state(Permission.CONCERN_CLOSE, concern, NotNow)
    with db.session.begin_nested():
        _wall(concern, by.id)
        if not queries.triagers(concern.id):
            raise NobodyElse
    concern.state, concern.seen_at, concern.look_by = RECEIVED, None, _look_by(now)
    _step(concern, ConcernDeed.PASSED_ON, by=by, now=now)
    _plan_reminder(concern, number=1)


def close(found: Found, *, outcome: Outcome, by: Member, now: datetime) -> None:
    """Close a concern, with what came of it for whoever reported it. Twice changes nothing.

    :raises NotYours: it is not for `by` to look into.
    :raises NotNow: nobody has looked at it.
    """
    concern = _mine_to_do(found, Permission.CONCERN_CLOSE, by=by)
    if concern.state == CLOSED:
        return
    roles.insist_on_state(Permission.CONCERN_CLOSE, concern, NotNow)
    concern.state, concern.outcome, concern.closed_at = CLOSED, outcome, now
    _step(concern, ConcernDeed.CLOSED, by=by, now=now)


def reopen(found: Found, *, by: Member, now: datetime) -> None:
    """Take a closed concern in hand again. Twice changes nothing.

    :raises NotYours: it is not for `by` to look into.
    """
    concern = _mine_to_do(found, Permission.CONCERN_REOPEN, by=by)
    if concern.state == CLOSED:
        concern.state, concern.outcome, concern.closed_at = IN_HAND, None, None
        _step(concern, ConcernDeed.REOPENED, by=by, now=now)


def keep_apart(found: Found, *, by: Member, now: datetime) -> None:
    """Keep whoever reported it from whom it is about, until `by` lifts that. Twice changes nothing.

    Neither of the two is told who has done it.

    :raises NotYours: it is not for `by` to look into.
    :raises NotNow: nobody has looked at it.
    :raises NobodyNamed: it is about nobody in particular.
    """
    concern, one, other = _two_of(found, by=by)
    if pairings.keep_apart(one=one, other=other, by=by, now=now):
        _step(concern, ConcernDeed.KEPT_APART, by=by, now=now)


def let_together(found: Found, *, by: Member, now: datetime) -> None:
    """No longer keep the two apart. What one of them has set oneself stays.

    :raises NotYours, NotNow, NobodyNamed: as `keep_apart` does.
    """
    concern, one, other = _two_of(found, by=by)
    if conflicts.let_together(one=one, other=other, by=by):
        _step(concern, ConcernDeed.LET_TOGETHER, by=by, now=now)


def remind(concern_id: UUID, *, number: int, look_by: datetime, now: datetime) -> None:
    """Remind whoever may look at a concern that nobody has, unless its clock has begun anew."""
    concern = db.session.scalars(
        select(Concern).where(Concern.id == concern_id).with_for_update()
    ).one_or_none()
    if concern is None or concern.state != RECEIVED or concern.look_by != look_by or now < look_by:
        return
    trail.record(ConcernDeed.REMINDED, concern, by=None, now=now, number=number)
    if number < REMINDERS:
        _plan_reminder(concern, number=number + 1)


def _mine_to_do(found: Found, permission: Permission, *, by: Member) -> Concern:
    roles.insist(permission, found, by=by)
    return found.concern


def _two_of(found: Found, *, by: Member) -> tuple[Concern, Member, Member]:
    concern = _mine_to_do(found, Permission.CONCERN_WORK, by=by)
    roles.insist_on_state(Permission.CONCERN_WORK, concern, NotNow)
    if concern.about_id is None:
        raise NobodyNamed
    two = tenancy.members([concern.by_id, concern.about_id])
    return concern, two[concern.by_id], two[concern.about_id]


def _insist_on_words(words: str) -> None:
    if not words:
        raise NothingSaid
    if len(words) > LONGEST:
        raise TooLong


def _wall(concern: Concern, member_id: UUID | None) -> None:
    db.session.execute(
        insert(ConcernWall)
        .values(chapter_id=scope.here(), concern_id=concern.id, member_id=member_id)
        .on_conflict_do_nothing()
    )


def _step(
    concern: Concern, deed: ConcernDeed, *, by: Member, now: datetime, words: str = ""
) -> None:
    db.session.add(ConcernStep(concern_id=concern.id, by_id=by.id, at=now, deed=deed, words=words))
    trail.record(deed, concern, by=by, now=now)


def _look_by(now: datetime) -> datetime:
    zone = clock.zone(tenancy.card().zone)
    return days.after(now, resources.here().look_within, zone)


def _plan_reminder(concern: Concern, *, number: int) -> None:
    """Recall it when its time is over, and then each working day, a few times."""
    at = days.after(concern.look_by, number - 1, clock.zone(tenancy.card().zone))
    defer(
        "remind_of_concern",
        at=at,
        chapter_id=str(scope.here()),
        concern_id=str(concern.id),
        number=str(number),
        look_by=concern.look_by.isoformat(),
    )
