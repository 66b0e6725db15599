"""What is told of meetings: requests and their answers, and the invitations to both calendars."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select

from mentorship.audit.models import AuditEvent
from mentorship.foundation import clock
from mentorship.foundation.database import db
from mentorship.foundation.settings import Settings
from mentorship.notifications.telling import Facts, Gather, Invitation, Telling
from mentorship.profiles.models import MentorProfile
from mentorship.relationships.models import Pairing
from mentorship.scheduling import answers, invitations, next_choices, onward
from mentorship.scheduling.models import Meeting, MeetingState, Part, Proposed
from mentorship.scheduling.replies import addresses
from mentorship.scheduling.replies.addresses import Claim
from mentorship.tenancy import queries
from mentorship.tenancy.members import Member
from mentorship.vocabulary import interests
from mentorship.vocabulary.kinds import Kind
from mentorship.web.links import absolute

_MEETING = (
    select(Meeting, Pairing.kind, Pairing.topic)
    .join(Pairing, Pairing.id == Meeting.pairing_id)
    .where(Meeting.id == bindparam("meeting_id"))
)


def _meeting(event: AuditEvent) -> tuple[Meeting, str, str | None]:
    return db.session.execute(_MEETING, {"meeting_id": event.subject_id}).one()


def _the_mentor(event: AuditEvent) -> Sequence[UUID]:
    return [_meeting(event)[0].mentor_id]


def _the_mentee(event: AuditEvent) -> Sequence[UUID]:
    return [_meeting(event)[0].mentee_id]


def _both(event: AuditEvent) -> Sequence[UUID]:
    meeting, *_ = _meeting(event)
    return [meeting.mentee_id, meeting.mentor_id]


def _the_other(event: AuditEvent) -> Sequence[UUID]:
    return [who for who in _both(event) if who != event.by_id]


def _whoever_is_awaited(event: AuditEvent) -> Sequence[UUID]:
    meeting, *_ = _meeting(event)
    awaited = event.facts.get("awaiting") or meeting.awaiting
    return [meeting.mentor_id if awaited == Part.MENTOR else meeting.mentee_id]


def _whoever_is_reminded(event: AuditEvent) -> Sequence[UUID]:
    """Whoever is awaited; but a mentor who takes nobody new for now is left in peace."""
    meeting, *_ = _meeting(event)
    resting = select(MentorProfile.member_id).where(
        MentorProfile.member_id == meeting.mentor_id, MentorProfile.paused_at.is_not(None)
    )
    at_rest = set(db.session.scalars(resting))
    return [who for who in _whoever_is_awaited(event) if who not in at_rest]


def _facts(
    *states: MeetingState, invite: invitations.Method | None = None, answer: bool = False
) -> Gather:
    """Gather facts while the meeting is in one of these states, and as it was when told of."""

    def gather(event: AuditEvent, reader: Member, settings: Settings) -> Facts | None:
        meeting, kind, topic = _meeting(event)
        if meeting.state not in states or meeting.sequence != event.facts["sequence"]:
            return None
        people = queries.members([meeting.mentee_id, meeting.mentor_id])
        mentee, mentor = people[meeting.mentee_id], people[meeting.mentor_id]
        # Mail may be read over a shoulder: of wellness mentoring it holds nothing they wrote.
        discreet = kind == Kind.WELLNESS
        before = event.facts.get("before")
        words: dict[str, Any] = {
            "meeting": meeting,
            "kind": Kind(kind),
            "topic": interests.labels().get(topic or "", topic),
            "purpose": "" if discreet else meeting.purpose,
            "word": "" if discreet or event.by_id == reader.id else meeting.word,
            "before": before and datetime.fromisoformat(before),
            "mentee": mentee,
            "mentor": mentor,
            "other": mentee if reader.id == mentor.id else mentor,
            "caller": _caller(event, reader, people),
            "referred_to": _referred(meeting),
            "answer_link": _answer_link(meeting, reader, settings) if answer else "",
        }
        back, organizer = _ways_back(meeting, reader, settings)
        if invite is None:
            return Facts(words, reply_to=back)
        sender = organizer or settings.mail_from
        invitation = _invitation(meeting, mentee, mentor, settings, invite, sender=sender)
        return Facts(words, invitation, reply_to=back, organizer=organizer)

    return gather


def _caller(event: AuditEvent, reader: Member, people: dict[UUID, Member]) -> str:
    """Who did it, as the reader is told: neither of the two when it followed from something."""
    if event.by_id == reader.id:
        return "You have"
    return f"{people[event.by_id].name} has" if event.by_id in people else "A coordinator has"


def _referred(meeting: Meeting) -> Member | None:
    return queries.member(meeting.referred_to_id) if meeting.referred_to_id else None


def _answer_link(meeting: Meeting, reader: Member, settings: Settings) -> str:
    token = answers.token_for(meeting, reader, secret=settings.secret_key)
    return absolute("answers.show", token=token)


def _ways_back(meeting: Meeting, reader: Member, settings: Settings) -> tuple[str, str]:
    """Where this reader's typed answer comes in, and their calendar's; empty where none does."""
    part = Part.MENTEE if reader.id == meeting.mentee_id else Part.MENTOR
    calendar = Claim(reader.chapter_id, meeting.id, part, None)
    typed = calendar._replace(sequence=meeting.sequence)
    return (
        addresses.address(typed, settings=settings),
        addresses.address(calendar, settings=settings),
    )


def _invitation(
    meeting: Meeting,
    mentee: Member,
    mentor: Member,
    settings: Settings,
    method: invitations.Method,
    *,
    sender: str,
) -> Invitation:
    chapter = queries.card()
    page = absolute("chapter.scheduling.meeting", chapter_slug=chapter.slug, meeting_id=meeting.id)
    invitation = invitations.for_meeting(
        meeting_id=meeting.id,
        sequence=meeting.sequence,
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        created_at=meeting.asked_at,
        place=meeting.place,
        people=((mentee.email, mentee.name), (mentor.email, mentor.name)),
        page=page,
        chapter_name=chapter.name,
        sender=sender,
        host=settings.host_name,
    )
    return invitations.to_ics(invitation, method=method, now=clock.now()), method


def _whoever_waited(event: AuditEvent) -> Sequence[UUID]:
    """Who proposed; or who was asked, when the one who proposed has taken it back."""
    meeting, *_ = _meeting(event)
    two = {Part.MENTEE: meeting.mentee_id, Part.MENTOR: meeting.mentor_id}
    proposer = two[Part(event.facts["part"])]
    return [who for who in two.values() if (who == proposer) != (event.by_id == proposer)]


def _other_times(event: AuditEvent, reader: Member, settings: Settings) -> Facts | None:
    """Gather the times that are proposed, while they wait for an answer."""
    one = select(Proposed).where(Proposed.id == UUID(event.facts["proposed_id"]))
    proposed = db.session.scalars(one).one()
    facts = _facts(MeetingState.ACCEPTED)(event, reader, settings)
    if proposed.outcome is not None or facts is None:
        return None
    discreet = facts.words["kind"] == Kind.WELLNESS
    token = answers.times_token_for(proposed, reader, secret=settings.secret_key)
    told = {
        "proposed": proposed,
        "word": "" if discreet else proposed.word,
        "times_link": absolute("answers.show_times", token=token),
    }
    return replace(facts, words=facts.words | told)


def _and_next(state: MeetingState) -> Gather:
    """Gather facts, and whom the student may ask instead."""
    gather = _facts(state)

    def gather_more(event: AuditEvent, reader: Member, settings: Settings) -> Facts | None:
        facts = gather(event, reader, settings)
        if facts is None:
            return None
        meeting, kind, topic = _meeting(event)
        instead = onward.next_mentor(
            meeting.id,
            kind=Kind(kind),
            topic=topic,
            mentee_id=meeting.mentee_id,
            mentor_id=meeting.mentor_id,
            now=clock.now(),
        )
        going_on = next_choices.chosen(meeting.id)
        next_one = queries.member(going_on) if going_on else None
        return replace(facts, words=facts.words | {"instead": instead, "next_one": next_one})

    return gather_more


def _next(event: AuditEvent, reader: Member, settings: Settings) -> Facts | None:
    """Gather who was asked next, and for when; or that nobody was."""
    facts = _facts(*onward.CAME_TO_NOTHING)(event, reader, settings)
    if facts is None:
        return None
    asked_id = event.facts.get("asked_id")
    asked = asked_id and db.session.execute(_MEETING, {"meeting_id": UUID(asked_id)}).one()[0]
    if asked and asked.state != MeetingState.REQUESTED:
        return None
    mentor = queries.member(UUID(event.facts["mentor_id"]))
    return Facts(facts.words | {"next_one": mentor, "asked": asked})


def _time_kept(event: AuditEvent, reader: Member, settings: Settings) -> Facts | None:
    """Gather what was kept, and by whom: nobody, when the time to answer has passed."""
    facts = _facts(MeetingState.ACCEPTED)(event, reader, settings)
    return facts and replace(facts, words=facts.words | {"lapsed": event.by_id is None})


REQUESTED = Telling("meeting_requested", _the_mentor, _facts(MeetingState.REQUESTED, answer=True))
MOVED = Telling("meeting_moved", _whoever_is_awaited, _facts(MeetingState.REQUESTED, answer=True))
REMINDED = Telling(
    "meeting_reminder", _whoever_is_reminded, _facts(MeetingState.REQUESTED, answer=True)
)
ACCEPTED = Telling("meeting_accepted", _both, _facts(MeetingState.ACCEPTED, invite="REQUEST"))
DECLINED = Telling("meeting_declined", _the_other, _and_next(MeetingState.DECLINED))
WITHDRAWN = Telling("meeting_withdrawn", _the_mentor, _facts(MeetingState.WITHDRAWN))
LAPSED = Telling("meeting_lapsed", _the_mentee, _and_next(MeetingState.LAPSED))
CANCELLED = Telling("meeting_cancelled", _both, _facts(MeetingState.CANCELLED, invite="CANCEL"))
OTHER_TIMES = Telling("meeting_other_times", _the_other, _other_times)
RESCHEDULED = Telling("meeting_rescheduled", _both, _facts(MeetingState.ACCEPTED, invite="REQUEST"))
TIME_KEPT = Telling("meeting_time_kept", _whoever_waited, _time_kept)
CLASHED = Telling("meeting_clash", _both, _facts(MeetingState.ACCEPTED, MeetingState.REQUESTED))
CLASH_KEPT = Telling("meeting_time_kept", _the_other, _facts(MeetingState.ACCEPTED))


def _who_said_it(event: AuditEvent) -> Sequence[UUID]:
    return [event.by_id] if event.by_id else []


def _unused(event: AuditEvent, reader: Member, settings: Settings) -> Facts | None:
    """Gather why nothing could be done with an answer, whatever has become of the meeting."""
    meeting, *_ = _meeting(event)
    facts = _facts(MeetingState(meeting.state))(event, reader, settings)
    return facts and replace(facts, words=facts.words | {"why": event.facts["why"]})


REPLY_DECLINED = Telling("meeting_calendar_no", _both, _facts(MeetingState.ACCEPTED))
REPLY_UNUSED = Telling("meeting_reply_unused", _who_said_it, _unused)
NEXT_ASKED = Telling("meeting_next_asked", _the_mentee, _next)
NEXT_NOT_ASKED = Telling("meeting_next_not_asked", _the_mentee, _next)
