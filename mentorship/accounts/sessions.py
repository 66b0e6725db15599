"""Who is signed in on which device. A session is a row, so ending it ends it everywhere at once.

The browser holds a random token, and the table its digest: neither the table nor a backup of it
lets anybody in.
"""

import hashlib
import secrets
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Row, Update, bindparam, delete, func, or_, select, update

from mentorship.accounts.models import DeviceSession
from mentorship.audit import account_trail
from mentorship.audit.account_trail import AccountDeed
from mentorship.foundation.database import count_touched, db
from mentorship.foundation.errors import NotYours

# OWASP ASVS 5.0, 7.1.1 and 7.3, has both limits chosen and written down: docs/decisions/0012.
#: However much it is used, a session is over after this.
ABSOLUTE = timedelta(days=30)
#: And when it was not used for so long. Students and mentors come every week or two.
IDLE = timedelta(days=14)
#: The same for those who see a whole chapter, which is a working day.
IDLE_OVERSEEING = timedelta(hours=12)
#: For so long after somebody has proven who they are, sensitive acts ask for no more.
FRESH = timedelta(minutes=10)
#: How exactly the last use is known; each note of it is a write.
NOTED_EVERY = timedelta(minutes=5)
#: For so long a session that is over is kept, for whoever asks what happened.
KEPT = timedelta(days=30)

#: Bytes of randomness in a token.
_TOKEN = 32


class Way(StrEnum):
    """How somebody has proven who they are."""

    LINK = "link"
    PASSKEY = "passkey"
    UNIVERSITY = "university"


class Why(StrEnum):
    """Why a session ended before its time."""

    SIGNED_OUT = "signed_out"
    REPLACED = "replaced"
    """Somebody signed in anew in the same browser."""
    ENDED = "ended"
    """Its person ended it from another device."""
    REVOKED = "revoked"
    """It was ended for safety: an address was taken back, an account closed, or the university that
    let its person in lets in nobody anymore."""


@dataclass(frozen=True)
class Session:
    """One person on one device, as a request finds it."""

    id: UUID
    way: Way
    created_at: datetime
    last_used_at: datetime
    proven_at: datetime
    oversees: bool
    """Whether its person sees a whole chapter anywhere, and so is signed out sooner."""

    def is_over(self, now: datetime) -> bool:
        idle = IDLE_OVERSEEING if self.oversees else IDLE
        return now >= min(self.created_at + ABSOLUTE, self.last_used_at + idle)

    def is_fresh(self, now: datetime) -> bool:
        """Whether its person has proven who they are lately enough for a sensitive act."""
        return now < self.proven_at + FRESH


_LIVING = (
    select(
        DeviceSession.id,
        DeviceSession.device,
        DeviceSession.way,
        DeviceSession.created_at,
        DeviceSession.last_used_at,
        DeviceSession.proven_at,
        func.oversees(DeviceSession.user_id).label("oversees"),
    )
    .where(DeviceSession.user_id == bindparam("user_id"), DeviceSession.ended_at.is_(None))
    .order_by(DeviceSession.last_used_at.desc(), DeviceSession.id.desc())
)
_KNOWN = select(DeviceSession.id).where(
    DeviceSession.user_id == bindparam("user_id"), DeviceSession.device == bindparam("device")
)


def digest(token: str) -> bytes:
    """What the table knows a token by."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def begin(
    user_id: UUID,
    *,
    way: Way,
    device: str,
    now: datetime,
    proven_at: datetime | None = None,
    provider_id: UUID | None = None,
    logout_hint: bytes | None = None,
) -> str:
    """Begin a session, for somebody who has proven who they are: just now, or at `proven_at`.
    Its token.

    `provider_id` names the university's provider that let them in, and `logout_hint` is what that
    one wants to be told at sign-out, sealed.
    """
    token = secrets.token_urlsafe(_TOKEN)
    begun = DeviceSession(
        token_digest=digest(token),
        user_id=user_id,
        way=way,
        device=device,
        created_at=now,
        last_used_at=now,
        proven_at=proven_at or now,
        provider_id=provider_id,
        logout_hint=logout_hint,
    )
    known = db.session.execute(_KNOWN, {"user_id": user_id, "device": device}).first()
    db.session.add(begun)
    db.session.flush()
    deed = AccountDeed.SIGNED_IN if known else AccountDeed.NEW_DEVICE
    account_trail.record(
        deed, user_id=user_id, now=now, session_id=begun.id, way=way, device=device
    )
    return token


def prove(session_id: UUID, *, way: Way, now: datetime) -> str:
    """Note that its person has proven once more who they are. The new token; the old one is dead.

    :raises NotYours: the session was ended meanwhile.
    """
    token = secrets.token_urlsafe(_TOKEN)
    values = {"token_digest": digest(token), "proven_at": now, "last_used_at": now}
    proven = _living().where(DeviceSession.id == session_id).values(values)
    user_id = db.session.scalar(proven.returning(DeviceSession.user_id))
    if user_id is None:
        raise NotYours
    account_trail.record(
        AccountDeed.PROVEN_AGAIN, user_id=user_id, now=now, session_id=session_id, way=way
    )
    return token


def note_use(session_id: UUID, *, now: datetime) -> None:
    """Note that a session is in use now."""
    lately = now - NOTED_EVERY
    stale = _living().where(DeviceSession.id == session_id, DeviceSession.last_used_at <= lately)
    db.session.execute(stale.values(last_used_at=now))


def end(session_id: UUID, *, user_id: UUID, now: datetime) -> None:
    """End one session of a person's, from another one. Ended twice, it was ended once.

    :raises NotYours: they never had such a session.
    """
    mine = DeviceSession.id == session_id, DeviceSession.user_id == user_id
    if db.session.scalar(select(DeviceSession.id).where(*mine)) is None:
        raise NotYours
    if count_touched(_living().where(*mine).values(ended_at=now, ended_why=Why.ENDED)):
        account_trail.record(
            AccountDeed.SESSION_ENDED, user_id=user_id, now=now, ended_id=session_id
        )


def end_held(token: str, *, why: Why, now: datetime) -> None:
    """End the session that this token belongs to, if there is one, from its own browser."""
    held = _living().where(DeviceSession.token_digest == digest(token))
    ended = db.session.execute(
        held.values(ended_at=now, ended_why=why).returning(DeviceSession.id, DeviceSession.user_id)
    ).one_or_none()
    if ended is not None:
        account_trail.record(
            AccountDeed.SIGNED_OUT, user_id=ended.user_id, now=now, session_id=ended.id
        )


def begun_elsewhere(token: str) -> tuple[UUID | None, bytes | None]:
    """The provider and the hint that this session was begun with, if it was and goes on."""
    mine = DeviceSession.token_digest == digest(token), DeviceSession.ended_at.is_(None)
    asked = select(DeviceSession.provider_id, DeviceSession.logout_hint).where(*mine)
    found = db.session.execute(asked).one_or_none()
    return (None, None) if found is None else (found.provider_id, found.logout_hint)


def end_all(
    user_id: UUID,
    *,
    now: datetime,
    but: UUID | None = None,
    way: Way | None = None,
    why: Why = Why.ENDED,
) -> int:
    """End every session of a person, but for one if it is named, or those begun in one way.
    How many that were.
    """
    theirs = _living().where(DeviceSession.user_id == user_id)
    if way is not None:
        theirs = theirs.where(DeviceSession.way == way)
    if but is not None:
        theirs = theirs.where(DeviceSession.id != but)
    ended = count_touched(theirs.values(ended_at=now, ended_why=why))
    if ended:
        account_trail.record(AccountDeed.SESSIONS_ENDED, user_id=user_id, now=now, count=ended)
    return ended


def end_begun_by(provider_id: UUID, *, now: datetime) -> None:
    """End every session that was begun through this provider, whosever it is."""
    begun = _living().where(DeviceSession.provider_id == provider_id)
    ended = begun.values(ended_at=now, ended_why=Why.REVOKED).returning(DeviceSession.user_id)
    for user_id, count in Counter(db.session.scalars(ended)).items():
        account_trail.record(AccountDeed.UNIVERSITY_ENDED, user_id=user_id, now=now, count=count)


def mine(user_id: UUID, *, now: datetime) -> list[Row]:
    """A person's sessions that are not over, the one used last first."""
    rows = db.session.execute(_LIVING, {"user_id": user_id})
    return [row for row in rows if not session_of(row).is_over(now)]


def find(session_id: UUID, *, user_id: UUID, now: datetime) -> Row:
    """One of a person's sessions that is not over.

    :raises NotYours: they have no such session.
    """
    for row in mine(user_id, now=now):
        if row.id == session_id:
            return row
    raise NotYours


def session_of(row: Row) -> Session:
    """A session, from a row with the columns of one."""
    return Session(
        id=row.id,
        way=Way(row.way),
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        proven_at=row.proven_at,
        oversees=row.oversees,
    )


def sweep(*, now: datetime) -> int:
    """Forget sessions a month after they were over."""
    return count_touched(
        delete(DeviceSession).where(
            or_(
                DeviceSession.ended_at < now - KEPT,
                DeviceSession.created_at < now - ABSOLUTE - KEPT,
            )
        )
    )


def _living() -> Update:
    return update(DeviceSession).where(DeviceSession.ended_at.is_(None))
