"""Sign-in links: one person, one use, ten minutes, and the browser that asked.

The page that asks for a link only queues a job, so it answers alike and as fast for an address
that is known and for one that is not. The link carries a signed id; the table alone lets
nobody in.

A link that was asked for on the page is good for the browser that asked. In another one it takes
the person's address typed once more, or shows a code to type where they asked. Why it is so:
docs/decisions/0013. Links that we hand out ourselves, as the demo does, work anywhere.
"""

import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, delete, func, select, update

from mentorship.accounts import users
from mentorship.accounts.models import SignInLink, User
from mentorship.foundation import rates, tokens
from mentorship.foundation.database import count_touched, db, uuid7
from mentorship.foundation.errors import Refusal
from mentorship.foundation.queue import defer

#: What OWASP ASVS 5.0, 6.5.5, has as the most.
LIFE = timedelta(minutes=10)
MINUTES = LIFE // timedelta(minutes=1)
#: More links than this in an hour to one address are not sent, from wherever they are asked for,
#: but for a browser that has signed in with it before (`known.py`). What one place or browser may
#: ask for is less (`rates.SIGN_IN_MAILS`), so that nobody alone uses it up.
AN_HOUR = 20
#: Digits of a code, shown as four and four. With five tries a link, and six links an hour, it is
#: guessed in one hour of three million.
CODE_DIGITS = 8
#: What people and phones put between the digits: spaces, and dashes of every kind.
_BETWEEN = re.compile(r"[\s\-\u2010-\u2015\u2212]+")
_PURPOSE = "sign-in"


class LinkUsed(Refusal):
    sentence = "This link was used already, or its time is over. Ask for a new one below."


class AskedElsewhere(Refusal):
    sentence = "That is not the address that this link is for. Check it for a typo."


class WrongCode(Refusal):
    # One sentence, whatever is wrong: it must not tell whether there is a link at all.
    sentence = (
        "That code does not fit, or its time is over. Check it, or ask for another link below."
    )


@dataclass(frozen=True)
class Waiting:
    """A link that still works."""

    id: UUID
    user_id: UUID
    email: str
    is_bound: bool
    asked_from: str
    """What the device that asked calls itself; nothing where it did not say."""
    asked_at: datetime
    next_path: str


_WAITING = (
    select(
        SignInLink.id,
        SignInLink.user_id,
        User.email,
        SignInLink.is_bound,
        SignInLink.asked_from,
        SignInLink.created_at,
        SignInLink.next_path,
    )
    .join(User, User.id == SignInLink.user_id)
    .where(
        SignInLink.id == bindparam("link_id"),
        SignInLink.used_at.is_(None),
        SignInLink.expires_at > bindparam("now"),
    )
)


def ask(
    *,
    email: str,
    next_path: str,
    whose: str = "",
    is_known: bool = False,
    asked_from: str = "",
    instead_of: UUID | None = None,
    now: datetime,
) -> UUID:
    """Queue a link for this address, if it is known. Says nothing about whether it is.

    :param whose: who uses up their allowance: a place, as `rates.place` has it, or a known device.
    :param is_known: whether it is such a device, which what others ask for keeps from nothing.
    :param asked_from: what the device calls itself, to be shown to whoever opens the mail.
    :param instead_of: the link that the same browser has asked for before, which ends with this.
    :return: the id of the link, which the browser that asked has to keep.
    """
    email = email.strip().lower()
    # The link is named before it is made, so that a job that is done twice makes one.
    link_id = uuid7()
    if rates.allow(rates.SIGN_IN_MAILS, f"{whose} {email}", now=now):
        defer(
            "send_sign_in_link",
            link_id=str(link_id),
            email=email,
            next_path=next_path,
            is_known="yes" if is_known else "",
            asked_from=asked_from,
            instead_of=str(instead_of or ""),
        )
    return link_id


def issue(
    *,
    email: str,
    next_path: str = "",
    now: datetime,
    life: timedelta = LIFE,
    an_hour: int | None = AN_HOUR,
    link_id: UUID | None = None,
    is_bound: bool = False,
    asked_from: str = "",
    instead_of: UUID | None = None,
) -> SignInLink | None:
    """A fresh link for whoever has this address, or None when nobody has or may have another.

    `an_hour` limits how many are made for one person; None does not. With the `link_id` of one
    that is there already, it is that one made fresh again, unless it was used. A bound one is good
    for the browser that asked; `instead_of` names the one that it asked for before.
    """
    if instead_of:
        _void(SignInLink.id == instead_of, now=now)
    again = db.session.get(SignInLink, link_id) if link_id else None
    if again is not None:
        again.expires_at = now + life
        return again if again.used_at is None else None
    user_id = db.session.execute(
        select(User.id).where(User.email == email.strip().lower())
    ).scalar_one_or_none()
    if user_id is None:
        return None
    lately = select(func.count()).where(
        SignInLink.user_id == user_id, SignInLink.created_at > now - timedelta(hours=1)
    )
    if an_hour is not None and db.session.execute(lately).scalar_one() >= an_hour:
        return None
    link = SignInLink(
        id=link_id or uuid7(),
        user_id=user_id,
        created_at=now,
        expires_at=now + life,
        next_path=next_path,
        is_bound=is_bound,
        asked_from=asked_from,
    )
    db.session.add(link)
    db.session.flush()
    return link


def token(link: SignInLink, *, secret: str) -> str:
    """What stands in the mail."""
    return tokens.sign({"id": str(link.id)}, purpose=_PURPOSE, secret=secret, until=link.expires_at)


def find(token: str, *, secrets: Sequence[str], now: datetime) -> Waiting:
    """Look at a link, which does not use it up.

    :raises LinkUsed: it was used, is too old, or never was ours.
    """
    try:
        facts = tokens.read(token, purpose=_PURPOSE, secret=secrets, now=now)
    except tokens.BadToken as bad:
        raise LinkUsed from bad
    return _waiting(UUID(facts["id"]), now=now)


def redeem(link: Waiting, *, asked: UUID | None, email: str = "", now: datetime) -> None:
    """Use up a link. Of two that come at once, one wins.

    :param asked: the link that this browser has asked for.
    :param email: what was typed in a browser that has asked for none.
    :raises AskedElsewhere: another browser asked for it, and that is not its address.
    :raises LinkUsed: it was used meanwhile.
    """
    typed = email.strip().lower().encode("utf-8", "surrogatepass")
    here = link.id == asked or hmac.compare_digest(typed, link.email.encode())
    if link.is_bound and not here:
        raise AskedElsewhere
    _use(link, now=now)


def code(link_id: UUID, *, secret: str) -> str:
    """The digits that stand for a link, made from its id with our key: no table has them."""
    seal = hmac.digest(secret.encode(), f"mentorship.sign-in code {link_id}".encode(), "sha256")
    return f"{int.from_bytes(seal) % 10**CODE_DIGITS:0{CODE_DIGITS}}"


def redeem_code(link_id: UUID, typed: str, *, secrets: Sequence[str], now: datetime) -> Waiting:
    """Use up the link that this browser has asked for, by its code.

    A wrong code is told apart before any link is looked for, and tries are counted for links that
    are none, too: so nobody learns by words or by time whether an address is known.

    :raises WrongCode: it is not its code, was tried too often, or the link works no more.
    """
    may = rates.allow(rates.CODE_TRIES, str(link_id), now=now)
    digits = _BETWEEN.sub("", typed).encode("utf-8", "surrogatepass")
    fits = [hmac.compare_digest(digits, code(link_id, secret=key).encode()) for key in secrets]
    if not (may and any(fits)):
        raise WrongCode
    try:
        link = _waiting(link_id, now=now)
        _use(link, now=now)
    except LinkUsed as used:
        raise WrongCode from used
    return link


def void_all(user_id: UUID, *, now: datetime) -> None:
    """End every link of a person's, wherever it was sent."""
    _void(SignInLink.user_id == user_id, now=now)


def sweep(*, now: datetime) -> int:
    """Forget links a day after their end."""
    return count_touched(delete(SignInLink).where(SignInLink.expires_at < now - timedelta(days=1)))


def _waiting(link_id: UUID, *, now: datetime) -> Waiting:
    row = db.session.execute(_WAITING, {"link_id": link_id, "now": now}).one_or_none()
    if row is None:
        raise LinkUsed
    return Waiting(*row)


def _use(link: Waiting, *, now: datetime) -> None:
    """With it end all links that were asked for with this address: whoever is in needs none."""
    users.lock(link.user_id)  # or two that are used at once could wait for each other
    if not _void(SignInLink.id == link.id, now=now):
        raise LinkUsed
    _void(SignInLink.user_id == link.user_id, SignInLink.is_bound.is_(True), now=now)


def _void(*which: ColumnElement[bool], now: datetime) -> int:
    living = update(SignInLink).where(
        *which, SignInLink.used_at.is_(None), SignInLink.expires_at > now
    )
    return count_touched(living.values(used_at=now))
