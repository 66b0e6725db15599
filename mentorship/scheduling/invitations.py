"""A meeting as a calendar file, in the shape that Gmail, Outlook, Apple and Thunderbird take.

Pure: the caller hands in what the file says, and sends it. In a mail it is the last part of
a `multipart/alternative`, as `text/calendar` whose `method` parameter equals the method here:
Outlook refuses an invitation where the two differ. Calendars do not all drop a message that
comes late with a lower sequence, so whoever sends keeps the order for each meeting and person.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal
from urllib.parse import quote
from uuid import UUID

from icalendar import Alarm, Calendar, Event, vCalAddress, vDuration, vText, vUri

Method = Literal["REQUEST", "CANCEL", "PUBLISH"]

PRODUCT = "-//Curbside//Mentorship//EN"
REMINDER = timedelta(minutes=15)
"""How long before a meeting the calendar speaks up."""
SUBSCRIBED = "Curbside meetings"
REFRESH = timedelta(hours=1)
"""How often a calendar program is asked to read a subscribed calendar again."""

_OUTSIDE_ADDRESS = r"\s\x00-\x1f\x7f-\x9f\"(),:;<>?@\\"
_ADDRESS = re.compile(f"[^{_OUTSIDE_ADDRESS}]+@[^{_OUTSIDE_ADDRESS}]+")
# Control characters, marks that turn the reading direction of whatever follows, and halves
# of surrogate pairs. Right-to-left letters need none of them; emoji keep their joiners.
_HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_URL_CHARACTERS = "%/:?#[]@!$&'()*+,;=~"


@dataclass(frozen=True)
class Attendee:
    """A person who is invited, and whether they have said yes.

    :raises ValueError: the email is not a bare address.
    """

    email: str
    name: str
    accepted: bool

    def __post_init__(self) -> None:
        _refuse_unless_address(self.email)


@dataclass(frozen=True)
class Invitation:
    """What both people's calendars are told about one meeting.

    `uid` is `<meeting id>@<host>` and never changes. `sequence` is one higher each time the
    time or place changes, and once more when the meeting is canceled. `organizer_email` is
    the bare address that sends the mail: calendars distrust any other.

    :raises ValueError: the organizer's email is not a bare address.
    """

    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    summary: str
    description: str
    location: str
    url: str
    organizer_email: str
    organizer_name: str
    attendees: tuple[Attendee, ...]
    created_at: datetime

    def __post_init__(self) -> None:
        _refuse_unless_address(self.organizer_email)


def for_meeting(
    *,
    meeting_id: UUID,
    sequence: int,
    starts_at: datetime,
    ends_at: datetime,
    created_at: datetime,
    place: str,
    people: Iterable[tuple[str, str]],
    page: str,
    chapter_name: str,
    sender: str,
    host: str,
) -> Invitation:
    """The invitation to one meeting, the same for both of its people (email and name).

    The agenda itself stays on the meeting's page: calendars are read by others too.
    """
    both = tuple(Attendee(email, name, accepted=True) for email, name in people)
    minutes = int((ends_at - starts_at).total_seconds() // 60)
    return Invitation(
        uid=f"{meeting_id}@{host}",
        sequence=sequence,
        starts_at=starts_at,
        ends_at=ends_at,
        summary=" and ".join(attendee.name for attendee in both),
        description=f"{minutes} minutes. Agenda and notes: {page}",
        location=place,
        url=page,
        organizer_email=sender,
        organizer_name=f"{chapter_name} on Curbside",
        attendees=both,
        created_at=created_at,
    )


def as_meet_up(invitation: Invitation) -> Invitation:
    """The same for a few minutes at a conference, where there is no agenda to write."""
    return replace(invitation, description=f"Where and what to ask: {invitation.url}")


def to_ics(invitation: Invitation, *, method: Method, now: datetime) -> bytes:
    """Write the invitation as an iCalendar file, in UTF-8.

    `REQUEST` invites or moves, `CANCEL` takes back, `PUBLISH` is for a feed or a download:
    it names no attendees, since strict readers refuse them there and others need not see
    them. Times are in UTC, so that there is no zone to get wrong. Text that people typed
    loses its control characters; an address that is no web address is left out.

    :raises ValueError: an instant has no zone.
    """
    calendar = _calendar(method)
    cancelled = method == "CANCEL"
    calendar.add_component(_event(invitation, method=method, cancelled=cancelled, now=now))
    return calendar.to_ical()


def to_calendar(invitations: Iterable[tuple[Invitation, bool]]) -> bytes:
    """Write a calendar to subscribe to: each meeting, and whether it was called off.

    It says nothing of when it was written, so it stays the same until a meeting changes.

    :raises ValueError: an instant has no zone.
    """
    calendar = _calendar("PUBLISH")
    calendar.add("name", SUBSCRIBED)
    calendar.add("x-wr-calname", SUBSCRIBED)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vDuration(REFRESH))
    for one, cancelled in invitations:
        event = _event(one, method="PUBLISH", cancelled=cancelled, now=one.created_at)
        calendar.add_component(event)
    return calendar.to_ical()


def _calendar(method: Method) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    return calendar


def _event(invitation: Invitation, *, method: Method, cancelled: bool, now: datetime) -> Event:
    event = Event()
    event.add("uid", _one_line(invitation.uid))
    event.add("sequence", invitation.sequence)
    event.add("dtstamp", _utc(now))
    event.add("created", _utc(invitation.created_at))
    event.add("last-modified", _utc(now))
    event.add("dtstart", _utc(invitation.starts_at))
    event.add("dtend", _utc(invitation.ends_at))
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    event.add("class", "PRIVATE")
    # Not every program leaves what was called off out of the times it counts as busy.
    event.add("transp", "TRANSPARENT" if cancelled else "OPAQUE")
    event.add("organizer", _address(invitation.organizer_email, invitation.organizer_name))
    if method != "PUBLISH":
        for attendee in invitation.attendees:
            event.add("attendee", _attendee(attendee, asks=method == "REQUEST"))
    _add_text(event, invitation)
    if not cancelled:
        event.add_component(_alarm(invitation))
    return event


def _add_text(event: Event, invitation: Invitation) -> None:
    event.add("summary", _one_line(invitation.summary))
    if description := _plain(invitation.description):
        event.add("description", description)
    if location := _one_line(invitation.location):
        event.add("location", location)
    if invitation.url.lower().startswith(("https://", "http://")):
        url = quote(invitation.url, safe=_URL_CHARACTERS, errors="replace")
        event.add("url", vUri(url))


def _alarm(invitation: Invitation) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", _one_line(invitation.summary))
    alarm.add("trigger", -REMINDER)
    return alarm


def _attendee(attendee: Attendee, *, asks: bool) -> vCalAddress:
    address = _address(attendee.email, attendee.name)
    address.params["CUTYPE"] = vText("INDIVIDUAL")
    address.params["ROLE"] = vText("REQ-PARTICIPANT")
    address.params["PARTSTAT"] = vText("ACCEPTED" if attendee.accepted else "NEEDS-ACTION")
    if asks:
        address.params["RSVP"] = vText("TRUE")
    return address


def _address(email: str, name: str) -> vCalAddress:
    address = vCalAddress(f"mailto:{email}")
    # A parameter cannot hold a double quote, not every calendar undoes the escape for it, and
    # a backslash at its end would hide the colon that follows.
    if shown := _one_line(name).replace('"', "'").rstrip("\\ "):
        address.params["CN"] = vText(shown)
    return address


def _utc(instant: datetime) -> datetime:
    if instant.utcoffset() is None:
        raise ValueError("an invitation needs instants with a zone")
    return instant.astimezone(UTC)


def _plain(text: str) -> str:
    """Text without characters that act instead of showing; its line breaks are kept."""
    return "\n".join(_HIDDEN.sub("", line) for line in text.splitlines()).strip()


def _one_line(text: str) -> str:
    return " ".join(_plain(text).split())


def _refuse_unless_address(email: str) -> None:
    if not _ADDRESS.fullmatch(email):
        raise ValueError(f"{email!r} is not a bare email address")
