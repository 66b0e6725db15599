"""The mails about another email address. They belong to no chapter, so they are no notices."""

from datetime import datetime
from uuid import UUID

from mentorship.accounts import addresses
from mentorship.foundation import post
from mentorship.foundation.database import db
from mentorship.foundation.post import Mail, MailRefused
from mentorship.foundation.settings import Settings
from mentorship.web import mail
from mentorship.web.links import absolute


def send_link(change_id: UUID, *, settings: Settings, now: datetime) -> None:
    """Mail the new address a link, or that an account has it already.

    :raises MailDelayed: the server could not take it; try again later.
    """
    change = _asked(change_id)
    if change is None or change.changed_at or change.expires_at <= now:
        return
    if change.is_taken:
        _send("address_taken", change.new_email, change_id, settings=settings, now=now)
        return
    token = addresses.token(change, secret=settings.secret_key)
    address = absolute("accounts.take_address", token=token)
    _send("address_link", change.new_email, change_id, settings=settings, now=now, address=address)


def send_changed(change_id: UUID, *, settings: Settings, now: datetime) -> None:
    """Mail the old address that it is the account's no more, and how to have that undone.

    :raises MailDelayed: the server could not take it; try again later.
    """
    change = _asked(change_id)
    if change is None or change.changed_at is None:
        return
    token = addresses.undo_token(change, secret=settings.secret_key)
    facts = {
        "address": absolute("accounts.undo_address", token=token),
        "until": change.changed_at + addresses.UNDO,
        "change": change,
    }
    _send("address_changed", change.old_email, change_id, settings=settings, now=now, **facts)


def _asked(change_id: UUID) -> addresses.Asked | None:
    change = addresses.asked(change_id)
    db.session.rollback()
    return change


def _send(
    name: str, to: str, change_id: UUID, *, settings: Settings, now: datetime, **facts: object
) -> None:
    facts = {"address": absolute("accounts.sign_in")} | facts
    words = mail.render(name, **facts)
    ready = Mail(
        key=f"{name} {change_id}", to=to, subject=words.subject, text=words.text, html=words.html
    )
    try:
        post.send(ready, settings=settings, now=now)
    except MailRefused:
        return  # a mailbox that is none; nobody learns of it
