"""The door to the bytes of files: in the database, or in a store that speaks S3.

A store knows keys and bytes, nothing of whose they are. Bytes are put before the row that names
them is committed and taken away after the row is gone, so there is never a row without bytes.
What is left over, bytes without a row, is swept up later.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cache
from secrets import token_urlsafe
from typing import BinaryIO, Protocol

from mentorship.foundation import scope
from mentorship.foundation.errors import Refusal
from mentorship.foundation.settings import Settings


class Away(Refusal):
    """The store does not answer, or does not have what it was given."""

    sentence = (
        "Files cannot be reached right now. Nothing was changed; please try again in a few minutes."
    )


class Store(Protocol):
    """Where bytes are. Everything is of the chapter that was entered."""

    def put(self, key: str, content: BinaryIO, *, now: datetime) -> None:
        """Keep all of `content` under a new key. It stays open.

        :raises Away: the store has not taken it.
        """

    def parts(self, key: str) -> Iterator[bytes]:
        """What was kept, in parts of a megabyte at most.

        :raises Away: the store does not have it, or stops on the way.
        """

    def remove(self, key: str) -> None:
        """Take it away. What is not there is no mistake.

        :raises Away: the store does not answer.
        """

    def left_from(self, before: datetime) -> Iterable[str]:
        """The keys of what was put before an instant.

        :raises Away: the store does not answer.
        """


def new_key() -> str:
    """A key in this chapter that nobody can guess: 192 random bits."""
    return f"{scope.here()}/{token_urlsafe(24)}"


@cache
def of(settings: Settings) -> Store:
    """The store that the settings name. A process opens it once."""
    if settings.files_url:
        # Its client is an extra of the package, and takes a while to load.
        from mentorship.foundation.storage.s3 import S3Store

        return S3Store(settings)
    from mentorship.foundation.storage.chunks import ChunkStore

    return ChunkStore()
