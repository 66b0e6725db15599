"""Working days, for the clock of a concern. Pure."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo


def after(instant: datetime, working_days: int, zone: ZoneInfo) -> datetime:
    """The same time of day so many days from Monday to Friday later, by the clocks of a zone.

    What comes in on a Saturday is due on Monday: holidays, which differ by school, are not known.
    """
    there = instant.astimezone(zone)
    while working_days:
        there += timedelta(days=1)
        working_days -= there.weekday() < 5
    return there.astimezone(instant.tzinfo)
