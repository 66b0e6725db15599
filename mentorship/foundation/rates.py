"""How often something may be tried: counted by the database, for all processes together.

A try is counted on a connection of its own and kept at once, whatever becomes of the request that
it belongs to: a GET writes nothing else, and a form that is refused is undone. The table tells
nothing to whoever reads it, since a key is kept as a digest made with the product's secret.

Every rate there is stands here, with its reason. What could shut a person out is counted by their
place on the network and their account together, never by the account alone: whoever tries somebody
else's account shuts out themselves.
"""

import hmac
import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import ip_address, ip_network

from sqlalchemy import DateTime, Integer, LargeBinary, bindparam, delete, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, array, insert
from sqlalchemy.orm import Mapped, mapped_column

from mentorship.foundation.database import Model, count_touched, db
from mentorship.foundation.errors import Refusal

#: The connections on which tries are counted, by their name in Flask-SQLAlchemy.
BIND = "rates"


class By(StrEnum):
    """Whose tries are counted together."""

    PLACE = "place"
    """A place on the network: an address, or all of a home's. A school may be one."""
    ACCOUNT = "account"
    """A person who is signed in, on whatever device and in whatever chapter."""
    CHAPTER = "chapter"
    LINK = "link"
    """The key in the address of the page."""


@dataclass(frozen=True)
class Rate:
    """At most so many tries by one key within any span of that length, wherever it begins."""

    name: str
    most: int
    per: timedelta
    by: By = By.PLACE
    """Whose tries a page counts (`web.limits.limited`). Other callers make keys of their own."""


_MINUTE, _QUARTER = timedelta(minutes=1), timedelta(minutes=15)
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)

#: A lecture hall is one place, and all of it may ask for links at once.
SIGN_IN_ASKS = Rate("asks for a sign-in link, from one place", 100, _QUARTER)
#: Nobody needs more links in an hour, and so no place alone can use up what an address may get.
SIGN_IN_MAILS = Rate("links to one address, asked for from one place", 6, _HOUR)
#: A code has a hundred million values, and lives for ten minutes. Who mistypes asks for another.
CODE_TRIES = Rate("tries of the code of one link", 5, _HOUR)
#: Checking a signature is work; a lecture hall signs in at once.
PASSKEY_TRIES = Rate("tries of a passkey, from one place", 200, _QUARTER)
#: Each one mails an address that somebody typed. Who mistypes does it once or twice.
ADDRESSES = Rate("other addresses that one person asks for", 5, _HOUR, By.ACCOUNT)

#: Whatever changes something in a chapter. Nobody types as much, not even with notes kept as they
#: are written; a script that goes through ids or floods somebody is stopped.
ACTS = Rate("acts of one person", 300, timedelta(minutes=5), By.ACCOUNT)
#: What is mailed to somebody at once: requests, other times, updates, thanks. A busy hour of a
#: coordinator is a few dozen.
MAILS = Rate("acts of one person that send mail", 200, _HOUR, By.ACCOUNT)
#: And of all of a chapter's people. On its first day two hundred students each ask somebody.
MAILS_OF_A_CHAPTER = Rate("acts of one chapter that send mail", 1000, _HOUR, By.CHAPTER)
TO_OTHERS = (MAILS, MAILS_OF_A_CHAPTER)
#: One writes to all of a chapter's pairs, or to everybody in a roster.
MAILINGS = Rate("runs and rosters that mail many, of one chapter", 20, _DAY, By.CHAPTER)
#: The page asks at every pause in typing and at every filter.
SEARCHES = Rate("searches of one person", 120, _MINUTE, By.ACCOUNT)
#: A file is looked through for what it is, which takes a while.
UPLOADS = Rate("uploads of one person", 60, _HOUR, By.ACCOUNT)
#: A calendar that is linked is fetched by us from somebody else's server.
FEED_READINGS = Rate("calendars that one person has read at once", 30, _HOUR, By.ACCOUNT)
#: Of one address of a calendar: programs come every few minutes at most, on several devices.
SUBSCRIPTION = Rate("readings of one calendar address", 60, _HOUR, By.LINK)
#: A calendar service reads for all of a school from one place.
SUBSCRIPTIONS = Rate("readings of calendar addresses, from one place", 600, _MINUTE * 10)
#: Everything about somebody is put together by a job that reads every table.
EXPORTS = Rate("exports asked for by one person", 5, _DAY, By.ACCOUNT)
#: The people of a chapter as a file.
DOWNLOADS = Rate("lists of people taken by one person", 30, _HOUR, By.ACCOUNT)
#: Keys in mail have 256 bits; whoever guesses at them is up to nothing good. A school opens many.
MAIL_KEYS = Rate("answers by a key from a mail, from one place", 300, _QUARTER)
#: There and back are two. All of a lecture hall may come through one address of its school.
UNIVERSITY = Rate("ways to and from a university, from one place", 600, _QUARTER)
#: Each is a few requests of ours to a server that somebody has named.
UNIVERSITY_CHECKS = Rate("checks of a university's sign-in by one person", 60, _HOUR, By.ACCOUNT)
#: By the chapter and the address: a provider could name anybody's, and uses up its own alone.
UNIVERSITY_MAILS = Rate("links for an address that one university named", 6, _HOUR)


class TooMany(Refusal):
    """Tried too often. `wait` is how long it takes until it may be tried again."""

    def __init__(self, wait: timedelta) -> None:
        self.wait = wait
        super().__init__(
            f"Wait {_told(wait)}, then go back and try again. What you typed is kept there."
        )


class Tries(Model):
    """The latest tries of one thing by one key, the newest first, as many as its rate allows.

    Unlogged: after a crash of the server it is empty, and everybody may try again.
    """

    __tablename__ = "tries"
    __table_args__ = ({"prefixes": ["UNLOGGED"]},)

    key: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    tried_at: Mapped[list[datetime]] = mapped_column(ARRAY(DateTime(timezone=True)))
    until: Mapped[datetime] = mapped_column(index=True)
    """When the newest of them stops to count."""


_MOST = bindparam("most", type_=Integer)
_NOW = array([bindparam("now", type_=DateTime(timezone=True))])
# One statement, which waits for its turn at the row: of however many at once, `most` come through.
# What is in the way is the oldest that still counts, as many back as are allowed.
_ONE_MORE = (
    insert(Tries)
    .values(key=bindparam("key"), tried_at=_NOW, until=bindparam("until"))
    .on_conflict_do_update(
        index_elements=[Tries.key],
        set_={"tried_at": (_NOW + Tries.tried_at)[1:_MOST], "until": bindparam("until")},
        where=or_(Tries.tried_at[_MOST].is_(None), Tries.tried_at[_MOST] <= bindparam("since")),
    )
    .returning(Tries.key)
)
_TRIES = select(Tries.tried_at).where(Tries.key == bindparam("key"))

_secret = b""


def use(secret: str) -> None:
    """What digests of keys are made with; each process has one."""
    global _secret
    _secret = secret.encode()


def allow(rate: Rate, key: str, *, now: datetime) -> bool:
    """Count one try by `key`, and say whether it is allowed. One that is not counts for nothing.

    It is kept whether or not the caller's transaction is.
    """
    facts = {"key": _digest(rate, key), "most": rate.most}
    span = {"now": now, "since": now - rate.per, "until": now + rate.per}
    with db.engines[BIND].connect() as connection:
        return connection.execute(_ONE_MORE, facts | span).first() is not None


def insist(rate: Rate, key: str, *, now: datetime) -> None:
    """Count one try by `key`.

    :raises TooMany: it is not allowed, and for how long.
    """
    if not allow(rate, key, now=now):
        raise TooMany(left(rate, key, now=now))


def left(rate: Rate, key: str, *, now: datetime) -> timedelta:
    """How long it takes until one more try by `key` is allowed; nothing, if it is now."""
    with db.engines[BIND].connect() as connection:
        tried_at = connection.execute(_TRIES, {"key": _digest(rate, key)}).scalar_one_or_none()
    if tried_at is None or len(tried_at) < rate.most:
        return timedelta()
    return max(tried_at[rate.most - 1] + rate.per - now, timedelta())


def sweep(*, now: datetime) -> int:
    """Forget tries that count no more."""
    return count_touched(delete(Tries).where(Tries.until < now))


def place(address: str | None) -> str:
    """Whose network an address is on: the address, or the half of one that a home gets (a /64).

    What is no address is one place, too.
    """
    try:
        known = ip_address(address or "")
    except ValueError:
        return ""
    if known.version == 6 and known.ipv4_mapped:
        known = known.ipv4_mapped
    return str(ip_network((known.packed, 64 if known.version == 6 else 32), strict=False))


def _digest(rate: Rate, key: str) -> bytes:
    assert _secret, "the app says what digests are made with"
    words = f"{rate.name}\0{key}".encode("utf-8", "surrogatepass")
    return hmac.digest(_secret, words, "sha256")


def _told(wait: timedelta) -> str:
    minutes = math.ceil(wait / timedelta(minutes=1))
    if minutes <= 1:
        return "a minute"
    if minutes < 60:
        return f"{minutes} minutes"
    hours = math.ceil(wait / timedelta(hours=1))
    return "an hour" if hours <= 1 else f"{hours} hours"
