"""Links in a mail that speak for one member, without signing in: signed, and good for a while.

Each purpose has a seal of its own, so that a link for one opens nothing else. Whether a link was
used is kept by what it does.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, func, select

from mentorship.foundation import origin, tokens
from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours
from mentorship.tenancy import queries
from mentorship.tenancy.members import Member
from mentorship.tenancy.models import Membership

#: The address itself is the permission: it goes to nobody else.
HEADERS = {"Referrer-Policy": "no-referrer"}

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_STILL_HERE = select(Membership.id).where(
    Membership.id == bindparam("member_id"),
    Membership.left_at.is_(None),
    func.cardinality(Membership.roles) > 0,
)


class PastItsTime(Exception):
    """The token is ours, and its time is over."""


class Claim(NamedTuple):
    """What a token says: for whom it speaks, and what about."""

    chapter_id: UUID
    member_id: UUID
    facts: dict[str, Any]


def token_for(
    member: Member, *, purpose: str, secret: str, until: datetime, **facts: UUID | str
) -> str:
    """What stands in the mail: lets this member do one thing until an instant."""
    said = {"chapter": member.chapter_id, "member": member.id, **facts}
    plain = {name: str(fact) for name, fact in said.items()}
    return tokens.sign(plain, purpose=purpose, secret=secret, until=until)


def read(token: str, *, purpose: str, secret: str | Sequence[str], now: datetime) -> Claim:
    """What a token from a mail says. It has been signed by us; nothing else is checked yet.

    :raises tokens.BadToken: it is not ours, or was changed.
    :raises PastItsTime: it was good, once.
    """
    try:
        facts = tokens.read(token, purpose=purpose, secret=secret, now=now)
    except tokens.BadToken:
        tokens.read(token, purpose=purpose, secret=secret, now=_LONG_AGO)
        raise PastItsTime from None
    return Claim(UUID(facts["chapter"]), UUID(facts["member"]), facts)


def still_here(member_id: UUID) -> Member:
    """A member of the chapter that was entered, for whom a mail speaks.

    :raises NotYours: they do not belong to it (anymore).
    """
    if db.session.execute(_STILL_HERE, {"member_id": member_id}).first() is None:
        raise NotYours
    origin.by_mail()
    return queries.member(member_id)
