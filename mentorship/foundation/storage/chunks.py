"""Bytes in the database itself: kept and dropped with the transaction, backed up with the rest."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import BinaryIO

from sqlalchemy import bindparam, delete, insert, select

from mentorship.foundation import scope
from mentorship.foundation.database import db
from mentorship.foundation.storage import Away
from mentorship.foundation.storage.models import StoredChunk

#: Bytes of one row: few rows a file, and little memory at a time.
PART = 1024 * 1024

_PART = select(StoredChunk.content).where(
    StoredChunk.key == bindparam("key"), StoredChunk.part == bindparam("part")
)
_KEYS = select(StoredChunk.key).where(
    StoredChunk.part == 0, StoredChunk.kept_at < bindparam("before")
)


class ChunkStore:
    """Rows of a megabyte, read one at a time."""

    def put(self, key: str, content: BinaryIO, *, now: datetime) -> None:
        content.seek(0)
        part = 0
        while chunk := content.read(PART):
            db.session.execute(
                insert(StoredChunk).values(
                    chapter_id=scope.here(), key=key, part=part, content=chunk, kept_at=now
                )
            )
            part += 1

    def parts(self, key: str) -> Iterator[bytes]:
        part, full = 0, True
        while full:
            chunk = db.session.scalar(_PART, {"key": key, "part": part})
            if chunk is None:
                if part == 0:
                    raise Away
                return
            yield chunk
            part, full = part + 1, len(chunk) == PART

    def remove(self, key: str) -> None:
        db.session.execute(
            delete(StoredChunk)
            .where(StoredChunk.key == key)
            .execution_options(synchronize_session=False)
        )

    def left_from(self, before: datetime) -> Iterable[str]:
        return list(db.session.scalars(_KEYS, {"before": before}))
