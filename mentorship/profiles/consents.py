"""Whether somebody agreed to what needs a yes: when, and to which words.

Each yes and each no is a row of its own, and the last one counts. What follows from a no is done
by whoever keeps the data in question, in the same transaction.
"""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, select

from mentorship.audit import account_trail
from mentorship.audit.account_trail import AccountDeed
from mentorship.foundation.database import db
from mentorship.profiles.models import Consent
from mentorship.tenancy.members import Member
from mentorship.vocabulary.purposes import WORDINGS, Asked

_SAID = (
    select(Consent.purpose, Consent.given, Consent.wording, Consent.at)
    .where(Consent.member_id == bindparam("member_id"))
    .order_by(Consent.at.desc(), Consent.id.desc())
)


class Said(NamedTuple):
    """A yes or a no to a purpose, newest first in what `said` returns."""

    purpose: str
    given: bool
    wording: int
    at: datetime


def said(member_id: UUID) -> list[Said]:
    """All that a member of this chapter has said."""
    return [Said(*row) for row in db.session.execute(_SAID, {"member_id": member_id})]


def agreed(said: list[Said], purpose: Asked) -> Said | None:
    """The yes that counts now, if there is one."""
    last = next((one for one in said if one.purpose == purpose), None)
    return last if last and last.given else None


def note(purpose: Asked, *, given: bool, by: Member, now: datetime) -> None:
    """Write a yes or a no down, unless it says what was said before, to the same words."""
    before = agreed(said(by.id), purpose)
    if bool(before) == given and (before is None or before.wording == WORDINGS[purpose]):
        return
    db.session.add(
        Consent(member_id=by.id, purpose=purpose, wording=WORDINGS[purpose], given=given, at=now)
    )
    db.session.flush()
    deed = AccountDeed.CONSENT_GIVEN if given else AccountDeed.CONSENT_WITHDRAWN
    account_trail.record(deed, user_id=by.user_id, now=now, purpose=str(purpose))
