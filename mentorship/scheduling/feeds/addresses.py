"""Where a calendar is: the address of a file, or of a server that says when somebody is busy. Pure.

A CalDAV server (RFC 4791, 7.10) is asked for the free-busy times of one of its calendars, which
have no titles; it wants a name and a password.
"""

from datetime import UTC
from typing import NamedTuple

from mentorship.scheduling.feeds.fetching import Query
from mentorship.scheduling.slots import Span

_BODY = (
    '<?xml version="1.0" encoding="utf-8"?>'
    '<C:free-busy-query xmlns:C="urn:ietf:params:xml:ns:caldav">'
    '<C:time-range start="{since}" end="{until}"/></C:free-busy-query>'
)


class Address(NamedTuple):
    """An address, with name and password where it is that of a server."""

    url: str
    user: str = ""
    password: str = ""

    @property
    def is_server(self) -> bool:
        return bool(self.user)

    def written(self) -> str:
        """All of it in one text, to be sealed. None of the three has a line break in it."""
        return "\n".join(self) if self.is_server else self.url

    def query(self, span: Span) -> Query | None:
        """What is asked there about a span of time; nothing of a file."""
        if not self.is_server:
            return None
        since, until = (
            f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}" for at in (span.starts_at, span.ends_at)
        )
        return Query(
            method="REPORT",
            user=self.user,
            password=self.password,
            body=_BODY.format(since=since, until=until).encode(),
            headers=(("Content-Type", "application/xml; charset=utf-8"), ("Depth", "1")),
        )


def read(written: str) -> Address:
    """What `Address.written` wrote."""
    return Address(*written.split("\n"))
