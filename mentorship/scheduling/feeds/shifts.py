"""Which kind of shift something is, by rules that its owner can read and correct. Pure."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from mentorship.scheduling.feeds.kinds import Shift

#: A night is a shift with this much of it between these hours (the test of the NHS contract).
NIGHT_FROM, NIGHT_UNTIL, NIGHT_SHARE = time(23), time(6), timedelta(hours=3)
#: A shift that is no night and begins at or after this hour is an evening.
EVENING_FROM = time(14)
#: Longer than this is no shift, but a rotation or a leave.
LONGEST = timedelta(hours=36)

MOST_RULES = 40
LONGEST_PATTERN = 60
_MOST_STARS = 3


class Meaning(StrEnum):
    """What a rule makes of a title."""

    DAY = "day"
    EVENING = "evening"
    NIGHT = "night"
    ON_CALL = "on_call"
    BUSY = "busy"
    """No shift, and not free either."""
    IGNORE = "ignore"
    """Not in the way."""


Rule = tuple[str, Meaning]

#: Without a word of these the clock decides: `by_the_clock`.
DEFAULT_RULES: tuple[Rule, ...] = (
    ("on call", Meaning.ON_CALL),
    ("on-call", Meaning.ON_CALL),
    ("oncall", Meaning.ON_CALL),
    ("call", Meaning.ON_CALL),
    ("backup", Meaning.ON_CALL),
    ("back-up", Meaning.ON_CALL),
    ("jeopardy", Meaning.ON_CALL),
    ("standby", Meaning.ON_CALL),
    ("vacation", Meaning.BUSY),
    ("leave", Meaning.BUSY),
    ("pto", Meaning.BUSY),
    ("unavailable", Meaning.BUSY),
    ("conference", Meaning.BUSY),
    ("night*", Meaning.NIGHT),
    ("overnight*", Meaning.NIGHT),
    ("noc*", Meaning.NIGHT),
    ("evening*", Meaning.EVENING),
    ("eve", Meaning.EVENING),
    ("swing", Meaning.EVENING),
    ("day*", Meaning.DAY),
    ("morning*", Meaning.DAY),
)

#: Where a shift of a whole day really is, when its hours stand in its title only.
HOURS: dict[Shift, tuple[time, timedelta]] = {
    Shift.DAY: (time(7), timedelta(hours=12)),
    Shift.EVENING: (time(12), timedelta(hours=12)),
    Shift.NIGHT: (time(19), timedelta(hours=12)),
    Shift.ON_CALL: (time(7), timedelta(hours=24)),
}


def meaning_of(title: str, rules: Sequence[Rule]) -> Meaning | None:
    """What the first rule that fits says of a title; None where none does.

    A pattern fits where its words stand as whole words, in any case; `*` is any part of one.
    """
    plain = " ".join(title.casefold().split())[:300]
    return next((meaning for pattern, meaning in rules if _shape(pattern).search(plain)), None)


def by_the_clock(starts_at: datetime, ends_at: datetime, zone: ZoneInfo) -> Shift:
    """The kind of a shift by when it is, where the hospital is."""
    if is_night(starts_at, ends_at, zone):
        return Shift.NIGHT
    return Shift.EVENING if starts_at.astimezone(zone).time() >= EVENING_FROM else Shift.DAY


def is_night(starts_at: datetime, ends_at: datetime, zone: ZoneInfo) -> bool:
    """Whether at least three hours lie between 23:00 and 06:00 where the hospital is."""
    night = timedelta()
    day = starts_at.astimezone(zone).date() - timedelta(days=1)
    while day <= ends_at.astimezone(zone).date():
        begins = datetime.combine(day, NIGHT_FROM, zone).astimezone(UTC)
        ends = datetime.combine(day + timedelta(days=1), NIGHT_UNTIL, zone).astimezone(UTC)
        night += max(min(ends, ends_at) - max(begins, starts_at), timedelta())
        if night >= NIGHT_SHARE:
            return True
        day += timedelta(days=1)
    return False


@lru_cache(maxsize=500)
def _shape(pattern: str) -> re.Pattern[str]:
    words = " ".join(pattern.casefold().split())[:LONGEST_PATTERN]
    pieces = [re.escape(piece) for piece in words.split("*", _MOST_STARS)]
    return re.compile(r"(?<!\w)" + r"\w{0,40}".join(pieces) + r"(?!\w)")
