"""Stopping nudges from the mail itself, without signing in (RFC 8058)."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID

from mentorship.foundation import tokens
from mentorship.tenancy.members import Member
from mentorship.web.links import absolute

_PURPOSE = "stop-nudges"
#: Mail is kept, and its button has to work for as long as anybody may press it.
WORKS = timedelta(days=3 * 365)


class Claim(NamedTuple):
    """What a link says: who wants no more of a kind, or of any."""

    chapter_id: UUID
    member_id: UUID
    kind: str | None


def address(member: Member, kind: str | None, *, secret: str, now: datetime) -> str:
    """The whole address at which this member stops a kind of nudge, or all of them."""
    facts = {"chapter": str(member.chapter_id), "member": str(member.id), "kind": kind}
    # From the day on which it is sent, so that a mail that is repeated is the same mail.
    until = datetime.combine(now.date(), time(), UTC) + WORKS
    token = tokens.sign(facts, purpose=_PURPOSE, secret=secret, until=until)
    return absolute("stopping.show", token=token)


def read(token: str, *, secret: str | Sequence[str], now: datetime) -> Claim:
    """What a token from a mail says.

    :raises tokens.BadToken: it is not ours, was changed, or is past its time.
    """
    facts = tokens.read(token, purpose=_PURPOSE, secret=secret, now=now)
    return Claim(UUID(facts["chapter"]), UUID(facts["member"]), facts["kind"])
