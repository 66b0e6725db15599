"""What a warning says of how something is read is how it is read: word and deed agree."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mentorship.scheduling import slots
from mentorship.scheduling.feeds import sheets
from mentorship.scheduling.feeds.kinds import Holds
from mentorship.scheduling.feeds.lines import Untrusted
from tests.scheduling.feeds.reads import NOVEMBER, Span, calendar, read

CORPUS = Path(__file__).parent / "corpus"
BEGINS = datetime(2026, 11, 5, 15, tzinfo=UTC)
DAY = timedelta(days=1)
AT = "DTSTART:20261105T150000Z"
HOUR = f"{AT}\nDTEND:20261105T160000Z"

#: Each claim of a warning, events of which it is made, and what it says is blocked.
CLAIMS = {
    "all of the time from its start on": (
        [f"{form}\nRRULE:FREQ={rule}" for form in (AT, HOUR) for rule in ("SECONDLY", "MINUTELY")]
        + [f"{AT}\nRRULE:FREQ=HOURLY;BYMINUTE=0,10,20,30,40,50"],
        [Span(BEGINS, NOVEMBER.ends_at)],
    ),
    "all of the time from its start to its end": (
        [
            f"{form}\nRRULE:FREQ=SECONDLY;{end}"
            for form in (AT, HOUR)
            for end in ("UNTIL=20261107T150000Z", "COUNT=172800")
        ],
        [Span(BEGINS, BEGINS + 2 * DAY)],
    ),
    "coming every day": (
        [f"{HOUR}\nRRULE:{rule}" for rule in ("FREQ=FORTNIGHTLY", "FREQ=DAILY;BYHOUR=99")],
        [Span(BEGINS + n * DAY, BEGINS + n * DAY + DAY / 24) for n in range(25)],
    ),
    "read as one": (
        [f"{HOUR}\nRRULE:FREQ=DAILY;INTERVAL={times}" for times in ("0", "-2", "soon")],
        [Span(BEGINS + n * DAY, BEGINS + n * DAY + DAY / 24) for n in range(25)],
    ),
    "going on": (
        [f"{HOUR}\nRRULE:FREQ=DAILY;{end}" for end in ("COUNT=0", "UNTIL=never")],
        [Span(BEGINS + 20 * DAY, BEGINS + 20 * DAY + DAY / 24)],
    ),
    "a day long": (
        [f"{AT}\nDTEND:nonsense", f"{AT}\nDURATION:-PT1H", f"{AT}\nDTEND:20261001T000000Z"],
        [Span(BEGINS, BEGINS + DAY)],
    ),
    "its first day": (
        ["DTSTART;VALUE=DATE:20261105\nDTEND;VALUE=DATE:20261103"],
        [Span(BEGINS - 10 * DAY / 24, BEGINS + 13 * DAY / 24)],
    ),
    "the day before its end": (["DTEND:20261106T150000Z"], [Span(BEGINS, BEGINS + DAY)]),
    "all of the days": (
        [f"{AT}\nDTEND;VALUE=DATE:20261106"],
        [Span(BEGINS, BEGINS + DAY)],
    ),
    "the next day's": (
        [f"{AT}\nDTEND:20261105T140000Z"],
        [Span(BEGINS, BEGINS + 23 * DAY / 24)],
    ),
    "not left out": (
        [
            f"{HOUR}\nRRULE:FREQ=DAILY;COUNT=3\nEXDATE;VALUE=DATE:20261106",
            f"{HOUR}\nRRULE:FREQ=DAILY;COUNT=3\nEXRULE:FREQ=DAILY",
        ],
        [Span(BEGINS + n * DAY, BEGINS + n * DAY + DAY / 24) for n in range(3)],
    ),
    "the later counts": (
        [f"{HOUR}\nRRULE:FREQ=DAILY;COUNT=2;UNTIL=20261107T150000Z"],
        [Span(BEGINS + n * DAY, BEGINS + n * DAY + DAY / 24) for n in range(3)],
    ),
}
CASES = [(claim, event) for claim, (events, _) in CLAIMS.items() for event in events]


def blocks(found, wanted):
    whole = slots.merged(each.span for each in found.taken)
    return any(each.covers(wanted) for each in whole)


@pytest.mark.parametrize(("claim", "event"), CASES, ids=range(len(CASES)))
def test_what_is_said_to_be_blocked_is(claim, event):
    found = read(calendar(event))

    assert any(claim in warning for warning in found.warnings), found.warnings
    for wanted in CLAIMS[claim][1]:
        assert blocks(found, wanted), (wanted, found.taken)


@pytest.mark.parametrize(("claim", "event"), CASES, ids=range(len(CASES)))
@pytest.mark.parametrize("free", ["STATUS:CANCELLED", "TRANSP:TRANSPARENT"])
def test_of_what_is_not_in_the_way_nothing_is_said_to_be_blocked(claim, event, free):
    found = read(calendar(f"{event}\n{free}"))

    assert (found.taken, found.warnings) == ((), ())


#: What a warning of the corpus may say besides the claims: none of it says that time is blocked.
_BESIDES = re.compile(
    r"cannot be read|could not be read|left out\.|no end: what stands before it counts|is passed|"
    r"nobody knows: a day around each counts|both count|the earliest counts|the latest counts|"
    r"come first|whole department"
)


@pytest.mark.parametrize("name", sorted(p.name for p in CORPUS.iterdir() if p.suffix != ".json"))
def test_every_warning_of_the_corpus_is_a_claim_that_is_tried_here(name):
    data = (CORPUS / name).read_bytes()
    holds = Holds.SHIFTS if sheets.is_sheet(data) else Holds.BUSY
    try:
        found = read(data, holds=holds)
    except Untrusted:
        return
    for warning in found.warnings:
        claimed = [claim for claim in CLAIMS if claim in warning]
        assert claimed or _BESIDES.search(warning), warning
        assert found.taken or not claimed, warning
