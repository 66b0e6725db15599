"""Questions about the trail: the advisor's, of the chapter; and anybody's, of what is theirs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row, Select, all_, any_, bindparam, literal, or_, select, tuple_

from mentorship.audit.models import AuditEvent
from mentorship.audit.sights import AT_EVERYBODY
from mentorship.foundation import clock
from mentorship.foundation.database import db
from mentorship.insights.trail import wording
from mentorship.relationships.models import PairingDeed
from mentorship.scheduling.models import MeetingDeed
from mentorship.scheduling.standing.models import StandingDeed
from mentorship.tenancy.members import Member
from mentorship.tenancy.models import Membership

#: Events on a page, and in a file.
A_PAGE = 50
A_FILE = 10_000
#: Of how many people with a piece of a name the deeds are looked for.
SO_MANY = 100


class Wanted(NamedTuple):
    """What the advisor looks for: everything, when nothing is said."""

    words: str = ""
    """Part of a name: of whoever did it, or of whom it is about."""
    sort: str = ""
    since: date | None = None
    until: date | None = None
    """The last day, in the reader's zone as the first one."""


@dataclass(frozen=True)
class Entry:
    """One line of the trail, as it may be read."""

    id: UUID
    at: datetime
    who: str
    words: str
    about: tuple[str, ...]
    """The names of those whom it is about."""
    details: tuple[str, ...]
    through: str
    network: str


class Page(NamedTuple):
    entries: list[Entry]
    more_after: UUID | None


_EVENTS = (
    select(
        AuditEvent.id,
        AuditEvent.deed,
        AuditEvent.at,
        AuditEvent.by_id,
        AuditEvent.subject_id,
        AuditEvent.about,
        AuditEvent.facts,
        AuditEvent.through,
        AuditEvent.network,
    )
    .where(AuditEvent.deed == any_(bindparam("deeds")))
    .order_by(AuditEvent.at.desc(), AuditEvent.id.desc())
)
#: What also comes of keeping two people apart. Neither of them is told who has done that.
_PARTING = (PairingDeed.ENDED, StandingDeed.ENDED, *MeetingDeed)
_by_one_of_them = or_(AuditEvent.deed.not_in(_PARTING), AuditEvent.by_id == any_(AuditEvent.about))
_MINE = _EVENTS.where(
    _by_one_of_them,
    AuditEvent.by_id.is_not(None),
    AuditEvent.by_id != bindparam("me"),
    or_(
        AuditEvent.subject_id == bindparam("me"),
        bindparam("me") == any_(AuditEvent.about),
        (AuditEvent.deed == any_(bindparam("at_everybody")))
        & (AuditEvent.at > bindparam("joined_at")),
    ),
)
_NAMES = select(Membership.id, Membership.name).where(
    Membership.id == any_(bindparam("member_ids"))
)
_CALLED = select(Membership.id).limit(SO_MANY)
_JOINED = select(Membership.joined_at).where(Membership.id == bindparam("me"))


def of_chapter(wanted: Wanted, *, reader: Member, after: UUID | None = None) -> Page:
    """What was done and seen in the chapter, the newest first. At most three statements."""
    return _page(_narrowed(wanted, reader), {"deeds": _deeds(wanted)}, after, most=A_PAGE)


def file_of_chapter(wanted: Wanted, *, reader: Member) -> list[Entry]:
    """The same for a file: the newest ten thousand."""
    return _page(_narrowed(wanted, reader), {"deeds": _deeds(wanted)}, None, most=A_FILE).entries


def about(me: Member, *, after: UUID | None = None) -> Page:
    """What others did to what is somebody's, and who looked at it. At most three statements."""
    facts = {
        "deeds": list(wording.SHOWN_TO_CONCERNED),
        "at_everybody": sorted(AT_EVERYBODY),
        "me": me.id,
        "joined_at": db.session.scalars(_JOINED, {"me": me.id}).one(),
    }
    return _page(_MINE, facts, after, most=A_PAGE, whose=me)


def _deeds(wanted: Wanted) -> list[str]:
    return list(wording.of_sort(wanted.sort))


def _narrowed(wanted: Wanted, reader: Member) -> Select:
    not_theirs = literal(reader.id) != all_(AuditEvent.about)
    events = _EVENTS.where(or_(_by_one_of_them, not_theirs))
    zone = clock.zone(reader.zone)
    if wanted.since:
        events = events.where(AuditEvent.at >= datetime.combine(wanted.since, time(), zone))
    if wanted.until:
        end = datetime.combine(wanted.until + timedelta(days=1), time(), zone)
        events = events.where(AuditEvent.at < end)
    if wanted.words:
        called = _CALLED.where(Membership.name.icontains(wanted.words, autoescape=True))
        people = list(db.session.scalars(called))
        # Of what is muted it must not show, either, by what is found, whom it is about.
        named = AuditEvent.deed.in_(wording.OPEN) & or_(
            AuditEvent.subject_id.in_(people), AuditEvent.about.overlap(people)
        )
        events = events.where(AuditEvent.by_id.in_(people) | named)
    return events


def _page(
    events: Select,
    facts: dict[str, Any],
    after: UUID | None,
    *,
    most: int,
    whose: Member | None = None,
) -> Page:
    if after is not None:
        there = select(AuditEvent.at, AuditEvent.id).where(AuditEvent.id == after)
        events = events.where(tuple_(AuditEvent.at, AuditEvent.id) < there.scalar_subquery())
    rows = db.session.execute(events.limit(most + 1), facts).all()
    shown = rows[:most]
    names = _names(shown)
    entries = [_entry(row, names, whose=whose) for row in shown]
    return Page(entries, entries[-1].id if len(rows) > most else None)


def _names(rows: Sequence[Row]) -> dict[UUID, str]:
    ids = {one for row in rows for one in (row.by_id, row.subject_id, *row.about) if one}
    if not ids:
        return {}
    return {row.id: row.name for row in db.session.execute(_NAMES, {"member_ids": list(ids)})}


def _entry(row: Row, names: dict[UUID, str], *, whose: Member | None) -> Entry:
    return Entry(
        id=row.id,
        at=row.at,
        who="Curbside" if row.by_id is None else names.get(row.by_id, "Somebody"),
        words=wording.words(row.deed),
        about=tuple(_about(row, names)) if whose is None else (),
        details=tuple(wording.details(row.deed, row.facts)) if whose is None else (),
        # From where somebody works is theirs; it is for whoever answers for the chapter.
        through=row.through if whose is None else "",
        network=row.network if whose is None else "",
    )


def _about(row: Row, names: dict[UUID, str]) -> Iterable[str]:
    if row.deed not in wording.OPEN:
        return ()
    found = dict.fromkeys((row.subject_id, *row.about))
    return [names[one] for one in found if one in names and one != row.by_id]
