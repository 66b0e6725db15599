"""What a mail says that came back to us. Pure: bytes in, a few facts out, and never its words.

Anybody may send anything here, so whatever cannot be read is simply a mail that says nothing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import Message
from typing import Any

from icalendar import Calendar

from mentorship.scheduling.replies.models import Said
from mentorship.scheduling.replies.replies import Reply

#: Bytes of a mail, and of a calendar file or a text in it, that are read: an answer is short.
MOST = 1_000_000
_MOST_PART = 200_000
#: Where a mail server writes whom a mail is for; the calendar's own word comes last.
_TO = ("Delivered-To", "X-Original-To", "Envelope-To", "To", "Cc")
_SAID = {
    "ACCEPTED": Said.ACCEPTED,
    "DECLINED": Said.DECLINED,
    "TENTATIVE": Said.TENTATIVE,
}
#: Headers by which programs say that nobody typed this (RFC 3834, and older habits).
_BY_ITSELF = {
    "auto-submitted": re.compile(r"\s*auto-"),
    "precedence": re.compile(r"\s*(bulk|junk|list|auto[_-]reply)"),
    "x-autoreply": re.compile(""),
    "x-autorespond": re.compile(""),
    "x-auto-response-suppress": re.compile(""),
    "list-id": re.compile(""),
    "return-path": re.compile(r"\s*<\s*>"),
    "from": re.compile(r".*\b(mailer-daemon|postmaster)@"),
}
_YES = frozenset(
    (
        *("yes", "y", "yep", "yes please", "yes thanks", "yes thank you", "accept", "accepted"),
        *("i accept", "ok", "okay", "sure", "sounds good", "works for me", "that works"),
        *("that works for me", "yes that works", "yes works for me", "yes that works for me"),
        "see you then",
    )
)
_NO = frozenset(
    (
        *("no", "nope", "decline", "declined", "i decline", "no thanks", "no thank you"),
        *("no sorry", "sorry no", "cannot", "cant", "i cannot", "i cant", "sorry i cannot"),
        "sorry i cant",
    )
)
#: Where what somebody answers to begins, in the ways of the mail programs there are.
_QUOTED = re.compile(
    r"^(>|On .+|-- ?$|_{10,}|-{3,} ?Original|From: |Sent from my |Get Outlook for )", re.IGNORECASE
)


@dataclass(frozen=True)
class Letter:
    """A mail, as far as it matters: to which addresses, whether a program wrote it, what it says.

    `about` is the UID of the event that a calendar answers to; empty for typed words.
    """

    addresses: tuple[str, ...] = ()
    automatic: bool = False
    about: str = ""
    reply: Reply | None = None


def read(raw: bytes) -> Letter:
    """Read a mail. What is too long, or no mail at all, says nothing."""
    if len(raw) > MOST:
        return Letter()
    try:
        return _read(message_from_bytes(raw))
    except Exception:  # on junk the libraries raise nearly anything
        return Letter()


def _read(mail: Message) -> Letter:
    addresses = tuple(str(line) for name in _TO for line in mail.get_all(name, ()))
    # A bounce carries our own mail back, perhaps with somebody's answer in it.
    if mail.get_content_type() == "multipart/report":
        return Letter(addresses, automatic=True)
    parts = list(_parts(mail))
    for part in parts:
        if part.get_content_type() in ("text/calendar", "application/ics"):
            found = _from_calendar(_payload(part))
            if found is not None:
                organizer, about, reply = found
                return Letter((*addresses, organizer), about=about, reply=reply)
    if any(part.get_content_type() == "text/calendar" for part in parts):
        return Letter(addresses)  # an invitation, or something else that is no answer
    texts = [part for part in parts if part.get_content_type() == "text/plain"]
    said = _typed(_words(texts[0])) if texts else Said.UNCLEAR
    return Letter(addresses, automatic=_by_itself(mail), reply=Reply(said, typed=True))


def _parts(mail: Message) -> Iterator[Message]:
    """What a mail is made of, without what mails it carries along."""
    if mail.get_content_type() == "message/rfc822":
        return
    if mail.is_multipart():
        for part in mail.get_payload():
            if isinstance(part, Message):
                yield from _parts(part)
    elif mail.get_content_disposition() != "attachment" or "calendar" in mail.get_content_type():
        yield mail


def _by_itself(mail: Message) -> bool:
    return any(
        shape.match(str(line).casefold())
        for name, shape in _BY_ITSELF.items()
        for line in mail.get_all(name, ())
    )


def _payload(part: Message) -> bytes:
    plain = part.get_payload(decode=True)
    return plain[:_MOST_PART] if isinstance(plain, bytes) else b""


def _words(part: Message) -> str:
    plain = _payload(part)
    try:
        return plain.decode(part.get_content_charset() or "utf-8", "replace")
    except LookupError:
        return plain.decode("utf-8", "replace")


def _from_calendar(data: bytes) -> tuple[str, str, Reply] | None:
    """The organizer's address, the event's UID and what is said of it; None when it is no answer.

    The METHOD stands in the file: some servers lose the one of the mail on the way.
    """
    calendar = Calendar.from_ical(data)
    method = str(calendar.get("method", "")).upper()
    event = next(iter(calendar.walk("VEVENT")), None)
    if event is None or method not in ("REPLY", "COUNTER"):
        return None
    starts_at = _instant(event.get("dtstart"))
    if method == "COUNTER":
        said, instead = Said.COUNTERED, starts_at
        # What the time was before, Outlook says beside it; the sequence tells it anyway.
        starts_at = None
        if instead is None:
            said = Said.UNCLEAR
    else:
        said, instead = _part_stat(event.get("attendee")), None
    sequence = event.get("sequence")
    reply = Reply(
        said,
        sequence=None if sequence is None else int(sequence),
        starts_at=starts_at,
        instead=instead,
        stamped_at=_instant(event.get("dtstamp")),
    )
    return str(event.get("organizer", "")) + "\n", str(event.get("uid", "")), reply


def _part_stat(attendee: Any) -> Said:
    """What the one attendee of an answer says; of several it cannot be told whose answer it is."""
    if attendee is None or isinstance(attendee, list):
        return Said.UNCLEAR
    return _SAID.get(str(attendee.params.get("PARTSTAT", "")).upper(), Said.UNCLEAR)


def _instant(when: Any) -> datetime | None:
    """An instant, where a zone is known: a floating time may be anywhere in the world."""
    at = getattr(when, "dt", None)
    if not isinstance(at, datetime) or at.tzinfo is None or not 1970 <= at.year < 9000:
        return None
    return at.astimezone(UTC)


def _typed(words: str) -> Said:
    """Yes or no, where somebody wrote just that, above a signature or not."""
    lines: list[str] = []
    for line in words.replace("\r\n", "\n").split("\n"):
        if _QUOTED.match(line.strip()):
            break
        lines.append(line.strip())
    first, _, rest = "\n".join(lines).strip().partition("\n\n")
    plain = re.sub(r"[^a-z ]", "", first.casefold().replace("\n", " "))
    said = " ".join(plain.split())
    if not _is_signature(rest):
        return Said.UNCLEAR
    return Said.ACCEPTED if said in _YES else Said.DECLINED if said in _NO else Said.UNCLEAR


def _is_signature(rest: str) -> bool:
    """Whether what follows an answer is a name with what stands below it, and says no more."""
    lines = [line for line in rest.split("\n") if line]
    return len(lines) <= 8 and not any(
        len(line) > 70 or line[0].islower() or line[-1] in ".?!…" for line in lines
    )
