"""Answering from a mail with one tap: how it goes between two, and "well done" for an update."""

from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from mentorship.foundation import scope
from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours, Refusal
from mentorship.relationships import check_ins
from mentorship.relationships.check_ins import How
from mentorship.relationships.contacts import updates
from mentorship.relationships.contacts.models import ReminderAnswer, Update, UpdateCopy
from mentorship.relationships.models import UNDER_WAY, Pairing
from mentorship.relationships.queries import my_pairing
from mentorship.tenancy import mail_links
from mentorship.tenancy.mail_links import Claim
from mentorship.tenancy.members import Member

CHECK_IN, WELL_DONE = "check-in", "well-done"
#: For how long "well done" can be said from the mail.
LASTS = timedelta(days=30)


class Used(Refusal):
    sentence = "This link was used before."


class Asked(NamedTuple):
    """What a link of a reminder answers: how it goes in a pairing, since a day."""

    pairing: Pairing
    since: date
    how: How


class Received(NamedTuple):
    """What a link of an update says "well done" to."""

    update: Update
    copy: UpdateCopy
    pairing: Pairing


def check_in_token(
    member: Member, *, pairing_id: UUID, since: date, how: How, secret: str, until: datetime
) -> str:
    """Let this member answer one reminder so. Of the links of a reminder, one can be used."""
    return mail_links.token_for(
        member,
        purpose=CHECK_IN,
        secret=secret,
        until=until,
        pairing=pairing_id,
        since=since.isoformat(),
        how=how.value,
    )


def well_done_token(member: Member, update: Update, *, secret: str) -> str:
    """Let this mentor say "well done" to an update that was sent, once."""
    assert update.sent_at is not None  # only what was sent is mailed
    until = update.sent_at + LASTS
    return mail_links.token_for(
        member, purpose=WELL_DONE, secret=secret, until=until, update=update.id
    )


def asked(claim: Claim, *, member: Member, for_update: bool = False) -> Asked:
    """What a link answers, as long as it can.

    :raises NotYours: the pairing is over, or not theirs.
    :raises Used: the reminder was answered from its mail.
    """
    pairing = my_pairing(UUID(claim.facts["pairing"]), member=member, for_update=for_update)
    if pairing.state not in UNDER_WAY:
        raise NotYours
    since = date.fromisoformat(claim.facts["since"])
    key = (scope.here(), pairing.id, member.id, since)
    if db.session.get(ReminderAnswer, key) is not None:
        raise Used
    return Asked(pairing, since, How(claim.facts["how"]))


def answer(asked: Asked, *, line: str, by: Member, now: datetime) -> None:
    """Check in as the link says. That it was used is kept with it, and the database decides.

    :raises Used: another of its links was quicker.
    :raises NotUnderWay: the pairing has ended meanwhile.
    :raises LineTooLong: the line is for a few sentences.
    """
    used = insert(ReminderAnswer).values(
        chapter_id=scope.here(),
        pairing_id=asked.pairing.id,
        member_id=by.id,
        since=asked.since,
        at=now,
    )
    done = db.session.execute(used.on_conflict_do_nothing().returning(ReminderAnswer.since))
    if done.first() is None:
        raise Used
    check_ins.log(pairing=asked.pairing, by=by, how=asked.how, line=line, now=now)


def received(claim: Claim, *, member: Member) -> Received:
    """What a link says "well done" to, as long as nobody has.

    :raises NotYours: there is no such update, or the pairing is over.
    :raises Used: it was said.
    """
    found = Received(*updates.received(UUID(claim.facts["update"]), mentor=member))
    if found.copy.well_done_at is not None:
        raise Used
    return found
