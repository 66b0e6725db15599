"""What happened to somebody's account, as they read it themselves."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, select, tuple_

from mentorship.accounts.sessions import Way
from mentorship.audit.account_trail import AccountDeed
from mentorship.audit.models import AccountEvent
from mentorship.foundation.database import db
from mentorship.foundation.origin import Through

#: Events on a page.
A_PAGE = 50

#: What each deed is called. In braces stands what is known of it, and nothing where nothing is.
WORDS: dict[AccountDeed, str] = {
    AccountDeed.SIGNED_IN: "You signed in {way}",
    AccountDeed.NEW_DEVICE: "You signed in {way}, with a new device",
    AccountDeed.SIGN_IN_FAILED: "Somebody tried to sign in as you, and was not let in",
    AccountDeed.PROVEN_AGAIN: "You proved once more who you are {way}",
    AccountDeed.SIGNED_OUT: "You signed out",
    AccountDeed.SESSION_ENDED: "You signed a device out",
    AccountDeed.SESSIONS_ENDED: "Devices were signed out: {count}",
    AccountDeed.PASSKEY_ADDED: "You added the passkey “{name}”",
    AccountDeed.PASSKEY_RENAMED: "You named a passkey “{name}”",
    AccountDeed.PASSKEY_REMOVED: "You removed the passkey “{name}”",
    AccountDeed.PASSKEY_WENT_BACK: "Somebody may have used a copy of your passkey “{name}”",
    AccountDeed.UNIVERSITY_CONNECTED: "You connected a university’s sign-in",
    AccountDeed.UNIVERSITY_DISCONNECTED: "A university’s sign-in was disconnected",
    AccountDeed.UNIVERSITY_ENDED: "A university lets you in no more, and you were signed out",
    AccountDeed.ADDRESS_ASKED: "You asked for another email address",
    AccountDeed.ADDRESS_CHANGED: "Your email address was changed",
    AccountDeed.ADDRESS_TAKEN_BACK: "The change of your email address was undone",
    AccountDeed.CONSENT_GIVEN: "You agreed to a use of your data",
    AccountDeed.CONSENT_WITHDRAWN: "You took back that you agreed to a use of your data",
    AccountDeed.EXPORT_ASKED: "You asked for a copy of your data",
    AccountDeed.EXPORT_MADE: "A copy of your data was made",
    AccountDeed.EXPORT_FETCHED: "You fetched the copy of your data",
    AccountDeed.ERASE_ASKED: "You asked that your account be erased",
    AccountDeed.ERASE_CALLED_OFF: "You called off that your account be erased",
    AccountDeed.ERASED: "Your account was erased",
    AccountDeed.CHAPTER_LEFT: "You left a chapter",
    AccountDeed.CHAPTER_REMOVED: "The chapter at /c/{slug}/ was removed, as you had {part}",
}
_WAYS = {
    Way.LINK: "by a mailed link",
    Way.PASSKEY: "with a passkey",
    Way.UNIVERSITY: "through a university",
}


@dataclass(frozen=True)
class Happening:
    """One thing that happened, in a sentence without its stop."""

    id: UUID
    at: datetime
    words: str
    device: str
    network: str
    here: bool
    """Whether it was done in the session that reads it."""


class Page(NamedTuple):
    happenings: list[Happening]
    more_after: UUID | None


_MINE = (
    select(
        AccountEvent.id,
        AccountEvent.deed,
        AccountEvent.at,
        AccountEvent.facts,
        AccountEvent.through,
        AccountEvent.network,
        AccountEvent.session_id,
    )
    .where(AccountEvent.user_id == bindparam("user_id"))
    .order_by(AccountEvent.at.desc(), AccountEvent.id.desc())
    .limit(A_PAGE + 1)
)


def page(user_id: UUID, *, session_id: UUID | None = None, after: UUID | None = None) -> Page:
    """What happened, the newest first, from the one after `after` on. One statement."""
    mine = _MINE
    if after is not None:
        there = select(AccountEvent.at, AccountEvent.id).where(
            AccountEvent.id == after, AccountEvent.user_id == user_id
        )
        mine = mine.where(tuple_(AccountEvent.at, AccountEvent.id) < there.scalar_subquery())
    rows = db.session.execute(mine, {"user_id": user_id}).all()
    shown = [
        Happening(
            id=row.id,
            at=row.at,
            words=_words(AccountDeed(row.deed), row.facts),
            device=row.facts.get("device", ""),
            network=row.network if row.through != Through.JOB else "",
            here=row.session_id is not None and row.session_id == session_id,
        )
        for row in rows[:A_PAGE]
    ]
    return Page(shown, shown[-1].id if len(rows) > A_PAGE else None)


class _Known(dict):
    """What is known, and nothing for all else."""

    def __missing__(self, _: str) -> str:
        return ""


def _words(deed: AccountDeed, facts: Mapping[str, Any]) -> str:
    known = _Known(facts) | {"way": _WAYS.get(facts.get("way", ""), "")}
    return WORDS[deed].format_map(_Known(known)).rstrip(" :")
