"""Bringing a roster into the chapter: who is new, what changes, and writing all of it at once.

The file leads for a name, a stage and a standing. Everything else only grows: roles, kinds,
topics and interests are added to what is there, and what people wrote themselves stays.
Places hold over all chapters, so a roster sets them only for somebody who has none yet.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import JSON, Text, bindparam, cast, column, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from mentorship.accounts.models import User
from mentorship.audit import trail
from mentorship.foundation import scope
from mentorship.foundation.database import db, uuid7
from mentorship.foundation.errors import Refusal
from mentorship.profiles import search
from mentorship.profiles.models import MenteeProfile, MentorProfile, Offer, RosterDeed, Want
from mentorship.profiles.profiles import LENGTHS, MOST_INTERESTS, MOST_TOPICS
from mentorship.profiles.roster import Entry
from mentorship.tenancy import queries
from mentorship.tenancy.members import Member
from mentorship.tenancy.models import Affiliation, Chapter, Membership
from mentorship.tenancy.roles import Role
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import Standing

#: Rows that go to the database at a time.
BATCH = 5000


class ChangedMeanwhile(Refusal):
    sentence = "Somebody changed these people at the same moment. Nothing was imported; try again."


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
    """
    chapter = queries.card()
    # One import at a time in a chapter; meanwhile everybody else goes on.
    here = select(Chapter.id).where(Chapter.id == chapter.id)
    db.session.execute(here.with_for_update(key_share=True))
    known = _known(entry.email for entry in entries)
    if strangers := sorted({entry.email for entry in entries} - known.keys()):
        _open_accounts(strangers, zone=chapter.zone, now=now)
        known |= _known(strangers)
    changes = _compare(entries, known, lock=True)
    try:
        with db.session.begin_nested():
            _write(changes, now=now)
    except IntegrityError as clash:
        raise ChangedMeanwhile from clash
    facts = changes.outcome._asdict() | ({"upload_id": upload_id} if upload_id else {})
    trail.record(RosterDeed.IMPORTED, chapter, by=by, now=now, **facts)
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
        Membership.roles,
        Membership.left_at,
    )
    .outerjoin(Membership, Membership.user_id == User.id)
    .where(User.email == func.any(bindparam("emails")))
)
_OF = {
    record: select(*columns).where(record.member_id == func.any(bindparam("member_ids")))
    for record, columns in {
        MenteeProfile: (MenteeProfile.member_id, MenteeProfile.stage, MenteeProfile.interests),
        MentorProfile: (
            MentorProfile.member_id,
            MentorProfile.standing,
            MentorProfile.interests,
            MentorProfile.recent_cycle,
        ),
        Want: (Want.member_id, Want.kind, Want.topics),
        Offer: (Offer.member_id, Offer.kind, Offer.topics),
    }.items()
}


class _Before:
    """What the chapter's people have said so far."""

    def __init__(self, member_ids: list[UUID], *, lock: bool) -> None:
        def rows(record: type) -> Iterable[Any]:
            statement = _OF[record].with_for_update() if lock else _OF[record]
            return db.session.execute(statement, {"member_ids": member_ids})

        self.mentees = {row.member_id: row for row in rows(MenteeProfile)}
        self.mentors = {row.member_id: row for row in rows(MentorProfile)}
        self.wants = {(row.member_id, row.kind): row.topics for row in rows(Want)}
        self.offers = {(row.member_id, row.kind): row.topics for row in rows(Offer)}


class _Changes:
    """Rows to write, by the record they belong to, and how many people they are about."""

    def __init__(self) -> None:
        self.rows: dict[type, list[dict[str, Any]]] = defaultdict(list)
        self.places: dict[int, list[UUID]] = defaultdict(list)
        self.reindexed: list[UUID] = []
        self.outcome = Outcome(0, 0, 0, 0)

    def add(self, record: type, **row: Any) -> None:
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
    member_id = (person.member_id if person else None) or uuid7()
    had = set(person.roles or ()) if person else set()
    roles = sorted({*had, *entry.roles})
    joins = person is None or person.member_id is None
    moved = joins or person.name != entry.name or person.left_at or roles != sorted(had)
    if moved:
        changes.add(
            Membership,
            id=member_id,
            user_id=person.user_id if person else None,
            name=entry.name,
            roles=roles,
        )
        if person and member_id in before.mentors:
            changes.reindexed.append(member_id)
    said = False
    if Role.STUDENT in entry.roles:
        said |= _compare_mentee(entry, member_id, before, changes, new=Role.STUDENT not in had)
    if Role.MENTOR in entry.roles:
        new = Role.MENTOR not in had
        said |= _compare_mentor(entry, member_id, person, before, changes, new=new)
    return bool(moved or said)


def _compare_mentee(
    entry: Entry, member_id: UUID, before: _Before, changes: _Changes, *, new: bool
) -> bool:
    was = before.mentees.get(member_id)
    stage = entry.stage or (was.stage if was else None)
    interests = _grown(was.interests if was else (), entry.interests, most=MOST_INTERESTS)
    topics = {
        kind: _grown_topics(before.wants.get((member_id, kind)), kind, named, interests)
        for kind, named in entry.wants.items()
    }
    fresh = {kind: found for kind, found in topics.items() if found is not None}
    for kind, found in fresh.items():
        changes.add(Want, member_id=member_id, kind=kind, topics=found)
    says = new or stage or interests or fresh
    profile = bool(says) if was is None else stage != was.stage or interests != list(was.interests)
    if profile:
        changes.add(MenteeProfile, member_id=member_id, stage=stage, interests=interests)
    return profile or bool(fresh)


def _compare_mentor(
    entry: Entry,
    member_id: UUID,
    person: _Person | None,
    before: _Before,
    changes: _Changes,
    *,
    new: bool,
) -> bool:
    was = before.mentors.get(member_id)
    standing = entry.standing or (was.standing if was else Standing.FACULTY)
    interests = _grown(was.interests if was else (), entry.interests, most=MOST_INTERESTS)
    fresh = {
        kind: found
        for kind, named in entry.offers.items()
        if (found := _grown_topics(before.offers.get((member_id, kind)), kind, named, interests))
        is not None
    }
    for kind, found in fresh.items():
        changes.add(Offer, member_id=member_id, kind=kind, topics=found)
    # Whoever is newly named for application mentoring is named for knowing a recent cycle.
    offers_anew = Kind.APPLICATION in fresh and (member_id, Kind.APPLICATION) not in before.offers
    recent = offers_anew or bool(was and was.recent_cycle)
    if was is None:
        # Of a resident the stage alone tells the standing, which says nothing of mentoring yet.
        said = entry.standing and Role.STUDENT not in entry.roles
        profile = bool(new or said or interests or fresh)
    else:
        now_says = (standing, interests, recent)
        profile = now_says != (was.standing, list(was.interests), was.recent_cycle)
    if profile:
        changes.add(
            MentorProfile,
            member_id=member_id,
            standing=standing,
            interests=interests,
            recent_cycle=recent,
        )
    if profile or fresh:
        changes.reindexed.append(member_id)
    places = entry.places
    if places is None and profile and was is None:
        places = Standing(standing).places
    opens = places is not None and (person is None or person.places is None)
    if opens and person:
        changes.places[places].append(person.user_id)
    return profile or bool(fresh) or opens


def _keeps_places(entry: Entry, person: _Person | None) -> bool:
    there = person.places if person else None
    return entry.places is not None and there is not None and there != entry.places


def _grown(was: Iterable[str], said: Iterable[str], *, most: int) -> list[str]:
    """What was there, and what is new in the file, as far as there is room."""
    kept = list(was)
    new = [one for one in said if one not in kept]
    return kept + new[: max(0, most - len(kept))]


def _grown_topics(
    was: Sequence[str] | None,
    kind: Kind,
    named: tuple[str, ...] | None,
    interests: Sequence[str],
) -> list[str] | None:
    """The topics of a kind that is new or changes; None when it stays as it is.

    Content mentoring that is new and names no topic takes the interests for its topics.
    """
    if was is None:
        from_interests = interests if kind is Kind.CONTENT and named is None else ()
        return _grown((), named or from_interests, most=MOST_TOPICS)
    grown = _grown(was, named or (), most=MOST_TOPICS)
    return grown if grown != list(was) else None


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
        Affiliation, [{"user_id": row["user_id"]} for row in members], key=["user_id", "chapter_id"]
    )
    person, kind = ["chapter_id", "member_id"], ["chapter_id", "member_id", "kind"]
    blank = {"story": "", "updated_at": now}
    _insert(
        MenteeProfile,
        [row | blank | {"school": ""} for row in changes.rows[MenteeProfile]],
        key=person,
        over=("stage", "interests", "updated_at"),
    )
    blank |= {"title": "", "institution": "", "facets": [], "video_link": "", "search": ""}
    _insert(
        MentorProfile,
        [row | blank | {"lengths": list(LENGTHS)} for row in changes.rows[MentorProfile]],
        key=person,
        over=("standing", "interests", "recent_cycle", "updated_at"),
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
    record: type, rows: Iterable[dict[str, Any]], *, key: list[str], over: Sequence[str] = ()
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
