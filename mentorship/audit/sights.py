"""What of others' affairs is sensitive to look at: a look at it is noted.

Not among it is what everybody of a chapter may see of each other, nor what two people share: that
nobody else sees at all. A file that is opened and a page that support opens leave deeds of their
own.
"""

from enum import StrEnum


class Sight(StrEnum):
    PEOPLE = "seen.people"
    PEOPLE_FILE = "seen.people_file"
    PERSON = "seen.person"
    HEALTH = "seen.health"
    HEALTH_FILE = "seen.health_file"
    WEEK = "seen.week"
    TOLD = "seen.told"
    RUN = "seen.run"
    CONCERN = "seen.concern"
    TRAIL = "seen.trail"
    TRAIL_FILE = "seen.trail_file"


#: Looks at what everybody of the chapter is among.
AT_EVERYBODY = frozenset(
    {Sight.PEOPLE, Sight.PEOPLE_FILE, Sight.HEALTH, Sight.HEALTH_FILE, Sight.WEEK, Sight.RUN}
)
