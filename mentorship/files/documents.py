"""What can be done with a document of one's own: keep it, renew it, restore it, delete it."""

import hashlib
from datetime import datetime, timedelta
from typing import BinaryIO
from uuid import UUID

from sqlalchemy import bindparam, delete, func, select

from mentorship.audit import trail
from mentorship.files import formats, names
from mentorship.files.models import (
    Document,
    DocumentComment,
    DocumentDeed,
    DocumentShare,
    DocumentVersion,
    Sort,
)
from mentorship.foundation import scope, storage
from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours, Refusal
from mentorship.foundation.queue import defer
from mentorship.foundation.storage import Store
from mentorship.foundation.text import clean
from mentorship.tenancy.members import Member
from mentorship.tenancy.models import Membership

#: What one person may keep in a chapter: bytes over all versions, documents, versions of one.
ROOM = 100 * 1024 * 1024
MOST = 40
MOST_VERSIONS = 50
#: The longest note on a version, in characters.
LONGEST_NOTE = 200
#: Bytes without a row are swept up after this time: longer than any upload takes.
STRAY = timedelta(days=1)
_PART = 1024 * 1024

_ALONE = (
    select(Membership.id)
    .where(Membership.id == bindparam("owner_id"))
    .with_for_update(key_share=True)
)
_LOCKED = (
    select(Document)
    .where(Document.id == bindparam("document_id"), Document.owner_id == bindparam("owner_id"))
    .with_for_update()
    .execution_options(populate_existing=True)
)
_KEPT = (
    select(DocumentVersion.key, func.max(DocumentVersion.size).label("size"))
    .join(Document, Document.id == DocumentVersion.document_id)
    .where(Document.owner_id == bindparam("owner_id"))
    .group_by(DocumentVersion.key)
    .subquery()
)
_USED = select(func.coalesce(func.sum(_KEPT.c.size), 0))
_COUNT = (
    select(func.count()).select_from(Document).where(Document.owner_id == bindparam("owner_id"))
)
_NEWEST = (
    select(DocumentVersion)
    .where(DocumentVersion.document_id == bindparam("document_id"))
    .order_by(DocumentVersion.number.desc())
    .limit(1)
)
_SAME = (
    select(Document)
    .join(DocumentVersion, DocumentVersion.document_id == Document.id)
    .where(
        Document.owner_id == bindparam("owner_id"),
        Document.name == bindparam("name"),
        DocumentVersion.digest == bindparam("digest"),
    )
    .limit(1)
)
_KNOWN = select(DocumentVersion.key).where(
    DocumentVersion.key.in_(bindparam("keys", expanding=True))
)


class NoRoom(Refusal):
    sentence = (
        f"Your files here would take more than {ROOM // 1024 // 1024} MB. Delete one that you no"
        " longer need, then send this again."
    )


class TooMany(Refusal):
    sentence = f"You keep {MOST} files here already. Delete one, then send this again."


class TooManyVersions(Refusal):
    sentence = f"There are {MOST_VERSIONS} versions of this already. Keep it as a new file."


class NoteTooLong(Refusal):
    sentence = f"Keep the note within {LONGEST_NOTE} characters."


def add(
    *,
    content: BinaryIO,
    file_name: str,
    sort: Sort,
    by: Member,
    store: Store,
    now: datetime,
    name: str = "",
    note: str = "",
) -> Document:
    """Keep a new document, seen by `by` alone. The same file under the same name is kept once.

    :raises formats.TooLarge, and the others of `formats`: it is no file that is passed on.
    :raises NoteTooLong, TooMany, NoRoom: there is no place for it.
    :raises storage.Away: the store has not taken it.
    """
    note = _fitting(note)
    format, size = formats.of(content)
    digest = _digest(content)
    called = names.tidy(name or file_name, otherwise=sort.label)
    facts = {"owner_id": by.id}
    if same := db.session.scalars(_SAME, facts | {"name": called, "digest": digest}).first():
        return same
    _insist_on_room(size, by)
    key = storage.new_key()
    store.put(key, content, now=now)
    _alone(by)
    _insist_on_room(size, by)
    if db.session.execute(_COUNT, facts).scalar_one() >= MOST:
        raise TooMany
    document = Document(owner_id=by.id, sort=sort, name=called, created_at=now)
    db.session.add(document)
    db.session.flush()
    _append(document, 1, key=key, format=format, size=size, digest=digest, note=note, now=now)
    trail.record(DocumentDeed.ADDED, document, by=by, now=now, format=format, size=size)
    return document


def renew(
    document_id: UUID, *, content: BinaryIO, by: Member, store: Store, now: datetime, note: str = ""
) -> DocumentVersion:
    """Put a newer version on top; the older ones stay. The newest again changes nothing.

    :raises NotYours: `by` has no such document.
    :raises Refusal: as `add` does.
    :raises TooManyVersions: there are many already.
    """
    note = _fitting(note)
    format, size = formats.of(content)
    digest = _digest(content)
    document, newest = _take(document_id, by=by)
    if newest.digest == digest:
        return newest
    if newest.number >= MOST_VERSIONS:
        raise TooManyVersions
    _alone(by)
    _insist_on_room(size, by)
    key = storage.new_key()
    store.put(key, content, now=now)
    version = _append(
        document,
        newest.number + 1,
        key=key,
        format=format,
        size=size,
        digest=digest,
        note=note,
        now=now,
    )
    trail.record(DocumentDeed.RENEWED, document, by=by, now=now, version=version.number)
    return version


def restore(version: DocumentVersion, *, by: Member, now: datetime) -> DocumentVersion:
    """Have an older version be the newest again. It takes no more room. The newest stays as it is.

    :raises NotYours: it is of no document of `by`.
    :raises TooManyVersions: there are many already.
    """
    document, newest = _take(version.document_id, by=by)
    if newest.key == version.key:
        return newest
    if newest.number >= MOST_VERSIONS:
        raise TooManyVersions
    again = _append(
        document,
        newest.number + 1,
        key=version.key,
        format=version.format,
        size=version.size,
        digest=version.digest,
        note=f"Version {version.number} again",
        now=now,
    )
    facts = {"version": again.number, "was": version.number}
    trail.record(DocumentDeed.RESTORED, document, by=by, now=now, **facts)
    return again


def delete_for_good(document_id: UUID, *, by: Member, now: datetime) -> None:
    """Take a document away with its versions, comments and bytes. Only the trail remembers it.

    :raises NotYours: `by` has no such document.
    """
    document, newest = _take(document_id, by=by)
    of_it = select(DocumentVersion.id).where(DocumentVersion.document_id == document.id)
    keys = select(DocumentVersion.key).where(DocumentVersion.document_id == document.id)
    for key in set(db.session.scalars(keys)):
        # The bytes go once this is committed; a store that is away is asked again.
        defer("forget_file", chapter_id=str(scope.here()), key=key)
    for gone in (
        delete(DocumentComment).where(DocumentComment.version_id.in_(of_it)),
        delete(DocumentShare).where(DocumentShare.document_id == document.id),
        delete(DocumentVersion).where(DocumentVersion.document_id == document.id),
        delete(Document).where(Document.id == document.id),
    ):
        db.session.execute(gone.execution_options(synchronize_session=False))
    trail.record(DocumentDeed.DELETED, document, by=by, now=now, versions=newest.number)
    db.session.expunge(document)


def room_used(by: Member) -> int:
    """Bytes that `by` keeps here, over all versions."""
    return int(db.session.scalar(_USED, {"owner_id": by.id}) or 0)


def sweep(*, store: Store, now: datetime) -> int:
    """Remove bytes that no version names: of uploads that came to nothing. Says how many.

    :raises storage.Away: the store does not answer.
    """
    swept = 0
    waiting = list(store.left_from(now - STRAY))
    for first in range(0, len(waiting), 500):
        some = waiting[first : first + 500]
        known = set(db.session.scalars(_KNOWN, {"keys": some}))
        for key in some:
            if key not in known:
                store.remove(key)
                swept += 1
    return swept


def _take(document_id: UUID, *, by: Member) -> tuple[Document, DocumentVersion]:
    """A document of `by` for this transaction alone, and its newest version."""
    facts = {"document_id": document_id, "owner_id": by.id}
    document = db.session.scalars(_LOCKED, facts).one_or_none()
    if document is None:
        raise NotYours
    return document, db.session.scalars(_NEWEST, {"document_id": document_id}).one()


def _append(document: Document, number: int, *, now: datetime, **facts: object) -> DocumentVersion:
    version = DocumentVersion(document_id=document.id, number=number, at=now, **facts)
    db.session.add(version)
    db.session.flush()
    return version


def _alone(by: Member) -> None:
    """Have two uploads of one person one after the other, so that both fit into their room."""
    db.session.execute(_ALONE, {"owner_id": by.id})


def _insist_on_room(size: int, by: Member) -> None:
    if room_used(by) + size > ROOM:
        raise NoRoom


def _digest(content: BinaryIO) -> str:
    digest = hashlib.sha256()
    content.seek(0)
    while part := content.read(_PART):
        digest.update(part)
    content.seek(0)
    return digest.hexdigest()


def _fitting(note: str) -> str:
    note = " ".join(clean(note).split())
    if len(note) > LONGEST_NOTE:
        raise NoteTooLong
    return note
