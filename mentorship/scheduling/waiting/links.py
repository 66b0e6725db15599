"""Taking a place from its mail, without signing in."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from mentorship.foundation import tokens
from mentorship.scheduling.waiting.models import Wait
from mentorship.tenancy.members import Member

_PURPOSE = "place"


class Claim(NamedTuple):
    """What a token says: who may take which place."""

    chapter_id: UUID
    wait_id: UUID
    member_id: UUID


def token_for(wait: Wait, member: Member, *, secret: str, until: datetime) -> str:
    """What stands in the mail: lets this member take the place that is offered, until then."""
    facts = {"chapter": str(member.chapter_id), "wait": str(wait.id), "member": str(member.id)}
    return tokens.sign(facts, purpose=_PURPOSE, secret=secret, until=until)


def read(token: str, *, secret: str | Sequence[str], now: datetime) -> Claim:
    """What a token from a mail says. It has been signed by us; nothing else is checked yet.

    :raises tokens.BadToken: it is not ours, was changed, or is past its time.
    """
    facts = tokens.read(token, purpose=_PURPOSE, secret=secret, now=now)
    return Claim(UUID(facts["chapter"]), UUID(facts["wait"]), UUID(facts["member"]))
