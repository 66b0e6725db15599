"""What can be done with a profile. Half a profile is a profile: nothing in it is compulsory."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from mentorship.accounts import users
from mentorship.audit import trail
from mentorship.foundation import scope
from mentorship.foundation.database import db
from mentorship.foundation.errors import Refusal
from mentorship.foundation.queue import defer
from mentorship.profiles import queries, search
from mentorship.profiles.answers import MenteeAnswers, MentorAnswers, Wish
from mentorship.profiles.details import (
    LINE,
    MOST_PLACES,
    MenteeDetails,
    MentorDetails,
    NotListed,
    TooLong,
    TooMany,
    insist_on_mentee,
    insist_on_mentor,
)
from mentorship.profiles.models import (
    FACETS,
    MenteeProfile,
    MentorProfile,
    Offer,
    ProfileDeed,
    Want,
)
from mentorship.relationships import pairings
from mentorship.tenancy.members import Member
from mentorship.vocabulary.interests import labels
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.lengths import LENGTHS
from mentorship.vocabulary.stages import MENTEE_STAGES
from mentorship.web.filters import plural

__all__ = [
    *("save_mentee", "save_mentor", "change_mentee", "change_mentor", "pause", "resume"),
    *("NotListed", "TooLong", "TooMany", "LINE", "MOST_PLACES"),
]

#: The most that is kept of each text, in characters.
STORY, LOOKING_FOR, LINK = 600, 300, 300
#: The most interests a person names, and the most topics of one kind. More would say less.
MOST_INTERESTS, MOST_TOPICS = 12, 8
#: Class years between which somebody can still be a mentee, counted from this year.
YEARS_BACK, YEARS_AHEAD = 15, 15
_NO_DETAILS: Mapping[str, Any] = MappingProxyType({})
_HTTPS = re.compile(r"https://[^\s/?#@:]+\.[^\s/?#@:]+(:\d+)?([/?#]\S*)?", re.IGNORECASE)


class NotAMenteeStage(Refusal):
    sentence = "Choose a stage from pre-med to chief resident."


class UnlikelyYear(Refusal):
    pass


class TooFewPlaces(Refusal):
    pass


class NoLength(Refusal):
    sentence = "Choose at least one length of meeting."


class NotALink(Refusal):
    sentence = "Give a link that starts with https:// or name a place, like ED conference room B."


class NoMentorProfile(Refusal):
    sentence = "Save your mentor profile first."


def save_mentee(said: MenteeAnswers, *, member: Member, by: Member | None, now: datetime) -> None:
    """Keep what a mentee says of themselves, in the place of what was there.

    :raises NotAMenteeStage: the stage is past residency.
    :raises UnlikelyYear: nobody who is a mentee now finishes in that year.
    :raises NotListed: an interest, a topic or a detail is not in its list.
    :raises TooMany: more interests, topics, goals or languages than say anything.
    :raises TooLong: a text is longer than is kept.
    """
    if said.stage is not None and said.stage not in MENTEE_STAGES:
        raise NotAMenteeStage
    _insist_on_year(said.class_year, now=now)
    _insist_on_lengths({"school": (said.school, LINE), "story": (said.story, STORY)})
    interests = _interests(said.interests)
    wants = {kind: _wish(wish) for kind, wish in said.wants.items()}
    if said.details is not None:
        insist_on_mentee(said.details)
    # Two tabs that save at once do so one after the other.
    users.lock(member.user_id)
    _write(
        MenteeProfile,
        member,
        stage=said.stage,
        class_year=said.class_year,
        school=said.school,
        interests=interests,
        story=said.story,
        updated_at=now,
        **_mentee_columns(said.details),
    )
    _write_wants(member, wants)
    trail.record(ProfileDeed.SAVED, member, by=by, now=now, part="mentee")


def save_mentor(said: MentorAnswers, *, member: Member, by: Member | None, now: datetime) -> None:
    """Keep what a mentor says of themselves, in the place of what was there.

    Whether they are paused stays as it is.

    :raises NotListed: an interest, a topic, a practice facet or a detail is not in its list.
    :raises TooMany: more interests, topics, goals or languages than say anything.
    :raises TooLong: a text is longer than is kept.
    :raises TooManyOfAKind: a number of mentees of a kind is not from 0 to 50.
    :raises TooFewPlaces: not 0 to 50, or fewer than are taken already.
    :raises NoLength: no length of meeting, or one that there is not.
    :raises NotALink: the video link is some other kind of address.
    """
    _insist_on_lengths(
        {
            "title": (said.title, LINE),
            "name of the institution": (said.institution, LINE),
            "story": (said.story, STORY),
            "link or place": (said.video_link, LINK),
        }
    )
    interests, facets = _interests(said.interests), _facets(said.facets)
    offers = {kind: _topics(topics) for kind, topics in said.offers.items()}
    lengths = _lengths(said.lengths)
    _insist_on_link(said.video_link)
    if said.details is not None:
        insist_on_mentor(said.details)
    users.lock(member.user_id)
    _insist_on_places(member, said.places)
    users.set_places(member.user_id, places=said.places)
    _offer_places(member)
    _write(
        MentorProfile,
        member,
        standing=said.standing,
        title=said.title,
        institution=said.institution,
        interests=interests,
        facets=facets,
        story=said.story,
        lengths=lengths,
        video_link=said.video_link,
        recent_cycle=said.recent_cycle,
        updated_at=now,
        **_mentor_columns(said.details),
    )
    _write_offers(member, offers, said.details)
    search.index([member.id])
    trail.record(ProfileDeed.SAVED, member, by=by, now=now, part="mentor")


def change_mentee(
    *, by: Member, now: datetime, details: Mapping[str, Any] = _NO_DETAILS, **changes: Any
) -> None:
    """Save some of one's answers as a mentee, by name; the rest stays.

    `details` are some of the `MenteeDetails`, by name.

    :raises Refusal: as `save_mentee` does.
    """
    users.lock(by.user_id)
    said = queries.my_mentee_profile(by)
    said = replace(said, details=replace(said.details, **details), **changes)
    save_mentee(said, member=by, by=by, now=now)


def change_mentor(
    *, by: Member, now: datetime, details: Mapping[str, Any] = _NO_DETAILS, **changes: Any
) -> None:
    """Save some of one's answers as a mentor, by name; the rest stays.

    `details` are some of the `MentorDetails`, by name.

    :raises Refusal: as `save_mentor` does.
    """
    users.lock(by.user_id)
    said = queries.my_mentor_profile(by)
    said = replace(said, details=replace(said.details, **details), **changes)
    save_mentor(said, member=by, by=by, now=now)


def pause(*, by: Member, now: datetime) -> None:
    """Take no new mentees until further notice. Pairings and meetings go on. Twice is once.

    :raises NoMentorProfile: there is nothing to pause.
    """
    profile = _my_mentor_profile(by)
    if profile.paused_at is None:
        profile.paused_at = now
        trail.record(ProfileDeed.PAUSED, by, by=by, now=now)


def resume(*, by: Member, now: datetime) -> None:
    """Take new mentees again. Twice is once.

    :raises NoMentorProfile: there is nothing to resume.
    """
    profile = _my_mentor_profile(by)
    if profile.paused_at is not None:
        profile.paused_at = None
        trail.record(ProfileDeed.RESUMED, by, by=by, now=now)
        _offer_places(by)


def _offer_places(mentor: Member) -> None:
    """Have whatever places there are now offered to those who wait for one."""
    defer("offer_places", lock=f"places {mentor.user_id}", user_id=str(mentor.user_id))


def _my_mentor_profile(by: Member) -> MentorProfile:
    mine = select(MentorProfile).where(MentorProfile.member_id == by.id).with_for_update()
    profile = db.session.scalars(mine).one_or_none()
    if profile is None:
        raise NoMentorProfile
    return profile


def _write(record: type[MenteeProfile] | type[MentorProfile], member: Member, **facts: Any) -> None:
    """Insert the one row of this member, or lay the facts over it."""
    row = {"chapter_id": scope.here(), "member_id": member.id, **facts}
    db.session.execute(
        insert(record)
        .values(row)
        .on_conflict_do_update(index_elements=["chapter_id", "member_id"], set_=facts)
    )


def _write_wants(member: Member, wants: Mapping[Kind, Wish]) -> None:
    """Keep these wishes and no others."""
    db.session.execute(
        delete(Want).where(Want.member_id == member.id),
        execution_options={"synchronize_session": False},
    )
    here = {"chapter_id": scope.here(), "member_id": member.id}
    rows = [
        here | {"kind": kind, "topics": list(wish.topics), "looking_for": wish.looking_for}
        for kind, wish in wants.items()
    ]
    if rows:
        db.session.execute(insert(Want), rows)


def _write_offers(
    member: Member, offered: Mapping[Kind, Sequence[str]], details: MentorDetails | None
) -> None:
    """Keep these offers and no others. A kind's places stay where the details are not given."""
    db.session.execute(
        delete(Offer).where(Offer.member_id == member.id, Offer.kind.not_in(offered)),
        execution_options={"synchronize_session": False},
    )
    for kind, topics in offered.items():
        said: dict[str, Any] = {"topics": list(topics)}
        if details is not None:
            said["places"] = details.places.get(kind)
        db.session.execute(
            insert(Offer)
            .values(chapter_id=scope.here(), member_id=member.id, kind=kind, **said)
            .on_conflict_do_update(index_elements=["chapter_id", "member_id", "kind"], set_=said)
        )


def _mentee_columns(said: MenteeDetails | None) -> dict[str, Any]:
    if said is None:
        return {}
    return {
        "goals": _unique(said.goals),
        "settings": _unique(said.settings),
        "region": said.region,
        "path": said.path,
        "languages": _unique(said.languages),
        "free": sorted(set(said.free)),
    }


def _mentor_columns(said: MentorDetails | None) -> dict[str, Any]:
    if said is None:
        return {}
    return {
        "goals": _unique(said.goals),
        "region": said.region,
        "path": said.path,
        "languages": _unique(said.languages),
        "stages": _unique(said.stages),
        "only_school": said.only_school,
        "outside_places": said.outside_places,
    }


def _interests(slugs: Iterable[str]) -> list[str]:
    return _from_taxonomy(slugs, most=MOST_INTERESTS, noun="interest")


def _topics(slugs: Iterable[str]) -> tuple[str, ...]:
    return tuple(_from_taxonomy(slugs, most=MOST_TOPICS, noun="topic"))


def _wish(said: Wish) -> Wish:
    topics = _topics(said.topics)
    _insist_on_lengths({"text": (said.looking_for, LOOKING_FOR)})
    return Wish(topics, said.looking_for)


def _facets(words: Iterable[str]) -> list[str]:
    named = _unique(words)
    if not FACETS.keys() >= set(named):
        raise NotListed
    return named


def _lengths(minutes: Iterable[int]) -> list[int]:
    named = sorted(set(minutes))
    if not named or not set(named) <= set(LENGTHS):
        raise NoLength
    return named


def _from_taxonomy(slugs: Iterable[str], *, most: int, noun: str) -> list[str]:
    named = _unique(slugs)
    if not labels().keys() >= set(named):
        raise NotListed
    if len(named) > most:
        raise TooMany(f"Choose at most {plural(most, noun)}, those that matter most.")
    return named


def _unique(words: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(words))


def _insist_on_lengths(texts: Mapping[str, tuple[str, int]]) -> None:
    for what, (text, most) in texts.items():
        if len(text) > most:
            raise TooLong(f"The {what} is longer than {most} characters.")


def _insist_on_year(year: int | None, *, now: datetime) -> None:
    first, last = now.year - YEARS_BACK, now.year + YEARS_AHEAD
    if year is not None and not first <= year <= last:
        raise UnlikelyYear(f"Give a year between {first} and {last}.")


def _insist_on_places(member: Member, places: int) -> None:
    if not 0 <= places <= MOST_PLACES:
        raise TooFewPlaces(f"Give a number of places from 0 to {MOST_PLACES}.")
    taken = pairings.places_taken([member.user_id]).get(member.user_id, 0)
    if places < taken:
        are = "is" if taken == 1 else "are"
        raise TooFewPlaces(
            f"{plural(taken, 'place')} {are} taken already, counted over all your chapters."
            f" Give {taken} or more."
        )


def _insist_on_link(text: str) -> None:
    """An https address, or the name of a place: no other scheme, and no address half written."""
    address = re.match(r"[a-z][a-z0-9+.-]*:\S", text, re.IGNORECASE) or re.fullmatch(
        r"[^\s/]+\.[^\s/]+/\S*", text
    )
    if address and not _HTTPS.fullmatch(text):
        raise NotALink
