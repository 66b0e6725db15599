"""Answering a request from its mail, without signing in."""

from mentorship.foundation import tokens
from mentorship.scheduling.models import Meeting
from mentorship.tenancy.members import Member

_PURPOSE = "answer"


def token_for(meeting: Meeting, member: Member, *, secret: str) -> str:
    """What stands in the mail: lets this member answer this request, while it is open as it is."""
    facts = {
        "chapter": str(member.chapter_id),
        "meeting": str(meeting.id),
        "member": str(member.id),
        "sequence": meeting.sequence,
    }
    return tokens.sign(facts, purpose=_PURPOSE, secret=secret, until=meeting.answer_by)
