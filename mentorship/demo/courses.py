"""How pairings of the demo go, and what becomes of requests: the tables that `history` plans by."""

from dataclasses import dataclass

from mentorship.demo.scripts import Fate
from mentorship.relationships.models import PairingState


@dataclass(frozen=True)
class Course:
    """How a pairing goes, in days from its start; what lies beyond today has not happened yet."""

    met: tuple[int, ...] = ()
    checked_in: tuple[int, ...] = ()
    missed: int | None = None
    ends: int | None = None
    ended_as: PairingState = PairingState.ENDED
    #: Whether they are to meet around today.
    ahead: bool = False


COURSES = (
    Course(met=(9, 38, 72, 108), checked_in=(24, 90), ahead=True),
    Course(met=(12, 55), checked_in=(30,), ahead=True),
    Course(met=(15,)),
    Course(met=(8, 36, 66), checked_in=(50, 100), ahead=True),
    Course(met=(20,), missed=11, checked_in=(60,)),
    Course(),
    Course(met=(17, 60, 104), checked_in=(80,)),
    Course(met=(11, 48), checked_in=(75, 110), ahead=True),
    Course(met=(7, 30, 58), ends=66, ended_as=PairingState.COMPLETED),
    Course(met=(18,), checked_in=(45, 95)),
    Course(met=(13, 50), checked_in=(70,), ahead=True),
    Course(met=(14,), ends=48),
)
#: When those who are to meet around today do so, in hours from now, the most telling first.
#: Yesterday some have met, and of some nobody has said so yet.
AROUND_NOW = (
    (-26, -2, Fate.HELD),
    (1, 14, Fate.HELD),
    (14, 38, Fate.HELD),
    (-26, -2, Fate.UNSAID),
    (38, 110, Fate.HELD),
    (110, 220, Fate.HELD),
    (14, 38, Fate.HELD),
    (110, 260, Fate.CANCELLED),
    (220, 400, Fate.HELD),
    (38, 160, Fate.HELD),
)


@dataclass(frozen=True)
class Approach:
    """A request that a student makes by themselves to a mentor who is new, hours ago."""

    becomes: str
    hours_ago: int


APPROACHES = (
    Approach("met", 14 * 24),
    Approach("waiting", 5),
    Approach("declined", 11 * 24),
    Approach("waiting", 69),
    Approach("moved", 27),
    Approach("lapsed", 8 * 24),
    Approach("waiting", 30),
    Approach("withdrawn", 6 * 24),
    Approach("met", 12 * 24),
    Approach("declined", 4 * 24),
)


def pick_course(number: int) -> Course:
    """The course of the n-th pair."""
    return COURSES[number * 5 % len(COURSES)]
