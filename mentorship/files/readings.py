"""What can be done with a version: read it. Who is shown a document leaves a trace of it."""

import hashlib
from datetime import datetime
from io import BytesIO
from tempfile import TemporaryFile
from typing import BinaryIO

from mentorship.audit import trail
from mentorship.files.models import Document, DocumentDeed, DocumentVersion
from mentorship.foundation import storage
from mentorship.foundation.storage import Store
from mentorship.tenancy.members import Member

#: Up to so many bytes are held in memory; more goes through a file that has no name.
_IN_MEMORY = 1024 * 1024


def read(
    version: DocumentVersion, document: Document, *, by: Member, store: Store, now: datetime
) -> BinaryIO:
    """All the bytes of a version, for the caller to close. Who is not its owner leaves a trace.

    They are fetched whole, and are those that were kept, before anybody is sent the first: a store
    that stops on the way gives a no, never half a file. Nor does a slow reader hold a connection.

    :raises storage.Away: the store does not have them as they were.
    """
    # The caller closes it.
    content: BinaryIO = BytesIO() if version.size <= _IN_MEMORY else TemporaryFile()  # noqa: SIM115
    digest = hashlib.sha256()
    try:
        for part in store.parts(version.key):
            digest.update(part)
            content.write(part)
        if digest.hexdigest() != version.digest:
            raise storage.Away
    except BaseException:
        content.close()
        raise
    content.seek(0)
    if by.id != document.owner_id:
        trail.record(DocumentDeed.READ, document, by=by, now=now, version=version.number)
    return content
