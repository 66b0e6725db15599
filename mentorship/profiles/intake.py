"""Bringing a roster into the chapter: who is new, what changes, and writing all of it at once.

The file leads for a name, a stage and a standing. Everything else only grows: roles, kinds,
topics, interests and languages are added to what is there, and what people wrote themselves stays.
Places hold over all chapters, so a roster sets them only for somebody who has none yet.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import JSON, Select, Text, bindparam, cast, column, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from mentorship.accounts import standing
from mentorship.accounts.models import User
from mentorship.audit import trail
from mentorship.foundation import scope
from mentorship.foundation.database import db, uuid7
from mentorship.foundation.errors import Refusal
from mentorship.profiles import search
from mentorship.profiles.details import MOST_LANGUAGES
from mentorship.profiles.models import MenteeProfile, MentorProfile, Offer, RosterDeed, Want
from mentorship.profiles.profiles import MOST_INTERESTS, MOST_TOPICS
from mentorship.profiles.roster import Entry
from mentorship.tenancy import memberships, queries
from mentorship.tenancy.members import Member
from mentorship.tenancy.models import Affiliation, Chapter, Membership
from mentorship.tenancy.roles import Role
from mentorship.tenancy.terms import OFFICES
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.lengths import CUSTOMARY
from mentorship.vocabulary.stages import Standing

#: Rows that go to the database at a time.
BATCH = 5000


class ChangedMeanwhile(Refusal):
    sentence = "Somebody changed these people at the same moment. Nothing was imported; try again."


class NotByHelp(Refusal):
    sentence = "Whoever helps from the network gives nobody an office, and themselves no role."


class Outcome(NamedTuple):
    """How many people an import adds, changes, and finds as they are."""

    added: int
    updated: int
    same: int
    places_kept: int
    """How many keep another number of places than the file says."""


def foresee(entries: Sequence[Entry]) -> Outcome:
    """What `take_in` would do now. Changes nothing."""
    known = _known(entry.email for entry in entries)
    return _compare(entries, known, lock=False).outcome


def take_in(
    entries: Sequence[Entry], *, by: Member | None, now: datetime, upload_id: UUID | None = None
) -> Outcome:
    """Bring everybody in, or nobody. The same again changes nothing.

    :raises ChangedMeanwhile: one of them was written by somebody else in between.
    :raises memberships.NotToOneself, memberships.NotByYou, NotByHelp: it gives what `by` may not.
    """
    chapter = queries.card()
    # One import at a time in a chapter; meanwhile everybody else goes on.
    here = select(Chapter.id).where(Chapter.id == chapter.id)
    db.session.execute(here.with_for_update(key_share=True))
    known = _known(entry.email for entry in entries)
    if strangers := sorted({entry.email for entry in entries} - known.keys()):
        _open_accounts(strangers, zone=chapter.zone, now=now)
        known |= _known(strangers)
    if by is not None:  # a command is given by whoever has the server
        _insist_on_may_give(entries, known, by=by)
    changes = _compare(entries, known, lock=True)
    standing.open_more(*_newcomers(known.values()), now=now)
    try:
        with db.session.begin_nested():
            _write(changes, now=now)
    except IntegrityError as clash:
        raise ChangedMeanwhile from clash
    facts = changes.outcome._asdict() | ({"upload_id": upload_id} if upload_id else {})
    trail.record(RosterDeed.IMPORTED, chapter, by=by, now=now, **facts)
    if changes.of_members:
        trail.record_each(RosterDeed.CHANGED, changes.of_members, by=by, now=now, told=False)
    return changes.outcome


class _Person(NamedTuple):
    """An account, and what this chapter knows of its person."""

    user_id: UUID
    email: str
    places: int | None
    member_id: UUID | None
    name: str | None
    roles: list[str] | None
    left_at: datetime | None


_KNOWN = (
    select(
        User.id,
        User.email,
        User.places,
        Membership.id.label("member_id"),
        Membership.name,
        Membership.held.label("roles"),
        Membership.left_at,
    )
    .outerjoin(Membership, Membership.user_id == User.id)
    .where(User.email == func.any(bindparam("emails")))
)
_MENTEES = select(
    *(MenteeProfile.member_id, MenteeProfile.stage),
    *(MenteeProfile.interests, MenteeProfile.languages),
).where(MenteeProfile.member_id == func.any(bindparam("member_ids")))
_MENTORS = select(
    MentorProfile.member_id,
    MentorProfile.standing,
    MentorProfile.interests,
    MentorProfile.languages,
    MentorProfile.recent_cycle,
).where(MentorProfile.member_id == func.any(bindparam("member_ids")))
_WANTS = select(Want.member_id, Want.kind, Want.topics).where(
    Want.member_id == func.any(bindparam("member_ids"))
)
_OFFERS = select(Offer.member_id, Offer.kind, Offer.topics).where(
    Offer.member_id == func.any(bindparam("member_ids"))
)


def _newcomers(people: Iterable[_Person]) -> list[UUID]:
    return [one.user_id for one in people if one.member_id is None or one.left_at is not None]


class _Before:
    """What the chapter's people have said so far."""

    def __init__(self, member_ids: list[UUID], *, lock: bool) -> None:
        def rows(statement: Select) -> Iterable[Any]:
            asked = statement.with_for_update() if lock else statement
            return db.session.execute(asked, {"member_ids": member_ids})

        self.mentees = {row.member_id: row for row in rows(_MENTEES)}
        self.mentors = {row.member_id: row for row in rows(_MENTORS)}
        self.wants = {(row.member_id, row.kind): row.topics for row in rows(_WANTS)}
        self.offers = {(row.member_id, row.kind): row.topics for row in rows(_OFFERS)}


class _Changes:
    """Rows to write, by the record they belong to, and how many people they are about."""

    def __init__(self) -> None:
        self.of_members: dict[UUID, dict[str, Any]] = {}
        """What changes of each who was there before: fields, and roles as they were and are."""
        self.rows: dict[type[Any], list[dict[str, Any]]] = defaultdict(list)
        self.places: dict[int, list[UUID]] = defaultdict(list)
        self.reindexed: list[UUID] = []
        self.outcome = Outcome(0, 0, 0, 0)

    def add(self, record: type[Any], **row: Any) -> None:
        self.rows[record].append(row)


def _known(emails: Iterable[str]) -> dict[str, _Person]:
    rows = db.session.execute(_KNOWN, {"emails": list(emails)})
    return {row.email: _Person(*row) for row in rows}


def _compare(entries: Sequence[Entry], known: Mapping[str, _Person], *, lock: bool) -> _Changes:
    member_ids = [person.member_id for person in known.values() if person.member_id]
    before = _Before(member_ids, lock=lock)
    changes = _Changes()
    added = updated = kept = 0
    for entry in entries:
        person = known.get(entry.email)
        new = person is None or person.member_id is None
        changed = _compare_one(entry, person, before, changes)
        added += new
        updated += changed and not new
        kept += _keeps_places(entry, person)
    same = len(entries) - added - updated
    changes.outcome = Outcome(added, updated, same, kept)
    return changes


def _compare_one(entry: Entry, person: _Person | None, before: _Before, changes: _Changes) -> bool:
    """Note what must be written for one person; whether that is anything at all."""
    member = person if person and person.member_id else None
    member_id = (member and member.member_id) or uuid7()
    had = _had(member)
    roles = sorted({*had, *entry.roles})
    moved = (
        member is None
        or member.name != entry.name
        or member.left_at is not None
        or roles != sorted(had)
    )
    if moved:
        user_id = person.user_id if person else None  # none yet, while it is only foreseen
        changes.add(Membership, id=member_id, user_id=user_id, name=entry.name, roles=roles)
        if member_id in before.mentors:
            changes.reindexed.append(member_id)
    said = False
    if Role.STUDENT in entry.roles:
        said |= _compare_mentee(entry, member_id, before, changes, new=Role.STUDENT not in had)
    if Role.MENTOR in entry.roles:
        mentors = _compare_mentor(entry, member_id, before, changes, new=Role.MENTOR not in had)
        said |= mentors
        said |= _open_places(
            entry, person, changes, begins=mentors, was=member_id in before.mentors
        )
    if member is not None and (moved or said):
        changes.of_members[member_id] = _of_member(member, entry, roles, said=said)
    return moved or said


def _of_member(member: _Person, entry: Entry, roles: list[str], *, said: bool) -> dict[str, Any]:
    """What the trail says of somebody whom an import changes: never what they are called."""
    fields = {
        "name": member.name != entry.name,
        "membership": member.left_at is not None,
        "profile": said,
    }
    facts: dict[str, Any] = {"fields": [field for field, changed in fields.items() if changed]}
    was = sorted(member.roles or ())
    return facts | ({"roles": [was, roles]} if was != roles else {})


def _had(member: _Person | None) -> set[str]:
    """The roles somebody holds so far; of who left and comes back, no office."""
    held = set(member.roles or ()) if member else set()
    return held if member is None or member.left_at is None else held - set(OFFICES)


def _insist_on_may_give(
    entries: Iterable[Entry], known: Mapping[str, _Person], *, by: Member
) -> None:
    """Check that a roster gives no office that its reader may not give.

    :raises memberships.NotToOneself: one to themselves.
    :raises memberships.NotByYou: that of an advisor, who is named by another one.
    :raises NotByHelp: `by` helps by consent; what they gave would outlast it.
    """
    advised = queries.has_advisor()
    for entry in entries:
        person = known.get(entry.email)
        new = entry.roles.intersection(OFFICES) - _had(person)
        itself = person is not None and person.user_id == by.user_id
        if by.reach is not None and (new or itself):
            raise NotByHelp
        if new and itself:
            raise memberships.NotToOneself
        if Role.ADVISOR in new and advised and Role.ADVISOR not in by.roles:
            raise memberships.NotByYou


def _compare_mentee(
    entry: Entry, member_id: UUID, before: _Before, changes: _Changes, *, new: bool
) -> bool:
    was = before.mentees.get(member_id)
    stage = entry.stage or (was.stage if was else None)
    interests = _grown(was.interests if was else (), entry.interests, most=MOST_INTERESTS)
    languages = _grown(was.languages if was else (), entry.languages, most=MOST_LANGUAGES)
    fresh = _fresh_topics(entry.wants, before.wants, member_id, interests)
    for kind, topics in fresh.items():
        changes.add(Want, member_id=member_id, kind=kind, topics=topics)
    if was is None:
        profile = bool(new or stage or interests or languages or fresh)
    else:
        now_says = (stage, interests, languages)
        profile = now_says != (was.stage, list(was.interests), list(was.languages))
    if profile:
        facts = {"stage": stage, "interests": interests, "languages": languages}
        changes.add(MenteeProfile, member_id=member_id, **facts)
    return profile or bool(fresh)


def _compare_mentor(
    entry: Entry, member_id: UUID, before: _Before, changes: _Changes, *, new: bool
) -> bool:
    was = before.mentors.get(member_id)
    standing = entry.standing or (was.standing if was else Standing.FACULTY)
    interests = _grown(was.interests if was else (), entry.interests, most=MOST_INTERESTS)
    languages = _grown(was.languages if was else (), entry.languages, most=MOST_LANGUAGES)
    fresh = _fresh_topics(entry.offers, before.offers, member_id, interests)
    for kind, topics in fresh.items():
        changes.add(Offer, member_id=member_id, kind=kind, topics=topics)
    # Whoever is newly named for application mentoring is named for knowing a recent cycle.
    named = Kind.APPLICATION in fresh and (member_id, Kind.APPLICATION) not in before.offers
    recent = named or bool(was and was.recent_cycle)
    if was is None:
        # Of a resident the stage alone tells the standing, which says nothing of mentoring yet.
        said = entry.standing and Role.STUDENT not in entry.roles
        profile = bool(new or said or interests or languages or fresh)
    else:
        said_before = (list(was.interests), list(was.languages), was.recent_cycle)
        profile = (standing, interests, languages, recent) != (was.standing, *said_before)
    if profile:
        facts = {"standing": standing, "interests": interests, "languages": languages}
        changes.add(MentorProfile, member_id=member_id, recent_cycle=recent, **facts)
    if profile or fresh:
        changes.reindexed.append(member_id)
    return profile or bool(fresh)


def _open_places(
    entry: Entry, person: _Person | None, changes: _Changes, *, begins: bool, was: bool
) -> bool:
    """Give a mentor places who has none: as many as said, or the usual ones at the beginning."""
    if person is not None and person.places is not None:
        return False
    places = entry.places
    if places is None and begins and not was:
        places = (entry.standing or Standing.FACULTY).places
    if places is None:
        return False
    if person is not None:
        changes.places[places].append(person.user_id)
    return True


def _keeps_places(entry: Entry, person: _Person | None) -> bool:
    there = person.places if person else None
    return entry.places is not None and there is not None and there != entry.places


def _grown(was: Iterable[str], said: Iterable[str], *, most: int) -> list[str]:
    """What was there, and what is new in the file, as far as there is room."""
    kept = list(was)
    new = [one for one in said if one not in kept]
    return kept + new[: max(0, most - len(kept))]


def _fresh_topics(
    said: Mapping[Kind, tuple[str, ...] | None],
    before: Mapping[tuple[UUID, str], list[str]],
    member_id: UUID,
    interests: Sequence[str],
) -> dict[Kind, list[str]]:
    """The kinds that are new or whose topics change, with the topics they have from now on.

    Content mentoring that is new and names no topic takes the interests for its topics.
    """
    fresh = {}
    for kind, named in said.items():
        was = before.get((member_id, kind))
        if was is None and named is None and kind is Kind.CONTENT:
            named = tuple(interests)
        topics = _grown(was or (), named or (), most=MOST_TOPICS)
        if was is None or topics != list(was):
            fresh[kind] = topics
    return fresh


def _open_accounts(emails: Sequence[str], *, zone: str, now: datetime) -> None:
    _insert(
        User,
        [
            {
                "id": uuid7(),
                "email": email,
                "zone": zone,
                "is_network_admin": False,
                "created_at": now,
            }
            for email in emails
        ],
        key=["email"],
    )


def _write(changes: _Changes, *, now: datetime) -> None:
    members = changes.rows[Membership]
    _insert(
        Membership,
        [row | {"joined_at": now, "left_at": None} for row in members],
        key=["chapter_id", "id"],
        over=("name", "roles", "left_at"),
    )
    _insert(
        Affiliation,
        [{"user_id": row["user_id"], "left_at": None} for row in members],
        key=["user_id", "chapter_id"],
        over=("left_at",),
    )
    person, kind = ["chapter_id", "member_id"], ["chapter_id", "member_id", "kind"]
    blank = {"story": "", "updated_at": now}
    _insert(
        MenteeProfile,
        [row | blank | {"school": ""} for row in changes.rows[MenteeProfile]],
        key=person,
        over=("stage", "interests", "languages", "updated_at"),
    )
    blank |= {"title": "", "institution": "", "facets": [], "video_link": "", "search": ""}
    _insert(
        MentorProfile,
        [row | blank | {"lengths": list(CUSTOMARY)} for row in changes.rows[MentorProfile]],
        key=person,
        over=("standing", "interests", "languages", "recent_cycle", "updated_at"),
    )
    wants = [row | {"looking_for": ""} for row in changes.rows[Want]]
    _insert(Want, wants, key=kind, over=("topics",))
    _insert(Offer, changes.rows[Offer], key=kind, over=("topics",))
    for places, user_ids in sorted(changes.places.items()):
        db.session.execute(
            update(User)
            .where(User.id.in_(user_ids), User.places.is_(None))
            .values(places=places)
            .execution_options(synchronize_session=False)
        )
    if changes.reindexed:
        search.index(changes.reindexed)


def _insert(
    record: type[Any],
    rows: Iterable[dict[str, Any]],
    *,
    key: list[str],
    over: Sequence[str] = (),
) -> None:
    """Insert rows of this chapter; where the key is there already, lay `over` over it.

    The rows travel as one document: thousands in a statement, not a statement for each.
    """
    table = record.__table__
    of_chapter = {"chapter_id": scope.here()} if "chapter_id" in table.columns else {}
    waiting = iter(rows)
    while batch := [of_chapter | row for row in islice(waiting, BATCH)]:
        columns = [table.columns[name] for name in batch[0]]
        document = cast(bindparam("rows", type_=Text), JSON)
        sent = (
            func.json_to_recordset(document)
            .table_valued(*(column(one.name, one.type) for one in columns), name="sent")
            .render_derived(with_types=True)
        )
        statement = insert(table).from_select([one.name for one in columns], select(*sent.c))
        statement = (
            statement.on_conflict_do_update(
                index_elements=key, set_={name: statement.excluded[name] for name in over}
            )
            if over
            else statement.on_conflict_do_nothing(index_elements=key)
        )
        db.session.execute(statement, {"rows": json.dumps(batch, default=str)})
