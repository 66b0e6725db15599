"""What is told of conference meet-ups, with the invitations to both calendars."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select

from mentorship.audit.models import AuditEvent
from mentorship.foundation import clock
from mentorship.foundation.database import db
from mentorship.foundation.settings import Settings
from mentorship.notifications.telling import Facts, Gather, Telling
from mentorship.scheduling import invitations
from mentorship.scheduling.conference.models import (
    ConferenceBlock,
    ConferenceDeed,
    MeetUp,
    MeetUpState,
)
from mentorship.tenancy import queries
from mentorship.tenancy.members import Member
from mentorship.web.links import absolute

_MEET_UP = (
    select(MeetUp, ConferenceBlock)
    .join(ConferenceBlock, ConferenceBlock.id == MeetUp.block_id)
    .where(MeetUp.id == bindparam("meet_up_id"))
)


def _meet_up(event: AuditEvent) -> tuple[MeetUp, ConferenceBlock]:
    meet_up, block = db.session.execute(_MEET_UP, {"meet_up_id": event.subject_id}).one()
    return meet_up, block


def _both(event: AuditEvent) -> Sequence[UUID]:
    meet_up, block = _meet_up(event)
    return [meet_up.mentee_id, block.mentor_id]


def _facts(state: MeetUpState, *, invite: invitations.Method) -> Gather:
    """Gather what both are to know, while the meet-up stands there."""

    def gather(event: AuditEvent, reader: Member, settings: Settings) -> Facts | None:
        meet_up, block = _meet_up(event)
        if meet_up.state != state or event.facts.get("changes", block.changes) != block.changes:
            return None
        people = queries.members([meet_up.mentee_id, block.mentor_id])
        mentee, mentor = people[meet_up.mentee_id], people[block.mentor_id]
        words = {
            "meet_up": meet_up,
            "block": block,
            "other": mentee if reader.id == mentor.id else mentor,
            "i_mentor": reader.id == mentor.id,
            "by_me": event.by_id == reader.id,
            "by_nobody": event.by_id is None,
            "moved": event.deed == ConferenceDeed.CHANGED,
        }
        chapter = queries.card()
        page = absolute("chapter.scheduling.meet_ups", chapter_slug=chapter.slug, block_id=block.id)
        invitation = invitations.for_meeting(
            meeting_id=meet_up.id,
            sequence=meet_up.sequence(block),
            starts_at=meet_up.starts_at,
            ends_at=meet_up.ends_at,
            created_at=meet_up.taken_at,
            place=f"{block.place}, {block.conference}",
            people=((mentee.email, mentee.name), (mentor.email, mentor.name)),
            page=page,
            chapter_name=chapter.name,
            sender=settings.mail_from,
            host=settings.host_name,
        )
        ready = invitations.as_meet_up(invitation)
        return Facts(words, (invitations.to_ics(ready, method=invite, now=clock.now()), invite))

    return gather


def _the_mentor(event: AuditEvent) -> Sequence[UUID]:
    return [_block(event).mentor_id]


def _block(event: AuditEvent) -> ConferenceBlock:
    one = select(ConferenceBlock).where(ConferenceBlock.id == event.subject_id)
    return db.session.scalars(one).one()


def _clash(event: AuditEvent, _reader: Member, _settings: Settings) -> Facts | None:
    """Gather which meet-ups a shift of the mentor's now lies on."""
    block = _block(event)
    as_told = datetime.fromisoformat(event.facts["starts_at"]) == block.starts_at
    if block.closed_at is not None or not as_told:
        return None
    return Facts({"held": block, "block": block, "title": f"meet-ups at {block.conference}"})


CHANGED = Telling("meet_up_taken", _both, _facts(MeetUpState.TAKEN, invite="REQUEST"))
CLASHED = Telling("time_clash", _the_mentor, _clash)
TAKEN = Telling("meet_up_taken", _both, _facts(MeetUpState.TAKEN, invite="REQUEST"))
GIVEN_BACK = Telling("meet_up_given_back", _both, _facts(MeetUpState.GIVEN_BACK, invite="CANCEL"))
CALLED_OFF = Telling("meet_up_called_off", _both, _facts(MeetUpState.CALLED_OFF, invite="CANCEL"))
