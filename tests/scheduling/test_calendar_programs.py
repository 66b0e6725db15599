"""Calendar programs that are not ours take our invitation, its update and its end."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import caldav
import pytest
from icalendar import Calendar

from mentorship.scheduling import invitations
from mentorship.scheduling.invitations import Invitation
from tests.processes import PATIENCE, free_port

#: In the hour that New York has twice, when clocks go back.
BEGINS = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
NEW_YORK = ZoneInfo("America/New_York")
NOW = datetime(2026, 10, 20, 12, tzinfo=UTC)


@pytest.fixture
def invitation() -> Invitation:
    return invitations.for_meeting(
        meeting_id="01a00000-0000-7000-8000-000000000001",
        sequence=0,
        starts_at=BEGINS,
        ends_at=BEGINS + timedelta(minutes=25),
        created_at=NOW,
        place="https://meet.example.org/quist; room \u201cone\u201d, or 2",
        people=[("sol@example.edu", "Sol Adair"), ("mara@example.org", 'Dr. Mara "M" Quist, MD')],
        page="https://curbside.example.org/c/lakeside/meetings/1",
        chapter_name="Lakeside EMIG",
        sender="curbside@example.org",
        host="curbside.example.org",
    )


@pytest.fixture
def moved(invitation: Invitation) -> Invitation:
    """The same meeting, two days later."""
    later = timedelta(days=2)
    begins, ends = invitation.starts_at + later, invitation.ends_at + later
    return replace(invitation, starts_at=begins, ends_at=ends, sequence=1)


@pytest.fixture
def khal(tmp_path: Path) -> Callable[..., str]:
    """A command-line calendar of somebody in New York, which holds nothing yet."""
    (tmp_path / "vdir").mkdir()
    settings = tmp_path / "khal.conf"
    settings.write_text(
        f"[calendars]\n[[mine]]\npath = {tmp_path / 'vdir'}\n"
        "[locale]\nlocal_timezone = America/New_York\ndefault_timezone = America/New_York\n"
        "timeformat = %H:%M\ndateformat = %Y-%m-%d\nlongdateformat = %Y-%m-%d\n"
        "datetimeformat = %Y-%m-%d %H:%M\nlongdatetimeformat = %Y-%m-%d %H:%M\n"
        f"[sqlite]\npath = {tmp_path / 'khal.db'}\n"
    )
    program = Path(sys.executable).with_name("khal")

    def khal(*words: str) -> str:
        done = subprocess.run(
            [program, "-c", settings, *words],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
            env=os.environ | {"XDG_CACHE_HOME": str(tmp_path), "TZ": "America/New_York"},
        )
        return done.stdout

    return khal


def test_a_command_line_calendar_follows_from_invitation_to_end(khal, tmp_path, invitation, moved):
    def after(ics: bytes) -> str:
        (tmp_path / "mail.ics").write_bytes(ics)
        khal("import", "--batch", "-a", "mine", str(tmp_path / "mail.ics"))
        shown = "{start-date} {start-time}-{end-time} {title}|{status}|{location}"
        return khal("list", "--format", shown, "--day-format", "", "2026-10-30", "10d").strip()

    first = after(invitations.to_ics(invitation, method="REQUEST", now=NOW))
    assert first.startswith('2026-11-01 01:30-01:55 Sol Adair and Dr. Mara "M" Quist, MD|')
    assert first.endswith("https://meet.example.org/quist; room \u201cone\u201d, or 2")
    second = after(invitations.to_ics(moved, method="REQUEST", now=NOW))
    assert second.startswith("2026-11-03 01:30-01:55 ")
    assert len(second.splitlines()) == 1
    ended = replace(moved, sequence=2)
    third = after(invitations.to_ics(ended, method="CANCEL", now=NOW))
    assert "|CANCELLED" in third
    assert len(third.splitlines()) == 1


@pytest.fixture
def server(tmp_path: Path) -> Iterator[caldav.Calendar]:
    """A calendar on a CalDAV server, as a client has it."""
    port = free_port()
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "radicale", "--hosts", f"127.0.0.1:{port}"),
            *("--storage-filesystem-folder", str(tmp_path / "radicale")),
            *("--auth-type", "none", "--logging-level", "error"),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        answering(port)
        client = caldav.DAVClient(
            f"http://127.0.0.1:{port}/", username="mara", password="", timeout=30
        )
        yield client.principal().make_calendar(name="Meetings")
    finally:
        process.terminate()
        process.wait(30)


def answering(port: int) -> None:
    """Wait until something listens there."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert time.monotonic() < until
            time.sleep(0.05)
        else:
            return


def stored(ics: bytes) -> str:
    """What a client that takes an invitation stores: the same, without its method."""
    calendar = Calendar.from_ical(ics)
    del calendar["method"]
    return calendar.to_ical().decode()


def test_a_caldav_server_follows_from_invitation_to_end(server, invitation, moved):
    around = (BEGINS - timedelta(days=1), BEGINS + timedelta(days=5))

    def after(ics: bytes) -> list:
        # It would count the sequence up itself, as for a change of one's own.
        caldav.Event(client=server.client, data=stored(ics), parent=server).save(
            increase_seqno=False
        )
        found = server.search(start=around[0], end=around[1], event=True)
        return [one.icalendar_component for one in found]

    def busy() -> list[tuple[datetime, datetime]]:
        answer = server.freebusy_request(*around).icalendar_instance
        return [
            (period.dt[0].astimezone(UTC), period.dt[1].astimezone(UTC))
            for part in answer.walk("VFREEBUSY")
            for periods in [part.get("freebusy", [])]
            for period in (periods if isinstance(periods, list) else [periods])
        ]

    [event] = after(invitations.to_ics(invitation, method="REQUEST", now=NOW))
    assert event.start == BEGINS
    assert busy() == [(invitation.starts_at, invitation.ends_at)]
    [event] = after(invitations.to_ics(moved, method="REQUEST", now=NOW))
    assert event.start == moved.starts_at
    assert event["sequence"] == 1
    assert busy() == [(moved.starts_at, moved.ends_at)]
    ended = replace(moved, sequence=2)
    [event] = after(invitations.to_ics(ended, method="CANCEL", now=NOW))
    assert event["status"] == "CANCELLED"
    assert busy() == []


def test_a_subscribed_calendar_is_read_by_a_calendar_program(khal, tmp_path, invitation, moved):
    other = replace(moved, uid="another@curbside.example.org")
    (tmp_path / "feed.ics").write_bytes(
        invitations.to_calendar([(invitation, False), (other, True)])
    )
    khal("import", "--batch", "-a", "mine", str(tmp_path / "feed.ics"))
    shown = khal("list", "--format", "{start}|{status}", "--day-format", "", "2026-10-30", "10d")
    assert [line.strip() for line in shown.splitlines()] == [
        "2026-11-01 01:30|CONFIRMED",
        "2026-11-03 01:30|CANCELLED",
    ]
