"""Builders. `make.student()` reads as what it makes; say only what the test is about."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from uuid import UUID

from sqlalchemy import update

from mentorship.accounts import users
from mentorship.accounts.models import User
from mentorship.files.models import Document, DocumentShare, DocumentVersion
from mentorship.foundation import scope, storage
from mentorship.foundation.database import db
from mentorship.foundation.storage.models import StoredChunk
from mentorship.profiles.models import MenteeProfile, MentorProfile, Offer, Want
from mentorship.relationships.models import Pairing, PairingState, PlaceTaken
from mentorship.scheduling.conference import meetups
from mentorship.scheduling.feeds.models import Feed
from mentorship.scheduling.groups import sessions
from mentorship.scheduling.groups.models import Audience
from mentorship.scheduling.models import (
    LIVE,
    BookingLimits,
    BusyTime,
    Meeting,
    MeetingState,
    Part,
    WeeklyHours,
)
from mentorship.tenancy import memberships, queries, support
from mentorship.tenancy.members import ChapterCard, Member
from mentorship.tenancy.models import Chapter, Handover
from mentorship.tenancy.roles import Reach, Role
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import Stage, Standing

_number = count(1)
LONG_AGO = datetime(2026, 1, 5, 15, tzinfo=UTC)
WEEKDAYS = tuple((day, time(13), time(17)) for day in range(5))
EVERY_KIND: Mapping[Kind, tuple[str, ...]] = {
    Kind.CAREER: (),
    Kind.CONTENT: ("toxicology", "ultrasound"),
    Kind.APPLICATION: (),
    Kind.WELLNESS: (),
}


def chapter(slug: str = "", *, zone: str = "America/Chicago", **more: object) -> ChapterCard:
    slug = slug or f"chapter-{next(_number)}"
    name = f"{slug.replace('-', ' ').title()} EMIG"
    record = Chapter(
        slug=slug,
        name=name,
        school=f"{slug.title()} College",
        zone=zone,
        created_at=LONG_AGO,
        **more,
    )
    db.session.add(record)
    db.session.commit()
    queries._ids.pop(slug, None)  # an earlier test's chapter of that name is gone
    return ChapterCard(record.id, slug, name, record.school, zone)


def member(
    chapter: ChapterCard,
    *roles: Role,
    name: str = "",
    zone: str = "America/Chicago",
    email: str = "",
) -> Member:
    number = next(_number)
    name = name or f"Person {number}"
    email = email or f"{name.split()[-1].lower()}-{number}@example.org"
    with scope.chapter(chapter.id):
        made = memberships.join(email=email, name=name, roles=roles, zone=zone, now=LONG_AGO)
        db.session.commit()
        return queries.member(made.id)


def student(
    chapter: ChapterCard,
    name: str = "",
    *,
    stage: Stage | None = Stage.M3,
    wants: Mapping[Kind, Iterable[str]] = EVERY_KIND,
    interests: Iterable[str] = ("toxicology", "simulation"),
    roles: Iterable[Role] = (),
    **more: str,
) -> Member:
    who = member(chapter, Role.STUDENT, *roles, name=name or f"Student {next(_number)}", **more)
    with scope.chapter(chapter.id):
        db.session.add(
            MenteeProfile(
                member_id=who.id,
                stage=stage,
                class_year=2027,
                school=chapter.school,
                interests=list(interests),
                story="I came to medicine late, from ski patrol.",
                updated_at=LONG_AGO,
            )
        )
        db.session.add_all(
            Want(member_id=who.id, kind=kind, topics=list(topics)) for kind, topics in wants.items()
        )
        db.session.commit()
    return who


def mentor(
    chapter: ChapterCard,
    name: str = "",
    *,
    offers: Mapping[Kind, Iterable[str]] = EVERY_KIND,
    interests: Iterable[str] = ("toxicology", "airway"),
    standing: Standing = Standing.FACULTY,
    places: int = 3,
    hours: Iterable[tuple[int, time, time]] = (),
    paused: bool = False,
    recent_cycle: bool = True,
    lengths: Iterable[int] = (20, 25, 30),
    roles: Iterable[Role] = (),
    **more: str,
) -> Member:
    number = next(_number)
    who = member(chapter, Role.MENTOR, *roles, name=name or f"Dr. Mentor {number}", **more)
    offer_hours(who, hours)
    with scope.chapter(chapter.id):
        db.session.execute(update(User).where(User.id == who.user_id).values(places=places))
        db.session.add(
            MentorProfile(
                member_id=who.id,
                standing=standing,
                title="Attending physician",
                institution="Lakeside General",
                interests=list(interests),
                facets=["academic"],
                story="Nights, mostly, and I like them.",
                lengths=list(lengths),
                recent_cycle=recent_cycle,
                paused_at=LONG_AGO if paused else None,
                search="",
                updated_at=LONG_AGO,
            )
        )
        db.session.add_all(
            Offer(member_id=who.id, kind=kind, topics=list(topics))
            for kind, topics in offers.items()
        )
        db.session.commit()
    return who


def offer_hours(who: Member, hours: Iterable[tuple[int, time, time]]) -> None:
    db.session.add_all(
        WeeklyHours(user_id=who.user_id, weekday=day, opens=opens, closes=closes)
        for day, opens, closes in hours
    )
    db.session.commit()


def limit(who: Member, **more: int) -> None:
    """How somebody wants to be booked: the program's way, but for what is said."""
    usual = {"notice_hours": 24, "horizon_days": 42, "buffer_minutes": 5}
    db.session.add(BookingLimits(user_id=who.user_id, **(usual | more)))
    db.session.commit()


def calendar_feed(who: Member, **facts: object) -> UUID:
    """A calendar of somebody's, read a moment ago unless the facts say otherwise."""
    made = Feed(
        **{
            **{"user_id": who.user_id, "name": "Shifts", "holds": "shifts", "all_day": "busy"},
            **{"zone": who.zone, "created_at": LONG_AGO, **facts},
        }
    )
    db.session.add(made)
    db.session.commit()
    return made.id


def conference_block(mentor: Member, *, starts_at: datetime, **more: object) -> UUID:
    """An hour at a conference, ten minutes for each student, unless the facts say otherwise."""
    facts = {
        **{"conference": "ACEP Scientific Assembly", "session": "after the tox session"},
        **{"place": "booth 12", "zone": "America/Los_Angeles", "minutes": 10},
        **{"ends_at": starts_at + timedelta(hours=1), **more},
    }
    with scope.chapter(mentor.chapter_id):
        made = meetups.open_block(
            starts_at=starts_at, by=mentor, now=starts_at - timedelta(days=1), **facts
        )
        db.session.commit()
        return made.id


def group_session(mentor: Member, *, starts_at: datetime, **more: object) -> UUID:
    """An hour with two seats, for every student of the chapter, unless the facts say otherwise."""
    facts = {
        **{"title": "Reading an ECG in ten seconds", "minutes": 60, "seats": 2},
        **{"place": "Room 4", "audience": Audience.CHAPTER, "by": mentor, **more},
    }
    with scope.chapter(mentor.chapter_id):
        made = sessions.open_session(
            mentor=mentor, starts_at=starts_at, now=starts_at - timedelta(days=2), **facts
        )
        db.session.commit()
        return made.id


def document(owner: Member, pairing_id: UUID, *, name: str = "CV") -> dict[str, UUID]:
    """A file that somebody keeps, shown in a pairing for a year. Its ids by argument."""
    content = b"%PDF-1.7\n%%EOF\n"
    with scope.chapter(owner.chapter_id):
        made = Document(owner_id=owner.id, sort="cv", name=name, created_at=LONG_AGO)
        db.session.add(made)
        db.session.flush()
        version = DocumentVersion(
            **{"document_id": made.id, "number": 1, "at": LONG_AGO, "note": "", "format": "pdf"},
            **{"size": len(content), "digest": hashlib.sha256(content).hexdigest()},
            key=storage.new_key(),
        )
        until = LONG_AGO + timedelta(days=365)
        db.session.add_all(
            [
                version,
                DocumentShare(document_id=made.id, pairing_id=pairing_id, until=until, at=LONG_AGO),
                StoredChunk(key=version.key, part=0, content=content, kept_at=LONG_AGO),
            ]
        )
        db.session.commit()
        return {"document_id": made.id, "version_id": version.id}


def coordinator(chapter: ChapterCard, name: str = "", **more: str) -> Member:
    return member(chapter, Role.COORDINATOR, name=name, **more)


def network_admin(email: str) -> UUID:
    """Somebody of the network, who belongs to no chapter; the id of their account."""
    user_id = users.find_or_create(email=email, zone="America/Chicago", now=LONG_AGO)
    db.session.execute(update(User).where(User.id == user_id).values(is_network_admin=True))
    db.session.commit()
    return user_id


def support_visit(chapter: ChapterCard, *, why: str = "A run is stuck.") -> UUID:
    """That somebody of the network has asked to be let in."""
    user_id = network_admin(f"network-{next(_number)}@example.org")
    with scope.chapter(chapter.id):
        made = support.ask(user_id, why=why, reach=Reach.READS, now=LONG_AGO)
        db.session.commit()
        return made.id


def handover(giver: Member, taker: Member, *, words: str = "Ask the dean.") -> UUID:
    """That somebody has named who follows them, and what to know. It changes no role."""
    with scope.chapter(giver.chapter_id):
        made = Handover(
            **{"from_id": giver.id, "to_id": taker.id, "role": Role.COORDINATOR},
            **{"starts_at": LONG_AGO, "words": words, "made_at": LONG_AGO},
        )
        db.session.add(made)
        db.session.commit()
        return made.id


def outsider() -> Member:
    """Somebody with every hat, in a chapter that nobody else in the test belongs to."""
    elsewhere = chapter("elsewhere", zone="Europe/Oslo")
    who = student(elsewhere, "Odd Nilsen", roles=tuple(Role), zone="Europe/Oslo")
    with scope.chapter(elsewhere.id):
        return queries.member(who.id)


def pairing(
    mentor: Member,
    mentee: Member,
    kind: Kind = Kind.CAREER,
    *,
    state: PairingState = PairingState.ACCEPTED,
    topic: str | None = None,
    began_at: datetime = LONG_AGO,
    last_contact_on: date | None = None,
) -> UUID:
    with scope.chapter(mentor.chapter_id):
        made = Pairing(
            mentee_id=mentee.id,
            mentor_id=mentor.id,
            mentee_user_id=mentee.user_id,
            mentor_user_id=mentor.user_id,
            kind=kind,
            topic=topic,
            state=state,
            reasons=[],
            began_at=began_at,
            last_contact_on=last_contact_on,
        )
        db.session.add(made)
        db.session.flush()
        db.session.add(
            PlaceTaken(user_id=mentor.user_id, pairing_id=made.id, chapter_id=mentor.chapter_id)
        )
        db.session.commit()
        return made.id


def meeting(
    mentor: Member,
    mentee: Member,
    pairing_id: UUID,
    *,
    starts_at: datetime,
    minutes: int = 25,
    state: MeetingState = MeetingState.ACCEPTED,
    purpose: str = "Talk through my away rotations.",
) -> UUID:
    ends_at = starts_at + timedelta(minutes=minutes)
    asked = state is MeetingState.REQUESTED
    with scope.chapter(mentor.chapter_id):
        made = Meeting(
            pairing_id=pairing_id,
            mentee_id=mentee.id,
            mentor_id=mentor.id,
            mentee_user_id=mentee.user_id,
            mentor_user_id=mentor.user_id,
            starts_at=starts_at,
            ends_at=ends_at,
            state=state,
            awaiting=Part.MENTOR if asked else None,
            purpose=purpose,
            asked_at=LONG_AGO,
            answer_by=LONG_AGO + timedelta(days=90) if asked else None,
        )
        db.session.add(made)
        db.session.flush()
        # Past ones hold their time too, unless the release before recorded them.
        if state in LIVE:
            db.session.add_all(
                BusyTime(
                    user_id=who.user_id,
                    meeting_id=made.id,
                    chapter_id=mentor.chapter_id,
                    starts_at=starts_at,
                    ends_at=ends_at,
                    asked=asked and who is mentee,
                )
                for who in (mentor, mentee)
            )
        db.session.commit()
        return made.id
