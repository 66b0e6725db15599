"""Sign-in links: one person, one use, fifteen minutes.

The page that asks for a link only queues a job, so it answers alike and as fast for an address
that is known and for one that is not. The link carries a signed id; the table alone lets
nobody in.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, select, update

from mentorship.accounts.models import SignInLink, User
from mentorship.foundation import rates, tokens
from mentorship.foundation.database import count_touched, db, uuid7
from mentorship.foundation.errors import Refusal
from mentorship.foundation.queue import defer

LIFE = timedelta(minutes=15)
#: More links than this in an hour to one address are not sent: it is somebody else's mailbox.
AN_HOUR = 6
_PURPOSE = "sign-in"


class LinkUsed(Refusal):
    sentence = "This link was used already, or its time is over. Ask for a new one below."


def may_ask(*, address: str, secret: str, now: datetime) -> bool:
    """Count that somebody at this address of the network asks, and say whether they may."""
    return rates.allow(rates.SIGN_IN_ASKS, rates.place(address), now=now)


def ask(*, email: str, next_path: str) -> None:
    """Queue a link for this address, if it is known. Says nothing about whether it is."""
    # The link is named before it is made, so that a job that is done twice makes one.
    defer(
        "send_sign_in_link",
        link_id=str(uuid7()),
        email=email.strip().lower(),
        next_path=next_path,
    )


def issue(
    *,
    email: str,
    next_path: str = "",
    now: datetime,
    life: timedelta = LIFE,
    an_hour: int | None = AN_HOUR,
    link_id: UUID | None = None,
) -> SignInLink | None:
    """A fresh link for whoever has this address, or None when nobody has or may have another.

    `an_hour` limits how many are made for one person; None does not. With the `link_id` of one
    that is there already, it is that one made fresh again, unless it was used.
    """
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
    )
    db.session.add(link)
    db.session.flush()
    return link


def token(link: SignInLink, *, secret: str) -> str:
    """What stands in the mail."""
    return tokens.sign({"id": str(link.id)}, purpose=_PURPOSE, secret=secret, until=link.expires_at)


def redeem(token: str, *, secret: str, now: datetime) -> tuple[UUID, str]:
    """Use up a link: whom it lets in, and where they were going.

    Of two that come at once, one wins. Looking at a link does not use it up.

    :raises LinkUsed: it was used, is too old, or never was ours.
    """
    try:
        facts = tokens.read(token, purpose=_PURPOSE, secret=secret, now=now)
    except tokens.BadToken as bad:
        raise LinkUsed from bad
    used = db.session.execute(
        update(SignInLink)
        .where(
            SignInLink.id == UUID(facts["id"]),
            SignInLink.used_at.is_(None),
            SignInLink.expires_at > now,
        )
        .values(used_at=now)
        .returning(SignInLink.user_id, SignInLink.next_path)
    ).one_or_none()
    if used is None:
        raise LinkUsed
    return used.user_id, used.next_path


def sweep(*, now: datetime) -> int:
    """Forget links a day after their end."""
    return count_touched(delete(SignInLink).where(SignInLink.expires_at < now - timedelta(days=1)))
