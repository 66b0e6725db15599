"""When somebody may be nudged. Pure: instants, days and hours in; an instant or a number out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from mentorship.foundation import clock

#: Between two mails of nudges to a person. Less than a day, so that one which was late, or a day
#: that daylight saving makes shorter, does not move those that follow.
APART = timedelta(hours=20)


@dataclass(frozen=True)
class Quiet:
    """Hours of the day in which nobody is nudged, by their own clock; none when both are equal."""

    begins: int = 21
    ends: int = 8

    def covers(self, hour: int) -> bool:
        if self.begins <= self.ends:
            return self.begins <= hour < self.ends
        return hour >= self.begins or hour < self.ends


def moment(now: datetime, *, zone: str, quiet: Quiet, sent: Sequence[datetime] = ()) -> datetime:
    """The next instant, from `now` on, at which a mail of nudges may go to somebody in `zone`.

    `sent` are the instants of their latest ones. The next is on another day than each of them,
    there where the person is now, and `APART` from each. What lies in the future, because a
    clock was set back, does not keep later days waiting.
    """
    at = now
    while True:
        awake = _awake(at, zone=zone, quiet=quiet)
        close = [one for one in sent if _too_close(one, awake, zone)]
        if not close:
            return awake
        at = max(_after(one, zone) for one in close)


def number(
    settled: Sequence[datetime | None], *, times: int, pause: timedelta, now: datetime
) -> int | None:
    """Which nudge of an occasion is next, counted from 1; none when there is to be no more now.

    `settled` says of each before when it was sent or dropped: nothing, as long as it waits.
    """
    if len(settled) >= times:
        return None
    if any(at is None or now - at < pause for at in settled):
        return None
    return len(settled) + 1


def _awake(at: datetime, *, zone: str, quiet: Quiet) -> datetime:
    there = at.astimezone(clock.zone(zone))
    if not quiet.covers(there.hour):
        return at
    for days in range(3):
        day = there.date() + timedelta(days=days)
        opens = datetime.combine(day, time(quiet.ends), there.tzinfo).astimezone(UTC)
        if opens > at:
            return opens
    raise AssertionError("quiet hours end every day")


def _too_close(sent: datetime, at: datetime, zone: str) -> bool:
    return abs(at - sent) < APART or clock.day(sent, zone) == clock.day(at, zone)


def _after(sent: datetime, zone: str) -> datetime:
    """The first instant that is neither on the day of that mail nor close to it."""
    tomorrow = clock.day(sent, zone) + timedelta(days=1)
    midnight = datetime.combine(tomorrow, time(), clock.zone(zone)).astimezone(UTC)
    return max(midnight, sent + APART)
