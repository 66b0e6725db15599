"""Doing a submitted form once, however often it arrives: two taps, the back button, two tabs."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from mentorship.foundation import scope
from mentorship.foundation.database import count_touched, db
from mentorship.tenancy.models import Submission

#: How long a form that was sent is remembered.
KEPT = timedelta(days=2)

_LOCATION = select(Submission.location).where(Submission.digest == bindparam("digest"))


def begin(digest: str, *, now: datetime) -> str | None:
    """Claim a submit, or learn where the same one led before.

    A second one that arrives while the first is at work waits here for its end. If the first
    one fails, its claim is rolled back with it, and the second is done instead.
    """
    claim = (
        insert(Submission)
        .values(chapter_id=scope.here(), digest=digest, location="", at=now)
        .on_conflict_do_nothing()
        .returning(Submission.digest)
    )
    if db.session.execute(claim).first():
        return None
    return db.session.execute(_LOCATION, {"digest": digest}).scalar_one()


def settle(digest: str, *, location: str) -> None:
    """Note where the submit led, in the transaction of what it did."""
    db.session.execute(
        update(Submission)
        .where(Submission.digest == digest)
        .values(location=location)
        .execution_options(synchronize_session=False)
    )


def sweep(*, now: datetime) -> int:
    """Forget submits that nobody will repeat anymore."""
    return count_touched(delete(Submission).where(Submission.at < now - KEPT))
