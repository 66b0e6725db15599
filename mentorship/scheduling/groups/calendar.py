"""Group sessions as calendars have them: an entry for one reader, who sees nobody else."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from mentorship.foundation.settings import Settings
from mentorship.scheduling.groups import queries
from mentorship.scheduling.groups.models import COMING, SessionState
from mentorship.scheduling.invitations import Attendee, Invitation
from mentorship.tenancy import queries as tenancy
from mentorship.tenancy.members import ChapterCard
from mentorship.web.links import absolute


def entry(
    *,
    id_: UUID,
    session_id: UUID,
    sequence: int,
    title: str,
    starts_at: datetime,
    ends_at: datetime,
    place: str,
    changed_at: datetime,
    reader: tuple[str, str],
    chapter: ChapterCard,
    settings: Settings,
) -> Invitation:
    """The entry of one person, `reader` (email and name), and of nobody else.

    `id_` is that of the session for its mentor, and of the seat for a student: who comes back
    after leaving has a new entry.
    """
    page = absolute("chapter.scheduling.session", chapter_slug=chapter.slug, session_id=session_id)
    email, name = reader
    return Invitation(
        uid=f"{id_}@{settings.host_name}",
        sequence=sequence,
        starts_at=starts_at,
        ends_at=ends_at,
        summary=title,
        description=f"Group session. Details: {page}",
        location=place,
        url=page,
        organizer_email=settings.mail_from,
        organizer_name=f"{chapter.name} on Curbside",
        attendees=(Attendee(email, name, accepted=True),),
        created_at=changed_at,
    )


def subscribed(
    user_id: UUID, *, settings: Settings, since: datetime, most: int
) -> Iterable[tuple[Invitation, bool]]:
    """This person's sessions in the chapter that was entered, and whether each is off."""
    rows = queries.in_calendar(user_id, since=since, most=most)
    if not rows:
        return
    card = tenancy.card()
    for row in rows:
        off = row.state == SessionState.CALLED_OFF
        if row.seat_id is not None:
            off = row.seat_state not in COMING
        moments = (row.asked_at, row.changed_at, row.settled_at, row.seated_at, row.ended_at)
        yield (
            entry(
                id_=row.seat_id or row.id,
                session_id=row.id,
                sequence=row.changes + int(off),
                title=row.title,
                starts_at=row.starts_at,
                ends_at=row.ends_at,
                place=row.place,
                changed_at=max(moment for moment in moments if moment),
                reader=(settings.mail_from, ""),
                chapter=card,
                settings=settings,
            ),
            off,
        )
