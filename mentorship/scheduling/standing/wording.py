"""How a standing meeting and its gaps are said, on pages and in mail alike."""

from datetime import datetime

from mentorship.scheduling.standing.models import StandingMeeting, Why
from mentorship.tenancy.members import Member
from mentorship.web.filters import called, hour, long_day, zone_city

_LEFT_OUT = {
    Why.MENTOR_BUSY: ("You have something else then", "{} has something else then"),
    Why.MENTEE_BUSY: ("You have something else then", "{} has something else then"),
    Why.CALENDAR: ("Your calendar has something then", "{} is not free then"),
    Why.UNREAD: ("Your calendar could not be read lately", "Whether {} is free is not known"),
    Why.AWAY: ("You are away then", "{} is away then"),
    Why.DAY_FULL: (
        "You have as many meetings as you take that day",
        "{} has as many meetings as they take that day",
    ),
    Why.WEEK_FULL: (
        "You have as many meetings as you take that week",
        "{} has as many meetings as they take that week",
    ),
    Why.MONTH_FULL: (
        "You have as many meetings as you take that month",
        "{} has as many meetings as they take that month",
    ),
}


def rhythm(standing: StandingMeeting) -> str:
    """`every 2 weeks, on Tuesdays at 4:30 PM in New York, 6 times`; the clock is the mentor's."""
    weeks = "every week" if standing.every == 1 else f"every {standing.every} weeks"
    at = hour(datetime.combine(standing.first_on, standing.at))
    words = f"{weeks}, on {standing.first_on:%A}s at {at} in {zone_city(standing.zone)}"
    if standing.times is not None:
        return f"{words}, {standing.times} times"
    if standing.until is not None:
        return f"{words}, until {long_day(standing.until)}"
    return f"{words}, until one of you stops it"


def left_out(why: Why, *, mentor: Member, mentee: Member, reader: Member) -> str:
    """Why a date was left out: whose time it is, and never what takes it."""
    whose = mentee if why is Why.MENTEE_BUSY else mentor
    mine, theirs = _LEFT_OUT[why]
    if whose.id == reader.id:
        return mine
    return theirs.format(called(whose.name, mentor=whose.id == mentor.id))
