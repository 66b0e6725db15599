"""One mail that came back to us, from its bytes to what it does. Each way in leads here."""

import logging
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select

from mentorship.foundation import scope
from mentorship.foundation.database import db, transaction
from mentorship.foundation.errors import NotYours
from mentorship.foundation.settings import Settings
from mentorship.notifications.inbound import letters
from mentorship.notifications.inbound.letters import Letter
from mentorship.scheduling.models import Meeting, Part
from mentorship.scheduling.replies import addresses, replies
from mentorship.scheduling.replies.addresses import Claim
from mentorship.scheduling.replies.replies import Came, Reply
from mentorship.tenancy import mail_links
from mentorship.tenancy import queries as tenancy

log = logging.getLogger("mentorship.mail")


class Ignored(StrEnum):
    """Why a mail is none that we do anything with."""

    TOO_LARGE = "too large"
    NOT_OURS = "not an answer to one of our mails"
    AUTOMATIC = "written by a program"
    SAYS_NOTHING = "no answer in it"
    ANOTHER = "about another meeting"


def take(raw: bytes, *, settings: Settings, now: datetime) -> Came | Ignored:
    """Do what a mail says. It never raises for what stands in it, and a mail twice does it once."""
    came = _take(raw, settings=settings, now=now)
    # Not from whom, and not to which address: that one is a key.
    log.info("mail taken", extra={"came": came, "bytes": len(raw)})
    return came


def _take(raw: bytes, *, settings: Settings, now: datetime) -> Came | Ignored:
    if len(raw) > letters.MOST:
        return Ignored.TOO_LARGE
    letter = letters.read(raw)
    claim = addresses.read(letter.addresses, chapter_ids=tenancy.chapter_ids(), settings=settings)
    if claim is None:
        return Ignored.NOT_OURS
    if letter.automatic:
        return Ignored.AUTOMATIC
    if letter.reply is None:
        return Ignored.SAYS_NOTHING
    if letter.about and letter.about != f"{claim.meeting_id}@{settings.host_name}":
        return Ignored.ANOTHER
    with scope.chapter(claim.chapter_id), transaction():
        return _said(claim, letter, now=now)


def _said(claim: Claim, letter: Letter, *, now: datetime) -> Came | Ignored:
    one = select(Meeting).where(Meeting.id == claim.meeting_id)
    meeting = db.session.scalars(one).one_or_none()
    if meeting is None or letter.reply is None:
        return Ignored.NOT_OURS
    speaks = meeting.mentee_id if claim.part is Part.MENTEE else meeting.mentor_id
    try:
        by = mail_links.still_here(speaks)
    except NotYours:
        return Ignored.NOT_OURS
    return replies.take(meeting, _as_seen(letter.reply, claim), by=by, now=now)


def _as_seen(reply: Reply, claim: Claim) -> Reply:
    """Typed words answer the mail that they answer to, whose address says how things stood."""
    if not reply.typed or claim.sequence is None:
        return reply
    return Reply(reply.said, sequence=claim.sequence, typed=True)
