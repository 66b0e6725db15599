"""What remains where the older end of a chain was taken away: up to where, by whom and when."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from mentorship.audit import chain
from mentorship.audit.chain import Seal
from mentorship.audit.models import TrailCut
from mentorship.foundation.database import db, uuid7


def latest(chain_id: UUID) -> TrailCut | None:
    """Where the chain begins now; None when nothing was ever taken away."""
    newest = select(TrailCut).where(TrailCut.chain == chain_id).order_by(TrailCut.number.desc())
    return db.session.scalars(newest.limit(1)).one_or_none()


def write(
    last: Seal,
    *,
    chain_id: UUID,
    before: datetime | None,
    by_id: UUID | None,
    secret: str,
    now: datetime,
) -> TrailCut:
    """Leave a mark that everything up to this seal was taken away."""
    cut = TrailCut(
        id=uuid7(),
        chain=chain_id,
        number=last.number,
        digest=last.digest,
        before=before,
        by_id=by_id,
        at=now,
    )
    cut.mac = chain.vouch(_digest(cut), secret)
    db.session.add(cut)
    db.session.flush()
    return cut


def vouched(cut: TrailCut, secrets: Sequence[str]) -> bool:
    """Whether we made it, and it says what it said."""
    return chain.vouched(_digest(cut), cut.mac, secrets)


def as_seal(cut: TrailCut) -> Seal:
    """What the next seal follows."""
    return Seal(cut.number, cut.id, cut.at, cut.digest, cut.mac)


def _digest(cut: TrailCut) -> bytes:
    said = [cut.chain, cut.number, cut.digest.hex(), cut.before, cut.by_id, cut.at]
    return chain.fingerprint(said)
