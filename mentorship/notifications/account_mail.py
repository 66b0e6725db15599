"""What people are mailed about their own account, so that they notice what was not their doing."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, select

from mentorship.accounts.models import User
from mentorship.audit.account_trail import AccountDeed
from mentorship.audit.models import AccountEvent
from mentorship.foundation import post
from mentorship.foundation.database import db
from mentorship.foundation.post import Mail, MailRefused
from mentorship.foundation.settings import Settings
from mentorship.web import mail
from mentorship.web.links import absolute


class Told(NamedTuple):
    """The subject of a mail, and what it says in one sentence."""

    subject: str
    sentence: Callable[[dict[str, Any]], str]
    page: str = "accounts.activity"
    """Where its button leads."""


def _always(words: str) -> Callable[[dict[str, Any]], str]:
    return lambda _facts: words


def _named(words: str) -> Callable[[dict[str, Any]], str]:
    """A sentence with the name that the person gave to something."""
    return lambda facts: words.format(name=facts.get("name") or "without a name")


def _copied(facts: dict[str, Any]) -> str:
    what = "your chapter" if facts.get("chapter") else "everything about you"
    return f"A copy of {what} was made, as was asked. It can be fetched for seven days."


#: Which deeds are told, and how. All others are seen under “Activity” alone.
TOLD: dict[str, Told] = {
    AccountDeed.NEW_DEVICE: Told(
        "A new device signed in to Curbside",
        _always("Somebody signed in to your account with a browser that we did not know."),
    ),
    AccountDeed.PASSKEY_ADDED: Told(
        "A passkey was added to your account",
        _named("The passkey “{name}” was added. It lets its owner sign in as you."),
    ),
    AccountDeed.PASSKEY_REMOVED: Told(
        "A passkey was removed from your account",
        _named("The passkey “{name}” was removed, and does not sign in anymore."),
    ),
    AccountDeed.PASSKEY_WENT_BACK: Told(
        "A passkey of yours may have been copied",
        _named(
            "Somebody tried to sign in with the passkey “{name}”, in a way that points to a copy"
            " of it. We did not let them in. Remove that passkey, and add a new one."
        ),
    ),
    AccountDeed.UNIVERSITY_CONNECTED: Told(
        "Your account can be entered through a university",
        _always("A university's sign-in was connected to your account."),
    ),
    AccountDeed.UNIVERSITY_DISCONNECTED: Told(
        "A university's sign-in was disconnected",
        _always("A university's sign-in does not lead to your account anymore."),
    ),
    AccountDeed.ADDRESS_CHANGED: Told(
        "The email address of your account was changed",
        _always("Your account has another email address now."),
    ),
    AccountDeed.ADDRESS_ASKED: Told(
        "Another address was asked for",
        _always("Somebody who was signed in as you asked for another email address."),
    ),
    AccountDeed.ADDRESS_TAKEN_BACK: Told(
        "Your account has its old address again",
        _always("The change of your email address was undone, and everybody was signed out."),
    ),
    AccountDeed.SESSIONS_ENDED: Told(
        "Your other devices were signed out",
        _always("All devices but one, or all of them, were signed out of your account."),
    ),
    AccountDeed.EXPORT_MADE: Told(
        "A copy of your data is ready",
        _copied,
        "own_data.show",
    ),
    AccountDeed.ERASE_ASKED: Told(
        "Your account will be deleted in seven days",
        _always(
            "Somebody who was signed in as you asked that your account be deleted, everywhere."
            " It happens in seven days. Until then you can keep it: open “Your data”."
        ),
        "own_data.show",
    ),
}


def _leads_to(told: Told, facts: dict[str, Any]) -> str:
    if chapter := facts.get("chapter"):
        return absolute("chapter.own_data.copy", chapter_slug=chapter)
    return absolute(told.page)


_EVENT = (
    select(
        AccountEvent.id,
        AccountEvent.deed,
        AccountEvent.at,
        AccountEvent.facts,
        AccountEvent.network,
        User.email,
        User.zone,
    )
    .join(User, User.id == AccountEvent.user_id)
    .where(AccountEvent.id == bindparam("event_id"))
)


def send(event_id: UUID, *, settings: Settings, now: datetime) -> None:
    """Mail the person about what happened to their account, if it is among what is told.

    It goes to the address that the account has now; of an address that was changed, whoever
    changes it has the old one told.

    :raises MailDelayed: the server could not take it; try again later.
    """
    event = db.session.execute(_EVENT, {"event_id": event_id}).one_or_none()
    db.session.rollback()
    told = TOLD.get(event.deed) if event else None
    if event is None or told is None:
        return
    words = mail.render(
        "account_event",
        told=told,
        sentence=told.sentence(event.facts),
        event=event,
        address=_leads_to(told, event.facts),
    )
    ready = Mail(
        key=f"account {event.id}",
        to=event.email,
        subject=words.subject,
        text=words.text,
        html=words.html,
    )
    try:
        post.send(ready, settings=settings, now=now)
    except MailRefused:
        return  # a mailbox that is gone; what happened stands under "Activity" all the same
