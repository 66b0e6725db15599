"""Changing one's own email address: a link to the new one, and a week in which the old one may
have it undone.

Whether another account has the address is told to nobody but whoever reads that mailbox. So the
page only queues a job, which mails a link, or the news that there is an account already.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import bindparam, delete, exists, select, update
from sqlalchemy.orm import aliased

from mentorship.accounts import elsewhere, links, sessions, users
from mentorship.accounts.models import AddressChange, User
from mentorship.accounts.passkeys import keys
from mentorship.accounts.sessions import Why
from mentorship.audit import account_trail
from mentorship.audit.account_trail import AccountDeed
from mentorship.foundation import afterwards, tokens
from mentorship.foundation.database import count_touched, db
from mentorship.foundation.errors import Refusal
from mentorship.foundation.queue import defer

#: How long the link to the new address works.
LIFE = timedelta(hours=1)
#: For so long the old address may have the change undone. Somebody on vacation reads mail by then.
UNDO = timedelta(days=7)
#: After this nobody needs to know which address somebody had.
KEPT = timedelta(days=30)
_CHANGE, _UNDO = "address", "address-undo"


class SameAddress(Refusal):
    sentence = "That is your address already."


class LinkOver(Refusal):
    sentence = "This link was used already, or its time is over. Ask for another one."


class AddressTaken(Refusal):
    sentence = "Another account has this address now. Sign in with it there, or ask us for help."


class OldAddressTaken(Refusal):
    sentence = (
        "Another account has your old address now, so it cannot be given back here. Everybody was"
        " signed out of your account. Ask the coordinator of your chapter for help."
    )


@dataclass(frozen=True)
class Asked:
    """A change that was asked for, for whoever mails of it."""

    id: UUID
    old_email: str
    new_email: str
    zone: str
    expires_at: datetime
    changed_at: datetime | None
    is_taken: bool
    """Whether an account has the new address, be it this one."""


_holder = aliased(User)
_ASKED = (
    select(
        AddressChange.id,
        AddressChange.old_email,
        AddressChange.new_email,
        User.zone,
        AddressChange.expires_at,
        AddressChange.changed_at,
        exists().where(_holder.email == AddressChange.new_email),
    )
    .join(User, User.id == AddressChange.user_id)
    .where(AddressChange.id == bindparam("change_id"))
)


def ask(user_id: UUID, *, email: str, now: datetime) -> None:
    """Queue a link to this address, which makes it the person's own. One asked for before ends.

    :raises SameAddress: it is theirs.
    """
    email = email.strip().lower()
    users.lock(user_id)
    old = db.session.scalars(select(User.email).where(User.id == user_id)).one()
    if email == old:
        raise SameAddress
    _end_links(user_id, now=now)
    change = AddressChange(
        user_id=user_id, old_email=old, new_email=email, asked_at=now, expires_at=now + LIFE
    )
    db.session.add(change)
    db.session.flush()
    account_trail.record(AccountDeed.ADDRESS_ASKED, user_id=user_id, now=now)
    defer("send_address_link", change_id=str(change.id))


def asked(change_id: UUID) -> Asked | None:
    """A change, for whoever mails of it; None when it is gone."""
    row = db.session.execute(_ASKED, {"change_id": change_id}).one_or_none()
    return None if row is None else Asked(*row)


def token(change: Asked, *, secret: str) -> str:
    """What stands in the mail to the new address."""
    facts, until = {"id": str(change.id)}, change.expires_at
    return tokens.sign(facts, purpose=_CHANGE, secret=secret, until=until)


def undo_token(change: Asked, *, secret: str) -> str:
    """What stands in the mail to the old address."""
    assert change.changed_at is not None  # it is mailed of what was changed
    facts, until = {"id": str(change.id)}, change.changed_at + UNDO
    return tokens.sign(facts, purpose=_UNDO, secret=secret, until=until)


def look(token: str, *, by: UUID, secrets: Sequence[str], now: datetime) -> str:
    """The address that a link would give to this person. Looking does not use it up.

    :raises LinkOver: it was used, is too old, is somebody else's, or never was ours.
    """
    return _waiting(token, by=by, secrets=secrets, now=now).new_email


def change(token: str, *, by: UUID, secrets: Sequence[str], now: datetime) -> str:
    """Make the address that a link was sent to the person's own. The address.

    Whatever the old mailbox still holds of sign-in links stops to work.

    :raises LinkOver: as `look`.
    :raises AddressTaken: an account was made with it meanwhile.
    """
    users.lock(by)
    wanted = _waiting(token, by=by, secrets=secrets, now=now)
    if _is_taken(wanted.new_email):
        raise AddressTaken
    wanted.changed_at = now
    _set(by, wanted.new_email, now=now)
    account_trail.record(AccountDeed.ADDRESS_CHANGED, user_id=by, now=now)
    defer("send_address_changed", change_id=str(wanted.id))
    return wanted.new_email


def look_back(token: str, *, secrets: Sequence[str], now: datetime) -> str:
    """The address that a link to the old mailbox would give back.

    :raises LinkOver: it was used, is too old, or never was ours.
    """
    return _changed(token, secrets=secrets, now=now).old_email


def undo(token: str, *, secrets: Sequence[str], now: datetime) -> str:
    """Give an account its old address back, and put out whoever may have taken it. The address.

    Everybody is signed out, links that were mailed meanwhile stop to work, and passkeys and
    universities that came since the change was asked for are removed: nothing that came with it
    lets anybody in.
    Changes that came after it can be undone no more, or the mailbox that it was changed to would
    take the account once more.

    :raises LinkOver: as `look_back`.
    :raises OldAddressTaken: an account was made with it meanwhile. Everybody is put out even so.
    """
    undone = _changed(token, secrets=secrets, now=now)
    # In transactions of their own, one for each chapter; so they come before sessions are ended.
    elsewhere.disconnect(undone.user_id, since=undone.asked_at, now=now)
    undone = _changed(token, secrets=secrets, now=now)
    users.lock(undone.user_id)
    db.session.refresh(undone)
    if undone.undone_at is not None:
        raise LinkOver
    put_out = partial(_put_out, undone.user_id, since=undone.asked_at, now=now)
    if _is_taken(undone.old_email, but=undone.user_id):
        afterwards.note(put_out, whatever=True)  # the refusal itself is rolled back
        raise OldAddressTaken
    put_out()
    later = AddressChange.user_id == undone.user_id, AddressChange.changed_at >= undone.changed_at
    db.session.execute(update(AddressChange).where(*later).values(undone_at=now))
    _set(undone.user_id, undone.old_email, now=now)
    account_trail.record(AccountDeed.ADDRESS_TAKEN_BACK, user_id=undone.user_id, now=now)
    return undone.old_email


def sweep(*, now: datetime) -> int:
    """Forget changes a month after they were asked for."""
    return count_touched(delete(AddressChange).where(AddressChange.asked_at < now - KEPT))


def _waiting(token: str, *, by: UUID, secrets: Sequence[str], now: datetime) -> AddressChange:
    wanted = _read(token, _CHANGE, secrets=secrets, now=now)
    over = wanted.changed_at is not None or wanted.expires_at <= now
    if wanted.user_id != by or over:
        raise LinkOver
    return wanted


def _changed(token: str, *, secrets: Sequence[str], now: datetime) -> AddressChange:
    changed = _read(token, _UNDO, secrets=secrets, now=now)
    if changed.undone_at is not None:
        raise LinkOver
    return changed


def _read(token: str, purpose: str, *, secrets: Sequence[str], now: datetime) -> AddressChange:
    try:
        facts = tokens.read(token, purpose=purpose, secret=secrets, now=now)
    except tokens.BadToken as bad:
        raise LinkOver from bad
    found = db.session.get(AddressChange, UUID(facts["id"]))
    if found is None:
        raise LinkOver
    return found


def _is_taken(email: str, *, but: UUID | None = None) -> bool:
    return db.session.scalar(select(exists().where(User.email == email, User.id != but))) or False


def _set(user_id: UUID, email: str, *, now: datetime) -> None:
    db.session.execute(update(User).where(User.id == user_id).values(email=email))
    links.void_all(user_id, now=now)


def _put_out(user_id: UUID, *, since: datetime, now: datetime) -> None:
    """Let nobody in by what came since then, nor by a session of any time."""
    links.void_all(user_id, now=now)
    _end_links(user_id, now=now)
    for passkey in keys.held_by(user_id):
        if passkey.added_at >= since:
            keys.remove(passkey, by=user_id, now=now)
    db.session.flush()  # which waits for whoever is coming in by one of them just now
    sessions.end_all(user_id, why=Why.REVOKED, now=now)


def _end_links(user_id: UUID, *, now: datetime) -> None:
    waiting = AddressChange.user_id == user_id, AddressChange.changed_at.is_(None)
    db.session.execute(
        update(AddressChange).where(*waiting, AddressChange.expires_at > now).values(expires_at=now)
    )
