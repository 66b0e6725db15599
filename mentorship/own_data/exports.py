"""A copy of everything about somebody, made in the background and kept for a week.

Of a chapter, too, for those who run it. A copy is made from the register, in as many steps as
there are chapters, and begun anew when a worker dies over it.
"""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO
from uuid import UUID
from zipfile import ZipFile

from sqlalchemy import bindparam, delete, func, insert, select, update

from mentorship.accounts import users
from mentorship.audit import account_trail
from mentorship.audit.account_trail import AccountDeed
from mentorship.files.models import Document, DocumentVersion
from mentorship.foundation import scope
from mentorship.foundation.database import count_touched, db, transaction
from mentorship.foundation.errors import NotYours, Refusal
from mentorship.foundation.queue import defer
from mentorship.foundation.storage import Store
from mentorship.own_data import archive, gathering
from mentorship.own_data.gathering import Who
from mentorship.own_data.models import COPY_EVERY, COPY_KEPT, Export, ExportPart, ExportState
from mentorship.tenancy import queries
from mentorship.tenancy.models import Chapter, Membership

#: Bytes of one row, as files have it.
PART = 1024 * 1024

_NEWEST = (
    select(
        *(Export.id, Export.state, Export.done, Export.steps, Export.size),
        *(Export.asked_at, Export.ready_at, Export.kept_until),
    )
    .where(
        Export.user_id == bindparam("user_id"),
        Export.chapter_slug.is_not_distinct_from(bindparam("slug")),
    )
    .order_by(Export.asked_at.desc())
    .limit(1)
)
_MINE = select(Export.size, Export.kept_until).where(
    Export.user_id == bindparam("user_id"),
    Export.id == bindparam("export_id"),
    Export.chapter_slug.is_not_distinct_from(bindparam("slug")),
    Export.state == ExportState.READY,
)
_PART = select(ExportPart.content).where(
    ExportPart.user_id == bindparam("user_id"),
    ExportPart.export_id == bindparam("export_id"),
    ExportPart.part == bindparam("part"),
)
_MEMBER = select(Membership.id).where(Membership.user_id == bindparam("user_id"))
_NAMES = select(Membership.id, Membership.name)
_CHAPTER = select(Chapter.slug, Chapter.name).where(Chapter.id == bindparam("chapter_id"))
_FILES = (
    select(Document.name, DocumentVersion.number, DocumentVersion.format, DocumentVersion.key)
    .join(DocumentVersion, DocumentVersion.document_id == Document.id)
    .where(Document.owner_id == bindparam("member_id"))
    .order_by(Document.id, DocumentVersion.number)
)


class OneADay(Refusal):
    sentence = "You asked for a copy within the last day. Please ask again tomorrow."


@dataclass(frozen=True)
class Copy:
    """How far a copy is. `percent` counts steps, not bytes."""

    id: UUID
    state: ExportState
    done: int
    steps: int
    size: int
    asked_at: datetime
    ready_at: datetime | None
    kept_until: datetime | None

    @property
    def under_way(self) -> bool:
        return self.state is not ExportState.READY

    @property
    def percent(self) -> int:
        return 100 * self.done // max(1, self.steps)


def newest(user_id: UUID, *, chapter: str | None = None) -> Copy | None:
    """The copy that this person asked for last: of their own data, or of a chapter."""
    row = db.session.execute(_NEWEST, {"user_id": user_id, "slug": chapter}).one_or_none()
    return Copy(row[0], ExportState(row[1]), *row[2:]) if row else None


def ask(user_id: UUID, *, now: datetime) -> UUID:
    """Have a copy made of everything about this person, in every chapter.

    :raises OneADay: they asked for one within a day.
    """
    export_id = begin(user_id, chapter=None, now=now)
    account_trail.record(AccountDeed.EXPORT_ASKED, user_id=user_id, now=now, export_id=export_id)
    return export_id


def begin(user_id: UUID, *, chapter: str | None, now: datetime) -> UUID:
    """Queue a copy, of a person's own data or of a chapter. Of two asks at once, one is refused.

    :raises OneADay: they asked for one within a day.
    """
    users.lock(user_id)
    before = newest(user_id, chapter=chapter)
    if before and before.asked_at > now - COPY_EVERY:
        raise OneADay
    made = Export(user_id=user_id, chapter_slug=chapter, asked_at=now)
    db.session.add(made)
    db.session.flush()
    defer("make_export", user_id=str(user_id), export_id=str(made.id), chapter=chapter or "")
    return made.id


def work(user_id: UUID, export_id: UUID, *, store: Store, now: datetime) -> None:
    """Make a person's own copy. What is ready already stays as it is."""
    chapter_ids = queries.chapter_ids()
    if not start(user_id, export_id, steps=len(chapter_ids) + 2):
        return
    with transaction():
        own = gathering.about_person(Who(user_id))
    with tempfile.TemporaryFile() as target:
        with archive.open_for(target) as made:
            chapters = []
            for done, chapter_id in enumerate(chapter_ids, 1):
                with scope.chapter(chapter_id):
                    # All are asked, since somebody who left is found in no other way.
                    member_id = db.session.scalar(_MEMBER, {"user_id": user_id})
                    if member_id:
                        chapters.append(_gather(user_id, member_id, made, store=store, now=now))
                _note(user_id, export_id, done=done)
            archive.add_words(made, own, chapters, whose="Everything about you", at=now)
        finish(user_id, export_id, target, now=now)


def start(user_id: UUID, export_id: UUID, *, steps: int) -> bool:
    """Take a copy up, again if need be. Says whether there is something to do."""
    with transaction():
        db.session.execute(
            delete(ExportPart).where(
                ExportPart.user_id == user_id,
                ExportPart.export_id == export_id,
                ExportPart.export_id.in_(
                    select(Export.id).where(Export.state != ExportState.READY)
                ),
            )
        )
        return bool(
            count_touched(
                update(Export)
                .where(
                    Export.user_id == user_id,
                    Export.id == export_id,
                    Export.state != ExportState.READY,
                )
                .values(state=ExportState.WORKING, done=0, steps=steps)
            )
        )


def finish(user_id: UUID, export_id: UUID, content: BinaryIO, *, now: datetime) -> None:
    """Keep the bytes of a copy, for a week, and have its person told."""
    with transaction():
        size = part = 0
        content.seek(0)
        while chunk := content.read(PART):
            values = {"user_id": user_id, "export_id": export_id, "part": part, "content": chunk}
            db.session.execute(insert(ExportPart).values(values))
            size, part = size + len(chunk), part + 1
        chapter = db.session.scalar(
            update(Export)
            .where(Export.user_id == user_id, Export.id == export_id)
            .values(
                **{"state": ExportState.READY, "done": Export.steps, "size": size},
                **{"ready_at": now, "kept_until": now + COPY_KEPT},
            )
            .returning(Export.chapter_slug)
        )
        made: dict[str, Any] = {"export_id": export_id, "chapter": chapter or ""}
        account_trail.record(AccountDeed.EXPORT_MADE, user_id=user_id, now=now, **made)


def fetch(
    user_id: UUID, export_id: UUID, *, chapter: str | None = None, now: datetime
) -> tuple[int, Iterator[bytes]]:
    """A copy's size and its bytes, part by part, for whoever asked for it. It is noted.

    :raises NotYours: there is none of theirs, or its week is over.
    """
    facts = {"user_id": user_id, "export_id": export_id}
    found = db.session.execute(_MINE, facts | {"slug": chapter}).one_or_none()
    if found is None or found.kept_until < now:
        raise NotYours
    db.session.execute(
        update(Export).where(Export.user_id == user_id, Export.id == export_id).values(taken_at=now)
    )
    account_trail.record(AccountDeed.EXPORT_FETCHED, user_id=user_id, now=now, export_id=export_id)
    return found.size, _parts(facts)


def _parts(facts: dict[str, UUID]) -> Iterator[bytes]:
    part = 0
    while (chunk := db.session.scalar(_PART, facts | {"part": part})) is not None:
        yield chunk
        part += 1


def sweep(*, now: datetime) -> int:
    """Forget copies whose week is over, and those that came to nothing. Says how many."""
    old = func.coalesce(Export.kept_until, Export.asked_at + COPY_KEPT) < now
    return count_touched(delete(Export).where(old))


def _gather(
    user_id: UUID, member_id: UUID, made: ZipFile, *, store: Store, now: datetime
) -> archive.Chapter:
    """What the chapter that was entered keeps of somebody; their files go in at once."""
    slug, name = db.session.execute(_CHAPTER, {"chapter_id": scope.here()}).one()
    for file in db.session.execute(_FILES, {"member_id": member_id}).all():
        path = f"files/{slug}/{archive.safe_name(file.name)}-{file.number}.{file.format}"
        archive.add_file(made, path, store.parts(file.key), at=now)
    sections = gathering.about_person(Who(user_id, member_id))
    names = {one.id: one.name for one in db.session.execute(_NAMES)}
    return archive.Chapter(name, sections, names)


def _note(user_id: UUID, export_id: UUID, *, done: int) -> None:
    with transaction():
        db.session.execute(
            update(Export)
            .where(Export.user_id == user_id, Export.id == export_id)
            .values(done=done)
        )
