"""Jinja filters: times in a person's own zone, spans, counts, lists, and how people are called.

Every filter is a pure function and can be called from code as well. Times are instants
(aware datetimes); a zone is an IANA name or a `tzinfo`. Words are American English.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, tzinfo

from flask import Flask
from markupsafe import Markup, escape

from mentorship.foundation import clock as clocks

Zone = str | tzinfo

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_TITLES = frozenset({"dr", "prof", "professor", "mr", "mrs", "ms", "mx", "rev", "capt", "col"})
#: Only what cannot be a surname: "DO" is also the family name Do.
_SUFFIXES = frozenset({"md", "mbbs", "phd", "mph", "facep", "jr", "sr", "ii", "iii", "iv"})


def when(instant: datetime, zone: Zone = UTC) -> str:
    """Say a time in full: ``Tue, Nov 24, 4:30 PM CST``."""
    there = _local(instant, zone)
    return f"{day(there)}, {hour(there)} {_letters(there)}"


def clock(instant: datetime, zone: Zone = UTC) -> str:
    """Say only the time of day: ``4:30 PM CST``."""
    there = _local(instant, zone)
    return f"{hour(there)} {_letters(there)}"


def span(start: datetime, end: datetime, zone: Zone = UTC) -> str:
    """Say from when to when, after the day: ``4:30 to 4:55 PM CST``.

    Where the day changes the end has its own: ``11:50 PM to Fri, Jan 1, 12:15 AM CST``.
    """
    first, last = _local(start, zone), _local(end, zone)
    if first.date() != last.date():
        letters = "" if _letters(first) == _letters(last) else f" {_letters(first)}"
        return f"{hour(first)}{letters} to {when(last, last.tzinfo or UTC)}"
    if _letters(first) != _letters(last):
        return f"{hour(first)} {_letters(first)} to {hour(last)} {_letters(last)}"
    same_half = (first.hour < 12) == (last.hour < 12)
    begins = hour(first)[:-3] if same_half else hour(first)
    return f"{begins} to {hour(last)} {_letters(last)}"


def iso(instant: datetime, zone: Zone = UTC) -> str:
    """Write a time for a ``datetime`` attribute, with the zone's offset in it."""
    return _local(instant, zone).isoformat(timespec="minutes")


def day(value: date, zone: Zone | None = None) -> str:
    """Say a day in a table or a list: ``Tue, Nov 24``. An instant needs its reader's zone."""
    there = _day_there(value, zone)
    return f"{WEEKDAYS[there.weekday()][:3]}, {_MONTHS[there.month - 1][:3]} {there.day}"


def long_day(value: date, zone: Zone | None = None) -> str:
    """Say a day in a sentence: ``Tuesday, November 24``."""
    there = _day_there(value, zone)
    return f"{WEEKDAYS[there.weekday()]}, {_MONTHS[there.month - 1]} {there.day}"


def dated(value: date, zone: Zone | None = None) -> str:
    """Say a day that may lie in another year: ``Nov 24, 2026``."""
    there = _day_there(value, zone)
    return f"{_MONTHS[there.month - 1][:3]} {there.day}, {there.year}"


def relative_day(value: date, now: datetime, zone: Zone = UTC) -> str:
    """Say how far off a day is, by the reader's calendar: ``tomorrow``, ``in 3 days``."""
    there = _local(value, zone).date() if isinstance(value, datetime) else value
    days = (there - _local(now, zone).date()).days
    if days == 0:
        return "today"
    if abs(days) == 1:
        return "tomorrow" if days > 0 else "yesterday"
    return f"in {_days(days)}" if days > 0 else f"{_days(-days)} ago"


def ago(instant: datetime, now: datetime) -> str:
    """Say how long ago something happened: ``20 minutes ago``, ``7 weeks ago``."""
    minutes = int((now - instant).total_seconds() // 60)
    if minutes < 1:
        return "just now"
    if minutes < 60:
        return f"{plural(minutes, 'minute')} ago"
    if minutes < 24 * 60:
        return f"{plural(minutes // 60, 'hour')} ago"
    return f"{_days(minutes // (24 * 60))} ago"


def zone_city(zone: Zone) -> str:
    """Name a zone by its city: ``Chicago``, ``New York``."""
    return str(zone).rsplit("/", 1)[-1].replace("_", " ")


def plural(count: int, noun: str, nouns: str = "") -> str:
    """Count things: ``1 mentor``, ``2 mentors``, ``1,204 people``."""
    return f"{count:,} {noun if count == 1 else nouns or noun + 's'}"


def listing(items: Iterable[object], last: str = "and") -> str:
    """Join words as a sentence does: ``a, b and c``."""
    words = [str(item) for item in items]
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def initials(name: str) -> str:
    """Shorten a name to at most two letters, leaving out titles: ``Dr. Ruth Adeyemi``, ``RA``."""
    words = _words(name)
    capital = [word for word in words if not word[0].islower()] or words
    letters = [word for word in ("".join(filter(str.isalnum, word)) for word in capital) if word]
    if not letters:
        return "?"
    return "".join(word[0].upper()[0] for word in letters[:1] + letters[1:][-1:])


def first_name(name: str) -> str:
    """Call a student: ``Priya Raman``, ``Priya``."""
    words = _words(name)
    return words[0] if words else name.strip()


def surname_title(name: str) -> str:
    """Call a person after the first mention: ``Dr. Hannah Weiss`` is ``Dr. Weiss``.

    Who has no title is called by the first name; ``Dr. Ana de la Cruz`` keeps her particles.
    """
    words = _words(name)
    title = next(iter(name.split()), "")
    if _bare(title) not in _TITLES or title in words:
        return first_name(name)
    start = len(words) - 1
    while start > 1 and words[start - 1].islower():
        start -= 1
    return f"{title} {' '.join(words[start:])}"


def called(name: str, *, mentor: bool) -> str:
    """Call somebody as their part in a pairing has it: a student by the first name."""
    return surname_title(name) if mentor else first_name(name)


def attributes(values: Mapping[str, object]) -> Markup:
    """Write a macro's further arguments as attributes: ``hx_post="/x"`` is `` hx-post="/x"``.

    True stands for an attribute without a value; False and None leave it out.
    """
    written = Markup()
    for name, value in values.items():
        if value is None or value is False:
            continue
        name = escape(name.replace("_", "-"))
        written += Markup(" ") + name
        if value is not True:
            written += Markup('="{}"').format(value)
    return written


def init_app(app: Flask) -> None:
    """Give every template these filters."""
    for filter_ in (
        *(when, clock, span, iso, day, long_day, dated, relative_day, ago, zone_city),
        *(plural, listing, initials, first_name, surname_title, attributes),
    ):
        app.jinja_env.filters[filter_.__name__] = filter_


def _local(instant: datetime, zone: Zone) -> datetime:
    if instant.tzinfo is None:
        raise ValueError(f"{instant!r} has no zone, so nobody can say when it is")
    return instant.astimezone(clocks.zone(zone) if isinstance(zone, str) else zone)


def _day_there(value: date, zone: Zone | None) -> date:
    return _local(value, zone) if isinstance(value, datetime) and zone is not None else value


def hour(there: datetime | time) -> str:
    """Say what a clock reads, where it is plain whose clock that is: ``4:30 PM``."""
    return f"{there.hour % 12 or 12}:{there.minute:02} {'AM' if there.hour < 12 else 'PM'}"


def _letters(there: datetime) -> str:
    """The zone's letters; zones that have only an offset read ``GMT-3`` or ``GMT+5:45``."""
    name = there.tzname() or ""
    offset = re.fullmatch(r"(?:UTC)?([+-])(\d\d):?(\d\d)?", name)
    if not offset:
        return name
    sign, hours, minutes = offset.groups()
    return f"GMT{sign}{int(hours)}" + (f":{minutes}" if minutes and minutes != "00" else "")


def _days(count: int) -> str:
    """A count of days in the coarsest unit that is still honest."""
    if count < 14:
        return plural(count, "day")
    if count < 70:
        return plural(count // 7, "week")
    if count < 730:
        return plural(round(count / 30.44), "month")
    return plural(count // 365, "year")


def _bare(word: str) -> str:
    return "".join(one for one in word if one.isalnum()).casefold()


def _words(name: str) -> list[str]:
    """The words of a name without its titles and degrees."""
    words = unicodedata.normalize("NFC", name).split(",")[0].split()
    while len(words) > 1 and _bare(words[0]) in _TITLES:
        words = words[1:]
    while len(words) > 1 and _bare(words[-1]) in _SUFFIXES:
        words = words[:-1]
    return words
