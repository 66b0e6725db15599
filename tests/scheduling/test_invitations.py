"""Calendar files, read back as a calendar would, and byte by byte where calendars are strict."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar, Event

from mentorship.scheduling.invitations import Attendee, Invitation, to_ics

NOW = datetime(2027, 3, 1, 12, 30, 45, 678, tzinfo=UTC)
MARA = Attendee(email="mara@example.edu", name="Mara O'Brien", accepted=True)
SOL = Attendee(email="sol+em@example.org", name="Sol Reyes", accepted=False)
MEETING = Invitation(
    uid="0190b2c4-7d1e@curbside.example.org",
    sequence=2,
    starts_at=datetime(2027, 3, 14, 3, 0, tzinfo=ZoneInfo("America/New_York")),
    ends_at=datetime(2027, 3, 14, 3, 25, tzinfo=ZoneInfo("America/New_York")),
    summary="Career: Mara O'Brien and Sol Reyes",
    description="Purpose: choosing a fellowship.\n\n1. Ultrasound, or not?\n2. Where; and when",
    location="Video",
    url="https://curbside.example.org/c/lakeside/meetings/7?from=mail&day=14",
    organizer_email="meetings@curbside.example.org",
    organizer_name="Curbside, Lakeside chapter",
    attendees=(MARA, SOL),
    created_at=datetime(2027, 2, 27, 8, tzinfo=UTC),
)
METHODS = ["REQUEST", "CANCEL", "PUBLISH"]


def written(method="REQUEST", **changes) -> list[str]:
    """The lines of the file, unfolded."""
    text = to_ics(replace(MEETING, **changes), method=method, now=NOW).decode("utf-8")
    return text.replace("\r\n ", "").split("\r\n")


def read(method="REQUEST", **changes) -> Event:
    calendar = Calendar.from_ical(to_ics(replace(MEETING, **changes), method=method, now=NOW))
    (event,) = calendar.walk("VEVENT")
    return event


def attendees(event: Event) -> list:
    found = event.get("ATTENDEE", [])
    return found if isinstance(found, list) else [found]


class TestToIcs:
    @pytest.mark.parametrize("method", METHODS)
    def test_names_its_method_in_the_body(self, method):
        assert f"METHOD:{method}" in written(method)

    @pytest.mark.parametrize("method", METHODS)
    def test_carries_what_every_method_needs(self, method):
        lines = written(method)

        assert lines[0] == "BEGIN:VCALENDAR"
        assert {
            "VERSION:2.0",
            "CALSCALE:GREGORIAN",
            "CLASS:PRIVATE",
            f"TRANSP:{'TRANSPARENT' if method == 'CANCEL' else 'OPAQUE'}",
        } <= {*lines}
        assert f"UID:{MEETING.uid}" in lines
        assert "SEQUENCE:2" in lines
        assert "DTSTAMP:20270301T123045Z" in lines
        assert "LAST-MODIFIED:20270301T123045Z" in lines
        assert "CREATED:20270227T080000Z" in lines

    @pytest.mark.parametrize("method", METHODS)
    def test_says_times_in_utc_and_names_no_zone(self, method):
        lines = written(method)

        assert "DTSTART:20270314T070000Z" in lines
        assert "DTEND:20270314T072500Z" in lines
        assert not any("TZID" in line or "VTIMEZONE" in line for line in lines)

    @pytest.mark.parametrize("method", METHODS)
    def test_is_organized_by_the_bare_address_that_sends_it(self, method):
        organizer = read(method)["ORGANIZER"]

        assert organizer == "mailto:meetings@curbside.example.org"
        assert organizer.params["CN"] == "Curbside, Lakeside chapter"

    def test_tells_what_the_meeting_is_about(self):
        event = read()

        assert event["SUMMARY"] == MEETING.summary
        assert event["DESCRIPTION"] == MEETING.description
        assert event["LOCATION"] == "Video"
        assert event["URL"] == MEETING.url

    def test_leaves_out_what_is_empty(self):
        event = read(description=" \n", location="", url="", organizer_name="")

        assert not {"DESCRIPTION", "LOCATION", "URL"} & {*event}
        assert "CN" not in event["ORGANIZER"].params

    def test_writes_the_same_bytes_for_the_same_meeting(self):
        assert to_ics(MEETING, method="REQUEST", now=NOW) == to_ics(
            MEETING, method="REQUEST", now=NOW
        )

    def test_ends_lines_as_the_standard_says_and_folds_the_long_ones(self):
        raw = to_ics(replace(MEETING, summary="🩺 שלום " * 60), method="REQUEST", now=NOW)

        assert raw.endswith(b"END:VCALENDAR\r\n")
        assert raw.count(b"\n") == raw.count(b"\r\n")
        for line in raw.split(b"\r\n"):
            assert len(line) <= 75
            line.decode("utf-8")  # no letter is torn in two

    @pytest.mark.parametrize("field", ["starts_at", "ends_at", "created_at"])
    def test_refuses_wall_time(self, field):
        with pytest.raises(ValueError, match="zone"):
            written(**{field: datetime(2027, 3, 14, 3)})

    def test_refuses_a_clock_without_a_zone(self):
        with pytest.raises(ValueError, match="zone"):
            to_ics(MEETING, method="REQUEST", now=datetime(2027, 3, 1))


class TestRequest:
    def test_asks_both_and_says_who_has_agreed(self):
        mara, sol = attendees(read())

        assert (mara, sol) == ("mailto:mara@example.edu", "mailto:sol+em@example.org")
        assert (mara.params["CN"], sol.params["CN"]) == ("Mara O'Brien", "Sol Reyes")
        assert (mara.params["PARTSTAT"], sol.params["PARTSTAT"]) == ("ACCEPTED", "NEEDS-ACTION")
        for each in (mara, sol):
            assert each.params["RSVP"] == "TRUE"
            assert each.params["ROLE"] == "REQ-PARTICIPANT"
            assert each.params["CUTYPE"] == "INDIVIDUAL"

    def test_is_confirmed(self):
        assert read()["STATUS"] == "CONFIRMED"

    def test_reminds_a_quarter_of_an_hour_before(self):
        (alarm,) = read().walk("VALARM")

        assert alarm["ACTION"] == "DISPLAY"
        assert alarm["TRIGGER"].dt == -timedelta(minutes=15)
        assert alarm["DESCRIPTION"] == MEETING.summary


class TestCancel:
    def test_says_so_to_the_same_people_under_the_same_uid(self):
        event = read("CANCEL", sequence=3)

        assert event["STATUS"] == "CANCELLED"
        assert event["UID"] == MEETING.uid
        assert event["SEQUENCE"] == 3
        assert attendees(event) == attendees(read())

    def test_asks_for_no_answer_and_reminds_of_nothing(self):
        event = read("CANCEL")

        assert not any("RSVP" in each.params for each in attendees(event))
        assert event.walk("VALARM") == []


class TestPublish:
    def test_names_nobody_but_the_organizer(self):
        raw = to_ics(MEETING, method="PUBLISH", now=NOW)

        assert b"ATTENDEE" not in raw
        assert b"mara@example.edu" not in raw
        assert b"sol+em@example.org" not in raw

    def test_is_confirmed_and_reminds(self):
        event = read("PUBLISH")

        assert event["STATUS"] == "CONFIRMED"
        assert len(event.walk("VALARM")) == 1


class TestNames:
    @pytest.mark.parametrize(
        "name",
        [
            "Mara O'Brien",
            "D’Angelo, Zoë; MD: chief",
            "Ngũgĩ wa Thiong'o \\ Sr.",
            "נועה כהן",
            "ليلى الحسن",
            "山田 花子",
            "Sol 👩🏽‍⚕️",
            "Up ^n to ^' here ^^",
            "x" * 300,
        ],
    )
    def test_come_back_as_they_were(self, name):
        event = read(attendees=(replace(MARA, name=name),), summary=name, description=name)

        (attendee,) = attendees(event)
        assert attendee.params["CN"] == name
        assert event["SUMMARY"] == name
        assert event["DESCRIPTION"] == name

    def test_keep_their_quotes_as_apostrophes_where_calendars_allow_no_quotes(self):
        event = read(organizer_name='Ann "Annie" Lee', summary='Ann "Annie" Lee')

        assert event["ORGANIZER"].params["CN"] == "Ann 'Annie' Lee"
        assert event["SUMMARY"] == 'Ann "Annie" Lee'

    @pytest.mark.parametrize("line_break", ["\r\n", "\n", "\r", "\x0b", "\x85", "\u2028", "\r\n "])
    def test_cannot_write_lines_of_their_own(self, line_break):
        name = f"Mara{line_break}ATTENDEE:mailto:odd@example.org{line_break}BEGIN:VALARM"

        lines = written(organizer_name=name, attendees=(replace(MARA, name=name),), summary=name)

        assert sum(line.startswith("ATTENDEE") for line in lines) == 1
        assert sum(line == "BEGIN:VALARM" for line in lines) == 1
        assert "SUMMARY:Mara ATTENDEE:mailto:odd@example.org BEGIN:VALARM" in lines

    def test_lose_characters_that_act_instead_of_showing(self):
        event = read(summary="\ufeffMa\x00ra\x1b[31m \u202eneirB\u2066\ud800 \x7fO")

        assert event["SUMMARY"] == "Mara[31m neirB O"


class TestText:
    def test_keeps_its_lines_and_loses_its_control_characters(self):
        event = read(description="One\r\n\x00two\x07\rthree\u2028four\n")

        assert event["DESCRIPTION"] == "One\ntwo\nthree\nfour"

    def test_cannot_end_the_event(self):
        lines = written(description="\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n", location="a\nb")

        assert lines.count("END:VEVENT") == 1
        assert lines.count("END:VCALENDAR") == 1
        assert "LOCATION:a b" in lines

    def test_makes_a_web_address_safe_to_write(self):
        url = read(url="https://example.org/a b\r\nMETHOD:CANCEL?q=é%20x#top")["URL"]

        assert url == "https://example.org/a%20b%0D%0AMETHOD:CANCEL?q=%C3%A9%20x#top"

    @pytest.mark.parametrize("url", ["javascript:alert(1)", "file:///etc/hosts", "room 4", " "])
    def test_leaves_out_what_is_no_web_address(self, url):
        assert "URL" not in read(url=url)

    @given(text=st.text(max_size=120), method=st.sampled_from(METHODS))
    def test_of_any_kind_stays_in_its_place(self, text, method):
        changes = {
            "summary": text,
            "description": text,
            "location": text,
            "url": "https://example.org/" + text,
            "organizer_name": text,
            "attendees": (replace(MARA, name=text), replace(SOL, name=text)),
            "uid": "7" + text,
        }

        event = read(method, **changes)

        assert {*event} <= {*read(method)}
        assert [*map(str, attendees(event))] == [*map(str, attendees(read(method)))]
        assert event["ORGANIZER"] == read()["ORGANIZER"]
        assert event["STATUS"] == read(method)["STATUS"]
        assert event["DTSTART"].dt == MEETING.starts_at


class TestAddresses:
    @pytest.mark.parametrize(
        "email",
        [
            "",
            "mara",
            "mara@",
            "Mara <mara@example.edu>",
            "mailto:mara@example.edu",
            "mara@example.edu\r\nX-ODD:1",
            "mara@example.edu\n",
            "mara @example.edu",
            "mara@example.edu,odd@example.org",
            "mara?cc=odd@example.org",
            "ma\x00ra@example.edu",
        ],
    )
    def test_are_bare_or_refused(self, email):
        with pytest.raises(ValueError, match="bare email address"):
            replace(MARA, email=email)
        with pytest.raises(ValueError, match="bare email address"):
            replace(MEETING, organizer_email=email)

    @pytest.mark.parametrize(
        "email", ["o'brien@example.edu", "a.b+c%d@sub.example.org", "zoë@example.org"]
    )
    def test_of_unusual_people_are_taken(self, email):
        (attendee,) = attendees(read(attendees=(replace(MARA, email=email),)))

        assert attendee == f"mailto:{email}"
