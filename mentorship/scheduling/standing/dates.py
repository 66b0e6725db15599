"""When a standing meeting is, and what keeps it from being. Pure: instants go in and come out."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from mentorship.scheduling import slots
from mentorship.scheduling.slots import Away, Limits, Span
from mentorship.scheduling.standing.models import Why


@dataclass(frozen=True)
class Rhythm:
    """Every so many weeks, at one time of the mentor's wall clock, up to an end or without one."""

    first_on: date
    at: time
    zone: ZoneInfo
    minutes: int
    every: int
    until: date | None = None
    """The last day on which there may be a meeting."""
    times: int | None = None

    def spans(self, *, before: datetime) -> Iterator[tuple[int, Span]]:
        """Each date that begins before an instant, with its number from 0 on.

        Where the clocks go forward over the time, it begins as they arrive; where they go back
        over it, the first time.
        """
        for number in count():
            if self.times is not None and number >= self.times:
                return
            day = self.first_on + timedelta(weeks=number * self.every)
            if self.until is not None and day > self.until:
                return
            span = self._span(day)
            if span.starts_at >= before:
                return
            yield number, span

    @property
    def first(self) -> Span:
        return self._span(self.first_on)

    def ends_before(self, instant: datetime) -> bool:
        """Whether its last date has begun by then."""
        # One more interval is looked at: a date that lies in it says that it goes on.
        ahead = instant + timedelta(weeks=self.every, days=2)
        return all(span.starts_at < instant for _, span in self.spans(before=ahead))

    def _span(self, day: date) -> Span:
        starts_at = self._instant(day)
        return Span(starts_at, starts_at + timedelta(minutes=self.minutes))

    def _instant(self, day: date) -> datetime:
        try:
            return slots.wall_time(day, self.at, self.zone)
        except slots.NoSuchTime as gap:
            if gap.resumes_at is None:  # the calendar itself has ended
                raise
            return gap.resumes_at


@dataclass(frozen=True)
class Taken:
    """What is known of the two people's time, over all chapters and calendars."""

    mentor: Collection[Span]
    """When meetings hold the mentor."""
    mentee: Collection[Span]
    """When the mentee has anything else."""
    calendar: Collection[Span]
    """What the mentor's own calendars take."""
    rest: Collection[Span]
    """The mentor's rest around shifts: no meeting in it, but one may come close."""
    unread: bool
    """Whether a calendar of the mentor's could not be read for too long."""


def sort_out(
    spans: Iterable[tuple[int, Span]],
    *,
    taken: Taken,
    away: Collection[Away],
    limits: Limits,
    zone: ZoneInfo,
) -> Iterator[tuple[int, Span, Why | None]]:
    """Say of each date whether the two can meet then; None is yes, and counts for those after.

    `zone` is where the mentor's days, weeks and months are counted.
    """
    gone = [span for each in away for span in slots.away_spans(each, zone)]
    begins = [span.starts_at for span in taken.mentor]
    for number, span in spans:
        why = _why_not(span, taken=taken, gone=gone, buffer=limits.buffer)
        why = why or _why_full(span, begins, limits=limits, zone=zone)
        if why is None:
            begins.append(span.starts_at)
        yield number, span, why


def _why_not(span: Span, *, taken: Taken, gone: list[Span], buffer: timedelta) -> Why | None:
    around = Span(span.starts_at - buffer, span.ends_at + buffer)
    found = (
        (Why.AWAY, any(each.overlaps(span) for each in gone)),
        (Why.MENTOR_BUSY, any(each.overlaps(around) for each in taken.mentor)),
        (Why.MENTEE_BUSY, any(each.overlaps(around) for each in taken.mentee)),
        (Why.CALENDAR, any(each.overlaps(around) for each in taken.calendar)),
        (Why.CALENDAR, any(each.overlaps(span) for each in taken.rest)),
        (Why.UNREAD, taken.unread),
    )
    return next((why for why, holds in found if holds), None)


def _why_full(span: Span, begins: list[datetime], *, limits: Limits, zone: ZoneInfo) -> Why | None:
    full = limits.full(begins, zone)
    day = span.starts_at.astimezone(zone).date()
    if day in full.days:
        return Why.DAY_FULL
    if slots.monday(day) in full.weeks:
        return Why.WEEK_FULL
    return Why.MONTH_FULL if full.holds(day) else None
