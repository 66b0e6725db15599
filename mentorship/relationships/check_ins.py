"""What can be done with a check-in: a sign of life between meetings."""

from datetime import date, datetime
from enum import StrEnum

from mentorship.audit import trail
from mentorship.foundation import clock
from mentorship.foundation.database import db
from mentorship.foundation.errors import Refusal
from mentorship.relationships import pairings
from mentorship.relationships.models import CheckIn, CheckInDeed, Pairing
from mentorship.tenancy import queries as tenancy
from mentorship.tenancy import roles
from mentorship.tenancy.members import Member
from mentorship.tenancy.roles import Permission

#: The longest line, in characters.
LONGEST = 500


class How(StrEnum):
    """How it goes between the two, in one answer."""

    WELL = "well"
    NEED_A_DATE = "need_a_date"
    STUCK = "stuck"
    DONE = "done"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    How.WELL: "Going well",
    How.NEED_A_DATE: "We need a date",
    How.STUCK: "I am stuck",
    How.DONE: "We are done",
}


class NotUnderWay(Refusal):
    sentence = "Check-ins begin when the two of you are paired, and stop when the pairing ends."


class LineTooLong(Refusal):
    sentence = f"Keep the line within {LONGEST} characters."


class NotOnThatDay(Refusal):
    sentence = "Choose a day from the start of the pairing up to today."


def log(
    *,
    pairing: Pairing,
    by: Member,
    how: How,
    line: str = "",
    happened_on: date | None = None,
    now: datetime,
) -> CheckIn:
    """Tell the other one of a pairing how things go. An empty line means: nothing to report.

    `happened_on` is a day where `by` is; today unless it is said.

    :raises NotYours: `by` is neither mentor nor mentee of the pairing.
    :raises NotUnderWay: the pairing was not accepted yet, or is over.
    :raises LineTooLong: the line is for a few sentences.
    :raises NotOnThatDay: the day is yet to come, or before they were paired.
    """
    roles.insist(Permission.CONTACT_NOTE, pairing, by=by)
    roles.insist_on_state(Permission.CONTACT_NOTE, pairing, NotUnderWay)
    if len(line) > LONGEST:
        raise LineTooLong
    today = clock.day(now, by.zone)
    on = happened_on or today
    if not clock.day(pairing.began_at, by.zone) <= on <= today:
        raise NotOnThatDay
    check_in = CheckIn(
        pairing_id=pairing.id, by_id=by.id, happened_on=on, how=how, line=line, created_at=now
    )
    db.session.add(check_in)
    # Their day may have ended where the chapter is, and the other way round.
    here = clock.day(now, tenancy.card().zone)
    pairings.touched(pairing, on=min(on, here))
    db.session.flush()
    trail.record(CheckInDeed.LOGGED, check_in, by=by, now=now, pairing_id=pairing.id)
    return check_in
