"""Rest around shifts: shifts in, times that are not offered out. Pure.

The defaults are the program's own. Residents must have at least as long off as the shift was.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from mentorship.scheduling.feeds import shifts
from mentorship.scheduling.feeds.kinds import Shift
from mentorship.scheduling.slots import Span

#: However long somebody has worked, a day of rest is what is kept free.
_LONGEST = timedelta(hours=24)
#: A night that ends after this hour has its morning on the next day.
_LATE = time(20)


class Worked(NamedTuple):
    """One shift."""

    span: Span
    kind: Shift


@dataclass(frozen=True, slots=True)
class Rest:
    """How somebody wants to rest."""

    after_hours: int = 10
    """After a night, this long or as long as the shift, whichever is longer."""
    not_before: time = time(16)
    """After a night, no meeting earlier than this on the clock where the hospital is."""
    before_minutes: int = 120
    """No meeting ends closer than this before a shift of any kind."""


def around(worked: Iterable[Worked], zone: ZoneInfo, rest: Rest) -> list[Span]:
    """When somebody rests around these shifts; without the shifts themselves, and unmerged.

    Shifts that touch or overlap are one stretch of work, as long as all of it.
    """
    found = []
    for stretch, is_night in _stretches(worked, zone):
        before = timedelta(minutes=rest.before_minutes)
        if before:
            found.append(Span(stretch.starts_at - before, stretch.starts_at))
        if is_night:
            until = _rested(stretch, zone, rest)
            if until > stretch.ends_at:
                found.append(Span(stretch.ends_at, until))
    return found


def _stretches(worked: Iterable[Worked], zone: ZoneInfo) -> list[tuple[Span, bool]]:
    found: list[tuple[Span, bool]] = []
    for span, kind in sorted(worked):
        night = kind == Shift.NIGHT or shifts.is_night(span.starts_at, span.ends_at, zone)
        if found and span.starts_at <= found[-1][0].ends_at:
            before, was_night = found[-1]
            # Whether it ends with rest is for the shift that ends it to say.
            ends_last = span.ends_at >= before.ends_at
            whole = Span(before.starts_at, max(before.ends_at, span.ends_at))
            found[-1] = (whole, (night or was_night) if ends_last else was_night)
        else:
            found.append((span, night))
    # Two parts of a night, neither of them long enough, are one.
    return [
        (span, night or shifts.is_night(span.starts_at, span.ends_at, zone))
        for span, night in found
    ]


def _rested(stretch: Span, zone: ZoneInfo, rest: Rest) -> datetime:
    length = min(stretch.ends_at - stretch.starts_at, _LONGEST)
    rested = stretch.ends_at + max(length, timedelta(hours=rest.after_hours))
    ends = stretch.ends_at.astimezone(zone)
    morning = ends.date() + timedelta(days=1 if ends.time() >= _LATE else 0)
    return max(rested, datetime.combine(morning, rest.not_before, zone).astimezone(UTC))
