"""Sol keeps files, and Mara is the mentor they may be shown to."""

import io
from collections.abc import Callable
from uuid import UUID

import pytest

from mentorship.files import documents, shares
from mentorship.files.models import Document, DocumentVersion, Sort
from mentorship.foundation import storage
from mentorship.foundation.database import db
from mentorship.relationships.models import PairingState
from tests import make
from tests.files import made


@pytest.fixture
def store(settings) -> storage.Store:
    return storage.of(settings)


@pytest.fixture
def paired(mara, sol) -> UUID:
    """Mara and Sol, who have met."""
    return make.pairing(mara, sol, state=PairingState.ACTIVE)


@pytest.fixture
def keep(store, now) -> Callable[..., Document]:
    """Keep a document of somebody's, inside their chapter."""

    def keep(by, content: bytes = b"", *, name: str = "CV", note: str = "") -> Document:
        return documents.add(
            content=io.BytesIO(content or made.pdf()),
            file_name=f"{name}.pdf",
            sort=Sort.CV,
            note=note,
            by=by,
            store=store,
            now=now,
        )

    return keep


@pytest.fixture
def newest() -> Callable[[Document], DocumentVersion]:
    def newest(document: Document) -> DocumentVersion:
        found = db.session.query(DocumentVersion).filter_by(document_id=document.id)
        return found.order_by(DocumentVersion.number.desc()).first()

    return newest


@pytest.fixture
def shown(keep, sol, paired, now, inside) -> Document:
    """A CV of Sol's that Mara is shown for the usual time."""
    with inside(sol):
        document = keep(sol)
        shares.show(document, pairing_id=paired, until=None, by=sol, now=now)
    return document
