"""A chapter as a whole: a copy of it, and its end.

A chapter ends only when a coordinator and a faculty advisor both want it, and two weeks later.
Until then either of them stops it. What it leaves is its address, which no other chapter gets.
"""

import tempfile
from datetime import datetime
from typing import BinaryIO, NamedTuple
from uuid import UUID

from sqlalchemy import Uuid, bindparam, delete, func, select
from sqlalchemy.orm import aliased

from mentorship.accounts.models import User
from mentorship.audit import account_trail, trail
from mentorship.audit.account_trail import AccountDeed
from mentorship.foundation import scope
from mentorship.foundation.database import db, transaction
from mentorship.foundation.errors import NotYours, Refusal
from mentorship.foundation.queue import defer, forget
from mentorship.foundation.storage import Store
from mentorship.own_data import archive, exports, gathering
from mentorship.own_data.gathering import Section
from mentorship.own_data.models import CHAPTER_SECOND_THOUGHTS, ChapterRemoval, DataDeed
from mentorship.tenancy import queries
from mentorship.tenancy.members import ChapterCard, Member
from mentorship.tenancy.models import Membership
from mentorship.tenancy.roles import Role
from mentorship.tenancy.university import providers

_by, _second = aliased(Membership), aliased(Membership)
_WISH = (
    select(
        ChapterRemoval.asked_by_id,
        _by.name.label("asked_by"),
        ChapterRemoval.asked_at,
        _second.name.label("confirmed_by"),
        ChapterRemoval.due_at,
    )
    .join(_by, _by.id == ChapterRemoval.asked_by_id)
    .outerjoin(_second, _second.id == ChapterRemoval.confirmed_by_id)
)
_WHO = (
    select(_by.user_id.label("asked"), _second.user_id.label("confirmed"))
    .select_from(ChapterRemoval)
    .join(_by, _by.id == ChapterRemoval.asked_by_id)
    .join(_second, _second.id == ChapterRemoval.confirmed_by_id)
)
_LOCKED = select(ChapterRemoval).with_for_update()
_EVERYONE = select(Membership.id).where(Membership.left_at.is_(None))
_PEOPLE = select(Membership.id, Membership.name, User.email).join(
    User, User.id == Membership.user_id
)
_REMOVE = select(func.remove_chapter(bindparam("doomed", type_=Uuid)))


class NotItsName(Refusal):
    sentence = "Type the chapter's name, as it stands above."


class TwoPeople(Refusal):
    sentence = (
        "A coordinator and a faculty advisor both have to want it, and they have to be two people."
    )


class NothingToConfirm(Refusal):
    sentence = "Nobody wants this chapter removed anymore."


class Wish(NamedTuple):
    """That a chapter is to be removed: who wants it, and from when on it is gone."""

    asked_by_id: UUID
    asked_by: str
    asked_at: datetime
    confirmed_by: str | None
    due_at: datetime | None


def ask_for_copy(chapter: ChapterCard, *, by: Member, now: datetime) -> UUID:
    """Have a copy made of what the chapter is run by.

    :raises exports.OneADay: they asked for one within a day.
    """
    export_id = exports.begin(by.user_id, chapter=chapter.slug, now=now)
    trail.record(DataDeed.COPY_ASKED, chapter, by=by, now=now, export_id=export_id)
    return export_id


def work(user_id: UUID, export_id: UUID, *, slug: str, now: datetime) -> None:
    """Make the copy of a chapter that one of its people asked for."""
    chapter_id = queries.chapter_id(slug)
    if chapter_id is None or not exports.start(user_id, export_id, steps=2):
        return
    with tempfile.TemporaryFile() as target:
        write_copy(target, chapter_id, whole=False, store=None, now=now)
        exports.finish(user_id, export_id, target, now=now)


def write_copy(
    target: BinaryIO, chapter_id: UUID, *, whole: bool, store: Store | None, now: datetime
) -> None:
    """Write a chapter's archive: what it is run by, or all of it, with the files of `store`."""
    with archive.open_for(target) as made, scope.chapter(chapter_id):
        name = queries.card().name
        people = tuple(dict(row) for row in db.session.execute(_PEOPLE).mappings())
        names = {one["id"]: one["name"] for one in people}
        sections = [Section("people", "people", people), *gathering.of_chapter(whole=whole)]
        if store:
            for key in gathering.keys_of_files():
                path = f"files/{archive.safe_name(key)}"
                archive.add_file(made, path, store.parts(key), at=now)
        chapters = [archive.Chapter(name, sections, names)]
        archive.add_words(made, [], chapters, whose=f"A copy of {name}", at=now)


def wish() -> Wish | None:
    """Whether the chapter that was entered is to be removed."""
    row = db.session.execute(_WISH).one_or_none()
    return Wish(*row) if row else None


def ask_for_removal(chapter: ChapterCard, *, typed: str, by: Member, now: datetime) -> None:
    """Want this chapter removed. It is not, before a second person confirms it. Twice is once.

    :raises NotItsName: what was typed is not its name.
    """
    _insist_on_name(chapter, typed)
    if wish() is None:
        db.session.add(ChapterRemoval(asked_by_id=by.id, asked_at=now))
        db.session.flush()
        trail.record(DataDeed.REMOVAL_ASKED, chapter, by=by, now=now)


def confirm_removal(chapter: ChapterCard, *, typed: str, by: Member, now: datetime) -> datetime:
    """Confirm it as the second person; says from when on the chapter is gone. Everyone is told.

    :raises NotItsName: what was typed is not its name.
    :raises NothingToConfirm: nobody wants it.
    :raises TwoPeople: they asked for it themselves, or both are of one role only; or
        whoever asked has left.
    """
    _insist_on_name(chapter, typed)
    removal = db.session.scalars(_LOCKED).one_or_none()
    if removal is None:
        raise NothingToConfirm
    if removal.due_at:
        return removal.due_at
    first = _still_acts(removal.asked_by_id, now=now)
    if first is None or first.id == by.id or not _both(first, by):
        raise TwoPeople
    removal.confirmed_by_id, removal.due_at = by.id, now + CHAPTER_SECOND_THOUGHTS
    db.session.flush()
    defer("remove_chapter", at=removal.due_at, chapter_id=str(scope.here()))
    trail.record(DataDeed.REMOVAL_CONFIRMED, chapter, by=by, now=now, due_at=removal.due_at)
    return removal.due_at


def _insist_on_name(chapter: ChapterCard, typed: str) -> None:
    if typed.strip() != chapter.name:
        raise NotItsName


def _still_acts(member_id: UUID, *, now: datetime) -> Member | None:
    """Whoever asked, unless they have left since: what they wanted counts no more."""
    try:
        return queries.acting(member_id, now=now)
    except NotYours:
        return None


def _both(first: Member, second: Member) -> bool:
    """Whether one coordinates and the other advises."""
    return any(
        Role.COORDINATOR in one.roles and Role.ADVISOR in other.roles
        for one, other in ((first, second), (second, first))
    )


def stop_removal(chapter: ChapterCard, *, by: Member, now: datetime) -> bool:
    """Keep the chapter after all. Says whether it was to go."""
    gone = db.session.scalars(
        delete(ChapterRemoval)
        .returning(ChapterRemoval.due_at)
        .execution_options(synchronize_session=False)
    ).all()
    if gone:
        trail.record(
            DataDeed.REMOVAL_STOPPED, chapter, by=by, now=now, was_sure=gone[0] is not None
        )
    return bool(gone)


def everyone() -> list[UUID]:
    """Every member of the chapter that was entered: whoever is told of its end."""
    return list(db.session.scalars(_EVERYONE))


def remove(chapter_id: UUID, *, store: Store, now: datetime) -> int:
    """Remove a chapter whose time has come; says how many rows went. Twice changes nothing.

    The bytes of its files go first. The database itself looks once more whether two people have
    said so, since it does this as its owner.

    :raises storage.Away: the store does not answer.
    """
    with scope.chapter(chapter_id):
        with transaction():
            due_at = db.session.scalar(select(ChapterRemoval.due_at))
        if due_at is None or due_at > now:
            return 0
        with transaction():
            for key in list(store.left_from(now)):
                store.remove(key)
        with transaction():
            forget(chapter_id=str(chapter_id))
            providers.end_sessions(now=now)
            _keep_who(now=now)
            return db.session.scalar(_REMOVE, {"doomed": chapter_id}) or 0


def _keep_who(*, now: datetime) -> None:
    """Note with both of them who had this chapter removed: its own trail goes with it."""
    slug, who = queries.card().slug, db.session.execute(_WHO).one()
    for user_id, part in ((who.asked, "asked"), (who.confirmed, "confirmed")):
        account_trail.record(
            AccountDeed.CHAPTER_REMOVED, user_id=user_id, now=now, slug=slug, part=part
        )
