"""Help from the network, by a chapter's consent: asked for, let in for a while, ended.

To be a network admin opens no chapter. Whoever is let in becomes a member without a role, and may
what the visit's reach says, until it ends; each page that they open is in the trail.
"""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Row, bindparam, func, select, update
from sqlalchemy.exc import IntegrityError

from mentorship.accounts.models import User
from mentorship.audit import trail
from mentorship.foundation.database import count_touched, db
from mentorship.foundation.errors import NotYours, Refusal
from mentorship.tenancy import memberships
from mentorship.tenancy.members import Member
from mentorship.tenancy.models import (
    Membership,
    SupportDeed,
    SupportVisit,
)
from mentorship.tenancy.roles import Permission, Reach

#: For how long a chapter may let somebody in. The second one is the usual.
CHOICES = tuple(timedelta(hours=hours) for hours in (4, 24, 72, 7 * 24))
USUAL = CHOICES[1]
#: The longest reason, in characters.
LONGEST = 500
#: For how long a visit that is over is shown.
SHOWN_FOR = timedelta(days=90)


class NobodyOfTheNetwork(Refusal):
    sentence = "No network admin has that address."


class BelongsAlready(Refusal):
    sentence = "They belong to this chapter and have roles here already."


class NoReason(Refusal):
    sentence = f"Say why, in at most {LONGEST} characters."


class NotThatLong(Refusal):
    sentence = "Choose one of the times. Seven days is the longest."


class AskedAlready(Refusal):
    sentence = "They have asked, or are helping, already. End that first."


class OverAlready(Refusal):
    sentence = "That is over."


class Visit(NamedTuple):
    """Somebody's asking to help, or their helping, as those who run the chapter see it."""

    id: UUID
    email: str
    why: str
    reach: Reach
    asked_at: datetime
    began_at: datetime | None
    until: datetime | None
    ended_at: datetime | None
    consented_by: str | None

    def goes_on(self, now: datetime) -> bool:
        return self.ended_at is None and self.until is not None and now < self.until

    @property
    def waits(self) -> bool:
        return self.began_at is None and self.ended_at is None


_ADMIN = select(User.id).where(User.email == func.lower(bindparam("email")), User.is_network_admin)
_IS_ADMIN = select(User.is_network_admin, User.email).where(User.id == bindparam("user_id"))
_VISITS = (
    select(
        SupportVisit.id,
        User.email,
        SupportVisit.why,
        SupportVisit.reach,
        SupportVisit.asked_at,
        SupportVisit.began_at,
        SupportVisit.until,
        SupportVisit.ended_at,
        Membership.name.label("consented_by"),
    )
    .join(User, User.id == SupportVisit.user_id)
    .outerjoin(Membership, Membership.id == SupportVisit.consented_by_id)
    .order_by(SupportVisit.asked_at.desc())
)
_SHOWN = _VISITS.where(SupportVisit.asked_at > bindparam("since"))
_ONE = _VISITS.where(SupportVisit.id == bindparam("visit_id"))
_RECORD = select(SupportVisit).where(SupportVisit.id == bindparam("visit_id"))
_LAPSED = select(SupportVisit).where(
    SupportVisit.ended_at.is_(None), SupportVisit.until <= bindparam("now")
)
_HERE = select(Membership).where(Membership.user_id == bindparam("user_id"))


def visits(*, now: datetime) -> list[Visit]:
    """The chapter's visits of the last 90 days, newest first. One statement."""
    return [_visit(row) for row in db.session.execute(_SHOWN, {"since": now - SHOWN_FOR})]


def visit(visit_id: UUID) -> Visit:
    """One visit of this chapter.

    :raises NotYours: there is none of that id.
    """
    row = db.session.execute(_ONE, {"visit_id": visit_id}).one_or_none()
    if row is None:
        raise NotYours
    return _visit(row)


def ask(user_id: UUID, *, why: str, reach: Reach, now: datetime) -> SupportVisit:
    """Ask this chapter to let a network admin in. Nothing is open to them by that.

    :raises NotYours: they are no network admin.
    :raises NoReason: they say none, or too much.
    :raises BelongsAlready: they have roles in it.
    :raises AskedAlready: they have asked before, and it is not over.
    """
    found = db.session.execute(_IS_ADMIN, {"user_id": user_id}).one_or_none()
    if found is None or not found.is_network_admin:
        raise NotYours
    made = _make(user_id, why=why, reach=reach, now=now)
    trail.record(SupportDeed.ASKED, made, by=None, now=now, user_id=user_id, reach=reach)
    return made


def let_in(
    *, email: str, why: str, reach: Reach, lasts: timedelta, by: Member, now: datetime
) -> SupportVisit:
    """Let a network admin in who has not asked here.

    :raises NotYours: `by` does not run the chapter.
    :raises NobodyOfTheNetwork: it is not the address of one.
    :raises NoReason, NotThatLong, BelongsAlready, AskedAlready: it cannot be so.
    """
    _insist_on(Permission.SUPPORT_LET, by)
    user_id = db.session.scalar(_ADMIN, {"email": email.strip()})
    if user_id is None:
        raise NobodyOfTheNetwork
    made = _make(user_id, why=why, reach=reach, now=now)
    _begin(made, reach=reach, lasts=lasts, by=by, now=now)
    return made


def consent(visit_id: UUID, *, reach: Reach, lasts: timedelta, by: Member, now: datetime) -> None:
    """Let somebody in who has asked. Twice changes nothing.

    :raises NotYours: `by` does not run the chapter, or it has no such visit.
    :raises NobodyOfTheNetwork: they are no network admin anymore.
    :raises OverAlready: it has ended.
    :raises NotThatLong, BelongsAlready: it cannot be so.
    """
    _insist_on(Permission.SUPPORT_LET, by)
    asked = _locked(visit_id)
    if asked.ended_at is not None:
        raise OverAlready
    if asked.began_at is not None:
        return
    if not db.session.execute(_IS_ADMIN, {"user_id": asked.user_id}).one().is_network_admin:
        raise NobodyOfTheNetwork
    _begin(asked, reach=reach, lasts=lasts, by=by, now=now)


def end(visit_id: UUID, *, by: Member, now: datetime) -> None:
    """Say no to it, or end it: from the next request on nothing is open. Twice changes nothing.

    :raises NotYours: `by` does not run the chapter, or it has no such visit.
    """
    _insist_on(Permission.SUPPORT_LET, by)
    _end(_locked(visit_id), by=by, now=now)


def lapse(*, now: datetime) -> None:
    """Close the visits whose time is over. They opened nothing since then, whatever the hour."""
    for visit in db.session.scalars(_LAPSED.with_for_update(), {"now": now}).all():
        _end(visit, by=None, now=now)


def _make(user_id: UUID, *, why: str, reach: Reach, now: datetime) -> SupportVisit:
    lapse(now=now)
    why = why.strip()
    if not 1 <= len(why) <= LONGEST:
        raise NoReason
    _insist_on_stranger(user_id)
    visit = SupportVisit(user_id=user_id, why=why, reach=reach, asked_at=now)
    try:
        with db.session.begin_nested():
            db.session.add(visit)
    except IntegrityError as clash:
        raise AskedAlready from clash
    return visit


def _begin(
    visit: SupportVisit, *, reach: Reach, lasts: timedelta, by: Member, now: datetime
) -> None:
    if lasts not in CHOICES:
        raise NotThatLong
    membership = _insist_on_stranger(visit.user_id)
    if membership is None:
        email = db.session.execute(_IS_ADMIN, {"user_id": visit.user_id}).one().email
        membership = Membership(user_id=visit.user_id, name=f"{email} (support)", joined_at=now)
        db.session.add(membership)
    # Whatever they were here before they left is not what they come back to.
    membership.held, membership.terms, membership.left_at = [], {}, None
    db.session.flush()
    memberships.affiliate(visit.user_id)
    visit.member_id, visit.reach, visit.consented_by_id = membership.id, reach, by.id
    visit.began_at, visit.until = now, now + lasts
    db.session.flush()
    # Why is in the visit: what somebody wrote has no place in a trail that nobody can change.
    trail.record(SupportDeed.BEGAN, visit, by=by, now=now, reach=reach, until=visit.until)


def _end(visit: SupportVisit, *, by: Member | None, now: datetime) -> None:
    if visit.ended_at is not None:
        return
    visit.ended_at, visit.ended_by_id = now, by.id if by else None
    if visit.member_id is not None:
        # Unless they have been given a role meanwhile: then they belong here.
        left = update(Membership).where(
            Membership.id == visit.member_id, func.cardinality(Membership.held) == 0
        )
        if count_touched(left.values(left_at=now)):
            memberships.unaffiliate(visit.user_id, now=now)
    deed = SupportDeed.ENDED if by else SupportDeed.LAPSED
    db.session.flush()
    trail.record(deed, visit, by=by, now=now)


def _insist_on(permission: Permission, by: Member) -> None:
    if not by.may(permission):
        raise NotYours


def _insist_on_stranger(user_id: UUID) -> Membership | None:
    """Somebody's membership from before, if they have one in which no role counts."""
    found = db.session.scalars(_HERE, {"user_id": user_id}).one_or_none()
    if found is not None and found.left_at is None and found.held:
        raise BelongsAlready
    return found


def _locked(visit_id: UUID) -> SupportVisit:
    one = _RECORD.with_for_update().execution_options(populate_existing=True)
    found = db.session.scalars(one, {"visit_id": visit_id}).one_or_none()
    if found is None:
        raise NotYours
    return found


def _visit(row: Row) -> Visit:
    return Visit(**row._asdict() | {"reach": Reach(row.reach)})
