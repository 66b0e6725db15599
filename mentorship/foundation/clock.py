"""The only reader of the system clock. The domain is handed `now`; it never asks."""

from datetime import UTC, date, datetime
from functools import cache
from zoneinfo import ZoneInfo, available_timezones


def now() -> datetime:
    """This instant, in UTC."""
    return datetime.now(UTC)


def stamp() -> int:
    """This instant in seconds since 1970, as other servers stamp what they send us."""
    return int(datetime.now(UTC).timestamp())


@cache
def zones() -> frozenset[str]:
    """The names of every time zone there is, without the file names that are not zones."""
    return frozenset(name for name in available_timezones() if "/" in name or name == "UTC")


def zone(name: str) -> ZoneInfo:
    """A zone by its name, or UTC when the name has left the tables since it was stored."""
    return ZoneInfo(name) if name in zones() else ZoneInfo("UTC")


def day(instant: datetime, zone_name: str) -> date:
    """The day on which an instant lies where the clocks are those of this zone."""
    return instant.astimezone(zone(zone_name)).date()
