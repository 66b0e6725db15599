"""What can be done with a chapter."""

import re
from datetime import datetime

from sqlalchemy import bindparam, column, select, table
from sqlalchemy.exc import IntegrityError

from mentorship.foundation import clock
from mentorship.foundation.database import db
from mentorship.foundation.errors import Refusal
from mentorship.tenancy.models import Chapter

# Of chapters that were removed: old links must lead to nobody else's.
_removed = table("removed_chapters", column("slug"))
_REMOVED = select(_removed.c.slug).where(_removed.c.slug == bindparam("slug"))


class SlugTaken(Refusal):
    sentence = "Another chapter has that address already."


class BadSlug(Refusal):
    sentence = "An address has 2 to 39 lower-case letters, digits and hyphens, like cedar-valley."


class NoSuchZone(Refusal):
    sentence = "That is not a time zone we know. Use a name like America/Chicago."


def found(*, slug: str, name: str, school: str, zone: str, now: datetime) -> Chapter:
    """Found a chapter: its address, its name, its school and the zone of its calendar.

    :raises BadSlug: it cannot be part of an address.
    :raises SlugTaken: another chapter has it, or had it.
    :raises NoSuchZone: the zone is not in the tables.
    """
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{1,38}", slug):
        raise BadSlug
    if zone not in clock.zones():
        raise NoSuchZone
    if db.session.scalar(_REMOVED, {"slug": slug}):
        raise SlugTaken
    chapter = Chapter(slug=slug, name=name, school=school, zone=zone, created_at=now)
    try:
        with db.session.begin_nested():
            db.session.add(chapter)
    except IntegrityError as clash:
        raise SlugTaken from clash
    return chapter
