"""What may open an account from the moment at which it opens another chapter, too.

A chapter's university can make an account with anybody's address, and let in as its person whomever
it likes; whoever coordinates that chapter chooses the university. Another chapter that takes in
somebody by their address trusts in the mailbox alone, and must not get whoever was let in there.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Uuid, bindparam, exists, func, or_, select

from mentorship.accounts import sessions
from mentorship.accounts.models import DeviceSession, User
from mentorship.accounts.passkeys import keys
from mentorship.accounts.passkeys.models import Passkey
from mentorship.accounts.sessions import Way, Why
from mentorship.audit.models import AccountEvent
from mentorship.foundation.database import db

_who = bindparam("user_id", type_=Uuid)
_OPENED = select(User.id).where(
    User.id == func.any(bindparam("user_ids")),
    or_(
        exists().where(Passkey.user_id == User.id),
        exists().where(DeviceSession.user_id == User.id, DeviceSession.ended_at.is_(None)),
    ),
)
# Sessions are forgotten after a while; the trail is kept.
_PROVEN = select(
    or_(
        exists().where(DeviceSession.user_id == _who, DeviceSession.way == Way.LINK),
        exists().where(
            AccountEvent.user_id == _who,
            or_(
                AccountEvent.facts["way"].as_string() == Way.LINK,
                AccountEvent.facts["how"].as_string() == "mail",
            ),
        ),
    )
)


def open_more(*user_ids: UUID, now: datetime) -> None:
    """Sign out whom a university has let in; and everybody, with passkeys removed, where the
    mailbox has never said whose account it is. A link by mail lets its person in again.
    """
    for user_id in db.session.scalars(_OPENED, {"user_ids": list(user_ids)}).all():
        _keep_what_is_proven(user_id, now=now)


def _keep_what_is_proven(user_id: UUID, *, now: datetime) -> None:
    way: Way | None = Way.UNIVERSITY
    if not db.session.scalar(_PROVEN, {"user_id": user_id}):
        way = None
        for passkey in keys.held_by(user_id):
            keys.remove(passkey, by=user_id, now=now)
        db.session.flush()  # which waits for whoever is coming in by one of them just now
    sessions.end_all(user_id, way=way, why=Why.REVOKED, now=now)
