"""Answering the fit check from its mail, without signing in."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, select

from mentorship.foundation import tokens
from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours
from mentorship.relationships.models import Pairing
from mentorship.tenancy import queries
from mentorship.tenancy.members import Member
from mentorship.tenancy.models import Membership

#: For how long the button in the mail works. Afterwards the page of the pairing takes an answer.
LASTS = timedelta(days=21)

_PURPOSE = "fit"
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_STILL_HERE = select(Membership.id).where(
    Membership.id == bindparam("member_id"), Membership.left_at.is_(None)
)


class PastItsTime(Exception):
    """The token is ours, and its time is over."""


class Claim(NamedTuple):
    """What a token says: who may answer for which pairing."""

    chapter_id: UUID
    pairing_id: UUID
    member_id: UUID


def token_for(pairing: Pairing, member: Member, *, secret: str, asked_at: datetime) -> str:
    """What stands in the mail: lets this member answer once, within three weeks."""
    facts = {
        "chapter": str(member.chapter_id),
        "pairing": str(pairing.id),
        "member": str(member.id),
    }
    return tokens.sign(facts, purpose=_PURPOSE, secret=secret, until=asked_at + LASTS)


def read(token: str, *, secret: str, now: datetime) -> Claim:
    """What a token from a mail says. It has been signed by us; nothing else is checked yet.

    :raises tokens.BadToken: it is not ours, or was changed.
    :raises PastItsTime: it was good, once.
    """
    try:
        facts = tokens.read(token, purpose=_PURPOSE, secret=secret, now=now)
    except tokens.BadToken:
        tokens.read(token, purpose=_PURPOSE, secret=secret, now=_LONG_AGO)
        raise PastItsTime from None
    return Claim(UUID(facts["chapter"]), UUID(facts["pairing"]), UUID(facts["member"]))


def answerer(claim: Claim) -> Member:
    """Who the token speaks for, in the chapter that was entered.

    :raises NotYours: they do not belong to it (any more).
    """
    if db.session.execute(_STILL_HERE, {"member_id": claim.member_id}).first() is None:
        raise NotYours
    return queries.member(claim.member_id)
