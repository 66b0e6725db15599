"""Answers to invitations as the common calendar programs write them, after RFC 5546 and 6047.

Written for these tests: the people, places and ids are invented.
"""

from base64 import encodebytes
from datetime import UTC, datetime
from textwrap import dedent

STAMP = datetime(2026, 3, 2, 18, 5, tzinfo=UTC)


def utc(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def google(*, to: str, uid: str, at: datetime, said: str, sequence: int = 0, stamp=STAMP) -> bytes:
    """Gmail: three alternatives and a file, times in UTC, the SEQUENCE as it was sent."""
    ics = _lines(f"""\
        BEGIN:VCALENDAR
        PRODID:-//Google Inc//Google Calendar 70.9054//EN
        VERSION:2.0
        CALSCALE:GREGORIAN
        METHOD:REPLY
        BEGIN:VEVENT
        DTSTART:{utc(at)}
        DTEND:{utc(at)}
        DTSTAMP:{utc(stamp)}
        ORGANIZER;CN=Lakeside EMIG on Curbside:mailto:{to}
        UID:{uid}
        ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT={said};CN=Dr. Mara
         Quist;X-NUM-GUESTS=0:mailto:mara@example.org
        SEQUENCE:{sequence}
        STATUS:CONFIRMED
        SUMMARY:Sol Adair and Dr. Mara Quist
        TRANSP:OPAQUE
        END:VEVENT
        END:VCALENDAR
        """)
    return (
        _lines(f"""\
        Return-Path: <mara@example.org>
        Delivered-To: {to}
        From: Dr. Mara Quist <mara@example.org>
        To: {to}
        Subject: {said.title()}: Sol Adair and Dr. Mara Quist
        Message-ID: <calendar-{said}-{sequence}@example.org>
        Auto-Submitted: auto-generated
        MIME-Version: 1.0
        Content-Type: multipart/mixed; boundary="outer"

        --outer
        Content-Type: multipart/alternative; boundary="inner"

        --inner
        Content-Type: text/plain; charset="UTF-8"

        Dr. Mara Quist has {said.lower()} this invitation.
        --inner
        Content-Type: text/calendar; charset="UTF-8"; method=REPLY
        Content-Transfer-Encoding: 7bit

        """)
        + ics
        + b"--inner--\r\n--outer--\r\n"
    )


def outlook(*, to: str, uid: str, at: datetime, said: str, sequence: int | None = 0) -> bytes:
    """Exchange: base64, a Windows time zone, and the ORGANIZER left out, as outlook.com does."""
    count = "" if sequence is None else f"SEQUENCE:{sequence}\n"
    ics = _lines(f"""\
        BEGIN:VCALENDAR
        METHOD:REPLY
        PRODID:Microsoft Exchange Server 2010
        VERSION:2.0
        {_EASTERN}
        BEGIN:VEVENT
        ATTENDEE;PARTSTAT={said};CN=Dr. Mara Quist:mailto:mara@example.org
        COMMENT;LANGUAGE=en-US:\\n
        UID:{uid}
        SUMMARY;LANGUAGE=en-US:{said.title()}: Sol Adair and Dr. Mara Quist
        DTSTART;TZID=Eastern Standard Time:{_eastern(at)}
        DTEND;TZID=Eastern Standard Time:{_eastern(at)}
        CLASS:PRIVATE
        DTSTAMP:{utc(STAMP)}
        TRANSP:OPAQUE
        STATUS:CONFIRMED
        X-MICROSOFT-CDO-APPT-SEQUENCE:0
        END:VEVENT
        END:VCALENDAR
        """).replace(b"CLASS:PRIVATE", f"{count}CLASS:PRIVATE".replace("\n", "\r\n").encode())
    return _exchange(to, said.title(), ics)


def outlook_counter(*, to: str, uid: str, at: datetime, instead: datetime, sequence=0) -> bytes:
    """Exchange: another time is proposed; what it was stands in properties of its own."""
    ics = _lines(f"""\
        BEGIN:VCALENDAR
        METHOD:COUNTER
        PRODID:Microsoft Exchange Server 2010
        VERSION:2.0
        {_EASTERN}
        BEGIN:VEVENT
        ATTENDEE;PARTSTAT=TENTATIVE;CN=Dr. Mara Quist:mailto:mara@example.org
        UID:{uid}
        DTSTART;TZID=Eastern Standard Time:{_eastern(instead)}
        DTEND;TZID=Eastern Standard Time:{_eastern(instead)}
        DTSTAMP:{utc(STAMP)}
        SEQUENCE:{sequence}
        X-MS-OLK-ORIGINALSTART;TZID=Eastern Standard Time:{_eastern(at)}
        X-MS-OLK-ORIGINALEND;TZID=Eastern Standard Time:{_eastern(at)}
        END:VEVENT
        END:VCALENDAR
        """)
    return _exchange(to, "New Time Proposed", ics)


def apple(*, to: str, uid: str, at: datetime, said: str, sequence: int = 0) -> bytes:
    """Apple Calendar: the file alone, quoted-printable, with a VTIMEZONE of its own."""
    ics = _lines(f"""\
        BEGIN:VCALENDAR
        CALSCALE:GREGORIAN
        VERSION:2.0
        METHOD:REPLY
        PRODID:-//Apple Inc.//macOS 15.1//EN
        BEGIN:VEVENT
        TRANSP:OPAQUE
        DTEND:{utc(at)}
        LAST-MODIFIED:{utc(STAMP)}
        UID:{uid}
        DTSTAMP:{utc(STAMP)}
        SEQUENCE:{sequence}
        DTSTART:{utc(at)}
        ATTENDEE;CN="Dr. Mara Quist";CUTYPE=INDIVIDUAL;PARTSTAT={said}:mailto:mara
         @example.org
        ORGANIZER;CN="Lakeside EMIG on Curbside":mailto:{to}
        END:VEVENT
        END:VCALENDAR
        """)
    return _lines(f"""\
        From: Dr. Mara Quist <mara@example.org>
        To: {to}
        Subject: {said.title()}
        MIME-Version: 1.0
        Content-Type: text/calendar; method=REPLY; charset=utf-8; name=iCal-20260302.ics
        Content-Transfer-Encoding: quoted-printable
        Content-Disposition: attachment; filename=iCal-20260302.ics

        """) + ics.replace(b"=", b"=3D")


def typed(words: str, *, to: str, headers: str = "") -> bytes:
    """A mail that somebody typed above what they answer to."""
    quoted = "\n\nOn Mon, Mar 2, 2026 at 12:00 PM Lakeside EMIG wrote:\n> Would it suit you?\n"
    mail = f"From: Mara <mara@example.org>\nTo: <{to}>\nSubject: Re: Sol\n{headers}\n"
    return (mail + words + quoted).replace("\n", "\r\n").encode()


_EASTERN = """BEGIN:VTIMEZONE
        TZID:Eastern Standard Time
        BEGIN:STANDARD
        DTSTART:16010101T020000
        TZOFFSETFROM:-0400
        TZOFFSETTO:-0500
        RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=1SU;BYMONTH=11
        END:STANDARD
        BEGIN:DAYLIGHT
        DTSTART:16010101T020000
        TZOFFSETFROM:-0500
        TZOFFSETTO:-0400
        RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=2SU;BYMONTH=3
        END:DAYLIGHT
        END:VTIMEZONE"""


def _eastern(at: datetime) -> str:
    from zoneinfo import ZoneInfo

    return at.astimezone(ZoneInfo("America/New_York")).strftime("%Y%m%dT%H%M%S")


def _exchange(to: str, subject: str, ics: bytes) -> bytes:
    return (
        _lines(f"""\
        From: "Quist, Mara" <mara@example.org>
        To: Lakeside EMIG on Curbside <{to}>
        Subject: {subject}: Sol Adair and Dr. Mara Quist
        MIME-Version: 1.0
        X-MS-Has-Attach:
        Content-Type: multipart/alternative; boundary="_000_"

        --_000_
        Content-Type: text/plain; charset="us-ascii"


        --_000_
        Content-Type: text/calendar; charset="utf-8"
        Content-Transfer-Encoding: base64

        """)
        + encodebytes(ics).replace(b"\n", b"\r\n")
        + b"--_000_--\r\n"
    )


def _lines(text: str) -> bytes:
    return dedent(text).replace("\n", "\r\n").encode()
