"""Contact that happened elsewhere: noted in two taps, and taken back as fast."""

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, func, select, union_all

from mentorship.audit import trail
from mentorship.foundation import clock
from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours, Refusal
from mentorship.relationships import pairings
from mentorship.relationships.check_ins import NotOnThatDay, NotUnderWay
from mentorship.relationships.contacts.models import Contact, ContactDeed, Way
from mentorship.relationships.models import CheckIn, Pairing
from mentorship.relationships.queries import my_pairing
from mentorship.tenancy import queries as tenancy
from mentorship.tenancy import roles
from mentorship.tenancy.members import Member
from mentorship.tenancy.roles import Permission

#: For how long a note can be taken back.
REGRET = timedelta(minutes=10)

_MINE = select(Contact).where(
    Contact.id == bindparam("contact_id"), Contact.by_id == bindparam("member_id")
)
_days = union_all(
    select(Contact.happened_on).where(Contact.pairing_id == bindparam("pairing_id")),
    select(CheckIn.happened_on).where(
        CheckIn.pairing_id == bindparam("pairing_id"), CheckIn.created_at >= bindparam("since")
    ),
).subquery()
_LAST = select(func.max(_days.c.happened_on))


class TooLate(Refusal):
    sentence = "A note can be taken back within ten minutes. This one stays."


def log(
    *, pairing: Pairing, by: Member, way: Way, happened_on: date | None = None, now: datetime
) -> Contact:
    """Note that the two were in touch. `happened_on` is a day where `by` is; today if not said.

    :raises NotYours: `by` is neither of the two.
    :raises NotUnderWay: the pairing was not accepted yet, or is over.
    :raises NotOnThatDay: the day is yet to come, or before they were paired.
    """
    roles.insist(Permission.CONTACT_NOTE, pairing, by=by)
    pairings.alone(pairing)
    roles.insist_on_state(Permission.CONTACT_NOTE, pairing, NotUnderWay)
    today = clock.day(now, by.zone)
    on = happened_on or today
    if not clock.day(pairing.began_at, by.zone) <= on <= today:
        raise NotOnThatDay
    contact = Contact(
        pairing_id=pairing.id,
        by_id=by.id,
        way=way,
        happened_on=on,
        created_at=now,
        before_on=pairing.last_contact_on,
    )
    db.session.add(contact)
    # Their day may have ended where the chapter is, and the other way round.
    pairings.touched(pairing, on=min(on, clock.day(now, tenancy.card().zone)))
    db.session.flush()
    trail.record(ContactDeed.LOGGED, contact, by=by, now=now, pairing_id=pairing.id)
    return contact


def undo(contact: Contact, *, by: Member, now: datetime) -> None:
    """Take a note back: the pairing stands as if it had not been written.

    :raises NotYours: somebody else wrote it.
    :raises TooLate: its ten minutes are over.
    """
    roles.insist(Permission.CONTACT_UNDO, contact, by=by)
    if now - contact.created_at > REGRET:
        raise TooLate
    pairing = my_pairing(contact.pairing_id, member=by, for_update=True)
    db.session.delete(contact)
    db.session.flush()
    trail.record(ContactDeed.UNDONE, contact, by=by, now=now, pairing_id=pairing.id)
    here = clock.day(now, tenancy.card().zone)
    if pairing.last_contact_on != min(contact.happened_on, here):
        return  # there has been contact since, or there was by then
    since = {"pairing_id": pairing.id, "since": contact.created_at}
    known = filter(None, (contact.before_on, db.session.scalar(_LAST, since)))
    pairing.last_contact_on = max((min(day, here) for day in known), default=None)


def mine(contact_id: UUID, *, member: Member) -> Contact:
    """A note of this member's own.

    :raises NotYours: there is none.
    """
    facts = {"contact_id": contact_id, "member_id": member.id}
    found = db.session.scalars(_MINE, facts).one_or_none()
    if found is None:
        raise NotYours
    return found
