"""The nasty files of `corpus/`: each gives a clear result, and none a crash or a wrong free time.

`expected.json` says of each what is taken, in UTC, or why it is not believed. Files too large to
keep are written here.
"""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from mentorship.cli.commands import main
from mentorship.scheduling.feeds import child, reading, sheets
from mentorship.scheduling.feeds.kinds import Holds
from mentorship.scheduling.feeds.lines import TooMuch, Untrusted
from mentorship.scheduling.feeds.reading import How
from tests.scheduling.feeds.reads import NEW_YORK, NOVEMBER, calendar, said

CORPUS = Path(__file__).parent / "corpus"
EXPECTED = json.loads((CORPUS / "expected.json").read_text())
FILES = sorted(each.name for each in CORPUS.iterdir() if each.suffix in (".ics", ".csv"))
ASK = ["--from", "2026-11-01", "--to", "2026-12-01", "--zone", "America/New_York"]


def test_every_file_has_its_expectation():
    assert sorted(EXPECTED) == FILES


@pytest.mark.parametrize("name", FILES)
def test_a_nasty_file(name):
    data, expected = (CORPUS / name).read_bytes(), EXPECTED[name]
    is_sheet = sheets.is_sheet(data)
    how = How(NEW_YORK, Holds.SHIFTS if is_sheet else Holds.BUSY)

    if isinstance(expected, str):
        with pytest.raises(Untrusted, match=expected) as no:
            reading.read(data, NOVEMBER, how)
        assert "canary" not in str(no.value).lower()
        return
    found = reading.read(data, NOVEMBER, how)
    spans = [
        f"{said(each.span)} {each.shift or each.blocks}" if is_sheet else said(each.span)
        for each in found.taken
    ]
    assert spans == expected
    assert "canary" not in repr(found).lower()


def run(path, *more):
    return CliRunner().invoke(main, ["calendar", "busy", str(path), *ASK, *more])


def test_the_command_prints_what_is_blocked_as_lines_of_json():
    done = run(CORPUS / "moved-and-called-off.ics")

    assert done.exit_code == 0
    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        {"start": "2026-11-02T15:00:00Z", "end": "2026-11-02T16:00:00Z", "kind": "busy"},
        {"start": "2026-11-04T19:00:00Z", "end": "2026-11-04T20:00:00Z", "kind": "busy"},
    ]
    assert done.stderr == ""


def test_the_command_tells_shifts_and_rest_of_a_table():
    lines = [json.loads(line) for line in run(CORPUS / "shifts.csv").stdout.splitlines()]

    assert [(each["kind"], each.get("shift")) for each in lines] == [
        *(("rest", None), ("shift", "day")),
        *(("rest", None), ("shift", "night"), ("rest", None)),
    ]


def test_the_command_warns_on_standard_error_and_goes_on():
    done = run(CORPUS / "one-event-without-a-start.ics")

    assert (done.exit_code, len(done.stdout.splitlines())) == (0, 2)
    assert done.stderr == "The event on line 11 has no start: it is left out.\n"


NIGHTS = calendar(
    # Ends on October 31 at 23:00 in New York, the next begins on December 1 at 01:00.
    *("DTSTART:20261031T150000Z\nDTEND:20261101T030000Z\nSUMMARY:Night",),
    *("DTSTART:20261130T230000Z\nDTEND:20261201T080000Z\nSUMMARY:Day",),
    *("DTSTART:20261201T060000Z\nDTEND:20261201T140000Z\nSUMMARY:Day",),
)


def spans(done):
    return [
        (each["kind"], each["start"][5:16], each["end"][5:16])
        for each in map(json.loads, done.stdout.splitlines())
    ]


def test_the_command_prints_what_reaches_into_the_span_whole_or_cut(tmp_path):
    (tmp_path / "nights.ics").write_bytes(NIGHTS)

    assert spans(run(tmp_path / "nights.ics", "--shifts")) == [
        # The rest of a shift that was over before the span.
        ("rest", "11-01T03:00", "11-01T21:00"),
        ("rest", "11-30T21:00", "11-30T23:00"),
        ("shift", "11-30T23:00", "12-01T14:00"),
    ]
    assert spans(run(tmp_path / "nights.ics", "--shifts", "--clip")) == [
        ("rest", "11-01T04:00", "11-01T21:00"),
        ("rest", "11-30T21:00", "11-30T23:00"),
        ("shift", "11-30T23:00", "12-01T05:00"),
    ]


def test_the_command_exits_with_2_in_one_line_when_a_file_cannot_be_trusted():
    done = run(CORPUS / "truncated-in-an-event.ics")

    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == (
        "mentorship: truncated-in-an-event.ics cannot be trusted."
        " The file is cut off: its end is missing.\n"
    )


@pytest.mark.parametrize(
    "wrong",
    [["--zone", "Mars/Phobos"], ["--to", "2026-10-01"], ["--from", "soon"], ["--all-day", "maybe"]],
    ids=["zone", "backwards", "no date", "no policy"],
)
def test_the_command_is_asked_wrongly(wrong):
    done = run(CORPUS / "plain.ics", *wrong)

    assert (done.exit_code, done.stdout) == (2, "")


def test_a_line_of_ten_megabytes_is_refused():
    line = b"BEGIN:VCALENDAR\r\nX-LONG:" + b"x" * 10_000_000 + b"\r\nEND:VCALENDAR\r\n"

    with pytest.raises(TooMuch, match="larger than 8 MB"):
        child.read(line, NOVEMBER, How(NEW_YORK))


def test_a_long_line_that_nobody_needs_is_passed_over():
    event = "DTSTART:20261105T150000Z\nDURATION:PT1H\nATTACH;ENCODING=BASE64:" + "x" * 4_000_000

    [taken] = child.read(calendar(event), NOVEMBER, How(NEW_YORK)).taken
    assert said(taken.span) == "11-05 15:00/16:00"


def test_too_many_events_are_refused():
    with pytest.raises(TooMuch, match="more than 20,000 events"):
        child.read(calendar(*["DTSTART:20261105T150000Z"] * 20_001), NOVEMBER, How(NEW_YORK))


def test_hundreds_of_rules_that_burn_time_are_stopped_from_outside(monkeypatch):
    slow = "DTSTART:20261105T150000Z\nDURATION:PT1H\nRRULE:FREQ=YEARLY;BYWEEKNO=53;BYMONTH=6"
    events = [f"UID:{number}\n{slow}" for number in range(400)]
    monkeypatch.setattr(child, "CPU", 1)

    with pytest.raises(TooMuch, match="too much time"):
        child.read(calendar(*events), NOVEMBER, How(NEW_YORK))


def test_the_process_says_the_same_as_the_function():
    for name in ("moved-and-called-off.ics", "shifts.csv", "unknown-zone.ics"):
        data = (CORPUS / name).read_bytes()
        how = How(NEW_YORK, Holds.SHIFTS)

        assert child.read(data, NOVEMBER, how) == reading.read(data, NOVEMBER, how)
