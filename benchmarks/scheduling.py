"""What free times and calendars cost: `make bench-scheduling`.

CPU time of this process alone, so that a busy machine changes little; the median of several
rounds, between the quartiles. Figures of one machine say little, so each is also a ratio: to the
obvious way of the same question (every quarter of an hour asked of every busy time, on the same
data, with the same answer), and of ten times as much to as much. Ends with 1 where a goal is
missed.
"""

import argparse
import os
import platform
import random
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from statistics import quantiles
from time import process_time
from zoneinfo import ZoneInfo

from mentorship.scheduling import slots
from mentorship.scheduling.feeds import reading
from mentorship.scheduling.feeds.kinds import Holds
from mentorship.scheduling.feeds.reading import How
from mentorship.scheduling.slots import Away, Full, Limits, Opening, Span, Weekly

NEW_YORK = ZoneInfo("America/New_York")
#: Six weeks from here hold the end of daylight saving in New York.
NOW = datetime(2026, 10, 12, 15, tzinfo=UTC)
MINUTES, BUSY, MENTORS = 25, 500, 300
EVENTS, REPEATING = 500, 40
USUAL, LIMITED = Limits(), Limits(per_day=3, per_week=8)
WEEKLY = (
    *(Weekly(day, time(opens), time(opens + 4)) for day in range(5) for opens in (8, 13)),
    Weekly(5, time(18), time(2)),
    Weekly(6, time(18), time(2), every=2, since=date(2026, 10, 12)),
)
OPENINGS = (Opening(date(2026, 11, 7), time(22), time(4)),)
AWAY = (Away(date(2026, 11, 20), date(2026, 11, 22)),)


@dataclass(frozen=True)
class Cost:
    """CPU seconds of one run, over the rounds: the median between the quartiles."""

    low: float
    median: float
    high: float

    def __str__(self) -> str:
        low, median, high = (f"{1000 * each:.2f}" for each in (self.low, self.median, self.high))
        return f"{median:>9} ms  [{low} .. {high}]"


def cost(rounds: int, work: Callable[[], object]) -> Cost:
    """Run once to warm up, then so often."""
    work()
    took = []
    for _ in range(rounds):
        before = process_time()
        work()
        took.append(process_time() - before)
    return Cost(*quantiles(took, n=4, method="inclusive"))


def busy(count: int, seed: int) -> list[Span]:
    """So many busy times over six weeks, of a half to four hours, as a calendar has them."""
    chance = random.Random(seed)
    begins = (NOW + timedelta(minutes=5 * chance.randrange(12 * 24 * 44)) for _ in range(count))
    lengths = (30, 60, 60, 240)
    return [Span(at, at + timedelta(minutes=chance.choice(lengths))) for at in begins]


def free(taken: Iterable[Span], limits: Limits = USUAL, met: Iterable[datetime] = ()) -> list:
    """Six weeks of one mentor, all the way from what is kept to what is offered."""
    earliest, latest = limits.earliest(NOW), limits.latest(NOW)
    return slots.starts(
        slots.open_spans(
            WEEKLY, NEW_YORK, since=earliest, until=latest, openings=OPENINGS, away=AWAY
        ),
        taken,
        minutes=MINUTES,
        buffer_minutes=limits.buffer_minutes,
        earliest=earliest,
        latest=latest,
        zone=NEW_YORK,
        full=limits.full(met, NEW_YORK) if limits.counts else Full(),
    )


def obviously_free(taken: list[Span]) -> list[datetime]:
    """The same, asked of every quarter of an hour and every busy time."""
    limits, quarter = USUAL, timedelta(minutes=15)
    length = timedelta(minutes=MINUTES)
    earliest, latest = limits.earliest(NOW), limits.latest(NOW)
    opened = slots.open_spans(
        WEEKLY, NEW_YORK, since=earliest, until=latest, openings=OPENINGS, away=AWAY
    )
    found, at = [], earliest
    while at < latest:
        span = Span(at, at + length)
        kept = Span(at - limits.buffer, at + length + limits.buffer)
        if any(each.covers(span) for each in opened) and not any(
            each.overlaps(kept) for each in taken
        ):
            found.append(at)
        at += quarter
    return found


def calendar(events: int, repeating: int) -> bytes:
    """A file of so many events, the first of which come back every week."""
    chance, lines = random.Random(7), ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//bench//EN"]
    for number in range(events):
        at = NOW + timedelta(minutes=15 * chance.randrange(4 * 24 * 60))
        lines += [
            "BEGIN:VEVENT",
            f"UID:{number}@example.org",
            "DTSTAMP:20261001T000000Z",
            f"DTSTART:{at:%Y%m%dT%H%M%SZ}",
            f"DTEND:{at + timedelta(minutes=45):%Y%m%dT%H%M%SZ}",
            f"SUMMARY:Event {number}",
        ]
        if number < repeating:
            lines.append("RRULE:FREQ=WEEKLY;COUNT=40")
        lines.append("END:VEVENT")
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--rounds", type=int, default=31, help="how often each is run (31)")
    rounds = max(5, asked.parse_args().rounds)
    print(f"Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}, {rounds} rounds")
    lists = [busy(BUSY, seed) for seed in range(MENTORS)]
    one, ten_times = lists[0], busy(10 * BUSY, seed=0)
    met = [NOW + timedelta(hours=26 * number) for number in range(20)]
    assert free(one) == obviously_free(one), "the two ways do not agree"
    offered = len(free(one))

    ours = cost(rounds, lambda: free(one))
    limited = cost(rounds, lambda: free(one, LIMITED, met))
    more = cost(rounds, lambda: free(ten_times))
    everybody = cost(5, lambda: [free(each) for each in lists])
    plain = cost(5, lambda: obviously_free(one))
    again = cost(rounds, lambda: free(one))
    file = calendar(EVENTS, REPEATING)
    span, how = Span(NOW, NOW + timedelta(weeks=6)), How(NEW_YORK, holds=Holds.BUSY)
    read = cost(7, lambda: reading.read(file, span, how))

    print(f"{'six weeks of one mentor':<44}{ours}   {BUSY} busy times, {offered} offered")
    print(f"{'  with the most of a day and a week':<44}{limited}")
    print(f"{'  from ten times as many busy times':<44}{more}")
    print(f"{'  the obvious way':<44}{plain}")
    print(f"{f'six weeks of {MENTORS} mentors':<44}{everybody}")
    print(f"{f'a calendar of {EVENTS} events, {REPEATING} of them repeating':<44}{read}")
    print()
    unsteady = again.median / ours.median
    if not 0.67 < unsteady < 1.5:
        print(f"The same took {unsteady:.2f} times as long later on: the machine is too unsteady.")
    missed = 0
    for name, value, most, unit in (
        ("one mentor", 1000 * ours.median, 3, "ms"),
        (f"{MENTORS} mentors", everybody.median, 1, "s"),
        ("reading a calendar", read.median, 0.4, "s"),
        ("one mentor with limits", 1000 * limited.median, 3, "ms"),
        ("ten times as busy, to as busy", more.median / ours.median, 10, "times"),
        ("ours, to the obvious way", ours.median / plain.median, 0.1, "times"),
    ):
        verdict = "PASS" if value <= most else "FAIL"
        missed += verdict == "FAIL"
        print(f"{verdict}  {name:<32}{value:>8.3f} {unit}, at most {most}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
