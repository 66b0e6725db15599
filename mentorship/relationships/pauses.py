"""What can be done when a pairing is to rest for a while: pause it, and take it up again.

The mentor's place is kept, nothing falls due, and nobody is reminded of anything.
"""

from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import bindparam, select

from mentorship.audit import trail
from mentorship.foundation import clock, scope
from mentorship.foundation.database import db
from mentorship.foundation.errors import Refusal
from mentorship.foundation.queue import defer
from mentorship.relationships import pairings, states
from mentorship.relationships.models import Pairing, PairingDeed, PairingState
from mentorship.relationships.states import Act
from mentorship.tenancy import queries as tenancy
from mentorship.tenancy.members import Member

#: The longest reason, in characters.
LONGEST = 300
#: The longest pause with a date.
AT_MOST = timedelta(days=366)
#: When a pause is over on its day, by the chapter's clock.
MORNING = time(8)

_ONE = select(Pairing).where(Pairing.id == bindparam("pairing_id"))


class NotThatDay(Refusal):
    sentence = "Choose a day after today, within a year. Without a day it rests until you resume."


class TooLong(Refusal):
    sentence = f"Keep the reason within {LONGEST} characters."


def pause(
    pairing: Pairing, *, why: str = "", until: date | None = None, by: Member, now: datetime
) -> None:
    """Let a pairing rest. On the day `until`, if there is one, it goes on by itself.

    Both read `why`. `until` is a day of the chapter's calendar. Meetings that are booked stand.

    :raises NotYours: `by` is not one of the two.
    :raises states.NothingToPause: it is not under way, or rests already.
    :raises NotThatDay: the day is not after today, or more than a year away.
    :raises TooLong: the reason is more than a line or two.
    """
    pairings.alone(pairing)
    states.insist_on_may(Act.PAUSE, pairing, by=by)
    why = why.strip()
    if len(why) > LONGEST:
        raise TooLong
    zone = tenancy.card().zone
    if until is not None:
        if not timedelta() < until - clock.day(now, zone) <= AT_MOST:
            raise NotThatDay
        defer(
            "resume_pairing",
            at=datetime.combine(until, MORNING, clock.zone(zone)),
            chapter_id=str(scope.here()),
            pairing_id=str(pairing.id),
        )
    change_id = pairings.turn(pairing, PairingState.PAUSED, by=by, now=now, words=why, until=until)
    trail.record(PairingDeed.PAUSED, pairing, by=by, now=now, change_id=change_id)


def resume(pairing: Pairing, *, by: Member | None, now: datetime) -> None:
    """Take a pairing up again, as what it was. `by` is nobody when its day has come.

    :raises NotYours: `by` is not one of the two.
    :raises states.NotPaused: it does not rest.
    """
    pairings.alone(pairing)
    states.insist_on_may(Act.RESUME, pairing, by=by)
    change_id = pairings.turn(pairing, under_way(pairing), by=by, now=now)
    trail.record(PairingDeed.RESUMED, pairing, by=by, now=now, change_id=change_id)


def resume_due(pairing_id: UUID, *, now: datetime) -> None:
    """Resume a pairing whose day has come; another day, or another state, changes nothing."""
    pairing = db.session.scalars(_ONE, {"pairing_id": pairing_id}).one_or_none()
    if pairing is None:
        return
    pairings.alone(pairing)
    today = clock.day(now, tenancy.card().zone)
    if pairing.paused_until is not None and pairing.paused_until <= today:
        resume(pairing, by=None, now=now)


def under_way(pairing: Pairing) -> PairingState:
    """What an open pairing is when it neither waits nor rests."""
    return PairingState.ACTIVE if pairing.first_met_at else PairingState.ACCEPTED
