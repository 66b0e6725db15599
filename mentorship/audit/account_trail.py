"""What happens to an account: who came in and how, what lets them in, and what they asked of us.

It belongs to the person and to no chapter. Where they should hear of it by mail is said in
`notifications/account_mail.py`.
"""

from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from mentorship.audit import trail
from mentorship.audit.models import AccountEvent
from mentorship.foundation import afterwards, origin
from mentorship.foundation.database import db, uuid7
from mentorship.foundation.queue import defer


class AccountDeed(StrEnum):
    SIGNED_IN = "account.signed_in"
    NEW_DEVICE = "account.signed_in_new_device"
    SIGN_IN_FAILED = "account.sign_in_failed"
    PROVEN_AGAIN = "account.proven_again"
    SIGNED_OUT = "account.signed_out"
    SESSION_ENDED = "account.session_ended"
    SESSIONS_ENDED = "account.sessions_ended"
    PASSKEY_ADDED = "account.passkey_added"
    PASSKEY_RENAMED = "account.passkey_renamed"
    PASSKEY_REMOVED = "account.passkey_removed"
    PASSKEY_WENT_BACK = "account.passkey_went_back"
    UNIVERSITY_CONNECTED = "account.university_connected"
    UNIVERSITY_DISCONNECTED = "account.university_disconnected"
    UNIVERSITY_ENDED = "account.university_ended"
    ADDRESS_ASKED = "account.address_asked"
    ADDRESS_CHANGED = "account.address_changed"
    ADDRESS_TAKEN_BACK = "account.address_taken_back"
    CONSENT_GIVEN = "account.consent_given"
    CONSENT_WITHDRAWN = "account.consent_withdrawn"
    EXPORT_ASKED = "account.export_asked"
    EXPORT_MADE = "account.export_made"
    EXPORT_FETCHED = "account.export_fetched"
    ERASE_ASKED = "account.erase_asked"
    ERASE_CALLED_OFF = "account.erase_called_off"
    ERASED = "account.erased"
    CHAPTER_LEFT = "account.chapter_left"
    CHAPTER_REMOVED = "account.chapter_removed"


def record(
    deed: AccountDeed,
    *,
    user_id: UUID | None,
    now: datetime,
    session_id: UUID | None = None,
    **facts: Any,
) -> None:
    """Note `deed` in this transaction, and have the person told where they should hear of it.

    :param session_id: where it is not the one that the request came with, such as a new one.
    :param facts: ids, instants, numbers and names that the person gave, such as a passkey's.
        Never a secret, a token, or an address of mail.
    """
    here, event_id = origin.here(), uuid7()
    event = {
        "id": event_id,
        "deed": deed,
        "at": now,
        "user_id": user_id,
        "facts": {name: trail.plain(fact) for name, fact in facts.items()},
        "through": here.through,
        "network": here.network,
        "session_id": session_id or here.session_id,
    }
    db.session.execute(insert(AccountEvent).values(event))
    if user_id is not None:
        defer("tell_account", lock=f"tell account {user_id}", event_id=str(event_id))


def record_anyway(deed: AccountDeed, *, user_id: UUID | None, now: datetime, **facts: Any) -> None:
    """Note `deed` even when the request is refused: that somebody tried."""
    note = partial(record, deed, user_id=user_id, now=now, **facts)
    afterwards.note(note, whatever=True)
