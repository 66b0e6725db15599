"""A calendar program that is not ours takes the invitation to a session, and its end."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from icalendar import Calendar

from mentorship.scheduling import invitations
from mentorship.scheduling.groups import calendar
from mentorship.tenancy.members import ChapterCard
from tests.scheduling.test_calendar_programs import khal  # noqa: F401  a fixture

#: Half past eight in the evening in New York, on the day on which its clocks go back.
BEGINS = datetime(2026, 11, 2, 1, 30, tzinfo=UTC)
NOW = datetime(2026, 10, 20, 12, tzinfo=UTC)


def test_a_command_line_calendar_follows_from_invitation_to_end(
    khal,  # noqa: F811
    app,
    settings,
    tmp_path,
):
    with app.test_request_context():
        entry = calendar.entry(
            id_="01a00000-0000-7000-8000-000000000002",
            session_id="01a00000-0000-7000-8000-000000000001",
            sequence=0,
            title="Rank lists; \u201cmine\u201d, and yours",
            starts_at=BEGINS,
            ends_at=BEGINS + timedelta(minutes=90),
            place="Room 4",
            changed_at=NOW,
            reader=("sol@example.edu", "Sol Adair"),
            chapter=ChapterCard(None, "lakeside", "Lakeside EMIG", "Lakeside", "America/Chicago"),
            settings=settings,
        )

    def after(ics: bytes) -> str:
        (tmp_path / "mail.ics").write_bytes(ics)
        khal("import", "--batch", "-a", "mine", str(tmp_path / "mail.ics"))
        shown = "{start-date} {start-time}-{end-time} {title}|{status}"
        return khal("list", "--format", shown, "--day-format", "", "2026-10-30", "10d").strip()

    invited = invitations.to_ics(entry, method="REQUEST", now=NOW)
    [event] = Calendar.from_ical(invited).events
    assert event["attendee"] == "mailto:sol@example.edu"
    assert after(invited).startswith(
        "2026-11-01 20:30-22:00 Rank lists; \u201cmine\u201d, and yours|"
    )
    ended = after(invitations.to_ics(replace(entry, sequence=1), method="CANCEL", now=NOW))
    assert "|CANCELLED" in ended
    assert len(ended.splitlines()) == 1
