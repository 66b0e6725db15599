"""`mentorship calendar …`: what the product makes of somebody's calendar. Needs no database."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import click

from mentorship.foundation import clock
from mentorship.scheduling import slots
from mentorship.scheduling.feeds import child, sheets
from mentorship.scheduling.feeds.kinds import AllDay, Holds, Shift
from mentorship.scheduling.feeds.lines import MOST_BYTES, Untrusted
from mentorship.scheduling.feeds.reading import How, Taken
from mentorship.scheduling.slots import Span

#: What a file that must not be believed exits with.
UNTRUSTED = 2
#: Further than any rest reaches.
_AROUND = timedelta(days=3)


@click.group()
def calendar() -> None:
    """Calendars."""


@calendar.command()
@click.argument("feed", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option("--from", "since", required=True, type=click.DateTime(["%Y-%m-%d"]))
@click.option("--to", "until", required=True, type=click.DateTime(["%Y-%m-%d"]))
@click.option("--zone", required=True, help="The owner's time zone, like America/New_York.")
@click.option("--shifts", is_flag=True, help="It holds shifts: keep their kinds, add rest.")
@click.option(
    "--all-day",
    type=click.Choice([each.value for each in AllDay]),
    default=AllDay.BUSY.value,
    show_default=True,
    help="What whole days mean.",
)
@click.option("--clip", is_flag=True, help="Cut intervals at both ends of the span.")
def busy(
    feed: str, since: datetime, until: datetime, zone: str, shifts: bool, all_day: str, clip: bool
) -> None:
    """Print what the times in FEED (iCalendar, or shifts as CSV) block, as JSON lines.

    One line an interval, with `start` and `end` in UTC and `kind`: busy, shift (with its `shift`)
    or rest. Those of one kind that overlap or touch are one.

    The span goes from midnight at the beginning of --from to midnight at the beginning of --to,
    in the owner's zone. An interval is printed when any of it lies in the span, and printed
    whole, as the product keeps it, so that it may begin before the span or end after it; with
    --clip it is cut there.

    What could not be read clearly is told on standard error. A file that cannot be trusted exits
    with 2, and blocks nothing.
    """
    if zone not in clock.zones():
        raise click.BadParameter(f"{zone} is no time zone.", param_hint="--zone")
    if until <= since:
        raise click.BadParameter("it has to lie after --from.", param_hint="--to")
    owner = clock.zone(zone)
    span = Span(*(_midnight(day.date(), zone) for day in (since, until)))
    with click.open_file(feed, "rb") as file:
        data = file.read(MOST_BYTES + 1)
    # A table is always one of shifts.
    holds = Holds.SHIFTS if shifts or sheets.is_sheet(data) else Holds.BUSY
    try:
        found = child.read(data, _wider(span), How(owner, holds, AllDay(all_day)))
    except Untrusted as no:
        click.echo(f"mentorship: {Path(feed).name} cannot be trusted. {no}", err=True)
        raise SystemExit(UNTRUSTED) from no
    for warning in found.warnings:
        click.echo(warning, err=True)
    for line in _lines(found.taken, span, clip=clip):
        click.echo(json.dumps(line))


def _wider(span: Span) -> Span:
    """With the shifts outside it whose rest reaches into it, as the product reads."""
    try:
        return Span(span.starts_at - _AROUND, span.ends_at + _AROUND)
    except OverflowError:
        return span


def _lines(taken: tuple[Taken, ...], span: Span, *, clip: bool) -> Iterator[dict[str, str]]:
    """Each kind merged by itself, all of them in order."""
    by_kind: dict[tuple[str, Shift | None], list[Span]] = {}
    for each in taken:
        by_kind.setdefault((each.blocks.value, each.shift), []).append(each.span)
    found = [
        (whole, kind, shift)
        for (kind, shift), spans in by_kind.items()
        for whole in slots.merged(spans)
        if whole.overlaps(span)
    ]
    for whole, kind, shift in sorted(found, key=lambda each: (each[0], each[1], each[2] or "")):
        starts_at, ends_at = whole.starts_at, whole.ends_at
        if clip:
            starts_at, ends_at = max(starts_at, span.starts_at), min(ends_at, span.ends_at)
        line = {"start": _utc(starts_at), "end": _utc(ends_at), "kind": kind}
        yield line | ({"shift": shift.value} if shift else {})


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), clock.zone(zone)).astimezone(UTC)


def _utc(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z"
