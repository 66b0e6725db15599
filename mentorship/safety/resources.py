"""Whom somebody can call right now: what the chapter has named, or else the usual numbers."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from mentorship.audit import trail
from mentorship.foundation import scope
from mentorship.foundation.database import db
from mentorship.foundation.errors import Refusal
from mentorship.safety.models import ResourceDeed, SafetySettings
from mentorship.tenancy import queries as tenancy
from mentorship.tenancy.members import Member

#: How many a chapter may name, and the longest of each of their parts, in characters.
MOST = 6
LONGEST = 120
#: Working days within which somebody looks at a concern, unless the chapter says otherwise.
LOOK_WITHIN = 1


class Unfit(Refusal):
    sentence = f"Give each a name and a number or link, of {LONGEST} characters at most."


@dataclass(frozen=True)
class Resource:
    """People to turn to. `reach` is a number, a link that begins with https, or plain words."""

    name: str
    reach: str
    about: str = ""

    @property
    def href(self) -> str:
        """Where a tap leads: a call or a page; empty for plain words."""
        if self.reach.startswith("https://"):
            return self.reach
        dialed = "".join(sign for sign in self.reach if sign.isdigit() or sign == "+")
        plain = all(sign in "+0123456789 ()-.–" for sign in self.reach)
        return f"tel:{dialed}" if dialed and plain else ""


@dataclass(frozen=True)
class SetHere:
    resources: tuple[Resource, ...]
    look_within: int
    """In working days."""
    own: bool
    """Whether the chapter has named them itself."""


#: 988 is the lifeline of the United States and of Canada alike, by call and by text.
#: The Physician Support Line is for physicians and medical students of the United States.
_NORTH_AMERICA = (
    Resource("Emergency", "911", "Somebody is in danger now"),
    Resource(
        "988 Lifeline", "988", "Call or text, day and night: suicide, crisis, or just too much"
    ),
)
_UNITED_STATES = (
    *_NORTH_AMERICA,
    Resource(
        "Physician Support Line",
        "1-888-409-0141",
        "Psychiatrists for physicians and medical students, free and confidential",
    ),
)
_ELSEWHERE = (
    Resource("Emergency", "Your local emergency number", "Somebody is in danger now"),
    Resource("Find a helpline", "https://findahelpline.com", "By country, free and confidential"),
)


def here() -> SetHere:
    """Whom this chapter's people can call, and how soon its advisor looks. One or two statements.

    Until the chapter has named its own, the numbers of the country that its clocks are in.
    """
    row = db.session.execute(
        select(SafetySettings.resources, SafetySettings.look_within)
    ).one_or_none()
    if row is None:
        return SetHere(usual(tenancy.card().zone), LOOK_WITHIN, own=False)
    named = tuple(Resource(**one) for one in row.resources)
    return SetHere(named or usual(tenancy.card().zone), row.look_within, own=bool(named))


def usual(zone: str) -> tuple[Resource, ...]:
    """The numbers for a zone, by the country that the table of zones gives it."""
    country = _countries().get(zone, "US" if zone.startswith("US/") else "")
    return {"US": _UNITED_STATES, "CA": _NORTH_AMERICA}.get(country, _ELSEWHERE)


def change(resources: Sequence[Resource], *, look_within: int, by: Member, now: datetime) -> None:
    """Name the chapter's own, first to call first; none brings the usual ones back.

    :raises Unfit: one lacks a name or a way to reach it, or is too long.
    """
    for one in resources:
        if (
            not one.name
            or not one.reach
            or max(map(len, (one.name, one.reach, one.about))) > LONGEST
        ):
            raise Unfit
    if len(resources) > MOST:
        raise Unfit
    set_to = {"look_within": look_within, "resources": [asdict(one) for one in resources]}
    db.session.execute(
        insert(SafetySettings)
        .values(chapter_id=scope.here(), **set_to)
        .on_conflict_do_update(index_elements=["chapter_id"], set_=set_to)
    )
    trail.record(ResourceDeed.CHANGED, tenancy.card(), by=by, now=now)


@cache
def _countries() -> dict[str, str]:
    """The country of each zone, from the table that comes with the zones themselves."""
    table = files("tzdata").joinpath("zoneinfo/zone.tab").read_text("utf-8")
    rows = (line.split("\t") for line in table.splitlines() if not line.startswith("#"))
    return {row[2]: row[0] for row in rows}
