"""The outer shape of a calendar file: which lines belong to which event. Pure.

Only properties that say when somebody is busy are taken out; everything else, above all what
people have written, is passed over as it is found.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

MOST_BYTES = 8_000_000
MOST_EVENTS = 20_000
_LONGEST_VALUE = 2_000_000

#: What is looked at. SUMMARY serves the rules for shifts, and goes no further than these.
WANTED = frozenset(
    (
        *("UID", "SEQUENCE", "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXRULE", "EXDATE"),
        *("RECURRENCE-ID", "STATUS", "TRANSP", "SUMMARY", "FREEBUSY"),
        *("X-MICROSOFT-CDO-BUSYSTATUS", "TZID", "TZOFFSETFROM", "TZOFFSETTO"),
    )
)
_KEPT = frozenset({"VEVENT", "VFREEBUSY", "VTIMEZONE", "STANDARD", "DAYLIGHT"})
#: name, parameters (values may be quoted), and the rest of the line as its value
_LINE = re.compile(r'([A-Za-z0-9-]+)((?:;[^:;"]*(?:"[^"]*"[^:;"]*)*)*):(.*)', re.DOTALL)
_PARAMETER = re.compile(r';([A-Za-z0-9-]+)=((?:"[^"]*"|[^;"])*)')


class Untrusted(ValueError):
    """A file that must not be believed. The message is a sentence for its owner."""


class TooMuch(Untrusted):
    """A file that costs more than a calendar of a person may."""


@dataclass(frozen=True, slots=True)
class Property:
    """One line: its name in capitals, its parameters (names in capitals), its value."""

    name: str
    parameters: dict[str, str]
    value: str


@dataclass(slots=True)
class Part:
    """One component, with the properties of it that are wanted."""

    name: str
    line: int
    """Where it begins in the file; the first line is 1."""
    properties: list[Property] = field(default_factory=list)
    parts: list["Part"] = field(default_factory=list)
    whole: bool = True
    """Whether its end was found."""
    torn: bool = False
    """Whether a wanted line of it could not be told apart into name and value."""

    def all(self, name: str) -> list[Property]:
        return [each for each in self.properties if each.name == name]

    def word(self, name: str) -> str:
        """The value of the first property of this name, in capitals; empty without one."""
        return next((p.value.strip().upper() for p in self.properties if p.name == name), "")


def parts_of(data: bytes) -> list[Part]:
    """The events, free-busy times and time zones of a file, in its order.

    :raises Untrusted: it is no calendar, is not whole, or is too large.
    """
    if len(data) > MOST_BYTES:
        raise TooMuch(f"The file is larger than {MOST_BYTES // 1_000_000} MB.")
    found: list[Part] = []
    open_parts: list[Part] = []
    calendars = ended = events = 0
    for number, line in _unfolded(_bytes_of_lines(data)):
        begins = line[:6].upper() == "BEGIN:"
        if not calendars and not (begins and line[6:].strip().upper() == "VCALENDAR"):
            raise Untrusted(_no_calendar(line))
        if begins:
            part = Part(line[6:].strip().upper(), number)
            if part.name == "VCALENDAR":
                # One calendar inside another: the first was not closed.
                if open_parts:
                    raise Untrusted("The file is cut off: a calendar in it has no end.")
                calendars += 1
            if part.name in ("VEVENT", "VFREEBUSY"):
                events += 1
                if events > MOST_EVENTS:
                    raise TooMuch(f"The calendar has more than {MOST_EVENTS:,} events.")
                if open_parts and open_parts[-1].name == part.name:
                    open_parts.pop().whole = False
            if part.name in _KEPT:
                inner = part.name in ("STANDARD", "DAYLIGHT")
                (open_parts[-1].parts if inner and open_parts else found).append(part)
            open_parts.append(part)
        elif line[:4].upper() == "END:":
            name = line[4:].strip().upper()
            if any(part.name == name for part in open_parts):
                while (part := open_parts.pop()).name != name:
                    part.whole = False
                ended += name == "VCALENDAR"
        elif open_parts and open_parts[-1].name in _KEPT:
            _take(line, open_parts[-1])
    if not calendars:
        raise Untrusted("The file is empty.")
    if open_parts or ended < calendars:
        raise Untrusted("The file is cut off: its end is missing.")
    return found


def _take(line: str, part: Part) -> None:
    """Keep a line if it is wanted."""
    name = re.split("[;:]", line, maxsplit=1)[0].strip().upper()
    if name not in WANTED:
        return
    shape = _LINE.match(line) if len(line) <= _LONGEST_VALUE else None
    if shape is None:
        part.torn = True
        return
    parameters = {
        key.upper(): value.strip().strip('"') for key, value in _PARAMETER.findall(shape[2])
    }
    part.properties.append(Property(name, parameters, shape[3].strip()))


def _bytes_of_lines(data: bytes) -> list[bytes]:
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            data = data.decode(encoding, "replace").encode()
    data = data.removeprefix(b"\xef\xbb\xbf").replace(b"\0", b"")
    # Some programs end their lines with a carriage return alone.
    return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")


def _unfolded(lines: list[bytes]) -> Iterator[tuple[int, str]]:
    """Whole lines with their numbers. Joined as bytes: a fold may cut through a letter."""
    whole: list[bytes] = []
    began = 1
    for number, line in enumerate(lines, 1):
        if line[:1] in (b" ", b"\t") and whole:
            whole.append(line[1:])
            continue
        if whole and (text := _text(b"".join(whole))):
            yield began, text
        whole, began = [line], number
    if whole and (text := _text(b"".join(whole))):
        yield began, text


def _text(line: bytes) -> str:
    try:
        return line.decode().strip()
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace").strip()


def _no_calendar(line: str) -> str:
    if line.startswith("<"):
        return "This is a web page, not a calendar. The address may need another ending or sign-in."
    return "This is not a calendar: it does not begin with BEGIN:VCALENDAR."
