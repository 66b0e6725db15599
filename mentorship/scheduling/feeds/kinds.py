"""The words of calendar feeds."""

from enum import StrEnum


class Holds(StrEnum):
    """What a calendar has in it."""

    BUSY = "busy"
    SHIFTS = "shifts"


class AllDay(StrEnum):
    """What whole days of a calendar mean."""

    BUSY = "busy"
    IGNORE = "ignore"
    SHIFT = "shift"
    """A shift from seven to seven: some systems put the hours into the title only."""


class Shift(StrEnum):
    DAY = "day"
    EVENING = "evening"
    NIGHT = "night"
    ON_CALL = "on_call"


class Blocks(StrEnum):
    """Why a stretch of time is not offered."""

    BUSY = "busy"
    SHIFT = "shift"
    REST = "rest"
