"""Sign-in links: one person, one use, fifteen minutes.

The page that asks for a link only queues a job, so it answers alike and as fast for an address
that is known and for one that is not. The link carries a signed id; the table alone lets
nobody in.
"""

import hmac
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from mentorship.accounts.models import SignInAsks, SignInLink, User
from mentorship.foundation import tokens
from mentorship.foundation.database import count_touched, db, uuid7
from mentorship.foundation.errors import Refusal
from mentorship.foundation.queue import defer

LIFE = timedelta(minutes=15)
#: More links than this in an hour to one address are not sent: it is somebody else's mailbox.
AN_HOUR = 6
#: And more asks than this from one place on the network in a quarter of an hour are refused. A
#: lecture hall is one place, too.
FROM_ONE_PLACE = 100
QUARTER = 15 * 60
_PURPOSE = "sign-in"


class LinkUsed(Refusal):
    sentence = "This link was used already, or its time is over. Ask for a new one below."


def may_ask(*, address: str, secret: str, now: datetime) -> bool:
    """Count that somebody at this address of the network asks, and say whether it is too often.

    Counted by the database, so that all processes count together.
    """
    began_at = datetime.fromtimestamp(now.timestamp() // QUARTER * QUARTER, UTC)
    one_more = insert(SignInAsks).values(place=_place(address, secret), began_at=began_at, count=1)
    one_more = one_more.on_conflict_do_update(
        index_elements=["place", "began_at"], set_={"count": SignInAsks.count + 1}
    )
    return db.session.scalars(one_more.returning(SignInAsks.count)).one() <= FROM_ONE_PLACE


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
    """Forget links a day after their end, and who asked for them from where."""
    db.session.execute(delete(SignInAsks).where(SignInAsks.began_at < now - timedelta(days=1)))
    return count_touched(delete(SignInLink).where(SignInLink.expires_at < now - timedelta(days=1)))


def _place(address: str, secret: str) -> str:
    """A digest of whose network it is: of the whole address, or of the half that a home gets."""
    try:
        known = ip_address(address)
    except ValueError:
        network = ""
    else:
        network = str(ip_network((known, 64 if known.version == 6 else 32), strict=False))
    return hmac.digest(secret.encode(), network.encode(), "sha256").hex()[:32]
