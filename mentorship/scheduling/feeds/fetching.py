"""Fetching a calendar from an address that somebody typed.

What may be asked at all, and for how long, is `foundation.outbound`'s to say; here are the
redirects, each checked anew, and the sentences for the calendar's owner. Pure, but for the network.
"""

import re
import time
from base64 import b64encode
from dataclasses import dataclass
from urllib.parse import urljoin

from mentorship.foundation import outbound
from mentorship.foundation.outbound import PUBLIC, Asked, Place, Reach, Why
from mentorship.scheduling.feeds.lines import MOST_BYTES

#: Seconds for everything, from the first look-up to the last byte.
SECONDS = 15.0
REDIRECTS = 3
_AGENT = "Curbside calendar reader"
_MOVED = (301, 302, 303, 307, 308)
_WEBCAL = re.compile(r"^webcals?:", re.IGNORECASE)

_SENTENCES = {
    Why.FORM: "This is not an address of a calendar.",
    Why.SCHEME: "The address has to begin with https:// or webcal://.",
    Why.PASSWORD: "The address must not hold a name or password before an @.",
    Why.PORT: "The address must not name a port.",
    Why.NOT_PUBLIC: "This address is not on the public internet.",
    Why.TOO_LARGE: f"The calendar is larger than {MOST_BYTES // 1_000_000} MB.",
    Why.ENCODING: "The calendar's server answers in a form that cannot be read.",
    Why.NO_NAME: "There is no server of that name.",
    Why.SLOW: "The calendar's server is too slow.",
    Why.CERTIFICATE: "The calendar's server cannot prove that it is who it says it is.",
    Why.UNREADABLE: "The calendar's server gave an answer that cannot be read.",
    Why.CUT_OFF: "The calendar's server stopped in the middle of its answer.",
    Why.UNREACHABLE: "The calendar's server cannot be reached.",
}


class Refused(Exception):
    """This address will not do, today or later. The message is a sentence for its owner."""


class Failed(Exception):
    """It did not work this time. The message is a sentence for its owner."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other side said."""

    body: bytes | None
    """None where nothing has changed since."""
    etag: str = ""
    modified: str = ""
    moved_to: str = ""
    """Where it is from now on, if it has moved for good."""


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked of a server that wants to know who asks, instead of just getting a file."""

    method: str
    user: str
    password: str
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


def place(address: str, reach: Reach = PUBLIC) -> Place:
    """Take an address apart, as somebody pasted it.

    :raises Refused: nothing of that form is fetched.
    """
    try:
        return outbound.place(_WEBCAL.sub("https:", address.strip()), reach)
    except outbound.Refused as no:
        raise Refused(_SENTENCES[no.why]) from None


def fetch(
    address: str,
    *,
    etag: str = "",
    modified: str = "",
    reach: Reach = PUBLIC,
    seconds: float = SECONDS,
    most_bytes: int = MOST_BYTES,
    query: Query | None = None,
) -> Answer:
    """Get what is at an address now, unless it is the same as when `etag` and `modified` were.

    With a `query` that is asked instead, and of the one server only that was named.

    :raises Refused: the address is not one of the public internet, or what is there is too large.
    :raises Failed: it could not be had this time.
    """
    deadline = time.monotonic() + seconds
    there, origin = place(address, reach), None
    moved_to, for_good = "", True
    for _ in range(REDIRECTS + 1):
        # What is known of one server's answer is not another's business.
        same = origin in (None, (there.scheme, there.host, there.port))
        if query is not None and not same:
            raise Refused("The server leads on to another one, which must not learn your password.")
        origin = origin or (there.scheme, there.host, there.port)
        headers = _headers(etag if same else "", modified if same else "")
        if query is not None:
            headers |= {**dict(query.headers), "Authorization": _basic(query)}
        try:
            with Asked(
                there,
                method=query.method if query else "GET",
                headers=headers,
                body=query.body if query else None,
                reach=reach,
                deadline=deadline,
                most_bytes=most_bytes,
            ) as asked:
                if asked.status not in _MOVED:
                    return _answer(asked, moved_to, asks=query is not None)
                location, status = asked.header("Location"), asked.status
        except outbound.Refused as no:
            raise Refused(_SENTENCES[no.why]) from None
        except outbound.Failed as no:
            raise Failed(_SENTENCES[no.why]) from None
        there = place(urljoin(there.url, location), reach)
        for_good = for_good and status in (301, 308)
        moved_to = there.url if for_good else moved_to
    raise Refused("The address leads on to others without end.")


def _answer(asked: Asked, moved_to: str, *, asks: bool) -> Answer:
    """What was said, whole.

    :raises Failed: it is no calendar.
    """
    etag, modified = asked.header("ETag")[:500], asked.header("Last-Modified")[:100]
    if asked.status == 304:
        return Answer(None, etag, modified, moved_to)
    if asks and asked.status in (401, 403):
        raise Failed("The server does not take this name and password.")
    if asks and asked.status in (400, 405, 501):
        raise Failed("The server does not say there when you are busy.")
    if asked.status in (401, 403, 404, 410):
        raise Failed("The calendar is not there (anymore), or its link was reset.")
    if asked.status != 200:
        raise Failed(f"The calendar's server answered with an error ({asked.status}).")
    return Answer(asked.body(), etag, modified, moved_to)


def _basic(query: Query) -> str:
    return "Basic " + b64encode(f"{query.user}:{query.password}".encode()).decode()


def _headers(etag: str, modified: str) -> dict[str, str]:
    known = {"If-None-Match": etag, "If-Modified-Since": modified}
    return {
        "User-Agent": _AGENT,
        "Accept": "text/calendar, text/csv;q=0.9, */*;q=0.1",
        **{name: value for name, value in known.items() if value and "\n" not in value},
    }
