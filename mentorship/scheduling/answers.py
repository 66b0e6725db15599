"""Answering a request from its mail, without signing in."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from mentorship.foundation import tokens
from mentorship.scheduling.models import Meeting, Proposed
from mentorship.tenancy.members import Member

_PURPOSE = "answer"
_TIMES = "times"


class Claim(NamedTuple):
    """What a token says: who may answer what, as it was when the mail was written."""

    chapter_id: UUID
    meeting_id: UUID
    member_id: UUID
    sequence: int


def token_for(meeting: Meeting, member: Member, *, secret: str) -> str:
    """What stands in the mail: lets this member answer this request, while it is open as it is."""
    facts = {
        "chapter": str(member.chapter_id),
        "meeting": str(meeting.id),
        "member": str(member.id),
        "sequence": meeting.sequence,
    }
    return tokens.sign(facts, purpose=_PURPOSE, secret=secret, until=meeting.awaited_until)


class TimesClaim(NamedTuple):
    """What a token says: who may answer which other times."""

    chapter_id: UUID
    proposed_id: UUID
    member_id: UUID


def times_token_for(proposed: Proposed, member: Member, *, secret: str) -> str:
    """What stands in the mail about other times: lets this member take one of them, or none."""
    facts = {
        "chapter": str(member.chapter_id),
        "proposed": str(proposed.id),
        "member": str(member.id),
    }
    return tokens.sign(facts, purpose=_TIMES, secret=secret, until=proposed.answer_by)


def read_times(token: str, *, secret: Sequence[str], now: datetime) -> TimesClaim:
    """What a token about other times says. It has been signed by us; nothing else is checked yet.

    :raises tokens.BadToken: it is not ours, was changed, or is past its time.
    """
    facts = tokens.read(token, purpose=_TIMES, secret=secret, now=now)
    return TimesClaim(UUID(facts["chapter"]), UUID(facts["proposed"]), UUID(facts["member"]))


def read(token: str, *, secret: str | Sequence[str], now: datetime) -> Claim:
    """What a token from a mail says. It has been signed by us; nothing else is checked yet.

    :raises tokens.BadToken: it is not ours, was changed, or is past its time.
    """
    facts = tokens.read(token, purpose=_PURPOSE, secret=secret, now=now)
    return Claim(
        UUID(facts["chapter"]), UUID(facts["meeting"]), UUID(facts["member"]), facts["sequence"]
    )
